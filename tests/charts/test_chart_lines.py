"""Pictures: of one size, small, and true to what they show; nothing in a series makes drawing fail."""

import io
import struct
from decimal import Decimal

import numpy as np
import pytest
from chart_series import START, at, series, walk
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.charts import lines, sheet
from bot.charts.border import Column
from bot.domain.errors import Unavailable
from bot.domain.prices import Field, Period

PNG = b"\x89PNG\r\n\x1a\n"


def drawn(made, *, title="BTC · 7d", zone="UTC", volume=None):
    return lines.draw(Column.of(made), title=title, zone=zone, volume=Column.of(volume) if volume else None)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def columns_with(png, color):
    """Positions, left to right, where the plot has pixels of nearly this colour."""
    wanted = [int(color[n : n + 2], 16) for n in (1, 3, 5)]
    plot = pixels(png)[130:480, 36:820]
    return np.flatnonzero((abs(plot - wanted).sum(axis=2) < 60).any(axis=0))


def assert_is_picture(png):
    assert png.startswith(PNG)
    assert struct.unpack(">II", png[16:24]) == (1000, 560)
    assert len(png) < 80_000
    Image.open(io.BytesIO(png)).load()


@pytest.mark.parametrize("field", list(Field))
@pytest.mark.parametrize(("count", "period"), [(288, Period.DAY), (600, Period.MONTH), (1200, Period.ALL)])
def test_a_picture_of_every_field_is_a_small_png(count, period, field):
    made = walk(count, step_s=300 if period is Period.DAY else 43200, field=field, period=period)
    assert_is_picture(drawn(made, volume=walk(count, first=1e9, seed=2, field=Field.VOLUME)))


@given(
    st.lists(st.none() | st.decimals(-1, 10**14, allow_nan=False), min_size=1, max_size=12),
    st.sampled_from([1, 300, 86400, 400 * 86400]),
    st.sampled_from(list(Field)),
    st.text(max_size=60),
    st.sampled_from(["UTC", "Asia/Shanghai", "", "../etc/passwd", "Mars/Olympus", "America", "a\0b"]),
)
@settings(deadline=None, max_examples=50)
def test_no_series_no_title_and_no_zone_makes_drawing_fail(values, step_s, field, title, zone):
    made = series(at(values, step_s=step_s), field=field)
    volume = series(at(values[::-1], step_s=step_s), field=Field.VOLUME)
    if not made.values:
        with pytest.raises(Unavailable):
            drawn(made, title=title, zone=zone)
        return
    assert_is_picture(drawn(made, title=title, zone=zone, volume=volume))


@pytest.mark.parametrize(
    "values",
    [
        ["1E-12"],
        ["1E+13", "1.1E+13"],
        ["1E-12", "1E+13"],
        ["0", "0", "0"],
        ["1.5"] * 40,
        ["1", "1.0000000000000000001"],
        [None, "1", None, "2", None],
        ["0", "5"],
    ],
)
def test_odd_series_are_drawn(values):
    assert_is_picture(drawn(series(at(values))))


@pytest.mark.parametrize("values", [[], [None, None]])
def test_a_series_without_a_value_is_not_drawn(values):
    with pytest.raises(Unavailable) as none:
        drawn(series(at(values)))
    assert none.value.key == "chart.no_data"


def test_a_rise_is_green_and_a_fall_is_not():
    rise, fall = drawn(series(at(range(1, 50)))), drawn(series(at(range(50, 1, -1))))
    assert len(columns_with(rise, sheet.UP)) > 700
    assert len(columns_with(rise, sheet.DOWN)) == 0
    assert len(columns_with(fall, sheet.DOWN)) > 700
    assert len(columns_with(fall, sheet.UP)) == 0


def widest_hole(png):
    return max(np.diff(columns_with(png, sheet.UP)))


def test_a_gap_is_a_gap_whether_told_or_just_missing_and_a_slow_hour_is_not():
    whole = at(range(1, 101))
    told = [*whole[:40], *at([None] * 20, start=whole[40].at), *whole[60:]]
    told_short = [*whole[:40], *at([None] * 3, start=whole[40].at), *whole[43:]]
    missing = [*whole[:40], *whole[60:]]
    slow = [*whole[:40], *whole[43:]]
    assert widest_hole(drawn(series(whole))) < 5
    assert widest_hole(drawn(series(told))) > 130
    assert widest_hole(drawn(series(told_short))) > 20
    assert widest_hole(drawn(series(missing))) > 130
    assert widest_hole(drawn(series(slow))) < 5


def test_volume_stands_below_the_line():
    made = series(at(range(1, 50)))
    volume = series(at(["5"] * 49), field=Field.VOLUME)
    without, with_bars = pixels(drawn(made)), pixels(drawn(made, volume=volume))
    below = slice(420, 478)
    assert with_bars[below, 100:300, 2].mean() > without[below, 100:300, 2].mean() + 20


def test_an_unknown_zone_is_utc_and_a_known_one_is_not():
    made = walk(100)
    assert drawn(made, zone="Mars/Olympus") == drawn(made, zone="UTC") != drawn(made, zone="Asia/Shanghai")


def test_signs_the_font_lacks_are_left_out_and_those_it_has_are_not():
    made = walk(100)
    assert drawn(made, title="比 BTC 特") == drawn(made, title="BTC") != drawn(made, title="BTC Ω")


def test_dollar_signs_are_no_formula_not_even_a_broken_one():
    assert_is_picture(drawn(walk(50), title=r"$\frac$"))


def test_one_sample_has_no_change_and_two_have():
    one = lines.Shape(Column.of(series(at(["2"]))))
    two = lines.Shape(Column.of(series(at(["2", "3"]))))
    assert (one.change, two.change) == (None, Decimal(50))


def test_a_picture_does_not_depend_on_what_was_drawn_before():
    made = walk(80, seed=5)
    first = drawn(made)
    drawn(walk(80, seed=6), title="ETH", zone="Asia/Tokyo")
    assert drawn(made) == first


def test_samples_keep_their_time():
    assert lines.Shape(Column.of(walk(3))).samples[0][0] == START.timestamp()
