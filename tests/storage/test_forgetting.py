"""The files beside the database: who was forgotten, and how far the database had come."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.users import User
from storage.epoch import Epoch
from storage.forgetting import Ledger
from storage.store import Store, forgotten_name, open_store
from storage.vault import Box
from tests.still_clock import StillClock
from tests.storage.conftest import beside
from tests.storage.everything import fill

ANN, BOB = 1001, 1002
BOX = Box(bytes(32), 0, 1)


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    return Ledger(tmp_path / "desk.forgotten")


def test_what_is_entered_is_found_with_its_last_time(ledger: Ledger):
    ann, bob = (forgotten_name(BOX, one) for one in (ANN, BOB))
    for digest, when in ((ann, 5), (bob, 7), (ann, 9), (ann, 8)):
        ledger.append(digest, when)
    assert ledger.entries() == {ann: 9, bob: 7}


def test_a_line_that_a_kill_cut_off_takes_no_other_with_it(tmp_path, ledger: Ledger):
    ann, bob = (forgotten_name(BOX, one) for one in (ANN, BOB))
    ledger.append(ann, 5)
    file = tmp_path / "desk.forgotten"
    whole = file.read_bytes()
    for cut in range(len(whole)):
        file.write_bytes(whole + whole[:cut])
        ledger.append(bob, 7)
        assert ledger.entries() == {ann: 5, bob: 7}


@given(st.binary(max_size=300))
def test_rubbish_in_it_is_passed_over(tmp_path_factory, rubbish):
    file = tmp_path_factory.mktemp("ledger") / "desk.forgotten"
    ann = forgotten_name(BOX, ANN)
    file.write_bytes(rubbish)
    ledger = Ledger(file)
    ledger.append(ann, 5)
    assert ledger.entries()[ann] == 5


def test_nobody_is_named_alike_and_nobody_by_another_desk():
    names = {forgotten_name(box, one) for box in (BOX, Box(bytes([1]) * 32, 0, 1)) for one in range(1, 500)}
    assert len(names) == 2 * 499


@pytest.mark.parametrize(("came_s", "stays"), [(-1, False), (0, False), (1, True)])
def test_only_who_came_after_he_was_forgotten_stays(path, still: StillClock, came_s: int, stays):
    store, _ = open_store(path, beside(path), still)
    at_ms = store.now_ms() + 10_000
    store.beside.ledger.append(forgotten_name(store.box, ANN), at_ms)
    asyncio.run(store.write(lambda tx: tx.users.add(User(ANN, "Ann"), at_ms + came_s * 1000)))
    asyncio.run(store.write(lambda tx: tx.users.add(User(BOB, "Bob"), 1)))
    store.close()
    again, _ = open_store(path, beside(path), still)
    assert asyncio.run(again.read(lambda tx: tx.users.get(ANN) is not None)) is stays
    assert asyncio.run(again.read(lambda tx: tx.users.get(BOB) is not None))
    again.close()


async def test_what_was_said_before_is_answered_by_that_but_what_others_said_is_not(store: Store):
    def said(update_id: int, who: int) -> tuple[int, bytes]:
        raw = b'{"update_id": %d, "message": {"from": {"id": %d}, "chat": {"id": 5}}}' % (update_id, who)
        return update_id, store.box.seal(raw, "inbox", str(update_id))

    letters = await store.write(lambda tx: tx.inbox.add([said(1, ANN), said(2, BOB), said(3, ANN), said(4, ANN)], 0))
    await store.write(lambda tx: fill(tx, ANN, "Ann"))
    await store.write(lambda tx: tx.forget(ANN, letters[2].seq))
    assert [letter.update_id for letter in await store.read(lambda tx: tx.inbox.waiting(0, 10))] == [2, 3]


async def test_to_be_forgotten_twice_is_to_be_forgotten_once(store: Store):
    await store.write(lambda tx: fill(tx, ANN, "Ann"))
    await store.write(lambda tx: fill(tx, BOB, "Bob"))
    for _ in range(2):
        await store.write(lambda tx: tx.forget(ANN, 0))
    assert await store.read(lambda tx: tx.people.known()) == [(BOB, store.now_ms())]
    assert len(store.beside.ledger.entries()) == 1


def test_as_long_as_the_ledger_says_nothing_new_nobody_is_looked_at(path, still: StillClock):
    """A start is quick, however many there are: this one would be found by a look."""
    store, _ = open_store(path, beside(path), still)
    asyncio.run(store.write(lambda tx: tx.forget(ANN, 0)))
    asyncio.run(store.write(lambda tx: tx.users.add(User(ANN, "Ann"), 1)))
    store.close()
    again, _ = open_store(path, beside(path), still)
    assert asyncio.run(again.read(lambda tx: tx.users.get(ANN) is not None))
    again.close()


async def test_a_disk_that_does_not_take_the_ledger_keeps_the_person(store: Store, path):
    path.with_suffix(".forgotten").mkdir()
    await store.write(lambda tx: fill(tx, ANN, "Ann"))
    with pytest.raises(OSError, match="forgotten"):
        await store.write(lambda tx: tx.forget(ANN, 0))
    assert [who for who, _ in await store.read(lambda tx: tx.people.known())] == [ANN]


def test_an_epoch_moves_on_with_each_start_and_only_an_older_database_is_behind(path, still: StillClock):
    states = []
    for _ in range(3):
        store, _ = open_store(path, beside(path), still)
        states.append(store.beside.put_back)
        store.close()
    assert states == [False, False, False]
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE desk SET value = '1' WHERE name = 'epoch'")
    states = []
    for _ in range(2):
        store, _ = open_store(path, beside(path), still)
        states.append(store.beside.put_back)
        store.close()
    assert states == [True, True]  # until it is lifted
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM desk WHERE name = 'put_back'")
    store, _ = open_store(path, beside(path), still)
    assert not store.beside.put_back
    store.close()


def test_a_kill_between_the_database_and_its_file_is_no_older_database(path, still: StillClock):
    open_store(path, beside(path), still)[0].close()
    file = path.with_suffix(".epoch")
    before = file.read_bytes()
    open_store(path, beside(path), still)[0].close()
    file.write_bytes(before)
    store, _ = open_store(path, beside(path), still)
    assert not store.beside.put_back
    store.close()


@pytest.mark.parametrize("text", ["", "x", "1x", "\xff"])
def test_an_epoch_file_that_is_none_says_nothing(tmp_path, path, still: StillClock, text):
    store, _ = open_store(path, beside(path), still)
    file = tmp_path / "other.epoch"
    file.write_text(text)
    assert not Epoch(file).behind(store._engine._reading)
    store.close()
