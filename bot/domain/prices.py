"""Quotes and series: what an asset costs, and what it cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.assets import WHOLE_MARKET, Asset, Symbol
from bot.domain.errors import UserMistake


class Period(StrEnum):
    """How far back a series reaches. The value is what people type."""

    DAY = "1d"
    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "3m"
    YEAR = "1y"
    ALL = "all"


class Field(StrEnum):
    """What a series is of. In USD."""

    PRICE = "price"
    CAP = "cap"
    VOLUME = "volume"


def fields_of(symbol: Symbol) -> tuple[Field, ...]:
    """What there is of it; first what is usually meant."""
    return (Field.CAP, Field.VOLUME) if symbol == WHOLE_MARKET else tuple(Field)


class Samples(StrEnum):
    """How densely the source samples: about 300, 600 and 1,200 points."""

    SMALL = "sm"
    MEDIUM = "md"
    LARGE = "lg"


@dataclass(frozen=True, slots=True)
class Quote:
    """One asset now, in USD; changes in percent; None where the source does not know.

    `at` is when the source says the price was made, `fetched_at` when we heard it. `source` is the source's own name.
    """

    asset: Asset
    price: Decimal | None
    at: datetime
    fetched_at: datetime
    source: str
    change_1h: Decimal | None = None
    change_24h: Decimal | None = None
    change_7d: Decimal | None = None
    change_30d: Decimal | None = None
    low_24h: Decimal | None = None
    high_24h: Decimal | None = None
    cap: Decimal | None = None
    volume_24h: Decimal | None = None
    supply: Decimal | None = None
    max_supply: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One sample, UTC. `value` is None where the source has a gap."""

    at: datetime
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Series:
    """Samples of one field of one asset: sorted by time, no time twice. Times of two assets need not line up."""

    symbol: Symbol
    period: Period
    field: Field
    points: Sequence[Point]
    fetched_at: datetime
    source: str

    @property
    def values(self) -> list[Decimal]:
        return [point.value for point in self.points if point.value is not None]


@dataclass(frozen=True, slots=True)
class MarketTotals:
    """The whole market now; dominance in percent of the total cap."""

    cap: Decimal | None
    cap_change_24h: Decimal | None
    volume_24h: Decimal | None
    dominance: dict[str, Decimal]
    at: datetime
    fetched_at: datetime
    source: str


def columns_of(symbols: Iterable[Symbol], fields: Sequence[Field]) -> tuple[tuple[Symbol, Field], ...]:
    """What a table is asked for: each symbol with each field; where no field is named, with its usual one."""
    return tuple((symbol, field) for symbol in symbols for field in fields or fields_of(symbol)[:1])


def by_field(columns: Iterable[tuple[Symbol, Field]]) -> dict[Field, list[Symbol]]:
    """As a source is asked: of one field, for many symbols."""
    found: dict[Field, list[Symbol]] = {}
    for symbol, field in columns:
        found.setdefault(field, []).append(symbol)
    return found


class SeveralCoins(UserMistake):
    """One ticker, several coins of like size: the person has to say which. Best cap first."""

    def __init__(self, ticker: str, candidates: Sequence[Quote]) -> None:
        super().__init__("symbol.several", typed=ticker)
        self.ticker = ticker
        self.candidates = candidates


class UnknownCoin(UserMistake):
    """Nobody of that name; `closest` are up to three that read alike."""

    def __init__(self, typed: str, closest: Sequence[Quote]) -> None:
        super().__init__("symbol.unknown", typed=typed[:32])
        self.typed = typed[:32]
        self.closest = closest


def no_price(asset: Asset) -> UserMistake:
    """The source told none, or there can be none."""
    if asset.symbol == WHOLE_MARKET:
        return UserMistake("price.whole_market", suggestions=(("/cap", "cap"),))
    return UserMistake("price.none", ticker=asset.ticker)
