"""A stand-in on loopback, a plain HTTP client that calls its Bot API, and alice and bob."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest

from bot.sandbox.telegram import Person, TelegramStandIn

TOKEN = "42:secret"


class Api:
    """Calls as a bot without any library makes them."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str = TOKEN) -> None:
        self.session = session
        self.url = url
        self.token = token

    def at(self, method: str) -> str:
        return f"{self.url}/bot{self.token}/{method}"

    async def call(self, method: str, **params: Any) -> tuple[int, dict[str, Any]]:
        async with self.session.post(self.at(method), json=params) as answer:
            return answer.status, orjson.loads(await answer.read())

    async def fine(self, method: str, **params: Any) -> Any:
        status, answer = await self.call(method, **params)
        assert (status, answer.get("ok")) == (200, True), answer
        return answer["result"]

    async def refused(self, method: str, **params: Any) -> tuple[int, str]:
        status, answer = await self.call(method, **params)
        assert not answer["ok"]
        assert status == answer["error_code"]
        return status, answer["description"]

    async def desk(self, name: str, **params: Any) -> Any:
        async with self.session.post(f"{self.url}/desk/api/{name}", json=params) as answer:
            assert answer.status == 200, await answer.text()
            return orjson.loads(await answer.read())

    async def ask_desk(self, name: str, **params: Any) -> Any:
        async with self.session.get(f"{self.url}/desk/api/{name}", params=params) as answer:
            assert answer.status == 200, await answer.text()
            return orjson.loads(await answer.read())


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
