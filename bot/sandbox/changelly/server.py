"""The Changelly stand-in on loopback: three dialects over one engine, each signature checked over the raw body."""

import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from aiohttp import web

from bot.sandbox.changelly import rest, rpc
from bot.sandbox.changelly.accounts import RATE_LIMIT, Account, Accounts, Login, Stranger
from bot.sandbox.changelly.engine import Engine
from bot.sandbox.changelly.problems import Problem, rate_limit
from bot.sandbox.changelly.rest import Rest, Way
from bot.sandbox.changelly.rows import Dialect
from bot.sandbox.changelly.rpc import Rpc, Version
from bot.sandbox.changelly.transactions import Transaction
from bot.sandbox.exchange.faults import Call, Faults
from bot.sandbox.listener import Listener
from bot.sandbox.market import Market

REMEMBERED_REQUESTS = 1_000
LARGEST_BODY = 65_536
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Admission = Callable[[Mapping[str, str], bytes], Account]


class Seen(NamedTuple):
    """One request as it came; `method` is the one of JSON-RPC, or verb and path."""

    at: float
    dialect: Dialect
    method: str
    body: bytes


class ChangellyStandIn:
    """Changelly on loopback. `calls` counts by method (rest: by verb and path), `requests` holds the latest.

    `rates`: whether more than ten calls a second of one partner are refused.
    """

    name = "changelly"

    def __init__(self, market: Market, *, rates: bool = False, clock: Callable[[], float] = time.time) -> None:
        self.engine = Engine(market, clock)
        self.accounts = Accounts()
        self.faults = Faults(self.engine)
        self.rest = Rest(self.engine)
        self.calls: Counter[str] = Counter()
        self.requests: deque[Seen] = deque(maxlen=REMEMBERED_REQUESTS)
        self.url = ""
        self._rates = rates
        self._listener = Listener()

    def add_account(self, name: str, private_key: str = "", pair: tuple[str, str] = ("", "")) -> Login:
        """A partner with credentials for all dialects, fresh where none are given; making a private key takes about
        80 ms.
        """
        return self.accounts.add(name, private_key, pair)

    @property
    def transactions(self) -> dict[str, Transaction]:
        """All of all partners by id, oldest first; not brought up to date by looking."""
        return self.engine.transactions

    def pay(self, ident: str, amount: Decimal | str | None = None) -> Transaction:
        """The deposit comes, of the expected amount if none is given. KeyError for an unknown id.

        Returns the swap it counts for: another one where this was already paid.
        """
        swap = self.transactions[ident]
        paid = swap.expected_from if amount is None else Decimal(amount)
        return self.engine.progress.pay(swap, paid, self.engine.now())

    def move(self, ident: str, status: str, *, goes_on: bool = False) -> None:
        """To this status, any word; there it stays, unless it `goes_on` along the usual way."""
        self.engine.progress.move(self.transactions[ident], status, self.engine.now(), goes_on=goes_on)

    def let_pass(self, ident: str) -> None:
        """The deadline of an unpaid swap is over: overdue or expired."""
        self.engine.progress.let_pass(self.transactions[ident], self.engine.now())

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """See Listener.start."""
        self.url = await self._listener.start(self._app(), host, port)
        return self.url

    async def stop(self) -> None:
        """See Listener.stop."""
        await self._listener.stop()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_post("/", self._rpc("v1", self.accounts.v1))
        app.router.add_post("/v2{slash:/?}", self._rpc("v2", self.accounts.v2))
        for way in self.rest.ways():
            app.router.add_route(way.method, way.path, self._rest(way))
        app.router.add_get("/", _unauthorized)
        app.router.add_route("*", "/{tail:.*}", _nowhere)
        return app

    def _rpc(self, version: Version, admitted: Admission) -> Handler:
        dialect = Rpc(self.engine, version)

        async def handle(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            asked = _envelope(body)
            method = rpc.method_of(asked)
            self._met(version, method if dialect.knows(method) else "(unknown)", body)
            limited = rpc.refused(rpc.ident_of(asked), rate_limit(RATE_LIMIT))

            def answer() -> web.Response:
                try:
                    account = admitted(request.headers, body)
                except Stranger:
                    return web.Response(status=401, text="Unauthorized")
                if self._too_often(account):
                    return limited
                if isinstance(asked, Problem):
                    return rpc.refused(None, asked)
                return dialect.answer(account.name, asked)

            return await self.faults.through(request, _call(method), answer, lambda _: limited)

        return handle

    def _rest(self, way: Way) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            self._met("rest", f"{way.method} {way.path}", body)
            limited = rest.refused(429, rate_limit(RATE_LIMIT).message)

            def answer() -> web.Response:
                try:
                    account = self.accounts.rest(request.headers, body)
                except Stranger as stranger:
                    return self.rest.turned_away(stranger)
                if self._too_often(account):
                    return limited
                return self.rest.answer(way, account.name, body, request.match_info)

            return await self.faults.through(request, way.call, answer, lambda _: limited)

        return handle

    def _too_often(self, account: Account) -> bool:
        return self._rates and account.too_often(time.monotonic())

    def _met(self, dialect: Dialect, method: str, body: bytes) -> None:
        self.calls[method] += 1
        self.requests.append(Seen(self.engine.now(), dialect, method, body))


def _envelope(body: bytes) -> Any:
    """What was sent, or the Problem with it: said only to those who may know."""
    try:
        return rpc.read(body)
    except Problem as problem:
        return problem


def _call(method: str) -> Call:
    if method in rpc.CREATIONS:
        return "place"
    return "private" if method in rpc.LOOKUPS else "public"


async def _unauthorized(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(status=401, text="Unauthorized")


async def _nowhere(request: web.Request) -> web.Response:
    await request.read()
    return rest.refused(404, "no such endpoint")
