"""What exchanges tell, through the whole desk: typed, pressed, and with an exchange that fails."""

import csv
import io

import pytest

from bot.domain.orders import plain
from tests.desk import Desk, World, asked, card, pressed

pytestmark = pytest.mark.usefixtures("desk")


async def test_a_pair_is_shown_by_each_exchange_in_its_own_figures(world: World):
    answer = await asked(world.alice, "/ticker btc usdt")
    assert answer.text.startswith("BTC/USDT · Binance\n")
    assert "Data: Binance" in answer.text
    assert (await asked(world.alice, "/ticker bitfinex btc/usd")).text.startswith("BTC/USD · Bitfinex\n")
    assert "contract" in (await asked(world.alice, "/ticker BTC/USDT:USDT")).text


async def test_candles_change_their_step_and_their_exchange_in_place_and_become_a_table(world: World):
    await asked(world.alice, "/compare btc/usdt")
    first = await asked(world.alice, "/candles btc/usdt 1h 30")
    assert "photo" in first.wire
    shorter = await pressed(world.alice, first, "!candles BTC/USDT 15m 30 binance")
    assert (shorter.id, shorter.text.splitlines()[0]) == (first.id, "BTC/USDT · Binance · 15m × 30")
    other = await pressed(world.alice, shorter, "!candles BTC/USDT 15m 30 bitfinex")
    assert (other.id, other.text.splitlines()[0]) == (first.id, "BTC/USDT · Bitfinex · 15m × 30")
    book = await pressed(world.alice, other, "!depth BTC/USDT bitfinex")
    assert (book.id, "photo" in book.wire) == (first.id, True)
    table = await asked(world.alice, "/candles btc/usdt 1h 5 csv")
    assert table.wire["document"]["file_name"] == "BTC-USDT_1h_binance.csv"


async def test_a_table_holds_what_the_exchange_told(world: World, desk: Desk):
    reply = await asked(world.alice, "/candles btc/usdt 1d 3 csv")
    assert reply.file is not None
    rows = list(csv.DictReader(io.StringIO(reply.file.decode())))
    found, _ = await desk.app.services.markets.candles("binance", "BTC/USDT", "1d", 3)
    assert [(row["open"], row["time"]) for row in rows] == [
        (f"{plain(candle.open)}", candle.at.isoformat(timespec="seconds")) for candle in found
    ]


async def test_two_exchanges_stand_side_by_side_in_both_languages(world: World):
    english = (await asked(world.alice, "/compare eth/usdt")).text
    assert "Median" in english
    assert [line.split()[0] for line in english.splitlines()[2:4]] == ["Binance", "Bitfinex"]
    assert "中位价" in (await asked(world.bob, "/compare eth/usdt")).text


async def test_state_money_has_a_way_and_goes_both_ways(world: World):
    euros = (await asked(world.alice, "/price btc eur")).text
    assert euros.startswith("BTC/EUR\n")
    assert "Binance" in euros
    mixed = (await asked(world.alice, "/price sol btc/eur doge/eur")).text
    assert [line.split()[:2] for line in mixed.splitlines()[-2:]] == [["1", "BTC"], ["1", "DOGE"]]


async def test_a_pair_nobody_has_is_answered_with_one_that_works(world: World):
    answer = await asked(world.alice, "/trades btx/usdt 5")
    assert "No exchange that is on" in answer.text
    assert "last 5 trades" in (await pressed(world.alice, answer, answer.labels[0])).text


async def test_prices_between_coins_come_from_an_exchange_and_without_any_through_dollars(world: World, desk: Desk):
    assert "Binance" in (await asked(world.alice, "/price eth/btc")).text
    for exchange in (world.exchange, world.bitfinex):
        exchange.faults.set("lost_before")
    desk.clock.advance(120)
    assert card("BTC")(await asked(world.alice, "/price btc"))
    assert "CoinCodex" in (await asked(world.alice, "/price bnb/sol")).text
    stale = await asked(world.alice, "/ticker eth/btc")
    assert "the source is not answering" in stale.text


async def test_before_an_exchange_is_used_nothing_of_it_is_asked_or_loaded(world: World, desk: Desk):
    for line in ("/price btc", "/calc 2 btc eth", "/cap", "/exchanges"):
        await asked(world.alice, line)
    assert not desk.app.services.markets.in_use
    assert not world.exchange.requests
    assert not world.bitfinex.requests
