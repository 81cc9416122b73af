"""What crosses the border comes out as it went in."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from chart_series import START, series
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.border import Column, framed, pack, read, unpack
from bot.domain.prices import Point

points = st.lists(
    st.tuples(st.integers(0, 10**15), st.none() | st.decimals(-(10**20), 10**20, allow_nan=False)),
    unique_by=lambda pair: pair[0],
).map(lambda pairs: [Point(START + timedelta(microseconds=us), value) for us, value in sorted(pairs)])


@given(points)
def test_times_to_the_microsecond_and_values_to_the_last_digit(some):
    column = unpack(read(io.BytesIO(pack(Column.of(series(some)))).read))
    lines = [None if line is None else Decimal(line) for line in column.lines()]
    assert lines == [point.value for point in some]
    assert column.times_us().tolist() == [
        round(START.timestamp()) * 10**6 + (point.at - START) // timedelta(microseconds=1) for point in some
    ]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1E+1000000", "1E-1000000"])
def test_what_no_price_can_be_is_a_gap(value):
    assert Column.of(series([Point(START, Decimal(value))])).lines() == [None]


@pytest.mark.parametrize("value", ["0", "1E-12", "1E+13", "0E-10"])
def test_what_a_price_can_be_is_not_a_gap_and_has_no_exponent(value):
    (line,) = Column.of(series([Point(START, Decimal(value))])).lines()
    assert Decimal(line) == Decimal(value)
    assert "E" not in line


def test_equal_content_is_one_key_whenever_it_was_fetched():
    first = series([Point(START, Decimal("1.0"))])
    again = series([Point(START, Decimal("1.0"))], fetched_at=START)
    other = series([Point(START, Decimal("1.1"))])
    assert hash(Column.of(first)) == hash(Column.of(again))
    assert Column.of(first) == Column.of(again) != Column.of(other)


def test_a_frame_cut_short_is_the_end_and_a_whole_one_is_not():
    whole = framed(b"abc")
    assert read(io.BytesIO(whole).read) == b"abc"
    for length in range(len(whole)):
        with pytest.raises(EOFError):
            read(io.BytesIO(whole[:length]).read)
