"""What all exchanges share: market data, and the way to a person's account. An exchange of its own is a dialect."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import methodcaller
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import structlog

from bot.domain.errors import Unavailable
from bot.domain.orders import Candle, Credentials, Depth, Market, Ticker, Trade, Traits
from bot.domain.ports import is_unhurried
from bot.providers._http import user_agent
from bot.providers.exchanges import _client, _markets
from bot.providers.exchanges import _reading as reading
from bot.providers.exchanges._account import CcxtAccount
from bot.providers.exchanges._client import Link
from bot.providers.exchanges._dialect import Dialect
from bot.providers.exchanges._ladder import Cause, Failure, failure, of_read
from bot.providers.exchanges._pace import Pace
from bot.providers.exchanges._section import ExchangeSection
from bot.providers.exchanges._wire import Wire

T = TypeVar("T")

log = structlog.get_logger(__name__)

MOST_LIVE = 64
"""Accounts whose ccxt object is kept; the one that was used longest ago goes."""
LIVE_FOR_S = 300.0
"""An account that is not used for so long goes as well, and with it what opens it."""
_MARKETS_FOR_S = 6 * 3600.0
_ONE_BY_ONE = 4
"""So few tickers are asked for singly: some exchanges answer a question about several with all they have."""


@dataclass(slots=True)
class _Live:
    client: Any = field(repr=False)
    link: Link
    used_at: float = 0.0


class CcxtExchange:
    """An Exchange. Nothing is imported and nobody called before the first use."""

    def __init__(self, dialect: Dialect, section: ExchangeSection) -> None:
        self.dialect = dialect
        self.traits: Traits = dialect.traits
        self._section = section
        self._wire = Wire(section.proxy, section.patience, section.user_agent or user_agent(), section.tally)
        self._pace = Pace(section.clock, section.sleep)
        self._public: Any = None
        self._module: Any = None
        self._listing: _markets.Listing | None = None
        self._listed_at = 0.0
        self._loading = asyncio.Lock()
        self._accounts: WeakValueDictionary[str, CcxtAccount] = WeakValueDictionary()
        self._live: OrderedDict[CcxtAccount, _Live] = OrderedDict()
        self._sweeping: asyncio.TimerHandle | None = None

    # Market data ------------------------------------------------------------------------------------------------------

    async def markets(self) -> Mapping[str, Market]:
        return (await self._listed(fresh=True)).markets

    async def tickers(self, symbols: Sequence[str]) -> Mapping[str, Ticker]:
        known = await self.markets()
        wanted = [symbol for symbol in dict.fromkeys(symbols) if symbol in known]
        found: dict[str, Any] = {}
        if len(wanted) <= _ONE_BY_ONE:
            for symbol in wanted:
                found[symbol] = await self._read(methodcaller("fetch_ticker", symbol))
        else:
            # One question is about one kind of market.
            for contract in (False, True):
                if alike := [symbol for symbol in wanted if known[symbol].contract is contract]:
                    found |= await self._read(methodcaller("fetch_tickers", alike))
        heard = self.now()
        return {
            symbol: reading.ticker(row, self.traits.name, heard) for symbol, row in found.items() if symbol in known
        }

    async def candles(self, symbol: str, every: str, limit: int, since: datetime | None) -> Sequence[Candle]:
        limit = min(limit, self.dialect.most_candles)
        begin = reading.milliseconds(since) if since else None
        rows = reading.candles(await self._read(lambda client: client.fetch_ohlcv(symbol, every, begin, limit)))
        return rows[:limit] if since else rows[-limit:]

    async def trades(self, symbol: str, limit: int) -> Sequence[Trade]:
        return reading.trades(await self._read(lambda client: client.fetch_trades(symbol, None, limit)))[-limit:]

    async def depth(self, symbol: str, limit: int) -> Depth:
        most = next((depth for depth in self.dialect.depths if depth >= limit), self.dialect.depths[-1])
        book = await self._read(lambda client: client.fetch_order_book(symbol, most))
        return reading.depth(book, symbol, limit, self.now())

    # Accounts ---------------------------------------------------------------------------------------------------------

    def account(self, account_id: str, credentials: Credentials) -> CcxtAccount:
        account = self._accounts.get(account_id)
        if account is None:
            account = self._accounts[account_id] = CcxtAccount(self, account_id, credentials)
        return account

    def release(self, account_id: str) -> None:
        if account := self._accounts.pop(account_id, None):
            self._live.pop(account, None)

    async def live(self, account: CcxtAccount) -> tuple[Any, Link]:
        """An object of ccxt's for this account, with the markets. Raises Unavailable."""
        tables = (await self._listed(fresh=False)).tables
        live = self._live.get(account)
        if live is None:
            link = self._new_link()
            live = self._live[account] = _Live(
                _client.make(self._module, link, account.credentials, self._public), link
            )
        live.used_at = self._section.clock.monotonic()
        self._live.move_to_end(account)
        self._let_go()
        live.client.set_markets_from_exchange(tables)
        return live.client, live.link

    def _let_go(self) -> None:
        """They have no session and no socket of their own: to forget them is all there is to do."""
        oldest = self._section.clock.monotonic() - LIVE_FOR_S
        while self._live and (len(self._live) > MOST_LIVE or next(iter(self._live.values())).used_at <= oldest):
            self._live.popitem(last=False)
        if self._live and self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(LIVE_FOR_S, self._sweep)

    def _sweep(self) -> None:
        self._sweeping = None
        self._let_go()

    async def close(self) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
        self._live.clear()
        await self._wire.close()

    # ------------------------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        return self._section.clock.now()

    def retry_at(self) -> datetime | None:
        return self._pace.retry_at

    async def stand_aside(self) -> None:
        if is_unhurried():
            await self._pace.stand_aside()

    async def asked(self, what: str, ask: Callable[[], Awaitable[T]]) -> tuple[T | None, Failure | None]:
        """Further tries, with jitter, where they help. Only for reads."""
        patience = self._section.patience
        for attempt in range(patience.tries):
            if attempt:
                await self._section.sleep(self._section.random() * patience.backoff_s * 2 ** (attempt - 1))
            try:
                return await ask(), None
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001  # whatever it is has a place on the ladder
                failed = failure(error)
            if not failed.worth_another_try or attempt == patience.tries - 1:
                if failed.cause is not Cause.NO_ORDER:
                    log.info("exchange failed", exchange=self.traits.name, what=what, **failed.figures)
                return None, failed
        raise AssertionError("at least one try")

    async def _read(self, ask: Callable[[Any], Awaitable[T]]) -> T:
        await self._listed(fresh=True)
        result, failed = await self.asked("market data", lambda: ask(self._public))
        if failed is not None:
            raise of_read(failed, self.traits.title, self.retry_at())
        return result  # type: ignore[return-value]  # None only where `ask` may give it

    async def _listed(self, *, fresh: bool) -> _markets.Listing:
        """`fresh`: who comes first after some hours renews it; the others, and whoever trades, take what there is."""
        old = self._listing
        age_s = self._section.clock.monotonic() - self._listed_at
        if old is not None and (not fresh or age_s < _MARKETS_FOR_S or self._loading.locked()):
            return old
        async with self._loading:
            if self._listing is not None and self._listing is not old:
                return self._listing
            return await self._renewed(old)

    async def _renewed(self, old: _markets.Listing | None) -> _markets.Listing:
        if self._module is None:
            self._module = await _client.load()
            self._public = _client.make(self._module, self._new_link())
            self._pace.unit_s = float(self._public.rateLimit) / 1000
        listing, failed = await self.asked("markets", lambda: _markets.load(self._module, self._new_link()))
        self._listed_at = self._section.clock.monotonic()
        if listing is not None:
            self._listing = listing
            self._public.set_markets_from_exchange(listing.tables)
            return listing
        if old is not None:
            return old
        assert failed is not None  # noqa: S101  # one of the two is there
        raise of_read(failed, self.traits.title, self.retry_at())

    def _new_link(self) -> Link:
        return Link(self.dialect, self._section, self._wire, self._pace)
