"""Bitfinex, the second version of its API: exchange and margin wallets and types. https://docs.bitfinex.com"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from bot.domain.orders import Kind, Order, OrderRequest, Permissions, Traits, Wallet
from bot.providers.exchanges._ccxt import CcxtExchange
from bot.providers.exchanges._dialect import Dialect, Params, yes
from bot.providers.exchanges._ladder import Cause, Complaint
from bot.providers.exchanges._section import ExchangeSection

_CODES = {
    "10001": Cause.UNDECIDED,  # anything from "unknown error" to a minimum; the words tell
    "10020": Cause.RULES,
    "10100": Cause.KEY,
    "10114": Cause.CLOCK,
    "11010": Cause.RATE,
    "20060": Cause.UNDECIDED,
}

_PHRASES = (
    ("duplicate", Cause.UNDECIDED),
    ("not enough exchange balance", Cause.FUNDS),
    ("not enough tradable balance", Cause.FUNDS),
    ("not enough balance", Cause.FUNDS),
    ("available balance is only", Cause.FUNDS),
    ("minimum size", Cause.MINIMUM),
    ("maximum size", Cause.MAXIMUM),
    ("order not found", Cause.NO_ORDER),
    ("symbol: invalid", Cause.SYMBOL),
    ("amount: invalid", Cause.PRECISION),
    ("price: invalid", Cause.PRICE),
    ("price too", Cause.PRICE),
    ("nonce: small", Cause.CLOCK),
    ("permission", Cause.RIGHTS),
    ("apikey: ", Cause.KEY),
    ("ratelimit", Cause.RATE),
    ("err_rate_limit", Cause.RATE),
    ("invalid order", Cause.RULES),
)

_MADE, _TYPE = 4, 8
_KINDS = {"LIMIT": Kind.LIMIT, "MARKET": Kind.MARKET}


class Bitfinex(Dialect):
    traits = Traits(
        name="bitfinex",
        title="Bitfinex",
        wallets=(Wallet.SPOT, Wallet.MARGIN, Wallet.FUNDING),
        finds_by_client_id=False,
        buys_by_cost=False,
        integer_client_ids=True,
        key_page="https://setting.bitfinex.com/api",
    )
    ccxt_id = "bitfinex"
    balances: ClassVar[Mapping[Wallet, Params]] = {
        # Other names of a wallet are answered with nothing, without an error.
        Wallet.SPOT: {"type": "exchange"},
        Wallet.MARGIN: {"type": "margin"},
        Wallet.FUNDING: {"type": "funding"},
    }
    codes = _CODES
    phrases = _PHRASES
    explains_with_5xx = True
    amount_step = Decimal("0.00000001")
    price_by_digits = True
    most_candles = 10_000
    depths = (25, 100)
    most_orders = 500

    def complaint(self, document: object) -> Complaint | None:
        if isinstance(document, dict):
            said = document.get("error") or document.get("message")
            return Complaint("", said.lower()) if isinstance(said, str) else None
        if not isinstance(document, list) or len(document) < 3:
            return None
        if document[0] == "error":
            return Complaint(str(document[1]), str(document[2]).lower())
        if isinstance(document[1], str) and document[1].endswith("-req") and document[6:7] != ["SUCCESS"]:
            return Complaint(str(document[5]), str(document[7]).lower()) if len(document) > 7 else None
        return None

    def well_formed(self, path: str, document: object) -> bool:
        rows = "/auth/r/" in path
        return isinstance(document, list) and not (rows and any(not isinstance(row, list) for row in document))

    def order_params(self, request: OrderRequest) -> dict[str, object]:
        return {"cid": int(request.client_id)}

    async def order(self, client: Any, symbol: str, order_id: str, place: Params) -> Any:
        found = await client.fetch_order(order_id, symbol, dict(place))
        # Of an order that is no longer active nothing is told, and ccxt makes an order of that nothing.
        return found if found.get("id") else await client.fetch_closed_order(order_id, symbol)

    def is_ours(self, order: Order, client_id: str, since: datetime) -> bool:
        """The same number may have been used on another day."""
        same_day = order.at is None or abs(order.at - since) < timedelta(days=1)
        return order.client_id == client_id and same_day

    def placed_ms(self, order: Mapping[str, Any]) -> object:
        """When it was made. What ccxt gives is when it last changed."""
        info = order["info"]
        return info[_MADE] if isinstance(info, list) and len(info) > _MADE else None

    def kind(self, order: Mapping[str, Any]) -> Kind | None:
        return _KINDS.get(_type(order).removeprefix("EXCHANGE "))

    def wallet(self, order: Mapping[str, Any]) -> Wallet | None:
        kind = _type(order)
        return None if not kind else Wallet.SPOT if kind.startswith("EXCHANGE ") else Wallet.MARGIN

    async def permissions(self, client: Any) -> Permissions:
        """Rows of scope, may read, may write. `ui_withdraw` withdraws just as well."""
        rows = await client.private_post_auth_r_permissions()
        writes = {row[0]: yes(row[2]) for row in rows if isinstance(row, list) and len(row) >= 3}
        withdrawals = [writes[name] for name in ("withdraw", "ui_withdraw") if name in writes]
        return Permissions(
            trade=writes.get("orders"),
            withdraw=_any(withdrawals) if "withdraw" in writes else None,
            margin=writes.get("positions"),
            warnings=tuple(name for name in ("wallets", "settings") if writes.get(name)),
        )

    async def server_time_ms(self, client: Any) -> int | None:  # noqa: ARG002  # nothing is asked
        """It does not tell."""
        return None


def _type(order: Mapping[str, Any]) -> str:
    """The exchange's own word: ccxt's says the same for a margin order and one that is paid at once."""
    info = order["info"]
    return str(info[_TYPE]) if isinstance(info, list) and len(info) > _TYPE else ""


def _any(values: Sequence[bool | None]) -> bool | None:
    return True if True in values else None if None in values or not values else False


def build(section: ExchangeSection) -> CcxtExchange:
    return CcxtExchange(Bitfinex(), section)
