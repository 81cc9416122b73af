"""Where candles begin and end: steps from a minute to a calendar month."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, datetime

MONTH = "1M"
# The epoch was a Thursday, weeks begin on Monday.
WEEK_OFFSET_S = 4 * 86_400
STEPS_S: Mapping[str, int] = {
    "1s": 1, "1m": 60, "3m": 180, "5m": 300, "15m": 900, "30m": 1_800, "1h": 3_600, "2h": 7_200, "3h": 10_800,
    "4h": 14_400, "6h": 21_600, "8h": 28_800, "12h": 43_200, "1d": 86_400, "3d": 259_200, "1w": 604_800,
    "14d": 1_209_600, MONTH: 2_592_000,
}  # fmt: skip


def begin(step: str, at: int) -> int:
    """When the candle that holds unix second `at` begins."""
    if step == MONTH:
        moment = datetime.fromtimestamp(at, UTC)
        return int(moment.replace(day=1, hour=0, minute=0, second=0).timestamp())
    offset = WEEK_OFFSET_S if step in {"1w", "14d"} else 0
    return at - (at - offset) % STEPS_S[step]


def after(step: str, start: int) -> int:
    """When the next candle begins."""
    if step == MONTH:
        moment = datetime.fromtimestamp(start, UTC)
        return start + monthrange(moment.year, moment.month)[1] * 86_400
    return start + STEPS_S[step]


def bounds(step: str, first: int | None, last: int, count: int) -> list[int]:
    """Beginnings of at most `count` candles and the end of the last one.

    With `first` the earliest that begin at or after it, else the latest; none begins after `last`. Empty for none.
    """
    if first is None:
        start = begin(step, last)
        for _ in range(count - 1):
            start = begin(step, start - 1)
    else:
        start = begin(step, first)
        start = start if start >= first else after(step, start)
    marks: list[int] = []
    while start <= last and len(marks) < count:
        marks.append(start)
        start = after(step, start)
    return [*marks, start] if marks else []
