"""An online backup of a 1 GiB database: how long a writer waits at worst beside it, against the same disk at rest."""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bot.scheduler import SystemClock
from storage.backups import back_up
from storage.store import Store, open_store
from storage.vault import KeySource
from tests.bench.report import Figure

T = TypeVar("T")

SIZE_BYTES = 1 << 30
ROW_BYTES = 64 << 10
WRITES_A_SECOND = 100
AT_REST_S = 10.0


@dataclass(slots=True)
class Waits:
    """Of every write, from asking to durable."""

    seconds: list[float] = field(default_factory=list)

    @property
    def worst_ms(self) -> float:
        return max(self.seconds) * 1000

    @property
    def p99_ms(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)] * 1000


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="changedesk-") as folder:
        yield asyncio.run(_measured(Path(folder)))


async def _measured(folder: Path) -> Figure:
    path = folder / "desk.db"
    store, _ = open_store(path, KeySource(None, None, "", path.with_suffix(".key")), SystemClock())
    _fill(path)
    try:
        rest, beside = Waits(), Waits()
        await _writing(store, rest, asyncio.sleep(AT_REST_S))
        took_s = await _writing(store, beside, asyncio.to_thread(_timed, path, folder / "copy.db"))
    finally:
        store.close()
    return Figure(
        f"a backup of 1 GiB beside {WRITES_A_SECOND} writes a second: worst wait of a write",
        f"{beside.worst_ms:.0f} ms (p99 {beside.p99_ms:.1f}), in {took_s:.0f} s",
        peers=f"at rest {rest.worst_ms:.0f} ms (p99 {rest.p99_ms:.1f})",
        ratio=f"{beside.worst_ms / rest.worst_ms:.1f} × ({beside.p99_ms / rest.p99_ms:.1f} × at p99)",
    )


def _fill(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("CREATE TABLE filling (id INTEGER PRIMARY KEY, weight BLOB)")
        db.execute("BEGIN")
        for _ in range(SIZE_BYTES // ROW_BYTES):
            db.execute("INSERT INTO filling (weight) VALUES (randomblob(?))", (ROW_BYTES,))
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def _writing(store: Store, waits: Waits, work: Awaitable[T]) -> T:
    """What `work` returns; meanwhile somebody writes at an even pace."""
    done = asyncio.Event()

    async def write() -> None:
        due, number = time.perf_counter(), len(waits.seconds)
        while not done.is_set():
            began, number = time.perf_counter(), number + 1
            await store.write(lambda tx, n=number: tx.inbox.add([(n + id(waits), b"x" * 500)], tx.now_ms))
            waits.seconds.append(time.perf_counter() - began)
            due += 1 / WRITES_A_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        result = await work
        done.set()
    return result


def _timed(path: Path, copy: Path) -> float:
    began = time.perf_counter()
    back_up(path, copy)
    return time.perf_counter() - began
