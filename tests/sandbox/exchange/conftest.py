"""Binance on loopback, and ccxt's own class talking to it as it would to the real one."""

from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

import ccxt.async_support as ccxt
import pytest

from bot.sandbox.exchange import Engine
from bot.sandbox.exchange.accounts import Login
from bot.sandbox.exchange.binance import BinanceStandIn
from bot.sandbox.market import Market

LEAN = {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False, "fetchMargins": False}


@pytest.fixture
async def standin(market: Market) -> AsyncIterator[BinanceStandIn]:
    served = BinanceStandIn(Engine(market))
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
async def client_of(standin: BinanceStandIn) -> AsyncIterator[Callable[..., ccxt.binance]]:
    """ccxt.binance, unchanged but for the host it calls."""
    made = []

    def make(login: Login | None = None, **config: object) -> ccxt.binance:
        keys = {"apiKey": login.key, "secret": login.secret} if login else {}
        client = ccxt.binance({**keys, "enableRateLimit": False, "aiohttp_trust_env": False, **config})
        client.urls["api"] = {name: standin.url + urlsplit(url).path for name, url in client.urls["api"].items()}
        made.append(client)
        return client

    yield make
    for client in made:
        await client.close()


@pytest.fixture
def alice(standin: BinanceStandIn, client_of: Callable[..., ccxt.binance]) -> ccxt.binance:
    """May trade, has the usual money. Loads only what orders need."""
    return client_of(standin.add_account("alice"), options=LEAN)
