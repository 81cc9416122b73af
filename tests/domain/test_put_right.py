"""What is offered in place of an order that cannot be fits what the first one did not."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.errors import NotOffered
from bot.domain.intents import Wish
from bot.domain.orders import Market, Side, Wallet
from bot.domain.put_right import nearest
from bot.domain.sizing import Size, check_limits, sized

PRICE = Decimal("67000.5")
MARKET = Market(
    "BTC/USDT", "BTC", "USDT", Decimal("0.00001"), price_step=Decimal("0.01"), least_amount=Decimal("0.0001"),
    most_amount=Decimal(9), least_cost=Decimal(10), most_cost=Decimal(100_000),
)  # fmt: skip
amounts = st.decimals(Decimal("0.00000001"), Decimal(1000), places=8)
prices = st.one_of(st.none(), st.decimals(Decimal("0.01"), Decimal(200_000), places=2))


def bought(amount=None, price=None, **more) -> Wish:
    return Wish(Side.BUY, "BTC/USDT", amount=amount, price=price, **more)


def read(line: str) -> tuple[Decimal, Decimal | None]:
    """Amount and price of a suggested line."""
    words = line.split()
    return Decimal(words[1]), Decimal(words[words.index("@") + 1]) if "@" in words else None


@given(amounts, prices)
def test_what_is_suggested_for_a_size_that_does_not_fit_fits(amount, price):
    wish, size = bought(amount, price), None
    with pytest.raises(NotOffered) as refused:  # noqa: PT012  # either of the two refuses
        size = sized(wish, MARKET, PRICE, Decimal(0), by_cost=False)
        check_limits(size, MARKET, PRICE)
        assume(False)  # noqa: FBT003
    for text, line in nearest(refused.value, wish, MARKET, PRICE, size):
        put_right, at = read(line)
        assert text == f"{put_right:f} BTC"
        assert at == price
        fitting = sized(bought(put_right, at), MARKET, PRICE, Decimal(0), by_cost=False)
        check_limits(fitting, MARKET, PRICE)
        assert fitting.amount == put_right


@given(amounts, prices, st.decimals(Decimal(1), Decimal(5000), places=2), st.booleans())
def test_what_is_suggested_above_a_limit_keeps_it(amount, price, most, by_day):
    wish = bought(amount, price)
    total = amount * (price or PRICE)
    assume(total > most)
    used = Decimal("0.5") if by_day else Decimal(0)
    key = "order.over_day" if by_day else "order.over_limit"
    refused = NotOffered(key, usd=total, used=used, most=most)
    for _, line in nearest(refused, wish, MARKET, PRICE, Size(amount, None, price, total)):
        put_right, at = read(line)
        assert put_right * (at or PRICE) + used <= most


def test_an_order_of_a_cost_is_put_right_too():
    refused = NotOffered("order.over_limit", usd=Decimal(2000), most=Decimal(1000))
    wish = Wish(Side.BUY, "BTC/USDT", cost=Decimal(2000))
    ((text, line),) = nearest(refused, wish, MARKET, PRICE, Size(None, Decimal(2000), None, Decimal(2000)))
    assert (text, line) == ("0.01477 BTC", "buy 0.01477 BTC/USDT")


def test_where_what_there_is_does_not_do_all_of_it_is_suggested():
    refused = NotOffered("order.balance_short", need=Decimal(5), have=Decimal(2), asset="USDT")
    assert nearest(refused, bought(Decimal(1), Decimal(5)), MARKET, PRICE, None) == (("100%", "buy 100% BTC/USDT @ 5"),)
    nothing = NotOffered("order.balance_short", need=Decimal(5), have=Decimal(0), asset="USDT")
    assert nearest(nothing, bought(Decimal(1)), MARKET, PRICE, None) == ()


def test_the_key_and_the_wallet_that_were_meant_are_named():
    wish = bought(Decimal(100), vendor="bitfinex", label="mine", wallet=Wallet.MARGIN)
    refused = NotOffered("order.too_large", most=Decimal(9), base="BTC")
    market = Market("BTC/USDT", "BTC", "USDT", Decimal("0.00001"), price_step=Decimal("0.01"), most_amount=Decimal(9))
    ((_, line),) = nearest(refused, wish, market, PRICE, None)
    assert line == "buy 9 BTC/USDT on mine margin"
    several = bought(Decimal(100), vendor="bitfinex", label="my own")
    assert nearest(refused, several, market, PRICE, None)[0][1] == "buy 9 BTC/USDT on bitfinex"


@pytest.mark.parametrize("key", ["order.price_far", "order.no_usd", "order.market_far", "order.no_margin"])
def test_what_no_other_size_cures_suggests_none(key):
    assert nearest(NotOffered(key), bought(Decimal(1)), MARKET, PRICE, None) == ()


def test_no_room_left_today_suggests_nothing():
    refused = NotOffered("order.over_day", usd=Decimal(100), used=Decimal(500), most=Decimal(500))
    assert nearest(refused, bought(Decimal(1)), MARKET, PRICE, Size(Decimal(1), None, None, PRICE)) == ()
