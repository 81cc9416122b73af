"""The CoinCodex stand-in: routes, the vendor's manners, and the faults on the way."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from aiohttp import web

from bot.sandbox.coincodex.answers import Answers
from bot.sandbox.coincodex.faults import Faults, reshaped
from bot.sandbox.coincodex.wire import Refusal, encode
from bot.sandbox.listener import Listener
from bot.sandbox.market import Market

REMEMBERED_REQUESTS = 500
REMEMBERED_BODIES = 128
CHUNK = b"[1367107200,135.3,1486240000]," * 2_000
CHALLENGE = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
    "<body><h1>Checking your browser</h1><p>Enable JavaScript and cookies to continue.</p></body></html>"
)


class Asked(NamedTuple):
    """One request as it came."""

    at: int
    path: str
    query: Mapping[str, str]
    user_agent: str


class CoinCodexStandIn:
    """CoinCodex on loopback over one market. `calls` counts by path, `requests` holds the latest."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.faults = Faults()
        self.answers = Answers(market)
        self.calls: Counter[str] = Counter()
        self.requests: deque[Asked] = deque(maxlen=REMEMBERED_REQUESTS)
        self.url = ""
        self._listener = Listener()
        self._bodies: dict[str, bytes] = {}
        self._bodies_of: tuple[int, int, str] = (0, 0, "")
        # One answer is drawn at a time, so that equal questions in one second are drawn once.
        self._drawing = asyncio.Lock()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """See Listener.start."""
        self.url = await self._listener.start(self._app(), host, port)
        return self.url

    async def stop(self) -> None:
        """See Listener.stop."""
        await self._listener.stop()

    def _app(self) -> web.Application:
        app = web.Application()
        for path, answer in self._routes().items():
            app.router.add_get(path, self._handler(answer))
        app.router.add_get("/{tail:.*}", self._handler(_nowhere))
        return app

    def _routes(self) -> dict[str, Callable[[Mapping[str, str]], Any]]:
        answers, old = self.answers, "/api/coincodex"
        return {
            "/api/v1/assets/get_charts": answers.charts,
            "/api/v1/assets/get_asset_list": answers.asset_list,
            "/api/v1/assets/get_asset": answers.asset,
            "/apps/coincodex/cache/all_coins.json": answers.all_coins,
            old + "/get_coin/{symbol}": answers.coin,
            old + "/get_coin_history/{symbol}/{from}/{to}": answers.coin_history,
            old + "/get_coin_history/{symbol}/{from}/{to}/{samples}": answers.coin_history,
            old + "/get_coin_marketcap/{symbol}/{from}/{to}/{samples}": answers.total_history,
            old + "/get_firstpage_history/{days}/{samples}/{coins_limit}": answers.first_page_history,
        }

    def _handler(self, answer: Callable[[Mapping[str, str]], Any]) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            self._note(request)
            if not request.headers.get("User-Agent", "").strip():
                return web.Response(status=403, text=CHALLENGE, content_type="text/html")
            faults = self.faults.take(request.path)
            if "slow" in faults:
                await asyncio.sleep(faults["slow"])
            spoiled = await self._spoiled(request, faults)
            return await self._answered(request, answer, faults) if spoiled is None else spoiled

        return handle

    def _note(self, request: web.Request) -> None:
        # By the route's own path where there is one, so that nobody's typing makes the counter grow.
        resource = request.match_info.route.resource
        self.calls["(elsewhere)" if resource is None or "tail" in request.match_info else resource.canonical] += 1
        agent = request.headers.get("User-Agent", "")
        self.requests.append(Asked(self.market.now(), request.path, dict(request.query), agent))

    async def _spoiled(self, request: web.Request, faults: Mapping[str, int]) -> web.StreamResponse | None:
        """The answer that a fault gives instead of the true one."""
        if "down" in faults:
            return _hang_up(request)
        if "limited" in faults:
            return _refusal(429, "too many requests", {"Retry-After": str(faults["limited"])})
        for kind in ("error", "legacy"):
            if kind in faults:
                return _refusal(faults[kind], "internal error")
        if "html" in faults:
            return web.Response(text=CHALLENGE, content_type="text/html")
        if "empty" in faults:
            return web.Response(body=b"", content_type="application/json")
        return await _huge(request, faults["huge"]) if "huge" in faults else None

    async def _answered(
        self, request: web.Request, answer: Callable[[Mapping[str, str]], Any], faults: Mapping[str, int]
    ) -> web.StreamResponse:
        try:
            body = await self._body(request, answer, faults)
        except Refusal as refusal:
            return _refusal(refusal.status, refusal.message)
        if "torn" in faults:
            return await _torn(request, body)
        if "cut" in faults:
            body = body[: len(body) // 2]
        return web.Response(body=body, content_type="application/json", headers={"Access-Control-Allow-Origin": "*"})

    async def _body(
        self, request: web.Request, answer: Callable[[Mapping[str, str]], Any], faults: Mapping[str, int]
    ) -> bytes:
        ask = {**request.query, **request.match_info}
        ask.pop("t", None)
        key = repr((request.path, sorted(ask.items()), sorted(faults.items())))
        async with self._drawing:
            self._forget_past()
            body = self._bodies.get(key)
            if body is None:
                body = await asyncio.to_thread(lambda: encode(reshaped(answer(ask), faults, self.answers.columns(ask))))
                if len(self._bodies) < REMEMBERED_BODIES:
                    self._bodies[key] = body
        return body

    def _forget_past(self) -> None:
        moment = (self.market.now(), self.market.version, self.answers.total_price)
        if moment != self._bodies_of:
            self._bodies.clear()
            self._bodies_of = moment


def _nowhere(ask: Mapping[str, str]) -> Any:
    raise Refusal(404, f"no such endpoint: /{ask.get('tail', '')[:100]}")


def _refusal(status: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response({"message": message}, status=status, headers=headers)


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _torn(request: web.Request, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    _hang_up(request)
    return response


async def _huge(request: web.Request, megabytes: int) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    # A reader that has had enough hangs up; that is the point.
    with suppress(ConnectionError):
        await response.write(b'{"BTC":{"1D":[')
        for _ in range(megabytes * 1_000_000 // len(CHUNK)):
            await response.write(CHUNK)
        await response.write(b"[1367107200,135.3,1486240000]]}}")
        await response.write_eof()
    return response
