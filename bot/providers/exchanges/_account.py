"""One person's account at one exchange: one call at a time, money once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

from bot.domain.errors import BotError, Refused, Unsure
from bot.domain.orders import Credentials, Holding, Order, OrderRequest, OrderState, Permissions, Trade, Wallet
from bot.providers.exchanges import _reading as reading
from bot.providers.exchanges._client import Link
from bot.providers.exchanges._dialect import Dialect, Params, exact
from bot.providers.exchanges._ladder import Cause, Failure, How, failure, of_money, of_read
from bot.providers.exchanges._wire import Flight

T = TypeVar("T")

_BEFORE_SENDING = timedelta(seconds=5)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_KNOWS_NOTHING = frozenset({Cause.NO_ORDER, Cause.NO_ACCOUNT})
_MOST_STRANGERS = 5
"""Orders looked up one by one because only their trades were seen."""


class House(Protocol):
    """What an account needs of its exchange."""

    dialect: Dialect

    async def live(self, account: "CcxtAccount") -> tuple[Any, Link]:
        """An object of ccxt's for this account, with the markets. Raises Unavailable."""
        ...

    async def asked(self, what: str, ask: Callable[[], Awaitable[T]]) -> tuple[T | None, Failure | None]:
        """With further tries where they help."""
        ...

    async def stand_aside(self) -> None:
        """In a sweep: until people have had their turns."""
        ...

    def retry_at(self) -> datetime | None: ...

    def now(self) -> datetime: ...


class CcxtAccount:
    """Its repr shows nothing. `credentials` live as long as the object does."""

    def __init__(self, house: House, account_id: str, credentials: Credentials) -> None:
        self._house = house
        self.account_id = account_id
        self.credentials = credentials
        self._lock = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<account at {self._house.dialect.traits.name}>"

    async def permissions(self) -> Permissions:
        """What the exchange will not say stays None."""
        found, failed = await self._tried(self._house.dialect.permissions)
        if failed is not None and failed.cause not in {Cause.RIGHTS, Cause.RULES} and failed.how is not How.OURS:
            raise self._error(failed)
        return replace(found or Permissions(trade=None, withdraw=None), skew=await self._skew())

    async def _skew(self) -> timedelta | None:
        """How far the exchange's clock is ahead of ours. None where it does not tell the time."""
        before = self._house.now()
        told, _ = await self._tried(self._house.dialect.server_time_ms)
        after = self._house.now()
        there = reading.at(told)
        return there - (before + (after - before) / 2) if there else None

    async def balance(self, wallet: Wallet) -> Sequence[Holding]:
        params = self._house.dialect.balances.get(wallet)
        if params is None:
            return []
        return reading.holdings(await self._read(lambda client: client.fetch_balance(dict(params))))

    async def order(self, symbol: str, order_id: str) -> Order | None:
        dialect = self._house.dialect
        return await self._first(lambda client, place: dialect.order(client, symbol, order_id, place))

    async def find(self, symbol: str, client_id: str, since: datetime) -> Order | None:
        dialect, since = self._house.dialect, since - _BEFORE_SENDING
        if dialect.traits.finds_by_client_id:
            found = await self._first(
                lambda client, place: dialect.order_by_client_id(client, symbol, client_id, place)
            )
            if found is not None:
                return found
        seen = [*await self.open_orders(symbol), *await self._ended(symbol, since, dialect.most_orders)]
        if ours := [order for order in seen if dialect.is_ours(order, client_id, since)]:
            return ours[0]
        return await self._behind_trades(symbol, client_id, since, {order.id for order in seen})

    async def open_orders(self, symbol: str = "") -> Sequence[Order]:
        return _sorted(
            await self._everywhere(lambda client, place: self._house.dialect.open_orders(client, symbol, place))
        )

    async def closed_orders(self, symbol: str, since: datetime | None, limit: int) -> Sequence[Order]:
        found = await self._ended(symbol, since, limit)
        return [order for order in found if order.state is not OrderState.OPEN][-limit:]

    async def trades(self, symbol: str, since: datetime | None, limit: int) -> Sequence[Trade]:
        dialect = self._house.dialect
        limit = min(limit, dialect.most_orders)
        rows = await self._windows(
            since, lambda client, window, place: dialect.trades(client, symbol, window, limit, place)
        )
        found = {(trade.id, trade.symbol): trade for trade in reading.trades(row for row, _ in rows)}
        return list(found.values())[-limit:]

    async def place(self, request: OrderRequest) -> Order:
        dialect = self._house.dialect
        placed = await self._sent(request.client_id, lambda client: dialect.place(client, request), exact(request))
        order = reading.order(placed, dialect, self._secrets) if isinstance(placed, dict) else None
        if order is None:
            raise Unsure(Cause.UNDECIDED.value, source=dialect.traits.title, intent=request.client_id)
        # Some answer with nothing but the id.
        return replace(
            order,
            symbol=request.symbol,
            side=request.side,
            kind=request.kind,
            wallet=request.wallet,
            client_id=order.client_id or request.client_id,
        )

    async def cancel(self, symbol: str, order_id: str) -> Order | None:
        dialect = self._house.dialect
        for place in dialect.places:
            try:
                answer = await self._sent(
                    order_id, partial(dialect.cancel, symbol=symbol, order_id=order_id, place=place)
                )
            except Refused as refused:
                # Where it is not known nothing was done, so it may be asked for at the next place.
                if refused.key in _KNOWS_NOTHING:
                    continue
                raise
            order = reading.order(answer, dialect, self._secrets, place) if isinstance(answer, dict) else None
            if order is None:
                raise Unsure(Cause.UNDECIDED.value, source=dialect.traits.title, intent=order_id)
            return order
        return None

    # ------------------------------------------------------------------------------------------------------------------

    @property
    def _secrets(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.credentials.key, self.credentials.secret, self.credentials.password)))

    async def _sent(self, intent: str, act: Callable[[Any], Awaitable[Any]], texts: tuple[str, ...] = ()) -> Any:
        """The one try of a call that changes something. Raises Refused, Unavailable and Unsure."""
        title = self._house.dialect.traits.title
        async with self._lock:
            client, link = await self._house.live(self)
            flight = link.flight = Flight()
            link.exact, link.urgent = texts, True
            try:
                return await act(client)
            except asyncio.CancelledError:
                if not flight.left:
                    raise
                failed = None
            except Exception as error:  # noqa: BLE001  # whatever it is has a place on the ladder
                failed = failure(error)
            finally:
                link.exact, link.urgent = (), False
        # Outside of the handler: what ccxt raised holds a signed address, and must not hang on as the context.
        if failed is None:
            raise Unsure(Cause.UNDECIDED.value, source=title, intent=intent)
        raise of_money(failed, flight, title, intent, self._house.retry_at())

    async def _read(self, ask: Callable[[Any], Awaitable[T]]) -> T:
        result, failed = await self._tried(ask)
        if failed is not None:
            raise self._error(failed)
        return result  # type: ignore[return-value]  # None only where `ask` may give it

    async def _tried(self, ask: Callable[[Any], Awaitable[T]]) -> tuple[T | None, Failure | None]:
        async def once() -> T:
            await self._house.stand_aside()  # not while he has to wait for the lock
            async with self._lock:
                client, _ = await self._house.live(self)
                return await ask(client)

        return await self._house.asked("account", once)

    def _error(self, failed: Failure) -> BotError:
        return of_read(failed, self._house.dialect.traits.title, self._house.retry_at())

    async def _first(self, ask: Callable[..., Awaitable[Any]]) -> Order | None:
        """The order from the first place that knows it; None where each says cleanly that it does not."""
        for place in self._house.dialect.places:
            found, failed = await self._tried(partial(ask, place=place))
            if failed is None and isinstance(found, dict):
                order = reading.order(found, self._house.dialect, self._secrets, place)
                if order is not None:
                    return order
                failed = Failure(How.GARBLED, "NoId")
            if failed is not None and not self._nothing_there(failed, place):
                raise self._error(failed)
        return None

    async def _everywhere(self, ask: Callable[..., Awaitable[Any]]) -> list[Order]:
        found: dict[str, Order] = {}
        for place in self._house.dialect.places:
            rows, failed = await self._tried(partial(ask, place=place))
            if failed is not None and not self._nothing_there(failed, place):
                raise self._error(failed)
            found |= {order.id: order for order in self._orders(rows or (), place)}
        return list(found.values())

    def _orders(self, rows: Iterable[Any], place: Params) -> list[Order]:
        """Raises Unavailable where one is none: a list with a hole could hide the very order that is looked for."""
        found = [reading.order(row, self._house.dialect, self._secrets, place) for row in rows]
        if None in found:
            raise self._error(Failure(How.GARBLED, "NoId"))
        return [order for order in found if order is not None]

    def _nothing_there(self, failed: Failure, place: Params) -> bool:
        """A clean no. Who has no margin account has no orders there either."""
        return failed.cause is Cause.NO_ORDER or (bool(place) and failed.cause is Cause.NO_ACCOUNT)

    async def _ended(self, symbol: str, since: datetime | None, limit: int) -> list[Order]:
        dialect = self._house.dialect
        limit = min(limit, dialect.most_orders)
        rows = await self._windows(
            since, lambda client, window, place: dialect.closed_orders(client, symbol, window, limit, place)
        )
        found = [order for row, place in rows for order in self._orders([row], place)]
        return _sorted({order.id: order for order in found}.values())

    async def _windows(self, since: datetime | None, ask: Callable[..., Awaitable[Any]]) -> list[tuple[Any, Params]]:
        """Each row and its place, from as many questions as the exchange's longest window asks for, oldest first."""
        rows: list[tuple[Any, Params]] = []
        for window in self._house.dialect.windows(since, self._house.now()):
            for place in self._house.dialect.places:
                found, failed = await self._tried(partial(ask, window=window, place=place))
                if failed is not None and not self._nothing_there(failed, place):
                    raise self._error(failed)
                rows += [(row, place) for row in found or ()]
        return rows

    async def _behind_trades(self, symbol: str, client_id: str, since: datetime, seen: set[str]) -> Order | None:
        """A trade of an order that no list had: seen under load, as lists are made later than trades."""
        made = await self.trades(symbol, since, self._house.dialect.most_orders)
        strangers = [trade.order_id for trade in made if trade.order_id and trade.order_id not in seen]
        for order_id in list(dict.fromkeys(strangers))[:_MOST_STRANGERS]:
            order = await self.order(symbol, order_id)
            if order is not None and self._house.dialect.is_ours(order, client_id, since):
                return order
        return None


def _sorted(orders: Iterable[Order]) -> list[Order]:
    return sorted(orders, key=lambda order: (order.at or _NEVER, order.id))
