"""TelegramStandIn: the HTTP server, from the socket to a method and back, faults included."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote

import orjson
from aiohttp import web

from bot.sandbox.telegram import wire
from bot.sandbox.telegram.about import tell_membership
from bot.sandbox.telegram.bots import Bot
from bot.sandbox.telegram.desk import Desk
from bot.sandbox.telegram.faults import Fault
from bot.sandbox.telegram.history import History
from bot.sandbox.telegram.limits import Rates
from bot.sandbox.telegram.methods import METHODS
from bot.sandbox.telegram.people import Group
from bot.sandbox.telegram.person import Person
from bot.sandbox.telegram.refusals import Refusal, conflict, forbidden, too_many
from bot.sandbox.telegram.state import Telegram
from bot.sandbox.telegram.webhook import Webhooks

Json = dict[str, Any]
_MOST_LOGGED = 2_000
_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_PORTAL = "<html><body>Sign in to the network</body></html>"
_WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


class Switchboard(Protocol):
    """Another server of the sandbox whose switches the page shows."""

    name: str

    def switches(self) -> list[Json]: ...
    async def flip(self, switch_id: str, value: Any) -> None: ...


@dataclass(slots=True, frozen=True)
class Logged:
    """One call that was made; `status` is 0 where the connection was cut."""

    n: int
    at: float
    bot: str
    method: str
    params: Json
    status: int
    description: str = ""


@dataclass(eq=False)
class TelegramStandIn:
    """A Telegram of one's own on loopback.

    `delays` holds seconds before an answer by method in lower case, `*` for every method but getUpdates.
    Without `record` no messages are kept (for load).
    """

    tokens: Iterable[str] = ()
    record: bool = True
    rates: bool = False
    webhook_backoff_s: float = 1.0
    delays: dict[str, float] = field(default_factory=dict)
    tg: Telegram = field(init=False)
    webhooks: Webhooks = field(init=False)
    worlds: list[Switchboard] = field(default_factory=list)
    requests: deque[Logged] = field(default_factory=lambda: deque(maxlen=_MOST_LOGGED))
    calls: Counter[str] = field(default_factory=Counter)
    refusals: Counter[int] = field(default_factory=Counter)
    url: str = ""

    def __post_init__(self) -> None:
        self.tg = Telegram(history=History(record=self.record), rates=Rates(on=self.rates))
        self.webhooks = Webhooks(self.tg, self.webhook_backoff_s)
        self._desk = Desk(self)
        self._people: dict[int, Person] = {}
        self._runner: web.ServerRunner | None = None
        self._n = 0
        for token in self.tokens:
            self.add_bot(token)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """The root address. Raises ValueError for an address other machines could reach."""
        if host not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("the stand-in listens on loopback only")
        runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.5)
        await runner.setup()
        site = web.TCPSite(runner, host, port, backlog=1024)
        await site.start()
        self._runner = runner
        self.url = f"http://{host}:{runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        self._desk.close()
        for bot in self.tg.bots.values():
            bot.updates.break_off("the server is going down")
        await self.webhooks.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # What tests and the sandbox ask of it.

    def add_bot(self, token: str, username: str | None = None, first_name: str | None = None) -> Bot:
        return self.tg.add_bot(token, username, first_name)

    def bot(self, which: Any = None) -> Bot:
        return self.tg.find_bot(which)

    def person(self, who: int | str) -> Person:
        """By id or username; the same object each time. Raises ValueError."""
        user = self.tg.world.find_person(who)
        return self._people.setdefault(user.id, Person(self.tg, user))

    def add_group(
        self, title: str, members: Iterable[int | str], bots: Iterable[Any] = (None,), *, group_id: int | None = None
    ) -> Group:
        """A group with the bots in it; they get my_chat_member. The first member owns it. Raises ValueError."""
        people = [self.tg.world.find_person(who) for who in members]
        inside = [self.tg.find_bot(which) for which in bots]
        group = self.tg.world.add_group(
            title, [user.id for user in people], [bot.id for bot in inside], group_id=group_id
        )
        for bot in inside:
            tell_membership(self.tg, bot, group, people[0].wire if people else bot.wire, "left", "member")
        self.tg.feed.publish("chats")
        return group

    def upgrade(self, group_id: int) -> Group:
        """The group becomes a supergroup; both chats get the service message Telegram puts there. Raises ValueError."""
        old = self.tg.world.groups.get(group_id)
        if old is None:
            raise ValueError(f"there is no group {group_id}")
        new = self.tg.world.upgrade(old)
        owner = next((self.tg.world.people[who].wire for who in sorted(old.admins & old.members)), None)
        for bot in (bot for bot in self.tg.bots.values() if bot.id in new.bots):
            for chat, notice in ((old, {"migrate_to_chat_id": new.id}), (new, {"migrate_from_chat_id": old.id})):
                entry = self.tg.post(bot, chat, owner or bot.wire, dict(notice))
                bot.updates.put("message", entry.wire, chat.id)
        self.tg.feed.publish("chats")
        return new

    def inject(self, update: Json, *, bot: Any = None) -> int:
        """Queues a raw update, by default under the next id; whoever is in it comes into being. Raises ValueError."""
        found = self.tg.find_bot(bot)
        raw = {"update_id": found.updates.last_id + 1, **update}
        return found.updates.put_raw(raw, self.tg.acquaint(found, raw))

    def redeliver(self, update_id: int, *, bot: Any = None) -> None:
        self.tg.find_bot(bot).updates.again(update_id)

    def pending(self, bot: Any = None) -> int:
        """Updates that wait for confirmation; by token, id or username."""
        return self.webhooks.pending(self.tg.find_bot(bot))

    def down(self, down: bool = True) -> None:  # noqa: FBT001, FBT002 - a switch
        """While down, every call of the Bot API ends in a closed connection, the parked ones too."""
        self.tg.faults.down = down
        if down:
            for bot in self.tg.bots.values():
                bot.updates.break_off("the server is going down")
        self.tg.feed.publish("faults")

    async def until_called(self, method: str, *, since: int | None = None, timeout_s: float = 5) -> Logged:
        """The next call of a method after the call number `since` (default: from now). Raises TimeoutError."""
        after = self._n if since is None else since

        def look() -> Logged | None:
            return next((c for c in self.requests if c.n > after and c.method.lower() == method.lower()), None)

        return await self.tg.feed.until(look, timeout_s)

    @property
    def last_call(self) -> int:
        """The number of the newest call; for `until_called(since=…)`."""
        return self._n

    # From the socket to a method and back.

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/bot"):
            return await self._called(request, path[4:])
        if path.startswith("/file/bot"):
            return self._file(path[9:])
        return await self._desk.handle(request)

    async def _called(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        if self.tg.faults.down:
            return _cut(request)
        token, _, method = unquote(path).partition("/")
        bot = self.tg.bots.get(token)
        if bot is None:
            return _unknown(token)
        self.calls[method] += 1
        try:
            params, uploads = await wire.read(request)
        except Refusal as refusal:
            return self._log(bot, method, {}, wire.refused(refusal), refusal.description)
        return await self._carried_out(request, wire.Call(bot, method, params, uploads))

    async def _carried_out(self, request: web.BaseRequest, call: wire.Call) -> web.StreamResponse:
        method, faults = call.method.lower(), self.tg.faults
        fault = faults.take(method, call.bot.id, call.get("chat_id")) if faults.active else None
        if fault is not None and not fault.executed:
            return await self._spoil(request, call, fault, None)
        answer, description = await self._answer(call)
        await self._delay(method)
        if fault is not None:
            return await self._spoil(request, call, fault, answer)
        if faults.down:
            return _cut(request)
        return self._log(call.bot, call.method, call.params, answer, description)

    async def _answer(self, call: wire.Call) -> tuple[web.Response, str]:
        try:
            return await self._run(call), ""
        except Refusal as refusal:
            self.refusals[refusal.code] += 1
            return wire.refused(refusal), refusal.description

    async def _run(self, call: wire.Call) -> web.Response:
        name = call.method.lower()
        method = METHODS.get(name)
        if method is not None:
            return wire.fine(method(self.tg, call))
        if name == "getupdates":
            return web.Response(
                body=b'{"ok":true,"result":' + await self._poll(call) + b"}", content_type="application/json"
            )
        if name == "setwebhook":
            return wire.fine(await self.webhooks.set(call))
        if name == "deletewebhook":
            return wire.fine(await self.webhooks.delete(call))
        if name == "getwebhookinfo":
            return wire.fine(self.webhooks.info(call))
        raise Refusal(404, "Not Found")

    async def _poll(self, call: wire.Call) -> bytes:
        if call.bot.id in self.webhooks.deliveries:
            raise conflict(_WEBHOOK_ACTIVE)
        allowed = call.decoded("allowed_updates")
        if isinstance(allowed, list):
            call.bot.updates.allow(map(str, allowed))
        limit = min(max(call.integer("limit", 100), 1), 100)
        return await call.bot.updates.poll(call.integer("offset"), limit, max(call.integer("timeout"), 0))

    async def _delay(self, method: str) -> None:
        if not self.delays:
            return
        delay_s = self.delays.get(method, 0.0 if method == "getupdates" else self.delays.get("*", 0.0))
        if delay_s > 0:
            await asyncio.sleep(delay_s)

    async def _spoil(
        self, request: web.BaseRequest, call: wire.Call, fault: Fault, answer: web.Response | None
    ) -> web.StreamResponse:
        """What a fault makes of an answer; `answer` None where the call has had no effect."""
        kind = fault.kind
        if kind in ("lost", "refused"):
            self._log(call.bot, call.method, call.params, None, kind)
            return _cut(request)
        if kind == "cut":
            self._log(call.bot, call.method, call.params, None, kind)
            return _cut(
                request,
                answer.body if answer is not None and isinstance(answer.body, bytes) else b'{"ok":true,"result":{"mess',
            )
        if kind == "slow":
            await asyncio.sleep(fault.delay_s)
            answer = answer or (await self._answer(call))[0]
        elif kind == "502":
            answer = web.Response(status=502, text=_GATEWAY, content_type="text/html")
        elif kind == "html":
            answer = web.Response(status=200, text=_PORTAL, content_type="text/html")
        else:
            answer = wire.refused(_refusal(fault))
        return self._log(call.bot, call.method, call.params, answer, f"fault {kind}")

    def _log(self, bot: Bot, method: str, params: Json, answer: web.Response | None, description: str) -> web.Response:
        self._n += 1
        status = answer.status if answer is not None else 0
        self.requests.append(Logged(self._n, self.tg.clock.now(), bot.username, method, params, status, description))
        self.tg.feed.stir()
        return answer if answer is not None else web.Response()

    def _file(self, path: str) -> web.Response:
        token, _, rest = unquote(path).partition("/")
        stored = self.tg.files.at(rest) if token in self.tg.bots else None
        if stored is None:
            return wire.refused(Refusal(404, "Not Found"))
        return web.Response(body=stored.data, content_type="application/octet-stream")


def _unknown(token: str) -> web.Response:
    number, _, secret = token.partition(":")
    return wire.refused(Refusal(401, "Unauthorized") if number.isdigit() and secret else Refusal(404, "Not Found"))


def _refusal(fault: Fault) -> Refusal:
    if fault.kind == "retry_after":
        return too_many(fault.retry_after)
    if fault.kind == "blocked":
        return forbidden("bot was blocked by the user")
    return Refusal(401, "Unauthorized") if fault.kind == "unauthorized" else Refusal(500, "Internal Server Error")


def _cut(request: web.BaseRequest, half_of: bytes = b"") -> web.Response:
    """Closes the connection, after half an answer where there is one; what is returned reaches nobody."""
    transport = request.transport
    if transport is not None:
        if half_of:
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(half_of)}\r\n\r\n"
            transport.write(head.encode() + half_of[: max(1, len(half_of) // 2)])
            transport.close()
        else:
            transport.abort()
    return web.Response(body=orjson.dumps({"ok": False}))
