"""Orders and trades as Bitfinex's rows: what is bought is positive, what is sold negative."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bot.sandbox.exchange.bitfinex.listing import name, ticker_id
from bot.sandbox.exchange.orders import Fill, Order, Side, Wallet
from bot.sandbox.exchange.pairs import GRAIN

POST_ONLY = 4096
STAYS = {"gtc": "LIMIT", "ioc": "IOC", "fok": "FOK"}
ENDINGS = {"ioc": "IOC CANCELED", "fok": "FILLORKILL CANCELED", "gtc": "CANCELED"}


def signed(side: Side, amount: Decimal) -> Decimal:
    """Positive for a buy."""
    return amount if side == "buy" else -amount


def order_row(order: Order, *, fresh: bool = False) -> list[Any]:
    """The 32 columns. `fresh`: as it was taken, before anything was matched."""
    side = order.wish.side
    return [
        order.id,
        None,
        int(order.wish.client_id),
        ticker_id(order.pair.symbol),
        order.placed_ms,
        order.placed_ms if fresh else order.updated_ms,
        signed(side, order.amount if fresh else order.left),
        signed(side, order.amount),
        order_type(order),
        *[None] * 3,
        POST_ONLY if order.wish.post_only else 0,
        "ACTIVE" if fresh else status(order),
        *[None] * 2,
        _price(order),
        0 if fresh or order.average is None else order.average.quantize(GRAIN),
        *[0, 0],
        *[None] * 3,
        *[0, 0],
        *[None] * 3,
        "API>BFX",
        *[None] * 2,
        {},
    ]


def trade_row(fill: Fill, order: Order | None) -> list[Any]:
    """One own trade; fees are negative. An order that is long forgotten leaves its type out."""
    return [
        fill.id,
        ticker_id(fill.symbol),
        fill.at_ms,
        fill.order_id,
        signed(fill.side, fill.amount),
        fill.price,
        order_type(order) if order else None,
        _price(order) if order else None,
        1 if fill.maker else -1,
        -fill.fee,
        name(fill.fee_asset),
        int(fill.client_id),
    ]


def order_type(order: Order) -> str:
    """`EXCHANGE LIMIT` from the exchange wallet, `LIMIT` on margin."""
    plain = "MARKET" if order.wish.kind == "market" else STAYS[order.wish.stay]
    return plain if order.wish.wallet == "margin" else "EXCHANGE " + plain


def wallet_of(kind: str) -> tuple[Wallet, str]:
    """The other way: which wallet pays, and the type without its prefix."""
    plain = kind.removeprefix("EXCHANGE ")
    return ("margin" if plain == kind else "spot"), plain


def status(order: Order) -> str:
    """In Bitfinex's words, the latest part first: EXECUTED @ 107.6(-0.2): was PARTIALLY FILLED @ 107.5(-0.1)."""
    parts = [f"{fill.price:f}({signed(fill.side, fill.amount).normalize():f})" for fill in reversed(order.fills)]
    if order.state == "filled":
        was = _partly(parts[1:])
        return f"EXECUTED @ {parts[0]}" + (f": was {was}" if was else "")
    if order.state == "open":
        return _partly(parts) or "ACTIVE"
    ended = ENDINGS[order.wish.stay] if order.state == "expired" else "CANCELED"
    return ended + (f" was: {_partly(parts)}" if parts else "")


def day_of(order: Order) -> str:
    """The UTC date that a client id is unique in."""
    return datetime.fromtimestamp(order.placed_ms / 1000, UTC).strftime("%Y-%m-%d")


def _partly(parts: list[str]) -> str:
    return ", ".join(f"PARTIALLY FILLED @ {part}" for part in parts)


def _price(order: Order) -> Decimal | int:
    """A market order shows what it met first."""
    if order.wish.price is not None:
        return order.wish.price
    return order.fills[0].price if order.fills else 0
