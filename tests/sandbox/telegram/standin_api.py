"""The Bot API as a bot without any library calls it, a picture to send, and a wait for what has no event."""

import asyncio
import io
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
import orjson
from PIL import Image

TOKEN = "42:secret"
Aside = Callable[[Coroutine[Any, Any, Any]], "asyncio.Task[Any]"]


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


def picture(width: int = 40, height: int = 30, kind: str = "PNG") -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(held, kind)
    return held.getvalue()


async def until(condition: Callable[[], bool]) -> None:
    """Lets the server run until something is so."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - a state of the server under test, which tells nobody
            await asyncio.sleep(0)
