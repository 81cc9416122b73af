"""Sums over the whole market, quick enough for a chart of a thousand of them."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import NamedTuple

from bot.sandbox.coins import DAY_S, Coin

LARGE_FROM_USD = 600e6
KNOT_S = 90 * DAY_S
REMEMBERED = 20_000

Worth = Callable[[Coin, int], tuple[float, float]]


class Sums(NamedTuple):
    """The whole market in US dollars: market cap, and volume of 24 hours."""

    market_cap: Decimal
    volume: Decimal


class Totals:
    """Large coins are added up at every moment; the many small ones, under one percent in all, every 90 days.

    `worth` tells market cap and volume of one coin at one moment. Answers may be asked for from worker threads.
    """

    def __init__(self, coins: Iterable[Coin], worth: Worth) -> None:
        self._worth = worth
        self._large: list[Coin] = []
        self._small: dict[str, Coin] = {}
        for coin in coins:
            if coin.worth_usd >= LARGE_FROM_USD:
                self._large.append(coin)
            else:
                self._small[coin.symbol] = coin
        self._knots: dict[int, tuple[float, float]] = {}
        self._known: dict[int, Sums] = {}

    def at(self, at: int, *, settled: bool) -> Sums:
        """The sums at unix second `at`; `settled` says that this moment can no longer change."""
        known = self._known.get(at)
        if known is None:
            known = self._sum(at)
            if settled:
                self._remember(at, known)
        return known

    def watch(self, coin: Coin) -> None:
        """From now on this coin is added up at every moment, however small: somebody moves it by hand."""
        if self._small.pop(coin.symbol, None):
            self._large.append(coin)
            self._knots.clear()

    def _sum(self, at: int) -> Sums:
        cap, volume = self._added(self._large, at)
        knot, share = at // KNOT_S, at % KNOT_S / KNOT_S
        (cap0, volume0), (cap1, volume1) = self._knot(knot), self._knot(knot + 1)
        cap += cap0 + (cap1 - cap0) * share
        volume += volume0 + (volume1 - volume0) * share
        return Sums(Decimal(f"{cap:.2f}"), Decimal(f"{volume:.2f}"))

    def _knot(self, number: int) -> tuple[float, float]:
        known = self._knots.get(number)
        if known is None:
            known = self._knots[number] = self._added(tuple(self._small.values()), number * KNOT_S)
        return known

    def _added(self, coins: Iterable[Coin], at: int) -> tuple[float, float]:
        cap = volume = 0.0
        for coin in coins:
            if at >= coin.listed:
                own_cap, own_volume = self._worth(coin, at)
                cap += own_cap
                volume += own_volume
        return cap, volume

    def _remember(self, at: int, sums: Sums) -> None:
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[at] = sums
