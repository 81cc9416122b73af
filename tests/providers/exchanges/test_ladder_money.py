"""How an order and a cancel may end: refused, surely not sent, or not known; each sent at most once."""

import asyncio
import json
import traceback

import pytest
from aiohttp import web

from bot.domain.errors import BotError, Refused, Unavailable, Unsure
from tests.providers.loopback import CHALLENGE, babbling_proxy, hangs_up, says, torn

from .cases import BINANCE, BITFINEX, CASES, HTX, OKX
from .conftest import CREDENTIALS


def answers(document: object, status: int = 200, **headers: str):
    return says(json.dumps(document), status, **headers)


async def place(desk):
    return await desk.account.place(desk.case.request())


async def cancel(desk):
    return await desk.account.cancel(desk.case.trading, desk.case.cancel_id)


DEEDS = {"place": place, "cancel": cancel}


@pytest.fixture(params=DEEDS)
def deed(request):
    return request.param


async def outcome(desk, deed: str, fault=None) -> BotError:
    """What the deed ended with, and that it went out no more than once."""
    call = getattr(desk.case, deed)
    if fault is not None:
        desk.vendor.faults[call] = fault
    with pytest.raises(BotError) as raised:
        await DEEDS[deed](desk)
    assert len(desk.vendor.calls(*call.split())) <= 1, "sent twice"
    assert raised.value.__context__ is None, "what the library raised hangs on: it holds a signed address"
    return raised.value


# Not known ------------------------------------------------------------------------------------------------------------

SILENT = {
    "the connection is reset": hangs_up,
    "the body is cut": torn(b'{"orderId": 28, "clientOrderId": "abc", "status": "NEW", "code": "0"}'),
    "status 200 and a page": CHALLENGE,
    "status 200 and nothing": says(b""),
    "status 200 and half of the JSON": says(b'{"orderId": 28, "clientOrd'),
    "status 200 and an empty object": says(b"{}"),
    "status 200 and null": says(b"null"),
    "status 200 and a number": says(b"7"),
    "status 502 and a page": says("<h1>Bad Gateway</h1>", 502, "text/html"),
    "status 503 and nothing": says(b"", 503),
    "status 504 and a page": says("<h1>Time-out</h1>", 504, "text/html"),
    "status 520": says("<h1>Web server is returning an unknown error</h1>", 520, "text/html"),
    "status 400 and a page": says("<h1>Bad Request</h1>", 400, "text/html"),
    "status 403 and a page": says("<h1>Forbidden</h1>", 403, "text/html"),
    "status 500 and words of nobody's": answers({"oops": True}, 500),
    "moved elsewhere": says(b"", 307, Location="/elsewhere"),
    "an endless body": says(b"[" + b"1," * (5 << 20) + b"1]"),
}


@pytest.mark.parametrize("fault", SILENT)
async def test_without_a_clear_answer_it_is_not_known(desk, deed, fault):
    error = await outcome(desk, deed, SILENT[fault])
    assert isinstance(error, Unsure), fault
    assert error.key == "exchange.unsure"
    expected = desk.case.client_id if deed == "place" else desk.case.cancel_id
    assert error.intent == expected


async def test_no_answer_in_time_is_not_known(make_desk, deed):
    released = asyncio.Event()

    async def waits(_: web.Request) -> web.Response:
        await released.wait()
        return web.Response()

    for case in CASES:
        desk = await make_desk(case, whole_s=0.3)
        await desk.exchange.markets()
        assert isinstance(await outcome(desk, deed, waits), Unsure)
    released.set()


async def test_called_off_in_flight_it_is_not_known(desk, deed):
    arrived, released = asyncio.Event(), asyncio.Event()

    async def waits(_: web.Request) -> web.Response:
        arrived.set()
        await released.wait()
        return web.Response()

    desk.vendor.faults[getattr(desk.case, deed)] = waits
    task = asyncio.get_running_loop().create_task(DEEDS[deed](desk))
    await arrived.wait()
    task.cancel()
    with pytest.raises(Unsure):
        await task
    released.set()


async def test_called_off_before_it_left_it_is_merely_called_off(desk, deed):
    await desk.account.balance(desk.exchange.traits.wallets[0])
    async with desk.account._lock:
        task = asyncio.get_running_loop().create_task(DEEDS[deed](desk))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert desk.vendor.calls(*getattr(desk.case, deed).split()) == []


UNDECIDED = [
    (BINANCE, {"code": -1007, "msg": "Timeout waiting for response from backend server. Send status unknown."}, 400),
    (BINANCE, {"code": -1006, "msg": "An unexpected response was received from the message bus."}, 400),
    (BINANCE, {"code": -1000, "msg": "An unknown error occurred while processing the request."}, 400),
    (BINANCE, {"code": -1001, "msg": "Internal error; unable to process your request."}, 500),
    (BINANCE, {"code": -2010, "msg": "Duplicate order sent."}, 400),
    (BINANCE, {"code": -2010, "msg": "Account has insufficient balance for requested action."}, 503),
    (OKX, {"code": "50004", "msg": "API endpoint request timeout", "data": []}, 400),
    (OKX, {"code": "50013", "msg": "Systems are busy", "data": []}, 200),
    (OKX, {"code": "1", "msg": "", "data": [{"sCode": "51016", "sMsg": "Client order ID already exists."}]}, 200),
    (HTX, {"status": "error", "err-code": "gateway-internal-error", "err-msg": "try again later"}, 200),
    (HTX, {"status": "error", "err-code": "invalid-client-order-id", "err-msg": "Duplicate client order id"}, 200),
    (HTX, {"status": "error", "err-code": "never-seen-before", "err-msg": "?"}, 200),
    (BITFINEX, ["error", 10001, "unknown error"], 500),
    (BITFINEX, ["error", 20060, "maintenance"], 500),
    (BITFINEX, [0, "on-req", None, None, [], None, "ERROR", "something else"], 200),
]


@pytest.mark.parametrize(("case", "document", "status"), UNDECIDED)
async def test_the_vendors_own_doubt_is_not_known(make_desk, case, document, status):
    desk = await make_desk(case)
    assert isinstance(await outcome(desk, "place", answers(document, status)), Unsure)


# Refused --------------------------------------------------------------------------------------------------------------


def binance(code: int, text: str):
    return BINANCE, answers({"code": code, "msg": text}, 400)


def okx(code: str, text: str = "no"):
    return OKX, answers({"code": "1", "msg": "All operations failed", "data": [{"sCode": code, "sMsg": text}]})


def htx(code: str, text: str = "no"):
    return HTX, answers({"status": "error", "err-code": code, "err-msg": text, "data": None})


def bitfinex(text: str, code: int = 10001):
    return BITFINEX, answers(["error", code, text], 500)


REFUSALS = [
    ("funds", *binance(-2010, "Account has insufficient balance for requested action.")),
    ("minimum", *binance(-1013, "Filter failure: NOTIONAL")),
    ("precision", *binance(-1013, "Filter failure: LOT_SIZE")),
    ("precision", *binance(-1111, "Precision is over the maximum defined for this asset.")),
    ("price", *binance(-1013, "Filter failure: PERCENT_PRICE_BY_SIDE")),
    ("symbol", *binance(-1121, "Invalid symbol.")),
    ("closed", *binance(-2010, "Market is closed.")),
    ("key", *binance(-2015, "Invalid API-key, IP, or permissions for action.")),
    ("key", *binance(-1022, "Signature for this request is not valid.")),
    ("clock", *binance(-1021, "Timestamp for this request is outside of the recvWindow.")),
    ("rights", *binance(-2010, "This action is disabled on this account.")),
    ("rate", *binance(-1015, "Too many new orders.")),
    ("funds", *okx("51008", "Order failed. Insufficient USDT balance in account")),
    ("minimum", *okx("51020")),
    ("symbol", *okx("51001")),
    ("precision", *okx("51121")),
    ("rights", OKX, answers({"code": "50120", "msg": "This API key doesn't have permission", "data": []}, 200)),
    ("key", OKX, answers({"code": "50113", "msg": "Invalid Sign", "data": []}, 401)),
    ("clock", OKX, answers({"code": "50102", "msg": "Timestamp request expired", "data": []}, 401)),
    ("rate", OKX, answers({"code": "50011", "msg": "Rate limit reached", "data": []}, 429)),
    ("funds", *htx("account-frozen-balance-insufficient-error")),
    ("minimum", *htx("order-value-min-error")),
    ("precision", *htx("order-orderprice-precision-error")),
    ("price", *htx("order-limitorder-price-max-error")),
    ("symbol", *htx("invalid-symbol")),
    ("key", *htx("api-signature-not-valid", "Signature not valid: Incorrect Access key")),
    ("clock", *htx("api-signature-not-valid", "Signature not valid: Invalid Timestamp")),
    ("rate", *htx("base-request-exceed-frequency-limit")),
    ("funds", *bitfinex("Invalid order: not enough exchange balance for -0.5 ETHUSD at 220.55")),
    ("funds", *bitfinex("Invalid order: not enough tradable balance for 0.5 ETHUSD at 220.55")),
    ("minimum", *bitfinex("Invalid order: minimum size for ETH/USD is 0.0006")),
    ("symbol", *bitfinex("symbol: invalid", 10020)),
    ("key", *bitfinex("apikey: digest invalid", 10100)),
    ("clock", *bitfinex("nonce: small", 10114)),
    ("rate", *bitfinex("ratelimit: error", 11010)),
    ("rules", *bitfinex("Invalid order: post only order would have matched")),
    (
        "funds",
        BITFINEX,
        answers([0, "on-req", None, None, [[]], 10001, "ERROR", "Invalid order: not enough exchange balance"]),
    ),
]


@pytest.mark.parametrize(("cause", "case", "fault"), REFUSALS)
async def test_the_vendors_clear_no_is_a_refusal(make_desk, cause, case, fault):
    desk = await make_desk(case)
    error = await outcome(desk, "place", fault)
    assert isinstance(error, Refused)
    assert (error.key, error.values["source"]) == (f"exchange.refused.{cause}", desk.exchange.traits.title)


@pytest.mark.parametrize("status", [429, 418])
@pytest.mark.parametrize("body", ['{"code": -1003, "msg": "Too much request weight used"}', "<h1>slow down</h1>"])
async def test_too_many_calls_is_a_refusal_and_then_nobody_is_asked(desk, deed, status, body):
    error = await outcome(desk, deed, says(body, status, Retry_After="30"))
    assert isinstance(error, Refused)
    assert error.key == "exchange.refused.rate"
    asked = len(desk.vendor.asked)
    with pytest.raises(Unavailable) as unavailable:
        await DEEDS[deed](desk)
    assert unavailable.value.retry_at is not None
    assert len(desk.vendor.asked) == asked


# Not sent -------------------------------------------------------------------------------------------------------------


async def test_where_nobody_listens_nothing_was_sent(desk, deed, unused_port):
    await desk.account.balance(desk.exchange.traits.wallets[0])
    client, _ = await desk.exchange.live(desk.account)
    client.urls = json.loads(json.dumps(client.urls).replace(desk.vendor.url, f"http://127.0.0.1:{unused_port}"))
    error = await outcome(desk, deed)
    assert isinstance(error, Unavailable)
    assert error.key == "source.down"


async def test_where_the_name_is_not_known_nothing_was_sent(desk, deed):
    await desk.account.balance(desk.exchange.traits.wallets[0])
    client, _ = await desk.exchange.live(desk.account)
    client.urls = json.loads(json.dumps(client.urls).replace(desk.vendor.url, "http://no-such-host.invalid"))
    assert isinstance(await outcome(desk, deed), Unavailable)


async def test_where_the_proxy_is_none_nothing_was_sent(make_desk, deed):
    async with babbling_proxy(b"what?\r\n\r\n") as proxy:
        for case in CASES:
            desk = await make_desk(case)
            await desk.exchange.markets()
            desk.exchange._wire._proxy = proxy.url
            await desk.exchange._wire.close()
            assert isinstance(await outcome(desk, deed), Unavailable)


async def test_where_the_markets_cannot_be_learnt_nothing_was_sent(desk, deed):
    desk.vendor.payloads.clear()
    assert isinstance(await outcome(desk, deed), Unavailable)


async def test_where_what_comes_before_fails_nothing_was_sent(make_desk):
    desk = await make_desk(HTX)
    desk.vendor.faults["GET /v1/account/accounts"] = hangs_up
    assert isinstance(await outcome(desk, "place"), Unavailable)
    assert desk.vendor.calls(*HTX.place.split()) == []


async def test_a_pair_that_is_not_traded_is_refused_here(desk):
    await desk.exchange.markets()
    with pytest.raises(Refused) as refused:
        await desk.account.place(desk.case.request(symbol="NO/PAIR"))
    assert refused.value.key == "exchange.refused.symbol"
    assert desk.vendor.calls(*desk.case.place.split()) == []


# Cancels --------------------------------------------------------------------------------------------------------------

UNKNOWN_ORDER = [
    (BINANCE, answers({"code": -2011, "msg": "Unknown order sent."}, 400)),
    (OKX, answers({"code": "1", "msg": "", "data": [{"ordId": "1", "sCode": "51400", "sMsg": "Cancellation failed"}]})),
    (HTX, answers({"status": "error", "err-code": "order-orderstate-error", "err-msg": "Incorrect order state"})),
    (BITFINEX, answers(["error", 10001, "Order not found."], 500)),
]


@pytest.mark.parametrize(("case", "fault"), UNKNOWN_ORDER)
async def test_a_cancel_of_what_is_not_open_says_nothing_of_what_became_of_it(make_desk, case, fault):
    desk = await make_desk(case)
    desk.vendor.faults[case.cancel] = fault
    desk.vendor.faults["DELETE /sapi/v1/margin/order"] = fault
    assert await cancel(desk) is None


async def test_htx_saying_ok_without_naming_the_order_is_not_known(make_desk):
    desk = await make_desk(HTX)
    assert isinstance(await outcome(desk, "cancel", answers({"status": "ok", "data": None})), Unsure)


# No word of the vendor's ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["the connection is reset", "status 502 and a page", "status 200 and a page"])
async def test_no_address_key_or_vendors_word_leaves(desk, deed, fault, capfd):
    error = await outcome(desk, deed, SILENT[fault])
    said = "".join(traceback.format_exception(error)) + repr(error) + str(error.values) + "".join(capfd.readouterr())
    for secret in (CREDENTIALS.key, CREDENTIALS.secret, CREDENTIALS.password, "127.0.0.1", "ignature", "Gateway"):
        assert secret not in said
