"""Moments as people type them: a date or none, a time, a zone or none."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import UserMistake
from handlers import _moment as moment

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "when", "zone"),
    [
        ("2026-11-24 09:00 Europe/Berlin", "2026-11-24T08:00Z", "Europe/Berlin"),
        ("09:00 2026-11-24 berlin", "2026-11-24T08:00Z", "Europe/Berlin"),
        ("tomorrow 9.05", "2026-11-22T09:05Z", "UTC"),
        ("today 13:00", "2026-11-21T13:00Z", "UTC"),
        ("today 11:00", "2026-11-21T11:00Z", "UTC"),
        ("13:00", "2026-11-21T13:00Z", "UTC"),
        ("11:00", "2026-11-22T11:00Z", "UTC"),
        ("20:30 Asia/Tokyo", "2026-11-22T11:30Z", "Asia/Tokyo"),
        ("明天 09:00 Asia/Shanghai", "2026-11-22T01:00Z", "Asia/Shanghai"),
        ("9:00 new york", "2026-11-21T14:00Z", "America/New_York"),
    ],
)
def test_a_moment_is_read_by_the_clock_that_is_meant(typed: str, when: str, zone: str):
    assert moment.read(typed.split(), now=NOW, zone="UTC") == (datetime.fromisoformat(when), zone)


@pytest.mark.parametrize(
    "typed", ["", "soon", "24:00", "9:5", "2026-02-30 09:00", "09:00 atlantis", "2026-11-24", "9:00 9:00"]
)
def test_what_is_no_moment_is_said_kindly(typed: str):
    with pytest.raises(UserMistake):
        moment.read(typed.split(), now=NOW, zone="UTC")


@given(st.lists(st.text(min_size=1, max_size=20), max_size=5))
def test_whatever_is_typed_it_is_a_moment_or_a_mistake(words: list[str]):
    try:
        when, _ = moment.read(words, now=NOW, zone="Europe/Berlin")
    except UserMistake:
        return
    assert when.tzinfo is UTC


@given(st.times(), st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Tokyo"]))
def test_a_time_alone_is_the_next_one(at, zone):
    when, _ = moment.read([f"{at:%H:%M}", zone], now=NOW, zone="UTC")
    assert NOW < when <= NOW + timedelta(days=1, hours=1)
