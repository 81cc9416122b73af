"""The book as rows: nothing in clear, each line bound to its place, one winner of two changes."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.addresses import Saved
from bot.services.addresses import Addresses
from storage.store import Store
from tests.still_clock import StillClock

ANN, BEN = 1, 2
ETHER = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
SAID = b'{"network": "ethereum", "label": "Ledger", "address": "%s", "memo": ""}' % ETHER.encode()


def line(clock: StillClock, name: str = "a1", user_id: int = ANN) -> Saved:
    return Saved(name, user_id, "", "", clock.now() + timedelta(hours=24), clock.now())


async def add(store: Store, one: Saved, place: tuple[str, ...] | None = None) -> None:
    where = place or ("addresses", one.id, str(one.version))
    await store.write(lambda tx: tx.addresses.add(one, tx.seal(one.user_id, SAID, *where)))


@pytest.fixture
def book(store: Store, still: StillClock) -> Addresses:
    return Addresses(store, still, most_new=Decimal(100), demanded=False)


async def test_a_line_comes_back_as_it_was_put_in_and_to_its_owner_alone(store: Store, still: StillClock, book):
    await add(store, line(still))
    (found,) = await book.all_of(ANN)
    assert found == replace(line(still), network="ethereum", label="Ledger", address=ETHER)
    assert await book.all_of(BEN) == []


async def test_nothing_of_it_lies_in_clear(store: Store, still: StillClock, path):
    await add(store, line(still))
    with closing(sqlite3.connect(path)) as db:
        dump = "\n".join(db.iterdump()).encode()
    assert b"addresses" in dump
    assert not [word for word in (b"Ledger", ETHER.encode(), ETHER.encode().hex().encode()) if word in dump]


@pytest.mark.parametrize("place", [("addresses", "b2", "1"), ("addresses", "a1", "2"), ("accounts", "a1", "1")])
async def test_a_line_that_was_moved_or_altered_is_left_out_and_the_others_stay(store, still, book, place):
    await add(store, line(still), place)
    await add(store, line(still, "c3"))
    assert [one.id for one in await book.all_of(ANN)] == ["c3"]


async def test_of_two_changes_of_one_line_the_first_holds(store: Store, still: StillClock):
    await add(store, line(still))
    newer = replace(line(still), version=2)
    assert await store.write(lambda tx: tx.addresses.replace(newer, b"1"))
    assert not await store.write(lambda tx: tx.addresses.replace(newer, b"2"))
    assert not await store.write(lambda tx: tx.addresses.replace(replace(newer, user_id=BEN, version=3), b"3"))


async def test_trust_is_only_ever_brought_forward(store: Store, still: StillClock, book):
    await add(store, line(still))
    await store.write(lambda tx: tx.addresses.trust("a1", tx.now_ms))
    assert (await book.all_of(ANN))[0].trusted_at == still.now()
    still.advance(3600)
    await store.write(lambda tx: tx.addresses.trust("a1", tx.now_ms))
    assert (await book.all_of(ANN))[0].trusted_at == still.now() - timedelta(hours=1)
    assert not await store.write(lambda tx: tx.addresses.drop(BEN, "a1"))
    assert await store.write(lambda tx: tx.addresses.drop(ANN, "a1"))
