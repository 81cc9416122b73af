"""Binance: spot, and margin in its cross form. https://developers.binance.com/docs/binance-spot-api-docs"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from bot.domain.orders import Permissions, Traits, Wallet
from bot.providers.exchanges._ccxt import CcxtExchange
from bot.providers.exchanges._dialect import MARGIN, Dialect, Params, Window, yes
from bot.providers.exchanges._ladder import Cause, Complaint
from bot.providers.exchanges._section import ExchangeSection

_RECEIVED_WITHIN_MS = 5000

_CODES = {
    "-1000": Cause.UNDECIDED,
    "-1001": Cause.UNDECIDED,
    "-1002": Cause.RIGHTS,
    "-1003": Cause.RATE,
    "-1006": Cause.UNDECIDED,
    "-1007": Cause.UNDECIDED,
    "-1008": Cause.RATE,
    "-1013": Cause.RULES,
    "-1015": Cause.RATE,
    "-1016": Cause.CLOSED,
    "-1021": Cause.CLOCK,
    "-1022": Cause.KEY,
    "-1100": Cause.RULES,
    "-1102": Cause.RULES,
    "-1111": Cause.PRECISION,
    "-1121": Cause.SYMBOL,
    "-2010": Cause.RULES,
    "-2011": Cause.RULES,
    "-2013": Cause.NO_ORDER,
    "-2014": Cause.KEY,
    "-2015": Cause.KEY,
    "-2018": Cause.FUNDS,
    "-2019": Cause.FUNDS,
    "-2026": Cause.NO_ORDER,
    "-3003": Cause.NO_ACCOUNT,
    "-3027": Cause.SYMBOL,
    "-3028": Cause.SYMBOL,
    "-3067": Cause.MAXIMUM,
    "-11008": Cause.FUNDS,
}

_PHRASES = (
    ("duplicate order sent", Cause.UNDECIDED),
    ("unknown order sent", Cause.NO_ORDER),
    ("insufficient balance", Cause.FUNDS),
    ("market is closed", Cause.CLOSED),
    ("account may not place or cancel", Cause.RIGHTS),
    ("action is disabled on this account", Cause.RIGHTS),
    ("not permitted for this account", Cause.RIGHTS),
    ("filter failure: min_notional", Cause.MINIMUM),
    ("filter failure: notional", Cause.MINIMUM),
    ("filter failure: market_lot_size", Cause.MAXIMUM),
    ("filter failure: lot_size", Cause.PRECISION),
    ("filter failure: price_filter", Cause.PRECISION),
    ("filter failure: percent_price", Cause.PRICE),
    ("filter failure: max_position", Cause.MAXIMUM),
    ("filter failure: max_num", Cause.MAXIMUM),
)


class Binance(Dialect):
    traits = Traits(
        name="binance",
        title="Binance",
        wallets=(Wallet.SPOT, Wallet.MARGIN, Wallet.FUNDING),
        arrives_within=timedelta(milliseconds=_RECEIVED_WITHIN_MS),
        key_page="https://www.binance.com/en/my/settings/api-management",
    )
    ccxt_id = "binance"
    options: ClassVar[Params] = {
        "recvWindow": _RECEIVED_WITHIN_MS,
        "fetchOpenOrders": {"warnWithoutSymbol": False},
        "fetchMarkets": {"types": ["spot"]},
    }
    market_loads = ({"fetchMarkets": {"types": ["spot"]}}, {"fetchMarkets": {"types": ["linear"]}})
    market_info = ("orderTypes", "contractType", "pair")
    places = ({}, MARGIN)
    balances: ClassVar[Mapping[Wallet, Params]] = {
        Wallet.SPOT: {},
        Wallet.MARGIN: MARGIN,
        Wallet.FUNDING: {"type": "funding"},
    }
    codes = _CODES
    phrases = _PHRASES
    most_candles = 1000
    most_orders = 500

    def complaint(self, document: object) -> Complaint | None:
        if not isinstance(document, dict) or not isinstance(document.get("msg"), str):
            return None
        code = document.get("code")
        if not isinstance(code, int) or code in {0, 200}:
            return None
        return Complaint(str(code), document["msg"].lower())

    def well_formed(self, path: str, document: object) -> bool:
        what = path.rpartition("/")[2]
        if what in {"openOrders", "allOrders", "myTrades", "get-funding-asset"}:
            return isinstance(document, list)
        return isinstance(document, dict | list) and (
            what != "account" or bool({"balances", "userAssets"} & {*document})
        )

    async def closed_orders(self, client: Any, symbol: str, window: Window, limit: int, place: Params) -> Any:
        # ccxt's list of closed orders leaves out what was cancelled.
        return await client.fetch_orders(symbol, window.begin_ms, limit, dict(place))

    def client_id(self, order: Mapping[str, Any]) -> str:
        # The answer to a cancel bears an id of the cancel's own.
        return str(order["info"].get("origClientOrderId") or order.get("clientOrderId") or "")

    def wallet(self, order: Mapping[str, Any]) -> Wallet | None:
        return Wallet.MARGIN if "isIsolated" in order["info"] else Wallet.SPOT

    async def permissions(self, client: Any) -> Permissions:
        rights = await client.sapi_get_account_apirestrictions()
        expires = rights.get("tradingAuthorityExpirationTime")
        wide = ("enableInternalTransfer", "permitsUniversalTransfer", "enableFutures", "enableVanillaOptions")
        return Permissions(
            trade=yes(rights.get("enableSpotAndMarginTrading")),
            withdraw=yes(rights.get("enableWithdrawals")),
            margin=yes(rights.get("enableMargin")),
            ip_bound=yes(rights.get("ipRestrict")),
            expires_at=datetime.fromtimestamp(expires / 1000, UTC) if isinstance(expires, int) and expires else None,
            warnings=tuple(name for name in wide if yes(rights.get(name))),
        )


def build(section: ExchangeSection) -> CcxtExchange:
    return CcxtExchange(Binance(), section)
