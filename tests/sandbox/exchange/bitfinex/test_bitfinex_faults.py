"""Faults on the way to the Bitfinex stand-in: what ccxt makes of them, and what had happened nevertheless."""

from contextlib import suppress
from decimal import Decimal

import ccxt.async_support as ccxt
import pytest

BEFORE = ["lost_before", "html_before", "error_before"]
AFTER = ["lost_after", "html", "empty", "error", "cut", "half"]


async def placed(alice):
    return await alice.create_order("BTC/USDT", "limit", "buy", Decimal("0.01"), Decimal(50_000), {"clientOrderId": 77})


@pytest.mark.parametrize("kind", BEFORE)
async def test_what_is_lost_on_the_way_there_was_not_done(alice, bitfinex, kind):
    bitfinex.faults.set(kind, times=1, calls="place")
    with pytest.raises(ccxt.BaseError):
        await placed(alice)
    assert await alice.fetch_open_orders() == []


@pytest.mark.parametrize("kind", AFTER)
async def test_what_is_lost_on_the_way_back_was_done_once_and_is_found_by_its_client_id(alice, bitfinex, kind):
    bitfinex.faults.set(kind, times=1, calls="place")
    # An empty list of orders makes ccxt stumble with other errors than its own.
    with pytest.raises((ccxt.BaseError, TypeError)):
        await placed(alice)
    assert [order["clientOrderId"] for order in await alice.fetch_open_orders("BTC/USDT")] == ["77"]


@pytest.mark.parametrize("kind", AFTER)
async def test_a_cancellation_whose_answer_is_lost_was_done(alice, bitfinex, kind):
    order = await placed(alice)
    bitfinex.faults.set(kind, times=1, calls="cancel")
    with suppress(ccxt.BaseError):
        # A page with status 200 is no order to ccxt, and no error either.
        assert (await alice.cancel_order(order["id"]))["id"] is None
    assert await alice.fetch_open_orders() == []
    assert (await alice.fetch_closed_order(order["id"]))["status"] == "canceled"


async def test_no_fault_of_placing_strikes_who_only_looks(alice, bitfinex):
    bitfinex.faults.set("lost_before", calls="place")
    assert await alice.fetch_open_orders() == []
    assert (await alice.fetch_ticker("BTC/USDT"))["last"] > 0


async def test_a_venue_that_has_not_caught_up_does_not_know_the_order_for_a_while(alice, bitfinex, clock):
    bitfinex.faults.set("blind", 30)
    order = await placed(alice)
    assert await alice.fetch_open_orders() == []
    with pytest.raises(ccxt.OrderNotFound):
        await alice.fetch_closed_order(order["id"])
    clock.now += 30
    assert [one["id"] for one in await alice.fetch_open_orders()] == [order["id"]]


async def test_public_calls_go_wrong_too(public, bitfinex):
    bitfinex.faults.set("error", 503, times=2, calls="reads")
    with pytest.raises(ccxt.ExchangeNotAvailable):
        await public.fetch_ticker("BTC/USDT")
    with pytest.raises(ccxt.ExchangeNotAvailable):
        await public.fetch_ohlcv("BTC/USDT", "1h")
    assert (await public.fetch_ticker("BTC/USDT"))["last"] > 0


async def test_too_many_calls_are_refused_in_this_venues_words(alice, caller, bitfinex):
    bitfinex.faults.set("limited", times=2, calls="place")
    with pytest.raises(ccxt.RateLimitExceeded):
        await placed(alice)
    assert await caller.post("auth/w/order/submit") == (429, ["error", 11010, "ratelimit: error"])
    assert await alice.fetch_open_orders() == []


async def test_a_clock_that_is_ahead_shows_in_what_is_told(caller, bitfinex, alice):
    order = await placed(alice)
    bitfinex.faults.skew_s = 90
    _, told = await caller.post("auth/w/order/cancel", {"id": int(order["id"])})
    assert told[0] == order["timestamp"] + 90_000
