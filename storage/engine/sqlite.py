"""SQLite through sqlite-utils: opening, pragmas, one writer thread with group commit, one reader thread.

Units of work that wait together share one commit, and so one fsync; each runs in a savepoint of its own, so that one
that fails takes nothing of the others with it.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlite_utils import Database

from bot.domain.errors import Unavailable

log = structlog.get_logger(__name__)
T = TypeVar("T")
Unit = Callable[[Database], T]

MOST_IN_A_COMMIT = 500
BUSY_TIMEOUT_MS = 5_000
_WRITERS = ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "foreign_keys = ON")
"""FULL: an acknowledged commit survives a power cut too. secure_delete: what is deleted is gone."""


def connect(path: Path, *, read_only: bool = False) -> Database:
    """A connection that may move to another thread, though never be used by two. Raises Unavailable."""
    try:
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        uri = f"{path.resolve().as_uri()}{'?mode=ro' if read_only else ''}"
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256
        )
    except (sqlite3.Error, OSError) as error:
        raise Unavailable("storage.down", reason=type(error).__name__) from error
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        for pragma in () if read_only else _WRITERS:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA schema_version")  # reads the file: one that is no database is found out here
        if not read_only:
            path.chmod(0o600)
    except (sqlite3.Error, OSError) as error:
        connection.close()
        raise Unavailable("storage.down", reason=type(error).__name__) from error
    return Database(connection, execute_plugins=False)


@contextmanager
def immediate(db: Database) -> Iterator[None]:
    """A write of its own, for a process that is not the desk: waits its turn, then all of it or nothing.

    Raises Unavailable where its turn does not come, or the disk does not serve.
    """
    try:
        db.conn.execute("BEGIN IMMEDIATE")
        yield
        db.conn.execute("COMMIT")
    except BaseException as error:
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK")
        if isinstance(error, sqlite3.OperationalError):
            raise Unavailable("storage.down", reason=type(error).__name__) from error
        raise


def fold(db: Database) -> bool:
    """Folds the write-ahead log into the file, so that what was deleted is in neither. False: a reader held it."""
    busy, _, _ = db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


@dataclass(slots=True)
class _Job:
    unit: Unit[Any]
    future: "asyncio.Future[Any]"
    result: Any = None
    error: BaseException | None = None


class Engine:
    """One file, one writer. `read` sees what was committed when it began; `write` returns once it is durable."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = connect(path)
        self._reading = connect(path, read_only=True)
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="store-reader")
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._writer = threading.Thread(target=self._write_on, name="store-writer", daemon=True)
        self._writer.start()

    async def write(self, unit: Unit[T]) -> T:
        """Runs `unit` in the writer thread. What it raises undoes its own work; a failing disk raises Unavailable."""
        if self._closed:
            raise Unavailable("storage.down", reason="closed")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put(_Job(unit, future))
        return await future

    async def read(self, unit: Unit[T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reader, self._read, unit)
        except sqlite3.Error as error:
            raise Unavailable("storage.down", reason=type(error).__name__) from error

    def _read(self, unit: Unit[T]) -> T:
        self._reading.conn.execute("BEGIN")
        try:
            return unit(self._reading)
        finally:
            self._reading.conn.execute("ROLLBACK")

    async def fold(self) -> bool:
        """Empties the write-ahead log, beside whatever reads and writes. False: something read on; try again."""
        return await asyncio.to_thread(self._fold)

    def _fold(self) -> bool:
        db = connect(self._path)
        try:
            # Who waits for readers here keeps writers waiting, and a backup reads for long.
            db.conn.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS // 20}")
            return fold(db)
        except sqlite3.OperationalError as error:
            raise Unavailable("storage.down", reason=type(error).__name__) from error
        finally:
            db.conn.close()

    @property
    def path(self) -> Path:
        return self._path

    def close(self) -> None:
        """What was handed in before is committed; then the log is folded into the file."""
        self._closed = True
        self._jobs.put(None)
        self._writer.join()
        self._reader.shutdown()
        self._reading.conn.close()
        with suppress(sqlite3.Error):
            fold(self._writing)
        self._writing.conn.close()

    def _write_on(self) -> None:
        closing = False
        while not closing:
            first = self._jobs.get()
            jobs = [first] if first else []
            closing = first is None
            while len(jobs) < MOST_IN_A_COMMIT and not closing:
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
                closing = job is None
                jobs += [job] if job else []
            if jobs:
                self._commit(jobs)
                _tell(jobs)

    def _commit(self, jobs: list[_Job]) -> None:
        connection = self._writing.conn
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in jobs:
                self._run(job)
            connection.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001  # the thread must live, and every caller must hear
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            log.warning("storage.commit_failed", reason=str(error), units=len(jobs))
            for job in jobs:
                job.error = _translated(error)

    def _run(self, job: _Job) -> None:
        connection = self._writing.conn
        connection.execute("SAVEPOINT unit")
        try:
            job.result = job.unit(self._writing)
        except BaseException as error:  # it is the caller's to handle
            if not connection.in_transaction:
                raise  # a full disk rolls the whole group back by itself
            connection.execute("ROLLBACK TO unit")
            job.error = _translated(error)
            if job.error is not error:
                log.warning("storage.unit_failed", reason=str(error))
        connection.execute("RELEASE unit")


def _translated(error: BaseException) -> BaseException:
    if isinstance(error, sqlite3.OperationalError):
        return Unavailable("storage.down", reason=type(error).__name__)
    return error


def _tell(jobs: list[_Job]) -> None:
    """Wake the callers: one hop to each event loop that waits, however many wait there."""
    loops: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in jobs:
        loops.setdefault(job.future.get_loop(), []).append(job)
    for loop, theirs in loops.items():
        with suppress(RuntimeError):  # that loop has closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve, theirs)


def _resolve(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)
