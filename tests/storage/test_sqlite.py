"""The engine: one writer, commits shared, faults kept apart."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.domain.errors import Unavailable
from storage.engine.sqlite import Engine, connect

INSERT = "INSERT INTO numbers VALUES (?)"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    db = connect(path)
    db.conn.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY CHECK (n < 1000))")
    db.conn.close()
    made = Engine(path)
    yield made
    made.close()


@asynccontextmanager
async def held(engine: Engine) -> AsyncIterator[None]:
    """What is handed in meanwhile waits together."""
    started, gate = threading.Event(), threading.Event()

    def hold(_):
        started.set()
        gate.wait()

    holding = asyncio.gather(engine.write(hold))
    await asyncio.get_running_loop().run_in_executor(None, started.wait)
    yield
    await asyncio.sleep(0)
    gate.set()
    await holding


def put(number):
    return lambda db: db.conn.execute(INSERT, (number,)).rowcount


def numbers(db):
    return [row[0] for row in db.conn.execute("SELECT n FROM numbers ORDER BY n")]


async def test_what_was_written_is_on_disk_when_the_write_returns(engine: Engine, path: Path):
    await engine.write(put(1))
    other = sqlite3.connect(path)
    assert other.execute("SELECT n FROM numbers").fetchall() == [(1,)]
    other.close()


async def test_who_waits_together_shares_one_commit_in_the_order_handed_in(engine: Engine):
    statements = []
    async with held(engine):
        engine._writing.conn.set_trace_callback(statements.append)
        waiting = asyncio.gather(*(engine.write(put(n)) for n in range(50)))
    await waiting
    assert statements.count("BEGIN IMMEDIATE") == 1
    inserted = [line.removeprefix("INSERT INTO numbers VALUES ") for line in statements if line.startswith("INSERT")]
    assert inserted == [f"({n})" for n in range(50)]


@pytest.mark.parametrize("culprit", [put(5), put(1000), lambda db: db.conn.execute("nonsense"), lambda _: 1 / 0])
async def test_one_that_fails_takes_nothing_of_the_others_with_it(engine: Engine, culprit):
    def half_done(db):
        put(900)(db)
        return culprit(db)

    async with held(engine):
        together = asyncio.gather(
            engine.write(put(5)), engine.write(half_done), engine.write(put(6)), return_exceptions=True
        )
    first, failed, last = await together
    assert (first, last) == (1, 1)
    assert isinstance(failed, Exception)
    assert await engine.read(numbers) == [5, 6]


async def test_a_commit_that_fails_reaches_everybody_and_leaves_nothing(engine: Engine):
    db = engine._writing
    db.conn.execute("CREATE TABLE children (n INTEGER REFERENCES numbers (n) DEFERRABLE INITIALLY DEFERRED)")
    async with held(engine):
        orphan = engine.write(lambda db: db.conn.execute("INSERT INTO children VALUES (7)").rowcount)
        together = asyncio.gather(engine.write(put(1)), orphan, engine.write(put(2)), return_exceptions=True)
    assert [type(outcome) for outcome in await together] == [sqlite3.IntegrityError] * 3
    assert await engine.read(numbers) == []
    await engine.write(put(3))  # and the next group is not harmed
    assert await engine.read(numbers) == [3]


async def test_a_full_disk_is_told_as_unavailable_and_is_not_the_end(engine: Engine):
    engine._writing.conn.execute("CREATE TABLE blobs (b BLOB)")
    pages = engine._writing.conn.execute("PRAGMA page_count").fetchone()[0]
    engine._writing.conn.execute(f"PRAGMA max_page_count = {pages}")
    outcomes = await asyncio.gather(
        engine.write(put(1)),
        engine.write(lambda db: db.conn.execute("INSERT INTO blobs VALUES (zeroblob(1000000))")),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], Unavailable)
    engine._writing.conn.execute("PRAGMA max_page_count = 1000000")
    await engine.write(put(2))
    assert 2 in await engine.read(numbers)


async def test_a_read_sees_one_moment(engine: Engine):
    await engine.write(put(1))
    between, go_on = threading.Event(), threading.Event()

    def twice(db):
        before = numbers(db)
        between.set()
        go_on.wait()
        return before, numbers(db)

    reading = asyncio.gather(engine.read(twice))
    await asyncio.get_running_loop().run_in_executor(None, between.wait)
    await engine.write(put(2))
    go_on.set()
    assert await reading == [([1], [1])]
    assert await engine.read(numbers) == [1, 2]


async def test_a_read_changes_nothing(engine: Engine):
    with pytest.raises(Unavailable):
        await engine.read(put(1))
    assert await engine.read(numbers) == []


async def test_what_was_handed_in_before_closing_is_kept_and_nothing_after(path: Path, engine: Engine):
    waiting = [asyncio.ensure_future(engine.write(put(n))) for n in range(20)]  # noqa: TID251  # only to hand them in
    await asyncio.sleep(0)
    engine.close()
    await asyncio.gather(*waiting)
    with pytest.raises(Unavailable):
        await engine.write(put(21))
    with closing(connect(path, read_only=True).conn) as kept:
        assert len(kept.execute("SELECT * FROM numbers").fetchall()) == 20


async def test_many_writers_and_readers_at_once_lose_nothing(engine: Engine):
    await asyncio.gather(*(engine.write(put(n)) for n in range(300)), *(engine.read(numbers) for _ in range(50)))
    assert await engine.read(numbers) == list(range(300))


def test_a_database_is_nobody_elses_to_read(path: Path):
    connect(path).conn.close()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_that_is_no_database_is_unavailable(path: Path, read_only):
    path.write_bytes(b"something else entirely" * 100)
    with pytest.raises(Unavailable):
        connect(path, read_only=read_only)
    assert path.read_bytes().startswith(b"something else")
