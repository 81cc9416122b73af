"""The third dialect: its paths, its fields and no others, its statuses for errors."""

from decimal import Decimal

import pytest
from changelly_desk import PACE_S, PLACES

D = Decimal
PAIR = {"from": "btc", "to": "eth"}
ORDER = PAIR | {"address": PLACES["eth"], "amountExpectedFrom": "0.1", "amountExpectedTo": "2.5", "extraId": None}
CREATED = {
    "id", "payinAddress", "payoutAddress", "amountExpectedFrom", "amountExpectedTo", "currencyFrom", "currencyTo",
    "status", "createdAt",
}  # fmt: skip
ROW = CREATED | {"amountFrom", "amountTo", "updatedAt", "networkFees", "provider", "confirmations", "txId"}


async def test_currencies_have_six_fields_and_no_network(caller):
    status, coins = await caller.rest("GET", "currencies")
    assert status == 200
    by_ticker = {coin["ticker"]: coin for coin in coins}
    assert by_ticker["btc"] == {
        "name": "Bitcoin", "ticker": "btc", "enabled": True, "fixRateEnabled": True, "payinEnabled": True,
        "payoutEnabled": True,
    }  # fmt: skip
    assert (by_ticker["usdtsol"]["payinEnabled"], by_ticker["usdtsol"]["payoutEnabled"]) == (False, True)
    assert not any(by_ticker["dash"][name] for name in by_ticker["dash"] if name.endswith("nabled"))


async def test_a_direct_quote_is_before_the_network_fee_and_a_reverse_one_what_the_way_back_would_bring(caller):
    status, told = await caller.rest("POST", "exchangeAmount", PAIR | {"amount": "0.1", "type": "direct"})
    (row,) = await caller.v2("getExchangeAmount", PAIR | {"amountFrom": "0.1"})
    assert (status, told) == (200, {"result": row["amountTo"], "currencyFrom": "btc", "currencyTo": "eth"})
    _, back = await caller.rest("POST", "exchangeAmount", PAIR | {"amount": "3", "type": "reverse"})
    (row,) = await caller.v2("getExchangeAmount", {"from": "eth", "to": "btc", "amountFrom": "3"})
    assert back == {"result": row["amountTo"], "currencyFrom": "btc", "currencyTo": "eth"}


async def test_limits_are_those_of_the_other_dialects(caller):
    (row,) = await caller.v2("getExchangeAmount", PAIR | {"amountFrom": "0.1"})
    assert await caller.rest("POST", "minAmount", PAIR) == (200, {"result": row["min"]})
    assert await caller.rest("POST", "maxAmount", PAIR) == (200, {"result": row["max"]})


async def test_a_creation_repeats_what_was_expected_and_says_no_memo(caller):
    status, swap = await caller.rest("POST", "transactions", ORDER)
    assert (status, set(swap)) == (200, CREATED)
    assert (swap["status"], swap["createdAt"], swap["amountExpectedTo"]) == ("new", "2026-11-21T12:00:00.000Z", "2.5")
    _, memo = await caller.rest("POST", "transactions", ORDER | {"from": "xrp", "amountExpectedFrom": "100"})
    assert set(memo) == CREATED


async def test_a_swap_is_looked_up_by_its_path(caller, changelly, clock):
    _, swap = await caller.rest("POST", "transactions", ORDER)
    path = f"transactions/{swap['id']}"
    status, row = await caller.rest("GET", path)
    assert (status, set(row), row["status"]) == (200, ROW, "pending")
    assert (row["amountFrom"], row["txId"], row["confirmations"], row["provider"]) == (None, None, 0, "Changelly")
    changelly.pay(swap["id"])
    clock.now += 3 * PACE_S
    _, row = await caller.rest("GET", path)
    assert (row["status"], row["amountFrom"], row["confirmations"]) == ("finished", "0.1", 1)
    assert row["updatedAt"] == "2026-11-21T12:00:30.000Z"
    assert row["txId"].startswith("0x")
    fee, rate = D(row["networkFees"]), D(row["amountTo"]) / D(row["amountFrom"])
    assert abs(fee * rate - D("0.0009")) < D("0.00002")


@pytest.mark.parametrize(
    ("status", "whole", "document"),
    [
        ("waiting", "pending", "pending"), ("confirming", "confirming", "confirming"), ("hold", "hold", "confirming"),
        ("overdue", "overdue", "expired"), ("expired", "expired", "expired"), ("cancelled", "cancelled", "cancelled"),
        ("refunded", "refunded", "refunded"),
    ],
)  # fmt: skip
async def test_statuses_the_document_lacks_are_told_unless_switched_off(caller, changelly, status, whole, document):
    _, swap = await caller.rest("POST", "transactions", ORDER)
    changelly.move(swap["id"], status)
    assert (await caller.rest("GET", f"transactions/{swap['id']}"))[1]["status"] == whole
    changelly.rest.whole_truth = False
    assert (await caller.rest("GET", f"transactions/{swap['id']}"))[1]["status"] == document


@pytest.mark.parametrize(
    ("path", "asked", "words"),
    [
        ("exchangeAmount", PAIR | {"amount": "1"}, "Parameter type is invalid"),
        ("exchangeAmount", PAIR | {"amount": "1", "type": "back"}, "Parameter type is invalid"),
        ("exchangeAmount", PAIR | {"amount": 1, "type": "direct"}, "Parameter amount is invalid"),
        ("exchangeAmount", PAIR | {"amount": "1e9", "type": "direct"}, "Parameter amount is invalid"),
        ("exchangeAmount", PAIR | {"amount": "99999", "type": "direct"}, "Invalid amount for pair btc->eth. Maximum"),
        ("minAmount", {"from": "btc"}, "Parameter to is invalid"),
        ("maxAmount", {"from": "btc", "to": "nope"}, "Invalid currency: nope not found"),
        ("transactions", ORDER | {"address": PLACES["btc"]}, "Error: Invalid address"),
        ("transactions", {**ORDER, "amountExpectedTo": None}, "Parameter amountExpectedTo is invalid"),
        ("transactions", ["x"], "The body is not an object"),
    ],
)
async def test_what_cannot_be_is_a_400_that_says_why(caller, changelly, path, asked, words):
    status, told = await caller.rest("POST", path, asked)
    assert (status, set(told), told["code"]) == (400, {"code", "message"}, 400)
    assert told["message"].startswith(words)
    assert not changelly.transactions


async def test_other_peoples_words_have_their_own_statuses(caller, changelly):
    assert (await caller.rest("GET", "transactions/nobodys"))[0] == 404
    assert (await caller.rest("GET", "transactions"))[0] == 404
    changelly.engine.set_trouble("internal", 1)
    assert (await caller.rest("POST", "transactions", ORDER))[0] == 500
    assert (await caller.rest("POST", "transactions", ORDER))[0] == 200
