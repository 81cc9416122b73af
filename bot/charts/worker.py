"""Charts: pictures and tables made in a worker process, one at a time, the same picture only once."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot.charts.border import Block, Book, Candles, Column, Drawing, Job, Outcome, Tabling, Warming
from bot.charts.process import Died, Worker
from bot.charts.requests import TableRequest, TableResult, TableStats
from bot.domain.errors import BotError, Unavailable
from bot.domain.orders import Candle, Depth, Market
from bot.domain.prices import Series
from bot.domain.replies import Picture

log = logging.getLogger(__name__)

ATTEMPTS = 2
"""A worker may be killed for reasons of its own (memory, an operator); a job that kills two is at fault itself."""

Sketch = tuple[Drawing, Block, Block | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """`start_s`: what a new worker's first job may take beyond the time of a job, to load what it works with."""

    job_timeout_s: float = 20.0
    start_s: float = 40.0
    waiting: int = 50
    jobs_per_worker: int = 500
    kept_bytes: int = 4 * 1024 * 1024


@dataclass(slots=True)
class Counts:
    """Since the start: for metrics."""

    drawn: int = 0
    shared: int = 0
    tables: int = 0
    workers: int = 0
    deaths: int = 0


class Charts:
    """Nothing is started before the first use; `close` ends what was. Every method but `close` raises Unavailable:

    chart.no_data · chart.busy, too many wait · chart.failed, the worker died twice, took too long, had a fault
    (logged), or was closed.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.counts = Counts()
        self._kept = Kept(self.limits.kept_bytes)
        self._flights: dict[Sketch, asyncio.Future[Picture | BotError | None]] = {}
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._worker: Worker | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Of the worker, while there is one."""
        return self._worker.pid if self._worker else None

    async def warm(self) -> None:
        """So that the first person who asks does not wait for the worker's imports (about a second)."""
        await self._run(Job(Warming()), ())

    async def picture(
        self, series: Series, *, title: str, zone: str = "UTC", volume: Series | None = None, name: str = "chart.png"
    ) -> Picture:
        """A PNG of 1000 x 560 px. `title` is plain text such as `BTC · 7d`; signs the font lacks are left out.

        `zone`: an IANA name for the time axis, UTC where unknown. `volume`: a second series, drawn as bars below.
        The same content asked for again, also at the same time, is drawn once.
        """
        if not series.values:
            raise Unavailable("chart.no_data")
        return await self._named(name, title, zone, Column.of(series), Column.of(volume) if volume else None)

    async def candles(
        self,
        candles: Sequence[Candle],
        market: Market,
        *,
        every: timedelta,
        title: str,
        source: str,
        zone: str = "UTC",
        name: str = "candles.png",
    ) -> Picture:
        """As `picture`: candles, over the volume of each. `every`: how long one is."""
        if not candles:
            raise Unavailable("chart.no_data")
        step_s = every.total_seconds()
        block = Candles.of(candles, step_s=step_s, source=source, base=market.base, quote=market.quote)
        return await self._named(name, title, zone, block)

    async def depth(
        self, depth: Depth, market: Market, *, title: str, source: str, zone: str = "UTC", name: str = "depth.png"
    ) -> Picture:
        """As `picture`: what could be sold and bought up to each price around the middle."""
        if not depth.bids and not depth.asks:
            raise Unavailable("chart.no_data")
        return await self._named(name, title, zone, Book.of(depth, source=source, base=market.base, quote=market.quote))

    async def table(self, request: TableRequest) -> TableResult:
        """Also raises what tables.build raises: UserMistake("export.no_data"), UserMistake("every.too_fine")."""
        columns = []
        for series in request.series:
            columns.append(Column.of(series))
            # A wide table takes tens of milliseconds to flatten: other people's messages pass in between.
            await asyncio.sleep(0)
        outcome, content = await self._run(Job(Tabling.of(request), len(columns)), columns)
        self.counts.tables += 1
        assert isinstance(outcome.values, TableStats)  # noqa: S101  what child answers to Tabling
        return TableResult(content, outcome.values)

    async def close(self) -> None:
        """Ends the worker, in the middle of a job too; whoever waits gets Unavailable. May be called twice."""
        self._closed = True
        if self._worker:
            self._worker.stop()
        # Who was in the middle of a job has the pipe; the turn comes when he and all who waited have been told.
        async with self._turn:
            if self._worker:
                await self._drop(self._worker)

    async def _named(self, name: str, title: str, zone: str, block: Block, volume: Column | None = None) -> Picture:
        picture = await self._kept_or_drawn((Drawing(title, zone), block, volume))
        return Picture(picture.content, name)

    async def _kept_or_drawn(self, sketch: Sketch) -> Picture:
        while True:
            if kept := self._kept.get(sketch):
                self.counts.shared += 1
                return kept
            flight = self._flights.get(sketch)
            if flight is None:
                return await self._fly(sketch)
            # Shielded: a future awaited by a hundred must not be cancelled with the first who leaves.
            outcome = await asyncio.shield(flight)
            if isinstance(outcome, BotError):
                raise outcome
            # None: who drew it was cancelled. One of those who waited takes over.

    async def _fly(self, sketch: Sketch) -> Picture:
        flight = self._flights[sketch] = asyncio.get_running_loop().create_future()
        outcome: Picture | BotError | None = None
        try:
            outcome = await self._draw(sketch)
            self._kept.keep(sketch, outcome)
        except BotError as error:
            outcome = error
            raise
        finally:
            del self._flights[sketch]
            flight.set_result(outcome)
        return outcome

    async def _draw(self, sketch: Sketch) -> Picture:
        drawing, *given = sketch
        columns = [column for column in given if column]
        _, png = await self._run(Job(drawing, len(columns)), columns)
        self.counts.drawn += 1
        return Picture(png)

    async def _run(self, job: Job, columns: Sequence[Block]) -> tuple[Outcome, bytes]:
        async with self._queued():
            for _ in range(ATTEMPTS):
                try:
                    return _judged(*await self._ask(job, columns))
                except Died:
                    self.counts.deaths += 1
                    log.warning("the drawing worker died in the middle of a job")
            raise Unavailable("chart.failed")

    @asynccontextmanager
    async def _queued(self) -> AsyncIterator[None]:
        if self._waiting > self.limits.waiting:
            raise Unavailable("chart.busy")
        self._waiting += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting -= 1

    async def _ask(self, job: Job, columns: Sequence[Block]) -> tuple[Outcome, bytes]:
        worker, answered = await self._living(), False
        patience_s = self.limits.job_timeout_s + (0 if worker.asked else self.limits.start_s)
        try:
            async with asyncio.timeout(patience_s):
                answer = await worker.ask(job, columns)
            answered = True
        except TimeoutError:
            log.warning("a drawing took longer than %s s and was given up", patience_s)
            raise Unavailable("chart.failed") from None
        finally:
            # Whatever came between, cancellation included, half an answer may lie in the pipe: the pipe goes.
            if not answered:
                await self._drop(worker)
        if worker.asked >= self.limits.jobs_per_worker:
            await self._drop(worker)
        return answer

    async def _living(self) -> Worker:
        if self._closed:
            raise Unavailable("chart.failed")
        if self._worker and not self._worker.alive:
            await self._drop(self._worker)
        if self._worker is None:
            self._worker = await Worker.start()
            self.counts.workers += 1
        return self._worker

    async def _drop(self, worker: Worker) -> None:
        if self._worker is worker:
            self._worker = None
        await worker.kill()


def _judged(outcome: Outcome, content: bytes) -> tuple[Outcome, bytes]:
    if outcome.error:
        raise outcome.error
    if outcome.trace:
        log.error("a drawing failed\n%s", outcome.trace)
        raise Unavailable("chart.failed")
    return outcome, content


class Kept:
    """Finished pictures, the least recently asked for leaving first; counts what its keys hold as well."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._pictures: OrderedDict[Sketch, Picture] = OrderedDict()
        self.bytes = 0

    def get(self, sketch: Sketch) -> Picture | None:
        picture = self._pictures.get(sketch)
        if picture:
            self._pictures.move_to_end(sketch)
        return picture

    def keep(self, sketch: Sketch, picture: Picture) -> None:
        self._pictures[sketch] = picture
        self.bytes += _size(sketch, picture)
        while self.bytes > self._most_bytes:
            self.bytes -= _size(*self._pictures.popitem(last=False))


def _size(sketch: Sketch, picture: Picture) -> int:
    return len(picture.content) + sum(block.size_bytes for block in sketch[1:] if block)
