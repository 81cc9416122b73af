"""A stand-in on loopback, a plain HTTP client that calls its Bot API, and alice and bob."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import aiohttp
import pytest
from standin_api import TOKEN, Api, Aside

from bot.sandbox.telegram import Person, TelegramStandIn


@pytest.fixture
async def aside() -> AsyncIterator[Aside]:
    """Runs a coroutine beside the test; what is still running at its end is cancelled."""
    held: list[asyncio.Task[Any]] = []

    def start(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        held.append(asyncio.get_running_loop().create_task(work))
        return held[-1]

    yield start
    for task in held:
        task.cancel()
    await asyncio.gather(*held, return_exceptions=True)


@pytest.fixture
async def standin() -> AsyncIterator[TelegramStandIn]:
    served = TelegramStandIn(tokens=[TOKEN], webhook_backoff_s=0.01)
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def api(standin: TelegramStandIn, session: aiohttp.ClientSession) -> Api:
    return Api(session, standin.url)


@pytest.fixture
def alice(standin: TelegramStandIn) -> Person:
    """She has started the bot, and the bot has taken that update."""
    person = standin.person("alice")
    person.send("/start")
    standin.bot().updates.drop_all()
    return person


@pytest.fixture
def bob(standin: TelegramStandIn) -> Person:
    return standin.person("bob")
