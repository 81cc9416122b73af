"""What crosses the border between the desk and its worker: small plain values, and frames to carry them."""

import pickle
import struct
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as described
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.charts.requests import TableFormat, TableRequest
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
    """A picture of the first column, over the second one's volume if there is a second. `zone`: an IANA name."""

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

    @classmethod
    def of(cls, request: TableRequest) -> "Tabling":
        return cls(request.every, request.raw, request.wanted, request.format, request.file_name)


@dataclass(frozen=True, slots=True)
class Job:
    """What the worker is asked for; `columns` frames with a Column each follow it."""

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
