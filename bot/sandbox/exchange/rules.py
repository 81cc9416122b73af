"""What a venue asks of an order before it takes it: steps, ranges, least cost, and somebody to trade with."""

from decimal import Decimal

from bot.sandbox.exchange.book import Book
from bot.sandbox.exchange.orders import Refused, Wish
from bot.sandbox.exchange.pairs import Pair

# A limit may lie this far from the last price.
LOWEST_PRICE, HIGHEST_PRICE = Decimal("0.2"), Decimal(5)


def checked(wish: Wish, pair: Pair, book: Book, last: Decimal) -> Decimal:
    """The amount of the order in base. Raises Refused."""
    if wish.wallet == "funding" or (wish.wallet == "margin" and not pair.margin):
        raise Refused("bad wallet")
    if (wish.kind == "limit") != (wish.price is not None):
        raise Refused("price range")
    amount = _asked(wish, pair, book)
    if not amount.is_finite() or not pair.least_amount <= amount <= pair.most_amount:
        raise Refused("amount range")
    if amount % pair.amount_step:
        raise Refused("amount step")
    if wish.price is not None:
        _check_price(wish.price, pair, last)
        if wish.post_only and next(book.facing(wish.side, wish.price), None):
            raise Refused("would take")
    elif book.best("sell" if wish.side == "buy" else "buy") is None:
        raise Refused("no liquidity")
    if amount * (wish.price or last) < pair.least_cost:
        raise Refused("least cost")
    return amount


def _asked(wish: Wish, pair: Pair, book: Book) -> Decimal:
    if (wish.amount is None) == (wish.cost is None) or (wish.cost is not None and wish.kind == "limit"):
        raise Refused("bad amount")
    if wish.amount is not None:
        return wish.amount
    return for_cost(wish.cost or Decimal(0), wish, pair, book)


def for_cost(cost: Decimal, wish: Wish, pair: Pair, book: Book) -> Decimal:
    """How much this quote money buys, or must be sold for it, at what stands in the book now."""
    if not cost.is_finite() or cost < pair.least_cost:
        raise Refused("least cost")
    amount = Decimal(0)
    for other in book.facing(wish.side, None):
        price = other.price or Decimal(1)
        taken = min(other.left, pair.cut(cost / price))
        amount += taken
        cost -= taken * price
        if taken < other.left:
            break
    if not amount:
        raise Refused("no liquidity")
    return amount


def _check_price(price: Decimal, pair: Pair, last: Decimal) -> None:
    if not price.is_finite() or not last * LOWEST_PRICE <= price <= last * HIGHEST_PRICE:
        raise Refused("price range")
    if price % pair.tick(price):
        raise Refused("price step")
