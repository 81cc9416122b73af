"""What a key's owner may see: wallets, permissions, orders, trades, positions."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.exchange.accounts import Account, Key
from bot.sandbox.exchange.bitfinex.listing import INITIAL_MARGIN, by_id, name, ticker_id
from bot.sandbox.exchange.bitfinex.login import permissions
from bot.sandbox.exchange.bitfinex.positions import Position, Positions
from bot.sandbox.exchange.bitfinex.public import span
from bot.sandbox.exchange.bitfinex.rows import day_of, order_row, trade_row
from bot.sandbox.exchange.bitfinex.wire import Complaint, whole, wholes
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.orders import Order, Wallet

WALLETS: Mapping[Wallet, str] = {"spot": "exchange", "funding": "funding"}
DEFAULT_ROWS, MOST_ROWS = 25, 2500
Ask = Mapping[str, Any]


class Private:
    """Each method answers one route; `ask` is what stood in its path and body."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._positions: dict[int, Positions] = {}

    def permissions(self, key: Key, _: Ask) -> list[Any]:
        """What this very key may do."""
        return permissions(key)

    def user(self, key: Key, _: Ask) -> list[Any]:
        """The first eleven columns: everything else is of no interest here."""
        account = key.account
        return [
            account.id, f"{account.name}@example.com", account.name, key.created_ms, 1, 3, None, "UTC", "en",
            "bitfinex", 1,
        ]  # fmt: skip

    def wallets(self, key: Key, _: Ask) -> list[Any]:
        """All three, without what is empty."""
        rows: list[Any] = [
            [title, name(asset), held.total, 0, held.free, None, None]
            for wallet, title in WALLETS.items()
            for asset, held in self._engine.balances(key.account, wallet).items()
        ]
        margin = self._held(key.account).wallet(self._engine.worth)
        return rows + [["margin", name(asset), *held[:1], 0, held[1], None, None] for asset, held in margin.items()]

    def positions(self, key: Key, _: Ask) -> list[Any]:
        """The open ones."""
        return [self._position_row(position) for position in self._held(key.account).open()]

    def orders(self, key: Key, ask: Ask) -> list[Any]:
        """Active ones, latest first; by `id` (one or several), or by `cid` with its `cid_date`, where asked for."""
        orders = self._engine.open_orders(key.account, self._symbol(ask))
        return [order_row(order) for order in reversed(orders) if _asked_for(order, ask)]

    def orders_history(self, key: Key, ask: Ask) -> list[Any]:
        """Ended ones, latest first; `start` and `end` look at when they were placed."""
        ended = [order for order in self._engine.orders(key.account, self._symbol(ask)) if order.state != "open"]
        ended.sort(key=lambda order: order.updated_ms)
        rows = [order_row(order) for order in ended if _asked_for(order, {"id": ask.get("id")})]
        return span(ask, DEFAULT_ROWS, MOST_ROWS).cut(rows, 4)

    def trades(self, key: Key, ask: Ask) -> list[Any]:
        """The owner's own, latest first unless sorted otherwise."""
        rows = self._trades(key.account, self._symbol(ask))
        return span(ask, DEFAULT_ROWS, MOST_ROWS).cut(rows, 2)

    def order_trades(self, key: Key, ask: Ask) -> list[Any]:
        """Those of one order."""
        order_id = whole(ask["id"], "id")
        return [row for row in self._trades(key.account, self._symbol(ask)) if row[3] == order_id][::-1]

    def _trades(self, account: Account, symbol: str | None) -> list[Any]:
        return [trade_row(fill, account.orders.get(fill.order_id)) for fill in self._engine.fills(account, symbol)]

    def _symbol(self, ask: Ask) -> str | None:
        return by_id(self._engine, str(ask["symbol"])).symbol if "symbol" in ask else None

    def _held(self, account: Account) -> Positions:
        self._engine.balances(account, "margin")
        return self._positions.setdefault(account.id, Positions(account))

    def _position_row(self, position: Position) -> list[Any]:
        base, quote = position.symbol.split("/")
        value = position.amount * self._engine.worth(base) / self._engine.worth(quote)
        gain = (value - position.paid).quantize(self._engine.pair(position.symbol).amount_step)
        share = (gain / abs(position.paid)).quantize(INITIAL_MARGIN.scaleb(-3)) if position.paid else 0
        return [
            ticker_id(position.symbol), "ACTIVE", position.amount, position.price, 0, 0, gain, share, None, None, None,
            position.id, position.opened_ms, position.updated_ms, None, 0, None, 0, 0, {},
        ]  # fmt: skip


def _asked_for(order: Order, ask: Ask) -> bool:
    if ask.get("id") is not None:
        return order.id in wholes(ask["id"], "id")
    if ask.get("cid") is not None:
        if not ask.get("cid_date"):
            raise Complaint(10020, "cid_date: invalid")
        return order.wish.client_id == str(ask["cid"]) and day_of(order) == ask["cid_date"]
    return True
