"""TelegramStandIn: the server, and what tests and the sandbox ask of it."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import web

from bot.sandbox.telegram import wire
from bot.sandbox.telegram.about import tell_membership
from bot.sandbox.telegram.bots import Bot
from bot.sandbox.telegram.calls import Calls, Logged
from bot.sandbox.telegram.desk import Desk
from bot.sandbox.telegram.front import Front, cut
from bot.sandbox.telegram.history import History
from bot.sandbox.telegram.limits import Rates
from bot.sandbox.telegram.people import Group
from bot.sandbox.telegram.person import Person
from bot.sandbox.telegram.refusals import Refusal
from bot.sandbox.telegram.state import Telegram
from bot.sandbox.telegram.webhook import Webhooks

Json = dict[str, Any]
_BACKLOG = 1024
_LAST_WORDS_S = 0.5


class Switchboard(Protocol):
    """Another server of the sandbox whose switches the page shows."""

    name: str

    def switches(self) -> list[Json]: ...
    async def flip(self, switch_id: str, value: Any) -> None: ...


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
    url: str = ""

    def __post_init__(self) -> None:
        self.tg = Telegram(history=History(record=self.record), rates=Rates(on=self.rates))
        self.webhooks = Webhooks(self.tg, self.webhook_backoff_s)
        self.calls = Calls(self.tg, self.webhooks, self.delays)
        self._desk = Desk(self)
        self._people: dict[int, Person] = {}
        self._server: web.Server | None = None
        self._fronts: set[Front] = set()
        self._listener: asyncio.Server | None = None
        for token in self.tokens:
            self.add_bot(token)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """The root address. Raises ValueError for an address other machines could reach."""
        if host not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("the stand-in listens on loopback only")
        server = self._server = web.Server(self._handle, access_log=None)
        self._listener = await asyncio.get_running_loop().create_server(
            lambda: Front(self.calls, server, self._fronts), host, port, backlog=_BACKLOG
        )
        self.url = f"http://{host}:{self._listener.sockets[0].getsockname()[1]}"
        return self.url

    async def stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
        self._desk.close()
        for bot in self.tg.bots.values():
            bot.updates.break_off("the server is going down")
        await self.webhooks.close()
        for front in list(self._fronts):
            front.abort()
        if self._server is not None:
            await self._server.shutdown(_LAST_WORDS_S)

    # What tests and the sandbox ask of it.

    def add_bot(self, token: str, username: str | None = None, first_name: str | None = None) -> Bot:
        return self.tg.add_bot(token, username, first_name)

    def worlds_moved(self) -> None:
        """A world changed by itself: pages that are open show its switches as they are now."""
        self._desk.redraw()

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
        after = self.calls.n if since is None else since

        def look() -> Logged | None:
            return next((c for c in self.calls.log if c.n > after and c.method.lower() == method.lower()), None)

        return await self.tg.feed.until(look, timeout_s)

    @property
    def requests(self) -> deque[Logged]:
        """The newest 2,000 calls, newest last."""
        return self.calls.log

    @property
    def last_call(self) -> int:
        """The number of the newest call; for `until_called(since=…)`."""
        return self.calls.n

    # What the fast front leaves to aiohttp: uploads, files, the desk, the page.

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/bot"):
            return await self._called(request, path[4:])
        if path.startswith("/file/bot"):
            return self._file(path[9:])
        return await self._desk.handle(request)

    async def _called(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        try:
            params, uploads = await wire.read(request)
        except Refusal as refusal:
            return _response(self.calls.unreadable(path, refusal))
        answer = await self.calls.answer(path, params, uploads)
        if answer.cut is not None:
            cut(request.transport, answer)
        return _response(answer)

    def _file(self, path: str) -> web.Response:
        token, _, rest = path.partition("/")
        stored = self.tg.files.at(rest) if token in self.tg.bots else None
        if stored is None:
            return _response(wire.refused(Refusal(404, "Not Found")))
        return web.Response(body=stored.data, content_type="application/octet-stream")


def _response(answer: wire.Answer) -> web.Response:
    return web.Response(body=answer.body, status=answer.status, headers=answer.headers, content_type=answer.type)
