"""Swaps over JSON-RPC: what a creation answers, how they are found again, and what is refused."""

import re
from decimal import Decimal

import pytest
from changelly_desk import NOON, PACE_S, PLACES, Caller, private_key

from bot.sandbox.changelly.addresses import valid

D = Decimal
ALWAYS = {
    "id", "trackUrl", "createdAt", "type", "status", "currencyFrom", "currencyTo", "payinAddress", "payoutAddress",
    "amountExpectedFrom", "amountExpectedTo", "networkFee",
}  # fmt: skip
V1_ALWAYS = ALWAYS - {"networkFee"} | {
    "payinExtraId", "payoutExtraId", "refundAddress", "refundExtraId", "changellyFee", "apiExtraFee",
}  # fmt: skip
ROW = {
    "id", "trackUrl", "createdAt", "type", "moneyReceived", "moneySent", "rate", "payinConfirmations", "status",
    "currencyFrom", "currencyTo", "payinAddress", "payinExtraId", "payinExtraIdName", "payinHash", "payoutAddress",
    "payoutExtraId", "payoutExtraIdName", "payoutHash", "payoutHashLink", "refundAddress", "refundExtraId",
    "refundHash", "refundHashLink", "amountExpectedFrom", "amountExpectedTo", "amountFrom", "amountTo", "networkFee",
    "changellyFee", "apiExtraFee", "totalFee", "canPush", "canRefund",
}  # fmt: skip
MICRO = 1_000_000
BTC_ETH = {"from": "btc", "to": "eth", "amountFrom": "0.1", "address": PLACES["eth"]}


@pytest.fixture
def promise(caller):
    async def made(source="sol", target="btc", **amount):
        asked = {"from": source, "to": target, **(amount or {"amountFrom": "1"})}
        (quote,) = await caller.v2("getFixRateForAmount", asked)
        return {
            "from": source, "to": target, "rateId": quote["id"], "amountFrom": quote["amountFrom"],
            "address": PLACES[target], "refundAddress": PLACES[source],
        }  # fmt: skip

    return made


async def test_a_creation_says_what_there_is_and_leaves_out_what_there_is_not(make):
    swap = await make("btc", "eth")
    assert set(swap) == ALWAYS
    assert (swap["status"], swap["type"], swap["createdAt"]) == ("new", "float", NOON * MICRO)
    assert isinstance(swap["createdAt"], int)
    assert swap["trackUrl"] == f"https://changelly.com/track/{swap['id']}"
    assert valid("bitcoin", swap["payinAddress"])
    memos = {"extraId": "12", "refundAddress": PLACES["xlm"], "refundExtraId": "34"}
    full = await make("xlm", "xrp", "500", **memos)
    assert set(full) == ALWAYS | {"payinExtraId", "payoutExtraId", "refundAddress", "refundExtraId"}
    assert (full["payoutExtraId"], full["refundExtraId"]) == ("12", "34")
    assert full["payinExtraId"].isdigit()


async def test_each_swap_has_a_place_of_its_own_to_pay_to(make):
    plain = [await make("btc", "eth") for _ in range(3)]
    assert len({swap["payinAddress"] for swap in plain}) == 3
    memo = [await make("xrp", "eth", "100") for _ in range(3)]
    assert len({swap["payinAddress"] for swap in memo}) == 1
    assert len({swap["payinExtraId"] for swap in memo}) == 3


async def test_what_is_expected_is_what_was_quoted(caller, make):
    (quote,) = await caller.v2("getExchangeAmount", {"from": "btc", "to": "eth", "amountFrom": "0.1"})
    swap = await make("btc", "eth", "0.1")
    assert (swap["amountExpectedTo"], swap["networkFee"]) == (quote["amountTo"], quote["networkFee"])


async def test_a_fixed_swap_is_before_the_network_fee_and_has_a_deadline(caller, promise):
    asked = await promise()
    swap = await caller.v2("createFixTransaction", asked)
    assert set(swap) == ALWAYS | {"refundAddress", "payTill"}
    assert (swap["type"], swap["payTill"]) == ("fixed", "2026-11-21T12:20:00.000+00:00")
    (quote,) = await caller.v2("getFixRateForAmount", {"from": "sol", "to": "btc", "amountFrom": "1"})
    assert D(swap["amountExpectedTo"]) - D(swap["networkFee"]) == D(quote["amountTo"])


async def test_a_rate_is_good_once(caller, promise):
    asked = await promise()
    assert (await caller.v2("createFixTransaction", asked))["status"] == "new"
    told = await caller.v2("createFixTransaction", asked)
    assert told["code"] == -32602
    assert told["message"].startswith("Error: rateId was expired or already used. Use method getFixRateForAmount")


async def test_a_rate_is_good_until_it_expires_and_for_who_got_it(caller, promise, clock, changelly, session):
    late, early = await promise(), await promise()
    stranger = Caller(changelly.url, session, changelly.add_account("stranger", private_key("stranger")))
    assert "rateId" in (await stranger.v2("createFixTransaction", early))["message"]
    clock.now += 59
    assert (await caller.v2("createFixTransaction", early))["status"] == "new"
    clock.now += 1
    assert "rateId" in (await caller.v2("createFixTransaction", late))["message"]


async def test_a_rate_is_not_spent_by_a_refusal(caller, promise):
    asked = await promise()
    assert "refund" in (await caller.v2("createFixTransaction", asked | {"refundAddress": "x"}))["message"]
    assert (await caller.v2("createFixTransaction", asked))["status"] == "new"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"amountFrom": "1.1"}, "Parameter amountFrom is invalid"),
        ({"amountTo": "0.1"}, "Parameter amountFrom is invalid"),
        ({"refundAddress": None}, "Parameter refundAddress is invalid"),
        ({"refundAddress": PLACES["btc"]}, "Error: Invalid refund address"),
        ({"address": PLACES["eth"]}, "Error: Invalid address"),
        ({"rateId": None}, "Parameter rateId is invalid"),
        ({"to": "eth", "address": PLACES["eth"]}, "Error: rateId was expired or already used"),
        ({"from": "xmr"}, "Invalid currency: xmr temporary disabled for fix rate transactions"),
    ],
)
async def test_a_fixed_swap_is_what_was_promised_or_nothing(caller, promise, changed, words, changelly):
    told = await caller.v2("createFixTransaction", await promise() | changed)
    assert (told["code"], told["message"][: len(words)]) == (-32602, words)
    assert not changelly.transactions


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"address": None}, "Parameter address is invalid"),
        ({"address": PLACES["btc"]}, "Error: Invalid address"),
        ({"address": PLACES["eth"][:-1] + "6"}, "Error: Invalid address"),
        ({"refundAddress": PLACES["eth"]}, "Error: Invalid refund address"),
        ({"amountFrom": 0.1}, "Parameter amountFrom is invalid"),
        ({"amountFrom": None, "amount": "0.1"}, "Parameter amountFrom is invalid"),
        ({"amountFrom": "0.00001"}, "Invalid amount for pair btc->eth. Minimal amount is "),
        ({"amountFrom": "1000"}, "Invalid amount for pair btc->eth. Maximum amount is "),
        ({"to": "xrp", "address": PLACES["xrp"], "extraId": "tag"}, "Error: Invalid address"),
    ],
)
async def test_a_swap_that_cannot_be_is_not_made(caller, changed, words, changelly):
    told = await caller.v2("createTransaction", BTC_ETH | changed)
    assert (told["code"], told["message"][: len(words)]) == (-32602, words)
    assert not changelly.transactions


async def test_v1_says_null_and_writes_the_date_in_words_at_first_and_in_seconds_later(caller):
    asked = {
        "from": "btc",
        "to": "eth",
        "address": PLACES["eth"],
        "amount": 0.1,
        "extraId": None,
        "refundExtraId": None,
    }
    swap = await caller.v1("createTransaction", asked)
    assert set(swap) == V1_ALWAYS
    assert (swap["createdAt"], swap["refundAddress"], swap["changellyFee"]) == ("2026-11-21T12:00:00.000Z", None, "0.4")
    (row,) = await caller.v1("getTransactions", {"id": swap["id"]})
    assert (row["createdAt"], row["moneyReceived"]) == (NOON, 0)


async def test_a_new_swap_waits_as_soon_as_somebody_looks(caller, make):
    swap = await make()
    assert swap["status"] == "new"
    assert await caller.v2("getStatus", {"id": swap["id"]}) == "waiting"


async def test_a_row_before_any_deposit(caller, make):
    swap = await make("xlm", "xrp", "500", extraId="12")
    (row,) = await caller.v2("getTransactions", {"id": swap["id"]})
    assert set(row) == ROW
    nothing = {name for name in ROW if row[name] is None}
    assert nothing == {
        "payinHash", "payoutHash", "payoutHashLink", "refundAddress", "refundExtraId", "refundHash", "refundHashLink",
        "networkFee", "totalFee",
    }  # fmt: skip
    assert (row["amountFrom"], row["amountTo"], row["moneyReceived"], row["moneySent"]) == ("", "0", 0, 0)
    assert (row["payinConfirmations"], row["payinExtraIdName"], row["payoutExtraIdName"]) == (
        "0", "Memo.ID", "Destination Tag",
    )  # fmt: skip
    assert (row["canPush"], row["canRefund"]) == (False, False)


async def test_a_row_after_the_payout(caller, make, changelly, clock):
    swap = await make("btc", "eth")
    changelly.pay(swap["id"])
    clock.now += 3 * PACE_S
    (row,) = await caller.v2("getTransactions", {"id": swap["id"]})
    assert (row["status"], row["amountFrom"]) == ("finished", "0.1")
    assert D(row["amountTo"]) == D(row["amountExpectedTo"]) - D(row["networkFee"])
    assert (row["moneyReceived"], row["moneySent"]) == (NOON * MICRO, (NOON + 3 * PACE_S) * MICRO)
    assert row["payoutHashLink"] == f"https://etherscan.io/tx/{row['payoutHash']}"
    assert re.fullmatch("[0-9a-f]{64}", row["payinHash"])
    assert row["payinConfirmations"] == "1"
    assert abs(D(row["rate"]) * D(row["amountExpectedFrom"]) - D(row["amountExpectedTo"])) < D("1e-8")


async def test_ten_ids_are_looked_up_at_once_and_eleven_are_not(caller, make):
    ids = [(await make())["id"] for _ in range(11)]
    rows = await caller.v2("getTransactions", {"id": ids[:10]})
    assert {row["id"] for row in rows} == set(ids[:10])
    assert (await caller.v2("getTransactions", {"id": ids}))["message"] == "Parameter id is invalid"
    assert await caller.v2("getTransactions", {"id": [rows[3]["id"], "nobodys"]}) == [rows[3]]
    assert await caller.v2("getTransactions", {"id": "nobodys"}) == []


async def test_what_is_not_there_has_no_status(caller):
    told = await caller.v2("getStatus", {"id": "nobodys"})
    assert (told["code"], "not found" in told["message"]) == (-32602, True)


async def test_the_newest_come_first_ten_of_them_unless_more_are_wanted(caller, make, clock):
    ids = []
    for _ in range(12):
        clock.now += 1
        ids.insert(0, (await make())["id"])

    async def page(**asked):
        return [row["id"] for row in await caller.v2("getTransactions", asked)]

    assert await page() == ids[:10]
    assert await page(limit=100) == ids
    assert await page(limit=5, offset=10) == ids[10:]
    assert await page(limit=0) == []
    assert await page(since=int((NOON + 11) * MICRO)) == ids[:2]
    for wrong in ({"limit": 101}, {"limit": "5"}, {"offset": -1}, {"since": 1.5}, {"limit": True}):
        (name,) = wrong
        assert (await caller.v2("getTransactions", wrong))["message"] == f"Parameter {name} is invalid"


async def test_filters_are_combined(caller, make, changelly):
    one = await make("btc", "eth")
    two = await make("xrp", "eth", "100")
    three = await make("btc", "ltc")
    changelly.pay(three["id"])

    async def found(**asked):
        return {row["id"] for row in await caller.v2("getTransactions", asked)}

    assert await found(payoutAddress=PLACES["eth"]) == {one["id"], two["id"]}
    assert await found(payoutAddress=[PLACES["eth"], PLACES["ltc"]], currency="btc") == {one["id"], three["id"]}
    assert await found(status=["waiting", "hold"]) == {one["id"], two["id"]}
    assert await found(status="confirming") == {three["id"]}
    assert await found(address=two["payinAddress"], extraId=two["payinExtraId"]) == {two["id"]}
    assert await found(id=[one["id"], three["id"]], payoutAddress=PLACES["ltc"]) == {three["id"]}
    assert await found(currency="ltc") == set()


async def test_nobody_sees_the_swaps_of_others(make, changelly, session):
    swap = await make()
    stranger = Caller(changelly.url, session, changelly.add_account("stranger", private_key("stranger")))
    assert await stranger.v2("getTransactions", {"id": swap["id"]}) == []
    assert await stranger.v1("getTransactions", {"payoutAddress": PLACES["eth"]}) == []
    assert (await stranger.v2("getStatus", {"id": swap["id"]}))["code"] == -32602
    assert (await stranger.rest("GET", f"transactions/{swap['id']}"))[0] == 404


async def test_all_three_dialects_know_the_swaps_of_one_account(caller, make):
    swap = await make()
    assert await caller.v1("getStatus", {"id": swap["id"]}) == "waiting"
    assert (await caller.rest("GET", f"transactions/{swap['id']}"))[1]["payinAddress"] == swap["payinAddress"]


@pytest.mark.parametrize(
    ("envelope", "code"),
    [
        ({"method": "getNothing"}, -32601),
        ({"jsonrpc": "1.0"}, -32600),
        ({"method": 7}, -32600),
        ({"params": "x"}, -32602),
    ],
)
async def test_an_envelope_that_is_none_is_told_so(caller, envelope, code):
    assert (await caller.v2("getCurrencies", **envelope))["code"] == code


@pytest.mark.parametrize("ident", ["q", 1, 7.5, None])
async def test_the_id_comes_back_as_it_went(caller, ident):
    assert "btc" in await caller.v1("getCurrencies", id=ident)


async def test_calls_and_requests_are_kept_and_nobodys_words_make_names(caller, changelly):
    await caller.v2("getCurrencies")
    await caller.v2("getNothing")
    await caller.rest("GET", "currencies")
    assert changelly.calls == {"getCurrencies": 1, "(unknown)": 1, "GET /api/v1/currencies": 1}
    assert [seen.dialect for seen in changelly.requests] == ["v2", "v2", "rest"]
