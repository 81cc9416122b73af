"""The Bitfinex stand-in on loopback: routes, who may call them, and the faults on the way."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from aiohttp import web

from bot.sandbox.exchange.accounts import Login
from bot.sandbox.exchange.bitfinex.login import admitted, may
from bot.sandbox.exchange.bitfinex.private import Private
from bot.sandbox.exchange.bitfinex.public import Public
from bot.sandbox.exchange.bitfinex.rates import TOO_OFTEN, Rates
from bot.sandbox.exchange.bitfinex.trading import Trading
from bot.sandbox.exchange.bitfinex.wire import Complaint, answered, asked, refused
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.faults import Call, Faults
from bot.sandbox.exchange.pulse import Pulse
from bot.sandbox.listener import Listener

REMEMBERED_REQUESTS = 1_000
LARGEST_BODY = 65_536
USUAL_RATE = 90
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Route(NamedTuple):
    """A path and what answers it. `rate`: calls a minute from one address, as the vendor documents them.

    `slow`: answered beside the loop, which it may since it changes nothing.
    """

    path: str
    answer: Callable[..., Any]
    call: Call = "private"
    rate: int = USUAL_RATE
    slow: bool = False


class Seen(NamedTuple):
    """One request as it came."""

    at_ms: int
    method: str
    path: str
    body: bytes


class BitfinexStandIn:
    """Bitfinex's second API over one engine. `calls` counts by method and path, `requests` holds the latest.

    `rates`: whether those who ask too often are sent away.
    """

    name = "bitfinex"

    def __init__(self, engine: Engine, *, rates: bool = False) -> None:
        self.engine = engine
        self.faults = Faults(engine, limited=lambda _: refused(TOO_OFTEN))
        self.calls: Counter[str] = Counter()
        self.requests: deque[Seen] = deque(maxlen=REMEMBERED_REQUESTS)
        self.url = ""
        self._public = Public(engine)
        self._private = Private(engine)
        self._trading = Trading(engine, self.faults.now_ms)
        self._rates = Rates(engine.now_ms) if rates else None
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
        app = web.Application(client_max_size=LARGEST_BODY)
        for route in self._seen_by_all():
            app.router.add_get("/v2/" + route.path, self._open(route))
        for route in self._for_owners():
            app.router.add_post("/v2/auth/" + route.path, self._guarded(route))
        app.router.add_route("*", "/{tail:.*}", _nowhere)
        return app

    def _seen_by_all(self) -> list[Route]:
        public = self._public
        return [
            Route("platform/status", public.status, rate=30),
            Route("conf/{config}", public.conf),
            Route("tickers", public.tickers),
            Route("ticker/{symbol}", public.ticker),
            Route("candles/{key}/{section}", public.candles, rate=30, slow=True),
            Route("trades/{symbol}/hist", public.trades, rate=15),
            Route("book/{symbol}/{precision}", public.book, rate=240),
        ]

    def _for_owners(self) -> list[Route]:
        private, trading = self._private, self._trading
        return [
            Route("r/permissions", private.permissions),
            Route("r/info/user", private.user),
            Route("r/wallets", private.wallets),
            Route("r/positions", private.positions),
            Route("r/orders", private.orders),
            Route("r/orders/hist", private.orders_history),
            Route("r/orders/{symbol}", private.orders),
            Route("r/orders/{symbol}/hist", private.orders_history),
            Route(r"r/order/{symbol:t[^/]+}:{id:\d+}/trades", private.order_trades),
            Route("r/trades/hist", private.trades),
            Route("r/trades/{symbol}/hist", private.trades),
            Route("w/order/submit", trading.submit, "place"),
            Route("w/order/cancel", trading.cancel, "cancel"),
            Route("w/order/cancel/multi", trading.cancel_multi, "cancel"),
        ]

    def _open(self, route: Route) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            said = self._met(request, route)
            ask = {**request.query, **request.match_info}

            def answer() -> web.Response | Awaitable[web.Response]:
                if route.slow and said is None:
                    return asyncio.to_thread(_said, route.answer, ask)
                return said or _said(route.answer, ask)

            return await self.faults.through(request, "public", answer)

        return handle

    def _guarded(self, route: Route) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            said = self._met(request, route, body)
            return await self.faults.through(
                request, route.call, lambda: said or _said(self._let_in, request, body, route)
            )

        return handle

    def _let_in(self, request: web.Request, body: bytes, route: Route) -> Any:
        key = admitted(self.engine, request.path, request.headers, body, came_from=request.remote or "")
        may(key, write=route.call != "private")
        return route.answer(key, {**asked(body), **request.match_info})

    def _met(self, request: web.Request, route: Route, body: bytes = b"") -> web.Response | None:
        """Noted and counted; an answer only for those who ask too often."""
        self.calls[f"{request.method} /v2/{route.path}"] += 1
        self.requests.append(Seen(self.engine.now_ms(), request.method, request.path_qs, body))
        if self._rates is None:
            return None
        try:
            self._rates.count(request.remote or "", route.path, route.rate)
        except Complaint as complaint:
            return refused(complaint)
        return None


def _said(answer: Callable[..., Any], *ask: Any) -> web.Response:
    try:
        return answered(answer(*ask))
    except Complaint as complaint:
        return refused(complaint)


async def _nowhere(request: web.Request) -> web.Response:
    await request.read()
    return refused(Complaint(10020, "path: invalid", 404))
