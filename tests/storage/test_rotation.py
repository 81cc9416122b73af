"""A new vault key: everything opens at every moment, whoever kills or doubles the rotation."""

import asyncio
import base64
import shutil
import sqlite3
import threading
from collections import Counter
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from bot.scheduler import SystemClock
from storage.rotation import Rotation
from storage.store import Store, Transaction, migrate, open_store, ring_of
from storage.vault import KeySource, SealBroken, VaultError, key_id
from tests.still_clock import StillClock

OLD, NEW, NEWER = (bytes([n]) * 32 for n in (1, 2, 3))
PEOPLE = range(1, 61)


def source(path: Path, *keys: bytes) -> KeySource:
    file, text = path.with_suffix(".keys"), "".join(base64.b64encode(key).decode() + "\n" for key in keys)
    if not file.exists() or file.read_text() != text:  # else another may be reading it
        file.write_text(text)
    file.chmod(0o600)
    return KeySource(None, file, "", path.with_suffix(".key"))


def rotation(path: Path, *keys: bytes, batch: int = 7) -> Rotation:
    return Rotation(path, source(path, *keys), StillClock(), batch)


def rotated(path: Path, *keys: bytes, batch: int = 7) -> int:
    """How many data keys were wrapped anew."""
    one = rotation(path, *keys, batch=batch)
    one.begin()
    moved = sum(one.batches())
    assert one.left() == 0
    one.close()
    return moved


def sealed_for(tx: Transaction, people: range) -> dict[int, bytes]:
    return {owner: tx.seal(owner, f"of {owner}".encode(), "test") for owner in people}


def unreadable(tx: Transaction, values: dict[int, bytes]) -> list[int]:
    found = []
    for owner, value in values.items():
        try:
            assert tx.open(owner, value, "test") == f"of {owner}".encode()
        except SealBroken:
            found.append(owner)
    return found


def wrapped_with(path: Path) -> Counter[str]:
    with closing(sqlite3.connect(path)) as db:
        return Counter(row[0] for row in db.execute("SELECT kek_id FROM data_keys"))


def statuses(path: Path) -> dict[str, str]:
    return {row.kek_id: row.status for row in ring_of(path)}


@pytest.fixture
def store(path: Path, still: StillClock):
    opened, _ = open_store(path, source(path, OLD), still)
    yield opened
    opened.close()


@pytest.fixture
async def values(store: Store) -> dict[int, bytes]:
    return await store.write(lambda tx: sealed_for(tx, PEOPLE))


async def test_every_data_key_is_under_the_first_key_of_the_file_afterwards(path, store: Store, values):
    store.close()
    assert rotated(path, NEW, OLD) == len(PEOPLE) + 1  # the desk's own too
    assert wrapped_with(path) == {key_id(NEW): len(PEOPLE) + 1}
    assert statuses(path) == {key_id(NEW): "primary", key_id(OLD): "enabled"}
    again, _ = open_store(path, source(path, NEW, OLD), StillClock())
    assert await again.read(lambda tx: unreadable(tx, values)) == []
    again.close()


@pytest.mark.usefixtures("values")
async def test_what_is_rotated_already_is_left_alone(path, store: Store):
    store.close()
    rotated(path, NEW, OLD)
    before = path.read_bytes()
    assert rotated(path, NEW, OLD) == 0
    assert path.read_bytes() == before


async def test_without_the_old_line_the_key_is_retired_and_opens_nothing(path, store: Store, values):
    store.close()
    rotated(path, NEW, OLD)
    open_store(path, source(path, NEW), StillClock())[0].close()
    assert statuses(path) == {key_id(NEW): "primary", key_id(OLD): "retired"}
    with pytest.raises(VaultError, match="not the one"):
        open_store(path, source(path, OLD), StillClock())
    last, _ = open_store(path, source(path, NEW), StillClock())
    assert await last.read(lambda tx: unreadable(tx, values)) == []
    last.close()


@pytest.mark.usefixtures("values")
async def test_while_the_old_key_is_needed_its_line_is_missed_by_name(path, store: Store):
    store.close()
    half = rotation(path, NEW, OLD)
    half.begin()
    next(half.batches())
    half.close()
    before = path.read_bytes()
    with pytest.raises(VaultError, match=key_id(OLD)):
        open_store(path, source(path, NEW), StillClock())
    with pytest.raises(VaultError, match=key_id(NEW)):
        open_store(path, source(path, OLD), StillClock())
    with pytest.raises(VaultError, match=key_id(OLD)):
        rotation(path, NEW)
    assert path.read_bytes() == before


async def test_a_desk_takes_up_a_key_that_is_added_to_its_file_and_is_then_rotated_under(path, store: Store, values):
    waiting = rotation(path, NEW, OLD)
    assert not waiting.known_to_desk
    await store.look_for_keys()
    assert waiting.known_to_desk
    waiting.begin()
    assert sum(waiting.batches()) == len(PEOPLE) + 1
    assert await store.read(lambda tx: unreadable(tx, values)) == []
    late = await store.write(lambda tx: sealed_for(tx, range(100, 103)))
    assert waiting.left() == 0  # new people are under the new key from the start
    assert await store.read(lambda tx: unreadable(tx, late)) == []
    waiting.close()


@pytest.mark.parametrize("text", ["", "no key", base64.b64encode(b"k" * 31).decode(), "\n\n"])
async def test_a_key_file_that_is_none_changes_nothing_for_a_running_desk(path, store: Store, values, text):
    file = path.with_suffix(".keys")
    file.write_text(text)
    await store.look_for_keys()
    assert statuses(path) == {key_id(OLD): "primary"}
    assert await store.read(lambda tx: unreadable(tx, values)) == []
    source(path, NEW, OLD)
    await store.look_for_keys()
    assert statuses(path) == {key_id(OLD): "primary", key_id(NEW): "enabled"}


async def test_a_file_that_did_not_change_is_not_read(path, store: Store):
    await store.look_for_keys()
    store._source = KeySource(None, path / "gone", "", path)
    store._key_files = store._source.stamp()
    await store.look_for_keys()


async def test_two_at_once_leave_nothing_and_lose_nothing(path, store: Store, values):
    store.close()
    moved: list[int] = []
    threads = [threading.Thread(target=lambda: moved.append(rotated(path, NEW, OLD, batch=2))) for _ in range(2)]
    source(path, NEW, OLD)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(moved) == len(PEOPLE) + 1
    assert wrapped_with(path) == {key_id(NEW): len(PEOPLE) + 1}
    again, _ = open_store(path, source(path, NEW, OLD), StillClock())
    assert await again.read(lambda tx: unreadable(tx, values)) == []
    again.close()


@pytest.mark.usefixtures("values")
async def test_of_two_to_different_keys_the_later_one_goes_on(path, store: Store):
    store.close()
    first = rotation(path, NEW, OLD)
    first.begin()
    batches = first.batches()
    next(batches)
    assert rotated(path, NEWER, NEW, OLD) == len(PEOPLE) + 1
    with pytest.raises(VaultError, match="another rotation"):
        next(batches)
    first.close()
    assert wrapped_with(path) == {key_id(NEWER): len(PEOPLE) + 1}


async def test_a_data_key_that_does_not_open_is_left_and_told_of(path, store: Store, values):
    store.close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE data_keys SET wrapped = zeroblob(60) WHERE owner = 30")
    one = rotation(path, NEW, OLD)
    one.begin()
    assert sum(one.batches()) == len(PEOPLE)
    assert one.left() == 1
    one.close()
    again, _ = open_store(path, source(path, NEW, OLD), StillClock())
    assert await again.read(lambda tx: unreadable(tx, values)) == [30]
    again.close()


def test_there_is_nothing_to_rotate_without_a_database_or_a_key(path):
    with pytest.raises(VaultError, match="nothing to rotate"):
        rotation(path, NEW)
    migrate(path)
    with pytest.raises(VaultError, match="nothing to rotate"):
        rotation(path, NEW)


async def test_readers_and_writers_beside_it_never_fail(path, store: Store, values):
    """Four of each, on the desk's own store, while another connection rotates there and back."""
    source(path, NEWER, NEW, OLD)
    await store.look_for_keys()
    done, reads, writes = asyncio.Event(), Counter[str](), Counter[str]()
    kept = dict(values)

    async def reader() -> None:
        while not done.is_set():
            broken = await store.read(lambda tx: unreadable(tx, values))
            reads["failed" if broken else "fine"] += 1

    async def writer(number: int) -> None:
        while not done.is_set():
            owner = 1_000 + number + 10 * writes[str(number)]
            kept.update(await store.write(partial(sealed_for, people=range(owner, owner + 1))))
            writes[str(number)] += 1

    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(reader())
            group.create_task(writer(number))
        for keys in ((NEW, OLD), (NEWER, NEW, OLD)):
            await asyncio.to_thread(rotated_beside, path, *keys)
        done.set()
    assert reads["failed"] == 0
    assert reads["fine"] > 10
    assert sum(writes.values()) > 10
    assert set(wrapped_with(path)) == {key_id(NEWER)}
    assert await store.read(lambda tx: unreadable(tx, kept)) == []


def rotated_beside(path: Path, *keys: bytes) -> None:
    value = " ".join(base64.b64encode(key).decode() for key in keys)
    one = Rotation(path, KeySource(None, None, value, path), SystemClock(), batch=25)
    one.begin()
    for _ in one.batches():
        pass
    one.close()


def test_a_copy_from_before_the_rotation_opens_as_long_as_the_old_line_is_kept(path, still):
    store, _ = open_store(path, source(path, OLD), still)
    kept = asyncio.run(store.write(lambda tx: sealed_for(tx, PEOPLE)))
    store.close()
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    rotated(path, NEW, OLD)
    old, _ = open_store(copy, source(path, NEW, OLD), still)
    assert asyncio.run(old.read(lambda tx: unreadable(tx, kept))) == []
    old.close()
