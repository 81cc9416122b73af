"""How large an order is: from what a person asks for to the exact figures shown and sent. Rounding never adds."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from bot.domain.errors import NotOffered, UserMistake
from bot.domain.intents import Wish
from bot.domain.money import EXACT
from bot.domain.orders import Market, Side, Ticker, plain

CENT = Decimal("0.01")
FAR = Decimal(5)
"""Percent between the price and the median of all sources from which on the card warns."""

LIMIT_TOO_FAR = Decimal(50)
MARKET_TOO_FAR = Decimal(10)
"""Percent from which on it is taken for a slip of the finger, or for a price that is wrong."""


@dataclass(frozen=True, slots=True)
class Size:
    """`amount` in base or `cost` in quote: one of them is sent, the other is None. `total`: what it comes to in quote.

    `price`: of a limit order, else None.
    """

    amount: Decimal | None
    cost: Decimal | None
    price: Decimal | None
    total: Decimal


def reference(ticker: Ticker, side: Side) -> Decimal | None:
    """What the next trade of this side would cost, as far as it is known."""
    offered = ticker.ask if side is Side.BUY else ticker.bid
    price = offered or ticker.last
    return price if price and price > 0 else None


def sized(wish: Wish, market: Market, price_now: Decimal, free: Decimal, *, by_cost: bool) -> Size:
    """`free`: of the quote for a buy, of the base for a sell; only asked for where a share of it is wished for.

    `by_cost`: a market buy may be sent as what it may cost. Raises NotOffered where it is less than one step.
    """
    price = None if wish.price is None else market.price(wish.price, wish.side)
    if price is not None and price <= 0:
        raise NotOffered("order.price_too_small", step=market.price_step or CENT, quote=market.quote)
    at = price or price_now
    amount, cost = _wished(wish, free)
    if cost is not None and by_cost and wish.price is None and wish.side is Side.BUY:
        cost = _down(cost, min(market.price_step or CENT, CENT))
        if cost <= 0:
            raise NotOffered("order.cost_too_small", least=market.least_cost or CENT, yours=cost, quote=market.quote)
        return Size(None, cost, None, cost)
    wanted = amount if amount is not None else EXACT.divide(cost or Decimal(0), at)
    rounded = market.amount(wanted)
    if rounded <= 0:
        raise NotOffered("order.too_small", least=market.least_amount or market.amount_step, base=market.base)
    return Size(rounded, None, price, plain(EXACT.multiply(rounded, at)))


def check_limits(size: Size, market: Market, price_now: Decimal) -> None:
    """The exchange's own bounds. Raises NotOffered."""
    amount = size.amount if size.amount is not None else EXACT.divide(size.total, price_now)
    if market.least_amount is not None and size.amount is not None and amount < market.least_amount:
        raise NotOffered("order.too_small", least=market.least_amount, base=market.base)
    if market.most_amount is not None and amount > market.most_amount:
        raise NotOffered("order.too_large", most=market.most_amount, base=market.base)
    if market.least_cost is not None and size.total < market.least_cost:
        raise NotOffered("order.cost_too_small", least=market.least_cost, yours=size.total, quote=market.quote)
    if market.most_cost is not None and size.total > market.most_cost:
        raise NotOffered("order.cost_too_large", most=market.most_cost, yours=size.total, quote=market.quote)


def check_band(size: Size, price_now: Decimal, median: Decimal) -> bool:
    """Whether the card shall warn. Raises NotOffered where the price is too far from what all sources say."""
    away = abs(percent(size.price or price_now, median))
    if size.price is not None and away > LIMIT_TOO_FAR:
        raise NotOffered("order.price_far", price=size.price, median=median, percent=away.quantize(CENT))
    if size.price is None and away > MARKET_TOO_FAR:
        raise NotOffered("order.market_far", price=price_now, median=median, percent=away.quantize(CENT))
    return away > FAR


def percent(price: Decimal, base: Decimal) -> Decimal:
    """How far `price` lies from `base`, in percent, signed."""
    return EXACT.divide((price - base) * 100, base)


def _wished(wish: Wish, free: Decimal) -> tuple[Decimal | None, Decimal | None]:
    if sum(value is not None for value in (wish.amount, wish.cost, wish.share)) != 1:
        raise UserMistake("order.amount_missing")
    if wish.share is None:
        return wish.amount, wish.cost
    part = EXACT.multiply(free, min(wish.share, Decimal(1)))
    return (None, part) if wish.side is Side.BUY else (part, None)


def _down(value: Decimal, step: Decimal) -> Decimal:
    steps = EXACT.divide(value, step).to_integral_value(rounding=ROUND_DOWN)
    return plain(EXACT.multiply(steps, step))
