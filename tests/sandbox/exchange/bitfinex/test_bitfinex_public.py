"""What everybody may see at the Bitfinex stand-in, through ccxt's own class and as it stands on the wire."""

from decimal import Decimal

import ccxt.async_support as ccxt
import pytest
from bitfinex_desk import NOON, Caller

from bot.sandbox.exchange import Engine
from bot.sandbox.exchange.bitfinex import BitfinexStandIn, venue
from bot.sandbox.market import Market

HOUR_MS = 3_600_000
NOON_MS = int(NOON) * 1000


async def test_markets_have_this_venues_rules(public):
    bitcoin, doge = public.market("BTC/USDT"), public.market("DOGE/USD")
    assert (bitcoin["id"], doge["id"]) == ("tBTCUST", "tDOGE:USD")
    assert (bitcoin["precision"]["price"], bitcoin["precision"]["amount"]) == (5, 8)
    assert bitcoin["limits"]["amount"]["min"] == Decimal("0.00004")
    assert bitcoin["spot"]
    assert bitcoin["margin"]


async def test_what_is_not_for_margin_says_so(public):
    assert not public.market("XTZ/USDT")["margin"]
    assert not public.market("ETH/BTC")["margin"]


async def test_coins_with_names_of_bitfinexs_own_come_back_as_everybody_calls_them(public, bitfinex):
    assert {"ALGO/USD", "ATOM/USDT", "DASH/USD", "USDC/USD", "USDT/USD"} <= set(public.markets)
    assert {pair.symbol for pair in bitfinex.engine.pairs} == set(public.markets)
    assert public.currencies["USDT"]["id"] == "UST"
    assert public.currencies["BTC"]["name"] == "Bitcoin"


async def test_status_is_operative(public):
    assert (await public.fetch_status())["status"] == "ok"


async def test_a_ticker_is_what_the_engine_says(public, bitfinex):
    ticker, day = await public.fetch_ticker("BTC/USDT"), bitfinex.engine.day("BTC/USDT")
    assert (ticker["last"], ticker["high"], ticker["low"]) == (day.last, day.high, day.low)
    assert (ticker["bid"], ticker["ask"]) == (day.bid[0], day.ask[0])
    assert ticker["baseVolume"] == day.volume
    assert ticker["percentage"] == pytest.approx((day.last / day.open - 1) * 100, abs=Decimal("0.00001"))


async def test_several_tickers_come_at_once_and_unknown_ones_are_left_out(public, caller):
    assert set(await public.fetch_tickers(["BTC/USDT", "DOGE/USD"])) == {"BTC/USDT", "DOGE/USD"}
    assert set(await public.fetch_tickers()) == set(public.markets)
    status, rows = await caller.get("tickers?symbols=tBTCUST,tNOTHING")
    assert (status, [row[0] for row in rows]) == (200, ["tBTCUST"])


async def test_candles_lie_on_the_hours_and_end_now(public):
    candles = await public.fetch_ohlcv("BTC/USDT", "1h", limit=5)
    assert [candle[0] for candle in candles] == [NOON_MS - back * HOUR_MS for back in (4, 3, 2, 1, 0)]
    for _, opened, high, low, closed, volume in candles:
        assert low <= min(opened, closed) <= max(opened, closed) <= high
        assert volume > 0


async def test_candles_since_a_moment_begin_with_the_first_one_after_it(public):
    candles = await public.fetch_ohlcv("BTC/USDT", "1h", since=NOON_MS - 10 * HOUR_MS + 1, limit=3)
    assert [candle[0] for candle in candles] == [NOON_MS - back * HOUR_MS for back in (9, 8, 7)]


async def test_weeks_begin_on_monday_and_months_on_the_first(public):
    assert (await public.fetch_ohlcv("ETH/USDT", "1w", limit=1))[0][0] == 1_794_787_200_000  # Monday 16 November
    assert (await public.fetch_ohlcv("ETH/USDT", "1M", limit=1))[0][0] == 1_793_491_200_000  # 1 November


async def test_the_last_candle_stands_alone_and_a_step_nobody_knows_is_refused(caller):
    status, candle = await caller.get("candles/trade:1h:tBTCUST/last")
    assert (status, candle[0]) == (200, NOON_MS)
    assert await caller.get("candles/trade:2h:tBTCUST/hist") == (500, ["error", 10020, "key: invalid"])


async def test_trades_are_the_tape(public, bitfinex):
    tape = bitfinex.engine.tape("BTC/USDT")[-7:]
    trades = await public.fetch_trades("BTC/USDT", limit=7)
    assert [(trade["id"], trade["price"], trade["amount"], trade["side"]) for trade in trades] == [
        (str(one.id), one.price, one.amount, one.side) for one in tape
    ]


async def test_trades_since_a_moment_leave_out_what_was_before(public, bitfinex):
    since = bitfinex.engine.tape("BTC/USDT")[-20].at_ms
    trades = await public.fetch_trades("BTC/USDT", since=since, limit=5)
    assert len(trades) == 5
    assert trades[0]["timestamp"] == since


async def test_the_book_shows_single_orders_and_levels_alike(public, caller):
    raw = await public.fetch_order_book("BTC/USDT", 25)
    assert len(raw["bids"]) == len(raw["asks"]) == 25
    assert raw["bids"][0][0] < raw["asks"][0][0]
    _, levels = await caller.get("book/tBTCUST/P0?len=25")
    assert [Decimal(str(row[0])) for row in levels[:25]] == [price for price, _ in raw["bids"]]
    assert all((row[2] > 0) == (place < 25) for place, row in enumerate(levels))


async def test_a_book_of_another_length_is_refused(public):
    with pytest.raises(ccxt.ExchangeError, match="len: invalid"):
        await public.fetch_order_book("BTC/USDT", 30)


@pytest.mark.parametrize("path", ["ticker/tNOTHING", "ticker/BTCUST", "trades/tUSTBTC/hist", "book/tDOGEUSD/R0"])
async def test_a_pair_nobody_knows_is_a_bad_symbol(caller, path):
    assert await caller.get(path) == (500, ["error", 10020, "symbol: invalid"])


async def test_prices_have_five_digits(public):
    for symbol in ("BTC/USDT", "DOGE/USD", "XRP/BTC"):
        book = await public.fetch_order_book(symbol, 25)
        for price, _ in book["bids"] + book["asks"]:
            assert len(price.normalize().as_tuple().digits) <= 5


async def test_two_venues_of_one_market_differ_by_a_little():
    market = Market(invented=5, dust=0, clock=lambda: NOON)
    here, there = venue(market, clock=lambda: NOON), Engine(market, clock=lambda: NOON)
    for symbol in ("BTC/USDT", "ETH/USDT", "SOL/USDT"):
        asks = [engine.day(symbol).ask[0] for engine in (here, there)]
        assert asks[0] != asks[1]
        assert abs(asks[0] / asks[1] - 1) < Decimal("0.002")


async def test_who_asks_too_often_is_shut_out_for_a_minute(clock, session):
    served = BitfinexStandIn(venue(Market(invented=5, dust=0, clock=clock), clock=clock), rates=True)
    try:
        caller = Caller(await served.start(), session, served.add_account("alice"))
        for _ in range(15):
            assert (await caller.get("trades/tBTCUST/hist"))[0] == 200
        assert await caller.get("trades/tBTCUST/hist") == (429, ["error", 11010, "ratelimit: error"])
        assert (await caller.get("platform/status"))[0] == 200
        clock.now += 59
        assert (await caller.get("trades/tBTCUST/hist"))[0] == 429
        clock.now += 1
        assert (await caller.get("trades/tBTCUST/hist"))[0] == 200
    finally:
        await served.stop()
