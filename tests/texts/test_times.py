"""Ages in words, moments by the reader's clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_datetime
from hypothesis import given
from hypothesis import strategies as st

from bot.texts import Catalogue

CATALOGUE = Catalogue.load()
EN, ZH = CATALOGUE.pick("en").times, CATALOGUE.pick("zh").times
NOW = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "0 s", "0 秒"),
        (14.9, "14 s", "14 秒"),
        (59, "59 s", "59 秒"),
        (60, "1 min", "1 分钟"),
        (399, "6 min", "6 分钟"),
        (3599, "59 min", "59 分钟"),
        (3600 * 3, "3 h", "3 小时"),
        (3600 * 47, "47 h", "47 小时"),
        (3600 * 48, "2 d", "2 天"),
        (-5, "0 s", "0 秒"),
    ],
)
def test_an_age_is_told_in_its_largest_fitting_unit(seconds, english, chinese):
    assert (EN.age(seconds), ZH.age(seconds)) == (english, chinese)


@pytest.mark.parametrize(
    ("moment", "english", "chinese"),
    [
        (NOW, "13:00", "13:00"),
        (NOW - timedelta(days=3), "Nov 18, 13:00", "11月18日 13:00"),
        (NOW - timedelta(days=365), "Nov 21, 2025, 13:00", "2025年11月21日 13:00"),
    ],
)
def test_a_moment_is_told_by_the_readers_clock_with_as_much_date_as_needed(moment, english, chinese):
    told = {"now": NOW, "zone": "Europe/Berlin"}
    assert (EN.at(moment, **told), ZH.at(moment, **told)) == (english, chinese)


def test_the_day_is_the_readers_and_not_that_of_utc():
    late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert EN.at(late, now=NOW, zone="Asia/Tokyo") == "Nov 22, 08:30"


@pytest.mark.parametrize("zone", ["", "UTC", "No/Where", "../etc/passwd", "Europe"])
def test_utc_is_said_where_there_is_no_zone(zone):
    assert EN.at(NOW, now=NOW, zone=zone) == "12:00 UTC"


def test_utc_is_not_said_where_there_is_one():
    assert "UTC" not in EN.at(NOW, now=NOW, zone="Europe/London")


def test_a_deadline_is_told_with_what_is_left():
    deadline = NOW + timedelta(minutes=18, seconds=20)
    assert EN.until(deadline, now=NOW, zone="Asia/Shanghai") == "20:18 (in 18 min)"
    assert ZH.until(deadline, now=NOW, zone="Asia/Shanghai") == "20:18（18 分钟后）"


@pytest.mark.parametrize(("seconds", "said"), [(-1, "0 s"), (17, "17 s"), (119, "119 s"), (120, "2 min")])
def test_of_a_short_time_every_second_is_told(seconds, said):
    assert EN.left(seconds) == said
    assert f"(in {said})" in EN.until(NOW + timedelta(seconds=seconds), now=NOW)


def test_cities_have_names_in_the_readers_language():
    assert (EN.city("America/New_York"), ZH.city("America/New_York")) == ("New York", "纽约")


@given(
    st.integers(0, 24 * 365 * 86_400).map(
        lambda seconds: datetime(2000, 1, 2, tzinfo=UTC) + timedelta(seconds=seconds)
    ),
    st.sampled_from(["Europe/Berlin", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu"]),
)
def test_moments_of_other_years_agree_with_babel(moment, zone):
    pattern = {"en": "MMM d, y, HH:mm", "zh": "y年M月d日 HH:mm"}
    for times, code in ((EN, "en"), (ZH, "zh")):
        judged = format_datetime(moment, pattern[code], tzinfo=ZoneInfo(zone), locale=code)
        assert times.at(moment, now=NOW, zone=zone) == judged
