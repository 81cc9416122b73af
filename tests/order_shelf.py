"""An exchange in memory that takes orders: a ledger, balances, and replies that can be lost in every way."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bot.domain.errors import Refused, Unavailable, Unsure
from bot.domain.orders import (
    Credentials,
    Holding,
    Kind,
    Order,
    OrderRequest,
    OrderState,
    Permissions,
    Trade,
    Wallet,
)
from bot.domain.ports import Clock
from tests.exchange_shelf import ExchangeShelf

ENDLESS = 1e9
LATE_S = 30


@dataclass
class Entry:
    """One order of the ledger. `shown_at`: before that moment (monotonic) the exchange says it knows no such order."""

    key: str
    order: Order
    shown_at: float


class OrderShelf(ExchangeShelf):
    """`faults` by call: the next ones to happen to it, '' for none. `turn` is awaited before and after each call.

    Of a sending: unsent, refused, lost_before, lost_after, late (arrives 30 s later), broken (any exception, executed),
    garbage (executed, an answer without an id), hang (executed, no answer ever). Of a reading: down, refused.
    `cut_off`: what becomes of an order whose sender went away before it was answered.
    """

    def __init__(self, clock: Clock, name: str = "binance", title: str = "Binance", **traits) -> None:
        super().__init__(clock, name, title, wallets=(Wallet.SPOT, Wallet.MARGIN), **traits)
        self.ledger: list[Entry] = []
        self.late: list[tuple[float, str, OrderRequest]] = []
        self.faults: dict[str, deque[str]] = defaultdict(deque)
        self.funds: dict[str, dict[str, Decimal]] = {}
        self.hidden_s = 0.0
        self.rights = Permissions(trade=True, withdraw=False)
        self.turn: Callable[[str], Awaitable[None]] = _at_once
        self.fills_market = True
        self.cut_off: Callable[[str, OrderRequest], None] = lambda *_: None

    def account(self, account_id: str, credentials: Credentials) -> "OrderShelfAccount":
        self.asked.append(("account", account_id))
        return OrderShelfAccount(self, credentials.key)

    def fault_of(self, call: str) -> str:
        return self.faults[call].popleft() if self.faults[call] else ""

    def orders(self, key: str = "") -> list[Order]:
        """All that ever were, in order."""
        self.arrive()
        return [entry.order for entry in self.ledger if key in {"", entry.key}]

    def sendings(self) -> int:
        return len(self.calls("place"))

    def fill(self, order_id: str, share: str = "1") -> None:
        """So much of the whole is filled now."""
        entry = self._entry(order_id)
        amount = entry.order.amount or Decimal(0)
        filled = amount * Decimal(share)
        state = OrderState.FILLED if filled == amount else OrderState.OPEN
        average = entry.order.price or self.prices[entry.order.symbol]
        entry.order = replace(entry.order, filled=filled, average=average, state=state)

    def end(self, order_id: str, state: OrderState = OrderState.CANCELED) -> None:
        entry = self._entry(order_id)
        entry.order = replace(entry.order, state=state)

    def arrive(self) -> None:
        """What was under way all the time and is there now."""
        now = self._clock.monotonic()
        due = [one for one in self.late if one[0] <= now]
        self.late = [one for one in self.late if one[0] > now]
        for _, key, request in due:
            self.execute(key, request)

    def execute(self, key: str, request: OrderRequest) -> Order:
        """The same client id is taken again, as the real ones do."""
        price = Decimal(request.price) if request.price else None
        now_at = self.prices[request.symbol]
        amount = (
            Decimal(request.amount) if request.amount else (Decimal(request.cost) / now_at).quantize(Decimal("1e-8"))
        )
        filled = request.kind is Kind.MARKET and self.fills_market
        order = Order(
            id=str(1000 + len(self.ledger)), symbol=request.symbol,
            state=OrderState.FILLED if filled else OrderState.OPEN, client_id=request.client_id, side=request.side,
            kind=request.kind, wallet=request.wallet, price=price, amount=amount,
            filled=amount if filled else Decimal(0), average=now_at if filled else None, at=self._clock.now(),
        )  # fmt: skip
        self.ledger.append(Entry(key, order, self._clock.monotonic() + self.hidden_s))
        return order

    def shown(self, key: str) -> list[Order]:
        self.arrive()
        now = self._clock.monotonic()
        return [entry.order for entry in self.ledger if entry.key == key and entry.shown_at <= now]

    def _entry(self, order_id: str) -> Entry:
        return next(entry for entry in self.ledger if entry.order.id == order_id)


class OrderShelfAccount:
    """One key's account."""

    def __init__(self, shelf: OrderShelf, key: str) -> None:
        self._shelf = shelf
        self._key = key

    async def permissions(self) -> Permissions:
        await self._read("permissions")
        return self._shelf.rights

    async def balance(self, wallet: Wallet) -> Sequence[Holding]:
        await self._read("balance", wallet)
        funds = self._shelf.funds.get(self._key, {"USDT": Decimal(100_000), "BTC": Decimal(10)})
        return [Holding(asset, amount, Decimal(0), amount) for asset, amount in funds.items()]

    async def order(self, symbol: str, order_id: str) -> Order | None:
        await self._read("order", symbol, order_id)
        return next((order for order in self._shelf.shown(self._key) if order.id == order_id), None)

    async def find(self, symbol: str, client_id: str, since: datetime) -> Order | None:
        """The first of that id."""
        await self._read("find", symbol, client_id, since)
        return next((order for order in self._shelf.shown(self._key) if order.client_id == client_id), None)

    async def open_orders(self, symbol: str = "") -> Sequence[Order]:
        await self._read("open_orders", symbol)
        orders = self._shelf.shown(self._key)
        return [order for order in orders if not order.state.final and symbol in {"", order.symbol}]

    async def closed_orders(self, symbol: str, since: datetime | None, limit: int) -> Sequence[Order]:
        await self._read("closed_orders", symbol, since, limit)
        return [order for order in self._shelf.shown(self._key) if order.state.final and order.symbol == symbol]

    async def trades(self, symbol: str, since: datetime | None, limit: int) -> Sequence[Trade]:
        await self._read("trades", symbol, since, limit)
        return []

    async def place(self, request: OrderRequest) -> Order:
        shelf, fault = self._shelf, self._shelf.fault_of("place")
        shelf.asked.append(("place", request))
        try:
            await shelf.turn("place")
        except asyncio.CancelledError:
            shelf.cut_off(self._key, request)
            raise
        if fault == "unsent":
            raise Unavailable("source.down", source=shelf.traits.title)
        if fault == "refused":
            raise Refused("exchange.refused.funds", exchange=shelf.traits.title)
        if fault == "late":
            shelf.late.append((shelf._clock.monotonic() + LATE_S, self._key, request))
        order = None if fault in {"lost_before", "late"} else shelf.execute(self._key, request)
        await shelf.turn("placed")
        if fault in {"lost_before", "lost_after", "late"}:
            raise Unsure("exchange.unsure", intent=request.client_id)
        if fault == "broken":
            raise RuntimeError("whatever may break")
        if fault == "hang":
            await asyncio.sleep(ENDLESS)
        if fault == "garbage":
            return Order("", request.symbol, OrderState.UNKNOWN)
        return order or Order("", request.symbol, OrderState.UNKNOWN)

    async def cancel(self, symbol: str, order_id: str) -> Order | None:
        shelf, fault = self._shelf, self._shelf.fault_of("cancel")
        shelf.asked.append(("cancel", symbol, order_id))
        await shelf.turn("cancel")
        if fault == "unsent":
            raise Unavailable("source.down", source=shelf.traits.title)
        if fault == "refused":
            raise Refused("exchange.refused.rules", exchange=shelf.traits.title)
        known = next((order for order in shelf.shown(self._key) if order.id == order_id), None)
        if fault != "lost_before" and known and not known.state.final:
            shelf.end(order_id)
        await shelf.turn("canceled")
        if fault in {"lost_before", "lost_after"}:
            raise Unsure("exchange.unsure", intent=order_id)
        if known is None or known.state.final:
            return None
        return replace(known, state=OrderState.CANCELED)

    async def _read(self, *call: object) -> None:
        name = str(call[0])
        self._shelf.asked.append(call)
        fault = self._shelf.fault_of(name)
        await self._shelf.turn(name)
        if fault == "down" or self._shelf.fault:
            raise self._shelf.fault or Unavailable("source.down", source=self._shelf.traits.title)
        if fault == "refused":
            raise Refused("exchange.refused.key", exchange=self._shelf.traits.title)


async def _at_once(_call: str) -> None:
    return
