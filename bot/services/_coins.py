"""The listing, indexed: from what a person types to the coin he means."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache
from heapq import nlargest

from bot.domain.assets import Asset, Symbol
from bot.domain.prices import Quote, SeveralCoins
from bot.domain.users import User
from bot.domain.words import legible

NEAR_TIE = Decimal("0.1")
"""A second coin of a ticker with this share of the first one's cap might be the one that is meant."""

MOST_CLOSEST = 3
MOST_COMPARED = 100
"""Letter by letter: the names that share most letters. To compare thousands so would hold up everybody else."""

LONGEST_NAME_WORDS = 5

BEGINS, HOLDS = 0.8, 0.7
"""How alike (0 to 1) a name is at least that begins as what was typed does, or holds it."""


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
                self._by_name.setdefault(_key(name), quote)
        self._spelled = [spelled for quote in self.ranked for spelled in _spellings(quote)]
        self._closest = lru_cache(maxsize=2_000)(self._find_closest)

    def find(self, typed: str, user: User) -> Asset | None:
        """None where the listing knows nobody of that name; `=SYMBOL` is that one and no other. Raises SeveralCoins."""
        typed = legible(typed).strip()
        if typed.startswith("="):
            return self.by_symbol(Symbol(typed[1:].strip().upper()))
        ticker = typed.upper().removeprefix("$")
        if picked := user.pick(ticker):
            quote = self._by_symbol.get(picked)
            return quote.asset if quote else None
        if namesakes := self._by_ticker.get(ticker):
            return self._chosen(ticker, namesakes)
        quote = self._by_symbol.get(Symbol(ticker)) or self._by_name.get(_key(typed))
        return quote.asset if quote else None

    def joined(self, words: Sequence[str]) -> list[str]:
        """Words that together are a name become the one that means its coin: `bitcoin cash eth` is `=BCH eth`."""
        found, rest = list[str](), list(words)
        while rest:
            sizes = range(min(LONGEST_NAME_WORDS, len(rest)), 1, -1)
            size, named = next(((size, named) for size in sizes if (named := self._named(rest[:size]))), (1, None))
            found.append(f"={named.asset.symbol}" if named else rest[0])
            del rest[:size]
        return found

    def _named(self, words: Sequence[str]) -> Quote | None:
        """Whose name these words are. Not a small coin's that calls itself `BTC ETH`, where each word is a larger one's
        ticker.
        """
        named = self._by_name.get(_key(" ".join(words)))
        own = [self._by_ticker.get(legible(word).upper().removeprefix("$")) for word in words]
        largest = max((each[0].cap or 0 for each in own if each), default=0)
        return None if named is None or (all(own) and (named.cap or 0) < largest) else named

    def by_symbol(self, symbol: Symbol) -> Asset | None:
        quote = self._by_symbol.get(symbol)
        return quote.asset if quote else None

    def usual(self, ticker: str) -> Symbol | None:
        """The largest coin of a ticker: whom others mean by it."""
        namesakes = self._by_ticker.get(ticker.upper())
        return namesakes[0].asset.symbol if namesakes else None

    def closest(self, typed: str) -> Sequence[Quote]:
        """Up to three whose ticker, name or slug reads most like what was typed; likeliest first, then largest.

        None where no name shares a letter with it.
        """
        return self._closest(_spelling(typed)[:32])

    def matching(self, text: str, most: int) -> list[Quote]:
        wanted = _key(text)
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
        """From the best bound on: where a name cannot be more alike than the third so far is, none behind it can."""
        compare = SequenceMatcher(None, "", typed, autojunk=False)
        best: dict[Symbol, tuple[float, int]] = {}
        for bound, place in nlargest(MOST_COMPARED, _bounds(typed, self._spelled)):
            third = nlargest(MOST_CLOSEST, best.values())[MOST_CLOSEST - 1 :]
            if third and bound < third[0][0]:
                break
            quote, name, *_ = self._spelled[-place]
            compare.set_seq1(name)
            likeness = max(compare.ratio(), _overlap(typed, name))
            best[quote.asset.symbol] = max(best.get(quote.asset.symbol, (0.0, place)), (likeness, place))
        found = nlargest(MOST_CLOSEST, (alike for alike in best.values() if alike[0]))
        return tuple(self._spelled[-place][0] for _, place in found)


_Spelled = tuple[Quote, str, int, int]
"""A coin, one of its names, how long that is, and which letters are in it: one bit each."""


def _key(name: str) -> str:
    return legible(name).strip().casefold()


def _spelling(name: str) -> str:
    """For comparing: `binance-coin` and `Binance Coin` are alike to the last sign."""
    return legible(name).strip().upper().replace("-", " ")


def _spellings(quote: Quote) -> list[_Spelled]:
    names = dict.fromkeys(map(_spelling, (quote.asset.ticker, quote.asset.name, quote.asset.slug)))
    return [(quote, name, len(name), _letters(name)) for name in names if name]


def _bounds(typed: str, spelled: Sequence[_Spelled]) -> Iterable[tuple[float, int]]:
    """How alike each name is at most, by the letters it shares, and its place; places fall, so that of two alike names
    the larger coin's is the greater pair. Names without a shared letter are left out.
    """
    length, letters = len(typed), _letters(typed)
    place = len(spelled) + 1
    for _, name, size, own in spelled:
        place -= 1
        if not (common := own & letters):
            continue
        shared = min(length - (letters ^ common).bit_count(), size - (own ^ common).bit_count())
        bound = 2 * shared / (length + size)
        held = common in (own, letters) and bound < BEGINS
        yield max(bound, _overlap(typed, name)) if held else bound, place


def _overlap(typed: str, name: str) -> float:
    """0 where neither of the two holds the other; a name shorter than a word is held by chance."""
    if name.startswith(typed) or (len(name) > 2 and typed.startswith(name)):
        return BEGINS
    return HOLDS if len(typed) > 2 and typed in name else 0.0


def _letters(name: str) -> int:
    found = 0
    for sign in name:
        found |= 1 << (ord(sign) & 63)
    return found
