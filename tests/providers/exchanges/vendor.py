"""An exchange on loopback that gives recorded answers, remembers what it was asked, and fails as it is told."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from aiohttp import web

from tests.providers.loopback import Handler, served

PAYLOADS = Path(__file__).parent / "payloads"


@dataclass(frozen=True)
class Asked:
    """A call as it came, raw: `query` and `body` are the very texts."""

    method: str
    path: str
    query: str
    body: str
    headers: dict[str, str]

    @property
    def params(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body, keep_blank_values=True))

    @property
    def json(self):
        return json.loads(self.body)


class Recorded:
    """`faults`: a call (method and path) -> what happens to it instead, each time until it is taken out."""

    def __init__(self, name: str) -> None:
        self.payloads = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
        self.asked: list[Asked] = []
        self.faults: dict[str, Handler] = {}
        self.missing: list[str] = []
        self.url = ""

    def body(self, call: str):
        """The recorded answer to a call, to take expectations from."""
        return self.payloads[call]["body"]

    def calls(self, method: str, path: str) -> list[Asked]:
        return [asked for asked in self.asked if (asked.method, asked.path) == (method, path)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        # Behind a proxy the whole address may stand there.
        path, _, query = request.raw_path.removeprefix(self.url).partition("?")
        body = await request.text()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append(Asked(request.method, path, query, body, headers))
        call = f"{request.method} {path}"
        if call in self.faults:
            return await self.faults[call](request)
        kind = dict(parse_qsl(query)).get("instType", "")
        found = self.payloads.get(f"{call}?{kind}") or self.payloads.get(call)
        if found is None:
            self.missing.append(call)
            return web.Response(status=404, text="nothing recorded")
        return web.json_response(found["body"], status=found.get("status", 200))


@asynccontextmanager
async def recorded(name: str) -> AsyncIterator[Recorded]:
    vendor = Recorded(name)
    async with served(vendor):
        yield vendor
