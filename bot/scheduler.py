"""Time and tasks: the system's clock, the nursery every task lives in, and APScheduler's ticks."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog

log = structlog.get_logger(__name__)
T = TypeVar("T")


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class Nursery:
    """Every task of the process: kept while it runs, its failure logged, cancelled when the house closes."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T], name: str) -> "asyncio.Task[T]":
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def close(self, patience_s: float = 0) -> None:
        """Let what runs finish for so long, then cancel it, and wait until it is gone."""
        if self._tasks and patience_s > 0:
            await asyncio.wait(self._tasks, timeout=patience_s)
        while self._tasks:  # what ends may start another
            for task in self._tasks:
                task.cancel()
            # Gives the loop a turn even where all have ended just now: from Python 3.12 on a gather would not.
            await asyncio.wait(self._tasks)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("task.failed", task=task.get_name(), exc_info=error)


class Ticks:
    """Runs each job every so many seconds, one run of a job at a time; a failing run is logged and the next one comes.

    State lives in the tables: a tick only looks which rows are due, so nothing is kept here over a restart.
    """

    def __init__(self) -> None:
        # Imported at first use: a process that only answers --help should not pay for it.
        from apscheduler.schedulers.asyncio import AsyncIOScheduler  # noqa: PLC0415

        self._scheduler = AsyncIOScheduler(timezone=UTC)
        # What fails is logged by name in `every`; all that its executors would add is a job cancelled at the end.
        logging.getLogger("apscheduler.executors").setLevel(logging.CRITICAL)

    def every(self, seconds: float, run: Callable[[], Awaitable[None]], name: str, *, at_once: bool = False) -> None:
        async def supervised() -> None:
            try:
                await run()
            except Exception:
                log.exception("job.failed", job=name)

        first = {"next_run_time": datetime.now(UTC)} if at_once else {}
        once_at_a_time = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler.add_job(supervised, "interval", seconds=seconds, id=name, **once_at_a_time, **first)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
