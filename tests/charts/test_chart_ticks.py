"""Labels are round, exact and short."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.ticks import moment_text, percent_text, price_text, short_text, time_labels, value_labels

UTC_ZONE = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("67412.384", "67,412.38"),
        ("3.48212", "3.4821"),
        ("9.99996", "10.00"),
        ("0.024181", "0.02418"),
        ("0.5", "0.5000"),
        ("0.0001834", "0.0001834"),
        ("0.00001834", "0.0₄1834"),
        ("0.0000001834", "0.0₆1834"),
        ("1E-12", "0.0₁₁1000"),
        ("12345678", "12.3M"),
        ("0", "0.00"),
    ],
)
def test_a_price_is_written_by_the_house_rule(value, text):
    assert price_text(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1330000000000", "1.33T"),
        ("28400000000", "28.4B"),
        ("999950", "1.00M"),
        ("999499", "999K"),
        ("12.34", "12.3"),
        ("0.02418", "0.02418"),
        ("0", "0"),
        ("1E+16", "10,000T"),
    ],
)
def test_a_cap_has_three_digits_and_a_unit(value, text):
    assert short_text(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("2.136", "+2.14%"), ("-1.05", "-1.05%"), ("-0.004", "0.00%"), ("1234.5", "+1,234.50%"), ("2E+7", "+20.0M%")],
)
def test_a_change_has_its_sign_and_nothing_has_none(value, text):
    assert percent_text(Decimal(value)) == text


amounts = st.decimals(0, 10**14, allow_nan=False, places=14)


@given(amounts, amounts)
def test_value_labels_are_few_in_order_in_range_and_exact(one, other):
    low, high = sorted((one, other))
    if high - low <= high * Decimal("1e-12"):
        return
    labels = value_labels(low, high)
    values = [value for value, _ in labels]
    assert values == sorted(set(values))
    assert 2 <= len(labels) <= 7
    assert low <= values[0]
    assert values[-1] <= high
    assert len({text for _, text in labels}) == len(labels)
    for value, text in labels:
        if text[-1].isdigit() and max(text) < "₀":
            assert Decimal(text.replace(",", "")) == value


def test_labels_of_large_values_share_a_unit():
    assert [text for _, text in value_labels(Decimal("1.28E12"), Decimal("1.51E12"))] == [
        "1.30T", "1.35T", "1.40T", "1.45T", "1.50T",
    ]  # fmt: skip


zones = st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
spans = st.sampled_from(
    [60.0, 3600.0, 86400.0, 7 * 86400.0, 30 * 86400.0, 91 * 86400.0, 366 * 86400.0, 16 * 366 * 86400.0]
)


@given(st.integers(10**9, 4 * 10**9), spans, zones)
def test_time_labels_are_what_a_wall_clock_shows(first, span, zone):
    labels = time_labels(first, first + span, ZoneInfo(zone))
    assert len(labels) <= 10
    times = [at for at, _ in labels]
    assert times == sorted(times)
    for at, text in labels:
        assert first <= at <= first + span
        local = datetime.fromtimestamp(at, ZoneInfo(zone))
        assert text in {f"{local:{shape}}" for shape in ("%H:%M", "%m-%d", "%Y-%m", "%Y")}


@pytest.mark.parametrize("days", [1, 7, 30, 91, 365, 16 * 365])
def test_every_period_has_enough_labels(days):
    last = datetime(2026, 11, 21, 10, 40, tzinfo=UTC).timestamp()
    assert 4 <= len(time_labels(last - days * 86400, last, UTC_ZONE)) <= 9


def test_an_hour_the_clocks_skip_is_not_labelled_and_those_beside_it_are():
    start = datetime(2026, 3, 8, 5, tzinfo=UTC).timestamp()
    texts = [text for _, text in time_labels(start, start + 6 * 3600, ZoneInfo("America/New_York"))]
    assert "02:00" not in texts
    assert {"01:00", "03:00"} <= set(texts)


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", "2026-11-21 10:40 UTC"),
        ("Asia/Shanghai", "2026-11-21 18:40 UTC+8"),
        ("Asia/Kolkata", "2026-11-21 16:10 UTC+5:30"),
        ("America/St_Johns", "2026-11-21 07:10 UTC-3:30"),
    ],
)
def test_a_moment_names_its_offset(zone, text):
    assert moment_text(datetime(2026, 11, 21, 10, 40, tzinfo=UTC).timestamp(), ZoneInfo(zone)) == text
