"""Lines of /alert: what is meant is read, what could mean two things is asked about, nothing breaks it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alerts import LARGEST, Alert, Way
from bot.domain.errors import UserMistake
from bot.domain.prices import Field
from bot.texts import Catalogue
from bot.views.alerts import line_of
from handlers._alert_line import DAYS, Line, number, read
from tests.still_clock import START
from tests.views.alert_samples import TOTAL, alert

HOUR, DAY = 3600, 86_400
TEXTS = Catalogue.load().pick("en")


def line(typed: str, zone: str = "UTC") -> Line:
    return read(typed.split(), now=START, zone=zone)


def refused(typed: str) -> UserMistake:
    with pytest.raises(UserMistake) as told:
        line(typed)
    return told.value


@pytest.mark.parametrize(
    ("typed", "coin", "way", "target"),
    [
        ("btc > 70000", "BTC", Way.ABOVE, "70000"), ("btc>70000", "BTC", Way.ABOVE, "70000"),
        ("BTC >= $70k", "BTC", Way.ABOVE, "70000"), ("btc above 70,000", "BTC", Way.ABOVE, "70000"),
        ("btc is over 70000 usd", "BTC", Way.ABOVE, "70000"), ("eth < 1,234,567.8", "ETH", Way.BELOW, "1234567.8"),
        ("eth below 3k", "ETH", Way.BELOW, "3000"), ("pepe under .0000001", "PEPE", Way.BELOW, "0.0000001"),
        ("btc 高于 7万", "BTC", Way.ABOVE, "70000"), ("=UNICORN<=0.04", "=UNICORN", Way.BELOW, "0.04"),
        ("1inch > 2", "1INCH", Way.ABOVE, "2"), ("in > 2", "IN", Way.ABOVE, "2"), ("cap > 2", "CAP", Way.ABOVE, "2"),
        ("btc at 70000", "BTC", None, "70000"), ("btc 70000", "BTC", None, "70000"),
        ("> 72000", "", Way.ABOVE, "72000"),
        ("72000", "", None, "72000"),
    ],
)  # fmt: skip
def test_a_level(typed: str, coin: str, way: Way | None, target: str):
    assert line(typed) == Line(coin, Field.PRICE, way, Decimal(target))


@pytest.mark.parametrize(
    ("typed", "coin", "target"),
    [
        ("total cap > 3T", "=SUM_ALL_COINS", "3000000000000"), ("total > 3.25t", "=SUM_ALL_COINS", "3250000000000"),
        ("market cap > 3000b", "=SUM_ALL_COINS", "3000000000000"), ("btc cap > 2T", "BTC", "2000000000000"),
        ("总市值 > 3万亿", "=SUM_ALL_COINS", "3000000000000"), ("eth 市值 > 5000亿", "ETH", "500000000000"),
    ],
)  # fmt: skip
def test_a_cap(typed: str, coin: str, target: str):
    assert line(typed) == Line(coin, Field.CAP, Way.ABOVE, Decimal(target))


@pytest.mark.parametrize(
    ("typed", "way", "percent", "window_s"),
    [
        ("btc +5% 1h", Way.RISE, "5", HOUR), ("btc -2.5% 30m", Way.FALL, "2.5", 1800),
        ("btc −3% 1d", Way.FALL, "3", DAY),
        ("btc 5% 4h", Way.MOVE, "5", 4 * HOUR), ("btc ±10%", Way.MOVE, "10", HOUR),
        ("btc +5% in 1h", Way.RISE, "5", HOUR),
        ("btc +/-5% within 15m", Way.MOVE, "5", 900), ("btc +0,5% 15min", Way.RISE, "0.5", 900),
    ],
)  # fmt: skip
def test_a_move(typed: str, way: Way, percent: str, window_s: int):
    assert line(typed) == Line("BTC", Field.PRICE, way, Decimal(percent), window_s)


@pytest.mark.parametrize(
    ("rest", "repeat_s", "until"),
    [
        ("", 0, None), ("once", 0, None), ("repeat", HOUR, None), ("repeat 30m", 1800, None), ("repeat 1d", DAY, None),
        ("until 3d", 0, "2026-11-24T12:00:00"), ("until tomorrow", 0, "2026-11-22T23:59:59"),
        ("until fri", 0, "2026-11-27T23:59:59"), ("until Friday 18:00", 0, "2026-11-27T18:00:00"),
        ("until sat", 0, "2026-11-21T23:59:59"), ("until 2026-12-01", 0, "2026-12-01T23:59:59"),
        ("until 2026-12-01 9:30 repeat 2h", 2 * HOUR, "2026-12-01T09:30:00"),
        ("repeat until fri", HOUR, "2026-11-27T23:59:59"), ("repeat 1h until 周五", HOUR, "2026-11-27T23:59:59"),
    ],
)  # fmt: skip
def test_how_often_and_how_long(rest: str, repeat_s: int, until: str | None):
    found = line(f"btc > 70000 {rest}")
    assert (found.repeat_s, found.until) == (
        repeat_s,
        datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None,
    )


def test_the_end_is_by_the_readers_clock():
    """Noon on Saturday in UTC is Saturday night in Tokyo, and Sunday on Kiritimati."""
    assert line("btc > 1 until today", "Asia/Tokyo").until == datetime(2026, 11, 21, 14, 59, 59, tzinfo=UTC)
    assert line("btc > 1 until today", "Pacific/Kiritimati").until == datetime(2026, 11, 22, 9, 59, 59, tzinfo=UTC)


def test_an_end_on_the_day_the_clocks_change_is_of_that_day():
    now = datetime(2026, 10, 24, 12, tzinfo=UTC)
    found = read(["btc", ">", "1", "until", "sun"], now=now, zone="Europe/Berlin")
    assert found.until == datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("btc >", "alert.how"), ("btc > x 5", "alert.how"), ("btc > 5 > 6", "alert.how"),
        ("btc > 5 +5% 1h", "alert.how"),
        ("btc +5% 1h 2h", "alert.how"), ("btc eth > 5", "alert.how"), ("", "alert.how"), (">", "alert.how"),
        ("btc > 0", "amount.unreadable"), ("btc > -5", "amount.unreadable"), ("btc > 5x", "amount.unreadable"),
        ("btc > 9999999999t", None), ("btc > 999999999999999t", None), ("btc +0% 1h", "alert.percent"),
        ("btc -101% 1h", "alert.percent"), ("btc +1001% 1h", "alert.percent"), ("btc +5% 5m", "alert.span"),
        ("btc +5% 25h", "alert.span"), ("btc +5% soon", "alert.span"), ("btc > 5 repeat 1m", "alert.span"),
        ("btc > 5 repeat 31d", "alert.span"), ("btc > 5 until", "alert.until_unreadable"),
        ("btc > 5 until someday", "alert.until_unreadable"), ("btc > 5 until 2026-11-20", "alert.until_unreadable"),
        ("btc > 5 until 2028-01-01", "alert.until_unreadable"), ("btc > 5 until fri 25:00", "alert.until_unreadable"),
        ("btc > 5 until fri 18:00 19:00", "alert.until_unreadable"), ("btc > 5 until 0d", "alert.until_unreadable"),
        (f"{'x' * 65} > 5", "symbol.unknown"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(typed: str, key: str | None):
    if key is None:
        assert line(typed).target <= LARGEST
    else:
        assert refused(typed).key == key


def test_a_number_that_can_be_read_in_two_ways_is_asked_about():
    told = refused("btc > 70,5k repeat 1h")
    assert told.key == "amount.unreadable"
    told = refused("btc > 7,05 repeat 1h")
    assert told.key == "amount.ambiguous"
    assert [command for _, command in told.suggestions] == ["alert btc > 705 repeat 1h", "alert btc > 7.05 repeat 1h"]


@pytest.mark.parametrize("typed", ["0,150", "00,150", "0150,000"])
def test_a_comma_after_nothing_is_no_thousands_sign(typed: str):
    with pytest.raises(UserMistake):
        number(typed)


def test_a_canonical_line_is_read_as_what_it_says():
    def said(way: Way) -> list[Alert]:
        whole = alert(way, "2.5", TOTAL, Field.CAP)
        return [alert(way, "2.5", repeat_s=1800), alert(way, "2.5", field=Field.CAP), whole]

    for way in Way:
        for one in said(way):
            found = line(line_of(one))
            assert found.way is way
            assert found.condition(way) == one.wants


@given(st.decimals(min_value=Decimal("1E-18"), max_value=10**14, places=18).filter(bool))
def test_every_number_keeps_every_digit(value: Decimal):
    assert number(f"{value:f}") == value


KNOWN = (
    "btc total cap > < >= above below +5% -5% ±5% 5% 1h 30m 70k 3T 7万 70,000 7,05 repeat until once fri 3d",
    "tomorrow 2026-12-01 18:00 usd is at $ % , 周五",
)
WORDS = st.one_of(st.sampled_from(" ".join(KNOWN).split()), st.text(max_size=12))
MISTAKES = {
    *("alert.how", "alert.percent", "alert.span", "alert.until_unreadable"),
    *("amount.unreadable", "amount.ambiguous", "symbol.unknown"),
}


@given(st.lists(WORDS, max_size=8), st.sampled_from(["UTC", "Asia/Kathmandu", "Pacific/Kiritimati"]))
def test_whatever_is_typed_is_read_or_refused_kindly(words: list[str], zone: str):
    try:
        found = read(words, now=START, zone=zone)
    except UserMistake as mistake:
        if mistake.key not in MISTAKES or not TEXTS.has(mistake.key):
            raise
        return
    assert 0 < found.target <= LARGEST
    assert found.window_s == 0 or 900 <= found.window_s <= DAY
    assert found.repeat_s == 0 or 300 <= found.repeat_s <= 30 * DAY
    assert found.until is None or START < found.until <= START + timedelta(days=400)
    assert found.way is not None or not found.window_s


@given(st.sampled_from(DAYS), st.integers(0, 23), st.integers(0, 400))
def test_a_weekday_is_the_next_of_its_name(day: str, hour: int, days: int):
    now = START + timedelta(days=days)
    try:
        found = read(["btc", ">", "5", "until", day, f"{hour}:30"], now=now, zone="Europe/Berlin").until
    except UserMistake:
        assert now.astimezone(ZoneInfo("Europe/Berlin")).strftime("%a").lower() == day  # today, and past
        return
    assert found is not None
    assert timedelta(0) < found - now <= timedelta(days=7)
