"""What an alert is after it was told, and how it travels in a notice."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alerts import BACK, LARGEST, Alert, Condition, Side, State, Way, of_plain
from bot.domain.assets import Asset, Symbol
from bot.domain.prices import Field

BTC = Asset(Symbol("BTC"), "BTC", "Bitcoin")
targets = st.decimals(min_value=Decimal("1E-15"), max_value=LARGEST, places=18)
levels = st.sampled_from([Way.ABOVE, Way.BELOW])
stored = st.builds(
    Alert, st.integers(1, 2**53), st.just(0), st.builds(Asset, st.text(max_size=9), st.text(max_size=9), st.text()),
    st.builds(
        Condition, st.sampled_from(Field), st.sampled_from(Way), targets, st.integers(0, 10**6), st.integers(0, 10**6),
        st.one_of(st.none(), st.integers(1, 4 * 10**9).map(lambda s: datetime.fromtimestamp(s, UTC))),
    ),
    st.sampled_from(State), st.booleans(), st.integers(0, 2**50), st.integers(0, 99), st.just(0), st.integers(0, 2**50),
)  # fmt: skip


def alert(way: Way, target: Decimal = Decimal(70_000), repeat_s: int = 0, window_s: int = 0) -> Alert:
    return Alert(1, 1, BTC, Condition(Field.PRICE, way, target, window_s, repeat_s))


@given(levels, targets)
def test_what_has_come_back_does_not_hold_and_is_not_much_further(way: Way, target: Decimal):
    wants = Condition(Field.PRICE, way, target)
    assert not wants.holds(wants.back)
    assert abs(wants.back - target) <= target * BACK + Decimal("1E-18")


@given(levels, targets, st.integers(300, 10**6), st.integers(0, 2**45))
def test_told_it_waits_for_the_way_back_and_then_for_the_pause(way: Way, target: Decimal, repeat_s: int, now_ms: int):
    before = alert(way, target, repeat_s)
    told = before.told(now_ms)
    assert (told.rests, told.due_at, told.edge, told.fired) == (True, 0, before.wants.back, 1)
    assert {before.side, told.side} == {Side.UP, Side.DOWN}
    rested = told.rested()
    assert (rested.side, rested.edge) == (before.side, target)
    assert rested.due_at == now_ms + repeat_s * 1000


@pytest.mark.parametrize("way", Way)
def test_told_once_it_has_ended(way: Way):
    told = alert(way, window_s=3600 if way.moves else 0).told(5)
    assert (told.state, told.ended_at, told.fired, told.rests) == (State.ENDED, 5, 1, False)


@pytest.mark.parametrize(("repeat_s", "due_s"), [(900, 3600), (7200, 7200)])
def test_a_move_is_not_told_again_before_its_time_has_passed(repeat_s: int, due_s: int):
    told = alert(Way.RISE, Decimal(5), repeat_s, 3600).told(0)
    assert (told.state, told.rests, told.due_at) == (State.ON, False, due_s * 1000)


@given(stored)
def test_what_a_notice_says_is_what_it_was(one: Alert):
    assert of_plain(one.plain) == replace(one, fired_at=0, ended_at=0)


@given(stored, st.data())
def test_a_notice_that_says_less_or_other_things_says_nothing(one: Alert, data):
    name = data.draw(st.sampled_from(sorted(one.plain)))
    assert of_plain({key: value for key, value in one.plain.items() if key != name}) is None
    assert of_plain(one.plain | {name: data.draw(st.sampled_from(["x", None, [], ["a"], 1.5]))}) is None
