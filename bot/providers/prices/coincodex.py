"""CoinCodex: prices without a key, under CC BY-NC 3.0 (name it, do not sell it). Its interface may change unannounced.

Of the addresses other people's clients use, the newer one is asked first and the older one is the fallback.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar
from urllib.parse import quote as escaped

from bot.domain.assets import WHOLE_MARKET, Symbol
from bot.domain.errors import Unavailable
from bot.domain.ports import Clock
from bot.domain.prices import Field, Period, Quote, Samples, Series
from bot.providers._http import STANDARD, Policy, Unusable, Vendor, build_client, user_agent
from bot.providers.prices import _coincodex_rows as rows
from bot.providers.tally import Tally

T = TypeVar("T")

_LIST = "/api/v1/assets/get_asset_list"
_CHARTS = "/api/v1/assets/get_charts"
_COIN = "/api/coincodex/get_coin"
_HISTORY = "/api/coincodex/get_coin_history"
_MARKET = "/api/coincodex/get_coin_marketcap"

_LISTING_SIZE = 1000
_LARGEST_FIRST = {"order_by": "last_market_cap_usd", "order_direction": "desc"}
_LONGEST_LIST = 1400
"""Characters of a list of symbols as written in a URL, which stays below 1,800 with all else."""
_LONGEST_SYMBOL = 60
_MOST_SINGLES = 40
_SINGLES_AT_ONCE = 4
_MOST_TICKERS = 20_000

_PERIODS = {
    Period.DAY: ("1D", timedelta(days=1)),
    Period.WEEK: ("7D", timedelta(days=7)),
    Period.MONTH: ("30D", timedelta(days=30)),
    Period.QUARTER: ("3M", timedelta(days=92)),
    Period.YEAR: ("1Y", timedelta(days=366)),
    Period.ALL: ("ALL", None),
}
_INCLUDES = {Field.PRICE: "price", Field.CAP: "market_cap", Field.VOLUME: "volume"}
_POINTS = {Samples.SMALL: 300, Samples.MEDIUM: 600, Samples.LARGE: 1200}
ASSETS_A_CALL = {Samples.SMALL: 80, Samples.MEDIUM: 40, Samples.LARGE: 20}
"""So that an answer of twice the promised points still fits under the body cap."""
_FIRST_DAY = datetime(2010, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CoinCodexSection:
    """`url` is scheme and host. `sleep` and `random` (0 up to 1) time the retries."""

    url: str
    proxy: str | None
    clock: Clock
    user_agent: str = ""
    policy: Policy = STANDARD
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = secrets.SystemRandom().random
    tally: Tally = field(default_factory=Tally)


def build(section: CoinCodexSection) -> "CoinCodex":
    agent = section.user_agent or user_agent()
    client = build_client(section.url, section.proxy, agent, section.policy.timeouts, section.tally)
    vendor = Vendor(CoinCodex.name, client, section.clock, section.policy, sleep=section.sleep, random=section.random)
    return CoinCodex(vendor, section.clock)


class CoinCodex:
    """A PriceSource. Keys of what it returns are the symbols as they were asked for."""

    name: str = "CoinCodex"

    def __init__(self, vendor: Vendor, clock: Clock) -> None:
        self._vendor = vendor
        self._clock = clock
        self._tickers: dict[Symbol, str] = {}

    @property
    def healthy(self) -> bool:
        """False from a failure until the next success."""
        return self._vendor.healthy

    async def close(self) -> None:
        await self._vendor.close()

    async def quotes(self, symbols: Sequence[Symbol]) -> dict[Symbol, Quote]:
        found: dict[Symbol, Quote] = {}
        for chunk in _chunks(_askable(symbols), _LISTING_SIZE, self._spelled):
            found |= await self._some_quotes(chunk)
        return found

    async def listing(self) -> list[Quote]:
        return rows.ranked(await self._list(_LISTING_SIZE, {}, last=True))

    async def series(
        self, symbols: Sequence[Symbol], period: Period, field: Field, samples: Samples
    ) -> dict[Symbol, Series]:
        priced = field is Field.PRICE
        wanted = [symbol for symbol in _askable(symbols) if not (priced and symbol == WHOLE_MARKET)]
        found, unusable = await self._charts(wanted, period, field, samples)
        missing = [symbol for symbol in wanted if symbol not in found or not found[symbol].certain]
        if unusable and len(missing) > _MOST_SINGLES:
            raise unusable

        ask = partial(self._history, period=period, field=field, samples=samples, last=unusable is not None)
        older, failure = await _one_by_one(missing[:_MOST_SINGLES], ask)
        found |= older
        if unusable and (failure or not found):
            raise failure or unusable
        heard = self._clock.now()
        return {
            symbol: Series(symbol, period, field, column.points, heard, self.name) for symbol, column in found.items()
        }

    async def _some_quotes(self, symbols: Sequence[Symbol]) -> dict[Symbol, Quote]:
        quotes, unusable = await self._selected(symbols)
        own = {quote.asset.symbol for quote in quotes}
        missing = [symbol for symbol in symbols if symbol.upper() not in own]
        if unusable and len(missing) > _MOST_SINGLES:
            raise unusable
        ask = partial(self._coin, last=unusable is not None)
        singles, failure = await _one_by_one(missing[:_MOST_SINGLES], ask)
        found = rows.picked([*quotes, *singles.values()], symbols)
        if unusable and (failure or not found):
            raise failure or unusable
        return found

    async def _selected(self, symbols: Sequence[Symbol]) -> tuple[list[Quote], Unusable | None]:
        """The rows of these symbols and of others that share their tickers, or how the list failed."""
        # By how many coins a ticker is shared is not known; the largest come first.
        limit = min(_LISTING_SIZE, 100 + 20 * len(symbols))
        selection = {"select_bysymbol": ",".join(map(self._spelled, symbols))}
        try:
            return await self._list(limit, selection, last=len(symbols) > _MOST_SINGLES), None
        except Unusable as unusable:
            return [], unusable

    async def _list(self, limit: int, selection: Mapping[str, str], *, last: bool) -> list[Quote]:
        params = {"type": "crypto", "limit": str(limit), **selection, **_LARGEST_FIRST}
        quotes = await self._vendor.read(_LIST, params, self._quotes_in, last=last)
        self._learn(quotes)
        return quotes

    async def _coin(self, symbol: Symbol, *, last: bool) -> Quote | None:
        path = f"{_COIN}/{escaped(symbol, safe='')}"
        quotes = await self._vendor.read(path, {}, lambda body: self._quotes_in([body]), tries=1, last=last)
        return quotes[0] if quotes else None

    def _spelled(self, symbol: Symbol) -> str:
        """How the list is asked for a coin: it selects by ticker, which need not be the symbol."""
        ticker = self._tickers.get(symbol)
        return f"{symbol},{ticker}" if ticker else symbol

    def _learn(self, quotes: Sequence[Quote]) -> None:
        for asset in (quote.asset for quote in quotes):
            if asset.ticker != asset.symbol and "," not in asset.ticker and len(self._tickers) < _MOST_TICKERS:
                self._tickers[asset.symbol] = asset.ticker

    def _quotes_in(self, body: object) -> list[Quote] | None:
        return rows.listed(body, self.name, self._clock.now())

    async def _charts(
        self, symbols: Sequence[Symbol], period: Period, field: Field, samples: Samples
    ) -> tuple[dict[Symbol, rows.Column], Unusable | None]:
        """What get_charts has, and how it failed if it did before the end.

        One `include` a call: then it is the last column, in whichever order the source puts several.
        """
        key = _PERIODS[period][0]
        params = {"charts": key, "samples": samples.value, "include": _INCLUDES[field]}
        found: dict[Symbol, rows.Column] = {}
        for chunk in _chunks(symbols, ASSETS_A_CALL[samples]):
            build = partial(rows.charts, symbols=chunk, period=key, field=field)
            try:
                found |= await self._vendor.read(_CHARTS, {"assets": ",".join(chunk), **params}, build, last=False)
            except Unusable as unusable:
                return found, unusable
        return found, None

    async def _history(
        self, symbol: Symbol, period: Period, field: Field, samples: Samples, *, last: bool
    ) -> rows.Column | None:
        whole = symbol == WHOLE_MARKET
        now = self._clock.now()
        span = _PERIODS[period][1]
        since = now - span if span else _FIRST_DAY
        days = f"{since:%Y-%m-%d}/{now + timedelta(days=1):%Y-%m-%d}"
        path = f"{_MARKET if whole else _HISTORY}/{escaped(symbol, safe='')}/{days}/{_POINTS[samples]}"
        columns = rows.MARKET_HISTORY if whole else rows.COIN_HISTORY
        build = partial(rows.history, symbol=symbol, field=field, columns=columns, since=since)
        found = await self._vendor.read(path, {}, build, tries=1, last=last)
        return found.get(symbol)


async def _one_by_one(
    symbols: Sequence[Symbol], ask: Callable[[Symbol], Awaitable[T | None]]
) -> tuple[dict[Symbol, T], Unavailable | None]:
    """What `ask` has for each, a few at a time, and the failure that ended it. An unknown coin is merely missing."""
    found: dict[Symbol, T] = {}
    for start in range(0, len(symbols), _SINGLES_AT_ONCE):
        batch = symbols[start : start + _SINGLES_AT_ONCE]
        answers = await asyncio.gather(*map(ask, batch), return_exceptions=True)
        for symbol, answer in zip(batch, answers, strict=True):
            if isinstance(answer, Unusable) and answer.unknown:
                continue
            if isinstance(answer, Unavailable):
                return found, answer
            if isinstance(answer, BaseException):
                raise answer
            if answer is not None:
                found[symbol] = answer
    return found, None


def _askable(symbols: Sequence[Symbol]) -> list[Symbol]:
    """Each once. A comma would ask for other coins, dots alone for another address: no coin is called so."""
    return [
        symbol
        for symbol in dict.fromkeys(symbols)
        if symbol.strip(". ") and "," not in symbol and symbol.isprintable() and len(symbol) <= _LONGEST_SYMBOL
    ]


def _chunks(symbols: Sequence[Symbol], most: int, spelled: Callable[[Symbol], str] = str) -> Iterator[list[Symbol]]:
    """Runs of at most `most` symbols whose list fits into one URL."""
    chunk: list[Symbol] = []
    length = 0
    for symbol in symbols:
        needed = len(escaped(spelled(symbol), safe="")) + len("%2C")
        if chunk and (len(chunk) == most or length + needed > _LONGEST_LIST):
            yield chunk
            chunk, length = [], 0
        chunk.append(symbol)
        length += needed
    if chunk:
        yield chunk
