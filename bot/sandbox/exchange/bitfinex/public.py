"""What everybody may see: configuration, tickers, candles, trades and books."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from bot.sandbox.exchange.bitfinex.listing import by_id, conf, ticker_id
from bot.sandbox.exchange.bitfinex.rows import signed
from bot.sandbox.exchange.bitfinex.wire import Complaint, whole
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.grid import bounds
from bot.sandbox.exchange.orders import Day
from bot.sandbox.exchange.pairs import GRAIN, Pair

# Bitfinex's words for steps, and ours.
FRAMES: Mapping[str, str] = {
    "1m": "1m", "5m": "5m", "15m": "15m", "30m": "30m", "1h": "1h", "3h": "3h", "4h": "4h", "6h": "6h", "12h": "12h",
    "1D": "1d", "7D": "1w", "1W": "1w", "14D": "14d", "1M": "1M",
}  # fmt: skip
DEFAULT_CANDLES, MOST_CANDLES = 100, 10_000
DEFAULT_TRADES, MOST_TRADES = 125, 10_000
LENGTHS = (1, 25, 100)
FAR_MS = 2**53
Ask = Mapping[str, str]


class Span(NamedTuple):
    """Which part of a history is asked for, in milliseconds; both ends belong to it."""

    start: int | None
    end: int
    limit: int
    ascending: bool

    def cut(self, rows: Sequence[Any], column: int) -> list[Any]:
        """Rows, oldest first, become the answer: the first ones when ascending, else the latest ones."""
        inside = [row for row in rows if (self.start or 0) <= row[column] <= self.end]
        return inside[: self.limit] if self.ascending else inside[: -self.limit - 1 : -1]


def span(ask: Mapping[str, Any], default: int, most: int) -> Span:
    """Read from a query or a body; more than `most` is `most`."""
    start = whole(ask["start"], "start", most=FAR_MS) if ask.get("start") is not None else None
    end = whole(ask["end"], "end", most=FAR_MS) if ask.get("end") is not None else FAR_MS
    limit = whole(ask["limit"], "limit", least=1) if ask.get("limit") is not None else default
    return Span(start, end, min(limit, most), str(ask.get("sort", -1)) == "1")


class Public:
    """Each method answers one route; `ask` is what stood in its path and query."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def status(self, _: Ask) -> list[Any]:
        """Operative."""
        return [1]

    def conf(self, ask: Ask) -> list[Any]:
        """Several configurations at once are separated by commas."""
        return [conf(self._engine, request) for request in ask["config"].split(",")]

    def ticker(self, ask: Ask) -> list[Any]:
        """One pair, its name left out."""
        return _ticker(self._engine, self._engine.day(by_id(self._engine, ask["symbol"]).symbol))

    def tickers(self, ask: Ask) -> list[Any]:
        """Several pairs or ALL; those that do not exist are left out."""
        wanted = ask.get("symbols", "ALL")
        known = {ticker_id(pair.symbol): pair.symbol for pair in self._engine.pairs}
        chosen = known if wanted == "ALL" else [ident for ident in wanted.split(",") if ident in known]
        return [[ident, *_ticker(self._engine, self._engine.day(known[ident]))] for ident in chosen]

    def trades(self, ask: Ask) -> list[Any]:
        """The tape."""
        pair = by_id(self._engine, ask["symbol"])
        rows = [[one.id, one.at_ms, signed(one.side, one.amount), one.price] for one in self._engine.tape(pair.symbol)]
        return span(ask, DEFAULT_TRADES, MOST_TRADES).cut(rows, 1)

    def book(self, ask: Ask) -> list[Any]:
        """R0: every order; P0: price levels. Both have bids first."""
        pair, precision = by_id(self._engine, ask["symbol"]), ask["precision"]
        length = whole(ask.get("len", 25), "len")
        if precision not in ("R0", "P0") or length not in LENGTHS:
            raise Complaint(10020, "prec: invalid" if length in LENGTHS else "len: invalid")
        if precision == "P0":
            bids, asks = self._engine.depth(pair.symbol, length)
            return [[price, count, amount] for price, amount, count in bids] + [
                [price, count, -amount] for price, amount, count in asks
            ]
        return [
            [order.id, order.price, signed(order.wish.side, order.left)]
            for side in self._engine.resting(pair.symbol, length)
            for order in side
        ]

    def candles(self, ask: Ask) -> list[Any]:
        """Takes a while when many are asked for: not on the loop."""
        pair, step = self._frame(ask["key"])
        if ask["section"] not in ("hist", "last"):
            raise Complaint(10020, "section: invalid")
        wanted = span(ask, DEFAULT_CANDLES, MOST_CANDLES)
        if ask["section"] == "last":
            wanted = Span(None, FAR_MS, 1, ascending=False)
        first = -(-wanted.start // 1000) if wanted.ascending and wanted.start is not None else None
        last = min(wanted.end, self._engine.now_ms()) // 1000
        rows = [
            [candle.at_ms, candle.open, candle.close, candle.high, candle.low, candle.volume]
            for candle in self._engine.candles(pair.symbol, bounds(step, first, last, wanted.limit))
        ]
        return wanted.cut(rows, 0) if ask["section"] == "hist" else rows[-1]

    def _frame(self, key: str) -> tuple[Pair, str]:
        kind, _, rest = key.partition(":")
        frame, _, ident = rest.partition(":")
        if kind != "trade" or frame not in FRAMES:
            raise Complaint(10020, "key: invalid")
        return by_id(self._engine, ident), FRAMES[frame]


def _ticker(engine: Engine, day: Day) -> list[Any]:
    change = day.last - day.open
    bids, asks = engine.depth(day.symbol, 25)
    return [
        *(bids[0][0] if bids else None, sum((level[1] for level in bids), Decimal(0))),
        *(asks[0][0] if asks else None, sum((level[1] for level in asks), Decimal(0))),
        change,
        (change / day.open).quantize(GRAIN),
        day.last,
        day.volume,
        day.high,
        day.low,
    ]
