"""Coins, quotes and limits over JSON-RPC: the fields, types and arithmetic that the vendor documents."""

import re
from decimal import Decimal

import pytest
from changelly_desk import NOON, PLACES

D = Decimal
PAIR = {"from": "btc", "to": "eth"}
FLOAT_FIELDS = {
    "from", "to", "networkFee", "amountFrom", "amountTo", "max", "maxFrom", "maxTo", "min", "minFrom", "minTo",
    "visibleAmount", "rate", "fee",
}  # fmt: skip
FIXED_FIELDS = FLOAT_FIELDS - {"visibleAmount", "rate", "fee"} | {"id", "result", "expiredAt"}
COIN_FIELDS = {
    "name", "ticker", "fullName", "enabled", "enabledFrom", "enabledTo", "fixRateEnabled", "payinConfirmations",
    "extraIdName", "addressUrl", "transactionUrl", "image", "fixedTime", "protocol", "blockchain", "contractAddress",
    "notifications",
}  # fmt: skip


def money(value):
    assert isinstance(value, str)
    assert re.fullmatch(r"\d+(\.\d+)?", value), value
    return D(value)


async def test_the_short_list_is_of_what_is_enabled_and_the_long_one_of_all(caller):
    short, full = await caller.v2("getCurrencies"), await caller.v2("getCurrenciesFull")
    assert short == [coin["ticker"] for coin in full if coin["enabled"]]
    assert {coin["ticker"] for coin in full} - set(short) == {"dash"}
    for coin in full:
        assert set(coin) == COIN_FIELDS
        assert {type(coin[name]) for name in COIN_FIELDS if name.startswith(("enabled", "fixRate"))} == {bool}
        assert (type(coin["fixedTime"]), type(coin["notifications"])) == (int, dict)
    memos = {coin["ticker"]: coin["extraIdName"] for coin in full if coin["extraIdName"]}
    assert memos == {"xrp": "Destination Tag", "xlm": "Memo.ID"}


async def test_pairs_are_what_can_be_sent_and_received_and_fixed_where_asked(caller):
    pairs = await caller.v2("getPairs")
    assert {"from": "btc", "to": "usdtsol"} in pairs
    assert not any(pair["from"] == "usdtsol" or "dash" in pair.values() or pair["from"] == pair["to"] for pair in pairs)
    assert await caller.v2("getPairs", {"from": "btc", "to": "xmr"}) == [{"from": "btc", "to": "xmr"}]
    assert await caller.v2("getPairs", {"from": "btc", "to": "xmr", "txType": "fixed"}) == []
    assert (await caller.v2("getPairs", {"txType": "loose"}))["message"] == "Parameter txType is invalid"


async def test_a_floating_quote_is_before_the_network_fee_and_after_ours(caller):
    (quote,) = await caller.v2("getExchangeAmount", PAIR | {"amountFrom": "0.1"})
    assert set(quote) == FLOAT_FIELDS
    assert (quote["from"], quote["to"], quote["amountFrom"]) == ("btc", "eth", "0.1")
    sums = {name: money(value) for name, value in quote.items() if name not in PAIR}
    assert sums["amountTo"] == sums["visibleAmount"] - sums["fee"]
    assert 0 <= sums["visibleAmount"] / sums["amountFrom"] - sums["rate"] < D("1e-7")
    assert 0 < sums["networkFee"] < sums["amountTo"]
    assert (sums["min"], sums["max"]) == (sums["minFrom"], sums["maxFrom"])


async def test_a_fixed_quote_is_after_the_network_fee_as_the_vendors_was_once_captured(caller):
    (quote,) = await caller.v2("getFixRateForAmount", {"from": "sol", "to": "btc", "amountFrom": "1"})
    assert set(quote) == FIXED_FIELDS
    assert quote["expiredAt"] == NOON + 60
    assert isinstance(quote["expiredAt"], int)
    assert re.fullmatch(r"[\w&$%#@^~*()]{30}", quote["id"])
    net = money(quote["amountFrom"]) * money(quote["result"]) - money(quote["networkFee"])
    assert 0 <= net - money(quote["amountTo"]) < D("1e-8")


async def test_a_fixed_quote_backward_brings_what_was_asked_for(caller):
    (quote,) = await caller.v2("getFixRateForAmount", PAIR | {"amountTo": "0.5"})
    assert quote["amountTo"] == "0.5"
    brought = money(quote["amountFrom"]) * money(quote["result"]) - money(quote["networkFee"])
    assert 0 <= brought - D("0.5") < money(quote["result"]) * D("1e-8")


@pytest.mark.parametrize("amounts", [{}, {"amountFrom": "1", "amountTo": "1"}, {"amountFrom": None}])
async def test_a_fixed_quote_takes_exactly_one_amount(caller, amounts):
    told = await caller.v2("getFixRateForAmount", PAIR | amounts)
    assert (told["code"], told["message"]) == (-32602, "Parameter amountFrom is invalid")


@pytest.mark.parametrize("method", ["getExchangeAmount", "getFixRateForAmount"])
@pytest.mark.parametrize(("amount", "word", "side"), [("0.00000001", "Minimal", "min"), ("1000000", "Maximum", "max")])
async def test_out_of_range_tells_both_limits_in_words_and_data(caller, method, amount, word, side):
    told = await caller.v2(method, PAIR | {"amountFrom": amount})
    limits = told["data"]["limits"]
    assert told["code"] == -32602
    assert told["message"] == f"Invalid amount for pair btc->eth. {word} amount is {limits[side]['from']} btc"
    assert money(limits["min"]["from"]) < money(limits["max"]["from"])
    assert money(limits["min"]["to"]) < money(limits["max"]["to"])
    for limit in (limits["min"]["from"], limits["max"]["from"]):
        (quote,) = await caller.v2(method, PAIR | {"amountFrom": limit})
        assert (quote["min"], quote["max"]) == (limits["min"]["from"], limits["max"]["from"])


@pytest.mark.parametrize("method", ["getExchangeAmount", "getFixRateForAmount"])
async def test_of_a_list_what_is_wrong_falls_out_without_a_word(caller, method):
    asked = [
        PAIR | {"amountFrom": "0.1"}, {"from": "btc", "to": "nope", "amountFrom": "1"}, PAIR | {"amountFrom": "1e3"},
        {"from": "eth", "to": "btc", "amountFrom": "1"}, PAIR | {"amountFrom": "0.00000001"}, 7,
    ]  # fmt: skip
    told = await caller.v2(method, asked)
    assert [(quote["from"], quote["to"]) for quote in told] == [("btc", "eth"), ("eth", "btc")]
    assert await caller.v2(method, asked[1:2]) == []
    assert (await caller.v2(method, asked[1]))["message"] == "Invalid currency: nope not found"


async def test_limits_of_older_methods_are_those_of_the_quotes(caller):
    (quote,) = await caller.v2("getExchangeAmount", PAIR | {"amountFrom": "0.1"})
    (fixed,) = await caller.v2("getFixRate", PAIR)
    assert await caller.v2("getMinAmount", PAIR) == quote["min"]
    assert await caller.v2("getPairsParams", [PAIR, {"from": "no", "to": "eth"}]) == [
        {
            "from": "btc", "to": "eth", "minAmountFloat": quote["min"], "maxAmountFloat": quote["max"],
            "minAmountFixed": fixed["min"], "maxAmountFixed": fixed["max"],
        }
    ]  # fmt: skip
    assert set(fixed) == FIXED_FIELDS - {"amountFrom", "amountTo"}


@pytest.mark.parametrize(
    "amount", ["-1", "0", "0.0", "1e3", "1,5", "", " 1", "1.", ".5", "NaN", "١", 1, 0.5, None, True]
)
async def test_what_is_no_amount_is_named(caller, amount):
    told = await caller.v2("getExchangeAmount", PAIR | {"amountFrom": amount})
    assert (told["code"], told["message"]) == (-32602, "Parameter amountFrom is invalid")


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ("nope", "eth", "Invalid currency: nope not found"),
        ("btc", "dash", "Invalid currency: dash temporary disabled"),
        ("usdtsol", "btc", "Invalid currency: usdtsol is temporary disabled on API as input currency"),
        ("btc", "btc", "Parameter to is invalid"),
        (None, "btc", "Parameter from is invalid"),
        ("", "btc", "Parameter from is invalid"),
    ],
)
async def test_what_cannot_be_swapped_says_why(caller, source, target, words):
    told = await caller.v2("getExchangeAmount", {"from": source, "to": target, "amountFrom": "1"})
    assert (told["code"], told["message"]) == (-32602, words)


async def test_a_coin_without_fixed_rates_still_floats(caller):
    asked = {"from": "xmr", "to": "btc", "amountFrom": "1"}
    told = await caller.v2("getFixRateForAmount", asked)
    assert told["message"] == "Invalid currency: xmr temporary disabled for fix rate transactions"
    assert len(await caller.v2("getExchangeAmount", asked)) == 1


async def test_upper_case_is_answered_in_lower_case(caller):
    (quote,) = await caller.v2("getExchangeAmount", {"from": "BTC", "to": "Eth", "amountFrom": "1"})
    assert (quote["from"], quote["to"]) == ("btc", "eth")


async def test_v1_says_less_and_says_it_otherwise(caller):
    bare = await caller.v1("getExchangeAmount", PAIR | {"amount": "0.1"})
    (row,) = await caller.v1("getExchangeAmount", [PAIR | {"amount": D("0.1") and 0.1}])
    assert row == {
        "from": "btc", "to": "eth", "networkFee": "0.0009", "amount": "0.1", "result": bare,
        "visibleAmount": row["visibleAmount"], "rate": row["rate"], "fee": row["fee"],
    }  # fmt: skip
    assert money(bare) == money(row["visibleAmount"]) - money(row["fee"])
    told = await caller.v1("getExchangeAmount", PAIR | {"amount": 0.00001})
    least = await caller.v1("getMinAmount", PAIR)
    assert told == {"code": -32600, "message": f"Invalid amount: minimal amount is {least}"}
    told = await caller.v1("getExchangeAmount", PAIR | {"amountFrom": "99999"})
    assert re.fullmatch(r"Invalid amount: maximal amount is \d+(\.\d+)?", told["message"])


@pytest.mark.parametrize(("ticker", "address"), PLACES.items())
async def test_addresses_are_checked_for_the_network_of_the_coin(caller, ticker, address):
    assert await caller.v2("validateAddress", {"currency": ticker, "address": address}) == {"result": True}
    other = PLACES["eth" if ticker == "btc" else "btc"]
    told = await caller.v2("validateAddress", {"currency": ticker, "address": other})
    assert told == {"result": False, "message": "Invalid address"}


async def test_memos_are_checked_where_the_vendor_checks_them_and_never_needed(caller):
    for memo, result in (("123", True), ("", True), (None, True), ("tag", False), ("9" * 11, False)):
        asked = {"currency": "xrp", "address": PLACES["xrp"], "extraId": memo}
        assert (await caller.v2("validateAddress", asked))["result"] is result
    asked = {"currency": "eth", "address": PLACES["eth"], "extraId": "tag"}
    assert (await caller.v2("validateAddress", asked))["result"] is True


async def test_prices_are_those_of_the_whole_world(caller, changelly):
    usd = {name: changelly.engine.pricing._market.price(name) for name in ("BTC", "ETH")}
    (quote,) = await caller.v2("getExchangeAmount", PAIR | {"amountFrom": "1"})
    assert abs(D(quote["rate"]) - usd["BTC"] / usd["ETH"]) < D("1e-7")
