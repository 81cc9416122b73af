"""What one currency is worth in another, by which way that was found, and one pair at several exchanges."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.errors import UserMistake
from bot.domain.money import EXACT
from bot.domain.orders import Market, Ticker, Traits

FIAT = frozenset(
    (
        *("USD", "EUR", "GBP", "JPY", "CNY", "KRW", "TRY", "BRL", "AUD", "CAD", "CHF", "PLN", "RUB", "UAH", "ZAR"),
        *("NGN", "ARS", "MXN", "INR", "IDR", "CZK", "SEK", "NOK", "DKK", "HUF", "RON", "COP", "VND", "THB", "PHP"),
        *("SGD", "HKD", "TWD", "NZD", "AED", "SAR", "KZT"),
    )
)
"""State money that exchanges trade coins for. A coin that shares such a name is not what people mean by it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One price that a rate goes by: one `base` costs `price` of `quote`, says `source`. `at`: when it said so."""

    source: str
    base: str
    quote: str
    price: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Rate:
    """One `have` is worth `value` of `want`: by one price, or by several after each other."""

    have: str
    want: str
    value: Decimal
    steps: tuple[Step, ...]
    stale: bool = False

    @property
    def via(self) -> tuple[str, ...]:
        """The currencies between the two."""
        between, now = [], self.have
        for step in self.steps:
            now = step.quote if now == step.base else step.base
            between.append(now)
        return tuple(between[:-1])

    def then(self, more: "Rate") -> "Rate":
        """`more` begins with what this one ends with."""
        value = EXACT.multiply(self.value, more.value)
        return Rate(self.have, more.want, value, (*self.steps, *more.steps), self.stale or more.stale)


@dataclass(frozen=True, slots=True)
class Seen:
    """A ticker as it can be had now. `stale`: the exchange was asked again and did not answer."""

    ticker: Ticker
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Stand:
    """One exchange in a comparison. `fault` names the text that says why there is no ticker."""

    traits: Traits
    seen: Seen | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A pair at one exchange. `others`: exchanges in use that list it, too."""

    traits: Traits
    market: Market
    others: tuple[Traits, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """An exchange that is on, and how many pairs of each kind it has; None where nobody has asked it yet."""

    traits: Traits
    pairs: int | None = None
    contracts: int = 0
    margin: int = 0


@dataclass(frozen=True, slots=True)
class Doubt:
    """Exchanges see a coin `percent` away from what its source says: at `price`, in `dollars` of one kind or more."""

    percent: Decimal
    price: Decimal
    dollars: tuple[str, ...]
    exchanges: tuple[str, ...]


class UnknownPair(UserMistake):
    """There is no such pair, at `exchange`, or where that is empty, at any; `closest` may have been meant."""

    def __init__(self, typed: str, exchange: str, closest: Sequence[str] = (), *, several: bool = False) -> None:
        key = "pair.several" if several else "pair.unknown"
        super().__init__(key, typed=typed[:40], exchange=exchange)
        self.typed = typed
        self.exchange = exchange
        self.closest = closest


def rate_of(have: str, want: str, steps: Sequence[Step], *, stale: bool = False) -> Rate:
    """Through `steps` in their order, each forward or backward as the way needs it."""
    value, now = Decimal(1), have
    for step in steps:
        forward = now == step.base
        value = EXACT.multiply(value, step.price) if forward else EXACT.divide(value, step.price)
        now = step.quote if forward else step.base
    return Rate(have, want, value, tuple(steps), stale)


def price_of(ticker: Ticker) -> Decimal | None:
    """What it costs now: between the best two offers where both are known, else what was last paid."""
    bid, ask = sound(ticker.bid), sound(ticker.ask)
    if bid and ask and bid <= ask:
        return EXACT.divide(EXACT.add(bid, ask), Decimal(2))
    return sound(ticker.last)


def sound(price: Decimal | None) -> Decimal | None:
    """None for what is no price: nothing, not above zero, not a number."""
    return price if price is not None and price.is_finite() and price > 0 else None


def prices_of(tickers: Iterable[Ticker]) -> list[Decimal]:
    return [price for price in map(price_of, tickers) if price is not None]


def median_price(tickers: Iterable[Ticker]) -> Decimal | None:
    """None where no ticker has a price."""
    prices = sorted(prices_of(tickers))
    if not prices:
        return None
    half = len(prices) // 2
    return prices[half] if len(prices) % 2 else EXACT.divide(EXACT.add(prices[half - 1], prices[half]), Decimal(2))


def apart(low: Decimal, high: Decimal, of: Decimal) -> Decimal:
    """How far the two lie apart, in percent of `of`, which is above zero."""
    return EXACT.divide(EXACT.multiply(EXACT.subtract(high, low), Decimal(100)), of)
