"""Wide tables ready for modelling. Imports polars: only the worker and the command line may import this module."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

import polars as pl

from bot.charts.border import Column, Tabling
from bot.charts.requests import TableFormat, TableRequest, TableResult, TableStats, column_name, every_text, parse_every
from bot.domain.errors import UserMistake

MOST_CELLS = 1_000_000
"""Keeps a file under about 20 MB, well below what Telegram takes, and the worker's memory in bounds."""

ANCHOR = datetime(1970, 1, 5, tzinfo=UTC)
"""Grids are counted from this Monday: days begin at midnight UTC, weeks on Mondays."""

STEPS = tuple(timedelta(minutes=m) for m in (5, 15, 30, 60, 120, 240, 720, 1440, 2880, 10080, 20160, 40320))
PERIOD_STEPS = {
    period: parse_every(text)
    for period, text in {"1d": "5m", "7d": "1h", "30d": "4h", "3m": "12h", "1y": "2d", "all": "28d"}.items()
}
LICENCES = {"coincodex": "CC BY-NC 3.0"}

TIME = "time"
_US = timedelta(microseconds=1)
_ANCHOR_US = (ANCHOR - datetime.fromtimestamp(0, UTC)) // _US
_UTC_TIME = pl.Datetime("us", "UTC")


@dataclass(frozen=True, slots=True)
class Table:
    """`frame`: the time, UTC, and every column as exact decimal text; the rest as in TableStats."""

    frame: pl.DataFrame
    every: timedelta | None
    missing: tuple[str, ...]
    source: str
    fetched_at: datetime

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.frame.columns[1:])

    @property
    def attribution(self) -> str:
        return "Data: " + ", ".join(_with_licence(name) for name in self.source.split(", "))


def make(request: TableRequest) -> TableResult:
    """The whole way, in this process. Raises what build raises."""
    stats, content = serve([Column.of(series) for series in request.series], Tabling.of(request))
    return TableResult(content, stats)


def serve(columns: Sequence[Column], ask: Tabling) -> tuple[TableStats, bytes]:
    table = build(columns, every=ask.every, raw=ask.raw, wanted=ask.wanted)
    content = to_csv(table) if ask.format is TableFormat.CSV else to_parquet(table, ask.coins)
    return _stats(table, ask), content


def build(
    columns: Sequence[Column], *, every: timedelta | None = None, raw: bool = False, wanted: Sequence[str] = ()
) -> Table:
    """One row a time, sorted, no time twice.

    On a grid: every step from the first to the last bucket that has a value, none left out; the last value of each
    bucket. Raw: the outer join of the source's own times, those of its gaps included. Two series of one asset and
    field become one column; where both have a value, the later of the two series holds.
    Raises UserMistake: "export.no_data", "every.too_fine".
    """
    named = _merged(columns)
    full = {name: frame for name, frame in named.items() if frame[name].null_count() < frame.height}
    missing = tuple(name for name in dict.fromkeys([*wanted, *named]) if name not in full)
    if not full:
        raise UserMistake("export.no_data", missing=missing)
    order = [name for name in dict.fromkeys([*wanted, *full]) if name in full]
    step = None if raw else every or fitting_step(columns)
    frame = _wide([full[name] for name in order], step)
    return Table(
        frame.with_columns((pl.col(TIME)).cast(_UTC_TIME)),
        step,
        missing,
        ", ".join(dict.fromkeys(column.source for column in columns)),
        min(column.fetched_at for column in columns),
    )


def fitting_step(columns: Iterable[Column]) -> timedelta:
    """The finest step at which the sparsest column still has a value in (nearly) every bucket.

    For the source's 300, 600, 1,200 samples that is, over 1d: 5m, 5m, 5m; 7d: 1h, 30m, 15m; 30d: 4h, 2h, 1h;
    3m: 12h, 4h, 2h; 1y: 2d, 1d, 12h; all (16 years): 28d, 14d, 7d. What has too few points goes by its period.
    """
    spacings = [spacing for column in columns if (spacing := _spacing_us(column))]
    if not spacings:
        return max((PERIOD_STEPS[column.period] for column in columns), default=STEPS[0])
    # The source's spacing trembles by some seconds: 301 s still is a grid of five minutes.
    return next((step for step in STEPS if max(spacings) <= step / _US * 1.05), STEPS[-1])


def to_csv(table: Table) -> bytes:
    """The decimal text exactly as the source gave it; a gap is an empty cell; times like 2026-11-21T10:00:00Z."""
    buffer = io.BytesIO()
    table.frame.write_csv(buffer, datetime_format="%Y-%m-%dT%H:%M:%S%.fZ")
    return buffer.getvalue()


def to_parquet(table: Table, coins: Sequence[str] = ()) -> bytes:
    """Float64, which is what models take: the double nearest to the decimal text, 15 exact digits. CSV has them all."""
    buffer = io.BytesIO()
    numbers = table.frame.with_columns(pl.col(name).cast(pl.Float64) for name in table.columns)
    numbers.write_parquet(buffer, metadata=_metadata(table, coins))
    return buffer.getvalue()


def _stats(table: Table, ask: Tabling) -> TableStats:
    times, rows = table.frame[TIME], table.frame.height
    return TableStats(
        name=ask.name.format(every=_every_name(table)),
        format=ask.format,
        columns=table.columns,
        rows=rows,
        first=times[0].astimezone(UTC),
        last=times[-1].astimezone(UTC),
        every=table.every,
        gaps=tuple((name, table.frame[name].null_count() / rows) for name in table.columns),
        missing=table.missing,
        coins=ask.coins,
        attribution=table.attribution,
    )


def _metadata(table: Table, coins: Sequence[str]) -> dict[str, str]:
    return {
        "source": table.source,
        "attribution": table.attribution,
        "fetched_at": table.fetched_at.isoformat(),
        "every": _every_name(table),
        "time": "as given by the source" if table.every is None else "start of the bucket; its last value",
        "unit": "USD",
        "missing": ",".join(table.missing),
        "coins": "; ".join(coins),
    }


def _every_name(table: Table) -> str:
    return every_text(table.every) if table.every else "raw"


def _with_licence(source: str) -> str:
    licence = LICENCES.get(source.lower())
    return f"{source} ({licence})" if licence else source


def _merged(columns: Iterable[Column]) -> dict[str, pl.DataFrame]:
    frames: dict[str, list[pl.DataFrame]] = {}
    for column in columns:
        name = column_name(column.symbol, column.field)
        data = {TIME: column.times_us(), name: column.lines()}
        frames.setdefault(name, []).append(pl.DataFrame(data, schema={TIME: pl.Int64, name: pl.String}))
    return {
        name: pl.concat(parts).group_by(TIME, maintain_order=True).agg(pl.col(name).drop_nulls().last()).sort(TIME)
        for name, parts in frames.items()
    }


def _wide(frames: Sequence[pl.DataFrame], step: timedelta | None) -> pl.DataFrame:
    if step is not None:
        frames = [_bucketed(frame, step // _US) for frame in frames]
        index = _grid(frames, step)
    else:
        index = pl.concat([frame.select(TIME) for frame in frames]).unique().sort(TIME)
    _check_size(index.height, len(frames), step)
    for frame in frames:
        index = index.join(frame, on=TIME, how="left", maintain_order="left")
    return index


def _bucketed(frame: pl.DataFrame, step_us: int) -> pl.DataFrame:
    start = (pl.col(TIME) - _ANCHOR_US) // step_us * step_us + _ANCHOR_US
    return frame.drop_nulls().with_columns(start).unique(subset=TIME, keep="last", maintain_order=True)


def _grid(frames: Sequence[pl.DataFrame], step: timedelta) -> pl.DataFrame:
    first = min(frame[TIME][0] for frame in frames)
    last = max(frame[TIME][-1] for frame in frames)
    step_us = step // _US
    # Before the grid is built, not after: a minute's step over years would not fit into memory.
    _check_size((last - first) // step_us + 1, len(frames), step)
    return pl.DataFrame({TIME: pl.int_range(first, last + 1, step_us, eager=True)})


def _check_size(rows: int, columns: int, step: timedelta | None) -> None:
    if rows * columns > MOST_CELLS:
        every = every_text(step) if step else "raw"
        raise UserMistake("every.too_fine", every=every, rows=rows, columns=columns, most=MOST_CELLS)


def _spacing_us(column: Column) -> float:
    times = [at for at, line in zip(column.times_us(), column.lines(), strict=True) if line]
    return median([after - before for before, after in pairwise(times)] or [0])
