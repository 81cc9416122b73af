"""The listing, indexed: from what a person types to the coin he means."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache

from bot.domain.assets import Asset, Symbol
from bot.domain.prices import Quote, SeveralCoins
from bot.domain.users import User

NEAR_TIE = Decimal("0.1")
"""A second coin of a ticker with this share of the first one's cap might be the one that is meant."""

LIKE = 0.6
"""From which likeness on (0 to 1) a name is offered for one that nobody has."""


class Coins:
    """`ranked`: largest first."""

    def __init__(self, quotes: Sequence[Quote]) -> None:
        self.ranked = sorted(quotes, key=lambda quote: quote.cap or Decimal(0), reverse=True)
        self._by_symbol = {quote.asset.symbol: quote for quote in self.ranked}
        self._by_ticker: dict[str, list[Quote]] = {}
        self._by_name: dict[str, Quote] = {}
        for quote in self.ranked:
            self._by_ticker.setdefault(quote.asset.ticker.upper(), []).append(quote)
            for name in (quote.asset.name, quote.asset.slug, *quote.asset.aliases):
                self._by_name.setdefault(name.casefold(), quote)
        self._spelled = tuple(spelled for quote in self.ranked for spelled in _spellings(quote))
        self._closest = lru_cache(maxsize=2_000)(self._find_closest)

    def find(self, typed: str, user: User) -> Asset | None:
        """None where the listing knows nobody of that name; `=SYMBOL` is that one and no other. Raises SeveralCoins."""
        if typed.startswith("="):
            return self.by_symbol(Symbol(typed[1:].strip().upper()))
        ticker = typed.strip().upper().removeprefix("$")
        if picked := user.pick(ticker):
            quote = self._by_symbol.get(picked)
            return quote.asset if quote else None
        if namesakes := self._by_ticker.get(ticker):
            return self._chosen(ticker, namesakes)
        quote = self._by_symbol.get(Symbol(ticker)) or self._by_name.get(typed.strip().casefold())
        return quote.asset if quote else None

    def by_symbol(self, symbol: Symbol) -> Asset | None:
        quote = self._by_symbol.get(symbol)
        return quote.asset if quote else None

    def usual(self, ticker: str) -> Symbol | None:
        """The largest coin of a ticker: whom others mean by it."""
        namesakes = self._by_ticker.get(ticker.upper())
        return namesakes[0].asset.symbol if namesakes else None

    def closest(self, typed: str) -> Sequence[Quote]:
        """Up to three whose ticker or name reads like what was typed; likeliest first."""
        return self._closest(typed.strip().upper()[:32])

    def matching(self, text: str, most: int) -> list[Quote]:
        wanted = text.strip().casefold()
        if not wanted:
            return self.ranked[:most]
        heads = [q for q in self.ranked if q.asset.ticker.casefold().startswith(wanted)]
        names = [q for q in self.ranked if wanted in q.asset.name.casefold() and q not in heads]
        return (heads + names)[:most]

    def _chosen(self, ticker: str, namesakes: list[Quote]) -> Asset:
        first, *others = namesakes
        rivals = [quote for quote in others if first.cap and quote.cap and quote.cap >= first.cap * NEAR_TIE]
        if rivals:
            raise SeveralCoins(ticker, [first, *rivals][:8])
        return first.asset

    def _find_closest(self, typed: str) -> Sequence[Quote]:
        matcher = SequenceMatcher(None, "", typed, autojunk=False)
        best: dict[str, tuple[float, Quote]] = {}
        for quote, name in _possible(typed, self._spelled):
            matcher.set_seq1(name)
            if matcher.quick_ratio() < LIKE or (score := matcher.ratio()) < LIKE:
                continue
            symbol = quote.asset.symbol
            if symbol not in best or best[symbol][0] < score:
                best[symbol] = score, quote
        scored = sorted(best.values(), key=lambda pair: pair[0], reverse=True)
        return tuple(quote for _, quote in scored[:3])


_Spelled = tuple[Quote, str, int, int]
"""A coin, one of its names, how long that is, and which letters are in it: one bit each."""


def _spellings(quote: Quote) -> list[_Spelled]:
    names = dict.fromkeys((quote.asset.ticker.upper(), quote.asset.name.upper()))
    return [(quote, name, len(name), _letters(name)) for name in names if name]


def _possible(typed: str, spelled: Iterable[_Spelled]) -> Iterable[tuple[Quote, str]]:
    """The names that share so many letters with `typed` that they may be alike.

    Of thousands it leaves some dozens: the real comparison of all would hold up everybody else for a tenth of a second.
    """
    length, letters = len(typed), _letters(typed)
    for quote, name, size, own in spelled:
        shared = min(length - (letters & ~own).bit_count(), size - (own & ~letters).bit_count())
        if shared * 2 >= LIKE * (length + size):
            yield quote, name


def _letters(name: str) -> int:
    found = 0
    for sign in name:
        found |= 1 << (ord(sign) & 63)
    return found
