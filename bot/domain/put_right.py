"""What could be offered in place of an order that cannot: lines as a person would type them, for buttons."""

from decimal import ROUND_UP, Decimal

from bot.domain.errors import NotOffered
from bot.domain.intents import Wish
from bot.domain.money import EXACT
from bot.domain.orders import Market, Wallet, plain
from bot.domain.sizing import Size, check_limits

SPARE = Decimal("0.99")
"""Of a bound in money, for an order without a price of its own: the price moves until the button is pressed."""

Suggestions = tuple[tuple[str, str], ...]


def nearest(error: NotOffered, wish: Wish, market: Market, price_now: Decimal, size: Size | None) -> Suggestions:
    """The nearest size that fits, if there is one. `size` None: what was asked for came to none."""
    price, room = wish.price or price_now, SPARE if wish.price is None else Decimal(1)
    of = {name: value for name, value in error.values.items() if isinstance(value, Decimal)}
    # An order that is sent as a cost is put right in the base asset as well.
    amount = Decimal(0) if size is None else size.amount or EXACT.divide(size.total, price)
    match error.key:
        case "order.over_limit":
            fits = _less(amount, market, room * of["most"] / of["usd"])
        case "order.over_day":
            fits = _less(amount, market, room * (of["most"] - of["used"]) / of["usd"])
        case "order.too_large":
            fits = market.amount(of["most"])
        case "order.cost_too_large":
            fits = market.amount(EXACT.divide(room * of["most"], price))
        case "order.too_small" | "order.cost_too_small":
            fits = _least(market, price * room)
        case "order.balance_short" if of["have"] > 0:
            return (("100%", _line(wish, market, "100%")),)
        case _:
            return ()
    return _suggested(fits, wish, market, price)


def _less(amount: Decimal, market: Market, share: Decimal) -> Decimal:
    return market.amount(EXACT.multiply(amount, max(share, Decimal(0))))


def _least(market: Market, price: Decimal) -> Decimal:
    by_cost = EXACT.divide(market.least_cost or Decimal(0), price)
    wanted = max(market.least_amount or market.amount_step, by_cost)
    steps = EXACT.divide(wanted, market.amount_step).to_integral_value(rounding=ROUND_UP)
    return plain(EXACT.multiply(steps, market.amount_step))


def _suggested(amount: Decimal, wish: Wish, market: Market, price: Decimal) -> Suggestions:
    try:
        check_limits(Size(amount, None, wish.price, EXACT.multiply(amount, price)), market, price)
    except NotOffered:
        return ()
    return ((f"{amount:f} {market.base}", _line(wish, market, f"{amount:f}")),) if amount > 0 else ()


def _line(wish: Wish, market: Market, how_much: str) -> str:
    """Of several keys at one exchange the one that was meant, where one word names it."""
    price = ["@", f"{plain(wish.price):f}"] if wish.price is not None else []
    where = wish.label if len(wish.label.split()) == 1 else wish.vendor
    at = ["on", where] if where else []
    margin = ["margin"] if wish.wallet is Wallet.MARGIN else []
    return " ".join([wish.side.value, how_much, market.symbol, *price, *at, *margin])
