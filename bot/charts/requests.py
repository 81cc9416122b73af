"""What can be asked for as a table, and what comes back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.assets import Symbol
from bot.domain.errors import UserMistake
from bot.domain.prices import Field, Series
from bot.domain.replies import Document

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=366)

_EVERY = re.compile(r"(?P<count>[1-9][0-9]{0,4}) ?(?:(?P<minutes>m)|(?P<hours>[hH])|(?P<days>[dD])|(?P<weeks>[wW]))")
_NAMES = (("w", timedelta(weeks=1)), ("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)))


def parse_every(text: str) -> timedelta:
    """`5m`, `1h`, `1d`, `2w`: from one minute to 366 days. Months have no one length, so `1M` is not taken.

    Raises UserMistake("every.unreadable").
    """
    match = _EVERY.fullmatch(text.strip())
    every = match and timedelta(**{unit: int(match["count"]) for unit in (match.lastgroup,) if unit})
    if not every or not SHORTEST <= every <= LONGEST:
        raise UserMistake("every.unreadable", typed=text[:40])
    return every


def every_text(every: timedelta) -> str:
    """The inverse of parse_every, in the largest unit that divides it; a week is told as `7d`."""
    for name, unit in _NAMES[1:]:
        if not every % unit:
            return f"{every // unit}{name}"
    return f"{every.total_seconds():g}s"


def column_name(symbol: str, field: str) -> str:
    """`BTC_price`. A spreadsheet would run a header that begins with an operator, so it gets a neutral first sign."""
    name = "".join(sign for sign in f"{symbol}_{field}" if sign.isprintable())
    return f"_{name}" if name[0] in "=+-@" else name


class TableFormat(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class TableRequest:
    """A wide table: one row a time, one column an asset and field.

    `every` None: a step that suits the data (tables.fitting_step). `raw`: the source's own times, no grid.
    `asked`: what was asked for, and the order of the columns; where it is empty, both are taken from `series`. What
    was asked for and has no value at all is named in the result. `coins`: who stands behind columns whose names do not
    tell, in words.
    """

    series: Sequence[Series]
    every: timedelta | None = None
    raw: bool = False
    format: TableFormat = TableFormat.CSV
    asked: tuple[tuple[Symbol, Field], ...] = ()
    coins: tuple[str, ...] = ()

    @property
    def wanted(self) -> tuple[str, ...]:
        """Names of columns, each once: those asked for, then those only given."""
        asked = [column_name(symbol, field) for symbol, field in self.asked]
        given = [column_name(series.symbol, series.field) for series in self.series]
        return tuple(dict.fromkeys(asked + given))

    @property
    def file_name(self) -> str:
        """With `{every}` left open, since the step may yet have to be found."""
        asked = [symbol for symbol, _ in self.asked]
        symbols = list(dict.fromkeys(asked + [series.symbol for series in self.series]))
        period = self.series[0].period.value if self.series else ""
        more = f"and_{len(symbols) - 3}_more" if len(symbols) > 3 else ""
        parts = [*map(_readable, symbols[:3]), more, period, "{every}"]
        return "_".join(filter(None, parts)) + f".{self.format}"


def _readable(symbol: str) -> str:
    return "".join(sign for sign in symbol if sign.isascii() and (sign.isalnum() or sign in "_-"))


@dataclass(frozen=True, slots=True)
class TableStats:
    """`name`: of the file. `columns` without the time; `gaps`: each one's share of rows without a value, 0 to 1.

    `first` and `last` are times of rows, UTC: on a grid a row is named by the start of its bucket and holds the last
    value before the next row's time. `missing`: columns without any value, left out. `every` is None for raw times.
    `coins` as in TableRequest.
    """

    name: str
    format: TableFormat
    columns: tuple[str, ...]
    rows: int
    first: datetime
    last: datetime
    every: timedelta | None
    gaps: tuple[tuple[str, float], ...]
    missing: tuple[str, ...]
    coins: tuple[str, ...]
    attribution: str


@dataclass(frozen=True, slots=True)
class TableResult:
    content: bytes
    stats: TableStats

    @property
    def document(self) -> Document:
        return Document(self.content, self.stats.name)
