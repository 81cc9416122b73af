"""One exchange and what is kept of it: each kind of answer for as long as it is worth something."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.orders import Candle, Depth, Ticker, Trade
from bot.domain.ports import Clock, Exchange
from bot.domain.rates import Listed
from bot.scheduler import Nursery
from bot.services._cache import Cache
from bot.services._pairs import Pairs

TICKER_FRESH_S = 3
CANDLES_FRESH_S = 10
TRADES_FRESH_S = 3
DEPTH_FRESH_S = 2
PAIRS_FRESH_S = 3_600
MOST_DEPTH = 100

CandleKey = tuple[str, str, int, datetime | None]
"""Symbol, step, how many, since when."""

TradesKey = tuple[str, int]


class Venue:
    def __init__(self, exchange: Exchange, clock: Clock, nursery: Nursery) -> None:
        self.traits = exchange.traits
        self._exchange = exchange
        self.pairs: Cache[str, Pairs] = Cache(
            self._fetch_pairs, fresh_s=PAIRS_FRESH_S, clock=clock, nursery=nursery, most=1
        )
        self.tickers: Cache[str, Ticker] = Cache(
            exchange.tickers, fresh_s=TICKER_FRESH_S, clock=clock, nursery=nursery, most=2_000
        )
        # A thousand candles are 700 kB: a few serve a crowd, which asks for the same ones.
        self.candles: Cache[CandleKey, Sequence[Candle]] = Cache(
            self._fetch_candles, fresh_s=CANDLES_FRESH_S, clock=clock, nursery=nursery, most=8, most_a_call=1
        )
        self.trades: Cache[TradesKey, Sequence[Trade]] = Cache(
            self._fetch_trades, fresh_s=TRADES_FRESH_S, clock=clock, nursery=nursery, most=50, most_a_call=1
        )
        self.depth: Cache[str, Depth] = Cache(
            self._fetch_depth, fresh_s=DEPTH_FRESH_S, clock=clock, nursery=nursery, most=50, most_a_call=1
        )

    def dollar_pair(self, base: str, dollars: Sequence[str]) -> str:
        """The coin's pair in what counts as a dollar; empty where there is none, or the pairs are not loaded."""
        pairs = self.pairs.peek(self.traits.name)
        symbols = (f"{base}/{dollar}" for dollar in dollars)
        return next((symbol for symbol in symbols if pairs and symbol in pairs.markets), "")

    def lists(self, symbol: str) -> bool:
        pairs = self.pairs.peek(self.traits.name)
        return bool(pairs and symbol in pairs.markets)

    @property
    def in_use(self) -> bool:
        return self.pairs.peek(self.traits.name) is not None

    def listed(self) -> Listed:
        pairs = self.pairs.peek(self.traits.name)
        if not pairs:
            return Listed(self.traits)
        active = [market for market in pairs.markets.values() if market.active]
        contracts = sum(market.contract for market in active)
        return Listed(self.traits, len(active) - contracts, contracts, sum(market.margin for market in active))

    async def _fetch_pairs(self, keys: Sequence[str]) -> Mapping[str, Pairs]:
        markets = await self._exchange.markets()
        return dict.fromkeys(keys, await asyncio.to_thread(Pairs, markets)) if markets else {}

    async def _fetch_candles(self, keys: Sequence[CandleKey]) -> Mapping[CandleKey, Sequence[Candle]]:
        return {key: await self._exchange.candles(*key) for key in keys}

    async def _fetch_trades(self, keys: Sequence[TradesKey]) -> Mapping[TradesKey, Sequence[Trade]]:
        return {key: await self._exchange.trades(*key) for key in keys}

    async def _fetch_depth(self, keys: Sequence[str]) -> Mapping[str, Depth]:
        return {symbol: await self._exchange.depth(symbol, MOST_DEPTH) for symbol in keys}
