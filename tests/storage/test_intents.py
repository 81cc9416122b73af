"""Intents and orders as rows: compare-and-set, sums in decimals, what is due however the clock was set."""

import asyncio
import sqlite3
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.intents import Action, Intent, State, may_move
from storage.intents import LONGEST_PAUSE_MS
from storage.store import Store

DAY = "2026-11-21"


def intent(name: str = "a", **more) -> Intent:
    plain = Intent(
        id=name, user_id=1, account_id="k1", vendor="binance", action=Action.PLACE, state=State.OFFERED,
        symbol="BTC/USDT", request={"amount": "0.010"}, offer={"shown": {"total": "600"}}, usd=Decimal("600.10"),
        chat_id=1, created_at=0, expires_at=10**15, client_id=f"b{name}",
    )  # fmt: skip
    return replace(plain, **more)


async def test_what_was_stored_comes_back(store: Store):
    given_ = intent(reason={"key": "k", "values": {"a": 1}}, order_id="7", absent=2)
    await store.write(lambda tx: tx.intents.add(given_))
    assert await store.read(lambda tx: tx.intents.get("a")) == given_
    assert await store.read(lambda tx: tx.intents.get("b")) is None


async def test_a_client_id_is_an_accounts_only_once(store: Store):
    await store.write(lambda tx: tx.intents.add(intent("a")))
    with pytest.raises(sqlite3.IntegrityError):
        await store.write(lambda tx: tx.intents.add(intent("b", client_id="ba")))
    await store.write(lambda tx: tx.intents.add(intent("c", client_id="ba", account_id="k2")))


async def test_of_25_presses_of_each_of_40_buttons_one_wins(store: Store):
    for number in range(40):
        await store.write(lambda tx, number=number: tx.intents.add(intent(f"i{number}")))
    tries = [
        store.write(lambda tx, n=n: tx.intents.confirm(f"i{n}", 1, 5, DAY, tx.now_ms))
        for n in range(40)
        for _ in range(25)
    ]
    won = [one for one in await asyncio.gather(*tries) if one]
    assert sorted(one.id for one in won) == sorted(f"i{n}" for n in range(40))
    assert {(one.state, one.day, one.message_id) for one in won} == {(State.CONFIRMED, DAY, 5)}


@pytest.mark.parametrize(
    "unfit",
    [{"user_id": 2}, {"expires_at": 1}, {"state": State.EXPIRED}, {"created_at": 10**14}, {"state": State.SENDING}],
)
async def test_a_press_that_does_not_fit_wins_nothing(store: Store, unfit):
    await store.write(lambda tx: tx.intents.add(intent(**unfit)))
    assert await store.write(lambda tx: tx.intents.confirm("a", 1, 5, DAY, tx.now_ms)) is None


@given(st.lists(st.tuples(st.sampled_from(State), st.sampled_from(State)), max_size=25))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_no_way_that_is_none_is_ever_gone(path_of_store, moves):
    """Whatever is tried in whatever order, the row goes the ways of the table only."""
    asyncio.run(_tried(path_of_store, moves))


async def _tried(make_store, moves):
    store = make_store()
    try:
        await store.write(lambda tx: tx.intents.add(intent()))
        stands = State.OFFERED
        for before, after in moves:
            if not may_move(before, after):
                with pytest.raises(ValueError, match="no intent goes"):
                    await store.write(lambda tx, b=before, a=after: tx.intents.move("a", b, a))
                continue
            moved = await store.write(lambda tx, b=before, a=after: tx.intents.move("a", b, a))
            assert (moved is not None) is (before is stands)
            stands = after if moved else stands
            assert (await store.read(lambda tx: tx.intents.get("a"))).state is stands
    finally:
        store.close()


@pytest.fixture
def path_of_store(tmp_path, still):
    from storage.store import open_store  # noqa: PLC0415
    from tests.storage.conftest import beside  # noqa: PLC0415

    numbers = iter(range(10_000))

    def make() -> Store:
        path = tmp_path / f"{next(numbers)}.db"
        return open_store(path, beside(path), still)[0]

    return make


async def test_what_counts_toward_a_day_is_summed_exactly(store: Store):
    states = {
        "a": State.CONFIRMED, "b": State.SENDING, "c": State.ACCEPTED, "d": State.UNKNOWN, "e": State.NEEDS_HUMAN,
        "f": State.PREPARED, "g": State.REJECTED, "h": State.NOT_PLACED, "i": State.REFUSED, "j": State.OFFERED,
    }  # fmt: skip
    for name, state in states.items():
        one = intent(name, state=state, day=DAY, usd=Decimal("0.1"))
        await store.write(lambda tx, one=one: tx.intents.add(one))
    await store.write(lambda tx: tx.intents.add(intent("other", day="2026-11-20", state=State.ACCEPTED)))
    await store.write(lambda tx: tx.intents.add(intent("whose", day=DAY, user_id=2, state=State.ACCEPTED)))
    assert await store.read(lambda tx: tx.intents.reserved_usd(1, DAY)) == Decimal("0.6")


@pytest.mark.parametrize(
    ("due_in_ms", "due"), [(0, True), (1, False), (LONGEST_PAUSE_MS, False), (LONGEST_PAUSE_MS + 1, True)]
)
async def test_what_is_due_is_due_also_after_the_clock_was_set_back(store: Store, due_in_ms, due):
    now_ms = store.now_ms()
    await store.write(lambda tx: tx.intents.add(intent(state=State.UNKNOWN, due_at=now_ms + due_in_ms)))
    assert bool(await store.read(lambda tx: tx.intents.due(now_ms, 10))) is due


async def test_an_offer_nobody_pressed_expires_and_is_forgotten(store: Store):
    await store.write(lambda tx: tx.intents.add(intent("old", expires_at=5)))
    await store.write(lambda tx: tx.intents.add(intent("new")))
    await store.write(lambda tx: tx.intents.expire(tx.now_ms))
    assert (await store.read(lambda tx: tx.intents.get("old"))).state is State.EXPIRED
    assert (await store.read(lambda tx: tx.intents.get("new"))).state is State.OFFERED
    await store.write(lambda tx: tx.intents.tidy(tx.now_ms))
    assert await store.read(lambda tx: tx.intents.get("old")) is None


async def test_a_halt_is_said_once_and_lifted_once(store: Store):
    def put(halted):
        return lambda tx: tx.desk.set_halt(halted=halted, by=9, now_ms=tx.now_ms)

    assert [await store.write(put(halted)) for halted in (True, True, False, False)] == [True, False, True, False]
    assert not await store.read(lambda tx: tx.desk.halted())


@pytest.mark.parametrize("look", [lambda tx: tx.intents.due(5, 9), lambda tx: tx.intents.standing((State.SENDING,))])
async def test_what_is_looked_for_every_other_second_is_found_without_reading_all(store, look):
    asked = []

    def unit(tx):
        conn = tx.intents._db.conn
        conn.set_trace_callback(asked.append)
        look(tx)
        conn.set_trace_callback(None)
        return [row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {asked[0]}")]

    plan = await store.read(unit)
    assert any("intents_due" in step for step in plan), plan
