"""Two venues of one market, side by side in one world: alike, and never quite the same."""

from decimal import Decimal

import aiohttp
import ccxt.async_support as ccxt
import pytest

from bot.sandbox.exchange import Engine
from bot.sandbox.exchange.bitfinex import venue
from bot.sandbox.market import Market
from bot.sandbox.world import serve

SYMBOLS = ["BTC/USDT", "ETH/USDT", "SOL/USDT"]


@pytest.fixture
async def world():
    world = await serve(market=Market(invented=5, dust=0))
    yield world
    await world.stop()


@pytest.fixture
async def venues(world):
    """ccxt's own classes, by name."""
    async with aiohttp.ClientSession() as session:
        ours = {"session": session, "number": Decimal, "enableRateLimit": False}
        binance = ccxt.binance(ours | {"options": {"fetchMarkets": {"types": ["spot"]}}})
        api = binance.urls["api"]
        binance.urls["api"] = api | dict.fromkeys(("public", "private"), world.binance_url + "/api/v3")
        bitfinex = ccxt.bitfinex(ours)
        bitfinex.urls["api"] = dict.fromkeys(("public", "private"), world.bitfinex_url)
        yield {"binance": binance, "bitfinex": bitfinex}
        for venue in (binance, bitfinex):
            venue.timeout_on_exit = 0
            await venue.close()


async def test_prices_of_two_venues_are_close_and_differ(venues):
    tickers = {name: await venue.fetch_tickers(SYMBOLS) for name, venue in venues.items()}
    for symbol in SYMBOLS:
        here, there = (tickers[name][symbol]["ask"] for name in ("binance", "bitfinex"))
        assert abs(here / there - 1) < Decimal("0.005")
    assert any(tickers["binance"][symbol]["ask"] != tickers["bitfinex"][symbol]["ask"] for symbol in SYMBOLS)


def test_a_jump_of_the_market_reaches_both():
    seconds = [1_795_262_400.0]
    market = Market(invented=5, dust=0, clock=lambda: seconds[0])
    engines = [make(market, clock=lambda: seconds[0]) for make in (Engine, venue)]
    before = [engine.day("BTC/USDT").last for engine in engines]
    market.move("BTC", 20)
    seconds[0] += 1
    for engine, last in zip(engines, before, strict=True):
        assert engine.day("BTC/USDT").bid[0] > last * Decimal("1.15")


async def test_a_key_of_one_venue_opens_nothing_at_the_other(world):
    here, there = world.binance.add_account("carol"), world.bitfinex.add_account("carol")
    assert here != there
    assert here.key not in world.bitfinex.engine.keys
