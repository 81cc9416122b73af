"""HTX, formerly Huobi: spot, and margin in its cross form. https://www.htx.com/en-us/opend/newApiPages"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from bot.domain.orders import Kind, Permissions, Traits, Wallet
from bot.providers.exchanges._ccxt import CcxtExchange
from bot.providers.exchanges._dialect import MARGIN, Dialect, Params, Window
from bot.providers.exchanges._ladder import Cause, Complaint
from bot.providers.exchanges._section import ExchangeSection

_CODES = {
    "account-frozen-balance-insufficient-error": Cause.FUNDS,
    "account-balance-insufficient-error": Cause.FUNDS,
    "account-transfer-balance-insufficient-error": Cause.FUNDS,
    "order-limitorder-amount-min-error": Cause.MINIMUM,
    "order-marketorder-amount-min-error": Cause.MINIMUM,
    "order-value-min-error": Cause.MINIMUM,
    "order-limitorder-amount-max-error": Cause.MAXIMUM,
    "order-marketorder-amount-buy-max-error": Cause.MAXIMUM,
    "order-marketorder-amount-sell-max-error": Cause.MAXIMUM,
    "order-holding-limit-failed": Cause.MAXIMUM,
    "order-limitorder-price-min-error": Cause.PRICE,
    "order-limitorder-price-max-error": Cause.PRICE,
    "order-limitorder-price-buy-max-error": Cause.PRICE,
    "order-limitorder-price-sell-min-error": Cause.PRICE,
    "order-orderprice-precision-error": Cause.PRECISION,
    "order-orderamount-precision-error": Cause.PRECISION,
    "invalid-symbol": Cause.SYMBOL,
    "base-symbol-error": Cause.SYMBOL,
    "base-symbol-trade-disabled": Cause.CLOSED,
    "symbol trade not open now": Cause.CLOSED,
    "base-record-invalid": Cause.NO_ORDER,
    "order-queryorder-invalid": Cause.NO_ORDER,
    "order-orderstate-error": Cause.NO_ORDER,
    "not-found": Cause.NO_ORDER,
    "api-signature-not-valid": Cause.KEY,
    "api-signature-check-failed": Cause.KEY,
    "login-required": Cause.KEY,
    "1003": Cause.KEY,
    "base-operation-forbidden": Cause.RIGHTS,
    "operation-forbidden": Cause.RIGHTS,
    "1002": Cause.RIGHTS,
    "base-request-exceed-frequency-limit": Cause.RATE,
    "rate-too-many-requests": Cause.RATE,
    "too-many-request": Cause.RATE,
    "timeout": Cause.UNDECIDED,
    "gateway-internal-error": Cause.UNDECIDED,
    "order-update-error": Cause.UNDECIDED,
    "system-maintenance": Cause.UNDECIDED,
}

_PHRASES = (
    ("duplicate", Cause.UNDECIDED),
    ("timestamp", Cause.CLOCK),
    ("incorrect access key", Cause.KEY),
)

_ACCOUNTS = {"spot-api": Wallet.SPOT, "super-margin-api": Wallet.MARGIN}
_ENDED = "filled,partial-canceled,canceled"


class Htx(Dialect):
    traits = Traits(
        name="htx",
        title="HTX",
        wallets=(Wallet.SPOT, Wallet.MARGIN),
        aliases=("huobi",),
        arrives_within=timedelta(minutes=5),
        key_page="https://www.htx.com/en-us/apikey/",
    )
    ccxt_id = "htx"
    options: ClassVar[Params] = {"fetchMarkets": {"types": {"spot": True}}}
    market_loads = (
        {"fetchMarkets": {"types": {"spot": True}}},
        {"fetchMarkets": {"types": {"spot": False, "linear": True}}},
    )
    balances: ClassVar[Mapping[Wallet, Params]] = {Wallet.SPOT: {}, Wallet.MARGIN: MARGIN}
    codes = _CODES
    phrases = _PHRASES
    most_candles = 1000
    depths = (5, 10, 20, 150)
    most_orders = 100
    longest_window = timedelta(hours=48)

    def complaint(self, document: object) -> Complaint | None:
        """In its first version a word, in its second a number."""
        if not isinstance(document, dict):
            return None
        if document.get("status") == "error":
            return Complaint(str(document.get("err-code")), str(document.get("err-msg")).lower())
        code = document.get("code")
        if isinstance(code, int) and code != 200:
            return Complaint(str(code), str(document.get("message")).lower())
        return None

    def well_formed(self, path: str, document: object) -> bool:  # noqa: ARG002  # all are of one form
        if not isinstance(document, dict) or (document.get("status") != "ok" and document.get("code") != 200):
            return False
        return document.get("data") is not None or "tick" in document

    async def cancel(self, client: Any, symbol: str, order_id: str, place: Params) -> Any:
        # ccxt would call it cancelled whatever came back; the answer says that the wish was taken.
        asked = {"order-id": order_id, **place}
        answer = await client.spot_private_post_v1_order_orders_order_id_submitcancel(asked)
        return {"id": answer.get("data"), "symbol": symbol, "info": answer}

    async def open_orders(self, client: Any, symbol: str, place: Params) -> Any:
        # Of one pair it tells only with an account, and of all pairs only without.
        asked = [{**place}]
        if symbol:
            accounts = [each["id"] for each in await client.load_accounts() if each["type"] in {"spot", "super-margin"}]
            asked = [{"account-id": account, "symbol": client.market(symbol)["id"], **place} for account in accounts]
        rows = [row for each in asked for row in (await client.spot_private_get_v1_order_openorders(each))["data"]]
        return client.parse_orders(rows)

    async def closed_orders(self, client: Any, symbol: str, window: Window, limit: int, place: Params) -> Any:
        market = client.market(symbol)
        asked = {"symbol": market["id"], "states": _ENDED, "size": limit, **_times(window), **place}
        return client.parse_orders((await client.spot_private_get_v1_order_orders(asked))["data"], market)

    async def trades(self, client: Any, symbol: str, window: Window, limit: int, place: Params) -> Any:
        market = client.market(symbol)
        asked = {"symbol": market["id"], "size": limit, **_times(window), **place}
        return client.parse_trades((await client.spot_private_get_v1_order_matchresults(asked))["data"], market)

    def wallet(self, order: Mapping[str, Any]) -> Wallet | None:
        return _ACCOUNTS.get(str(order["info"].get("source")))

    def kind(self, order: Mapping[str, Any]) -> Kind | None:
        word = str(order["info"].get("type") or order.get("type"))
        return next((kind for kind in Kind if word.removeprefix("buy-").removeprefix("sell-") == kind.value), None)

    async def permissions(self, client: Any) -> Permissions:
        uid = (await client.v2private_get_user_uid())["data"]
        rows = (await client.v2private_get_user_api_key({"uid": uid}))["data"]
        own: Mapping[str, Any] = next((row for row in rows if row.get("accessKey") == client.apiKey), {})
        listed = own.get("permission")
        if not isinstance(listed, str) or not listed:
            return Permissions(trade=None, withdraw=None)
        rights = {right.strip().lower() for right in listed.split(",")}
        days, addresses = own.get("validDays"), own.get("ipAddresses")
        today = datetime.fromtimestamp(client.milliseconds() / 1000, UTC)
        return Permissions(
            trade="trade" in rights,
            withdraw="withdraw" in rights,
            ip_bound=bool(addresses) if isinstance(addresses, str) else None,
            expires_at=today + timedelta(days=days) if isinstance(days, int) and days >= 0 else None,
        )


def _times(window: Window) -> dict[str, int]:
    return {} if window.begin_ms is None else {"start-time": window.begin_ms, "end-time": window.end_ms}


def build(section: ExchangeSection) -> CcxtExchange:
    return CcxtExchange(Htx(), section)
