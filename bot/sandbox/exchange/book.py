"""One pair's order book: best price first, and at one price who came first."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from decimal import Decimal

from bot.sandbox.exchange.orders import Order, Side

OTHER: dict[Side, Side] = {"buy": "sell", "sell": "buy"}


class Book:
    """Resting limit orders of one pair."""

    def __init__(self) -> None:
        self._sides: dict[Side, list[Order]] = {"buy": [], "sell": []}

    def add(self, order: Order) -> None:
        """Behind everybody at its price."""
        insort(self._sides[order.wish.side], order, key=_rank)

    def remove(self, order: Order) -> None:
        """KeyError where it does not rest here."""
        side = self._sides[order.wish.side]
        index = bisect_left(side, _rank(order), key=_rank)
        if index == len(side) or side[index] is not order:
            raise KeyError(order.id)
        del side[index]

    def drop(self, owner: object) -> None:
        """Takes all orders of one owner away."""
        for name, side in self._sides.items():
            self._sides[name] = [order for order in side if order.owner is not owner]

    def has_guests(self, host: object) -> bool:
        """Whether anybody but `host` waits here."""
        return any(order.owner is not host for side in self._sides.values() for order in side)

    def best(self, side: Side) -> Order | None:
        """Who is served first on this side."""
        orders = self._sides[side]
        return orders[0] if orders else None

    def facing(self, side: Side, price: Decimal | None) -> Iterator[Order]:
        """Whom an order of this side would meet up to its price (None: any), in turn. Does not change the book."""
        for order in self._sides[OTHER[side]]:
            if price is not None and not crosses(side, price, _limit(order)):
                return
            yield order

    def levels(self, side: Side, count: int) -> list[tuple[Decimal, Decimal, int]]:
        """(price, amount, orders), best first."""
        summed: dict[Decimal, tuple[Decimal, int]] = {}
        for order in self._sides[side]:
            price = _limit(order)
            if price not in summed and len(summed) == count:
                break
            amount, orders = summed.get(price, (Decimal(0), 0))
            summed[price] = (amount + order.left, orders + 1)
        return [(price, amount, orders) for price, (amount, orders) in summed.items()]

    def resting(self, side: Side) -> tuple[Order, ...]:
        """All orders of one side, who is served first first."""
        return tuple(self._sides[side])


def crosses(side: Side, price: Decimal, other: Decimal) -> bool:
    """Whether an order at `price` meets one at `other` on the opposite side."""
    return price >= other if side == "buy" else price <= other


def _limit(order: Order) -> Decimal:
    if order.wish.price is None:
        raise ValueError("a market order does not rest")
    return order.wish.price


def _rank(order: Order) -> tuple[Decimal, int]:
    price = _limit(order)
    return (-price if order.wish.side == "buy" else price, order.id)
