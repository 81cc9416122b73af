"""How Binance writes things: amounts as text with eight decimals, times in milliseconds."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot.sandbox.exchange.grid import after
from bot.sandbox.exchange.orders import Candle, Day, Fill, Order, Print, Stay
from bot.sandbox.exchange.pairs import Pair

ZERO = Decimal(0)
STAYS: Mapping[Stay, str] = {"gtc": "GTC", "ioc": "IOC", "fok": "FOK"}
Row = dict[str, Any]


def money(value: Decimal | None) -> str:
    """Eight decimals; nothing is nought."""
    return f"{value or ZERO:.8f}"


def name(pair: Pair) -> str:
    """`BTCUSDT`."""
    return pair.base + pair.quote


def status(order: Order) -> str:
    """The vendor's word for how it stands."""
    if order.state == "open":
        return "PARTIALLY_FILLED" if order.filled else "NEW"
    return order.state.upper()


def kind(order: Order) -> str:
    """LIMIT, LIMIT_MAKER or MARKET."""
    return "LIMIT_MAKER" if order.wish.post_only else order.wish.kind.upper()


def amounts(order: Order) -> Row:
    """What every form of an order tells."""
    return {
        "price": money(order.price),
        "origQty": money(order.amount),
        "executedQty": money(order.filled),
        "origQuoteOrderQty": money(order.wish.cost),
        "cummulativeQuoteQty": money(order.spent),
        "status": status(order),
        "timeInForce": STAYS[order.wish.stay],
        "type": kind(order),
        "side": order.wish.side.upper(),
    }


def looked_up(order: Order) -> Row:
    """An order as a lookup tells it."""
    told = {
        "symbol": name(order.pair),
        "orderId": order.id,
        "orderListId": -1,
        "clientOrderId": order.wish.client_id,
        **amounts(order),
        "stopPrice": money(None),
        "icebergQty": money(None),
        "time": order.placed_ms,
        "updateTime": order.updated_ms,
        "isWorking": True,
        "workingTime": order.placed_ms,
        "selfTradePreventionMode": "NONE",
    }
    return told | ({"isIsolated": False} if order.wish.wallet == "margin" else {})


def placed(order: Order, how: str) -> Row:
    """The answer to a new order: ACK, RESULT or FULL."""
    told: Row = {
        "symbol": name(order.pair),
        "orderId": order.id,
        "orderListId": -1,
        "clientOrderId": order.wish.client_id,
        "transactTime": order.placed_ms,
    }
    if order.wish.wallet == "margin":
        told["isIsolated"] = False
    if how == "ACK":
        return told
    told |= {**amounts(order), "workingTime": order.placed_ms, "selfTradePreventionMode": "NONE"}
    if how == "FULL":
        told["fills"] = [
            {
                "price": money(fill.price),
                "qty": money(fill.amount),
                "commission": money(fill.fee),
                "commissionAsset": fill.fee_asset,
                "tradeId": fill.id,
            }
            for fill in order.fills
        ]
    return told


def cancelled(order: Order, cancel_id: str) -> Row:
    """The answer to a cancel: the cancel has a client id of its own."""
    return {
        "symbol": name(order.pair),
        "origClientOrderId": order.wish.client_id,
        "orderId": order.id,
        "orderListId": -1,
        "clientOrderId": cancel_id,
        "transactTime": order.updated_ms,
        **amounts(order),
        "selfTradePreventionMode": "NONE",
    }


def own_trade(fill: Fill, symbol: str) -> Row:
    told = {
        "symbol": symbol,
        "id": fill.id,
        "orderId": fill.order_id,
        "orderListId": -1,
        "price": money(fill.price),
        "qty": money(fill.amount),
        "quoteQty": money(fill.cost),
        "commission": money(fill.fee),
        "commissionAsset": fill.fee_asset,
        "time": fill.at_ms,
        "isBuyer": fill.side == "buy",
        "isMaker": fill.maker,
        "isBestMatch": True,
    }
    return told | ({"isIsolated": False} if fill.wallet == "margin" else {})


def trade(print_: Print) -> Row:
    return {
        "id": print_.id,
        "price": money(print_.price),
        "qty": money(print_.amount),
        "quoteQty": money(print_.price * print_.amount),
        "time": print_.at_ms,
        "isBuyerMaker": print_.side == "sell",
        "isBestMatch": True,
    }


def aggregate(print_: Print) -> Row:
    return {
        "a": print_.id,
        "p": money(print_.price),
        "q": money(print_.amount),
        "f": print_.id,
        "l": print_.id,
        "T": print_.at_ms,
        "m": print_.side == "sell",
        "M": True,
    }


def candle(row: Candle, step: str) -> list[Any]:
    """Twelve columns; the last means nothing."""
    quote = row.volume * (row.high + row.low) / 2
    closes = after(step, row.at_ms // 1000) * 1000 - 1
    prices = [money(price) for price in row[1:5]]
    half = (money(row.volume / 2), money(quote / 2))
    return [row.at_ms, *prices, money(row.volume), closes, money(quote), int(row.volume % 997) + 3, *half, "0"]


def book_ticker(day: Day, symbol: str) -> Row:
    (bid, bids), (ask, asks) = day.bid or (ZERO, ZERO), day.ask or (ZERO, ZERO)
    return {
        "symbol": symbol,
        "bidPrice": money(bid),
        "bidQty": money(bids),
        "askPrice": money(ask),
        "askQty": money(asks),
    }


def day_ticker(day: Day, symbol: str) -> Row:
    book = book_ticker(day, symbol)
    change = day.last - day.open
    return {
        "symbol": symbol,
        "priceChange": money(change),
        "priceChangePercent": f"{change / day.open * 100:.3f}",
        "weightedAvgPrice": money(day.volume_quote / day.volume if day.volume else day.last),
        "prevClosePrice": money(day.open),
        "lastPrice": money(day.last),
        "lastQty": money(None),
        **book,
        "openPrice": money(day.open),
        "highPrice": money(day.high),
        "lowPrice": money(day.low),
        "volume": money(day.volume),
        "quoteVolume": money(day.volume_quote),
        "openTime": day.at_ms - 86_400_000,
        "closeTime": day.at_ms,
        "firstId": day.first_trade,
        "lastId": day.last_trade,
        "count": day.last_trade - day.first_trade + 1,
    }


def listing(pair: Pair) -> Row:
    """One symbol of exchangeInfo, with its filters."""
    return {
        "symbol": name(pair),
        "status": "TRADING",
        "baseAsset": pair.base,
        "baseAssetPrecision": 8,
        "quoteAsset": pair.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"],
        "icebergAllowed": False,
        "ocoAllowed": False,
        "otoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": False,
        "amendAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": pair.margin,
        "filters": _filters(pair),
        "permissions": [],
        "permissionSets": [["SPOT", "MARGIN"] if pair.margin else ["SPOT"]],
        "defaultSelfTradePreventionMode": "NONE",
        "allowedSelfTradePreventionModes": ["NONE"],
    }


def _filters(pair: Pair) -> list[Row]:
    tick, step, most = money(pair.price_step), money(pair.amount_step), money(pair.most_amount)
    far = {f"{side}Multiplier{way}": share for side in ("bid", "ask") for way, share in (("Up", "5"), ("Down", "0.2"))}
    return [
        {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "1000000.00000000", "tickSize": tick},
        {"filterType": "LOT_SIZE", "minQty": money(pair.least_amount), "maxQty": most, "stepSize": step},
        {"filterType": "MARKET_LOT_SIZE", "minQty": money(None), "maxQty": most, "stepSize": money(None)},
        {"filterType": "PERCENT_PRICE_BY_SIDE", **far, "avgPriceMins": 5},
        {
            "filterType": "NOTIONAL",
            "minNotional": money(pair.least_cost),
            "applyMinToMarket": True,
            "maxNotional": "9000000.00000000",
            "applyMaxToMarket": False,
            "avgPriceMins": 5,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
    ]
