"""Prices, caps and history: fresh where it can be, the last known with its age where not, never a guess."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from bot.domain.assets import WHOLE_MARKET, Asset, Symbol
from bot.domain.errors import Unavailable
from bot.domain.money import Amount, percent_change
from bot.domain.ports import Clock, PriceSource, unhurried
from bot.domain.prices import (
    Field,
    MarketTotals,
    Period,
    Quote,
    Samples,
    Series,
    UnknownCoin,
    by_field,
    no_price,
)
from bot.domain.users import User
from bot.domain.words import legible
from bot.scheduler import Nursery
from bot.services._cache import Cache
from bot.services._coins import Coins

QUOTE_FRESH_S = 10
STRANGER_FRESH_S = 600
LISTING_FRESH_S = 1_800
SERIES_FRESH_S = 120
TOTALS_FRESH_S = 60


@dataclass(frozen=True, slots=True)
class Latest:
    """A quote as it can be had now. `stale`: the source did not answer in time, this is the last it said."""

    quote: Quote
    stale: bool


@dataclass(frozen=True, slots=True)
class Conversion:
    """`rate` is one `source` in `target`; both sides were priced in USD by the quotes given."""

    amount: Amount
    result: Amount
    rate: Decimal
    source: Latest | None
    target: Latest | None


SeriesKey = tuple[Symbol, Period, Field, Samples]


class Prices:
    def __init__(self, source: PriceSource, clock: Clock, nursery: Nursery) -> None:
        self._source = source
        self._clock = clock
        self._searching = asyncio.Lock()
        self._quotes: Cache[Symbol, Quote] = Cache(
            source.quotes, fresh_s=QUOTE_FRESH_S, clock=clock, nursery=nursery, most=5_000
        )
        # Who is below the listing's end, or nobody: each costs a call of its own, and quotes must not wait for it.
        self._strangers: Cache[Symbol, Asset] = Cache(
            self._fetch_strangers, fresh_s=STRANGER_FRESH_S, clock=clock, nursery=nursery, most=5_000
        )
        self._listing: Cache[str, Coins] = Cache(
            self._fetch_listing, fresh_s=LISTING_FRESH_S, clock=clock, nursery=nursery, most=1
        )
        self._totals: Cache[str, MarketTotals] = Cache(
            self._fetch_totals, fresh_s=TOTALS_FRESH_S, clock=clock, nursery=nursery, most=1
        )
        # A series is some 200 kB: a few dozen serve a crowd, a thousand would be the process's whole memory.
        self._series: Cache[SeriesKey, Series] = Cache(
            self._fetch_series, fresh_s=SERIES_FRESH_S, clock=clock, nursery=nursery, most=40
        )

    async def warm(self) -> None:
        """Fetch what every first question needs. Raises Unavailable."""
        await self._coins()

    async def find(self, typed: str, user: User) -> Asset:
        """The coin a person means. Raises UnknownCoin or SeveralCoins."""
        coins = await self._coins_if_any()
        if coins and (found := coins.find(typed, user)):
            return found
        ticker = legible(typed).strip().upper().removeprefix("$")
        symbol = user.pick(ticker) or Symbol(ticker.removeprefix("="))
        if symbol == WHOLE_MARKET:
            return Asset(WHOLE_MARKET, "TOTAL", "All coins")
        # Below the listing's end there are thousands more; the source knows them by their ticker.
        aged = (await self._strangers.get([symbol]))[symbol]
        if aged.value is None:
            raise UnknownCoin(typed, await self._closest(typed, coins) if coins else ())
        return aged.value

    async def _closest(self, typed: str, coins: Coins) -> Sequence[Quote]:
        """One search at a time, others' turns between: each takes milliseconds, and a crowd's come all at once."""
        async with self._searching:
            await asyncio.sleep(0)
            return coins.closest(typed)

    async def joined(self, parts: Sequence[Sequence[str]]) -> list[str]:
        """All words; of one part those that together are the name of a listed coin become the one that means it."""
        coins = await self._coins_if_any() if any(len(part) > 1 for part in parts) else None
        return [word for part in parts for word in (coins.joined(part) if coins else part)]

    def is_usual(self, asset: Asset) -> bool:
        """Whether exchanges mean this coin by its ticker, as far as is known."""
        coins = self._listing.peek("listing")
        return coins is not None and coins.usual(asset.ticker) == asset.symbol

    async def find_all(self, typed: Iterable[str], user: User) -> tuple[dict[str, Asset], list[UnknownCoin]]:
        """Of several, whom each word means, and who is not known. Raises SeveralCoins."""
        assets: dict[str, Asset] = {}
        unknown = []
        for word in typed:
            try:
                assets[word] = await self.find(word, user)
            except UnknownCoin as error:
                unknown.append(error)
        return assets, unknown

    async def named(self, symbols: Sequence[str]) -> dict[Symbol, Asset]:
        """Who these symbols are, by the listing; who is not in it goes by his symbol."""
        coins = await self._coins_if_any()
        own = [Symbol(symbol) for symbol in symbols]
        return {symbol: (coins and coins.by_symbol(symbol)) or Asset(symbol, symbol, symbol) for symbol in own}

    async def latest(self, symbols: Sequence[Symbol]) -> list[Latest]:
        """In the order asked; who has no quote is left out. Raises Unavailable where nothing was ever heard."""
        aged = await self._quotes.get(symbols)
        return [Latest(one.value, one.stale) for one in aged.values() if one.value is not None]

    async def renewed(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Quote]:
        """Straight from the source; whoever asks next finds it. Raises Unavailable."""
        quotes = await self._source.quotes(symbols)
        for symbol, quote in quotes.items():
            self._quotes.put(symbol, quote)
        return quotes

    async def top(self, count: int, offset: int = 0) -> list[Latest]:
        """The largest coins by cap."""
        coins = await self._coins()
        return await self.latest([quote.asset.symbol for quote in coins.ranked[offset : offset + count]])

    async def listed(self) -> int:
        return len((await self._coins()).ranked)

    async def matching(self, text: str, most: int) -> list[Latest]:
        """Coins whose ticker or name begins with, or holds, the text; largest first. For inline search."""
        coins = await self._coins()
        return await self.latest([quote.asset.symbol for quote in coins.matching(text, most)])

    async def totals(self) -> tuple[MarketTotals, bool]:
        """The whole market, and whether that is stale."""
        aged = (await self._totals.get(["totals"]))["totals"]
        if aged.value is None:
            raise Unavailable("source.no_totals")
        return aged.value, aged.stale

    async def series(self, symbol: Symbol, period: Period, field: Field) -> tuple[Series, bool]:
        """For a picture. Raises Unavailable("chart.no_data") where the source has none."""
        key = (symbol, period, field, Samples.MEDIUM)
        aged = (await self._series.get([key]))[key]
        if aged.value is None or not aged.value.values:
            raise Unavailable("chart.no_data")
        return aged.value, aged.stale

    async def history(self, columns: Iterable[tuple[Symbol, Field]], period: Period, samples: Samples) -> list[Series]:
        """For a table: straight from the source, not kept. One call a field."""
        wanted = by_field(columns).items()
        found = [await self._source.series(symbols, period, field, samples) for field, symbols in wanted]
        return [series for by_symbol in found for series in by_symbol.values()]

    async def convert(self, amount: Decimal, source: str, target: str, user: User) -> Conversion:
        """Through USD; exact until it is shown. Raises UserMistake, Unavailable."""
        sides = [await self._priced(typed, user) for typed in (source, target)]
        (from_name, from_usd, from_latest), (to_name, to_usd, to_latest) = sides
        rate = from_usd / to_usd
        given = Amount(amount, from_name)
        return Conversion(given, given.at(rate, to_name), rate, from_latest, to_latest)

    async def _priced(self, typed: str, user: User) -> tuple[str, Decimal, Latest | None]:
        if typed.upper() in {"USD", "$"}:
            return "USD", Decimal(1), None
        asset = await self.find(typed, user)
        latest = await self.latest([asset.symbol])
        if not latest or not latest[0].quote.price:
            raise no_price(asset)
        return asset.ticker, latest[0].quote.price, latest[0]

    async def _coins(self) -> Coins:
        aged = (await self._listing.get(["listing"]))["listing"]
        if aged.value is None:
            raise Unavailable("source.garbled", source=self._source.name)
        return aged.value

    async def _coins_if_any(self) -> Coins | None:
        """Without a listing there are no names and no picker, but a plain ticker can still be asked for."""
        try:
            return await self._coins()
        except Unavailable:
            return None

    async def _fetch_listing(self, keys: Sequence[str]) -> Mapping[str, Coins]:
        quotes = await self._source.listing()
        for quote in quotes:
            self._quotes.put(quote.asset.symbol, quote)
        return dict.fromkeys(keys, await asyncio.to_thread(Coins, quotes)) if quotes else {}

    async def _fetch_strangers(self, keys: Sequence[Symbol]) -> Mapping[Symbol, Asset]:
        with unhurried():
            quotes = await self._source.quotes(keys)
        for quote in quotes.values():
            self._quotes.put(quote.asset.symbol, quote)
        return {symbol: quote.asset for symbol, quote in quotes.items()}

    async def _fetch_series(self, keys: Sequence[SeriesKey]) -> Mapping[SeriesKey, Series]:
        found: dict[SeriesKey, Series] = {}
        for _, period, field, samples in dict.fromkeys((None, *key[1:]) for key in keys):
            symbols = [key[0] for key in keys if key[1:] == (period, field, samples)]
            for symbol, series in (await self._source.series(symbols, period, field, samples)).items():
                found[symbol, period, field, samples] = series
        return found

    async def _fetch_totals(self, keys: Sequence[str]) -> Mapping[str, MarketTotals]:
        caps = await self._source.series([WHOLE_MARKET], Period.DAY, Field.CAP, Samples.SMALL)
        volumes = await self._source.series([WHOLE_MARKET], Period.DAY, Field.VOLUME, Samples.SMALL)
        series = caps.get(WHOLE_MARKET)
        if series is None or not series.values:
            return {}
        total = series.values[-1]
        volume = volumes[WHOLE_MARKET].values[-1:] if WHOLE_MARKET in volumes else []
        totals = MarketTotals(
            cap=total,
            cap_change_24h=percent_change(series.values[0], total),
            volume_24h=volume[0] if volume else None,
            dominance=self._dominance(total),
            at=series.points[-1].at,
            fetched_at=series.fetched_at,
            source=series.source,
        )
        return dict.fromkeys(keys, totals)

    def _dominance(self, total: Decimal) -> dict[str, Decimal]:
        """BTC's and ETH's share in percent. From quotes of about the same time; a share above all is no share."""
        shares = {}
        for ticker in ("BTC", "ETH"):
            quote = self._quotes.peek(Symbol(ticker))
            near = quote and self._clock.now() - quote.fetched_at < timedelta(hours=1)
            if quote and near and quote.cap and total and quote.cap <= total:
                shares[ticker] = quote.cap * 100 / total
        return shares
