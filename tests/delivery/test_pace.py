"""Pace: never more in a second than Telegram takes, urgent first, and a chat left alone when it asks."""

from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.pace import CHAT_BURST, GROUP_BURST, MOST_CHATS, PER_SECOND, Pace
from bot.domain.notices import Lane
from tests.still_clock import StillClock

BULK = (Lane.MONEY, Lane.ALERT, Lane.BROADCAST)


@pytest.fixture
def pace(still):
    return Pace(still)


@pytest.fixture
def still():
    return StillClock()


def most_in_a_window(times, seconds):
    return max((bisect_left(times, start + seconds - 1e-6) - n for n, start in enumerate(times)), default=0)


asks = st.lists(
    st.tuples(st.floats(0, 0.2), st.sampled_from(BULK), st.integers(-3, 60).filter(bool)), min_size=40, max_size=120
)


@given(asks)
def test_no_second_ever_has_more_than_the_budget(asks):
    clock = StillClock()
    pace = Pace(clock)
    went, by_chat = [], {}
    for pause_s, lane, chat in asks:
        clock.advance(pause_s)
        if pace.turn(lane, chat) <= 0:
            went.append(clock.monotonic())
            by_chat.setdefault(chat, []).append(clock.monotonic())
    assert most_in_a_window(went, 1) <= PER_SECOND
    for chat, times in by_chat.items():
        burst, per_second = (GROUP_BURST, 20 / 60) if chat < 0 else (CHAT_BURST, 1)
        for seconds in (1, 5, 20):
            assert most_in_a_window(times, seconds) <= burst + per_second * seconds


@given(st.sampled_from(BULK), st.integers(1, 5))
def test_who_waits_as_long_as_told_goes(lane, chats):
    clock = StillClock()
    pace = Pace(clock)
    for n in range(60):
        while (wait_s := pace.turn(lane, n % chats + 1)) > 0:
            assert wait_s < 2
            clock.advance(wait_s + 1e-9)


def test_a_broadcast_alone_keeps_to_nearly_the_whole_budget(pace, still):
    sent = 0
    while still.passed_s < 60:
        wait_s = pace.turn(Lane.BROADCAST, 1000 + sent)
        sent += wait_s <= 0
        still.advance(max(0, wait_s) + 1e-9 if wait_s > 0 else 0)
    assert 0.95 * PER_SECOND * 60 <= sent <= PER_SECOND * 61


def test_an_alert_finds_room_beside_a_broadcast_and_takes_what_gets_free_before_it(pace, still):
    while pace.turn(Lane.BROADCAST, still.passed_s + 10**6) <= 0:
        still.advance(0.001)
    assert pace.turn(Lane.ALERT, 1) == 0
    waiting = [2, 3]
    while waiting:
        still.advance(0.0005)
        assert pace.turn(Lane.BROADCAST, 4) > 0
        if pace.turn(Lane.ALERT, waiting[0]) <= 0:
            waiting.pop()
    assert still.passed_s < 2


def test_a_chat_may_burst_a_little_and_then_goes_second_by_second(pace, still):
    assert [pace.turn(Lane.ALERT, 5) for _ in range(3)] == [0, 0, 0]
    assert pace.turn(Lane.ALERT, 5) == pytest.approx(1)
    assert pace.turn(Lane.ALERT, 6) == 0
    still.advance(1)
    assert pace.turn(Lane.ALERT, 5) == 0
    assert pace.turn(Lane.ALERT, 5) > 0


def test_answers_are_held_up_by_nothing_but_a_refusal(pace, still):
    assert all(pace.turn(Lane.ANSWER, 5) == 0 for _ in range(100))
    pace.hold(5, 7)
    assert pace.turn(Lane.ANSWER, 5) == pytest.approx(7)
    assert pace.turn(Lane.MONEY, 5) == pytest.approx(7)
    assert pace.turn(Lane.ANSWER, 6) == 0
    still.advance(7)
    assert pace.turn(Lane.ANSWER, 5) == 0


def test_what_was_told_to_wait_took_nothing(pace, still):
    pace.hold(5, 100)
    for _ in range(50):
        assert pace.turn(Lane.MONEY, 5) > 0
    assert [pace.turn(Lane.MONEY, chat) for chat in range(10, 10 + PER_SECOND)] == [0] * PER_SECOND
    assert pace.turn(Lane.MONEY, 99) > 0
    still.advance(1)
    assert pace.turn(Lane.MONEY, 99) == 0


def test_it_remembers_only_so_many_chats(pace, still):
    for chat in range(1, MOST_CHATS + 100):
        still.advance(1)
        pace.turn(Lane.ALERT, chat)
        pace.hold(chat, 10**9)
    assert len(pace._chats) == len(pace._holds) == MOST_CHATS
