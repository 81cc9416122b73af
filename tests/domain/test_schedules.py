"""Schedules: one a day or a week by the clock of a place, whatever that clock does."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.schedules import Schedule, after, due, moment_of

BERLIN = "Europe/Berlin"
ZONES = (
    *(
        BERLIN,
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Asia/Kolkata",
        "America/St_Johns",
        "UTC",
    ),
    *("Pacific/Apia", "Pacific/Kwajalein", "America/Sao_Paulo", "Asia/Tehran"),
)
schedules = st.builds(
    Schedule, st.just(1), st.none() | st.integers(0, 6), st.times().map(lambda at: time(at.hour, at.minute)),
    st.sampled_from(ZONES),
)  # fmt: skip
moments = st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # Hypothesis adds it


def half_past_two(day: str) -> list[str]:
    """When 02:30 in Berlin fires around this day, by that place's clock."""
    schedule, moment = (
        Schedule(1, None, time(2, 30), BERLIN),
        datetime.fromisoformat(f"{day}T12:00Z") - timedelta(days=2),
    )
    fired = []
    for _ in range(3):
        moment = after(schedule, moment).at
        fired.append(f"{moment.astimezone(ZoneInfo(BERLIN)):%m-%d %H:%M %z}")
    return fired


def test_an_hour_that_comes_twice_fires_once():
    assert half_past_two("2026-10-25") == ["10-24 02:30 +0200", "10-25 02:30 +0200", "10-26 02:30 +0100"]


def test_an_hour_that_is_left_out_fires_once_and_later():
    assert half_past_two("2026-03-29") == ["03-28 02:30 +0100", "03-29 03:30 +0200", "03-30 02:30 +0200"]


def test_a_day_that_is_left_out_fires_with_its_neighbour():
    schedule = Schedule(1, None, time(9), "Pacific/Apia")
    moment, days = datetime(2011, 12, 28, tzinfo=UTC), []
    for _ in range(4):
        one = after(schedule, moment)
        moment = one.at
        days.append(one.day.day)
    assert days == [28, 29, 30, 1]  # the 30th never was there: its morning is the 31st's


@given(schedules, moments)
def test_the_next_one_is_later_and_none_lies_between(schedule: Schedule, moment: datetime):
    found = after(schedule, moment)
    assert found.at > moment
    assert found.at - moment <= timedelta(days=1 if schedule.weekday is None else 7, hours=26)
    between = moment + (found.at - moment) / 2
    assert after(schedule, between) == found


@given(schedules, moments, st.integers(2, 40))
def test_no_date_is_served_twice_and_none_is_left_out(schedule: Schedule, moment: datetime, count: int):
    days: list[date] = []
    for _ in range(count):
        one = after(schedule, moment)
        moment = one.at
        days.append(one.day)
    assert len(set(days)) == len(days)
    step = timedelta(days=1 if schedule.weekday is None else 7)
    steps = [later - sooner for sooner, later in pairwise(days)]
    skipping = schedule.zone in {"Pacific/Apia", "Pacific/Kwajalein"}
    assert all(one == step or (skipping and one == 2 * step) for one in steps)


@given(schedules, moments, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_after_a_long_sleep_the_last_one_missed_is_due_and_the_next_is_to_come(schedule, moment, slept):
    first = after(schedule, moment)
    now = first.at + slept
    last, following = due(schedule, first.at, now)
    assert last.at <= now < following.at
    assert after(schedule, last.at) == following


@given(schedules, moments)
def test_it_fires_at_the_time_that_was_set_where_the_clock_shows_it(schedule: Schedule, moment: datetime):
    found = after(schedule, moment)
    shown = found.at.astimezone(ZoneInfo(schedule.zone))
    if (shown.date(), shown.time()) != (found.day, schedule.at):
        # The clock never showed it: as it stood before the gap, it would have been this very moment.
        before = (found.at - timedelta(hours=25)).astimezone(ZoneInfo(schedule.zone)).utcoffset()
        assert shown.utcoffset() != before


def test_a_moment_is_utc():
    assert moment_of(date(2026, 7, 1), time(9), BERLIN) == datetime(2026, 7, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
def test_a_year_of_days_has_a_year_of_occurrences(zone):
    schedule, moment, count = Schedule(1, None, time(2, 30), zone), datetime(2026, 1, 1, 12, tzinfo=UTC), 0
    while (moment := after(schedule, moment).at) <= datetime(2027, 1, 1, 12, tzinfo=UTC):
        count += 1
    assert count == 365
