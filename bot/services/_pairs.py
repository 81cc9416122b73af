"""One exchange's pairs, indexed: from what a person types to the pair he means."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from bot.domain.orders import Market
from bot.domain.words import legible

USUAL_QUOTES = ("USDT", "USD", "USDC", "EUR", "BTC", "ETH")
"""What a coin is priced in where only the coin is named, likeliest first."""

MOST_OFFERED = 3

_SEPARATORS = re.compile(r"[/_\-.\s]+")
_CONTRACT = re.compile(r"(?P<pair>.+?)[/_\-.]?(?:PERP|SWAP|\.P)")


class Pairs:
    def __init__(self, markets: Mapping[str, Market]) -> None:
        self.markets = markets
        self._joined: dict[str, list[Market]] = {}
        self._bases: dict[str, list[Market]] = {}
        for market in markets.values():
            self._joined.setdefault(_joined(market.symbol), []).append(market)
            if not market.contract:
                self._bases.setdefault(market.base, []).append(market)

    def find(self, typed: str) -> list[Market]:
        """`btc/usdt`, `BTC-USDT`, `btcusdt`, `BTC/USDT:USDT`, `btcusdt perp`: as a rule one; several where they read
        alike; none where there is none. What is not traded any more comes only where nothing else does.
        """
        typed = legible(typed).strip().upper().removeprefix("$")
        if exact := self.markets.get(typed):
            return [exact]
        found = self._joined.get(_joined(typed), [])
        if not found and (contract := _CONTRACT.fullmatch(typed)):
            found = self._perpetual(contract["pair"])
        return [market for market in found if market.active] or found

    def of_base(self, typed: str) -> list[Market]:
        """A coin's own pairs, what is usual first."""
        found = self._bases.get(legible(typed).strip().upper().removeprefix("$"), [])
        return sorted((market for market in found if market.active), key=_usual)

    def direct(self, one: str, other: str) -> Market | None:
        """The pair of these two currencies, in either order."""
        return next((m for s in (f"{one}/{other}", f"{other}/{one}") if (m := self.markets.get(s)) and m.active), None)

    def closest(self, typed: str) -> Sequence[str]:
        """Symbols that may have been meant, at most three."""
        typed = _SEPARATORS.sub("/", typed.strip().upper())[:24]
        base = typed.partition("/")[0]
        heads = [base[:length] for length in range(len(base), 1, -1)]
        own = next((found for head in heads if (found := self.of_base(head))), None)
        if own is None:
            # By the first letter: alike enough to be meant, and thousands of comparisons fewer.
            alike = get_close_matches(base, [name for name in self._bases if name[:1] == base[:1]], 3, 0.6)
            own = [self.of_base(name)[0] for name in alike if self.of_base(name)]
        return [market.symbol for market in own[:MOST_OFFERED]]

    def _perpetual(self, pair: str) -> list[Market]:
        wanted = _joined(pair)
        return [m for m in self.markets.values() if m.contract and _joined(f"{m.base}/{m.quote}") == wanted and
                m.symbol == f"{m.base}/{m.quote}:{m.settle}"]  # fmt: skip


def _joined(symbol: str) -> str:
    return _SEPARATORS.sub("", symbol)


def _usual(market: Market) -> int:
    return USUAL_QUOTES.index(market.quote) if market.quote in USUAL_QUOTES else len(USUAL_QUOTES)
