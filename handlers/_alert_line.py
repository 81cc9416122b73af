"""`btc > 70000 repeat 1h until fri`, `btc +5% 1h`, `total cap > 3T`: from typed words to what is waited for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.domain import money
from bot.domain.alerts import (
    LARGEST,
    LONGEST_REPEAT_S,
    LONGEST_WINDOW_S,
    SHORTEST_REPEAT_S,
    SHORTEST_WINDOW_S,
    USUAL_REPEAT_S,
    USUAL_WINDOW_S,
    Condition,
    Way,
)
from bot.domain.assets import WHOLE_MARKET
from bot.domain.errors import UserMistake
from bot.domain.prices import Field
from bot.domain.words import legible
from handlers import _parse as parse

WAYS = {
    ">": Way.ABOVE, ">=": Way.ABOVE, "≥": Way.ABOVE, "above": Way.ABOVE, "over": Way.ABOVE, "高于": Way.ABOVE,
    "<": Way.BELOW, "<=": Way.BELOW, "≤": Way.BELOW, "below": Way.BELOW, "under": Way.BELOW, "低于": Way.BELOW,
}  # fmt: skip
MARKET = {"total", "market", "总市值"}
FIELDS = {name: field for name, field in parse.FIELDS.items() if field is not Field.VOLUME} | {"市值": Field.CAP}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CHINESE_DAYS = {"周一": 0, "周二": 1, "周三": 2, "周四": 3, "周五": 4, "周六": 5, "周日": 6}
_SMALL_WORDS = {"is", "at", "to", "in", "by", "usd", "within", "@"}
_LARGE = {"万亿": 12, "万": 4, "亿": 8, "t": 12}
_UNITS_S = {"m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_PERCENT = re.compile(r"(?P<sign>[+\-−±]|\+/-)?(?P<number>[0-9]{1,4}(?:[.,][0-9]{1,4})?)%", re.ASCII)
_SPAN = re.compile(r"(?P<number>[0-9]{1,4})(?P<unit>min|[mhdw])", re.ASCII)
_SIGNS = re.compile(r"([<>]=?|[≥≤])")
_GROUPED_ONCE = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}", re.ASCII)
_CLOCK = re.compile(r"(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])", re.ASCII)
_END_OF_DAY = time(23, 59, 59)
_LONGEST_AHEAD = timedelta(days=400)
_LARGEST_PERCENT = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """`way` None: by which side of it the figure is on now. `coin` empty: not said."""

    coin: str
    field: Field
    way: Way | None
    target: Decimal
    window_s: int = 0
    repeat_s: int = 0
    until: datetime | None = None

    def condition(self, way: Way) -> Condition:
        return Condition(self.field, way, self.target, self.window_s, self.repeat_s, self.until)


def read(args: Sequence[str], *, now: datetime, zone: str) -> Line:
    """Raises UserMistake at the first word that does not fit. A number that can be read in two ways is asked about."""
    typed = apart(args)
    whole = " ".join(typed)
    until, repeat_s = _until(_after(typed, "until"), now, zone), _repeat(typed)
    coin = _coin(typed)
    field = parse.take(typed, FIELDS) or Field.PRICE
    if coin == f"={WHOLE_MARKET}":
        field = Field.CAP
    words = [word for word in typed if word.lower() not in _SMALL_WORDS]
    match [WAYS.get(word.lower(), word) for word in words]:
        case [Way() as way, str(figure)]:
            return Line(coin, field, way, number(figure, whole), 0, repeat_s, until)
        case [str(percent), *span] if _PERCENT.fullmatch(percent) and len(span) <= 1:
            way, size = _move(percent)
            window_s = _span(str(span[0]), SHORTEST_WINDOW_S, LONGEST_WINDOW_S) if span else USUAL_WINDOW_S
            return Line(coin, field, way, size, window_s, repeat_s, until)
        case [str(figure)] if not isinstance(figure, Way):
            return Line(coin, field, None, number(figure, whole), 0, repeat_s, until)
    raise UserMistake("alert.how", usage="alert")


def apart(args: Sequence[str]) -> list[str]:
    """`btc>70000` in three words."""
    return _SIGNS.sub(r" \1 ", legible(" ".join(args))).split()


def number(word: str, line: str = "") -> Decimal:
    """`70k`, `3T`, `3万亿`, and `70,000` as both our languages write it. Where it can be read in two ways, both lines
    are offered.
    """
    bare = word.removeprefix("$")
    if _GROUPED_ONCE.fullmatch(bare):
        bare = bare.replace(",", "")
    unit = next((unit for unit in _LARGE if bare.lower().endswith(unit) and len(bare) > len(unit)), "")
    try:
        value = money.typed(bare[: len(bare) - len(unit)])
    except UserMistake as mistake:
        readings = [str(mistake.values[name]) + unit for name in ("thousands", "fraction") if name in mistake.values]
        mistake.suggestions = tuple((reading, f"alert {line}".replace(word, reading)) for reading in readings)
        mistake.values["typed"] = word[:40]
        raise
    value = value.scaleb(_LARGE.get(unit, 0), money.EXACT)
    if value > LARGEST:
        raise UserMistake("amount.unreadable", typed=word[:40])
    return value


def _coin(typed: list[str]) -> str:
    """Removes the first word, unless what is waited for begins with it: then the coin is understood."""
    if len(typed) < 2 or typed[0].lower() in WAYS or _PERCENT.fullmatch(typed[0]):
        return ""
    word = typed.pop(0)
    if len(word) > parse.LONGEST_WORD:
        raise UserMistake("symbol.unknown", typed=word[: parse.LONGEST_WORD])
    return f"={WHOLE_MARKET}" if word.lower() in MARKET else word.upper()


def _move(word: str) -> tuple[Way, Decimal]:
    match = _PERCENT.fullmatch(word)
    sign = (match and match["sign"]) or "±"
    percent = Decimal(match["number"].replace(",", ".")) if match else Decimal(0)
    way = Way.RISE if sign == "+" else Way.FALL if sign in {"-", "−"} else Way.MOVE
    if not 0 < percent <= (100 if way is Way.FALL else _LARGEST_PERCENT):
        raise UserMistake("alert.percent", typed=word)
    return way, percent


def _repeat(typed: list[str]) -> int:
    """0 for once. `repeat` alone: at most once an hour."""
    lower = [word.lower() for word in typed]
    if "once" in lower:
        del typed[lower.index("once")]
        return 0
    if "repeat" not in lower:
        return 0
    at = lower.index("repeat")
    follows = lower[at + 1] if at + 1 < len(lower) else ""
    if not _SPAN.fullmatch(follows):
        del typed[at]
        return USUAL_REPEAT_S
    del typed[at : at + 2]
    return _span(follows, SHORTEST_REPEAT_S, LONGEST_REPEAT_S)


def _span(word: str, least_s: int, most_s: int) -> int:
    match = _SPAN.fullmatch(word.lower())
    seconds = int(match["number"]) * _UNITS_S[match["unit"]] if match else 0
    if not least_s <= seconds <= most_s:
        raise UserMistake("alert.span", typed=word[:32], least=f"{least_s // 60}m", most=f"{most_s // 3600}h")
    return seconds


def _after(typed: list[str], name: str) -> list[str]:
    """Removes `name` and all behind it, up to another word of ours; returns what stood there."""
    lower = [word.lower() for word in typed]
    if name not in lower:
        return []
    at = lower.index(name)
    end = next((n for n in range(at + 1, len(typed)) if lower[n] in {"repeat", "once"}), len(typed))
    found = typed[at + 1 : end]
    del typed[at:end]
    return found or [""]


def _until(words: Sequence[str], now: datetime, zone: str) -> datetime | None:
    """`fri`, `2026-12-01`, `tomorrow`, each with a time behind it if wished, by the reader's clock; or `3d`."""
    if not words:
        return None
    typed, place = " ".join(words), ZoneInfo(zone)
    if len(words) == 1 and (span := _SPAN.fullmatch(words[0].lower())):
        moment = now + timedelta(seconds=int(span["number"]) * _UNITS_S[span["unit"]])
    else:
        day = _day(words[0].lower(), now.astimezone(place).date())
        clock = _clock(words[1:])
        if day is None or clock is None:
            raise UserMistake("alert.until_unreadable", typed=typed[:32])
        moment = datetime.combine(day, clock, place).astimezone(UTC)
    if not now < moment <= now + _LONGEST_AHEAD:
        raise UserMistake("alert.until_unreadable", typed=typed[:32])
    return moment


def _day(word: str, today: date) -> date | None:
    if word in {"today", "今天"}:
        return today
    if word in {"tomorrow", "明天"}:
        return today + timedelta(days=1)
    named = _CHINESE_DAYS.get(word, next((n for n, day in enumerate(DAYS) if word[:3] == day and word.isalpha()), None))
    if named is not None:
        return today + timedelta(days=(named - today.weekday()) % 7)
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _clock(words: Sequence[str]) -> time | None:
    """The end of the day where none is named."""
    if not words:
        return _END_OF_DAY
    match = _CLOCK.fullmatch(words[0])
    return time(int(match["hour"]), int(match["minute"])) if match and len(words) == 1 else None
