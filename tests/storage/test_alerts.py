"""Alerts as rows: what goes in comes out, numbers sort as numbers, and only what is reached is found."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.alerts import FINEST, LARGEST, Alert, Condition, Side, State, Way
from bot.domain.assets import WHOLE_MARKET, Asset, Symbol
from bot.domain.prices import Field
from storage.alerts import Range, Subject, key_of
from storage.store import Store
from tests.still_clock import START

BTC = Asset(Symbol("BTC"), "BTC", "Bitcoin")
PRICE = Subject(Symbol("BTC"), Field.PRICE, 0)
HOUR = 3600
figures = st.decimals(min_value=0, max_value=LARGEST, places=18)


def wants(way: Way = Way.ABOVE, target: str = "70000", **more) -> Condition:
    return Condition(Field.PRICE, way, Decimal(target), **more)


async def add(store: Store, condition: Condition, user_id: int = 1, **more) -> Alert:
    return await store.write(lambda tx: tx.alerts.add(Alert(0, user_id, BTC, condition, **more)))


async def reached(store: Store, value: str, side: Side, subject: Subject = PRICE, now_ms: int = 0) -> list[int]:
    return [one.id for one in await store.read(lambda tx: tx.alerts.reached(subject, Decimal(value), side, now_ms, 99))]


@given(figures, figures)
def test_keys_sort_as_their_numbers_do(one: Decimal, other: Decimal):
    assert (key_of(one) < key_of(other)) == (one < other)
    assert (key_of(one) == key_of(other)) == (one == other)
    assert Decimal(key_of(one)) == one


@pytest.mark.parametrize("value", ["1E+40", "-5", "1E-40", "1E+5000", "0"])
def test_a_figure_of_no_size_a_price_can_have_has_a_key_all_the_same(value: str):
    assert len(key_of(Decimal(value))) == 47


def test_whatever_is_waited_for_comes_back_as_it_was(store: Store):
    alerts = st.builds(
        Alert, st.just(0), st.just(1), st.just(Asset(WHOLE_MARKET, "TOTAL", "All coins")),
        st.builds(
            Condition, st.sampled_from(Field), st.sampled_from(Way), figures.filter(lambda n: n > FINEST),
            st.integers(0, 10**6), st.integers(0, 10**6),
            st.one_of(st.none(), st.integers(0, 10**9).map(lambda ms: START + timedelta(milliseconds=ms))),
        ),
        st.sampled_from(State), st.booleans(), *(st.integers(0, 2**50) for _ in range(5)),
    )  # fmt: skip

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(alerts)
    def check(alert: Alert):
        from storage.alerts import Alerts  # noqa: PLC0415

        rows = Alerts(store._engine._writing)
        stored = rows.add(alert)
        assert replace(stored, id=0) == alert
        assert rows.get(stored.id) == stored
        rows.save(replace(stored, rests=True, fired=7))
        assert rows.get(stored.id) == replace(stored, rests=True, fired=7)

    check()


async def test_a_level_is_reached_at_it_and_beyond_it_and_not_before(store: Store):
    above, below = await add(store, wants()), await add(store, wants(Way.BELOW, "60000"))
    assert await reached(store, "69999.99", Side.UP) == []
    assert await reached(store, "70000", Side.UP) == [above.id]
    assert await reached(store, "70000.01", Side.UP) == [above.id]
    assert await reached(store, "60000.01", Side.DOWN) == []
    assert await reached(store, "60000", Side.DOWN) == [below.id]
    assert await reached(store, "59999", Side.DOWN) == [below.id]


async def test_not_by_a_hair_even_below_the_finest_step(store: Store):
    await add(store, wants(Way.BELOW, "0.000000000000000001"))
    assert await reached(store, "0.0000000000000000011", Side.DOWN) == []
    assert len(await reached(store, "0.0000000000000000009", Side.DOWN)) == 1


async def test_only_of_this_coin_this_figure_and_when_it_is_due(store: Store):
    await add(store, wants(), due_at=500)
    for subject in (replace(PRICE, symbol=Symbol("ETH")), replace(PRICE, field=Field.CAP), replace(PRICE, window_s=1)):
        assert await reached(store, "80000", Side.UP, subject, 500) == []
    assert await reached(store, "80000", Side.UP, PRICE, 499) == []
    assert len(await reached(store, "80000", Side.UP, PRICE, 500)) == 1


async def test_a_move_is_found_by_its_size_whichever_way(store: Store):
    ways = {way: await add(store, wants(way, "5", window_s=HOUR)) for way in (Way.RISE, Way.FALL, Way.MOVE)}
    moves = replace(PRICE, window_s=HOUR)
    for side, way in ((Side.UP, Way.RISE), (Side.DOWN, Way.FALL), (Side.EITHER, Way.MOVE)):
        assert await reached(store, "4.99", side, moves) == []
        assert await reached(store, "5", side, moves) == [ways[way].id]


async def test_what_has_ended_is_reached_by_nothing_and_stands_in_no_list(store: Store):
    alert = await add(store, wants())
    await store.write(lambda tx: tx.alerts.save(replace(alert, state=State.ENDED, ended_at=9)))
    assert await reached(store, "80000", Side.UP) == []
    assert await store.read(lambda tx: (tx.alerts.of_user(1), tx.alerts.count(1), tx.alerts.subjects())) == ([], 0, [])
    assert [one.id for one in await store.read(lambda tx: tx.alerts.of_user(1, State.ENDED))] == [alert.id]


async def test_everybodys_subjects_are_named_once(store: Store):
    for user_id in range(1, 9):
        await add(store, wants(), user_id)
        await add(store, wants(Way.RISE, "5", window_s=HOUR), user_id)
    assert sorted(s.window_s for s in await store.read(lambda tx: tx.alerts.subjects())) == [0, HOUR]


async def test_a_number_is_never_used_twice(store: Store):
    first = await add(store, wants(), state=State.ENDED, ended_at=1)
    await store.write(lambda tx: tx.alerts.tidy(2, 0))
    assert await store.read(lambda tx: tx.alerts.get(first.id)) is None
    assert (await add(store, wants())).id > first.id


async def test_of_what_has_ended_the_latest_stay(store: Store):
    ended = [await add(store, wants(), state=State.ENDED, ended_at=at) for at in (5, 9, 7)]
    kept = await add(store, wants())
    await store.write(lambda tx: tx.alerts.trim(1, 2))
    left = await store.read(lambda tx: [one.id for one in tx.alerts.of_user(1, State.ENDED)])
    assert left == [ended[1].id, ended[2].id]
    assert await store.read(lambda tx: tx.alerts.get(kept.id)) == kept


async def test_marks_know_the_range_of_a_time_and_forget_what_is_older(store: Store):
    for minute, value in enumerate((200, 90, 110, 105)):
        for figure in (value, value - 1, value + 1):
            await store.write(
                lambda tx, f=figure, m=minute: tx.alerts.mark(PRICE, Decimal(f), 60, m * 60_000 + 5, 120_000)
            )
    assert await store.read(lambda tx: tx.alerts.marked(PRICE, 60, 60_000)) == Range(Decimal(89), Decimal(111))
    assert await store.read(lambda tx: tx.alerts.marked(PRICE, 60, 180_000)) == Range(Decimal(104), Decimal(106))
    assert await store.read(lambda tx: tx.alerts.marked(PRICE, 60, 0)) == Range(Decimal(89), Decimal(111))
    assert await store.read(lambda tx: tx.alerts.marked(PRICE, 900, 0)) is None
