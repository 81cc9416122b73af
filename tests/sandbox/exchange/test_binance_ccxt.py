"""ccxt's own class does at the stand-in whatever it does at Binance."""

import itertools
from decimal import ROUND_DOWN, Decimal

import ccxt.async_support as ccxt
import pytest

from tests.desk import eventually

D = Decimal
LEAN = {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False, "fetchMargins": False}
PAIR = "BTC/USDT"
CENT = D("0.01")


async def price_of(client, share="1", pair=PAIR):
    """So much of what is bid now, on the grid of prices."""
    bid = (await client.fetch_ticker(pair))["bid"]
    return (D(str(bid)) * D(share)).quantize(CENT, ROUND_DOWN)


def free(balance, asset):
    return D(str(balance[asset]["free"]))


def latest(standin):
    return standin.engine.ledger[-1].order


# What everybody may see


async def test_markets_come_with_their_rules(standin, client_of):
    client = client_of()
    markets = await client.load_markets()
    assert {"BTC/USDT", "ETH/BTC", "PEPE/USDT", "BTC/USDT:USDT"} <= set(markets)
    for pair in standin.engine.pairs:
        row = markets[pair.symbol]
        assert (row["spot"], row["active"], row["margin"]) == (True, True, True)
        assert D(str(row["precision"]["amount"])) == pair.amount_step
        assert D(str(row["precision"]["price"])) == pair.price_step
        assert D(str(row["limits"]["cost"]["min"])) == pair.least_cost
        assert D(str(row["limits"]["amount"]["min"])) == pair.least_amount
    assert markets["BTC/USDT:USDT"]["swap"]


async def test_somebody_with_a_key_can_load_markets_and_coins_too(standin, client_of):
    client = client_of(standin.add_account("alice"))
    await client.load_markets()
    assert {"BTC", "USDT"} <= set(client.currencies)
    assert standin.calls["GET /sapi/v1/capital/config/getall"] == standin.calls["GET /sapi/v1/margin/allPairs"] - 1 == 1


async def test_tickers_tell_the_last_day(client_of):
    client = client_of()
    one = await client.fetch_ticker(PAIR)
    assert one["low"] <= one["last"] <= one["high"]
    assert one["bid"] < one["ask"]
    assert one["quoteVolume"] > one["baseVolume"] > 0
    assert one["percentage"] == pytest.approx((one["last"] / one["open"] - 1) * 100, abs=0.01)
    assert set(await client.fetch_tickers([PAIR, "ETH/USDT"])) == {PAIR, "ETH/USDT"}
    assert len(await client.fetch_tickers()) > 40
    assert set(await client.fetch_bids_asks([PAIR])) == {PAIR}
    assert (await client.fetch_last_prices())[PAIR]["price"] > 0
    assert (await client.fetch_ticker("BTC/USDT:USDT"))["last"] > 0


async def test_candles_come_from_where_one_asks(client_of):
    client = client_of()
    rows = await client.fetch_ohlcv(PAIR, "1h", limit=24)
    assert [after[0] - row[0] for row, after in itertools.pairwise(rows)] == [3_600_000] * 23
    assert all(low <= min(begin, end) <= max(begin, end) <= high for _, begin, high, low, end, _ in rows)
    since = rows[3][0]
    again = await client.fetch_ohlcv(PAIR, "1h", since=since, limit=5)
    assert again == rows[3:8]
    assert len(await client.fetch_ohlcv(PAIR, "1M", limit=12)) == 12
    assert len(await client.fetch_ohlcv("BTC/USDT:USDT", "1d", limit=7)) == 7


async def test_trades_and_depth_are_of_one_book(client_of):
    client = client_of()
    trades = await client.fetch_trades(PAIR, limit=50)
    assert len(trades) == 50
    assert [trade["timestamp"] for trade in trades] == sorted(trade["timestamp"] for trade in trades)
    book = await client.fetch_order_book(PAIR, 10)
    assert len(book["bids"]) == len(book["asks"]) == 10
    assert book["bids"][0][0] < book["asks"][0][0]
    assert abs(trades[-1]["price"] / book["bids"][0][0] - 1) < 0.01
    assert len((await client.fetch_order_book("BTC/USDT:USDT", 5))["asks"]) == 5


async def test_clock_and_status_are_told(standin, client_of):
    client = client_of()
    standin.faults.skew_s = 7
    assert abs(await client.fetch_time() - standin.engine.now_ms() - 7000) < 2000
    assert (await client.fetch_status())["status"] == "ok"


# Money


async def test_each_wallet_is_told_apart(standin, alice):
    account = standin.engine.accounts["alice"]
    for kind, wallet in (("spot", "spot"), ("margin", "margin"), ("funding", "funding")):
        told = await alice.fetch_balance({"type": kind})
        for asset, held in account.held(wallet).items():
            assert (free(told, asset), D(str(told[asset]["used"]))) == (held.free, held.used)
        assert {asset for asset, total in told["total"].items() if total} == set(account.held(wallet))


async def test_rights_are_told_as_they_stand(standin, client_of):
    login = standin.add_account("bob", withdraw=True, ip_bound=True, expires_ms=standin.engine.now_ms() + 9_000_000)
    client = client_of(login, options=LEAN)
    rights = await client.sapiGetAccountApiRestrictions()
    assert (rights["enableWithdrawals"], rights["ipRestrict"], rights["enableSpotAndMarginTrading"]) == (True,) * 3
    assert int(rights["tradingAuthorityExpirationTime"]) == standin.engine.keys[login.key].expires_ms
    standin.engine.keys[login.key].withdraw = False
    assert (await client.sapiGetAccountApiRestrictions())["enableWithdrawals"] is False


# Orders


async def test_a_market_order_is_filled_and_paid_for(standin, alice):
    before = await alice.fetch_balance()
    order = await alice.create_order(PAIR, "market", "buy", "0.01", None, {"clientOrderId": "one"})
    assert (order["status"], order["filled"], order["clientOrderId"]) == ("closed", 0.01, "one")
    assert order["fee"]["currency"] == "BTC"
    after = await alice.fetch_balance()
    assert free(before, "USDT") - free(after, "USDT") == latest(standin).spent
    assert free(after, "BTC") - free(before, "BTC") == D("0.01") - D("0.00001")
    trades = await alice.fetch_my_trades(PAIR)
    assert {trade["order"] for trade in trades} == {order["id"]}
    assert sum(D(str(trade["cost"])) for trade in trades) == latest(standin).spent
    assert await alice.fetch_order_trades(order["id"], PAIR)


async def test_a_market_order_can_be_given_in_money(standin, alice):
    order = await alice.create_order(PAIR, "market", "buy", None, None, {"cost": "250"})
    assert order["status"] == "closed"
    assert 245 < latest(standin).spent <= 250
    assert latest(standin).wish.cost == 250


async def test_a_limit_order_waits_fills_in_parts_and_is_cancelled(standin, alice):
    price = await price_of(alice, "0.95")
    order = await alice.create_order(PAIR, "limit", "buy", "0.01", str(price), {"clientOrderId": "waits"})
    assert (order["status"], order["filled"]) == ("open", 0)
    assert [each["id"] for each in await alice.fetch_open_orders(PAIR)] == [order["id"]]
    assert D(str((await alice.fetch_balance())["USDT"]["used"])) == price * D("0.01")
    standin.engine.fill(latest(standin), D("0.4"))
    found = await alice.fetch_order(None, PAIR, {"clientOrderId": "waits"})
    assert (found["id"], found["status"], found["filled"], found["remaining"]) == (order["id"], "open", 0.004, 0.006)
    assert D(str(found["average"])) == price
    gone = await alice.cancel_order(order["id"], PAIR)
    assert (gone["status"], gone["filled"]) == ("canceled", 0.004)
    # The cancel's answer carries the id of the cancel; the order keeps its own.
    assert (await alice.fetch_order(order["id"], PAIR))["clientOrderId"] == "waits"
    assert not await alice.fetch_open_orders(PAIR)
    assert [each["status"] for each in await alice.fetch_orders(PAIR)] == ["canceled"]
    assert D(str((await alice.fetch_balance())["USDT"]["used"])) == 0


async def test_an_order_is_found_and_cancelled_by_our_own_id(alice):
    price = await price_of(alice, "1.05")
    order = await alice.create_order(PAIR, "limit", "sell", "0.01", str(price), {"clientOrderId": "mine"})
    assert (await alice.cancel_order(None, PAIR, {"clientOrderId": "mine"}))["id"] == order["id"]
    with pytest.raises(ccxt.OrderNotFound):
        await alice.cancel_order(None, PAIR, {"clientOrderId": "mine"})
    with pytest.raises(ccxt.OrderNotFound):
        await alice.fetch_order(None, PAIR, {"clientOrderId": "nobodys"})


async def test_all_open_orders_of_one_pair_are_cancelled_and_of_another_not(alice):
    for pair, amount in ((PAIR, "0.01"), (PAIR, "0.02"), ("ETH/USDT", "0.1")):
        await alice.create_order(pair, "limit", "buy", amount, str(await price_of(alice, "0.9", pair)))
    await alice.cancel_all_orders(PAIR)
    alice.options["warnOnFetchOpenOrdersWithoutSymbol"] = False
    assert [each["symbol"] for each in await alice.fetch_open_orders()] == ["ETH/USDT"]


async def test_the_same_client_id_is_taken_again_after_a_fill_and_buys_twice(standin, alice):
    for _ in range(2):
        await alice.create_order(PAIR, "market", "buy", "0.01", None, {"clientOrderId": "again"})
    assert [entry.client_id for entry in standin.engine.ledger] == ["again", "again"]


async def test_the_same_client_id_is_refused_while_its_order_is_open(standin, alice):
    price = str(await price_of(alice, "0.95"))
    await alice.create_order(PAIR, "limit", "buy", "0.01", price, {"clientOrderId": "open"})
    with pytest.raises(ccxt.InvalidOrder, match="Duplicate order sent"):
        await alice.create_order(PAIR, "limit", "buy", "0.01", price, {"clientOrderId": "open"})
    assert len(standin.engine.ledger) == 1


async def test_cross_margin_has_orders_of_its_own(standin, alice):
    price = str(await price_of(alice, "1.05"))
    cross = {"marginMode": "cross"}
    await alice.create_order(PAIR, "limit", "sell", "0.01", price, {"clientOrderId": "m", **cross})
    assert latest(standin).wish.wallet == "margin"
    assert (await alice.fetch_order(None, PAIR, {"clientOrderId": "m", **cross}))["status"] == "open"
    with pytest.raises(ccxt.OrderNotFound):
        await alice.fetch_order(None, PAIR, {"clientOrderId": "m"})
    assert not await alice.fetch_open_orders(PAIR)
    assert len(await alice.fetch_open_orders(PAIR, params=cross)) == 1
    await alice.cancel_order(None, PAIR, {"clientOrderId": "m", **cross})
    await alice.create_order(PAIR, "market", "buy", "0.001", None, cross)
    assert len(await alice.fetch_my_trades(PAIR, params=cross)) >= 1
    assert not await alice.fetch_my_trades(PAIR)


async def test_margin_lends_only_where_it_is_asked_to(standin, alice):
    order = (PAIR, "market", "buy", "0.1", None)
    with pytest.raises(ccxt.InsufficientFunds):
        await alice.create_order(*order, {"marginMode": "cross"})
    await alice.create_order(*order, {"marginMode": "cross", "sideEffectType": "MARGIN_BUY"})
    told = await alice.fetch_balance({"type": "margin"})
    assert D(str(told["USDT"]["debt"])) == standin.engine.accounts["alice"].debts["USDT"] > 0


# What is refused


@pytest.mark.parametrize(
    ("order", "error", "words"),
    [
        (("limit", "buy", "3", "0.99"), ccxt.InsufficientFunds, "insufficient balance"),
        (("limit", "buy", "0.00001", "0.99"), ccxt.BadRequest, "NOTIONAL"),
        (("limit", "buy", "0.01", "0.1"), ccxt.InvalidOrder, "PERCENT_PRICE"),
        (("limit", "buy", "11", "0.99"), ccxt.InvalidOrder, "LOT_SIZE"),
        (("market", "buy", "9", None), ccxt.InsufficientFunds, "insufficient balance"),
    ],
)
async def test_a_refused_order_is_refused_in_the_vendors_words_and_not_placed(standin, alice, order, error, words):
    kind, side, amount, share = order
    price = str(await price_of(alice, share)) if share else None
    with pytest.raises(error, match=words):
        await alice.create_order(PAIR, kind, side, amount, price)
    assert not standin.engine.ledger


async def test_an_order_that_may_not_take_is_refused_where_it_would(standin, alice):
    with pytest.raises(ccxt.OrderImmediatelyFillable):
        await alice.create_order(PAIR, "limit", "buy", "0.01", str(await price_of(alice, "1.01")), {"postOnly": True})
    assert not standin.engine.ledger


async def test_a_key_that_may_only_look_looks_and_does_not_trade(standin, client_of):
    client = client_of(standin.add_account("bob", trade=False), options=LEAN)
    with pytest.raises(ccxt.AuthenticationError, match="-2015"):
        await client.create_order(PAIR, "market", "buy", "0.01")
    assert (await client.fetch_balance())["USDT"]["free"] == 25000
    assert not standin.engine.ledger


async def test_a_wrong_secret_an_unknown_and_an_ended_key_open_nothing(standin, client_of):
    login = standin.add_account("bob")
    ended = standin.add_account("bob", expires_ms=1)
    for wrong, code in (
        (login._replace(secret="x" * 64), "-1022"),
        (login._replace(key="A" * 64), "-2015"),
        (login._replace(key="short"), "-2014"),
        (ended, "-2015"),
    ):
        with pytest.raises(ccxt.AuthenticationError, match=code):
            await client_of(wrong, options=LEAN).fetch_balance()


async def test_a_clock_too_far_off_is_refused_and_one_a_little_off_is_not(standin, client_of):
    client = client_of(standin.add_account("bob"), options=LEAN)
    await client.load_markets()
    for skew_s, fine in ((-3, False), (3, True), (30, False), (0, True)):
        standin.faults.skew_s = skew_s
        if fine:
            await client.fetch_balance()
        else:
            with pytest.raises(ccxt.InvalidNonce, match="-1021"):
                await client.fetch_balance()


# What goes wrong on the way


@pytest.fixture
async def ready(alice):
    """Markets are loaded, so that the next call is the one that counts."""
    await alice.load_markets()
    alice.timeout = 3000
    return alice


async def bought(client):
    return await client.create_order(PAIR, "market", "buy", "0.01", None, {"clientOrderId": "lost"})


@pytest.mark.parametrize(
    ("fault", "error", "done"),
    [
        ("lost_before", ccxt.ExchangeNotAvailable, False),
        ("lost_after", ccxt.ExchangeNotAvailable, True),
        ("error", ccxt.ExchangeNotAvailable, True),
        ("error_before", ccxt.ExchangeNotAvailable, False),
        ("cut", ccxt.ExchangeError, True),
        ("limited", ccxt.DDoSProtection, False),
    ],
)
async def test_what_goes_wrong_once_goes_right_again_and_the_order_is_there_or_not(standin, ready, fault, error, done):
    standin.faults.set(fault, times=1, calls="place")
    with pytest.raises(error):
        await bought(ready)
    if done:
        assert (await ready.fetch_order(None, PAIR, {"clientOrderId": "lost"}))["status"] == "closed"
    else:
        with pytest.raises(ccxt.OrderNotFound):
            await ready.fetch_order(None, PAIR, {"clientOrderId": "lost"})
    assert len(standin.engine.ledger) == done
    assert (await bought(ready))["status"] == "closed"


@pytest.mark.parametrize(("fault", "done"), [("html", True), ("html_before", False), ("empty", True), ("half", True)])
async def test_an_answer_that_is_none_looks_like_an_order_without_an_id(standin, ready, fault, done):
    standin.faults.set(fault, times=1, calls="orders")
    assert (await bought(ready))["id"] is None
    assert len(standin.engine.ledger) == done


async def test_a_slow_answer_is_not_waited_for_and_the_order_is_there(standin, ready):
    ready.timeout = 300
    standin.faults.set("slow", 2, times=1, calls="place")
    with pytest.raises(ccxt.RequestTimeout):
        await bought(ready)
    assert len(standin.engine.ledger) == 1


async def test_an_order_may_be_done_only_after_nobody_waits_for_it_any_more(standin, ready):
    ready.timeout = 300
    standin.faults.set("late", 1, times=1, calls="place")
    with pytest.raises(ccxt.RequestTimeout):
        await bought(ready)
    ready.timeout = 3000
    with pytest.raises(ccxt.OrderNotFound):
        await ready.fetch_order(None, PAIR, {"clientOrderId": "lost"})
    await eventually(lambda: standin.engine.ledger)
    assert (await ready.fetch_order(None, PAIR, {"clientOrderId": "lost"}))["status"] == "closed"


async def test_a_lookup_may_not_know_an_order_for_a_while(standin, ready):
    standin.faults.set("blind", times=2)
    order = await bought(ready)
    with pytest.raises(ccxt.OrderNotFound):
        await ready.fetch_order(None, PAIR, {"clientOrderId": "lost"})
    assert not await ready.fetch_orders(PAIR)
    assert (await ready.fetch_order(None, PAIR, {"clientOrderId": "lost"}))["id"] == order["id"]


async def test_a_fault_of_orders_leaves_lookups_alone(standin, ready):
    standin.faults.set("lost_after", calls="orders")
    assert (await ready.fetch_ticker(PAIR))["last"] > 0
    assert (await ready.fetch_balance())["USDT"]["free"] == 25000
    for _ in range(2):
        with pytest.raises(ccxt.ExchangeNotAvailable):
            await bought(ready)
    standin.faults.clear()
    assert (await bought(ready))["status"] == "closed"
    assert len(standin.engine.ledger) == 3


async def test_an_answer_to_a_cancel_is_lost_and_the_cancel_is_done(standin, ready):
    price = str(await price_of(ready, "0.95"))
    order = await ready.create_order(PAIR, "limit", "buy", "0.01", price)
    standin.faults.set("error", times=1, calls="cancel")
    with pytest.raises(ccxt.ExchangeNotAvailable):
        await ready.cancel_order(order["id"], PAIR)
    assert (await ready.fetch_order(order["id"], PAIR))["status"] == "canceled"


async def test_a_cancel_whose_connection_is_lost_is_sent_again_by_the_http_client_and_then_finds_nothing(
    standin, ready
):
    """Not ours to choose: aiohttp repeats DELETE on a kept connection. So "unknown order" is no proof against it."""
    price = str(await price_of(ready, "0.95"))
    order = await ready.create_order(PAIR, "limit", "buy", "0.01", price)
    standin.faults.set("lost_after", times=1, calls="cancel")
    with pytest.raises(ccxt.OrderNotFound):
        await ready.cancel_order(order["id"], PAIR)
    assert standin.calls["DELETE /api/v3/order"] == 2
    assert (await ready.fetch_order(order["id"], PAIR))["status"] == "canceled"
