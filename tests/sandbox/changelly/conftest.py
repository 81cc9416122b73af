"""A Changelly stand-in with the operator's account, and who calls it."""

import aiohttp
import pytest
from changelly_desk import PLACES, Caller, Clock, private_key, standin


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def changelly(clock):
    served = standin(clock)
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
def login(changelly):
    return changelly.add_account("operator", private_key())


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def caller(changelly, session, login):
    return Caller(changelly.url, session, login)


@pytest.fixture
def make(caller):
    """Makes a swap over v2 and tells its row."""

    async def made(source="btc", target="eth", amount="0.1", **more):
        asked = {"from": source, "to": target, "amountFrom": amount, "address": PLACES[target], **more}
        return await caller.v2("createTransaction", asked)

    return made
