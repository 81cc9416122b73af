"""What exchanges tell everybody: prices, candles, trades, books. A few seconds fresh, one call however many ask.

Nothing of an exchange is loaded before somebody asks for it here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from bot.domain.errors import BotError, Unavailable, UserMistake
from bot.domain.orders import Candle, Depth, Market, Ticker, Trade, Traits
from bot.domain.ports import Clock, Exchange
from bot.domain.rates import (
    FIAT,
    Listed,
    Place,
    Rate,
    Seen,
    Stand,
    Step,
    UnknownPair,
    median_price,
    price_of,
    rate_of,
)
from bot.scheduler import Nursery
from bot.services._cache import Aged
from bot.services._pairs import Pairs
from bot.services._venue import CandleKey, Venue
from bot.services._ways import ways

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a person waits for one exchange; for one of several, while the others' figures are there already; and
    a price card for a second opinion.
    """

    alone_s: float = 9.0
    aside_s: float = 3.0
    noticed_s: float = 0.25


MONEY_FRESH = timedelta(seconds=15)
"""No order is weighed against a price older than this."""

OPINION_FRESH = timedelta(seconds=60)
DOLLARS = ("USDT", "USD", "USDC")


class Markets:
    """`exchanges` by name, in the order in which they are meant where none is named."""

    def __init__(
        self,
        exchanges: Mapping[str, Exchange],
        clock: Clock,
        nursery: Nursery,
        could_add: Callable[[], Sequence[str]] = tuple,
        patience: Patience = Patience(),
    ) -> None:
        """`could_add`: names of exchanges that could be taken in, too."""
        self.could_add = could_add
        self._venues = {name: Venue(exchange, clock, nursery) for name, exchange in exchanges.items()}
        self._clock = clock
        self._patience = patience
        self._nursery = nursery

    @property
    def traits(self) -> Mapping[str, Traits]:
        """What is on, in order."""
        return {name: venue.traits for name, venue in self._venues.items()}

    @property
    def names(self) -> Mapping[str, str]:
        """Every word that means an exchange which is on, in lower case, to that exchange's own name."""
        called = ((word, name) for name, each in self.traits.items() for word in (*each.aliases, each.title, name))
        return {word.lower(): name for word, name in called}

    def vendor(self, typed: str = "") -> str:
        """The exchange a word means; the first one that is on where it is empty. Raises UserMistake, Unavailable."""
        if not self._venues:
            raise Unavailable("exchange.none")
        if not typed:
            return next(iter(self._venues))
        if found := self.names.get(typed.lower()):
            return found
        known = tuple(each.title for each in self.traits.values())
        raise UserMistake("exchange.unknown", typed=typed[:40], known=known)

    async def find(self, typed: str, vendor: str = "") -> tuple[str, Market]:
        """The pair a person means, and the exchange that has it: `vendor`, or else the first that has it and answers.

        A coin alone means its most usual pair. Raises UserMistake, Unavailable.
        """
        fault: BotError | None = None
        for name in [vendor] if vendor else [self.vendor(), *list(self._venues)[1:]]:
            try:
                async with asyncio.timeout(self._patience.alone_s if vendor else self._share_s):
                    return name, _one_of(typed, await self._pairs_of(name), self._venues[name].traits)
            except TimeoutError:
                fault = fault or Unavailable("source.down", source=self._venues[name].traits.title)
            except (UserMistake, Unavailable) as error:
                # A mistake at an exchange that answers says more than that another one does not.
                fault = error if fault is None or isinstance(fault, Unavailable) else fault
        if isinstance(fault, UnknownPair) and not vendor and len(self._venues) > 1 and fault.key == "pair.unknown":
            raise UnknownPair(fault.typed, "", fault.closest)
        raise fault or Unavailable("exchange.none")

    async def find_all(self, words: Sequence[str], vendor: str = "") -> list[tuple[str, Market]]:
        """Each pair, in the order typed; two words are one pair where that is one. Raises as `find`."""
        found, rest = [], list(words)
        while rest:
            two = "/".join(rest[:2])
            both = len(rest) > 1 and (rest[1].upper() in FIAT.union(DOLLARS) or await self._is_pair(two, vendor))
            found.append(await self.find(two if both else rest[0], vendor))
            rest = rest[2 if both else 1 :]
        return list(dict.fromkeys(found))

    async def knows(self, typed: str, vendor: str = "") -> bool:
        """Whether `find` finds a whole pair of that name at this one exchange; a coin alone is none.

        Raises UserMistake, Unavailable.
        """
        return bool((await self._pairs_of(self.vendor(vendor))).find(typed))

    async def market(self, vendor: str, symbol: str) -> Market:
        """The rules of a pair by its exact symbol. Raises UserMistake, Unavailable."""
        pairs = await self._pairs_of(vendor)
        if market := pairs.markets.get(symbol):
            return market
        raise UnknownPair(symbol, self._venues[vendor].traits.title, pairs.closest(symbol))

    async def ticker(self, vendor: str, symbol: str) -> Ticker:
        """For orders: never older than MONEY_FRESH. Raises Unavailable, Refused."""
        seen = await self.seen(vendor, symbol)
        if self._age(seen.ticker) > MONEY_FRESH:
            raise Unavailable("source.down", source=self._venues[vendor].traits.title)
        return seen.ticker

    async def seen(self, vendor: str, symbol: str) -> Seen:
        """For reading: the last value, said to be stale, while the exchange does not answer. Raises as `ticker`."""
        found = await self.all_seen(vendor, [symbol])
        if not found:
            raise Unavailable("pair.no_price", symbol=symbol, exchange=self._venues[vendor].traits.title)
        return found[0]

    async def all_seen(self, vendor: str, symbols: Sequence[str]) -> list[Seen]:
        """In the order asked, one call for all; whose price the exchange does not tell is left out."""
        aged = await self._patient(vendor, self._venues[vendor].tickers.get(symbols))
        return [Seen(one.value, one.stale) for one in aged.values() if one.value is not None]

    async def seen_at(self, places: Sequence[Place]) -> list[Seen | None]:
        """Of several pairs at several exchanges, in their order, one call an exchange; None where there is no price."""
        symbols: dict[str, list[str]] = {}
        for place in places:
            symbols.setdefault(place.traits.name, []).append(place.market.symbol)
        told = {
            (name, seen.ticker.symbol): seen for name, own in symbols.items() for seen in await self.all_seen(name, own)
        }
        return [told.get((place.traits.name, place.market.symbol)) for place in places]

    async def candles(
        self, vendor: str, symbol: str, every: str, limit: int, since: datetime | None = None
    ) -> tuple[Sequence[Candle], bool]:
        """Oldest first, and whether they are stale. Raises Unavailable, Refused."""
        key: CandleKey = (symbol, every, limit, since)
        return await self._kept(vendor, self._venues[vendor].candles.get([key]))

    async def trades(self, vendor: str, symbol: str, limit: int) -> tuple[Sequence[Trade], bool]:
        """Everybody's, newest last, and whether they are stale. Raises Unavailable, Refused."""
        return await self._kept(vendor, self._venues[vendor].trades.get([(symbol, limit)]))

    async def depth(self, vendor: str, symbol: str) -> tuple[Depth, bool]:
        """Up to MOST_DEPTH offers a side, and whether they are stale. Raises Unavailable, Refused."""
        return await self._kept(vendor, self._venues[vendor].depth.get([symbol]))

    async def compare(self, symbol: str) -> list[Stand]:
        """Every exchange that is on, in order; who has not answered in time says so in its place."""
        found = await self._within(self._patience.aside_s, {name: self._stand(name, symbol) for name in self._venues})
        return [found.get(name) or Stand(traits, None, "compare.silent") for name, traits in self.traits.items()]

    async def median(self, base: str, quote: str) -> Decimal | None:
        """Of all exchanges that list the pair and have told its price within MONEY_FRESH; None where none has.

        What is fresh is taken as it stands, so that as a rule no exchange is asked.
        """
        symbol = f"{base}/{quote}"
        known = [seen for venue in self._venues.values() if (seen := venue.tickers.peek(symbol))]
        fresh = [ticker for ticker in known if self._age(ticker) <= MONEY_FRESH]
        if not fresh:
            stands = await self.compare(symbol)
            told = [stand.seen.ticker for stand in stands if stand.seen]
            fresh = [ticker for ticker in told if self._age(ticker) <= MONEY_FRESH]
        return median_price(fresh)

    async def rate(self, have: str, want: str) -> Rate | None:
        """At the first exchange that has a way and answers; None where no exchange has one.

        Raises Unavailable where no exchange could be asked.
        """
        fault: BotError | None = None
        for name in self._venues:
            try:
                async with asyncio.timeout(self._share_s):
                    if found := await self._rate_at(name, have, want):
                        return found
            except TimeoutError:
                fault = Unavailable("source.down", source=self._venues[name].traits.title)
            except BotError as error:
                fault = error
        if fault:
            raise fault
        return None

    @property
    def in_use(self) -> bool:
        """Whether any exchange was asked for its pairs since the start, and answered."""
        return any(venue.in_use for venue in self._venues.values())

    async def opinion(self, base: str) -> list[Ticker]:
        """What exchanges that are in use already say of a coin in dollars. Loads nothing, and hardly waits."""
        asked = [(venue, pair) for venue in self._venues.values() if (pair := venue.dollar_pair(base, DOLLARS))]
        late = [(venue, pair) for venue, pair in asked if not self._recent(venue.tickers.peek(pair))]
        if late:
            await self._within(
                self._patience.noticed_s, {venue.traits.name: _quietly(venue, pair) for venue, pair in late}
            )
        told = (venue.tickers.peek(pair) for venue, pair in asked)
        return [ticker for ticker in told if ticker and self._recent(ticker)]

    def place(self, vendor: str, market: Market) -> Place:
        others = (name for name, venue in self._venues.items() if name != vendor and venue.lists(market.symbol))
        return Place(self._venues[vendor].traits, market, tuple(self._venues[name].traits for name in others))

    def listed(self) -> list[Listed]:
        """What is on, in order. Asks nobody."""
        return [venue.listed() for venue in self._venues.values()]

    async def _is_pair(self, typed: str, vendor: str) -> bool:
        """Asked of one exchange only: to read a line it is not worth to load them all."""
        with suppress(Unavailable):
            return await self.knows(typed, vendor)
        return False

    @property
    def _share_s(self) -> float:
        """How long one exchange is waited for where the next could answer, too."""
        return self._patience.alone_s / max(1, min(3, len(self._venues)))

    async def _pairs_of(self, vendor: str) -> Pairs:
        pairs, _ = await self._kept(vendor, self._venues[vendor].pairs.get([vendor]))
        return pairs

    async def _stand(self, vendor: str, symbol: str) -> Stand:
        traits = self._venues[vendor].traits
        try:
            pairs = await self._pairs_of(vendor)
            if symbol not in pairs.markets:
                return Stand(traits, None, "compare.not_listed")
            return Stand(traits, await self.seen(vendor, symbol))
        except BotError:
            return Stand(traits, None, "compare.silent")

    async def _rate_at(self, vendor: str, have: str, want: str) -> Rate | None:
        for markets in ways(have, want, await self._pairs_of(vendor)):
            found = {seen.ticker.symbol: seen for seen in await self.all_seen(vendor, [m.symbol for m in markets])}
            steps = [_step(market, found.get(market.symbol), self._venues[vendor].traits) for market in markets]
            if all(steps):
                stale = any(seen.stale for seen in found.values())
                return rate_of(have, want, [step for step in steps if step], stale=stale)
        return None

    async def _kept(self, vendor: str, coming: Awaitable[Mapping[K, Aged[T]]]) -> tuple[T, bool]:
        (aged,) = (await self._patient(vendor, coming)).values()
        if aged.value is None:
            raise Unavailable("source.garbled", source=self._venues[vendor].traits.title)
        return aged.value, aged.stale

    async def _patient(self, vendor: str, coming: Awaitable[Mapping[K, Aged[T]]]) -> Mapping[K, Aged[T]]:
        try:
            async with asyncio.timeout(self._patience.alone_s):
                return await coming
        except TimeoutError:
            raise Unavailable("source.down", source=self._venues[vendor].traits.title) from None

    async def _within(self, patience_s: float, work: Mapping[str, Coroutine[Any, Any, T]]) -> Mapping[str, T]:
        """All at the same time. Whoever is not done by then is left out; what it asked for comes into the cache."""
        tasks = {name: self._nursery.start(each, f"markets.{name}") for name, each in work.items()}
        try:
            if tasks:
                await asyncio.wait(tasks.values(), timeout=patience_s)
            return {name: task.result() for name, task in tasks.items() if task.done()}
        finally:
            for task in tasks.values():
                task.cancel()

    def _age(self, ticker: Ticker) -> timedelta:
        return self._clock.now() - ticker.fetched_at

    def _recent(self, ticker: Ticker | None) -> bool:
        return ticker is not None and self._age(ticker) <= OPINION_FRESH


async def _quietly(venue: Venue, pair: str) -> None:
    """Into the cache, if it comes."""
    with suppress(BotError):
        await venue.tickers.get([pair])


def _one_of(typed: str, pairs: Pairs, traits: Traits) -> Market:
    found = pairs.find(typed) or pairs.of_base(typed)[:1]
    if len(found) > 1:
        raise UnknownPair(typed, traits.title, [market.symbol for market in found], several=True)
    if not found:
        raise UnknownPair(typed, traits.title, pairs.closest(typed))
    return found[0]


def _step(market: Market, seen: Seen | None, traits: Traits) -> Step | None:
    price = price_of(seen.ticker) if seen else None
    if seen is None or price is None:
        return None
    return Step(traits.title, market.base, market.quote, price, seen.ticker.at or seen.ticker.fetched_at)
