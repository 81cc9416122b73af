"""The desk's stream of events: Server-Sent Events to whoever looks on."""

import asyncio
from dataclasses import dataclass, field

import orjson
from aiohttp import web

from bot.sandbox.telegram.feed import Feed, Json, Onlooker

_KEEP_ALIVE_S = 15.0


@dataclass(slots=True)
class Streams:
    feed: Feed
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    def close(self) -> None:
        self._closing.set()

    async def serve(self, request: web.BaseRequest, person: int | None) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        onlooker = Onlooker(person)
        self.feed.onlookers.add(onlooker)
        closing = asyncio.create_task(self._closing.wait())
        try:
            await _say(response, {"n": self.feed.n, "kind": "hello"})
            while not closing.done():
                await self._next(response, onlooker, closing)
        except ConnectionError:
            pass  # the page was closed
        finally:
            closing.cancel()
            self.feed.onlookers.discard(onlooker)
        return response

    async def _next(self, response: web.StreamResponse, onlooker: Onlooker, closing: asyncio.Task[bool]) -> None:
        event = asyncio.create_task(onlooker.events.get())
        await asyncio.wait({event, closing}, timeout=_KEEP_ALIVE_S, return_when=asyncio.FIRST_COMPLETED)
        if not event.done():
            event.cancel()
            await response.write(b": still here\n\n")
            return
        await _say(response, event.result())
        if onlooker.lagged and onlooker.events.empty():
            onlooker.lagged = False
            await _say(response, {"n": self.feed.n, "kind": "lagged"})


async def _say(response: web.StreamResponse, event: Json) -> None:
    await response.write(b"data: " + orjson.dumps(event) + b"\n\n")
