"""The Binance stand-in: routes, keys and signatures, weights, and the faults on the way."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import orjson
from aiohttp import web

from bot.sandbox.exchange.accounts import Key, Login
from bot.sandbox.exchange.binance.asked import BAD_KEY, Asked, Raw, check_signature, check_time, known_key
from bot.sandbox.exchange.binance.futures import Futures
from bot.sandbox.exchange.binance.private import Private
from bot.sandbox.exchange.binance.public import Public
from bot.sandbox.exchange.binance.refusals import Refusal, refusal
from bot.sandbox.exchange.binance.routes import Route, routes
from bot.sandbox.exchange.binance.wallets import Wallets
from bot.sandbox.exchange.binance.weights import SPOT_LIMIT, Weights, too_much
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.faults import Faults
from bot.sandbox.exchange.orders import Refused
from bot.sandbox.exchange.pulse import Pulse
from bot.sandbox.listener import Listener

REMEMBERED_REQUESTS = 1_000
NOT_FOUND = "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center></body></html>"


class Seen(NamedTuple):
    """One request as it came, without its signature."""

    at_ms: int
    method: str
    path: str
    params: Mapping[str, str]


class BinanceStandIn:
    """Binance on loopback over one engine. `calls` counts by method and path, `requests` holds the latest.

    `rates`: refuse who asks too much, as the real one does; else weights are only counted.
    """

    name = "binance"

    def __init__(self, engine: Engine, *, rates: bool = False) -> None:
        self.engine = engine
        self.faults = Faults(engine, limited=_limited)
        self.weights = Weights(enforced=rates)
        self.calls: Counter[str] = Counter()
        self.requests: deque[Seen] = deque(maxlen=REMEMBERED_REQUESTS)
        self.url = ""
        self._listener = Listener()
        self._pulse = Pulse(engine)

    def add_account(self, name: str, **rights: Any) -> Login:
        """See Engine.add_account."""
        return self.engine.add_account(name, **rights)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """See Listener.start."""
        self.url = await self._listener.start(self._app(), host, port)
        self._pulse.start()
        return self.url

    async def stop(self) -> None:
        """See Listener.stop."""
        await self._pulse.stop()
        await self._listener.stop()

    def _app(self) -> web.Application:
        public, wallets = Public(self.engine, self.faults), Wallets(self.engine)
        spot, margin = (Private(self.engine, public, wallet) for wallet in ("spot", "margin"))
        app = web.Application()
        for route in routes(public, spot, margin, wallets, Futures(self.engine, self.faults)):
            app.router.add_route(route.method, route.path, self._handler(route))
        app.router.add_route("*", "/{tail:.*}", _nowhere)
        return app

    def _handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            raw = Raw(request.raw_path.partition("?")[2].encode("utf-8", "surrogateescape"), await request.read())
            self._note(route, raw)
            return await self.faults.through(request, route.call, lambda: self._answered(route, raw, request))

        return handle

    def _note(self, route: Route, raw: Raw) -> None:
        self.calls[f"{route.method} {route.path}"] += 1
        params = {name: value for name, value in raw.pairs() if name != "signature"}
        self.requests.append(Seen(self.engine.now_ms(), route.method, route.path, params))

    def _answered(self, route: Route, raw: Raw, request: web.Request) -> web.Response | Awaitable[web.Response]:
        headers: dict[str, str] = {}
        try:
            asked = self._admitted(route, raw, request, headers)
            if route.slow:
                return self._drawn(route, asked, headers)
            return _json(route.handler(asked), headers=headers)
        except Refused as refused:
            return _refused(refusal(refused), headers)
        except Refusal as refused:
            return _refused(refused, headers)

    def _admitted(self, route: Route, raw: Raw, request: web.Request, headers: dict[str, str]) -> Asked:
        """The request, if all that is checked before anything is done is right."""
        now, given, key = self.faults.now_ms(), dict(raw.pairs()), None
        address = request.remote or ""
        headers.update(self.weights.spend(route.family, address, route.weight(given), now))
        if route.rights != "none":
            key = known_key(self.engine.keys, request.headers.get("X-MBX-APIKEY"), address, now)
        asked = Asked(raw.pairs(), key)
        if key is not None and route.rights in {"read", "trade"}:
            check_signature(key, raw)
            check_time(asked, now)
            _check_rights(key, route)
        asked.allow_only(route.takes)
        if route.call == "place" and key is not None:
            headers.update(self.weights.order(key.account.name, now))
        return asked

    async def _drawn(self, route: Route, asked: Asked, headers: Mapping[str, str]) -> web.Response:
        try:
            return _json(await asyncio.to_thread(route.handler, asked), headers=headers)
        except Refused as refused:
            return _refused(refusal(refused), headers)
        except Refusal as refused:
            return _refused(refused, headers)


def _limited(seconds: int) -> web.Response:
    return _refused(too_much(SPOT_LIMIT, seconds, {"X-MBX-USED-WEIGHT-1M": str(SPOT_LIMIT + 1)}), {})


async def _nowhere(request: web.Request) -> web.Response:
    del request
    return web.Response(status=404, text=NOT_FOUND, content_type="text/html")


def _check_rights(key: Key, route: Route) -> None:
    if not (key.trade if route.rights == "trade" else key.read):
        raise BAD_KEY


def _json(payload: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(
        body=orjson.dumps(payload), status=status, headers=headers, content_type="application/json", charset="utf-8"
    )


def _refused(refused: Refusal, headers: Mapping[str, str]) -> web.Response:
    return _json({"code": refused.code, "msg": refused.message}, refused.status, {**headers, **refused.headers})
