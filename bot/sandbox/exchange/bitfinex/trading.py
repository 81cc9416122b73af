"""Orders come and go: submit, cancel, cancel several."""

from collections.abc import Callable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any

from bot.sandbox.exchange.accounts import Account, Key
from bot.sandbox.exchange.bitfinex.listing import by_id, pair_id
from bot.sandbox.exchange.bitfinex.rows import POST_ONLY, day_of, order_row, signed, wallet_of
from bot.sandbox.exchange.bitfinex.wire import Complaint, notice, number, whole, wholes
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.orders import Order, Refused, Stay, Wish
from bot.sandbox.exchange.pairs import Pair

GENERIC, PARAMETERS = 10001, 10020
STAY_OF: Mapping[str, Stay] = {"MARKET": "gtc", "LIMIT": "gtc", "IOC": "ioc", "FOK": "fok"}
# Known to Bitfinex, and not played here.
TRIGGERED = {"STOP", "STOP LIMIT", "TRAILING STOP"}
Ask = Mapping[str, Any]


class Trading:
    """Each method answers one route that changes something; `ask` is its body. `now_ms`: the time it tells."""

    def __init__(self, engine: Engine, now_ms: Callable[[], int]) -> None:
        self._engine = engine
        self._now_ms = now_ms

    def submit(self, key: Key, ask: Ask) -> list[Any]:
        """The answer shows the order as it was taken; what was matched at once is seen by asking again."""
        wish = self._wish(ask)
        try:
            order = self._engine.place(key.account, wish)
        except Refused as refused:
            raise self._complaint(wish, refused) from None
        return notice("on-req", self._now_ms() // 1000, [order_row(order, fresh=True)], "Submitting 1 orders.")

    def cancel(self, key: Key, ask: Ask) -> list[Any]:
        """By `id`, or by `cid` and its `cid_date`. The answer shows the order as it was."""
        order = self._found(key.account, ask)
        row = order_row(order)
        self._cancel(key.account, order)
        text = f"Submitted for cancellation; waiting for confirmation (ID: {order.id})."
        return notice("oc-req", self._now_ms(), row, text)

    def cancel_multi(self, key: Key, ask: Ask) -> list[Any]:
        """All of them, whatever the pair, or those named by `id` or by pairs of `cid` and date; the rest is ignored."""
        chosen = [order for order in self._engine.open_orders(key.account) if _named(order, ask)]
        rows = [order_row(order) for order in chosen]
        for order in chosen:
            self._cancel(key.account, order)
        return notice("oc_multi-req", self._now_ms(), rows, f"Submitting {len(rows)} order cancellations.")

    def _wish(self, ask: Ask) -> Wish:
        pair = by_id(self._engine, str(ask.get("symbol", "")))
        wallet, kind = wallet_of(str(ask.get("type", "")))
        if kind in TRIGGERED:
            raise Complaint(GENERIC, f"Invalid order: this stand-in has no {kind} orders")
        if kind not in STAY_OF:
            raise Complaint(PARAMETERS, "type: invalid")
        amount = number(ask.get("amount"), "amount")
        cid = ask.get("cid")
        return Wish(
            symbol=pair.symbol,
            side="sell" if amount < 0 else "buy",
            kind="market" if kind == "MARKET" else "limit",
            amount=abs(amount),
            price=None if kind == "MARKET" else _price(pair, ask),
            client_id=str(self._engine.now_ms() if cid is None else whole(cid, "cid")),
            wallet=wallet,
            stay=STAY_OF[kind],
            post_only=bool(whole(ask.get("flags", 0), "flags") & POST_ONLY),
            borrow=wallet == "margin",
        )

    def _found(self, account: Account, ask: Ask) -> Order:
        if ask.get("id") is not None:
            return self._open(account, order_id=whole(ask["id"], "id"))
        if not ask.get("cid_date"):
            raise Complaint(PARAMETERS, "cid_date: invalid" if "cid" in ask else "id: invalid")
        order = self._open(account, client_id=str(whole(ask.get("cid"), "cid")))
        if day_of(order) != ask["cid_date"]:
            raise Complaint(GENERIC, "Order not found.")
        return order

    def _open(self, account: Account, *, order_id: int | None = None, client_id: str = "") -> Order:
        try:
            order = self._engine.find(account, order_id=order_id, client_id=client_id)
        except Refused:
            raise Complaint(GENERIC, "Order not found.") from None
        if order.state != "open":
            raise Complaint(GENERIC, "Order not found.")
        return order

    def _cancel(self, account: Account, order: Order) -> None:
        try:
            self._engine.cancel(account, order)
        except Refused:
            raise Complaint(GENERIC, "Order not found.") from None

    def _complaint(self, wish: Wish, refused: Refused) -> Complaint:
        pair, ident = self._engine.pair(wish.symbol), pair_id(wish.symbol)
        if refused.why == "insufficient":
            purse = "tradable" if wish.wallet == "margin" else "exchange"
            amount = signed(wish.side, wish.amount or Decimal(0)).normalize()
            price = wish.price or self._engine.day(wish.symbol).last
            return _invalid(f"not enough {purse} balance for {amount:f} {ident} at {price:f}")
        if refused.why == "amount range" and wish.amount is not None and wish.amount > pair.most_amount:
            return _invalid(f"maximum size for {ident} is {pair.most_amount:f}")
        if refused.why == "amount range":
            return _invalid(f"minimum size for {ident} is {pair.least_amount:f}")
        return _invalid({"bad wallet": f"{ident} cannot be traded on margin"}.get(refused.why, refused.why))


def _invalid(text: str) -> Complaint:
    return Complaint(GENERIC, f"Invalid order: {text}")


def _price(pair: Pair, ask: Ask) -> Decimal:
    """What is more precise than five digits is cut, not refused."""
    price = number(ask.get("price"), "price")
    if price <= 0:
        raise Complaint(PARAMETERS, "price: invalid")
    return pair.rounded(price, ROUND_DOWN)


def _named(order: Order, ask: Ask) -> bool:
    if ask.get("all") == 1:
        return True
    by_client = [[str(order.wish.client_id), day_of(order)], [int(order.wish.client_id), day_of(order)]]
    return order.id in wholes(ask.get("id", []), "id") or any(pair in by_client for pair in _listed(ask.get("cid")))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
