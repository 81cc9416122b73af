"""What can go wrong with Changelly: too many calls, lost answers, troubles of its own; whether anything was made."""

import json

import aiohttp
import pytest
from changelly_desk import PLACES, Caller, Clock, private_key, standin

BTC_ETH = {"from": "btc", "to": "eth", "amountFrom": "0.1", "address": PLACES["eth"]}


async def test_the_eleventh_call_within_a_second_is_refused_and_others_are_not(session):
    served = standin(Clock(), rates=True)
    url = await served.start()
    one, other = (
        Caller(url, session, served.add_account(name, private_key(name))) for name in ("operator", "stranger")
    )
    account = served.accounts.of(one.login)
    told = [await one.v2("getCurrencies") for _ in range(10)]
    assert all(isinstance(answer, list) for answer in told)
    account.recent.extend([account.recent[-1] + 1e6] * 10)
    assert await one.v2("getCurrencies") == {
        "code": -32600, "message": "Error: You reached requests limit 10 rps",
    }  # fmt: skip
    assert (await one.rest("GET", "currencies"))[0] == 429
    assert isinstance(await other.v2("getCurrencies"), list)
    account.recent.clear()
    assert isinstance(await one.v2("getCurrencies"), list)
    await served.stop()


def test_ten_calls_are_counted_by_a_window_that_slides(changelly, login):
    account = changelly.accounts.of(login)
    assert [account.too_often(1 + at / 100) for at in range(12)] == [False] * 10 + [True] * 2
    assert [account.too_often(at) for at in (1.99, 2.0, 2.005, 2.02)] == [True, False, True, False]


@pytest.mark.parametrize(
    ("kind", "made"),
    [("lost_before", 0), ("lost_after", 1), ("html", 1), ("html_before", 0), ("error", 1), ("cut", 1), ("empty", 1)],
)
async def test_a_creation_that_goes_wrong_on_the_way_was_done_or_not_as_the_switch_says(caller, changelly, kind, made):
    changelly.faults.set(kind, times=1, calls="place")
    assert "btc" in await caller.v2("getCurrencies")
    with pytest.raises((aiohttp.ClientError, json.JSONDecodeError, AssertionError)):
        await caller.v2("createTransaction", BTC_ETH)
    assert len(changelly.transactions) == made
    found = await caller.v2("getTransactions", {"payoutAddress": PLACES["eth"]})
    assert len(found) == made
    assert (await caller.v2("createTransaction", BTC_ETH))["status"] == "new"


@pytest.mark.parametrize(("dialect", "code"), [("v2", -32600), ("v1", -32600)])
async def test_a_limit_switched_on_answers_in_the_dialects_words(caller, changelly, dialect, code):
    changelly.faults.set("limited", times=2)
    told = await getattr(caller, dialect)("getCurrencies")
    assert (told["code"], "requests limit" in told["message"]) == (code, True)
    assert (await caller.rest("GET", "currencies"))[0] == 429
    assert isinstance(await caller.v2("getCurrencies"), list)


@pytest.mark.parametrize(
    ("trouble", "code", "words", "made"),
    [
        ("address", -32603, "An error encountered during address generation", 0),
        ("internal", -32603, "Internal Error", 0),
        ("internal_done", -32603, "Internal Error", 1),
        ("liquidity", -32602, "Not enough liquidity in pair btc->eth. Max amount is 0.05 btc.", 0),
    ],
)
async def test_troubles_of_its_own_strike_as_often_as_set(caller, changelly, trouble, code, words, made):
    changelly.engine.set_trouble(trouble, 1)
    assert changelly.engine.trouble == trouble
    told = await caller.v2("createTransaction", BTC_ETH)
    assert (told["code"], told["message"][: len(words)], len(changelly.transactions)) == (code, words, made)
    assert changelly.engine.trouble == ""
    assert (await caller.v2("createTransaction", BTC_ETH))["status"] == "new"


async def test_too_many_fixed_swaps_leave_the_rate_unspent(caller, changelly):
    asked = {"from": "sol", "to": "btc", "amountFrom": "1"}
    (quote,) = await caller.v2("getFixRateForAmount", asked)
    asked |= {"rateId": quote["id"], "address": PLACES["btc"], "refundAddress": PLACES["sol"]}
    changelly.engine.set_trouble("fixed_limit")
    for _ in range(2):
        told = await caller.v2("createFixTransaction", asked)
        assert (told["code"], "wait 5 minute" in told["message"]) == (-32603, True)
    changelly.engine.clear_troubles()
    assert (await caller.v2("createFixTransaction", asked))["status"] == "new"


async def test_nonsense_is_no_trouble(changelly):
    for name, times in (("nothing", 1), ("internal", 0)):
        with pytest.raises(ValueError, match="no such trouble"):
            changelly.engine.set_trouble(name, times)


async def test_new_swaps_may_hide_from_lookups_for_a_while(caller, changelly, clock):
    old = await caller.v2("createTransaction", BTC_ETH)
    clock.now += 1
    changelly.faults.set("blind", 30)
    await caller.v2("createTransaction", BTC_ETH)
    assert [row["id"] for row in await caller.v2("getTransactions")] == [old["id"]]
    clock.now += 30
    assert len(await caller.v2("getTransactions")) == 2


async def test_limits_move_between_two_looks(caller, changelly):
    changelly.engine.pricing.limits_mood = "moving"
    quotes = [await caller.v2("getExchangeAmount", BTC_ETH) for _ in range(3)]
    assert len({quote[0]["min"] for quote in quotes}) == 3
    changelly.engine.pricing.limits_mood = "least ten times higher"
    least = await caller.v2("getMinAmount", BTC_ETH)
    changelly.engine.pricing.limits_mood = "as usual"
    assert float(least) / float(await caller.v2("getMinAmount", BTC_ETH)) == pytest.approx(10, rel=0.02)


async def test_a_coin_switched_off_is_told_at_once(caller, changelly):
    changelly.engine.coins["eth"].enabled = False
    told = await caller.v2("createTransaction", BTC_ETH)
    assert told["message"] == "Invalid currency: eth temporary disabled"
    assert "eth" not in await caller.v2("getCurrencies")
