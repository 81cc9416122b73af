"""An exchange in memory, for tests: knows its pairs, counts its calls, can be held up and can fail."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.errors import Refused, Unavailable
from bot.domain.orders import Candle, Credentials, Depth, Market, Side, Ticker, Trade, Traits
from bot.domain.ports import Account, Clock

PRICES = {
    "BTC/USDT": "60000",
    "ETH/USDT": "3000",
    "ETH/BTC": "0.05",
    "BTC/EUR": "55000",
    "DOGE/USDT": "0.125",
    "BTC/USDT:USDT": "60010",
}
EVERY = {"1m": 60, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "4h": 14_400, "1d": 86_400, "1w": 604_800}


def market(symbol: str, **more) -> Market:
    pair, _, settle = symbol.partition(":")
    base, _, quote = pair.partition("/")
    rules = {"amount_step": Decimal("0.00001"), "price_step": Decimal("0.01"), "least_cost": Decimal(5)} | more
    return Market(symbol, base, quote, settle=settle, **rules)


class ExchangeShelf:
    """`prices` by symbol may be changed at any time; `spread` is the share between a price and the offers around it.

    `fault` is raised by every call; while `open` is not set calls wait. `accounts` by key: what `account` hands out.
    """

    def __init__(self, clock: Clock, name: str = "binance", title: str = "Binance", **traits) -> None:
        self.traits = Traits(name, title, **traits)
        self._clock = clock
        self.prices = {symbol: Decimal(price) for symbol, price in PRICES.items()}
        self.rules: dict[str, Market] = {}
        self.spread = Decimal("0.0001")
        self.asked: list[tuple[object, ...]] = []
        self.fault: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.accounts: dict[str, Account] = {}
        self.closed = False

    async def markets(self) -> Mapping[str, Market]:
        await self._served("markets")
        return {symbol: self.rules.get(symbol) or market(symbol) for symbol in self.prices}

    async def tickers(self, symbols: Sequence[str]) -> Mapping[str, Ticker]:
        await self._served("tickers", *symbols)
        return {symbol: self._ticker(symbol, self.prices[symbol]) for symbol in symbols if symbol in self.prices}

    async def candles(self, symbol: str, every: str, limit: int, since: datetime | None) -> Sequence[Candle]:
        """From `since` on, or the last ones; each rises by a thousandth."""
        await self._served("candles", symbol, every, limit, since)
        step, price = timedelta(seconds=EVERY[every]), self._price(symbol)
        now = self._clock.now()
        last = now - timedelta(seconds=now.timestamp() % step.total_seconds())
        first = since or last - step * (limit - 1)
        count = min(limit, (last - first) // step + 1)
        opens = [price * (1000 + n) / 1000 for n in range(count)]
        return [
            Candle(first + step * n, each, each * Decimal("1.002"), each * Decimal("0.999"), each * Decimal("1.001"),
                   Decimal(10 + n % 7))
            for n, each in enumerate(opens)
        ]  # fmt: skip

    async def trades(self, symbol: str, limit: int) -> Sequence[Trade]:
        await self._served("trades", symbol, limit)
        price, now = self._price(symbol), self._clock.now()
        return [
            Trade(str(n), now - timedelta(seconds=limit - n), (Side.BUY, Side.SELL)[n % 2], price + n, Decimal("0.01"))
            for n in range(limit)
        ]

    async def depth(self, symbol: str, limit: int) -> Depth:
        await self._served("depth", symbol, limit)
        price = self._price(symbol)
        steps = [price * n / 10_000 for n in range(1, limit + 1)]
        bids = tuple((price - step, Decimal(n + 1)) for n, step in enumerate(steps))
        asks = tuple((price + step, Decimal(n + 1)) for n, step in enumerate(steps))
        return Depth(symbol, bids, asks, self._clock.now())

    def account(self, account_id: str, credentials: Credentials) -> Account:
        self.asked.append(("account", account_id))
        return self.accounts[credentials.key]

    def release(self, account_id: str) -> None:
        self.asked.append(("release", account_id))

    async def close(self) -> None:
        self.closed = True

    def calls(self, what: str) -> list[tuple[object, ...]]:
        return [call[1:] for call in self.asked if call[0] == what]

    def down(self) -> None:
        self.fault = Unavailable("source.down", source=self.traits.title)

    def _ticker(self, symbol: str, price: Decimal) -> Ticker:
        now = self._clock.now()
        return Ticker(
            self.traits.name, symbol, now, price, price * (1 - self.spread), price * (1 + self.spread),
            price * Decimal("1.02"), price * Decimal("0.98"), Decimal("1.5"), Decimal(1000), price * 1000, now,
        )  # fmt: skip

    def _price(self, symbol: str) -> Decimal:
        if symbol not in self.prices:
            raise Refused("pair.unknown", typed=symbol, exchange=self.traits.title)
        return self.prices[symbol]

    async def _served(self, *call: object) -> None:
        self.asked.append(call)
        await self.open.wait()
        if self.fault:
            raise self.fault
