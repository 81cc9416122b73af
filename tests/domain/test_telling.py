"""How a person is told: quiet hours by his own clocks, also where they are changed; and what nothing holds back."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.domain.notices import Notice
from bot.domain.telling import CHOSEN, TOPICS, Hold, Loudness, Mute, Quiet, Say, Topic, Wishes, topic_of, way

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca")
MINUTE = timedelta(minutes=1)
clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))
hours = st.builds(Quiet, clocks, clocks, st.booleans()).filter(lambda quiet: quiet.start != quiet.end)
years = st.integers(0, 2 * 365 * 24 * 60).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + n * MINUTE)
# Hours around the nights in which clocks are changed there.
CHANGES = {
    "Europe/Berlin": (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "America/New_York": (datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)),
    "Australia/Lord_Howe": (datetime(2026, 4, 4, 15, tzinfo=UTC), datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
}
changes = st.sampled_from([(zone, at) for zone, moments in CHANGES.items() for at in moments])
near_a_change = st.builds(
    lambda change, minutes: (change[0], change[1] + minutes * MINUTE), changes, st.integers(-36 * 60, 4 * 60)
)
anywhere = st.tuples(st.sampled_from(ZONES), years)
places = st.one_of(anywhere, near_a_change)
BERLIN = "Europe/Berlin"
NIGHT = Quiet(time(23), time(7))


def shown(moment: datetime, zone: str) -> time:
    return moment.astimezone(ZoneInfo(zone)).time()


@given(hours, places)
def test_it_is_quiet_exactly_while_the_readers_clock_shows_it(quiet: Quiet, place):
    zone, moment = place
    minutes = (shown(moment, zone).hour * 60 + shown(moment, zone).minute - _minutes(quiet.start)) % 1440
    assert quiet.at(moment, zone) == (minutes < (_minutes(quiet.end) - _minutes(quiet.start)) % 1440)


@given(hours, places)
@example(Quiet(time(23), time(2, 30)), (BERLIN, datetime(2026, 3, 28, 23, tzinfo=UTC)))
@example(Quiet(time(1, 30), time(2, 45)), (BERLIN, datetime(2026, 10, 24, 23, 50, tzinfo=UTC)))
@example(Quiet(time(2, 7), time(0)), (BERLIN, datetime(2026, 10, 25, 0, 59, tzinfo=UTC)))
def test_what_is_held_comes_at_the_first_minute_that_is_not_quiet(quiet: Quiet, place):
    zone, moment = place
    assume(quiet.at(moment, zone))
    end = quiet.ends(moment, zone)
    assert not quiet.at(end, zone)
    between = int((end - moment) / MINUTE)
    assert 0 < between <= 49 * 60  # the one minute in which he may be told may be skipped for a day
    assert all(quiet.at(moment + n * MINUTE, zone) for n in range(0, between, 7))
    assert quiet.at(end - MINUTE, zone) or end - MINUTE < moment


@given(hours, places)
def test_what_is_not_held_does_not_wait(quiet: Quiet, place):
    zone, moment = place
    assume(not quiet.at(moment, zone))
    assert quiet.ends(moment, zone) == moment


@pytest.mark.parametrize(
    ("evening", "morning"),
    [
        ("2026-03-28T22:30+00:00", "2026-03-29T05:00+00:00"),
        ("2026-10-24T21:30+00:00", "2026-10-25T06:00+00:00"),
        ("2026-11-21T22:30+00:00", "2026-11-22T06:00+00:00"),
    ],
)
def test_seven_is_seven_also_in_the_nights_that_are_longer_and_shorter(evening, morning):
    assert NIGHT.ends(datetime.fromisoformat(evening), BERLIN) == datetime.fromisoformat(morning)


def test_an_end_that_the_clocks_skip_is_when_they_skip_it():
    quiet = Quiet(time(23), time(2, 30))
    assert quiet.ends(datetime(2026, 3, 28, 23, tzinfo=UTC), BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)


@given(st.sampled_from(CHOSEN), st.sampled_from(Loudness), hours, places)
def test_what_needs_an_act_is_said_aloud_at_any_hour(topic, loudness, quiet, place):
    zone, moment = place
    wishes = Wishes(zone, dict.fromkeys(CHOSEN, loudness), quiet)
    assert way(None, wishes, moment) == Say(silent=False)
    found = way(topic, wishes, moment)
    if loudness is Loudness.OFF:
        assert found == Mute()
    elif not quiet.at(moment, zone):
        assert found == Say(silent=loudness is Loudness.SILENT)
    elif quiet.holds:
        assert found == Hold(quiet.ends(moment, zone))
    else:
        assert found == Say(silent=True)


def test_before_a_choice_progress_and_what_is_for_many_makes_no_sound():
    silent = {topic for topic in CHOSEN if way(topic, Wishes(), datetime(2026, 1, 1, tzinfo=UTC)) == Say(silent=True)}
    assert silent == {Topic.SWAPS, Topic.SUMMARIES, Topic.BROADCASTS}


@pytest.mark.parametrize("state", ["filled", "canceled"])
def test_an_order_that_ended_as_meant_may_wait(state):
    assert topic_of(Notice("order_ended", {"state": state})) is Topic.FILLS


@pytest.mark.parametrize("state", ["rejected", "expired", "unknown", ""])
def test_one_that_did_not_may_not(state):
    assert topic_of(Notice("order_ended", {"state": state})) is None


@pytest.mark.parametrize("stage", ["finished", "refunded"])
def test_a_swap_that_ended_well_may_wait(stage):
    assert topic_of(Notice("swap_told", {"stage": stage})) is Topic.SWAP_ENDS


@pytest.mark.parametrize("stage", ["failed", "hold", "overdue", "expired", "", "other"])
def test_one_that_needs_its_owner_may_not(stage):
    assert topic_of(Notice("swap_told", {"stage": stage})) is None


def test_a_card_that_asks_for_a_deposit_is_no_news():
    assert {topic_of(Notice("swap_card", {"stage": stage})) for stage in ("new", "waiting")} == {None}
    assert topic_of(Notice("swap_card", {"stage": "exchanging"})) is Topic.SWAPS


@pytest.mark.parametrize("zone", ["Nowhere/At_all", "", "../../etc/passwd", "Europe/Berlin\0"])
def test_a_zone_that_is_lost_keeps_nothing_back(zone):
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert way(Topic.NEWS, Wishes(zone, {}, Quiet(time(13), time(14), holds=True)), noon) == Say()
    assert Quiet(time(11), time(13)).ends(noon, zone) == noon + timedelta(hours=1)


ACTS = [
    "swap_nudge",
    "swap_alert",
    "key_frozen",
    "access_asked",
    "intent_unknown",
    "intent_needs_human",
    "intent_alert",
]


@pytest.mark.parametrize("kind", [*ACTS, "halt_changed", "no_such"])
def test_what_asks_for_an_act_is_on_no_topic(kind):
    assert kind not in TOPICS


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute
