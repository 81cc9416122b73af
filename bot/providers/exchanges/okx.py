"""OKX: the trading account, paid at once, and the funding account. https://www.okx.com/docs-v5"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from bot.domain.orders import Kind, OrderRequest, Permissions, Side, Traits, Wallet
from bot.providers.exchanges._ccxt import CcxtExchange
from bot.providers.exchanges._dialect import Dialect, Params, Window
from bot.providers.exchanges._ladder import Cause, Complaint
from bot.providers.exchanges._section import ExchangeSection

_CODES = {
    "50001": Cause.UNDECIDED,
    "50004": Cause.UNDECIDED,
    "50005": Cause.UNDECIDED,
    "50010": Cause.RIGHTS,
    "50011": Cause.RATE,
    "50013": Cause.UNDECIDED,
    "50026": Cause.UNDECIDED,
    "50030": Cause.RIGHTS,
    "50035": Cause.RIGHTS,
    "50061": Cause.RATE,
    "50100": Cause.RIGHTS,
    "50101": Cause.KEY,
    "50102": Cause.CLOCK,
    "50103": Cause.KEY,
    "50104": Cause.KEY,
    "50105": Cause.KEY,
    "50110": Cause.KEY,
    "50111": Cause.KEY,
    "50112": Cause.CLOCK,
    "50113": Cause.KEY,
    "50114": Cause.KEY,
    "50119": Cause.KEY,
    "50120": Cause.RIGHTS,
    "51001": Cause.SYMBOL,
    "51006": Cause.PRICE,
    "51008": Cause.FUNDS,
    "51016": Cause.UNDECIDED,
    "51020": Cause.MINIMUM,
    "51021": Cause.CLOSED,
    "51022": Cause.CLOSED,
    "51024": Cause.RIGHTS,
    "51027": Cause.CLOSED,
    "51028": Cause.CLOSED,
    "51119": Cause.FUNDS,
    "51121": Cause.PRECISION,
    "51131": Cause.FUNDS,
    "51136": Cause.PRICE,
    "51137": Cause.PRICE,
    "51138": Cause.PRICE,
    "51201": Cause.MAXIMUM,
    "51202": Cause.MAXIMUM,
    "51203": Cause.MAXIMUM,
    "51400": Cause.NO_ORDER,
    "51401": Cause.NO_ORDER,
    "51402": Cause.NO_ORDER,
    "51410": Cause.UNDECIDED,
    "51603": Cause.NO_ORDER,
    "54001": Cause.CLOSED,
}


class Okx(Dialect):
    traits = Traits(
        name="okx",
        title="OKX",
        secrets=("key", "secret", "password"),
        # Its margin is not a wallet of its own: one account holds all, and would count twice.
        wallets=(Wallet.SPOT, Wallet.FUNDING),
        aliases=("okex",),
        arrives_within=timedelta(seconds=30),
        key_page="https://www.okx.com/account/my-api",
    )
    ccxt_id = "okx"
    options: ClassVar[Params] = {"fetchMarkets": {"types": ["spot"]}}
    market_loads = ({"fetchMarkets": {"types": ["spot"]}}, {"fetchMarkets": {"types": ["swap"]}})
    market_info = ("instFamily", "uly")
    balances: ClassVar[Mapping[Wallet, Params]] = {Wallet.SPOT: {}, Wallet.FUNDING: {"type": "funding"}}
    codes = _CODES
    most_candles = 300
    depths = (5, 10, 20, 50, 100, 400)
    most_orders = 100

    def complaint(self, document: object) -> Complaint | None:
        """Of the one order where there is one, else of the whole call."""
        if not isinstance(document, dict) or not isinstance(document.get("code"), str):
            return None
        rows = document.get("data")
        row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
        if (code := str(row.get("sCode") or "0")) != "0":
            return Complaint(code, str(row.get("sMsg")).lower())
        if document["code"] != "0":
            return Complaint(document["code"], str(document.get("msg")).lower())
        return None

    def well_formed(self, path: str, document: object) -> bool:  # noqa: ARG002  # all are of one form
        return isinstance(document, dict) and document.get("code") == "0" and isinstance(document.get("data"), list)

    async def place(self, client: Any, request: OrderRequest) -> Any:
        if request.kind is Kind.MARKET and request.side is Side.BUY and request.cost:
            # Elsewhere `cost` would go out as it is and mean nothing.
            params = {"clientOrderId": request.client_id}
            return await client.create_market_buy_order_with_cost(request.symbol, request.cost, params)
        return await super().place(client, request)

    async def closed_orders(self, client: Any, symbol: str, window: Window, limit: int, place: Params) -> Any:
        # ccxt has one list of those that were filled and another of those that were cancelled.
        market = client.market(symbol)
        asked = {"instType": "SPOT", "instId": market["id"], "limit": str(limit)}
        if window.begin_ms is not None:
            asked["begin"] = str(window.begin_ms)
        answer = await client.private_get_trade_orders_history({**asked, **place})
        return client.parse_orders(answer["data"], market)

    def wallet(self, order: Mapping[str, Any]) -> Wallet | None:
        return {"cash": Wallet.SPOT, "cross": Wallet.MARGIN}.get(str(order["info"].get("tdMode")))

    async def permissions(self, client: Any) -> Permissions:
        answer = await client.private_get_account_config()
        account = answer["data"][0]
        listed = account.get("perm")
        if not isinstance(listed, str) or not listed:
            return Permissions(trade=None, withdraw=None)
        rights = {right.strip() for right in listed.split(",")}
        addresses = account.get("ip")
        return Permissions(
            trade="trade" in rights,
            withdraw="withdraw" in rights,
            ip_bound=bool(addresses) if isinstance(addresses, str) else None,
        )


def build(section: ExchangeSection) -> CcxtExchange:
    return CcxtExchange(Okx(), section)
