"""What Changelly's errors mean; how a creation may end: made, refused, surely not sent, or not known; sent once."""

import asyncio
import gc
import logging
import traceback
from dataclasses import replace
from decimal import Decimal

import pytest
from aiohttp import web

from bot.domain.errors import BotError, Refused, Unavailable, Unsure
from bot.domain.swaps import RateKind, Stage
from bot.providers.swaps._ladder import Cause, complaint
from tests.providers.loopback import CHALLENGE, babbling_proxy, hangs_up, says, torn

from . import samples
from .conftest import DIALECTS, VECTORS
from .test_wire_form import FIXED, FLOAT, REST
from .vendor import error

DATA = samples.LIMITS

# The vendor's own table, whose texts drift: code, words, what they mean, what fills the text -------------------------


def least(amount: str) -> dict[str, object]:
    return {"least": Decimal(amount), "most": None}


def most(amount: str) -> dict[str, object]:
    return {"least": None, "most": Decimal(amount)}


ROWS = [
    (-32600, "Error: You reached requests limit 10 rps", Cause.RATE, {}),
    (-32600, "Invalid amount: minimal amount is 0.0025", Cause.BELOW, least("0.0025")),
    (-32600, "Invalid amount: minimal amount for usdt20->btc is 25", Cause.BELOW, least("25")),
    (-32602, "Invalid amount: maximal amount is 12.5", Cause.ABOVE, most("12.5")),
    (-32602, "Invalid amount for pair a->b. Minimum amount is 0.1 a", Cause.BELOW, least("0.1")),
    (-32602, "Invalid amount for pair a->b. Maximal amount is 7 a", Cause.ABOVE, most("7")),
    (-32602, "Invalid amount for pair a->b. Minimal amount too high", Cause.TOO_LITTLE, {}),
    (-32602, "Not enough liquidity in pair a->b. Max amount is 3.2 a.", Cause.ABOVE, most("3.2")),
    (-32602, "Not enough liquidity in pair a->b", Cause.TOO_MUCH, {}),
    (-32602, "Invalid currency: xyz not found", Cause.COIN, {"ticker": "xyz"}),
    (-32602, "Invalid currency: doge temporary disabled", Cause.PAUSED, {"ticker": "doge"}),
    (-32602, "Invalid currency: doge temporary disabled for fix rate transactions", Cause.NO_FIXED, {"ticker": "doge"}),
    (-32602, "doge is temporary disabled on API as input currency", Cause.INPUT, {"ticker": "doge"}),
    (-32602, "Invalid currency: xyz is temporary disabled on API as output currency", Cause.OUTPUT, {"ticker": "xyz"}),
    (-32602, "Error: Invalid address", Cause.ADDRESS, {}),
    (-32602, "Address is not valid", Cause.ADDRESS, {}),
    (-32602, "Error: Invalid refund address", Cause.REFUND, {}),
    (-32602, "Parameter refundAddress is invalid", Cause.REFUND, {"field": "refundaddress"}),
    (-32602, "Parameter extraId is invalid", Cause.MEMO, {"field": "extraid"}),
    (-32602, "Parameter from is invalid", Cause.COIN, {"field": "from"}),
    (-32602, "Parameter limit is invalid", Cause.REQUEST, {"field": "limit"}),
    (-32602, "Error: rateId was expired or already used. Use method getFixRateForAmount", Cause.RATE_GONE, {}),
    (-32603, "Error: rateId was expired or already used. Use method getFixRate", Cause.RATE_GONE, {}),
    (-32603, "Error: Creating fix transactions limit exceeds, wait 5 minute", Cause.FIXED_CROWD, {}),
    (-32603, "An error encountered during address generation. Please try again later.", Cause.LATER, {}),
    (-32602, "something quite new", Cause.REQUEST, {}),
    (-32600, "Invalid Request", Cause.REQUEST, {}),
    (-32601, "Method not found", Cause.REQUEST, {}),
    (-32700, "Parse error", Cause.REQUEST, {}),
    (-32603, "Internal Error", Cause.UNDECIDED, {}),
    (-32603, "Error", Cause.UNDECIDED, {}),
    (-32603, "Internal error for pair a->b", Cause.UNDECIDED, {}),
    (-32001, "Invalid address", Cause.UNDECIDED, {}),
    (None, "Invalid address", Cause.UNDECIDED, {}),
]  # fmt: skip


SPELLINGS = {"as is": str, "in capitals": str.upper, "with a word before": "Error: {}".format}


@pytest.mark.parametrize(("code", "words", "cause", "values"), ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS)
def test_words_and_code_mean_what_they_say_however_they_are_spelled(code, words, cause, values, spelled):
    found = complaint(code, spelled(words), None)
    assert (found.cause, found.values) == (cause, values)


@pytest.mark.parametrize("code", [-32600, -32602, -32603])
def test_limits_come_with_the_error_and_both_at_once(code):
    found = complaint(code, "Invalid amount for pair btc->usdc. Maximum amount is 0.64342124 btc", DATA)
    assert found.cause is Cause.ABOVE
    assert found.values == {"least": Decimal("0.00023742"), "most": Decimal("0.64342124")}


def test_v1_tells_the_largest_amount_beside_its_words():
    found = complaint(-32600, "Not enough liquidity", None, {"maximalAmountFrom": Decimal("1.5")})
    assert (found.cause, found.values["most"]) == (Cause.ABOVE, Decimal("1.5"))


@pytest.mark.parametrize("data", [None, [], "limits", {"limits": None}, {"limits": {"min": 3, "max": {"from": "x"}}}])
def test_what_came_with_it_may_be_anything(data):
    assert complaint(-32602, "Minimum amount is 2 btc", data).values == {"least": Decimal(2), "most": None}


# Reads ----------------------------------------------------------------------------------------------------------------


async def read(provider) -> BotError:
    with pytest.raises(BotError) as told:
        await provider.quote("btc", "eth", Decimal(1), RateKind.FLOAT)
    assert told.value.__context__ is None
    return told.value


REFUSED = [row for row in ROWS if row[2] not in {Cause.RATE, Cause.LATER, Cause.UNDECIDED}]


@pytest.mark.parametrize(("code", "words", "cause", "values"), REFUSED, ids=[row[1] for row in REFUSED])
async def test_a_no_for_good_is_told_at_once_and_not_asked_again(vendor, make, code, words, cause, values):
    vendor.otherwise = error(code, words)
    told = await read(make("v2"))
    assert isinstance(told, Refused)
    assert (told.key, told.values) == (cause.value, {"source": "Changelly", "ticker": "btc", **values})
    assert len(vendor.asked) == 1


PASSING = {
    "rate limit": error(-32600, "Error: You reached requests limit 10 rps"),
    "internal error": error(-32603, "Internal Error"),
    "internal error, status 500": error(-32603, "Internal Error", 500),
    "no address just now": error(-32603, "An error encountered during address generation. Please try again later."),
    "the connection is reset": hangs_up,
    "cut in the middle": torn(b'{"jsonrpc": "2.0", "result": [{"from": "btc"}]}'),
    "half of the JSON": says(b'{"jsonrpc": "2.0", "result": ['),
    "status 502 and a page": says("<h1>Bad Gateway</h1>", 502, "text/html"),
    "status 503 and nothing": says(b"", 503),
}


@pytest.mark.parametrize("trouble", PASSING)
async def test_a_passing_trouble_is_asked_again_and_nobody_sees_it(vendor, make, clock, trouble):
    good = [samples.OLD_QUOTE | {"from": "btc"}]

    async def answer(request):
        return web.json_response({"id": (await request.json())["id"], "result": good})

    vendor.otherwise = [PASSING[trouble], answer]
    found = await make("v1").quote("btc", "eth", Decimal(1), RateKind.FLOAT)
    assert found.gross == Decimal("0.0355832")
    assert [asked.body for asked in vendor.asked] == [vendor.asked[0].body] * 2
    assert clock.slept


@pytest.mark.parametrize("trouble", PASSING)
async def test_one_that_stays_is_told_after_three_tries(vendor, make, trouble):
    vendor.otherwise = PASSING[trouble]
    told = await read(make("v2"))
    assert isinstance(told, Unavailable)
    assert told.key in {"source.down", "source.garbled", "source.busy"}
    assert len(vendor.asked) == 3


NO_DATA = {
    "a page": CHALLENGE,
    "nothing": says(b""),
    "null": says(b"null"),
    "an empty object": says(b"{}"),
    "a number": says(b"7"),
    "another one's answer": says(b'{"jsonrpc":"2.0","id":"another","result":[]}'),
    "an error of no shape": says(b'{"jsonrpc":"2.0","id":"1","error":"no"}'),
    "an error without words": says(b'{"jsonrpc":"2.0","id":"1","error":{"code":-32602}}'),
    "elsewhere": says(b"", 307, Location="/elsewhere"),
    "a page with status 403": says("<h1>Forbidden</h1>", 403, "text/html"),
}


@pytest.mark.parametrize("trouble", NO_DATA)
async def test_what_is_no_answer_is_not_one_and_is_not_followed(vendor, make, trouble):
    vendor.otherwise = NO_DATA[trouble]
    told = await read(make("v2"))
    assert isinstance(told, Unavailable)
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("dialect", ["v2", "v1"])
async def test_a_wrong_key_is_told_though_in_plain_text(vendor, make, dialect):
    vendor.otherwise = says(b"Unauthorized", 401, "text/plain")
    told = await read(make(dialect))
    assert (type(told), told.key) == (Refused, "swap.refused.key")
    assert len(vendor.asked) == 1


OBJECTS = [b'{"code": 401, "message": "Unauthorized"}', b'{"code":403}', b'{"error":{"code":1}}']
IN_A_WORD = {401: b"Unauthorized", 403: b"Forbidden\n"}
NO_WORDS = [b"", b"<h1>Forbidden</h1>", b"nope", b"[]"]


@pytest.mark.parametrize("body", [*OBJECTS, "in a word", *NO_WORDS])
@pytest.mark.parametrize("status", [401, 403])
async def test_over_rest_the_allow_list_is_named_with_it(vendor, make, status, body):
    vendor.otherwise = says(IN_A_WORD[status] if body == "in a word" else body, status)
    told = await read(make("rest"))
    assert (type(told), told.key) == (Refused, "swap.refused.allow_list")
    assert len(vendor.asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "key"),
    [
        (400, {"code": 400, "message": "Invalid amount: minimal amount is 0.01"}, "swap.below"),
        (400, {"error": {"code": 1, "message": "Invalid currency: xyz not found"}}, "swap.refused.coin"),
        (400, {"error": "Address is not valid"}, "swap.refused.address"),
        (400, {"message": "some new word"}, "swap.refused.request"),
        (404, {"message": "no such endpoint"}, "swap.refused.request"),
    ],
)
async def test_rest_tells_by_status_and_words_in_either_shape(vendor, make, status, body, key):
    vendor.otherwise = lambda _: _json(body, status)
    told = await read(make("rest"))
    assert (type(told), told.key) == (Refused, key)


async def _json(body: object, status: int) -> web.Response:
    return web.json_response(body, status=status)


async def test_a_swap_that_rest_does_not_know_is_missing_and_no_error(vendor, make):
    vendor.otherwise = says(b'{"code":404,"message":"Transaction not found"}', 404)
    assert await make("rest").account("").get_many(["nosuch"]) == {}
    vendor.otherwise = says(b"<h1>Not Found</h1>", 404, "text/html")
    with pytest.raises(Unavailable):
        await make("rest").account("").get_many(["nosuch"])


# Creations ------------------------------------------------------------------------------------------------------------

REQUESTS = {"v2": FLOAT, "v1": FLOAT, "rest": REST}


async def outcome(vendor, provider, request=None) -> BotError:
    """What the creation ended with, and that it left no more than once."""
    request = request or REQUESTS[provider.traits.dialect]
    with pytest.raises(BotError) as told:
        await provider.account("").create(request)
    assert len(vendor.asked) <= 1, "sent twice"
    assert told.value.__context__ is None, "what the library raised hangs on"
    return told.value


RPC_ONLY = {
    "internal error": error(-32603, "Internal Error"),
    "a code of nobody's": error(-32050, "Invalid address"),
    "a refusal with status 500": error(-32602, "Error: Invalid address", 500),
    "another one's answer": says(b'{"jsonrpc":"2.0","id":"another","result":{"id":"a1","payinAddress":"x"}}'),
}
SILENT = NO_DATA | {
    "the connection is reset": hangs_up,
    "cut in the middle": torn(b'{"jsonrpc": "2.0", "result": {"id": "a1", "payinAddress": "x"}}'),
    "half of the JSON": says(b'{"jsonrpc": "2.0", "resu'),
    "status 500 and words": says(b'{"code":500,"message":"Invalid address"}', 500),
    "status 502 and a page": says("<h1>Bad Gateway</h1>", 502, "text/html"),
    "status 503 and nothing": says(b"", 503),
    "status 504 and a page": says("<h1>Time-out</h1>", 504, "text/html"),
    "status 400 and a page": says("<h1>Bad Request</h1>", 400, "text/html"),
    "status 401 and a page": says("<h1>Unauthorized</h1>", 401, "text/html"),
    "an endless body": says(b"[" + b"1," * (5 << 20) + b"1]"),
}


@pytest.mark.parametrize("trouble", SILENT)
@pytest.mark.parametrize("dialect", ["v2", "rest"])
async def test_without_a_clear_answer_it_is_not_known(vendor, make, dialect, trouble):
    vendor.otherwise = SILENT[trouble]
    told = await outcome(vendor, make(dialect))
    assert (type(told), told.key) == (Unsure, "swap.unsure")
    assert told.intent == REQUESTS[dialect].address


@pytest.mark.parametrize("trouble", RPC_ONLY)
async def test_nor_with_one_that_leaves_it_open(vendor, make, trouble):
    vendor.otherwise = RPC_ONLY[trouble]
    assert isinstance(await outcome(vendor, make("v2")), Unsure)


CLEAR = [row for row in ROWS if row[2] is not Cause.UNDECIDED]


@pytest.mark.parametrize(("code", "words", "cause", "values"), CLEAR, ids=[row[1] for row in CLEAR])
async def test_a_clear_no_is_a_no(vendor, make, code, words, cause, values):
    vendor.otherwise = error(code, words)
    told = await outcome(vendor, make("v2"), FIXED)
    assert (type(told), told.key) == (Refused, cause.value)
    assert set(values) <= set(told.values)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_wrong_key_in_the_documented_words_is_one_too(vendor, make, dialect):
    rest = dialect == "rest"
    vendor.otherwise = says(b'{"message":"no such key"}', 401) if rest else says(b"Unauthorized\n", 401, "text/plain")
    told = await outcome(vendor, make(dialect))
    assert (type(told), told.key) == (Refused, f"swap.refused.{'allow_list' if rest else 'key'}")


@pytest.mark.parametrize("body", [*OBJECTS, "in a word", *NO_WORDS])
@pytest.mark.parametrize("status", [401, 403])
async def test_over_rest_a_key_is_surely_refused_by_an_object_or_the_plain_word(vendor, make, status, body):
    """Any other body may be of somebody on the way, who had it first or last."""
    vendor.otherwise = says(IN_A_WORD[status] if body == "in a word" else body, status)
    told = await outcome(vendor, make("rest"))
    sure = body not in NO_WORDS
    assert (type(told), told.key) == ((Refused, "swap.refused.allow_list") if sure else (Unsure, "swap.unsure"))


CONTRADICTIONS = {
    "another address": {"payoutAddress": "rwpOTHER"},
    "another memo": {"payoutExtraId": "12345"},
    "another coin": {"currencyFrom": "btc"},
    "another coin out": {"currencyTo": "btc"},
    "another amount": {"amountExpectedFrom": "500.00000001"},
    "another kind of rate": {"type": "fixed"},
    "no deposit address": {"payinAddress": ""},
    "a deposit address that is none": {"payinAddress": "GDX6 or GDX7"},
    "no id": {"id": None},
}


@pytest.mark.parametrize("how", CONTRADICTIONS)
async def test_an_answer_to_something_else_is_not_known(vendor, make, how):
    vendor.otherwise = samples.CREATED | CONTRADICTIONS[how]
    assert isinstance(await outcome(vendor, make("v2")), Unsure)


async def test_what_the_answer_leaves_out_is_as_it_was_asked(vendor, make):
    vendor.otherwise = {"id": "a1", "payinAddress": "GDX6EXAMPLE", "status": "new"}
    swap = await make("v2").account("").create(FLOAT)
    assert (swap.source, swap.target, swap.kind, swap.stage) == ("xlm", "xrp", RateKind.FLOAT, Stage.NEW)
    assert (swap.payout_address, swap.payout_memo, swap.refund_address) == ("rwpMEXAMPLE", "1234", "GB2EXAMPLE")
    assert (swap.amount_expected, swap.payin_memo) == (500, "")


async def test_rest_tells_no_refund_address_though_one_was_wished(vendor, make):
    vendor.otherwise = samples.REST_CREATED
    swap = await make("rest").account("").create(replace(REST, refund_address="bc1q"))
    assert (swap.refund_address, swap.payin_memo) == ("", None)


@pytest.mark.parametrize("ticker", ["xrp", "xlm", "eos", "xmr", "ton"])
async def test_over_rest_a_coin_whose_deposit_needs_a_memo_is_refused_unsent(vendor, make, ticker):
    provider = make("rest")
    told = await outcome(vendor, provider, replace(REST, source=ticker))
    assert (type(told), told.key) == (Refused, "swap.refused.memo_untold")
    with pytest.raises(Refused, match="memo_untold"):
        await provider.quote(ticker, "btc", Decimal(1), RateKind.FLOAT)
    assert vendor.asked == []


async def test_over_rest_there_is_no_fixed_rate(vendor, make):
    provider = make("rest")
    assert (await outcome(vendor, provider, FIXED)).key == "swap.refused.fixed"
    with pytest.raises(Refused, match="fixed"):
        await provider.quote("btc", "eth", Decimal(1), RateKind.FIXED)
    assert vendor.asked == []


# Not sent -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_without_a_connection_it_has_not_left(vendor, make, dialect):
    told = await outcome(vendor, make(dialect, url="http://127.0.0.1:9"))
    assert (type(told), told.key) == (Unavailable, "source.down")


# httpcore 1.0.9 leaves the socket of a proxy that failed to the garbage collector, which is called here.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("reply", [b"HTTP/1.1 403 Forbidden\r\n\r\n", b"nonsense\r\n\r\n"])
async def test_behind_a_proxy_that_refuses_the_tunnel_it_has_not_left(vendor, make, reply):
    async with babbling_proxy(reply) as proxy:
        # A tunnel is only asked for towards https.
        provider = make("v2", url="https://127.0.0.1:9", proxy=proxy.url.replace("socks5", "http"))
        assert isinstance(await outcome(vendor, provider), Unavailable)
        await provider.close()
    gc.collect()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
async def test_behind_a_socks_proxy_that_is_none_it_has_not_left(vendor, make):
    async with babbling_proxy(b"HTTP/1.1 400 Bad Request\r\n\r\n") as proxy:
        provider = make("v2", proxy=proxy.url)
        assert isinstance(await outcome(vendor, provider), Unavailable)
        await provider.close()
    gc.collect()


async def caught(deed) -> BaseException | None:
    """What it ended with."""
    try:
        await deed
    except (BotError, asyncio.CancelledError) as ended:
        return ended
    return None


async def test_cut_off_after_it_left_it_is_not_known(vendor, make):
    arrived, released = asyncio.Event(), asyncio.Event()

    async def waits(_: web.Request) -> web.StreamResponse:
        arrived.set()
        await released.wait()
        return web.Response()

    vendor.otherwise = waits
    async with asyncio.TaskGroup() as tasks:
        creating = tasks.create_task(caught(make("v2").account("").create(FLOAT)))
        await arrived.wait()
        creating.cancel()
    assert isinstance(creating.result(), Unsure)
    released.set()


async def test_cut_off_before_it_left_it_simply_ends(vendor, make):
    asked = asyncio.Event()

    async def waits(_: str) -> int:
        asked.set()
        await asyncio.Event().wait()
        return 1

    provider = make("rest")
    provider._operators._line._signer._nonces = waits
    async with asyncio.TaskGroup() as tasks:
        creating = tasks.create_task(caught(provider.account("").create(REST)))
        await asked.wait()
        creating.cancel()
    assert isinstance(creating.result(), asyncio.CancelledError)
    assert vendor.asked == []


async def test_without_a_nonce_nothing_leaves(vendor, make):
    async def fails(_: str) -> int:
        raise Unavailable("storage.down")

    provider = make("rest")
    provider._operators._line._signer._nonces = fails
    told = await outcome(vendor, provider)
    assert (type(told), told.key) == (Unavailable, "storage.down")
    assert vendor.asked == []


# Nothing of it is told ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_no_error_and_no_log_holds_a_secret_an_address_or_the_vendors_words(vendor, make, dialect, caplog):
    caplog.set_level(logging.DEBUG)
    seen = []
    words = b"secret-vendor-words"
    for trouble in (hangs_up, CHALLENGE, says(words, 401), says(words, 500)):
        vendor.asked.clear()
        vendor.otherwise = trouble
        told = await outcome(vendor, make(dialect))
        seen += [repr(told), repr(told.values), *traceback.format_exception(told)]
        told = await read(make(dialect, tries=1))
        seen += [repr(told), repr(told.values), *traceback.format_exception(told)]
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("bot.")]
    text = "".join([*seen, *ours])
    for hidden in (VECTORS["secret"], VECTORS["private_key"][:60], "secret-vendor-words", vendor.url):
        assert hidden not in text


async def test_the_log_says_when_it_stops_serving_and_when_it_serves_again(vendor, make, caplog):
    caplog.set_level(logging.INFO)
    provider = make("rest", tries=1)
    vendor.otherwise = says(b"", 503)
    for _ in range(3):
        await read(provider)
    vendor.otherwise = samples.REST_QUOTE
    await provider.quote("btc", "eth", Decimal(1), RateKind.FLOAT)
    told = [record.getMessage() for record in caplog.records if record.name == "bot.providers.swaps._line"]
    assert len(told) == 2
    assert "does not serve" in told[0]
    assert "answers again" in told[1]
