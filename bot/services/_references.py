"""What an order is weighed against: the pair's rules, a price seconds old, what others say, what it is worth."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from statistics import median

from bot.domain.assets import Symbol
from bot.domain.errors import BotError, NotOffered, Unavailable, UserMistake
from bot.domain.money import EXACT
from bot.domain.orders import Market, Ticker
from bot.domain.ports import Clock, Exchange
from bot.domain.rates import price_of
from bot.services._pairs import Pairs
from bot.services.markets import Markets
from bot.services.prices import Prices

ASIDE_S = 2.0
"""How long other sources are waited for: they only say whether the first one is right."""

OPINION_FRESH = timedelta(seconds=60)
DOLLARS = frozenset({"USD", "USDT", "USDC", "FDUSD", "TUSD", "DAI", "PYUSD", "USDE", "USDS"})
MOST_KEPT = 2_000


class References:
    def __init__(self, exchanges: Mapping[str, Exchange], markets: Markets, prices: Prices, clock: Clock) -> None:
        self._exchanges = exchanges
        self._markets = markets
        self._prices = prices
        self._clock = clock
        self._pairs: dict[str, Pairs] = {}
        self._tickers: OrderedDict[tuple[str, str], Ticker] = OrderedDict()
        self._asking: dict[tuple[str, str], asyncio.Lock] = {}
        self._wanted: dict[tuple[str, str], float] = {}

    async def market(self, vendor: str, typed: str) -> Market:
        """The pair a person means. Raises UserMistake where there is none, or where it is not for spot or margin."""
        exchange = self._exchanges[vendor]
        pairs = await self._index(vendor)
        found = [market for market in pairs.find(typed) if not market.contract] or pairs.of_base(typed)[:1]
        if not found:
            if pairs.find(typed):
                raise NotOffered("order.contract", typed=typed)
            likely = pairs.closest(typed)
            key = "order.pair_unknown_likely" if likely else "order.pair_unknown"
            raise UserMistake(key, typed=typed[:32], exchange=exchange.traits.title, likely=list(likely))
        if not found[0].active:
            elsewhere = (f"/compare {found[0].symbol}", f"compare {found[0].symbol}")
            values = {"symbol": found[0].symbol, "exchange": exchange.traits.title}
            raise NotOffered("order.not_traded", **values, suggestions=(elsewhere,))
        return found[0]

    async def ticker(self, vendor: str, symbol: str, most_age_s: float) -> Ticker:
        """No older than that. Raises Unavailable where it cannot be had."""
        if kept := self._kept(vendor, symbol, most_age_s):
            return kept
        # Many who ask at once for the same wait for one answer.
        async with self._asking.setdefault((vendor, symbol), asyncio.Lock()):
            if kept := self._kept(vendor, symbol, most_age_s):
                return kept
            for ticker in (await self._exchanges[vendor].tickers([symbol])).values():
                self._keep(ticker, vendor)
        if kept := self._kept(vendor, symbol, most_age_s):
            return kept
        raise Unavailable("order.no_price", symbol=symbol, exchange=self._exchanges[vendor].traits.title)

    async def median(self, market: Market, own: Ticker) -> tuple[Decimal, int]:
        """Of all who have a price for this pair, and how many they are. At least `own` has one."""
        others = [name for name in self._exchanges if name != own.exchange]
        opinions = await asyncio.gather(
            *(self._opinion(name, market.symbol) for name in others), self._coin_price(market)
        )
        prices = [price for price in (price_of(own), *opinions) if price]
        return median(prices), len(prices)

    async def usd(self, amount: Decimal, asset: str) -> Decimal:
        """What it is worth. Raises UserMistake where nobody says: a limit could not be kept."""
        if asset in DOLLARS:
            return amount
        try:
            async with asyncio.timeout(ASIDE_S):
                price = await self._coin_usd(asset)
        except (TimeoutError, BotError):
            price = None
        if price is None:
            raise NotOffered("order.no_usd", asset=asset)
        return EXACT.multiply(amount, price)

    def keep_fresh(self, vendor: str, symbol: str, for_s: float) -> None:
        """For so long the price shall be at hand."""
        self._wanted[vendor, symbol] = self._clock.monotonic() + for_s

    async def renew(self) -> None:
        """One call an exchange, for all pairs that shall be at hand. What cannot be had is asked for when needed."""
        now = self._clock.monotonic()
        self._wanted = {key: until for key, until in self._wanted.items() if until > now}
        by_vendor: dict[str, list[str]] = {}
        for vendor, symbol in self._wanted:
            by_vendor.setdefault(vendor, []).append(symbol)
        await asyncio.gather(*(self._renew(vendor, symbols) for vendor, symbols in by_vendor.items()))

    async def _renew(self, vendor: str, symbols: Sequence[str]) -> None:
        try:
            for ticker in (await self._exchanges[vendor].tickers(symbols)).values():
                self._keep(ticker, vendor)
        except BotError:
            return

    def _kept(self, vendor: str, symbol: str, most_age_s: float) -> Ticker | None:
        kept = self._tickers.get((vendor, symbol))
        if kept is None:
            return None
        age = self._clock.now() - kept.fetched_at
        return kept if timedelta(0) <= age <= timedelta(seconds=most_age_s) else None

    def _keep(self, ticker: Ticker, vendor: str) -> None:
        self._tickers[vendor, ticker.symbol] = ticker
        self._tickers.move_to_end((vendor, ticker.symbol))
        while len(self._tickers) > MOST_KEPT:
            oldest, _ = self._tickers.popitem(last=False)
            self._asking.pop(oldest, None)

    async def _index(self, vendor: str) -> Pairs:
        markets = await self._exchanges[vendor].markets()
        kept = self._pairs.get(vendor)
        if kept is None or kept.markets is not markets:
            kept = self._pairs[vendor] = Pairs(markets)
        return kept

    async def _opinion(self, vendor: str, symbol: str) -> Decimal | None:
        """From what all share: it costs an exchange one call, however many orders ask."""
        try:
            async with asyncio.timeout(ASIDE_S):
                ticker = (await self._markets.seen(vendor, symbol)).ticker
        except (TimeoutError, BotError):
            return None
        return price_of(ticker) if abs(self._clock.now() - ticker.fetched_at) <= OPINION_FRESH else None

    async def _coin_price(self, market: Market) -> Decimal | None:
        """CoinCodex's, where the quote is a kind of dollar."""
        if market.quote not in DOLLARS:
            return None
        try:
            async with asyncio.timeout(ASIDE_S):
                return await self._coin_usd(market.base)
        except (TimeoutError, BotError):
            return None

    async def _coin_usd(self, asset: str) -> Decimal | None:
        found = await self._prices.latest([Symbol(asset)])
        fresh = [one.quote for one in found if self._clock.now() - one.quote.fetched_at <= OPINION_FRESH]
        return fresh[0].price if fresh else None
