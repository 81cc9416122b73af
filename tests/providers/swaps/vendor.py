"""Changelly on loopback as a script: keeps the raw bytes of each call, and answers as told."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.providers.loopback import Handler, served


@dataclass(frozen=True)
class Asked:
    """One call. `headers` by their names in lower case."""

    verb: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def method(self) -> str:
        return self.json["method"] if self.body and "method" in self.json else f"{self.verb} {self.path}"

    @property
    def params(self):
        return self.json["params"]


Answer = Callable[[Asked], object]


@dataclass
class ScriptedVendor:
    """`answers`: by method (rest: verb and path), else `otherwise`; a Handler, or the result to be wrapped."""

    answers: dict[str, object] = field(default_factory=dict)
    otherwise: object = None
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def of(self, method: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.method == method]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.method, request.raw_path, headers, await request.read())
        self.asked.append(asked)
        answer = self.answers.get(asked.method, self.otherwise)
        if isinstance(answer, list) and answer and callable(answer[0]):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            return await answer(request)
        if asked.path.startswith("/api/"):
            return web.json_response(answer)
        return web.json_response({"result": answer, "id": asked.json["id"], "jsonrpc": "2.0"})


def error(code: int, message: str, status: int = 200, **more: object) -> Handler:
    """An error as JSON-RPC tells it."""

    async def handler(request: web.Request) -> web.StreamResponse:
        asked = json.loads(await request.read())
        told = {"code": code, "message": message, **more}
        return web.json_response({"jsonrpc": "2.0", "id": asked["id"], "error": told}, status=status)

    return handler


@asynccontextmanager
async def scripted() -> AsyncIterator[ScriptedVendor]:
    vendor = ScriptedVendor()
    async with served(vendor):
        yield vendor
