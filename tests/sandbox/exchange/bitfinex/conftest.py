"""A Bitfinex stand-in with alice's account, and those who call it."""

import aiohttp
import pytest
from bitfinex_desk import Caller, Clock, client, standin


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def bitfinex(clock):
    served = standin(clock)
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
def login(bitfinex):
    return bitfinex.add_account("alice")


@pytest.fixture
def account(bitfinex, login):
    return bitfinex.engine.keys[login.key].account


@pytest.fixture
async def public(bitfinex, session):
    made = client(bitfinex.url, session)
    await made.load_markets()
    yield made
    await made.close()


@pytest.fixture
async def alice(bitfinex, session, login, public):
    made = client(bitfinex.url, session, login)
    made.set_markets_from_exchange(public)
    yield made
    await made.close()


@pytest.fixture
def caller(bitfinex, session, login):  # noqa: ARG001 - alice's first key is ccxt's
    """Calls with another key of alice's, so that nobody's nonces meet."""
    return Caller(bitfinex.url, session, bitfinex.add_account("alice"))
