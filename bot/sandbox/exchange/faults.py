"""What can go wrong between a person and a venue, as switches; both dialects let every call pass through here."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from aiohttp import web

Answer: TypeAlias = Callable[[], web.Response | Awaitable[web.Response]]
# What a call is for: placing, cancelling, looking up one's own things, or what everybody may see.
Call: TypeAlias = Literal["place", "cancel", "private", "public"]
Calls: TypeAlias = Literal["place", "cancel", "orders", "private", "reads", "all"]
CALLS: Mapping[Calls, frozenset[Call]] = {
    "place": frozenset({"place"}),
    "cancel": frozenset({"cancel"}),
    "orders": frozenset({"place", "cancel"}),
    "private": frozenset({"private"}),
    "reads": frozenset({"private", "public"}),
    "all": frozenset({"place", "cancel", "private", "public"}),
}
# Each kind, and what its value means where none is given.
KINDS: Mapping[str, int] = {
    "limited": 60,  # refused as too many requests; seconds until it may be tried again
    "lost_before": 0,  # the connection is closed and nothing was done
    "lost_after": 0,  # it was done, and the connection is closed without an answer
    "html": 0,  # it was done; status 200 and a page
    "html_before": 0,  # nothing was done; status 200 and a page
    "empty": 0,  # it was done; status 200 and nothing
    "error": 502,  # it was done; this status and a page
    "error_before": 502,  # nothing was done; this status and a page
    "cut": 0,  # it was done; the connection breaks in the middle of the answer
    "half": 0,  # it was done; half of the JSON, complete by its length
    "slow": 5,  # done at once, answered after so many seconds
    "late": 5,  # done only after so many seconds, whether or not anybody still waits
    "blind": 0,  # lookups do not see orders placed from now on; for so many seconds, 0: until switched off
}
BEFORE = {"lost_before", "html_before", "error_before"}
PAGE = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


class Timed(Protocol):
    """What faults need of an engine: its time, and a way to hide what was made since a moment."""

    def now_ms(self) -> int: ...
    def hiding(self, since_ms: int | None, /) -> AbstractContextManager[None]: ...


@dataclass(slots=True)
class Fault:
    value: int
    times: int | None
    calls: Calls
    since_ms: int


class Faults:
    """Which faults hold at one venue, one of each kind at most. `skew_s`: its clock is so much ahead of ours.

    `limited` makes the vendor's own answer to who asks too much, given the seconds to wait.
    """

    def __init__(self, engine: Timed, limited: Callable[[int], web.Response] | None = None) -> None:
        self._limited = limited or _too_many
        self.skew_s = 0
        self._engine = engine
        self._active: dict[str, Fault] = {}

    @property
    def active(self) -> Mapping[str, Fault]:
        """The kinds that hold now."""
        return self._active

    def now_ms(self) -> int:
        """The venue's time as it tells it, and as it checks other people's."""
        return self._engine.now_ms() + self.skew_s * 1000

    def set(self, kind: str, value: int | None = None, *, times: int | None = None, calls: Calls = "all") -> None:
        """Let it go wrong for the next `times` calls of this sort, or until cleared. ValueError for nonsense.

        "blind" strikes lookups of orders whatever `calls` says, and hides only what is placed from now on.
        """
        if kind not in KINDS or calls not in CALLS or (times is not None and times < 1):
            raise ValueError(f"no such fault: {kind}, {times} times, {calls}")
        chosen = "private" if kind == "blind" else calls
        self._active[kind] = Fault(KINDS[kind] if value is None else value, times, chosen, self._engine.now_ms())

    def clear(self, kind: str | None = None) -> None:
        """Let this kind, or everything, go right again. The clock too, when everything."""
        if kind is None:
            self._active.clear()
            self.skew_s = 0
        else:
            self._active.pop(kind, None)

    async def through(
        self, request: web.Request, call: Call, answer: Answer, limited: Callable[[int], web.Response] | None = None
    ) -> web.StreamResponse:
        """Answer one request as the faults let it. `answer` does everything, at once, and is called at most once.

        `limited`: in this call's own words. Only what changes and looks up nothing may be awaited. Read the request's
        body before: a fault may close its connection.
        """
        met = self._take(call)
        if "limited" in met:
            return (limited or self._limited)(met["limited"].value)
        if "late" in met:
            await asyncio.sleep(met["late"].value)
        for kind in BEFORE & met.keys():
            return _spoiled(request, kind, met[kind].value)
        hidden = met.get("blind")
        with self._engine.hiding(hidden.since_ms if hidden else None):
            answered = answer()
        response = await answered if inspect.isawaitable(answered) else answered
        if "slow" in met:
            await asyncio.sleep(met["slow"].value)
        for kind in met.keys() & {"lost_after", "html", "empty", "error"}:
            return _spoiled(request, kind, met[kind].value)
        if "cut" in met:
            return await _cut(request, response)
        if "half" in met and isinstance(response.body, bytes):
            response.body = response.body[: len(response.body) // 2]
        return response

    def _take(self, call: Call) -> dict[str, Fault]:
        self._wear_off()
        met = {kind: fault for kind, fault in self._active.items() if call in CALLS[fault.calls]}
        for kind, fault in met.items():
            if fault.times is not None:
                fault.times -= 1
                if not fault.times:
                    del self._active[kind]
        return met

    def _wear_off(self) -> None:
        blind = self._active.get("blind")
        if blind and blind.value and self._engine.now_ms() >= blind.since_ms + blind.value * 1000:
            del self._active["blind"]


def _too_many(seconds: int) -> web.Response:
    return web.json_response({"error": "ERR_RATE_LIMIT"}, status=429, headers={"Retry-After": str(seconds)})


def _spoiled(request: web.Request, kind: str, value: int) -> web.Response:
    if kind.startswith("lost"):
        return _hang_up(request)
    if kind.startswith("html"):
        return web.Response(text=PAGE, content_type="text/html")
    if kind == "empty":
        return web.Response(body=b"", content_type="application/json")
    return web.Response(status=value, text=PAGE, content_type="text/html")


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _cut(request: web.Request, whole: web.Response) -> web.StreamResponse:
    body = whole.body if isinstance(whole.body, bytes) else b""
    response = web.StreamResponse(status=whole.status, headers={"Content-Length": str(len(body))})
    response.content_type = "application/json"
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    _hang_up(request)
    return response
