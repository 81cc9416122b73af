"""What exchanges tell everybody, asked as people type it."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.errors import Unavailable, UserMistake
from bot.domain.rates import UnknownPair
from tests.handlers.conftest import buttons


@pytest.mark.parametrize(
    "line",
    [
        "ticker btc/usdt",
        "ticker BTC-USDT",
        "ticker btcusdt",
        "ticker btc usdt",
        "ticker btc",
        "ticker",
        "t binance btc",
    ],
)
async def test_a_pair_is_found_however_it_is_written(room, line):
    reply = await room.say(line)
    assert reply.plain.splitlines()[:3] == [
        "BTC/USDT · Binance",
        "60,000.00 USDT   ▲\u00a0+1.50% (24h)",
        "Bid 59994 · Ask 60006 · spread 0.02%",
    ]


async def test_a_contract_is_called_one_and_spot_is_not(room):
    assert "contract" in (await room.say("ticker BTC/USDT:USDT")).plain.splitlines()[0]
    assert "contract" not in (await room.say("ticker BTC/USDT")).plain


@pytest.mark.parametrize(
    "line", ["ticker bitfinex btc/usdt", "ticker btc/usdt on bitfinex", "ticker btc/usdt BITFINEX"]
)
async def test_an_exchange_may_be_named_anywhere_in_the_line(room, line):
    reply = await room.say(line)
    assert reply.plain.startswith("BTC/USDT · Bitfinex")
    assert "!ticker BTC/USDT bitfinex" in buttons(reply)


async def test_what_the_first_exchange_lacks_comes_from_the_next_which_is_named(room):
    room.exchanges["bitfinex"].prices["BTC/USD"] = Decimal(60100)
    assert (await room.say("ticker btc/usd")).plain.startswith("BTC/USD · Bitfinex")
    with pytest.raises(UnknownPair):
        await room.say("ticker btc/usd binance")


async def test_several_pairs_are_one_table_and_one_call(room):
    reply = await room.say("ticker btc eth/btc doge usdt")
    assert [line.split()[0] for line in reply.plain.splitlines()[:3]] == ["BTC/USDT", "ETH/BTC", "DOGE/USDT"]
    assert room.exchanges["binance"].calls("tickers") == [("BTC/USDT", "ETH/BTC", "DOGE/USDT")]
    assert buttons(reply) == ["!ticker BTC/USDT ETH/BTC DOGE/USDT binance"]


async def test_a_pair_nobody_has_is_said_so_with_what_is_like_it(room):
    with pytest.raises(UnknownPair) as told:
        await room.say("ticker btc/eur1")
    assert told.value.closest[0] == "BTC/USDT"


async def test_an_exchange_that_is_down_shows_its_last_price_with_its_age_and_another_answers_in_its_place(room):
    await room.say("ticker btc/usdt")
    room.exchanges["binance"].down()
    room.clock.advance(120)
    assert "2 min old, the source is not answering" in (await room.say("ticker btc/usdt")).plain
    room.exchanges["bitfinex"].prices["LTC/USDT"] = Decimal(70)
    assert (await room.say("ticker ltc/usdt")).plain.startswith("LTC/USDT · Bitfinex")


async def test_with_no_exchange_answering_that_is_said_and_prices_go_on(room):
    for exchange in room.exchanges.values():
        exchange.down()
    with pytest.raises(Unavailable):
        await room.say("ticker btc/usdt")
    assert "Bitcoin" in (await room.say("price btc")).plain


async def test_candles_are_a_picture_whose_buttons_change_it_in_place(room):
    reply = await room.say("candles btc/usdt 4h 24")
    assert reply.picture.content.startswith(b"\x89PNG")
    assert reply.plain.splitlines()[0] == "BTC/USDT · Binance · 4h × 24"
    assert "!candles BTC/USDT 1d 24 binance" in buttons(reply)
    assert "!depth BTC/USDT binance" in buttons(reply)
    assert room.exchanges["binance"].calls("candles") == [("BTC/USDT", "4h", 24, None)]


async def test_a_beginning_is_read_by_the_readers_own_clock(room):
    await room.say("settings zone Asia/Shanghai")
    reply = await room.say("candles btc/usdt 1d 5 since 2026-11-01")
    (asked,) = room.exchanges["binance"].calls("candles")
    assert asked[3].isoformat() == "2026-10-31T16:00:00+00:00"
    assert "!candles BTC/USDT 1d 5 2026-11-01 binance" in buttons(reply)


async def test_a_table_has_the_readers_times_and_the_exchanges_own_figures(room):
    await room.say("settings zone Asia/Shanghai")
    reply = await room.say("candles btc/usdt 1h 3 csv")
    rows = list(csv.DictReader(io.StringIO(reply.document.content.decode())))
    assert reply.document.name == "BTC-USDT_1h_binance.csv"
    assert [row["time"] for row in rows] == [f"2026-11-21T{hour}:00:00+08:00" for hour in (18, 19, 20)]
    assert [row["close"] for row in rows] == ["60060", "60120.06", "60180.12"]


@pytest.mark.parametrize("since", ["2027-01-01", "2026-13-01", "since", "since yesterday"])
async def test_what_is_no_moment_of_the_past_is_no_beginning(room, since):
    with pytest.raises(UserMistake) as told:
        await room.say(f"candles btc/usdt 1h {since}")
    assert told.value.key == "since.unreadable"


@pytest.mark.parametrize("line", ["candles btc/usdt 1h 301", "candles btc/usdt 0", "trades btc/usdt 101"])
async def test_more_than_fits_is_not_asked_for(room, line):
    with pytest.raises(UserMistake) as told:
        await room.say(line)
    assert told.value.key == "number.unreadable"


async def test_trades_come_newest_first_with_their_sums(room):
    reply = await room.say("trades btc/usdt 4")
    lines = reply.plain.splitlines()
    assert lines[0] == "BTC/USDT · Binance · last 4 trades"
    assert [line.split()[2] for line in lines[1:5]] == ["60003", "60002", "60001", "60000"]
    assert "0.04000 BTC at 60,001.50 USDT on average · 50.0% bought" in reply.plain


async def test_a_book_is_drawn_and_its_best_offers_are_figures(room):
    reply = await room.say("depth btc usdt")
    assert reply.picture.content.startswith(b"\x89PNG")
    assert "Bid 59994 · Ask 60006 USDT · spread 0.02%" in reply.plain
    assert "5.05K BTC, as far as 59400 (-0.99%)" in reply.plain


async def test_a_comparison_names_who_is_stale_who_is_silent_and_how_far_they_lie_apart(room):
    room.exchanges["bitfinex"].prices["BTC/USDT"] = Decimal(61200)
    reply = await room.say("compare btc/usdt")
    assert "Median 60,600.00 USDT · farthest apart 1.98%" in reply.plain
    assert "Sells best at Bitfinex (61193.88), buys best at Binance (60006), before fees" in reply.plain
    room.exchanges["bitfinex"].down()
    room.clock.advance(90)
    reply = await room.say("compare btc/usdt")
    (line,) = [line for line in reply.plain.splitlines() if line.startswith("Bitfinex")]
    assert line.endswith("⚠️ 1 min")
    assert "farthest" not in reply.plain


async def test_who_does_not_list_a_pair_is_said_to_and_who_lists_it_is_not(room):
    del room.exchanges["bitfinex"].prices["DOGE/USDT"]
    lines = (await room.say("compare doge")).plain.splitlines()
    assert [line.split()[0] for line in lines if line.endswith("not listed")] == ["Bitfinex"]


async def test_exchanges_are_told_without_asking_them(room):
    reply = await room.say("exchanges")
    assert "Binance · meant where none is named · experimental" in reply.plain
    assert "Not asked yet since the start" in reply.plain
    assert not room.exchanges["binance"].asked
    await room.say("ticker btc")
    assert "Pairs: 5, of these on margin: 0 · contracts: 1" in (await room.say("exchanges")).plain


async def test_one_pair_at_a_time_is_drawn(room):
    with pytest.raises(UserMistake) as told:
        await room.say("depth btc/usdt eth/usdt")
    assert told.value.key == "pair.only_one"


async def test_a_step_and_a_beginning_of_the_same_look_are_told_apart(room):
    room.clock.advance(61)
    await room.say("candles since 1d btc/usdt 15m 7")
    await room.say("candles btc/usdt 3d 1d 7")
    first, second = room.exchanges["binance"].calls("candles")
    assert (first[1], room.clock.now() - first[3]) == ("15m", timedelta(days=1, seconds=61))
    assert (second[1], room.clock.now() - second[3]) == ("1d", timedelta(days=3, hours=12, seconds=61))
