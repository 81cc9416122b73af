"""What crosses the border between the desk and its worker: small plain values, and frames to carry them."""

import pickle
import struct
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as described
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.charts.requests import TableFormat, TableRequest
from bot.domain.orders import Candle, Depth
from bot.domain.prices import Series

LENGTH = struct.Struct(">Q")
"""Every frame is its length in bytes, then as many bytes."""

MOST_DIGITS = 40


@dataclass(frozen=True, slots=True)
class Column:
    """One series, flat: times as microseconds since 1970, values as decimal text, one a line, empty for a gap.

    Hashable and compared by content, so that it can be the key of what was drawn from it. Two flat blocks
    are pickled in microseconds; thousands of small objects would hold the event loop for milliseconds.
    """

    symbol: str
    period: str
    field: str
    source: str
    times: bytes
    texts: str
    fetched_at: datetime = described(compare=False)

    @classmethod
    def of(cls, series: Series) -> "Column":
        times = array("q", (round(point.at.timestamp() * 1_000_000) for point in series.points))
        texts = "\n".join(_text(point.value) for point in series.points)
        return cls(
            symbol=series.symbol,
            period=series.period.value,
            field=series.field.value,
            source=series.source,
            times=times.tobytes(),
            texts=texts,
            fetched_at=series.fetched_at,
        )

    def times_us(self) -> "array[int]":
        times = array("q")
        times.frombytes(self.times)
        return times

    def lines(self) -> list[str | None]:
        """The exact text of each value, None for a gap."""
        return [line or None for line in self.texts.split("\n")] if self.times else []

    @property
    def size_bytes(self) -> int:
        return len(self.times) + len(self.texts)


@dataclass(frozen=True, slots=True)
class Candles:
    """Candles of one pair, flat as a Column: each line has open, high, low, close and volume. `step_s`: how long each
    is; `quote` and `base`: what price and volume are in.
    """

    source: str
    base: str
    quote: str
    step_s: float
    times: bytes
    texts: str

    @classmethod
    def of(cls, candles: Sequence[Candle], *, step_s: float, source: str, base: str, quote: str) -> "Candles":
        times = array("q", (round(candle.at.timestamp() * 1_000_000) for candle in candles))
        rows = ((candle.open, candle.high, candle.low, candle.close, candle.volume) for candle in candles)
        texts = "\n".join(" ".join(map(_text, row)) for row in rows)
        return cls(source, base, quote, step_s, times.tobytes(), texts)

    def rows(self) -> list[tuple[float, list[Decimal]]]:
        """When each begins, in Unix seconds, and its five figures; one that lacks any is left out."""
        times = array("q")
        times.frombytes(self.times)
        lines = self.texts.split("\n") if self.times else []
        parts = ((at / 1e6, line.split()) for at, line in zip(times, lines, strict=True))
        return [(at, [Decimal(part) for part in row]) for at, row in parts if len(row) == 5]

    @property
    def size_bytes(self) -> int:
        return len(self.times) + len(self.texts)


@dataclass(frozen=True, slots=True)
class Book:
    """Offers of one pair, best first, flat: each line has a price and an amount. `at_us`: microseconds since 1970."""

    source: str
    base: str
    quote: str
    at_us: int
    bids: str
    asks: str

    @classmethod
    def of(cls, depth: Depth, *, source: str, base: str, quote: str) -> "Book":
        at_us = round(depth.fetched_at.timestamp() * 1_000_000)
        return cls(source, base, quote, at_us, _offers(depth.bids), _offers(depth.asks))

    def side(self, name: str) -> list[tuple[Decimal, Decimal]]:
        """`bids` or `asks`; what is no offer is left out."""
        pairs = (line.split() for line in getattr(self, name).split("\n"))
        offers = [(Decimal(pair[0]), Decimal(pair[1])) for pair in pairs if len(pair) == 2]
        return [(price, amount) for price, amount in offers if price > 0 and amount > 0]

    @property
    def size_bytes(self) -> int:
        return len(self.bids) + len(self.asks)


Block = Column | Candles | Book
"""What a picture is drawn from."""


def _offers(side: Iterable[tuple[Decimal, Decimal]]) -> str:
    return "\n".join(f"{_text(price)} {_text(amount)}" for price, amount in side)


def _text(value: Decimal | None) -> str:
    """Never in exponents, which not every reader of a table takes.

    What is not a finite number, or is of a size no price or cap can have, is a gap: 1E+1000000 would be a megabyte.
    """
    if value is None or not value.is_finite() or (value and abs(value.adjusted()) >= MOST_DIGITS):
        return ""
    return format(value, "f")


@dataclass(frozen=True, slots=True)
class Warming:
    """Load what pictures need, and draw a first one for nobody."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of the first block: its kind says which. `zone`: an IANA name.

    A Column may be followed by another, whose volume is drawn below it.
    """

    title: str
    zone: str


@dataclass(frozen=True, slots=True)
class Tabling:
    """As in TableRequest; `name` is the file's, with `{every}` open."""

    every: timedelta | None
    raw: bool
    wanted: tuple[str, ...]
    format: TableFormat
    name: str
    coins: tuple[str, ...]

    @classmethod
    def of(cls, request: TableRequest) -> "Tabling":
        name, coins = request.file_name, request.coins
        return cls(request.every, request.raw, request.wanted, request.format, name, coins)


@dataclass(frozen=True, slots=True)
class Job:
    """What the worker is asked for; `columns` frames with a block each follow it."""

    ask: Warming | Drawing | Tabling
    columns: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The worker's answer: a fault of the asker's (`error`), a fault of ours (`trace`), or `values`.

    One raw frame with the content follows it, empty after a fault.
    """

    values: object = None
    error: Exception | None = None
    trace: str = ""


def pack(value: object) -> bytes:
    return framed(pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL))


def framed(content: bytes) -> bytes:
    return LENGTH.pack(len(content)) + content


def unpack(content: bytes) -> Any:
    return pickle.loads(content)  # noqa: S301  both ends are this package, over a pipe nobody else holds


def read(exactly: Callable[[int], bytes]) -> bytes:
    """One frame, without its length. `exactly(n)` gives n bytes, or fewer at the end: then EOFError."""
    content = b""
    head = exactly(LENGTH.size)
    if len(head) == LENGTH.size:
        (length,) = LENGTH.unpack(head)
        content = exactly(length)
        if len(content) == length:
            return content
    raise EOFError
