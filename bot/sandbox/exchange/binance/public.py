"""What Binance tells everybody: clock, listings, tickers, candles, trades, depth."""

from typing import Any

from bot.sandbox.exchange.binance import rows
from bot.sandbox.exchange.binance.asked import SYMBOL, Asked
from bot.sandbox.exchange.binance.refusals import Refusal
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.faults import Faults
from bot.sandbox.exchange.grid import STEPS_S, bounds
from bot.sandbox.exchange.orders import Print

INTERVALS = {step: step for step in STEPS_S if step not in {"3h", "14d"}}
RATE_LIMITS = [
    {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000},
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 100},
    {"rateLimitType": "ORDERS", "interval": "DAY", "intervalNum": 1, "limit": 200000},
]


class Public:
    """One method an endpoint."""

    def __init__(self, engine: Engine, faults: Faults) -> None:
        self._engine = engine
        self._faults = faults
        self._symbols = {rows.name(pair): pair.symbol for pair in engine.pairs}

    def symbol(self, name: str) -> str:
        """`BTC/USDT` of `BTCUSDT`."""
        if name not in self._symbols:
            raise Refusal(-1121, "Invalid symbol.")
        return self._symbols[name]

    def asked_symbol(self, asked: Asked) -> str:
        """Of the mandatory parameter."""
        return self.symbol(asked.needed("symbol", SYMBOL))

    def ping(self, asked: Asked) -> Any:
        del asked
        return {}

    def time(self, asked: Asked) -> Any:
        del asked
        return {"serverTime": self._faults.now_ms()}

    def exchange_info(self, asked: Asked) -> Any:
        return {
            "timezone": "UTC",
            "serverTime": self._faults.now_ms(),
            "rateLimits": RATE_LIMITS,
            "exchangeFilters": [],
            "symbols": [rows.listing(self._engine.pair(self._symbols[name])) for name in self._names(asked)],
        }

    def day_ticker(self, asked: Asked) -> Any:
        return self._each(asked, lambda name: rows.day_ticker(self._engine.day(self._symbols[name]), name))

    def book_ticker(self, asked: Asked) -> Any:
        return self._each(asked, lambda name: rows.book_ticker(self._engine.day(self._symbols[name]), name))

    def price(self, asked: Asked) -> Any:
        return self._each(
            asked, lambda name: {"symbol": name, "price": rows.money(self._engine.day(self._symbols[name]).last)}
        )

    def average_price(self, asked: Asked) -> Any:
        day = self._engine.day(self.asked_symbol(asked))
        return {"mins": 5, "price": rows.money(day.last), "closeTime": day.at_ms}

    def candles(self, asked: Asked) -> Any:
        """Slow to draw: see Engine.candles."""
        symbol = self.asked_symbol(asked)
        step = asked.choice("interval", INTERVALS, -1120, "Invalid interval.")
        if step is None:
            raise Refusal(-1102, "Mandatory parameter 'interval' was not sent, was empty/null, or malformed.")
        first, last = asked.whole("startTime"), asked.whole("endTime")
        end = min(self._engine.now_ms(), last if last is not None else self._engine.now_ms())
        if first is not None and first > end:
            return []
        marks = bounds(step, None if first is None else -(-first // 1000), end // 1000, asked.limit(500, 1000))
        return [rows.candle(candle, step) for candle in self._engine.candles(symbol, marks)]

    def trades(self, asked: Asked) -> Any:
        tape = self._engine.tape(self.asked_symbol(asked))
        return [rows.trade(print_) for print_ in tape[-asked.limit(500, 1000) :]]

    def old_trades(self, asked: Asked) -> Any:
        tape = _from_id(self._engine.tape(self.asked_symbol(asked)), asked.whole("fromId"), asked.limit(500, 1000))
        return [rows.trade(print_) for print_ in tape]

    def aggregate_trades(self, asked: Asked) -> Any:
        """Ours are never grouped: an aggregate is one trade."""
        tape, limit = self._engine.tape(self.asked_symbol(asked)), asked.limit(500, 1000)
        first, last, from_id = asked.whole("startTime"), asked.whole("endTime"), asked.whole("fromId")
        if from_id is not None and (first, last) != (None, None):
            raise Refusal(-1128, "Combination of optional parameters invalid.")
        tape = [print_ for print_ in tape if (first or 0) <= print_.at_ms <= (last or print_.at_ms)]
        chosen = tape[:limit] if first is not None else _from_id(tape, from_id, limit)
        return [rows.aggregate(print_) for print_ in chosen]

    def depth(self, asked: Asked) -> Any:
        symbol = self.asked_symbol(asked)
        bids, asks = self._engine.depth(symbol, asked.limit(100, 5000))
        return {
            "lastUpdateId": self._engine.day(symbol).last_trade,
            "bids": [[rows.money(price), rows.money(amount)] for price, amount, _ in bids],
            "asks": [[rows.money(price), rows.money(amount)] for price, amount, _ in asks],
        }

    def _names(self, asked: Asked) -> list[str]:
        names = asked.symbols()
        for name in names or ():
            self.symbol(name)
        return list(self._symbols) if names is None else names

    def _each(self, asked: Asked, told: Any) -> Any:
        # One symbol by `symbol` is answered as an object, by `symbols` as a list of one.
        found = [told(name) for name in self._names(asked)]
        return found[0] if "symbol" in asked.given else found


def _from_id(tape: list[Print], from_id: int | None, limit: int) -> list[Print]:
    if from_id is None:
        return tape[-limit:]
    return [print_ for print_ in tape if print_.id >= from_id][:limit]
