"""What Binance does for one customer: orders of the spot and the cross margin wallet, and his own trades."""

import secrets
from collections.abc import Sequence
from typing import Any, TypeVar

from bot.sandbox.exchange.accounts import Account
from bot.sandbox.exchange.binance import rows
from bot.sandbox.exchange.binance.asked import CLIENT_ID, SYMBOL, Asked
from bot.sandbox.exchange.binance.public import Public
from bot.sandbox.exchange.binance.refusals import Refusal, missing
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.orders import Fill, Order, Refused, Side, Stay, Wallet, Wish

SIDES: dict[str, Side] = {"BUY": "buy", "SELL": "sell"}
STAYS: dict[str, Stay] = {"GTC": "gtc", "IOC": "ioc", "FOK": "fok"}
KINDS = {kind: kind for kind in ("LIMIT", "LIMIT_MAKER", "MARKET")}
ANSWERS = {how: how for how in ("ACK", "RESULT", "FULL")}
BORROWS = {"NO_SIDE_EFFECT": "", "MARGIN_BUY": "yes", "AUTO_BORROW_REPAY": "yes", "AUTO_REPAY": ""}
LONGEST_SPAN_MS = 86_400_000
MOST_OPEN = 200
T = TypeVar("T", Order, Fill)


class Private:
    """One method an endpoint, over one wallet."""

    def __init__(self, engine: Engine, public: Public, wallet: Wallet) -> None:
        self._engine = engine
        self._public = public
        self._wallet: Wallet = wallet

    def place(self, asked: Asked) -> Any:
        wish = self._wish(asked)
        how = asked.choice("newOrderRespType", ANSWERS, -1100, "Illegal characters found in 'newOrderRespType'.")
        opened = sum(order.wish.symbol == wish.symbol for order in asked.account.open.values())
        if wish.kind == "limit" and opened >= MOST_OPEN:
            raise Refusal(-1013, "Filter failure: MAX_NUM_ORDERS")
        return rows.placed(self._engine.place(asked.account, wish), how or "FULL")

    def test(self, asked: Asked) -> Any:
        """An order that is only read."""
        self._wish(asked)
        return {}

    def cancel(self, asked: Asked) -> Any:
        symbol = self._public.asked_symbol(asked)
        try:
            order = self._engine.cancel(asked.account, self._found(asked, symbol))
        except Refused:
            raise Refusal(-2011, "Unknown order sent.") from None
        return rows.cancelled(order, asked.text("newClientOrderId", CLIENT_ID) or secrets.token_hex(11))

    def cancel_all(self, asked: Asked) -> Any:
        """Of one symbol."""
        symbol = self._public.asked_symbol(asked)
        waiting = self._mine(self._engine.open_orders(asked.account, symbol))
        if not waiting:
            raise Refusal(-2011, "Unknown order sent.")
        return [rows.cancelled(self._engine.cancel(asked.account, order), secrets.token_hex(11)) for order in waiting]

    def order(self, asked: Asked) -> Any:
        return rows.looked_up(self._found(asked, self._public.asked_symbol(asked)))

    def open_orders(self, asked: Asked) -> Any:
        name = asked.text("symbol", SYMBOL)
        symbol = None if name is None else self._public.symbol(name)
        return [rows.looked_up(order) for order in self._mine(self._engine.open_orders(asked.account, symbol))]

    def orders(self, asked: Asked) -> Any:
        """By time from `startTime` on, by id from `orderId` on, else the latest."""
        found = self._mine(self._engine.orders(asked.account, self._public.asked_symbol(asked)))
        first = asked.whole("orderId")
        found = [order for order in found if first is None or order.id >= first]
        chosen = _page(asked, found, [order.placed_ms for order in found], forward=first is not None)
        return [rows.looked_up(order) for order in chosen]

    def trades(self, asked: Asked) -> Any:
        """Of one symbol, or of one order of it."""
        symbol = self._public.asked_symbol(asked)
        order_id, from_id = asked.whole("orderId"), asked.whole("fromId")
        found = [
            fill
            for fill in self._engine.fills(asked.account, symbol)
            if fill.wallet == self._wallet and order_id in (None, fill.order_id) and fill.id >= (from_id or 0)
        ]
        chosen = _page(asked, found, [fill.at_ms for fill in found], forward=from_id is not None)
        return [rows.own_trade(fill, asked.needed("symbol")) for fill in chosen]

    def _mine(self, found: Sequence[Order]) -> list[Order]:
        return [order for order in found if order.wish.wallet == self._wallet]

    def _found(self, asked: Asked, symbol: str) -> Order:
        order_id, client_id = asked.whole("orderId"), asked.text("origClientOrderId", r"^.{1,64}$")
        if order_id is None and client_id is None:
            raise Refusal(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!")
        account: Account = asked.account
        order = self._engine.find(account, order_id=order_id, client_id=client_id or "", symbol=symbol)
        if order.wish.wallet != self._wallet or (client_id is not None and order.wish.client_id != client_id):
            raise Refused("unknown order")
        return order

    def _wish(self, asked: Asked) -> Wish:
        symbol = self._public.asked_symbol(asked)
        side = asked.choice("side", SIDES, -1117, "Invalid side.")
        kind = asked.choice("type", KINDS, -1116, "Invalid orderType.")
        if side is None or kind is None:
            raise missing("type" if side else "side")
        return Wish(
            symbol=symbol,
            side="buy" if side == "buy" else "sell",
            kind="market" if kind == "MARKET" else "limit",
            amount=asked.number("quantity"),
            cost=asked.number("quoteOrderQty"),
            price=asked.number("price"),
            client_id=asked.text("newClientOrderId", CLIENT_ID) or secrets.token_hex(11),
            wallet=self._wallet,
            stay=self._stay(asked, kind),
            post_only=kind == "LIMIT_MAKER",
            borrow=bool(asked.choice("sideEffectType", BORROWS, -1100, "Invalid sideEffectType.")),
        )

    def _stay(self, asked: Asked, kind: str) -> Stay:
        """Also checks that what goes with this kind was sent, and nothing else."""
        given = asked.given.keys()
        stay = asked.choice("timeInForce", STAYS, -1115, "Invalid timeInForce.")
        if kind == "MARKET":
            _unwanted(given & {"timeInForce", "price"})
            if len(given & {"quantity", "quoteOrderQty"}) != 1:
                raise missing("quantity") if not given & {"quantity", "quoteOrderQty"} else _combination()
            return "gtc"
        for name in ("quantity", "price", *(("timeInForce",) if kind == "LIMIT" else ())):
            if name not in given:
                raise missing(name)
        _unwanted(given & ({"quoteOrderQty"} if kind == "LIMIT" else {"quoteOrderQty", "timeInForce"}))
        return STAYS[asked.needed("timeInForce")] if stay else "gtc"


def _page(asked: Asked, found: Sequence[T], times: Sequence[int], *, forward: bool) -> Sequence[T]:
    first, last, limit = asked.whole("startTime"), asked.whole("endTime"), asked.limit(500, 1000)
    if first is not None and last is not None and last - first > LONGEST_SPAN_MS:
        raise Refusal(-1127, "More than 24 hours between startTime and endTime.")
    chosen = [row for row, at in zip(found, times, strict=True) if (first or 0) <= at <= (last or at)]
    return chosen[:limit] if forward or first is not None else chosen[-limit:]


def _unwanted(names: set[str]) -> None:
    for name in sorted(names):
        raise Refusal(-1106, f"Parameter '{name}' sent when not required.")


def _combination() -> Refusal:
    return Refusal(-1128, "Combination of optional parameters invalid.")
