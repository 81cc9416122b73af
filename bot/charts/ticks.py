"""Where the axes are labelled, and how: exact labels, digits and signs only, nothing that needs a translation."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from zoneinfo import ZoneInfo

WIDE = Context(prec=60)
FOUR_DIGITS, THREE_DIGITS = Context(prec=4), Context(prec=3)
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
UNITS = ((12, "T"), (9, "B"), (6, "M"), (3, "K"))
ROUNDS_TO_TEN = Decimal("9.99995")
MANY_ZEROS = 4
"""From here on zeros behind the point are counted, not written: 0.0₆1834 has six."""

Label = tuple[Decimal, str]
TimeLabel = tuple[float, str]


def price_text(value: Decimal) -> str:
    """2 decimals, 4 under 10; under 1 four significant digits, never an exponent; 10 million and more in short."""
    size = abs(value)
    if size >= 10_000_000:
        return short_text(value)
    if size >= 1:
        return f"{value:,.4f}" if size < ROUNDS_TO_TEN else f"{value:,.2f}"
    value = FOUR_DIGITS.plus(value)
    return _zeros_counted(f"{value:.{max(4, 3 - value.adjusted())}f}") if value else "0.00"


def short_text(value: Decimal) -> str:
    """Three significant digits and K M B T, as caps and volumes are told."""
    rounded = THREE_DIGITS.plus(value)
    if abs(rounded) < 1:
        return price_text(value) if rounded else "0"
    exponent, unit = _unit(rounded)
    shifted = rounded.scaleb(-exponent)
    return f"{shifted:,.{max(0, 2 - shifted.adjusted())}f}{unit}"


def percent_text(value: Decimal) -> str:
    """Sign and two decimals, in short from a million on, never "-0.00"."""
    if abs(value) >= 1_000_000:
        return f"{'+' if value > 0 else ''}{short_text(value)}%"
    text = f"{value:+,.2f}%"
    return text if text.strip("+-0.%") else "0.00%"


def _zeros_counted(text: str) -> str:
    """Many zeros behind the point as their number."""
    head, _, tail = text.partition(".")
    zeros = len(tail) - len(tail.lstrip("0"))
    if head.strip("-") != "0" or zeros < MANY_ZEROS or zeros == len(tail):
        return text
    return f"{head}.0{str(zeros).translate(SUBSCRIPTS)}{tail[zeros:]}"


def _unit(value: Decimal) -> tuple[int, str]:
    return next((pair for pair in UNITS if value.adjusted() >= pair[0]), (0, ""))


def value_labels(low: Decimal, high: Decimal, most: int = 6) -> list[Label]:
    """Round values between `low` and `high`, lowest first, with labels as precise as the step between them."""
    step = _round_step(WIDE.divide(high - low, Decimal(most)))
    first = WIDE.divide(low, step).to_integral_value(rounding=ROUND_CEILING)
    last = WIDE.divide(high, step).to_integral_value(rounding=ROUND_FLOOR)
    values = [WIDE.multiply(step, Decimal(n)) for n in range(int(first), int(last) + 1)]
    return [(value, _step_text(value, step, max(abs(low), abs(high)))) for value in values]


def time_labels(first_s: float, last_s: float, zone: ZoneInfo, most: int = 8) -> list[TimeLabel]:
    """Round local times between two moments (Unix seconds), as 14:00, 11-21, 2026-11 or 2026, the ISO way."""
    span = last_s - first_s
    walk = next((walk for step_s, walk in _WALKS if span / step_s <= most), _WALKS[-1][1])
    labels = []
    for local, text in walk(datetime.fromtimestamp(first_s, zone).replace(tzinfo=None)):
        at = local.replace(tzinfo=zone).timestamp()
        if at > last_s:
            break
        # Where clocks jump forward, an hour of the wall does not exist and must not be labelled.
        exists = datetime.fromtimestamp(at, zone).replace(tzinfo=None) == local
        if at >= first_s and exists:
            labels.append((at, text))
    return labels


def moment_text(at_s: float, zone: ZoneInfo) -> str:
    """2026-11-21 10:40 UTC, or UTC+8, UTC+5:30: the offset that held then."""
    at = datetime.fromtimestamp(at_s, zone)
    return f"{at:%Y-%m-%d %H:%M} {_offset_text(at.utcoffset() or timedelta())}"


def _offset_text(offset: timedelta) -> str:
    minutes = round(offset / timedelta(minutes=1))
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"


def _round_step(rough: Decimal) -> Decimal:
    power = Decimal(1).scaleb(rough.adjusted())
    return next(step for count in ("1", "2", "2.5", "5", "10") if (step := power * Decimal(count)) >= rough)


def _step_text(value: Decimal, step: Decimal, largest: Decimal) -> str:
    if not value:
        return "0"
    exponent, unit = _unit(largest) if largest >= 1_000_000 else (0, "")
    decimals = max(0, -_last_place(step.scaleb(-exponent)))
    return _zeros_counted(f"{value.scaleb(-exponent):,.{decimals}f}") + unit


def _last_place(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


Walk = Callable[[datetime], Iterator[tuple[datetime, str]]]


def _minutes(count: int) -> Walk:
    def walk(start: datetime) -> Iterator[tuple[datetime, str]]:
        at = start.replace(hour=0, minute=0, second=0, microsecond=0)
        while True:
            yield at, f"{at:%m-%d}" if at.hour == at.minute == 0 else f"{at:%H:%M}"
            at += timedelta(minutes=count)

    return walk


def _days(count: int) -> Walk:
    def walk(start: datetime) -> Iterator[tuple[datetime, str]]:
        at = datetime.combine(start.date() - timedelta(days=start.toordinal() % count), datetime.min.time())
        while True:
            yield at, f"{at:%m-%d}"
            at += timedelta(days=count)

    return walk


def _months(count: int) -> Walk:
    def walk(start: datetime) -> Iterator[tuple[datetime, str]]:
        month = (start.year * 12 + start.month - 1) // count * count
        while True:
            year, zero_based = divmod(month, 12)
            at = datetime(year, zero_based + 1, 1)  # noqa: DTZ001  local time; the zone is put on by the caller
            yield at, f"{at:%Y-%m}" if count < 12 else f"{at:%Y}"
            month += count

    return walk


_HOUR, _DAY, _MONTH = 3600, 86400, 30.4 * 86400
_WALKS: tuple[tuple[float, Walk], ...] = (
    *((60 * n, _minutes(n)) for n in (1, 5, 10, 15, 30)),
    *((_HOUR * n, _minutes(60 * n)) for n in (1, 2, 3, 4, 6, 12)),
    *((_DAY * n, _days(n)) for n in (1, 2, 3, 5, 7, 14)),
    *((_MONTH * n, _months(n)) for n in (1, 2, 3, 6, 12, 24, 36, 60, 120)),
)
"""The step in seconds, and how its labels are walked through; local time, so a day may have 23 hours."""
