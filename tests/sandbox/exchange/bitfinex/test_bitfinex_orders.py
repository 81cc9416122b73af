"""Orders from the exchange wallet at the Bitfinex stand-in: ccxt places, finds, cancels; what is told when."""

import asyncio
from decimal import Decimal

import ccxt.async_support as ccxt
import pytest
from bitfinex_desk import NOON, Caller, client

TODAY = "2026-11-21"
LARGEST_CID = 2**45 - 1


async def waiting(alice, amount="0.01", price="50000", **params):
    return await alice.create_order("BTC/USDT", "limit", "buy", Decimal(amount), Decimal(price), params)


async def fees(alice):
    # ccxt loses fees on the way to Decimal.
    alice.number = str
    trades = await alice.fetch_my_trades("BTC/USDT")
    return [(trade["fee"]["currency"], Decimal(trade["fee"]["cost"])) for trade in trades]


async def test_the_three_wallets_are_apart(alice):
    totals = {kind: (await alice.fetch_balance({"type": kind}))["total"] for kind in ("spot", "margin", "funding")}
    assert totals["spot"] == {"USD": 20_000, "USDT": 10_000, "BTC": Decimal("0.4"), "ETH": 3}
    assert totals["margin"] == {"USD": 4_000, "USDT": 2_000}
    assert totals["funding"] == {"USD": 1_000}


async def test_a_limit_order_waits_and_binds_its_money(alice):
    order = await waiting(alice)
    assert (order["status"], order["info"][8], order["info"][13]) == ("open", "EXCHANGE LIMIT", "ACTIVE")
    assert len(order["info"]) == 32
    assert (await alice.fetch_balance())["USDT"] == {"free": 9_500, "used": 500, "total": 10_000}


async def test_a_market_order_is_answered_before_it_is_filled_and_seen_filled_when_asked_again(alice, bitfinex):
    ask = bitfinex.engine.day("BTC/USDT").ask
    order = await alice.create_order("BTC/USDT", "market", "buy", Decimal("0.001"))
    assert (order["status"], order["filled"], order["info"][8]) == ("open", 0, "EXCHANGE MARKET")
    done = await alice.fetch_closed_order(order["id"])
    assert (done["status"], done["filled"], done["remaining"]) == ("closed", Decimal("0.001"), 0)
    assert done["average"] == ask[0]
    assert done["info"][13] == f"EXECUTED @ {ask[0]:f}(0.001)"


async def test_a_sale_is_negative_and_its_fee_is_taken_of_what_comes_in(alice, bitfinex):
    bid = bitfinex.engine.day("BTC/USDT").bid
    order = await alice.create_order("BTC/USDT", "market", "sell", Decimal("0.001"))
    assert order["side"] == "sell"
    [trade] = await alice.fetch_my_trades("BTC/USDT")
    assert (trade["order"], trade["side"], trade["amount"]) == (order["id"], "sell", Decimal("0.001"))
    assert trade["takerOrMaker"] == "taker"
    assert (await alice.fetch_balance())["USDT"]["total"] == 10_000 + bid[0] * Decimal("0.000998")
    assert await fees(alice) == [("USDT", bid[0] * Decimal("0.000002"))]


async def test_an_order_is_filled_bit_by_bit(alice, bitfinex, account):
    placed = await waiting(alice, amount="0.01", price="99000")
    order = account.orders[int(placed["id"])]
    bitfinex.engine.fill(order, Decimal("0.25"))
    seen = await alice.fetch_order(placed["id"], "BTC/USDT")
    assert (seen["status"], seen["filled"], seen["remaining"]) == ("open", Decimal("0.0025"), Decimal("0.0075"))
    assert seen["info"][13] == "PARTIALLY FILLED @ 99000(0.0025)"
    bitfinex.engine.fill(order)
    done = await alice.fetch_closed_order(placed["id"])
    assert done["info"][13] == "EXECUTED @ 99000(0.0075): was PARTIALLY FILLED @ 99000(0.0025)"
    trades = await alice.fetch_order_trades(placed["id"], "BTC/USDT")
    assert [trade["amount"] for trade in trades] == [Decimal("0.0025"), Decimal("0.0075")]
    assert {trade["takerOrMaker"] for trade in trades} == {"maker"}
    assert await fees(alice) == [("BTC", Decimal("0.0000025")), ("BTC", Decimal("0.0000075"))]


async def test_a_cancelled_order_gives_its_money_back_and_goes_into_the_history(alice):
    order = await waiting(alice)
    cancelled = await alice.cancel_order(order["id"])
    # As the real one: the answer shows the order as it was, the cancellation is only on its way.
    assert (cancelled["id"], cancelled["status"]) == (order["id"], "open")
    assert await alice.fetch_open_orders("BTC/USDT") == []
    assert (await alice.fetch_closed_order(order["id"]))["status"] == "canceled"
    assert (await alice.fetch_balance())["USDT"]["used"] == 0


async def test_a_cancelled_order_that_was_partly_filled_says_both(alice, bitfinex, account):
    order = await waiting(alice, price="99000")
    bitfinex.engine.fill(account.orders[int(order["id"])], Decimal("0.5"))
    await alice.cancel_order(order["id"])
    done = await alice.fetch_closed_order(order["id"])
    assert (done["status"], done["filled"]) == ("canceled", Decimal("0.005"))
    assert done["info"][13] == "CANCELED was: PARTIALLY FILLED @ 99000(0.005)"


async def test_an_order_is_not_cancelled_twice(alice):
    order = await waiting(alice)
    await alice.cancel_order(order["id"])
    with pytest.raises(ccxt.OrderNotFound):
        await alice.cancel_order(order["id"])


async def test_nobody_cancels_or_sees_what_is_anothers(alice, bitfinex, session, public):
    order = await waiting(alice)
    bob = client(bitfinex.url, session, bitfinex.add_account("bob"))
    bob.set_markets_from_exchange(public)
    with pytest.raises(ccxt.OrderNotFound):
        await bob.cancel_order(order["id"])
    assert await bob.fetch_open_orders() == []
    with pytest.raises(ccxt.OrderNotFound):
        await bob.fetch_open_order(order["id"])
    await bob.close()


async def test_open_orders_can_be_asked_by_pair_and_by_id(alice):
    first = await waiting(alice)
    second = await alice.create_order("ETH/USDT", "limit", "buy", Decimal("0.1"), Decimal(2000))
    assert [order["id"] for order in await alice.fetch_open_orders("BTC/USDT")] == [first["id"]]
    assert {order["id"] for order in await alice.fetch_open_orders()} == {first["id"], second["id"]}
    assert (await alice.fetch_open_order(second["id"]))["symbol"] == "ETH/USDT"


async def test_an_order_that_is_not_open_any_more_looks_as_empty_as_at_the_real_one(alice):
    order = await waiting(alice)
    await alice.cancel_order(order["id"])
    seen = await alice.fetch_order(order["id"])
    assert (seen["id"], seen["status"]) == (None, None)


async def test_cancelling_several_takes_those_and_no_other(alice):
    orders = [await waiting(alice) for _ in range(3)]
    gone = await alice.cancel_orders([orders[0]["id"], orders[2]["id"]], "BTC/USDT")
    assert {order["id"] for order in gone} == {orders[0]["id"], orders[2]["id"]}
    assert [order["id"] for order in await alice.fetch_open_orders()] == [orders[1]["id"]]


async def test_cancelling_all_of_one_pair_takes_every_pair(alice):
    await waiting(alice)
    await alice.create_order("ETH/USDT", "limit", "buy", Decimal("0.1"), Decimal(2000))
    assert len(await alice.cancel_all_orders("BTC/USDT")) == 2
    assert await alice.fetch_open_orders() == []


async def test_the_client_id_is_told_everywhere(alice):
    order = await waiting(alice, price="99000", clientOrderId=LARGEST_CID)
    assert order["clientOrderId"] == str(LARGEST_CID)
    assert (await alice.fetch_open_orders("BTC/USDT"))[0]["clientOrderId"] == str(LARGEST_CID)
    await alice.cancel_order(order["id"])
    assert (await alice.fetch_closed_orders("BTC/USDT"))[0]["clientOrderId"] == str(LARGEST_CID)


async def test_who_names_no_client_id_is_given_the_moment(alice):
    assert (await waiting(alice))["clientOrderId"] == str(int(NOON * 1000))


async def test_an_open_order_is_found_by_client_id_and_its_day(alice, caller):
    order = await waiting(alice, clientOrderId=77)
    _, rows = await caller.post("auth/r/orders", {"cid": 77, "cid_date": TODAY})
    assert [row[0] for row in rows] == [int(order["id"])]
    assert (await caller.post("auth/r/orders", {"cid": 77, "cid_date": "2026-11-20"}))[1] == []
    assert (await caller.post("auth/r/orders", {"cid": 77}))[1] == ["error", 10020, "cid_date: invalid"]


async def test_an_order_is_cancelled_by_client_id_and_its_day(alice):
    await waiting(alice, clientOrderId=77)
    with pytest.raises(ccxt.OrderNotFound):
        await alice.cancel_order(
            None, "BTC/USDT", {"clientOrderId": 77, "cidDate": "2026-11-20", "cid_date": "2026-11-20"}
        )
    await alice.cancel_order(None, "BTC/USDT", {"clientOrderId": 77, "cidDate": TODAY})
    assert await alice.fetch_open_orders() == []


async def test_the_same_client_id_is_taken_again_even_while_open(alice):
    first, second = [await waiting(alice, clientOrderId=77) for _ in range(2)]
    assert first["id"] != second["id"]
    assert len(await alice.fetch_open_orders()) == 2


@pytest.mark.parametrize("cid", [LARGEST_CID + 1, -1, "x", 1.5])
async def test_a_client_id_of_more_than_45_bits_is_refused(alice, cid):
    with pytest.raises(ccxt.BadRequest, match="cid: invalid"):
        await waiting(alice, clientOrderId=cid)


async def test_history_is_latest_first_and_has_as_many_as_asked_for(alice, clock, caller):
    ids = []
    for _ in range(3):
        order = await waiting(alice)
        await alice.cancel_order(order["id"])
        ids.append(int(order["id"]))
        clock.now += 60
    _, rows = await caller.post("auth/r/orders/tBTCUST/hist", {"limit": 2})
    assert [row[0] for row in rows] == [ids[2], ids[1]]
    _, rows = await caller.post("auth/r/orders/hist", {"end": int(NOON * 1000) + 60_000})
    assert [row[0] for row in rows] == [ids[1], ids[0]]
    since = await alice.fetch_closed_orders("BTC/USDT", since=int(NOON * 1000) + 60_000)
    assert [int(order["id"]) for order in since] == ids[1:]


async def test_a_price_is_cut_to_five_digits(alice, caller):
    order = await waiting(alice, price="61234.5678")
    assert order["price"] == 61_235  # ccxt rounds before it sends
    body = {"symbol": "tBTCUST", "type": "EXCHANGE LIMIT", "amount": "0.01", "price": "61234.99"}
    _, answer = await caller.post("auth/w/order/submit", body)
    assert answer[4][0][16] == 61_234


async def test_an_amount_below_the_least_is_refused_with_the_least(alice, account):
    with pytest.raises(ccxt.PermissionDenied, match=r"Invalid order: minimum size for BTCUST is 0\.00004$"):
        await waiting(alice, amount="0.00003999")
    with pytest.raises(ccxt.PermissionDenied, match="Invalid order: minimum size for DOGE:USD is"):
        await alice.create_order("DOGE/USD", "limit", "buy", Decimal("0.000000001"), Decimal("0.1"))
    assert not account.orders
    await waiting(alice, amount="0.00004")


async def test_more_than_there_is_is_refused_with_how_much_of_what(alice, account):
    with pytest.raises(ccxt.InsufficientFunds, match=r"not enough exchange balance for 1 BTCUST at 50000$"):
        await waiting(alice, amount="1")
    with pytest.raises(
        ccxt.InsufficientFunds, match=r"Invalid order: not enough exchange balance for -0\.5 BTCUST at 200000$"
    ):
        await alice.create_order("BTC/USDT", "limit", "sell", Decimal("0.5"), Decimal(200_000))
    assert not account.orders


async def test_immediate_or_cancel_keeps_what_it_got_and_fill_or_kill_wants_all(alice, bitfinex):
    price, amount = bitfinex.engine.day("BTC/USDT").ask
    symbol, more = "BTC/USDT", amount + Decimal("0.01")
    order = await alice.create_order(symbol, "limit", "buy", more, price, {"timeInForce": "FOK"})
    done = await alice.fetch_closed_order(order["id"])
    assert (done["filled"], done["info"][13]) == (0, "FILLORKILL CANCELED")
    order = await alice.create_order(symbol, "limit", "buy", more, price, {"timeInForce": "IOC"})
    done = await alice.fetch_closed_order(order["id"])
    assert (done["filled"], done["info"][8]) == (amount, "EXCHANGE IOC")
    assert done["info"][13].startswith("IOC CANCELED was: PARTIALLY FILLED @")


async def test_post_only_waits_and_does_not_take(alice):
    order = await waiting(alice, postOnly=True)
    assert order["postOnly"]
    with pytest.raises(ccxt.ExchangeError):
        await waiting(alice, price="110000", postOnly=True)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"symbol": "tNOTHING"}, "symbol: invalid"),
        ({"symbol": 7}, "symbol: invalid"),
        ({"type": "limit"}, "type: invalid"),
        ({"type": "EXCHANGE EXCHANGE LIMIT"}, "type: invalid"),
        ({"amount": "a lot"}, "amount: invalid"),
        ({"amount": "NaN"}, "amount: invalid"),
        ({"amount": "1e400"}, "amount: invalid"),
        ({"amount": None}, "amount: invalid"),
        ({"price": "-1"}, "price: invalid"),
        ({"price": []}, "price: invalid"),
        ({"flags": "many"}, "flags: invalid"),
    ],
)
async def test_nonsense_is_refused_and_nothing_is_placed(caller, account, changed, text):
    order = {"symbol": "tBTCUST", "type": "EXCHANGE LIMIT", "amount": "0.01", "price": "50000"} | changed
    assert await caller.post("auth/w/order/submit", order) == (500, ["error", 10020, text])
    assert not account.orders


@pytest.mark.parametrize("ask", [{}, {"id": "x"}, {"id": [1]}, {"cid": 1}, {"cid": "x", "cid_date": TODAY}])
async def test_a_cancellation_that_names_no_order_is_refused(caller, ask):
    status, answer = await caller.post("auth/w/order/cancel", ask)
    assert (status, answer[:2]) == (500, ["error", 10020])


@pytest.mark.parametrize("ask", [{}, {"all": 0}, {"cid": 5}, {"cid": [[1], 2, "x", [5, {}]]}, {"id": []}])
async def test_cancelling_several_that_are_not_there_cancels_none(alice, caller, ask):
    await waiting(alice, clientOrderId=77)
    status, answer = await caller.post("auth/w/order/cancel/multi", ask)
    assert (status, answer[4], answer[6]) == (200, [], "SUCCESS")
    _, answer = await caller.post("auth/w/order/cancel/multi", {"cid": [[77, TODAY]]})
    assert len(answer[4]) == 1


async def test_what_the_stand_in_does_not_play_it_says(alice):
    with pytest.raises(ccxt.ExchangeError, match="no STOP orders"):
        await alice.create_order("BTC/USDT", "market", "sell", Decimal("0.01"), None, {"triggerPrice": 50_000})


async def test_calls_of_one_key_at_once_do_not_share_a_number(alice):
    placed = await asyncio.gather(*(waiting(alice, amount="0.001") for _ in range(20)))
    assert len({order["id"] for order in placed}) == 20


async def test_a_limit_that_meets_the_book_is_filled_at_once_at_the_better_price(alice, bitfinex):
    ask = bitfinex.engine.day("BTC/USDT").ask
    order = await waiting(alice, amount="0.001", price="110000")
    done = await alice.fetch_closed_order(order["id"])
    assert (done["status"], done["average"], done["price"]) == ("closed", ask[0], 110_000)
    assert (await alice.fetch_balance())["USDT"]["total"] == 10_000 - ask[0] * Decimal("0.001")


async def test_others_fill_what_waits_at_the_market_as_time_goes_by(alice, bitfinex, clock):
    price = bitfinex.engine.day("BTC/USDT").bid[0]
    order = await waiting(alice, amount="0.001", price=f"{price:f}")
    for _ in range(600):
        clock.now += 5
        bitfinex.engine.tick()
    assert (await alice.fetch_closed_order(order["id"]))["status"] == "closed"


async def test_requests_are_remembered_with_their_bodies(caller: Caller, bitfinex):
    await caller.post("auth/r/orders", {"id": [1]})
    assert bitfinex.calls["POST /v2/r/orders"] == 1
    assert (bitfinex.requests[-1].path, bitfinex.requests[-1].body) == ("/v2/auth/r/orders", b'{"id": [1]}')
