"""The exchanges under test: what to ask each for, and where its recorded answers hold what it should say."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from types import ModuleType

from bot.domain.orders import Kind, OrderRequest, Side, Wallet
from bot.providers.exchanges import binance, bitfinex, htx, okx


@dataclass(frozen=True)
class Case:
    """One exchange. `place` and `cancel` are the calls (method and path) that change something."""

    module: ModuleType
    symbol: str
    contract: str
    retired: str
    ticker_call: str
    ticker: Callable[[object], tuple]
    candles_call: str
    newest_candle: Callable[[object], tuple]
    trades_call: str
    newest_trade: Callable[[object], tuple]
    depth_call: str
    best: Callable[[object], tuple]
    trading: str
    order_id: str
    client_id: str
    place: str
    placed_id: Callable[[object], str]
    cancel: str
    cancel_id: str
    price: str = "0.1"
    amount: str = "1"

    @property
    def name(self) -> str:
        return self.module.__name__.rsplit(".", 1)[1]

    def request(self, **changed: object) -> OrderRequest:
        fields = {
            "symbol": self.trading,
            "side": Side.BUY,
            "kind": Kind.LIMIT,
            "wallet": Wallet.SPOT,
            "amount": self.amount,
            "cost": "",
            "price": self.price,
            "client_id": self.client_id,
            "client_day": "2026-11-21",
        }
        return OrderRequest(**{**fields, **changed})


def text(value: object) -> Decimal:
    return Decimal(str(value))


BINANCE = Case(
    module=binance,
    symbol="BNB/BTC",
    contract="BTC/USDT:USDT",
    retired="ETH/BTC",
    ticker_call="GET /api/v3/ticker/24hr",
    ticker=lambda body: tuple(
        text(body[name])
        for name in ("lastPrice", "bidPrice", "askPrice", "highPrice", "lowPrice", "volume", "quoteVolume")
    ),
    candles_call="GET /api/v3/klines",
    newest_candle=lambda body: (body[-1][0], *map(text, body[-1][1:6])),
    trades_call="GET /api/v3/aggTrades",
    newest_trade=lambda body: (str(body[-1]["a"]), body[-1]["T"], text(body[-1]["p"]), text(body[-1]["q"]), Side.SELL),
    depth_call="GET /api/v3/depth",
    best=lambda body: (tuple(map(text, body["bids"][0])), tuple(map(text, body["asks"][0]))),
    trading="LTC/BTC",
    order_id="1",
    client_id="myOrder1",
    place="POST /api/v3/order",
    placed_id=lambda body: str(body["orderId"]),
    cancel="DELETE /api/v3/order",
    cancel_id="4",
)
OKX = Case(
    module=okx,
    symbol="ETH/BTC",
    contract="BTC/USDT:USDT",
    retired="OLD/USDT",
    ticker_call="GET /api/v5/market/ticker",
    ticker=lambda body: tuple(
        text(body["data"][0][name]) for name in ("last", "bidPx", "askPx", "high24h", "low24h", "vol24h", "volCcy24h")
    ),
    candles_call="GET /api/v5/market/candles",
    newest_candle=lambda body: (
        int(body["data"][0][0]),
        *map(text, body["data"][0][1:5]),
        text(body["data"][0][5]),
    ),
    trades_call="GET /api/v5/market/trades",
    newest_trade=lambda body: (
        body["data"][0]["tradeId"],
        int(body["data"][0]["ts"]),
        text(body["data"][0]["px"]),
        text(body["data"][0]["sz"]),
        Side.SELL,
    ),
    depth_call="GET /api/v5/market/books",
    best=lambda body: tuple(tuple(map(text, body["data"][0][side][0][:2])) for side in ("bids", "asks")),
    trading="ETH/USDT",
    order_id="317251910906576896",
    client_id="oktswap6",
    place="POST /api/v5/trade/batch-orders",
    placed_id=lambda body: body["data"][0]["ordId"],
    cancel="POST /api/v5/trade/cancel-order",
    cancel_id="12345689",
    price="2000.5",
    amount="0.001",
)
HTX = Case(
    module=htx,
    symbol="BTC/USDT",
    contract="BTC/USDT:USDT",
    retired="OLD/USDT",
    ticker_call="GET /market/detail/merged",
    ticker=lambda body: (
        text(body["tick"]["close"]),
        text(body["tick"]["bid"][0]),
        text(body["tick"]["ask"][0]),
        text(body["tick"]["high"]),
        text(body["tick"]["low"]),
        text(body["tick"]["amount"]),
        text(body["tick"]["vol"]),
    ),
    candles_call="GET /market/history/candles",
    newest_candle=lambda body: (
        body["data"][0]["id"] * 1000,
        *(text(body["data"][0][name]) for name in ("open", "high", "low", "close", "amount")),
    ),
    trades_call="GET /market/history/trade",
    newest_trade=lambda body: (
        str(body["data"][0]["data"][0]["trade-id"]),
        body["data"][0]["data"][0]["ts"],
        text(body["data"][0]["data"][0]["price"]),
        text(body["data"][0]["data"][0]["amount"]),
        Side.SELL,
    ),
    depth_call="GET /market/depth",
    best=lambda body: tuple(tuple(map(text, body["tick"][side][0])) for side in ("bids", "asks")),
    trading="ETH/USDT",
    order_id="438398393065481",
    client_id="AA03022abc2163433e-006b-480e-9ad1-d4781478c5e7",
    place="POST /v1/order/orders/place",
    placed_id=lambda body: body["data"],
    cancel="POST /v1/order/orders/356501383558845/submitcancel",
    cancel_id="356501383558845",
    price="3000.25",
    amount="0.1",
)
BITFINEX = Case(
    module=bitfinex,
    symbol="BTC/USD",
    contract="BTC/USDT:USDT",
    retired="",
    ticker_call="GET /v2/ticker/tBTCUSD",
    ticker=lambda body: (*(text(body[n]) for n in (6, 0, 2, 8, 9, 7)), None),
    candles_call="GET /v2/candles/trade:1h:tBTCUSD/hist",
    # Open, close, high, low.
    newest_candle=lambda body: (body[0][0], *(text(body[0][n]) for n in (1, 3, 4, 2, 5))),
    trades_call="GET /v2/trades/tBTCUSD/hist",
    newest_trade=lambda body: (str(body[0][0]), body[0][1], text(body[0][3]), text(body[0][2]), Side.BUY),
    depth_call="GET /v2/book/tBTCUSD/R0",
    best=lambda body: (
        max((text(row[1]), text(row[2])) for row in body if row[2] > 0),
        min((text(row[1]), -text(row[2])) for row in body if row[2] < 0),
    ),
    trading="ETH/USD",
    order_id="33950998275",
    client_id="1573476747887",
    place="POST /v2/auth/w/order/submit",
    placed_id=lambda body: str(body[4][0][0]),
    cancel="POST /v2/auth/w/order/cancel",
    cancel_id="30937950333",
    price="220.55",
    amount="0.5",
)
CASES = (BINANCE, OKX, HTX, BITFINEX)
