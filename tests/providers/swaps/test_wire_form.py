"""What leaves, byte for byte, in each dialect; signatures are checked with nothing of the desk's own."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from bot.domain.errors import Refused, Unavailable
from bot.domain.orders import Credentials
from bot.domain.swaps import RateKind, Stage, SwapLimits, SwapRequest
from bot.providers.swaps import SwapSection, build
from tests.providers.loopback import http_proxy

from . import samples
from .conftest import CREDENTIALS, DIALECTS, VECTORS
from .vendor import Asked, error

FLOAT = SwapRequest("xlm", "xrp", RateKind.FLOAT, "500", "rwpMEXAMPLE", memo="1234", refund_address="GB2EXAMPLE")
RATE_ID = samples.FIXED_QUOTE["id"]
FIXED = SwapRequest("sol", "btc", RateKind.FIXED, "1", "bc1qEXAMPLE", refund_address="SoLEXAMPLE", rate_id=RATE_ID)
REST = SwapRequest("btc", "eth", RateKind.FLOAT, "1", "payout_address", expected="12.345")
FIXED_CREATED = {"id": "a1", "status": "new", "payinAddress": "SoLDEPOSIT", "payTill": "2024-09-17T02:51:54.173+00:00"}


def verify(asked: Asked, dialect: str) -> None:
    """As the vendor does: over the raw body."""
    if dialect == "v2":
        public = load_der_private_key(bytes.fromhex(VECTORS["private_key"]), None).public_key()
        public.verify(base64.b64decode(asked.headers["x-api-signature"]), asked.body, PKCS1v15(), SHA256())
        assert asked.headers["x-api-key"] == VECTORS["api_key"]
        assert "authorization" not in asked.headers
        return
    expected = hmac.new(VECTORS["secret"].encode(), asked.body, hashlib.sha512).hexdigest()
    assert asked.headers["sign" if dialect == "v1" else "x-sign"] == expected
    assert asked.headers["api-key" if dialect == "v1" else "x-api-key"] == VECTORS["key"]
    assert ("x-nonce" in asked.headers) == (dialect == "rest")


async def everything(provider) -> None:
    """Each thing that can be asked."""
    account = provider.account("")
    rest = provider.traits.dialect == "rest"
    await provider.coins()
    await provider.quote(*(("btc", "eth") if rest else ("ltc", "eth")), Decimal(1), RateKind.FLOAT)
    await provider.limits("btc", "eth", RateKind.FLOAT)
    await provider.validate("eth", "0x1", "7")
    await account.create(REST if rest else FLOAT)
    await account.get_many(["transaction_id"])
    if not rest:
        await account.find("0xeeEXAMPLE", "btc", datetime(2020, 1, 1, tzinfo=UTC))


def script(vendor, dialect: str) -> None:
    quote = samples.OLD_QUOTE if dialect == "v1" else samples.FLOAT_QUOTE | {"amountFrom": "1"}
    limits = [samples.PAIR_PARAMS]
    vendor.answers = {
        "getCurrenciesFull": samples.COINS,
        "getExchangeAmount": [quote, quote | {"from": "btc", "to": "eth", "amountFrom": "0.00000001"}],
        "getPairsParams": limits,
        "validateAddress": {"result": True},
        "createTransaction": samples.CREATED,
        "getTransactions": [samples.FINISHED],
        "GET /api/v1/currencies": samples.REST_COINS,
        "POST /api/v1/exchangeAmount": samples.REST_QUOTE,
        "POST /api/v1/minAmount": {"result": "0.001"},
        "POST /api/v1/maxAmount": {"result": "10"},
        "POST /api/v1/transactions": samples.REST_CREATED,
        "GET /api/v1/transactions/transaction_id": samples.REST_FINISHED,
    }


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_every_call_is_signed_over_the_very_bytes_that_left(vendor, make, dialect):
    script(vendor, dialect)
    await everything(make(dialect))
    assert len(vendor.asked) == (7 if dialect != "rest" else 6)
    for asked in vendor.asked:
        verify(asked, dialect)
        assert b": " not in asked.body
        assert b", " not in asked.body
        assert asked.headers["content-type"] == "application/json"


@pytest.mark.parametrize(("dialect", "path"), [("v2", "/v2"), ("v1", "/")])
async def test_json_rpc_goes_to_one_address_by_post(vendor, make, dialect, path):
    script(vendor, dialect)
    await everything(make(dialect))
    assert {(asked.verb, asked.path) for asked in vendor.asked} == {("POST", path)}
    assert {asked.json["jsonrpc"] for asked in vendor.asked} == {"2.0"}
    assert len({asked.json["id"] for asked in vendor.asked}) == len(vendor.asked)


async def test_v2_creates_with_texts_as_confirmed_and_leaves_out_what_there_is_not(vendor, make):
    vendor.otherwise = samples.CREATED
    await make("v2").account("").create(FLOAT)
    (asked,) = vendor.asked
    assert asked.method == "createTransaction"
    assert asked.params == {
        "amountFrom": "500", "from": "xlm", "to": "xrp", "address": "rwpMEXAMPLE", "extraId": "1234",
        "refundAddress": "GB2EXAMPLE",
    }  # fmt: skip


async def test_what_a_creation_does_not_say_is_new_and_a_memo_it_garbles_is_not_none(vendor, make):
    told = {name: value for name, value in samples.CREATED.items() if name != "status"}
    for memo, read in (("978301237653", "978301237653"), (None, ""), ("", ""), ("1\n2", None), ({}, None), (0, "0")):
        vendor.otherwise = told | {"payinExtraId": memo}
        made = await make("v2").account("").create(FLOAT)
        assert (made.stage, made.raw_stage, made.payin_memo) == (Stage.NEW, "new", read)


async def test_v1_creates_under_the_older_name(vendor, make):
    vendor.otherwise = samples.CREATED
    await make("v1").account("").create(FLOAT)
    assert vendor.asked[0].params["amount"] == "500"
    assert "amountFrom" not in vendor.asked[0].params


@pytest.mark.parametrize("dialect", ["v2", "v1"])
async def test_a_fixed_rate_is_created_by_its_id(vendor, make, dialect):
    vendor.otherwise = FIXED_CREATED
    await make(dialect).account("").create(FIXED)
    (asked,) = vendor.asked
    assert asked.method == "createFixTransaction"
    assert asked.params == {
        "amountFrom": "1", "from": "sol", "to": "btc", "rateId": RATE_ID, "address": "bc1qEXAMPLE",
        "refundAddress": "SoLEXAMPLE",
    }  # fmt: skip


async def test_rest_says_null_where_there_is_no_memo(vendor, make):
    script(vendor, "rest")
    await make("rest").account("").create(REST)
    assert vendor.asked[0].body == (
        b'{"from":"btc","to":"eth","address":"payout_address","amountExpectedFrom":"1",'
        b'"amountExpectedTo":"12.345","extraId":null}'
    )


async def test_rest_signs_the_empty_string_of_a_get(vendor, make):
    script(vendor, "rest")
    await make("rest").account("").get_many(["transaction_id"])
    (asked,) = vendor.asked
    assert (asked.verb, asked.body) == ("GET", b"")
    assert asked.headers["x-sign"] == VECTORS["vectors"][3]["hmac"]


async def test_an_id_cannot_lead_elsewhere(vendor, make):
    vendor.otherwise = samples.REST_FINISHED
    assert await make("rest").account("").get_many(["../currencies?x=1"]) == {}
    assert vendor.asked[0].path == "/api/v1/transactions/..%2Fcurrencies%3Fx%3D1"


@pytest.mark.parametrize(("reverse", "kind"), [(False, "direct"), (True, "reverse")])
async def test_rest_asks_for_a_rate_in_either_direction(vendor, make, reverse, kind):
    vendor.otherwise = samples.REST_QUOTE
    assert await make("rest").rate("btc", "eth", Decimal("0.50"), reverse=reverse) == Decimal("12.345")
    assert vendor.asked[0].json == {"from": "btc", "to": "eth", "amount": "0.50", "type": kind}


async def test_where_there_is_no_reverse_the_pair_is_turned(vendor, make):
    vendor.otherwise = [samples.FLOAT_QUOTE]
    brought = await make("v2").rate("eth", "ltc", Decimal("3.99"), reverse=True)
    assert vendor.asked[0].params == {"from": "ltc", "to": "eth", "amountFrom": "3.99"}
    assert brought == Decimal("0.1085994") - Decimal("0.00180019")


async def test_amounts_leave_without_an_exponent(vendor, make):
    vendor.otherwise = []
    with pytest.raises(Unavailable, match="garbled"):
        await make("v2").quote("btc", "eth", Decimal("1E-7"), RateKind.FLOAT)
    assert vendor.asked[0].params["amountFrom"] == "0.0000001"


@pytest.mark.parametrize("dialect", ["v2", "v1"])
async def test_a_look_up_takes_ten_ids_at_once(vendor, make, dialect):
    ids = [f"id{number}" for number in range(12)]
    vendor.otherwise = [samples.FINISHED | {"id": each} for each in ids]
    found = await make(dialect).account("").get_many([*ids[:3], *ids])
    assert vendor.asked[0].params == {"id": ids[:10], "limit": 10}
    assert list(found) == ids[:10]


async def test_nothing_is_asked_about_no_ids(vendor, make):
    for dialect in DIALECTS:
        assert await make(dialect).account("").get_many([]) == {}
    assert vendor.asked == []


SINCE = datetime(2024, 9, 17, 2, 36, 54, tzinfo=UTC)


async def test_v2_filters_by_microseconds_with_a_minute_for_the_vendors_clock(vendor, make):
    vendor.otherwise = []
    assert await make("v2").account("").find("bc1q", "sol", SINCE) == []
    params = vendor.asked[0].params
    assert params == {
        "payoutAddress": "bc1q", "currency": "sol", "limit": 100, "since": 1726540554000000, "offset": 0,
    }  # fmt: skip


async def test_v1_has_no_such_filter_and_is_filtered_here(vendor, make):
    rows = [
        samples.CREATED | {"id": "old", "createdAt": 1726540553},
        samples.CREATED | {"id": "new", "createdAt": 1726540555},
        samples.CREATED | {"id": "elsewhere", "createdAt": 1726540555, "payoutAddress": "r-other"},
        samples.CREATED | {"id": "othercoin", "createdAt": 1726540555, "currencyFrom": "btc"},
        samples.CREATED | {"id": "untold", "createdAt": None},
    ]
    vendor.otherwise = rows
    found = await make("v1").account("").find("RWPMexample", "xlm", SINCE)
    assert [swap.id for swap in found] == ["untold", "new"]
    assert "since" not in vendor.asked[0].params


async def test_a_full_page_is_followed_by_the_next(vendor, make):
    rows = [samples.CREATED | {"id": f"s{number}"} for number in range(130)]

    async def page(request):
        asked = await request.json()
        start = asked["params"]["offset"]
        return web.json_response({"id": asked["id"], "result": rows[start : start + 100]})

    vendor.otherwise = page
    found = await make("v2").account("").find("rwpMEXAMPLE", "xlm", SINCE)
    assert len(found) == 130
    assert [asked.params["offset"] for asked in vendor.asked] == [0, 100]


async def test_a_list_with_a_hole_is_no_proof_that_there_is_nothing(vendor, make):
    for hole in ({}, None, "row", {"id": ""}):
        vendor.otherwise = [samples.CREATED, hole]
        with pytest.raises(Unavailable, match="garbled"):
            await make("v2", tries=1).account("").find("rwpMEXAMPLE", "xlm", SINCE)


async def test_a_list_without_end_is_no_proof_either(vendor, make):
    vendor.otherwise = [samples.CREATED | {"id": f"s{number}"} for number in range(100)]
    with pytest.raises(Unavailable, match="garbled"):
        await make("v2").account("").find("rwpMEXAMPLE", "xlm", SINCE)
    assert len(vendor.asked) == 5


async def test_rest_cannot_look_up_and_says_so(vendor, make):
    provider = make("rest")
    assert not provider.traits.finds
    with pytest.raises(Refused, match="no_list"):
        await provider.account("").find("0x1", "btc", SINCE)
    assert vendor.asked == []


# Limits ---------------------------------------------------------------------------------------------------------------


async def test_one_question_tells_both_limits(vendor, make):
    vendor.otherwise = error(-32602, "Invalid amount for pair btc->usdc. Minimum amount is 0.00023742 btc",
                             data=samples.LIMITS)  # fmt: skip
    limits = await make("v2").limits("btc", "usdc", RateKind.FLOAT)
    assert limits == SwapLimits(Decimal("0.00023742"), Decimal("0.64342124"))
    assert len(vendor.asked) == 1
    assert vendor.asked[0].params["amountFrom"] == "0.00000001"


async def test_an_amount_that_was_not_too_small_after_all_tells_them_too(vendor, make):
    vendor.otherwise = [samples.FLOAT_QUOTE | {"from": "btc", "amountFrom": "0.00000001"}]
    assert await make("v2").limits("btc", "eth", RateKind.FLOAT) == SwapLimits(
        Decimal("0.4013"), Decimal("642.0361639")
    )


async def test_where_the_refusal_tells_one_side_the_older_way_is_asked(vendor, make):
    vendor.answers = {
        "getFixRateForAmount": error(-32602, "Invalid amount for pair btc->eth. Minimum amount is 0.0025 btc"),
        "getPairsParams": [samples.PAIR_PARAMS],
    }
    limits = await make("v2").limits("btc", "eth", RateKind.FIXED)
    assert limits == SwapLimits(Decimal("0.0025"), Decimal("3.2138"))


async def test_a_pair_that_is_refused_for_another_reason_has_no_limits(vendor, make):
    vendor.otherwise = error(-32602, "Invalid currency: doge temporary disabled")
    with pytest.raises(Refused, match="paused"):
        await make("v2").limits("doge", "eth", RateKind.FLOAT)


# The way --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_the_proxy_is_taken(vendor, make, dialect):
    script(vendor, dialect)
    async with http_proxy() as proxy:
        await make(dialect, proxy=proxy.url).coins()
        assert proxy.reached == [vendor.url.removeprefix("http://")]
    verify(vendor.asked[0], dialect)


async def test_a_person_has_his_own_key(vendor, make, nonces):
    script(vendor, "rest")
    provider = make("rest")
    account = provider.account("7:1", Credentials("his-key", "his-secret-canary"))
    await account.coins()
    assert vendor.asked[0].headers["x-api-key"] == "his-key"
    assert "canary" not in repr(account) + repr(provider) + repr(vars(account))
    await provider.coins()
    assert vendor.asked[1].headers["x-api-key"] == VECTORS["key"]
    assert len(set(nonces.asked)) == 2


async def test_a_persons_key_that_is_none_is_refused(make):
    with pytest.raises(Refused, match="key") as told:
        make("v2").account("7:1", Credentials("", "30820canary"))
    assert told.value.__context__ is None
    assert "canary" not in str(told.value.values)


def test_without_the_operators_credentials_there_is_no_provider(clock, nonces):
    assert build(SwapSection("http://127.0.0.1:9", None, clock, "v2", None, nonces)) is None


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_a_dialect_is_and_can_is_told(make, dialect):
    traits = make(dialect).traits
    assert (traits.name, traits.title, traits.dialect) == ("changelly", "Changelly", dialect)
    full = dialect != "rest"
    assert (traits.fixed, traits.finds, traits.memos, traits.refunds, traits.validates) == (full,) * 5
    assert traits.batch == (10 if full else 1)
    assert all(getattr(CREDENTIALS[dialect], name) for name in traits.secrets)
