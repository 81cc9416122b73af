"""One pair at one venue: its book, its tape of trades, and what candles and the last day look like."""

import hashlib
import math
import random
from collections import deque
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from bot.sandbox.exchange import state_money
from bot.sandbox.exchange.book import Book
from bot.sandbox.exchange.orders import Candle, Day, Print
from bot.sandbox.exchange.pairs import GRAIN, Pair
from bot.sandbox.market import Market

DAY_S = 86_400
REMEMBERED_PRINTS = 1_000
INNER_SAMPLES = 3
DAY_SAMPLES = 48
ZERO = Decimal(0)
# Of the world's volume, this share trades at one venue.
VENUE_SHARE = Decimal("0.08")
# Venues differ from each other by a few hundredths of a percent, now one ahead, now the other.
PREMIUM, PREMIUM_PERIOD_S = 0.0003, 900


class Floor:
    """Prices of the past are a pure function of market and time; trades are those of this floor."""

    def __init__(self, market: Market, pair: Pair, venue: str) -> None:
        self.pair = pair
        self.book = Book()
        self.tape: deque[Print] = deque(maxlen=REMEMBERED_PRINTS)
        self.rng = random.Random(f"{venue}/{pair.symbol}")
        self.seen_ms = 0
        self._market = market
        self._phase = int.from_bytes(hashlib.blake2b(venue.encode(), digest_size=2).digest(), "big") / 1000
        coins = (market.find(pair.base), market.find(pair.quote))
        self._listed = max((coin.listed for coin in coins if coin), default=0)
        self._reach: tuple[int, Decimal, Decimal] | None = None

    def fair(self, at: int) -> Decimal:
        """Where this venue trades at unix second `at`, off the grid of prices."""
        price = self._usd(self.pair.base, at) / self._usd(self.pair.quote, at)
        return price * Decimal(f"{1 + PREMIUM * math.sin(math.tau * at / PREMIUM_PERIOD_S + self._phase):.7f}")

    @property
    def last(self) -> Decimal:
        """The latest trade's price."""
        return self.tape[-1].price if self.tape else self.pair.rounded(self.fair(self._market.now()))

    def day(self, at_ms: int) -> Day:
        """The last 24 hours."""
        at = at_ms // 1000
        low, high = self._extremes(at)
        last = self.last
        bid, ask = self.book.levels("buy", 1), self.book.levels("sell", 1)
        quote = (self._volume(at) * DAY_S).quantize(GRAIN)
        return Day(
            symbol=self.pair.symbol,
            at_ms=at_ms,
            last=last,
            open=self.pair.rounded(self.fair(at - DAY_S)),
            high=max(high, last),
            low=min(low, last),
            volume=self.pair.cut(quote / last),
            volume_quote=quote,
            bid=bid[0][:2] if bid else None,
            ask=ask[0][:2] if ask else None,
            first_trade=self.tape[0].id if self.tape else 0,
            last_trade=self.tape[-1].id if self.tape else 0,
        )

    def candles(self, bounds: Sequence[int], now: int) -> list[Candle]:
        """One between each two moments, oldest first; none from before the pair was listed or after now."""
        made = []
        bounds = [at for at in bounds if at >= self._listed]
        begin = self.fair(bounds[0]) if bounds else ZERO
        for at, until in pairwise(bounds):
            if at > now:
                break
            end = max(min(until, now), at + 1)
            close = self.fair(end)
            inner = [self.fair(at + (end - at) * part // (INNER_SAMPLES + 1)) for part in range(1, INNER_SAMPLES + 1)]
            made.append(self._candle(at, end, [begin, *inner, close]))
            begin = close
        return made

    def _candle(self, at: int, end: int, path: list[Decimal]) -> Candle:
        path = [self.pair.rounded(price) for price in path]
        noise = Decimal(random.Random(f"{self.pair.symbol}/{at}").randint(60, 140)) / 100
        volume = self.pair.cut(self._volume(at) * (end - at) * noise / path[-1])
        return Candle(at * 1000, path[0], max(path), min(path), path[-1], volume)

    def _extremes(self, at: int) -> tuple[Decimal, Decimal]:
        # Samples lie on a grid of half hours, so that the next question finds them unless another half hour began.
        grid = at // (DAY_S // DAY_SAMPLES)
        if self._reach is None or self._reach[0] != grid:
            times = ((grid - back) * (DAY_S // DAY_SAMPLES) for back in range(DAY_SAMPLES))
            prices = [self.pair.rounded(self.fair(time)) for time in times]
            self._reach = (grid, min(prices), max(prices))
        return self._reach[1], self._reach[2]

    def _volume(self, at: int) -> Decimal:
        """In quote, a second."""
        coin = self._market.find(self.pair.base)
        volume = self._market.volume(coin, at) if coin else None
        return (volume or Decimal(0)) * VENUE_SHARE / self._usd(self.pair.quote, at) / DAY_S

    def _usd(self, asset: str, at: int) -> Decimal:
        if issued := state_money.usd(asset, at):
            return issued
        # Before its listing a coin stands where it came in.
        return self._market.price(asset, max(at, self._listed)) or Decimal(1)
