"""How one exchange differs from the next: data, and a few methods to override. All calls take ccxt's object."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from bot.domain.orders import Kind, Order, OrderRequest, Permissions, Side, Traits, Wallet
from bot.providers.exchanges._ladder import Cause, Complaint, cause_by_class

Params = Mapping[str, object]

MARGIN: Params = {"marginMode": "cross"}
"""The one way by which ccxt reaches margin at all four; `margin: True` buys on the spot, without a word."""


_MOST_WINDOWS = 16


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when; no begin: the latest there are."""

    begin: datetime | None
    end: datetime

    @property
    def begin_ms(self) -> int | None:
        return int(self.begin.timestamp() * 1000) if self.begin else None

    @property
    def end_ms(self) -> int:
        return int(self.end.timestamp() * 1000)


class Dialect(ABC):
    """The common way, where ccxt's unified methods do what they say."""

    traits: ClassVar[Traits]
    ccxt_id: ClassVar[str]
    options: ClassVar[Params] = {}
    """For ccxt's `options`."""
    market_loads: ClassVar[tuple[Params, ...]] = ({},)
    """Options of each load of markets. Without the first there are none; the others may fail."""
    market_info: ClassVar[tuple[str, ...]] = ()
    """What ccxt looks up in a market's raw record after it is made; the rest of it is let go."""
    places: ClassVar[tuple[Params, ...]] = ({},)
    """Where a person's orders are looked for."""
    balances: ClassVar[Mapping[Wallet, Params]] = {Wallet.SPOT: {}}
    codes: ClassVar[Mapping[str, Cause]] = {}
    phrases: ClassVar[Sequence[tuple[str, Cause]]] = ()
    """Parts of the exchange's words, in lower case, where its code alone does not tell; looked for before the code."""
    explains_with_5xx: ClassVar[bool] = False
    """Whether its own well-formed refusals come with a status of 500 and above."""
    amount_step: ClassVar[Decimal | None] = None
    """Where it is the same for all pairs and ccxt does not give it as a step."""
    price_by_digits: ClassVar[bool] = False
    most_candles: ClassVar[int] = 300
    depths: ClassVar[tuple[int, ...]] = (5, 10, 20, 50, 100)
    """How many levels may be asked for."""
    most_orders: ClassVar[int] = 100
    longest_window: ClassVar[timedelta | None] = None
    """Of one question about what has ended; None: no limit."""

    # Errors -----------------------------------------------------------------------------------------------------------

    @abstractmethod
    def complaint(self, document: object) -> Complaint | None:
        """The exchange's well-formed no, or None where this is none."""

    def well_formed(self, path: str, document: object) -> bool:  # noqa: ARG002  # for who needs it
        """Whether a success has the shape of one: from an empty object ccxt reads that a person has nothing."""
        return isinstance(document, dict | list)

    def cause(self, status: int, document: object, kinds: tuple[str, ...]) -> Cause | None:
        """Why it said no; None where it did not say so in words that we know."""
        said = self.complaint(document)
        if said is None or (status >= 500 and not self.explains_with_5xx):
            return None
        by_words = next((cause for phrase, cause in self.phrases if phrase in said.text), None)
        return by_words or self.codes.get(said.code) or cause_by_class(kinds)

    # Orders -----------------------------------------------------------------------------------------------------------

    async def place(self, client: Any, request: OrderRequest) -> Any:
        """Sends the one order. What goes out is checked again, against `exact(request)`, where it is signed."""
        params = {**self.order_params(request), **self.placing(request.wallet)}
        return await client.create_order(
            request.symbol,
            request.kind.value,
            request.side.value,
            request.amount or None,
            request.price or None,
            params,
        )

    def order_params(self, request: OrderRequest) -> dict[str, object]:
        """Everything that is not listed here would go out as it is, and mean something else."""
        params: dict[str, object] = {"clientOrderId": request.client_id}
        if request.cost:
            params["cost"] = request.cost
        return params

    def placing(self, wallet: Wallet) -> Params:
        return MARGIN if wallet is Wallet.MARGIN else {}

    async def cancel(self, client: Any, symbol: str, order_id: str, place: Params) -> Any:
        return await client.cancel_order(order_id, symbol, dict(place))

    async def order(self, client: Any, symbol: str, order_id: str, place: Params) -> Any:
        return await client.fetch_order(order_id, symbol, dict(place))

    async def order_by_client_id(self, client: Any, symbol: str, client_id: str, place: Params) -> Any:
        return await client.fetch_order(None, symbol, {**place, "clientOrderId": client_id})

    async def open_orders(self, client: Any, symbol: str, place: Params) -> Any:
        return await client.fetch_open_orders(symbol or None, None, None, dict(place))

    async def closed_orders(self, client: Any, symbol: str, window: Window, limit: int, place: Params) -> Any:
        return await client.fetch_closed_orders(symbol, window.begin_ms, limit, dict(place))

    async def trades(self, client: Any, symbol: str, window: Window, limit: int, place: Params) -> Any:
        return await client.fetch_my_trades(symbol, window.begin_ms, limit, dict(place))

    def windows(self, since: datetime | None, now: datetime) -> list[Window]:
        """Of the questions about what has ended, oldest first."""
        if since is None or self.longest_window is None:
            return [Window(since, now)]
        begins = [since + self.longest_window * n for n in range(_MOST_WINDOWS)]
        return [Window(begin, min(begin + self.longest_window, now)) for begin in begins if begin <= now]

    # Reading ----------------------------------------------------------------------------------------------------------

    def client_id(self, order: Mapping[str, Any]) -> str:
        return str(order.get("clientOrderId") or "")

    def placed_ms(self, order: Mapping[str, Any]) -> object:
        return order.get("timestamp")

    def is_ours(self, order: Order, client_id: str, since: datetime) -> bool:  # noqa: ARG002  # for who needs it
        return order.client_id == client_id

    def wallet(self, order: Mapping[str, Any]) -> Wallet | None:  # noqa: ARG002  # for who needs it
        """Where an order is paid from; None where its record does not say."""
        return None

    def kind(self, order: Mapping[str, Any]) -> Kind | None:
        return {"limit": Kind.LIMIT, "market": Kind.MARKET}.get(str(order.get("type")))

    @abstractmethod
    async def permissions(self, client: Any) -> Permissions:
        """`trade` and `withdraw` stay None where a field is missing or of another shape."""

    async def server_time_ms(self, client: Any) -> int | None:
        return int(await client.fetch_time())


def exact(request: OrderRequest) -> tuple[str, ...]:
    """The texts of money that must stand in the signed call as they are."""
    cost_only = request.kind is Kind.MARKET and request.side is Side.BUY and request.cost
    return tuple(filter(None, (request.price, request.cost if cost_only else request.amount)))


def yes(value: object) -> bool | None:
    """A right as an exchange writes it; None for anything that is not clearly one or the other."""
    if isinstance(value, str):
        value = value.lower()
    if value in (True, 1, "1", "true"):
        return True
    return False if value in (False, 0, "0", "false") else None
