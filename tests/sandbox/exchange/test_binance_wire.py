"""Binance's manners on the wire, asked by a plain client that signs for itself."""

import asyncio
import hashlib
import hmac
from contextlib import suppress
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.exchange import Engine
from bot.sandbox.exchange.binance import BinanceStandIn
from bot.sandbox.exchange.binance.asked import Asked, Raw
from bot.sandbox.exchange.binance.refusals import Refusal
from bot.sandbox.exchange.binance.weights import BAN_MS, ORDERS_10S, PATIENCE
from bot.sandbox.market import Market

ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}


class Turned:
    """The machine's clock, ahead by hand."""

    def __init__(self):
        self.at = 1_795_220_000.0

    def __call__(self):
        return self.at


class Plain:
    """Signs as the vendor's page says: HMAC-SHA256 in hex over query and body, as they are sent."""

    def __init__(self, session, standin, login):
        self._session, self._standin, self._login = session, standin, login

    async def __call__(self, method, path, params=None, *, body=False, key=None, secret=None, sign=True, **more):
        params = dict(params or {})
        if sign:
            params = {"timestamp": self._standin.engine.now_ms(), **params}
        text = urlencode(params)
        if sign:
            text += "&signature=" + self.signature(text, secret)
        url = self._standin.url + path + ("" if body or not text else "?" + text)
        headers = {"X-MBX-APIKEY": self._login.key if key is None else key, **more}
        data = text if body else None
        async with self._session.request(
            method, aiohttp.client.URL(url, encoded=True), data=data, headers=headers
        ) as got:
            return got.status, await got.json(content_type=None), got.headers

    def signature(self, text, secret=None):
        return hmac.new((secret or self._login.secret).encode(), text.encode(), hashlib.sha256).hexdigest()


@pytest.fixture
async def session():
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as opened:
        yield opened


@pytest.fixture
def call(session, standin):
    return Plain(session, standin, standin.add_account("alice"))


@pytest.fixture
async def strict(session):
    """Weights are enforced, and the clock stands still."""
    clock = Turned()
    served = BinanceStandIn(Engine(Market(invented=0, dust=0, clock=clock), clock=clock), rates=True)
    await served.start()
    yield Plain(session, served, served.add_account("alice")), served, clock
    await served.stop()


# Signatures


async def test_the_vendors_own_example_of_a_signature_is_taken_for_true():
    """From "SIGNED endpoint examples" of the vendor's API documentation."""
    secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
    text = (
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
    )
    expected = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
    for query, body in ((f"{text}&signature={expected}", ""), ("", f"{text}&signature={expected}")):
        signed, signature = Raw(query.encode(), body.encode()).signed()
        assert hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() == signature == expected


@pytest.mark.parametrize("body", [True, False])
async def test_a_signed_order_is_taken_from_query_and_from_body(call, body):
    status, answer, _ = await call("POST", "/api/v3/order", ORDER, body=body)
    assert (status, answer["status"]) == (200, "FILLED")
    assert sum(float(fill["qty"]) for fill in answer["fills"]) == pytest.approx(0.01)


async def test_a_query_that_was_changed_after_signing_is_refused(standin, call, session):
    text = urlencode({**ORDER, "timestamp": standin.engine.now_ms()})
    changed = text.replace("0.01", "0.02") + "&signature=" + call.signature(text)
    headers = {"X-MBX-APIKEY": call._login.key}
    async with session.post(f"{standin.url}/api/v3/order?{changed}", headers=headers) as got:
        assert (got.status, (await got.json())["code"]) == (400, -1022)
    assert not standin.engine.ledger


async def test_the_bytes_are_signed_and_not_what_they_mean(standin, call, session):
    """The same parameters in other escapes are another text."""
    text = f"symbol=BTCUSDT&origClientOrderId=a-b&timestamp={standin.engine.now_ms()}"
    headers = {"X-MBX-APIKEY": call._login.key}
    for sent, code in ((text, -2013), (text.replace("a-b", "a%2Db"), -1022)):
        url = aiohttp.client.URL(f"{standin.url}/api/v3/order?{sent}&signature={call.signature(text)}", encoded=True)
        async with session.get(url, headers=headers) as got:
            assert (await got.json())["code"] == code


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"key": "nonsense"}, 401, -2014),
        ({"key": "B" * 64}, 401, -2015),
        ({"secret": "wrong"}, 400, -1022),
        ({"sign": False}, 400, -1102),
        ({"params": {"timestamp": 1}}, 400, -1021),
        ({"params": {"timestamp": 9_999_999_999_999}}, 400, -1021),
        ({"params": {"recvWindow": 60_001}}, 400, -1131),
        ({"params": {"timestamp": "soon"}}, 400, -1100),
        ({"params": {"colour": "red"}}, 400, -1104),
    ],
)
async def test_who_does_not_sign_as_one_must_is_told_why(call, given, status, code):
    got, answer, _ = await call("GET", "/api/v3/account", **given)
    assert (got, answer["code"]) == (status, code)


async def test_a_key_bound_to_an_address_opens_from_there_and_from_nowhere_else(session, standin):
    login = standin.add_account("bob", ip_bound=True)
    assert (await Plain(session, standin, login)("GET", "/api/v3/account"))[0] == 200
    standin.engine.keys[login.key].ips = frozenset({"203.0.113.9"})
    status, answer, _ = await Plain(session, standin, login)("GET", "/api/v3/account")
    assert (status, answer["code"]) == (401, -2015)


# Parameters


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"symbol": "btcusdt"}, -1100, "Illegal characters found in parameter 'symbol'"),
        ({"symbol": "NOPE"}, -1121, "Invalid symbol."),
        ({"symbol": None}, -1102, "'symbol'"),
        ({"side": "HOLD"}, -1117, "Invalid side."),
        ({"type": "STOP_LOSS"}, -1116, "Invalid orderType."),
        ({"quantity": "0.000000001"}, -1111, "too much precision"),
        ({"quantity": "0.000001"}, -1013, "Filter failure: LOT_SIZE"),
        ({"quantity": "0"}, -1013, "Invalid quantity."),
        ({"quantity": "-1"}, -1100, "quantity"),
        ({"quantity": "1e3"}, -1100, "quantity"),
        ({"quantity": "NaN"}, -1100, "quantity"),
        ({"quantity": "\u0661"}, -1100, "quantity"),
        ({"quantity": ""}, -1105, "'quantity' was empty"),
        ({"quantity": None}, -1102, "'quantity'"),
        ({"quoteOrderQty": "100"}, -1128, "Combination"),
        ({"price": "90000"}, -1106, "'price' sent when not required"),
        ({"newClientOrderId": "a b"}, -1100, "newClientOrderId"),
        ({"newClientOrderId": "x" * 37}, -1100, "newClientOrderId"),
        ({"type": "LIMIT"}, -1102, "'price'"),
        ({"type": "LIMIT", "price": "90000"}, -1102, "'timeInForce'"),
        ({"type": "LIMIT", "price": "90000", "timeInForce": "SOON"}, -1115, "Invalid timeInForce."),
        ({"type": "LIMIT", "price": "90000.001", "timeInForce": "GTC"}, -1013, "Filter failure: PRICE_FILTER"),
    ],
)
async def test_a_wrong_parameter_is_refused_with_its_code_and_nothing_is_placed(standin, call, change, code, words):
    asked = {name: value for name, value in {**ORDER, **change}.items() if value is not None}
    status, answer, _ = await call("POST", "/api/v3/order", asked)
    assert (status, answer["code"]) == (400, code)
    assert words in answer["msg"]
    assert not standin.engine.ledger


async def test_a_parameter_given_twice_is_refused(standin, session):
    async with session.get(f"{standin.url}/api/v3/ticker/price?symbol=BTCUSDT&symbol=ETHUSDT") as got:
        assert (got.status, (await got.json())["code"]) == (400, -1101)


@pytest.mark.parametrize("how", ["ACK", "RESULT", "FULL"])
async def test_the_answer_to_an_order_is_as_long_as_one_asked_for(call, how):
    _, answer, _ = await call("POST", "/api/v3/order", {**ORDER, "newOrderRespType": how})
    assert ("executedQty" in answer, "fills" in answer) == (how != "ACK", how == "FULL")


async def test_orders_and_trades_come_by_id_and_by_time(standin, call):
    for _ in range(5):
        await call("POST", "/api/v3/order", ORDER)
    ids = [entry.order.id for entry in standin.engine.ledger]
    for ask, expected in (
        ({}, ids), ({"limit": 2}, ids[-2:]), ({"orderId": ids[1], "limit": 2}, ids[1:3]),
        ({"startTime": 1, "limit": 2}, ids[:2]),
    ):  # fmt: skip
        _, answer, _ = await call("GET", "/api/v3/allOrders", {"symbol": "BTCUSDT", **ask})
        assert [row["orderId"] for row in answer] == expected
    _, answer, _ = await call("GET", "/api/v3/myTrades", {"symbol": "BTCUSDT", "orderId": ids[2]})
    assert {row["orderId"] for row in answer} == {ids[2]}
    status, answer, _ = await call("GET", "/api/v3/allOrders", {"symbol": "BTCUSDT", "startTime": 1, "endTime": 10**12})
    assert (status, answer["code"]) == (400, -1127)


async def test_money_moves_between_wallets_only_for_a_key_that_may(standin, session):
    move = {"type": "MAIN_MARGIN", "asset": "USDT", "amount": "100"}
    plain = Plain(session, standin, standin.add_account("alice"))
    assert (await plain("POST", "/sapi/v1/asset/transfer", move))[0] == 401
    may = Plain(session, standin, standin.add_account("alice", withdraw=True))
    assert (await may("POST", "/sapi/v1/asset/transfer", move))[0] == 200
    assert standin.engine.accounts["alice"].holding("margin", "USDT").free == 5100


async def test_what_there_is_not_is_a_page_and_no_json(standin, session):
    async with session.get(f"{standin.url}/api/v3/nothing") as got:
        assert (got.status, got.content_type) == (404, "text/html")


async def test_garbage_is_answered_and_breaks_nothing(standin, call, session):
    months = "klines?symbol=BTCUSDT&interval=1M"
    deep = "ticker/price?symbols=" + "[" * 2_000 + "]" * 2_000
    for path in (
        "order?%ff=%00&&&=", "klines?symbol=BTCUSDT&interval=1h&limit=99999999999999999999", "depth?limit=x", deep,
        f"{months}&startTime=99999999999999999999", f"{months}&endTime=0", f"{months}&startTime=0&endTime=1",
        "account?timestamp=1&signature=%ff", "account?signature=\udcff&timestamp=1",
    ):  # fmt: skip
        url = aiohttp.client.URL(f"{standin.url}/api/v3/{path}", encoded=True)
        async with session.get(url, headers={"X-MBX-APIKEY": call._login.key}) as got:
            assert got.status in {200, 400, 401}
    headers = {"X-MBX-APIKEY": "\u00e9"}
    async with session.post(f"{standin.url}/api/v3/order", data=b"\xff\xfe=\x00", headers=headers) as got:
        assert got.status == 401
    headers["X-MBX-APIKEY"] = call._login.key
    async with session.post(f"{standin.url}/api/v3/order", data=b"signature=\xff&\xfe=1", headers=headers) as got:
        assert (got.status, (await got.json())["code"]) == (400, -1022)


PARTS = st.sampled_from(
    [b"symbol=BTCUSDT", b"signature=", b"&", b"=", b"%", b"%ff", b"\xff", b"limit=1", b"quantity=0.1", b"[", b'"', b"."]
)


@given(st.lists(PARTS, max_size=12).map(b"".join), st.lists(PARTS, max_size=12).map(b"".join))
def test_whatever_is_sent_is_read_or_refused(query, body):
    raw = Raw(query, body)
    signed, signature = raw.signed()
    assert b"&signature=" not in b"&" + signed or not signature
    try:
        asked = Asked(raw.pairs())
    except Refusal:
        return
    for read in (asked.symbols, lambda: asked.number("quantity"), lambda: asked.limit(5, 10), lambda: asked.text("[")):
        with suppress(Refusal):
            read()


# How much one may ask


async def test_weight_is_told_and_refused_where_it_is_used_up_until_the_minute_ends(strict):
    call, served, clock = strict
    _, _, headers = await call("GET", "/api/v3/exchangeInfo", sign=False)
    assert headers["X-MBX-USED-WEIGHT-1M"] == "20"
    served.weights._used["spot"].add("127.0.0.1", 5_975, served.engine.now_ms())
    assert (await call("GET", "/api/v3/ping", sign=False))[0] == 200
    status, answer, headers = await call("GET", "/api/v3/exchangeInfo", sign=False)
    assert (status, answer["code"]) == (429, -1003)
    assert 1 <= int(headers["Retry-After"]) <= 60
    clock.at += int(headers["Retry-After"])
    assert (await call("GET", "/api/v3/exchangeInfo", sign=False))[0] == 200


async def test_who_goes_on_after_429_is_banned_for_a_while(strict):
    call, served, clock = strict
    served.weights._used["spot"].add("127.0.0.1", 6_001, served.engine.now_ms())
    seen = [(await call("GET", "/api/v3/ping", sign=False))[0] for _ in range(PATIENCE + 2)]
    assert seen == [429] * PATIENCE + [418] * 2
    clock.at += BAN_MS / 1000 - 1
    assert (await call("GET", "/api/v3/ping", sign=False))[0] == 418
    clock.at += 2
    assert (await call("GET", "/api/v3/ping", sign=False))[0] == 200


async def test_an_account_may_place_so_many_orders_in_ten_seconds(strict):
    call, served, clock = strict
    seen = await asyncio.gather(*(call("POST", "/api/v3/order", ORDER) for _ in range(ORDERS_10S + 1)))
    assert sum(status == 429 and answer["code"] == -1015 for status, answer, _ in seen) == 1
    assert len(served.engine.ledger) <= ORDERS_10S
    clock.at += 10
    _, _, headers = await call("POST", "/api/v3/order", ORDER)
    assert headers["X-MBX-ORDER-COUNT-10S"] == "1"


async def test_where_rates_are_off_weight_is_told_and_nobody_is_refused(standin, call):
    standin.weights._used["spot"].add("127.0.0.1", 9_999, standin.engine.now_ms())
    status, _, headers = await call("GET", "/api/v3/ping", sign=False)
    assert (status, headers["X-MBX-USED-WEIGHT-1M"]) == (200, "10000")
