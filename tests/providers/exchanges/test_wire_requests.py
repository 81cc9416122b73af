"""What goes out on the wire for each private call, as the vendors document it; signatures are computed here again."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, unquote

import pytest

from bot.domain.errors import Refused
from bot.domain.orders import Kind, Side, Wallet

from .cases import BINANCE, BITFINEX, HTX, OKX
from .conftest import CREDENTIALS

NOW_MS = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp() * 1000)
SECRET = CREDENTIALS.secret.encode()


def is_signed_by_binance(asked) -> bool:
    """HMAC-SHA256 in hex over the query and the body as they are, put last."""
    signed, _, signature = (asked.query + asked.body).rpartition("&signature=")
    fields = dict(parse_qsl(signed))
    assert asked.headers["x-mbx-apikey"] == CREDENTIALS.key
    assert (int(fields["timestamp"]), int(fields["recvWindow"])) == (NOW_MS, 5000)
    return signature == hmac.new(SECRET, signed.encode(), hashlib.sha256).hexdigest()


def is_signed_by_okx(asked) -> bool:
    """HMAC-SHA256 in base64 over time, method, path with query, and body."""
    stamp = asked.headers["ok-access-timestamp"]
    assert stamp == "2026-11-21T12:00:00.000Z"
    assert asked.headers["ok-access-key"] == CREDENTIALS.key
    assert asked.headers["ok-access-passphrase"] == CREDENTIALS.password
    path = asked.path + (f"?{asked.query}" if asked.query else "")
    text = f"{stamp}{asked.method}{path}{asked.body}"
    digest = hmac.new(SECRET, text.encode(), hashlib.sha256).digest()
    return asked.headers["ok-access-sign"] == base64.b64encode(digest).decode()


def is_signed_by_htx(asked) -> bool:
    """HMAC-SHA256 in base64 over method, host, path and the sorted query without the signature, line by line."""
    parts = asked.query.split("&")
    signature = next(unquote(part.removeprefix("Signature=")) for part in parts if part.startswith("Signature="))
    query = "&".join(sorted(part for part in parts if not part.startswith("Signature=")))
    assert dict(parse_qsl(query)) | {
        "AccessKeyId": CREDENTIALS.key,
        "SignatureMethod": "HmacSHA256",
        "SignatureVersion": "2",
        "Timestamp": "2026-11-21T12:00:00",
    } == dict(parse_qsl(query))
    text = "\n".join([asked.method, asked.headers["host"], asked.path, query])
    return signature == base64.b64encode(hmac.new(SECRET, text.encode(), hashlib.sha256).digest()).decode()


def is_signed_by_bitfinex(asked) -> bool:
    """HMAC-SHA384 in hex over /api, path, number and body."""
    text = f"/api{asked.path}{asked.headers['bfx-nonce']}{asked.body}"
    assert asked.headers["bfx-apikey"] == CREDENTIALS.key
    assert int(asked.headers["bfx-nonce"]) >= NOW_MS
    return asked.headers["bfx-signature"] == hmac.new(SECRET, text.encode(), hashlib.sha384).hexdigest()


SIGNED = {
    "binance": is_signed_by_binance,
    "okx": is_signed_by_okx,
    "htx": is_signed_by_htx,
    "bitfinex": is_signed_by_bitfinex,
}
PRIVATE = ("/api/v3/account", "/sapi/", "/api/v3/order", "/api/v3/openOrders", "/api/v3/allOrders", "/api/v3/myTrades")
PRIVATE += ("/api/v5/account", "/api/v5/trade", "/api/v5/asset", "/v1/order", "/v1/account", "/v1/cross-margin")
PRIVATE += ("/v2/user", "/v2/auth")


async def test_every_private_call_is_signed_as_the_vendor_asks(desk):
    account, case = desk.account, desk.case
    for wallet in desk.exchange.traits.wallets:
        await account.balance(wallet)
    await account.permissions()
    await account.order(case.trading, case.order_id)
    await account.find(case.trading, "77", desk.clock.now() - timedelta(hours=1))
    await account.open_orders()
    await account.open_orders(case.trading)
    await account.closed_orders(case.trading, desk.clock.now() - timedelta(hours=1), 10)
    await account.trades(case.trading, None, 10)
    await account.place(case.request())
    await account.cancel(case.trading, case.cancel_id)
    private = [asked for asked in desk.vendor.asked if asked.path.startswith(PRIVATE)]
    assert len(private) >= 10
    for asked in private:
        assert SIGNED[case.name](asked), f"{asked.method} {asked.path}"


async def test_public_calls_bear_no_key(desk):
    case = desk.case
    await desk.exchange.tickers([case.symbol])
    await desk.exchange.candles(case.symbol, "1h", 5, None)
    await desk.exchange.trades(case.symbol, 5)
    await desk.exchange.depth(case.symbol, 5)
    assert not [asked for asked in desk.vendor.asked if CREDENTIALS.key in f"{asked.query}{asked.headers}{asked.body}"]


async def test_every_call_says_who_we_are(desk):
    await desk.account.balance(Wallet.SPOT)
    assert {asked.headers["user-agent"][:10] for asked in desk.vendor.asked} == {"Changedesk"}


# Placing --------------------------------------------------------------------------------------------------------------


def without(fields: dict, *names: str) -> dict:
    return {name: value for name, value in fields.items() if name not in names}


def order_of(case, asked) -> dict:
    """The order's own fields as they went out."""
    if case is BINANCE:
        return without(asked.form, "timestamp", "recvWindow", "signature")
    return asked.json[0] if case is OKX else asked.json


LIMIT = {
    "binance": {
        "symbol": "LTCBTC", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "0.1",
        "newClientOrderId": "myOrder1", "newOrderRespType": "FULL",
    },
    "okx": {
        "instId": "ETH-USDT", "side": "buy", "ordType": "limit", "sz": "0.001", "px": "2000.5", "tdMode": "cash",
        "tgtCcy": "base_ccy", "clOrdId": "oktswap6",
    },
    "htx": {
        "account-id": "1528640", "symbol": "ethusdt", "type": "buy-limit", "amount": "0.1", "price": "3000.25",
        "client-order-id": "AA03022abc2163433e-006b-480e-9ad1-d4781478c5e7",
    },
    "bitfinex": {
        "symbol": "tETHUSD", "type": "EXCHANGE LIMIT", "amount": "0.5", "price": "220.55", "cid": 1573476747887,
    },
}  # fmt: skip


async def test_a_limit_order_goes_out_as_documented_and_with_nothing_else(desk):
    await desk.account.place(desk.case.request())
    (asked,) = desk.vendor.calls(*desk.case.place.split())
    assert order_of(desk.case, asked) == LIMIT[desk.case.name]


async def test_a_market_sale_names_the_amount(desk):
    await desk.account.place(desk.case.request(side=Side.SELL, kind=Kind.MARKET, price=""))
    (asked,) = desk.vendor.calls(*desk.case.place.split())
    sent = order_of(desk.case, asked)
    expected = {
        "binance": {"side": "SELL", "type": "MARKET", "quantity": "1"},
        "okx": {"side": "sell", "ordType": "market", "sz": "0.001", "tgtCcy": "base_ccy"},
        "htx": {"type": "sell-market", "amount": "0.1"},
        "bitfinex": {"type": "EXCHANGE MARKET", "amount": "-0.5"},
    }[desk.case.name]
    assert {name: sent[name] for name in expected} == expected
    assert not {"price", "px"} & sent.keys()


@pytest.mark.parametrize("case", [BINANCE, OKX, HTX], ids=lambda case: case.name)
async def test_a_market_buy_may_name_what_it_may_cost(make_desk, case):
    desk = await make_desk(case)
    await desk.account.place(case.request(kind=Kind.MARKET, price="", amount="", cost="12.5"))
    (asked,) = desk.vendor.calls(*case.place.split())
    sent = order_of(case, asked)
    expected = {
        "binance": {"type": "MARKET", "quoteOrderQty": "12.5"},
        "okx": {"ordType": "market", "sz": "12.5", "tgtCcy": "quote_ccy"},
        "htx": {"type": "buy-market", "amount": "12.5"},
    }[case.name]
    assert {name: sent[name] for name in expected} == expected
    assert not {"quantity", "cost", "price", "px"} & sent.keys()


@pytest.mark.parametrize(
    ("case", "call", "expected"),
    [
        (BINANCE, "POST /sapi/v1/margin/order", {"type": "LIMIT", "symbol": "LTCBTC"}),
        (HTX, HTX.place, {"account-id": "1528641", "source": "super-margin-api"}),
        (BITFINEX, BITFINEX.place, {"type": "LIMIT"}),
    ],
    ids=["binance", "htx", "bitfinex"],
)
async def test_margin_reaches_margin(make_desk, case, call, expected):
    desk = await make_desk(case)
    await desk.account.place(case.request(wallet=Wallet.MARGIN))
    (asked,) = desk.vendor.calls(*call.split())
    sent = order_of(case, asked)
    assert {name: sent[name] for name in expected} == expected
    assert not {"marginMode", "margin"} & sent.keys()


@pytest.mark.parametrize(
    ("case", "changed"),
    [
        (BINANCE, {"price": "0.1234567"}),
        (BINANCE, {"amount": "1.00001"}),
        (OKX, {"price": "2000.555"}),
        (HTX, {"amount": "0.10001"}),
        (BITFINEX, {"price": "220.5555"}),
        (BITFINEX, {"amount": "0.000000001"}),
        (HTX, {"kind": Kind.MARKET, "price": "", "amount": "", "cost": "12.55555"}),
    ],
)
async def test_what_would_go_out_in_another_form_than_confirmed_does_not_go_out(make_desk, case, changed):
    desk = await make_desk(case)
    with pytest.raises(Refused) as refused:
        await desk.account.place(case.request(**changed))
    assert refused.value.key in {"exchange.refused.precision", "exchange.refused.rules"}
    assert desk.vendor.calls(*case.place.split()) == []


async def test_the_smallest_amounts_go_out_in_plain_digits(make_desk):
    desk = await make_desk(BITFINEX)
    await desk.account.place(BITFINEX.request(amount="0.00000012"))
    (asked,) = desk.vendor.calls(*BITFINEX.place.split())
    assert asked.json["amount"] == "0.00000012"
    desk = await make_desk(OKX)
    await desk.account.place(OKX.request(amount="0.000001"))
    (asked,) = desk.vendor.calls(*OKX.place.split())
    assert asked.json[0]["sz"] == "0.000001"


# The rest -------------------------------------------------------------------------------------------------------------


async def test_a_cancel_names_the_order_and_nothing_else(desk):
    await desk.account.cancel(desk.case.trading, desk.case.cancel_id)
    (asked,) = desk.vendor.calls(*desk.case.cancel.split())
    if desk.case is BINANCE:
        assert without(asked.params, "timestamp", "recvWindow", "signature") == {"symbol": "LTCBTC", "orderId": "4"}
    expected = {
        "okx": {"instId": "ETH-USDT", "ordId": "12345689"},
        "htx": {},
        "bitfinex": {"id": 30937950333},
    }
    if desk.case is not BINANCE:
        assert asked.json == expected[desk.case.name]


async def test_bitfinex_is_never_told_to_cancel_everything(make_desk):
    desk = await make_desk(BITFINEX)
    await desk.account.cancel("ETH/USD", BITFINEX.cancel_id)
    assert not [asked for asked in desk.vendor.asked if "multi" in asked.path or '"all"' in asked.body]


async def test_htx_is_asked_in_windows_of_48_hours(make_desk):
    desk = await make_desk(HTX)
    since = desk.clock.now() - timedelta(hours=100)
    await desk.account.closed_orders("ETH/USDT", since, 10)
    windows = [
        (int(asked.params["start-time"]), int(asked.params["end-time"]))
        for asked in desk.vendor.calls("GET", "/v1/order/orders")
    ]
    hour = 3_600_000
    assert windows == [
        (NOW_MS - 100 * hour, NOW_MS - 52 * hour),
        (NOW_MS - 52 * hour, NOW_MS - 4 * hour),
        (NOW_MS - 4 * hour, NOW_MS),
    ]


async def test_a_look_for_our_id_asks_for_it_where_that_can_be_done(make_desk):
    expected = {
        BINANCE.name: ("GET", "/api/v3/order", "origClientOrderId"),
        OKX.name: ("GET", "/api/v5/trade/order", "clOrdId"),
        HTX.name: ("GET", "/v1/order/orders/getClientOrder", "clientOrderId"),
    }
    for case in (BINANCE, OKX, HTX):
        desk = await make_desk(case)
        await desk.account.find(case.trading, "ours", desk.clock.now())
        method, path, name = expected[case.name]
        (asked,) = desk.vendor.calls(method, path)
        assert asked.params[name] == "ours"


async def test_the_setting_replaces_scheme_and_host_of_every_section(desk):
    await desk.exchange.markets()
    client = desk.exchange._public
    texts = [text for text in client.urls["api"].values() if isinstance(text, str)]
    assert texts
    assert all(text.startswith(desk.vendor.url) for text in texts)
    assert client.verbose is False


async def test_without_the_setting_the_vendors_own_addresses_stay(make_desk):
    for case in (BINANCE, OKX, HTX, BITFINEX):
        desk = await make_desk(case)
        await desk.exchange.markets()
        made = type(desk.exchange._public)()
        assert not [text for text in made.urls["api"].values() if isinstance(text, str) and "127.0.0.1" in text]


async def test_numbers_are_exact_to_the_last_digit(make_desk):
    desk = await make_desk(HTX)
    (held, _) = await desk.account.balance(Wallet.SPOT)
    assert str(held.free) == "91.850043797676510303"
    assert isinstance(held.free, Decimal)
