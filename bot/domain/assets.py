"""Coins: who they are, apart from what they cost."""

from dataclasses import dataclass
from typing import NewType

Symbol = NewType("Symbol", str)
"""The price source's own id of an asset, upper case and unique. What people type is a ticker, which is not unique."""

WHOLE_MARKET = Symbol("SUM_ALL_COINS")
"""The sum of all coins, which the source treats as one asset: it has a cap and a volume, and no price."""


@dataclass(frozen=True, slots=True)
class Asset:
    """`ticker` is what people type (not unique), `slug` the source's unique readable name, `rank` by cap, from 1."""

    symbol: Symbol
    ticker: str
    name: str
    slug: str = ""
    aliases: tuple[str, ...] = ()
    rank: int | None = None
