"""Binance's endpoints as far as the sandbox has them: path, weight, who may call, and with which parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from bot.sandbox.exchange.binance.asked import Asked
from bot.sandbox.exchange.binance.futures import Futures
from bot.sandbox.exchange.binance.private import Private
from bot.sandbox.exchange.binance.public import Public
from bot.sandbox.exchange.binance.wallets import Wallets
from bot.sandbox.exchange.faults import Call

Weight: TypeAlias = Callable[[Mapping[str, str]], int]
Family: TypeAlias = Literal["spot", "sapi", "futures"]
# Nobody, whoever has a key, who signs to look, who signs to trade.
Rights: TypeAlias = Literal["none", "key", "read", "trade"]
Handler: TypeAlias = Callable[[Asked], Any]
SIGNED = "timestamp recvWindow signature"
ORDER = "symbol side type timeInForce quantity quoteOrderQty price newClientOrderId newOrderRespType"
LOOK = "symbol orderId origClientOrderId"
SPAN = "startTime endTime limit"


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    weight: Weight
    rights: Rights
    call: Call
    handler: Handler
    takes: frozenset[str]
    # Drawn in a thread.
    slow: bool = False

    @property
    def family(self) -> Family:
        """Whose weights it counts among."""
        return {"sapi": "sapi", "fapi": "futures", "dapi": "futures"}.get(self.path.split("/")[1], "spot")  # type: ignore[return-value]  # the values are the names


def routes(public: Public, spot: Private, margin: Private, wallets: Wallets, futures: Futures) -> list[Route]:
    """All of them."""
    return [*_public(public), *_spot(spot, wallets), *_margin(margin, wallets), *_sapi(wallets), *_futures(futures)]


def _public(public: Public) -> list[Route]:
    def get(path: str, weight: int | Weight, handler: Handler, takes: str = "", *, slow: bool = False) -> Route:
        return _route("GET", f"/api/v3/{path}", weight, "none", "public", handler, takes, slow=slow)

    return [
        get("ping", 1, public.ping),
        get("time", 1, public.time),
        get("exchangeInfo", 20, public.exchange_info, "symbol symbols permissions showPermissionSets symbolStatus"),
        get("depth", _depth_weight, public.depth, "symbol limit"),
        get("trades", 25, public.trades, "symbol limit"),
        get("aggTrades", 4, public.aggregate_trades, f"symbol fromId {SPAN}"),
        get("klines", 2, public.candles, f"symbol interval timeZone {SPAN}", slow=True),
        get("avgPrice", 2, public.average_price, "symbol"),
        get("ticker/24hr", _day_weight, public.day_ticker, "symbol symbols type"),
        get("ticker/price", _price_weight, public.price, "symbol symbols"),
        get("ticker/bookTicker", _price_weight, public.book_ticker, "symbol symbols"),
        _route("GET", "/api/v3/historicalTrades", 25, "key", "public", public.old_trades, "symbol limit fromId"),
    ]


def _spot(spot: Private, wallets: Wallets) -> list[Route]:
    more = "newClientOrderId cancelRestrictions"
    return [
        _route("POST", "/api/v3/order", 1, "trade", "place", spot.place, f"{ORDER} selfTradePreventionMode"),
        _route("POST", "/api/v3/order/test", 1, "trade", "private", spot.test, f"{ORDER} selfTradePreventionMode"),
        _route("DELETE", "/api/v3/order", 1, "trade", "cancel", spot.cancel, f"{LOOK} {more}"),
        _route("DELETE", "/api/v3/openOrders", 1, "trade", "cancel", spot.cancel_all, "symbol"),
        _route("GET", "/api/v3/order", 4, "read", "private", spot.order, LOOK),
        _route("GET", "/api/v3/openOrders", _open_weight, "read", "private", spot.open_orders, "symbol"),
        _route("GET", "/api/v3/allOrders", 20, "read", "private", spot.orders, f"symbol orderId {SPAN}"),
        _route("GET", "/api/v3/myTrades", 20, "read", "private", spot.trades, f"symbol orderId fromId {SPAN}"),
        _route("GET", "/api/v3/account", 20, "read", "private", wallets.account, "omitZeroBalances"),
    ]


def _margin(margin: Private, wallets: Wallets) -> list[Route]:
    alone = "isIsolated"
    order = f"{ORDER} {alone} sideEffectType autoRepayAtCancel selfTradePreventionMode"
    return [
        _route("POST", "/sapi/v1/margin/order", 6, "trade", "place", margin.place, order),
        _route(
            "DELETE", "/sapi/v1/margin/order", 10, "trade", "cancel", margin.cancel, f"{LOOK} {alone} newClientOrderId"
        ),
        _route("DELETE", "/sapi/v1/margin/openOrders", 1, "trade", "cancel", margin.cancel_all, f"symbol {alone}"),
        _route("GET", "/sapi/v1/margin/order", 10, "read", "private", margin.order, f"{LOOK} {alone}"),
        _route("GET", "/sapi/v1/margin/openOrders", 10, "read", "private", margin.open_orders, f"symbol {alone}"),
        _route(
            "GET", "/sapi/v1/margin/allOrders", 200, "read", "private", margin.orders, f"symbol orderId {alone} {SPAN}"
        ),
        _route(
            "GET", "/sapi/v1/margin/myTrades", 10, "read", "private", margin.trades,
            f"symbol orderId fromId {alone} {SPAN}",
        ),
        _route("GET", "/sapi/v1/margin/account", 10, "read", "private", wallets.margin_account, ""),
    ]  # fmt: skip


def _sapi(wallets: Wallets) -> list[Route]:
    transfer = "type asset amount fromSymbol toSymbol"
    return [
        _route("GET", "/sapi/v1/system/status", 1, "none", "public", wallets.status, ""),
        _route("GET", "/sapi/v1/account/apiRestrictions", 1, "read", "private", wallets.restrictions, ""),
        _route("GET", "/sapi/v1/capital/config/getall", 10, "read", "private", wallets.all_coins, ""),
        _route("GET", "/sapi/v1/asset/tradeFee", 1, "read", "private", wallets.trade_fees, "symbol"),
        _route("GET", "/sapi/v1/margin/allPairs", 1, "key", "private", wallets.margin_pairs, "symbol"),
        _route("GET", "/sapi/v1/margin/isolated/allPairs", 10, "key", "private", wallets.nothing, "symbol"),
        _route(
            "POST", "/sapi/v1/asset/get-funding-asset", 1, "read", "private", wallets.funding,
            "asset needBtcValuation",
        ),
        _route("POST", "/sapi/v1/asset/transfer", 900, "read", "place", wallets.transfer, transfer),
    ]  # fmt: skip


def _futures(futures: Futures) -> list[Route]:
    def get(path: str, weight: int | Weight, handler: Handler, takes: str = "", *, slow: bool = False) -> Route:
        return _route("GET", path, weight, "none", "public", handler, takes, slow=slow)

    return [
        get("/fapi/v1/ping", 1, futures.public.ping),
        get("/fapi/v1/time", 1, futures.public.time),
        get("/fapi/v1/exchangeInfo", 1, futures.exchange_info),
        get("/fapi/v1/depth", 10, futures.depth, "symbol limit"),
        get("/fapi/v1/trades", 5, futures.public.trades, "symbol limit"),
        get("/fapi/v1/aggTrades", 20, futures.public.aggregate_trades, f"symbol fromId {SPAN}"),
        get("/fapi/v1/klines", 5, futures.public.candles, f"symbol interval {SPAN}", slow=True),
        get("/fapi/v1/ticker/24hr", _day_weight, futures.day_ticker, "symbol"),
        get("/fapi/v1/ticker/bookTicker", 2, futures.public.book_ticker, "symbol"),
        get("/dapi/v1/exchangeInfo", 1, futures.no_contracts),
    ]


def _route(
    method: str, path: str, weight: int | Weight, rights: Rights, call: Call, handler: Handler, takes: str,
    *, slow: bool = False,
) -> Route:  # fmt: skip
    names = frozenset(takes.split())
    # Who shows a key may sign as well, though nobody looks at it.
    if rights != "none":
        names |= frozenset(SIGNED.split())
    weigh: Weight = (lambda _: weight) if isinstance(weight, int) else weight
    return Route(method, path, weigh, rights, call, handler, names, slow)


def _open_weight(given: Mapping[str, str]) -> int:
    return 6 if "symbol" in given else 80


def _price_weight(given: Mapping[str, str]) -> int:
    return 2 if "symbol" in given else 4


def _day_weight(given: Mapping[str, str]) -> int:
    if "symbol" in given:
        return 2
    named = given.get("symbols", "").count(",") + 1 if "symbols" in given else 101
    return 2 if named <= 20 else 40 if named <= 100 else 80


def _depth_weight(given: Mapping[str, str]) -> int:
    text = given.get("limit", "100")
    limit = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 100
    return 5 if limit <= 100 else 25 if limit <= 500 else 50 if limit <= 1000 else 250
