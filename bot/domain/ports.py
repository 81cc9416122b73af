"""What the desk needs of the outside. Only what has, or will have, several implementations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.assets import Symbol
from bot.domain.prices import Field, Period, Quote, Samples, Series


class Clock(Protocol):
    """The only way to learn the time."""

    def now(self) -> datetime:
        """Wall clock, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backward: for ages, leases and budgets within this process."""
        ...


class PriceSource(Protocol):
    """A source of prices in USD. Every method raises Unavailable when the source does not serve.

    What the source does not know is missing from the answer; it is never an error and never a guess.
    """

    name: str

    async def quotes(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Quote]:
        """One upstream call for all of `symbols`."""
        ...

    async def series(
        self, symbols: Sequence[Symbol], period: Period, field: Field, samples: Samples
    ) -> Mapping[Symbol, Series]:
        """One upstream call for all of `symbols`, where the source can."""
        ...

    async def listing(self) -> Sequence[Quote]:
        """The largest coins, best rank first: names, ranks, and their quotes as of this call. Bounded."""
        ...
