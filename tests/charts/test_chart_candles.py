"""Pictures of candles and of a book: of the one size, true to what they show; nothing an exchange tells breaks them."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_chart_lines import assert_is_picture, columns_with, pixels

from bot.charts import Charts, candles, depth, sheet
from bot.charts.border import Book, Candles
from bot.domain.errors import Unavailable
from bot.domain.orders import Candle, Depth, Market

START = datetime(2026, 11, 16, tzinfo=UTC)
MARKET = Market("BTC/USDT", "BTC", "USDT", Decimal("0.00001"))


def made(closes, *, step_s=3600):
    """Candles that each open where the one before closed."""
    opens = [closes[0], *closes[:-1]]
    return [
        Candle(START + timedelta(seconds=step_s * n), o, max(o, c) + 1, min(o, c) - 1, c, Decimal(5 + n % 3))
        for n, (o, c) in enumerate(zip(opens, closes, strict=True))
    ]


def drawn(found, *, step_s=3600, zone="UTC", title="BTC/USDT · 1h"):
    block = Candles.of(found, step_s=step_s, source="Binance", base="BTC", quote="USDT")
    return candles.draw(block, title=title, zone=zone)


def book(bids, asks):
    sides = [tuple((Decimal(price), Decimal(amount)) for price, amount in side) for side in (bids, asks)]
    return Book.of(Depth("BTC/USDT", *sides, START), source="Binance", base="BTC", quote="USDT")


def wander(count):
    chance, value = random.Random(7), 60000  # noqa: S311  a price, not a secret
    return [Decimal(value := value + chance.randint(-300, 300)) for _ in range(count)]


figures = st.decimals(-1, 10**14, allow_nan=False) | st.sampled_from(
    [Decimal(text) for text in ("NaN", "1E-12", "1E+13", "Infinity", "1E+5000")]
)


@pytest.mark.parametrize("count", [1, 2, 30, 300])
def test_candles_are_a_small_png_however_many(count):
    assert_is_picture(drawn(made(wander(count))))


def test_what_rises_is_green_and_what_falls_is_red():
    rise, fall = (drawn(made([Decimal(each) for each in way])) for way in (range(100, 150), range(150, 100, -1)))
    assert len(columns_with(rise, sheet.UP)) > 300
    assert len(columns_with(rise, sheet.DOWN)) == 0
    assert len(columns_with(fall, sheet.DOWN)) > 300


def test_a_missing_candle_is_a_gap():
    whole = made([Decimal(each) for each in range(100, 140)])
    gaps = [max(np.diff(columns_with(drawn(found), sheet.UP))) for found in (whole, whole[:15] + whole[25:])]
    assert gaps[0] < 15
    assert gaps[1] > 150


def test_a_candle_that_lies_outside_its_own_ends_is_widened_to_hold_them():
    odd = Candle(START, Decimal(10), Decimal(9), Decimal(11), Decimal(12), Decimal(1))
    (shape,) = candles.Shape(Candles.of([odd], step_s=60, source="", base="", quote="")).candles
    assert (shape.low, shape.high) == (Decimal(9), Decimal(12))


@given(
    st.lists(st.tuples(figures, figures, figures, figures, figures), min_size=1, max_size=6),
    st.sampled_from([60, 3600, 604_800]),
    st.sampled_from(["UTC", "Asia/Shanghai", "../etc/passwd", "Mars/Olympus"]),
    st.text(max_size=40),
)
@settings(deadline=None, max_examples=40)
def test_no_candles_make_drawing_fail(rows, step_s, zone, title):
    found = [Candle(START + timedelta(seconds=step_s * n), *row) for n, row in enumerate(rows)]
    block = Candles.of(found, step_s=step_s, source="Binance", base="BTC", quote="USDT")
    if not block.rows():
        with pytest.raises(Unavailable):
            candles.draw(block, title=title, zone=zone)
    else:
        assert_is_picture(candles.draw(block, title=title, zone=zone))


def test_bids_stand_left_and_asks_right_of_the_middle():
    png = depth.draw(book([(100 - n, 1) for n in range(20)], [(101 + n, 1) for n in range(20)]), title="", zone="UTC")
    assert_is_picture(png)
    bids, asks = columns_with(png, sheet.UP), columns_with(png, sheet.DOWN)
    assert max(bids) < min(asks)
    assert len(bids) > 300


def test_both_sides_reach_as_far_as_the_shorter_one():
    shape = depth.Shape(book([(100, 1), (90, 1)], [(102, 1), (202, 5)]))
    assert (shape.middle, shape.reach) == (Decimal(101), Decimal(11))
    assert shape.most == 2
    assert shape.spread == Decimal(200) / 101 or shape.spread.quantize(Decimal("0.01")) == Decimal("1.98")


@given(st.lists(st.tuples(figures, figures), max_size=8), st.lists(st.tuples(figures, figures), max_size=8))
@example([(Decimal("13002755.911979383277610588146"), Decimal("1E-12"))], [])
@settings(deadline=None, max_examples=60)
def test_no_book_makes_drawing_fail(bids, asks):
    block = Book.of(Depth("", tuple(bids), tuple(asks), START), source="", base="", quote="")
    if not block.side("bids") and not block.side("asks"):
        with pytest.raises(Unavailable):
            depth.draw(block, title="", zone="UTC")
    else:
        assert_is_picture(depth.draw(block, title="", zone="UTC"))


async def test_the_worker_draws_both_and_the_same_again_only_once():
    charts = Charts()
    try:
        about = {"title": "BTC/USDT", "source": "Binance"}
        for _ in range(2):
            first = await charts.candles(made(wander(20)), MARKET, every=timedelta(hours=1), **about)
            second = await charts.depth(Depth("BTC/USDT", ((Decimal(9), Decimal(1)),), (), START), MARKET, **about)
        assert first.content == drawn(made(wander(20)), title="BTC/USDT")
        assert_is_picture(second.content)
        assert (charts.counts.drawn, charts.counts.shared) == (2, 2)
        for nothing in (charts.candles([], MARKET, every=timedelta(hours=1), **about),
                        charts.depth(Depth("", (), (), START), MARKET, **about)):  # fmt: skip
            with pytest.raises(Unavailable):
                await nothing
    finally:
        await charts.close()


def test_times_stand_in_the_readers_zone():
    found = made(wander(30))
    assert not np.array_equal(pixels(drawn(found)), pixels(drawn(found, zone="Asia/Shanghai")))
