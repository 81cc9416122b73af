"""How large an order is: rounding never adds, and what is too much or too far is refused."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.errors import UserMistake
from bot.domain.intents import Wish
from bot.domain.money import EXACT
from bot.domain.orders import Market, Side, Ticker
from bot.domain.sizing import Size, check_band, check_limits, percent, reference, sized
from tests.still_clock import START

SIDES = st.sampled_from(Side)
STEPS = st.sampled_from([Decimal(1).scaleb(-places) * times for places in range(9) for times in (1, 5)])
POSITIVE = st.decimals(min_value="1e-10", max_value="1e12", places=10, allow_nan=False, allow_infinity=False)
PRICES = st.decimals(min_value="1e-8", max_value="1e7", places=8, allow_nan=False, allow_infinity=False)
ZERO = Decimal(0)


@st.composite
def markets(draw) -> Market:
    by_digits = draw(st.booleans())
    return Market(
        "A/B", "A", "B", amount_step=draw(STEPS), price_step=None if by_digits else draw(STEPS),
        price_digits=5 if by_digits else None,
    )  # fmt: skip


@st.composite
def wishes(draw) -> Wish:
    name = draw(st.sampled_from(["amount", "cost", "share"]))
    value = draw(st.decimals(min_value="0.01", max_value=1, places=2)) if name == "share" else draw(POSITIVE)
    price = draw(st.none() | PRICES)
    return Wish(draw(SIDES), "A/B", price=price, **{name: value})


@given(markets(), wishes(), PRICES, POSITIVE, st.booleans())
def test_rounding_never_adds(market, wish, price_now, free, by_cost):
    try:
        size = sized(wish, market, price_now, free, by_cost=by_cost)
    except UserMistake:
        return
    if size.price is not None:
        assert size.price <= wish.price if wish.side is Side.BUY else size.price >= wish.price
    if wish.amount is not None:
        assert 0 < size.amount <= wish.amount
    if wish.cost is not None:
        assert size.total <= wish.cost
    if wish.share is not None and wish.side is Side.BUY:
        assert size.total <= free
    if wish.share is not None and wish.side is Side.SELL:
        assert size.amount <= free


@given(markets(), wishes(), PRICES, POSITIVE, st.booleans())
def test_what_is_sent_lies_on_the_steps_and_is_one_of_the_two(market, wish, price_now, free, by_cost):
    try:
        size = sized(wish, market, price_now, free, by_cost=by_cost)
    except UserMistake:
        return
    assert (size.amount is None) is not (size.cost is None)
    if size.amount is not None:
        assert EXACT.remainder(size.amount, market.amount_step) == 0
        assert f"{size.amount:f}" == f"{Decimal(f'{size.amount:f}'):f}"
        assert size.total == size.amount * (size.price or price_now)
    if size.price is not None:
        assert market.price(size.price, wish.side) == size.price
    assert size.cost is None or (by_cost and wish.side is Side.BUY and wish.price is None)


@given(markets(), POSITIVE, SIDES)
def test_a_step_takes_less_than_one_step(market, price, side):
    assume(market.price_step)
    assert abs(market.price(price, side) - price) < market.price_step


def _market(**more) -> Market:
    return Market("A/B", "A", "B", amount_step=Decimal("0.001"), price_step=Decimal("0.01"), **more)


def _size(amount: str, price: str | None, total: str) -> Size:
    return Size(Decimal(amount), None, price and Decimal(price), Decimal(total))


@pytest.mark.parametrize(
    ("limit", "key"),
    [
        ({"least_amount": Decimal(3)}, "order.too_small"),
        ({"most_amount": Decimal(1)}, "order.too_large"),
        ({"least_cost": Decimal(21)}, "order.cost_too_small"),
        ({"most_cost": Decimal(19)}, "order.cost_too_large"),
    ],
)
def test_the_exchanges_own_bounds_are_kept(limit, key):
    with pytest.raises(UserMistake) as told:
        check_limits(_size("2", "10", "20"), _market(**limit), Decimal(10))
    assert told.value.key == key


def test_what_just_fits_is_let_through():
    market = _market(least_amount=Decimal(2), most_amount=Decimal(2), least_cost=Decimal(20), most_cost=Decimal(20))
    check_limits(_size("2", "10", "20"), market, Decimal(10))
    check_limits(Size(None, Decimal(20), None, Decimal(20)), market, Decimal(10))


@pytest.mark.parametrize(("price", "warns"), [("105", False), ("105.01", True), ("95", False), ("94.99", True)])
def test_beyond_5_percent_from_the_median_the_card_warns(price, warns):
    assert check_band(_size("1", price, price), Decimal(100), Decimal(100)) is warns


@pytest.mark.parametrize(
    ("price", "now", "key"),
    [("150.01", "100", "order.price_far"), ("49.99", "100", "order.price_far"), (None, "110.01", "order.market_far")],
)
def test_far_beyond_it_is_taken_for_a_slip(price, now, key):
    with pytest.raises(UserMistake) as told:
        check_band(_size("1", price, "100"), Decimal(now), Decimal(100))
    assert told.value.key == key


@pytest.mark.parametrize(("price", "now"), [("150", "100"), ("50", "100"), (None, "110"), (None, "90")])
def test_just_within_it_is_not(price, now):
    assert check_band(_size("1", price, "100"), Decimal(now), Decimal(100))


def test_a_price_below_one_step_is_told():
    with pytest.raises(UserMistake) as told:
        sized(
            Wish(Side.BUY, "A/B", amount=Decimal(1), price=Decimal("0.009")), _market(), Decimal(1), ZERO, by_cost=True
        )
    assert told.value.key == "order.price_too_small"


def test_the_reference_is_what_the_other_side_offers():
    ticker = Ticker("x", "A/B", START, last=Decimal(10), bid=Decimal(9), ask=Decimal(11))
    assert (reference(ticker, Side.BUY), reference(ticker, Side.SELL)) == (11, 9)
    bare = Ticker("x", "A/B", START, last=Decimal(10))
    assert reference(bare, Side.BUY) == 10
    assert reference(Ticker("x", "A/B", START, last=None), Side.BUY) is None


def test_percent_is_signed():
    assert (percent(Decimal(99), Decimal(100)), percent(Decimal(101), Decimal(100))) == (-1, 1)
