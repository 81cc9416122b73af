"""A person's account at an exchange in memory, for tests; it can be held up and can fail."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.domain.orders import Holding, Order, OrderRequest, OrderState, Permissions, Trade, Wallet


def holding(asset: str, free: str, used: str = "0") -> Holding:
    return Holding(asset, Decimal(free), Decimal(used), Decimal(free) + Decimal(used))


class AccountShelf:
    """`placed` and `cancelled` are what was asked of it, in order."""

    def __init__(self) -> None:
        self.wallets: dict[Wallet, list[Holding]] = {
            Wallet.SPOT: [holding("USDT", "1000"), holding("BTC", "0.5", "0.01")],
            Wallet.MARGIN: [holding("USDT", "250")],
        }
        self.orders: list[Order] = []
        self.own_trades: list[Trade] = []
        self.placed: list[OrderRequest] = []
        self.cancelled: list[str] = []
        self.asked: list[tuple[object, ...]] = []
        self.fault: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def permissions(self) -> Permissions:
        await self._served("permissions")
        return Permissions(trade=True, withdraw=False)

    async def balance(self, wallet: Wallet) -> Sequence[Holding]:
        await self._served("balance", wallet)
        return self.wallets.get(wallet, [])

    async def order(self, symbol: str, order_id: str) -> Order | None:
        await self._served("order", symbol, order_id)
        return next((one for one in self.orders if (one.symbol, one.id) == (symbol, order_id)), None)

    async def find(self, symbol: str, client_id: str, since: datetime) -> Order | None:
        await self._served("find", symbol, client_id, since)
        return next((one for one in self.orders if one.client_id == client_id), None)

    async def open_orders(self, symbol: str = "") -> Sequence[Order]:
        await self._served("open_orders", symbol)
        return [one for one in self.orders if symbol in {"", one.symbol} and one.state is OrderState.OPEN]

    async def closed_orders(self, symbol: str, since: datetime | None, limit: int) -> Sequence[Order]:
        await self._served("closed_orders", symbol, since, limit)
        return [one for one in self.orders if one.symbol == symbol and one.state.final][-limit:]

    async def trades(self, symbol: str, since: datetime | None, limit: int) -> Sequence[Trade]:
        await self._served("trades", symbol, since, limit)
        return [one for one in self.own_trades if one.symbol == symbol][-limit:]

    async def place(self, request: OrderRequest) -> Order:
        await self._served("place", request.symbol)
        self.placed.append(request)
        order_id = str(1000 + len(self.placed))
        self.orders.append(Order(order_id, request.symbol, OrderState.OPEN, request.client_id, request.side))
        return self.orders[-1]

    async def cancel(self, symbol: str, order_id: str) -> Order | None:
        await self._served("cancel", symbol, order_id)
        self.cancelled.append(order_id)
        return None

    def calls(self, what: str) -> list[tuple[object, ...]]:
        return [call[1:] for call in self.asked if call[0] == what]

    async def _served(self, *call: object) -> None:
        self.asked.append(call)
        await self.open.wait()
        if self.fault:
            raise self.fault
