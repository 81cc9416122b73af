"""The seeded market behind the whole sandbox: any price at any time, and the hands that move it."""

import math
import time
from bisect import bisect_right
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from bot.sandbox.coins import ANCHOR, DAY_S, Coin, catalogue
from bot.sandbox.totals import Sums, Totals
from bot.sandbox.waves import Wave, ripple, shared_ripple, waves

CENT = Decimal("0.01")
MARKET_VOLATILITY = 0.42
TWIN_VOLATILITY = 0.002
SMALLEST_FACTOR, LARGEST_FACTOR = Decimal("0.000001"), Decimal(1_000_000)
NEWCOMER_AGE_S = 5 * DAY_S // 2
REMEMBERED_HANDS = 200


class Pause(NamedTuple):
    begin: int
    end: float


class Moves:
    """The jumps of one asset: from each moment on, its price is so many times what it would be."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._factors: list[float] = []

    def add(self, at: int, factor: float) -> None:
        self._times.append(at)
        self._factors.append(factor * (self._factors[-1] if self._factors else 1))
        if len(self._times) > REMEMBERED_HANDS:
            del self._times[0], self._factors[0]
            # Times before the oldest jump still known get that jump's level, not a cliff.
            self._times[0] = -math.inf

    def factor(self, at: int) -> float:
        index = bisect_right(self._times, at)
        return self._factors[index - 1] if index else 1.0

    def latest(self, at: int) -> float:
        """When the last jump up to `at` was; minus infinity for none."""
        index = bisect_right(self._times, at)
        return self._times[index - 1] if index else -math.inf


class Market:
    """Prices are a pure function of seed, symbol and time, save for what `move` and `freeze` do from now on.

    Inside, logarithms and floats make the noise; what leaves is Decimal, prices with ten significant digits.
    """

    def __init__(
        self, seed: str = "changedesk", *, invented: int = 230, dust: int = 2700, clock: Callable[[], float] = time.time
    ) -> None:
        self._clock = clock
        self._seed = seed
        self.coins = catalogue(seed, invented=invented, dust=dust, born=int(clock()) - NEWCOMER_AGE_S)
        self._by_symbol = {coin.symbol: coin for coin in self.coins}
        self._shapes: dict[str, tuple[Wave, ...]] = {}
        self._offsets: dict[str, float] = {}
        self._moves: dict[str, Moves] = {}
        self._pauses: list[Pause] = []
        counted = (coin for coin in self.coins if coin.kind == "crypto" and coin.supply is not None)
        self._totals = Totals(counted, self._worth)
        self.version = 0

    def now(self) -> int:
        """Unix seconds; the market's ticks are whole seconds."""
        return int(self._clock())

    def find(self, symbol: str) -> Coin | None:
        """The asset with this internal symbol, in any case."""
        return self._by_symbol.get(symbol.upper())

    def price(self, symbol: str, at: int | None = None) -> Decimal | None:
        """US dollars at unix second `at`; None where nothing is known: no such asset, no data, not listed yet."""
        coin = self.find(symbol)
        return None if coin is None else self.quote(coin, self.now() if at is None else at)

    def quote(self, coin: Coin, at: int) -> Decimal | None:
        """The same for an asset at hand."""
        return Decimal(f"{self._level(coin, at):.10g}") if _has_data(coin, at) else None

    def supply(self, coin: Coin, at: int) -> Decimal | None:
        """Whole units in circulation; it grows from the listing on."""
        return None if coin.supply is None else Decimal(_supply(coin, at))

    def market_cap(self, coin: Coin, at: int) -> Decimal | None:
        """Price times supply in US dollars, to the cent; None where either is unknown."""
        supply = self.supply(coin, at)
        price = None if supply is None else self.quote(coin, at)
        return None if price is None or supply is None else (price * supply).quantize(CENT)

    def volume(self, coin: Coin, at: int) -> Decimal | None:
        """Traded in the 24 hours before `at`, in US dollars."""
        return Decimal(f"{self._volume(coin, at, self._level(coin, at)):.2f}") if _has_data(coin, at) else None

    def total(self, at: int) -> Sums:
        """Sums over every coin with a known market cap; stocks do not count."""
        # The present second may still be moved by hand; the past stays.
        return self._totals.at(at, settled=at < self.now())

    def updated_at(self, coin: Coin, at: int) -> int | None:
        """When the price that holds at `at` was made; None without data."""
        if coin.price is None:
            return None
        moved = self._moves.get(coin.symbol)
        made = self._made(coin, at)
        return made if moved is None else int(max(made, moved.latest(at)))

    def move(self, symbol: str, percent: Decimal | str | int) -> None:
        """Let the price jump by so many percent from now on. ValueError where it cannot."""
        coin = self.find(symbol)
        if coin is None or coin.price is None:
            raise ValueError(f"there is no price to move for {symbol}")
        self._totals.watch(coin)
        self._moves.setdefault(coin.symbol, Moves()).add(self.now(), _factor(percent))
        self.version += 1

    def freeze(self) -> None:
        """Prices and the times they were made at stand still until `thaw`; only `move` changes them. Idempotent."""
        if not self.frozen:
            self._pauses.append(Pause(self.now(), math.inf))
            self.version += 1

    def thaw(self) -> None:
        """Prices go on where they would be by now; charts keep the flat stretch. Idempotent."""
        if self.frozen:
            self._pauses[-1] = self._pauses[-1]._replace(end=self.now())
            del self._pauses[:-REMEMBERED_HANDS]
            self.version += 1

    @property
    def frozen(self) -> bool:
        """Whether prices stand still."""
        return bool(self._pauses) and self._pauses[-1].end == math.inf

    def _made(self, coin: Coin, at: int) -> int:
        for begin, end in self._pauses:
            if begin <= at < end:
                at = begin
        return max(at - at % coin.tick_s, coin.listed)

    def _level(self, coin: Coin, at: int) -> float:
        made = self._made(coin, at)
        growth = coin.temper.growth * _age(coin.grown_since, made) ** 2
        level = float(coin.price or 0) * math.exp(self._drift(coin, made) - self._offset(coin) - growth)
        moved = self._moves.get(coin.symbol)
        return level * moved.factor(at) if moved else level

    def _offset(self, coin: Coin) -> float:
        known = self._offsets.get(coin.symbol)
        if known is None:
            known = self._offsets[coin.symbol] = self._drift(coin, ANCHOR)
        return known

    def _drift(self, coin: Coin, at: int) -> float:
        shape = self._shapes.get(coin.symbol)
        if shape is None:
            shape = self._shapes[coin.symbol] = self._shape(coin)
        return coin.temper.beta * shared_ripple(self._seed, MARKET_VOLATILITY, at) + ripple(shape, at)

    def _shape(self, coin: Coin) -> tuple[Wave, ...]:
        own = waves(f"{self._seed}/{coin.pulse}", coin.temper.volatility)
        # A twin keeps close to what it stands for, with a breath of its own.
        return own if coin.pulse == coin.symbol else own + waves(f"{self._seed}/{coin.symbol}", TWIN_VOLATILITY)

    def _volume(self, coin: Coin, at: int, level: float) -> float:
        relative = level / float(coin.price or 1) * (_supply(coin, at) / int(coin.supply or 1))
        phase = coin.image_id
        tide = 1 + 0.25 * math.sin(at / 13_750 + phase) + 0.2 * math.sin(at / 72_000 + 2 * phase)
        return coin.volume_usd * relative * (tide + 0.08 * math.sin(at / 1_900 + 3 * phase))

    def _worth(self, coin: Coin, at: int) -> tuple[float, float]:
        level = self._level(coin, at)
        return level * _supply(coin, at), self._volume(coin, at, level)


def _factor(percent: Decimal | str | int) -> float:
    try:
        factor = 1 + Decimal(percent) / 100
    except InvalidOperation:
        raise ValueError(f"not a number of percent: {percent}") from None
    if not factor.is_finite() or not SMALLEST_FACTOR <= factor <= LARGEST_FACTOR:
        raise ValueError(f"a price cannot move by {percent} %")
    return float(factor)


def _has_data(coin: Coin, at: int) -> bool:
    return coin.price is not None and at >= coin.listed


def _age(since: int, at: int) -> float:
    """How far back `at` lies: 0 from ANCHOR on, 1 at `since`."""
    return max(0.0, (ANCHOR - at) / (ANCHOR - since)) if since < ANCHOR else 0.0


def _supply(coin: Coin, at: int) -> int:
    if coin.supply is None:
        return 1
    return int(float(coin.supply) * (1 - (1 - coin.temper.early_supply) * _age(coin.listed, at)))
