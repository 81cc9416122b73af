"""A price source in memory, for tests: knows its coins, counts its calls, can be held up and can fail."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from bot.domain.assets import WHOLE_MARKET, Asset, Symbol
from bot.domain.ports import Clock
from bot.domain.prices import Field, Period, Point, Quote, Samples, Series

COINS = (
    ("BTC", "BTC", "Bitcoin", "60000", "1200000"),
    ("ETH", "ETH", "Ethereum", "3000", "360000"),
    ("UNI", "UNI", "Uniswap", "6", "4000"),
    ("UNICORN", "UNI", "Unicorn Ledger", "0.04", "1000"),
    ("UNIVERSE", "UNI", "Universe Island", "0.003", "10"),
    ("NOVA", "NVA", "Novarium", "0.8", "60"),
    ("NOVAPRO", "NOVA", "Nova Protocol", "2", "50"),
)
UNLISTED = ("DUST", "DST", "Stardust", "0.0000001", "1")


def quote(clock: Clock, symbol: str, ticker: str, name: str, price: str | None, cap: str | None, **more) -> Quote:
    asset = Asset(Symbol(symbol), ticker, name, name.lower().replace(" ", "-"), **more)
    figures = [None if figure is None else Decimal(figure) for figure in (price, cap)]
    return Quote(asset, figures[0], clock.now(), clock.now(), "Shelf", cap=figures[1])


class PriceShelf:
    name = "Shelf"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.coins = list(COINS)
        self.asked: list[tuple[str, ...]] = []
        self.fault: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def quotes(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Quote]:
        await self._served("quotes", *symbols)
        rows = {row[0]: row for row in (*self.coins, UNLISTED)}
        return {symbol: quote(self._clock, *rows[symbol]) for symbol in symbols if symbol in rows}

    async def listing(self) -> Sequence[Quote]:
        await self._served("listing")
        return [quote(self._clock, *row) for row in self.coins]

    async def series(
        self, symbols: Sequence[Symbol], period: Period, field: Field, samples: Samples
    ) -> Mapping[Symbol, Series]:
        await self._served("series", *symbols, period, field, samples)
        known = {row[0] for row in self.coins} | ({WHOLE_MARKET} if field is not Field.PRICE else set())
        now = self._clock.now()
        points = [Point(now - timedelta(hours=hours), Decimal(1000 - hours)) for hours in range(24, -1, -1)]
        return {symbol: Series(symbol, period, field, points, now, self.name) for symbol in symbols if symbol in known}

    def calls(self, what: str) -> list[tuple[str, ...]]:
        return [call[1:] for call in self.asked if call[0] == what]

    async def _served(self, *call: str) -> None:
        self.asked.append(call)
        await self.open.wait()
        if self.fault:
            raise self.fault
