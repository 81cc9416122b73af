"""The desk: what the chat page, and tests or benches in another process, ask of the stand-in (JSON under /desk/api/).

Names. `person` is an id (1001) or a username ("alice"). `bot` is an id or username and may be left out: the first bot.
`chat` is the id that the *bot* sees, and may be left out: the person's private chat with the bot (the person's id).
A **message** is the Bot API's own Message object (`message_id, from, chat, date, edit_date, text, entities, caption,
caption_entities, photo, document, reply_markup, reply_to_message, via_bot, media_group_id …`; offsets in UTF-16 units)
and one field more, `desk`: `{"n": change number, "bot": id of the bot whose chat it is or null, "pinned": bool,
"reactions": ["👍"], "deleted": bool, "keyboard": a reply keyboard, where one came with it}`. A refusal is
`{"error": "plain words"}` with status 400, 403 (a page or a host name that is not this machine's), 404, 409 or 504.

    GET  /desk/api/state                      {bots: [bot], people: [person], chats: [chat], faults: n, down, rates,
                                               worlds: [names]}
           bot    {id, username, first_name}          person {id, first_name, username, language_code, admin}
           chat   {id, type, title, members: [ids], bots: [ids]}   (groups and supergroups; private chats are implied)
    GET  /desk/api/chats?person               [{chat: {…}, bot: id|null, title, last: message|null, blocked: bool}]
    GET  /desk/api/history?person&chat&bot&before&limit      {messages: [oldest … newest], more: bool}   limit <= 200
    GET  /desk/api/menu?person&chat&bot       {commands: [{command, description}], name, description, short_description}
    GET  /desk/api/file?id                    the bytes of a file_id (also file_unique_id); pictures with their type

    POST /desk/api/say      {person, text, chat?, bot?, reply_to?}           {update_id, message}
    POST /desk/api/press    {person, message_id, data | button | [row, column] as at, chat?, bot?}
                                                                             {update_id, query_id}, then event `answer`
           a button with a url is the page's to open; it cannot be pressed here
    POST /desk/api/inline   {person, query, offset?, chat?, bot?}            {query_id, results, next_offset, button}
           waits for the bot up to 10 s, then 504
    POST /desk/api/choose   {person, query_id, result_id, chat?, bot?}       {update_id|null, message}
    POST /desk/api/edit     {person, message_id, text, chat?, bot?}          {update_id, message}
    POST /desk/api/delete   {person, message_id, chat?, bot?}                {}    (bots are not told, as in Telegram)
    POST /desk/api/upload   multipart: person, kind = photo | document, file, caption?, chat?, bot?
                                                                             {update_id, message}
    POST /desk/api/block    {person, blocked: bool, bot?}                    {update_id}

    POST /desk/api/people   {first_name, id?, username?, language_code?, started?: bool}     person
    POST /desk/api/groups   {title, members: [person], bots?: [bot], id?}    chat
    POST /desk/api/upgrade  {chat}                                           chat     (group to supergroup, new id)
    POST /desk/api/bots     {token, username?, first_name?}                  bot

    GET  /desk/api/world                      [{name, switches: [{id, label, value, options,
                                               kind: toggle|choice|action|number}]}]
    POST /desk/api/world    {world: name, id, value}                         the same list again
    GET  /desk/api/faults                     {down: bool, faults: [{id, kind, method, bot, chat, times, …}],
                                               kinds: [{kind, label}]}
    POST /desk/api/faults   {kind, method?, bot?, chat?, times?, retry_after?, delay_s?, executed?} adds one;
                            {down: bool} · {remove: id} · {clear: true}      the same object again
    POST /desk/api/rates    {on?, chat_per_s?, chat_burst?, group_per_minute?, bulk_per_s?, reply_window_s?}     rates
    POST /desk/api/clock    {advance_s}                                      {now}
    POST /desk/api/inject   {updates: [raw], bot?} or {count, people: [ids] | how many, texts: [text], bot?, first_id?}
                                                                             {first, last, count}
    POST /desk/api/redeliver {update_id, bot?}                               {}
    GET  /desk/api/counters                   {now, sent, methods: {name: calls}, refusals: {code: n}, bots:
                                               {username: {queued, confirmed, last_update_id, polling, webhook}}}
    GET  /desk/api/requests?limit&method      [{n, at, bot, method, params, status, description}] newest last

    GET  /desk/api/stream?person              Server-Sent Events; without person: everything. Each is `data: {json}`
           with n, kind, chat, bot, person, and by kind
             message, edited  {message}                 deleted  {message_ids}
             typing           {action}                  answer   {query_id, text, show_alert, url}
             menu             {}  (ask /menu again)     pinned   {message_id, pinned: bool}
             reaction         {message_id, reactions}   chats    {}  (ask /state and /chats again)
             blocked          {blocked}                 world    {world}     faults {}
             lagged           {}  (events were dropped: ask for everything again)
           The first event is `hello {n}`. A comment line comes every 15 s to keep the connection.

Everything else under `/` is the page: files of `page/`, with `/` as `index.html`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import web
from yarl import URL

from bot.sandbox.telegram import offers, page, wire
from bot.sandbox.telegram.load import inject_many
from bot.sandbox.telegram.people import Group, User
from bot.sandbox.telegram.refusals import Refusal
from bot.sandbox.telegram.stream import Streams

if TYPE_CHECKING:
    from bot.sandbox.telegram.bots import Bot
    from bot.sandbox.telegram.history import Entry
    from bot.sandbox.telegram.person import Person
    from bot.sandbox.telegram.server import TelegramStandIn

Json = dict[str, Any]
_ROOT = "/desk/api/"
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_MOST_AT_ONCE = 200
_INLINE_WAIT_S = 10.0


class Desk:
    """Answers for the stand-in's people; everything it does is done through Person and the state."""

    def __init__(self, standin: TelegramStandIn) -> None:
        self.standin = standin
        self.tg = standin.tg
        self.streams = Streams(self.tg.feed)
        self._routes: dict[tuple[str, str], Callable[[Json], Awaitable[Any]]] = {
            ("GET" if name.startswith("get_") else "POST", name.partition("_")[2]): getattr(self, name)
            for name in dir(self)
            if name.startswith(("get_", "do_"))
        }

    def close(self) -> None:
        self.streams.close()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if not _from_here(request):
            return _failed(403, "The desk answers only to pages of this machine.")
        if not request.path.startswith(_ROOT):
            return page.serve(request.path)
        name = request.path.removeprefix(_ROOT).strip("/")
        try:
            return await self._answer(request, name)
        except (ValueError, KeyError, TypeError, Refusal, TimeoutError) as error:
            return _failed(*_said_of(error))

    async def _answer(self, request: web.BaseRequest, name: str) -> web.StreamResponse:
        asked: Json = dict(parse_qsl(request.query_string))
        if request.method == "GET" and name == "stream":
            return await self.streams.serve(request, self.who(asked).id if asked.get("person") else None)
        if request.method == "GET" and name == "file":
            return self._file(asked)
        route = self._routes.get((request.method, name))
        if route is None:
            return _failed(404, f"there is nothing at {request.method} {request.path}")
        if request.method == "POST":
            params, uploads = await wire.read(request)
            asked = params | {"uploads": uploads}
        return _fine(await route(asked))

    def who(self, asked: Json) -> Person:
        return self.standin.person(asked["person"])

    def _file(self, asked: Json) -> web.Response:
        stored = self.tg.files.get(str(asked["id"]))
        if stored is None:
            return _failed(404, "the file is not here any more")
        # Never as a page of this origin: what a bot sends is shown as a picture or saved.
        safe = (
            stored.type
            if stored.type in ("image/png", "image/jpeg", "image/gif", "image/webp")
            else "application/octet-stream"
        )
        return web.Response(body=stored.data, content_type=safe, headers={"X-Content-Type-Options": "nosniff"})

    # What can be asked.

    async def get_state(self, _: Json) -> Json:
        world = self.tg.world
        return {
            "bots": [_bot(bot) for bot in self.tg.bots.values()],
            "people": [_person(user) for user in list(world.people.values())[:_MOST_AT_ONCE]],
            "chats": [_group(group) for group in world.groups.values() if group.migrated_to is None],
            "faults": len(self.tg.faults.active),
            "down": self.tg.faults.down,
            "rates": self.tg.rates.settings(),
            "worlds": [board.name for board in self.standin.worlds],
        }

    async def get_chats(self, asked: Json) -> list[Json]:
        me, world = self.who(asked), self.tg.world
        places: list[tuple[Bot, User | Group]] = [(bot, me.user) for bot in self.tg.bots.values()]
        first = next(iter(self.tg.bots.values()), None)
        mine = [group for group in world.groups.values() if me.id in group.members and group.migrated_to is None]
        return [
            self._chat(me, bot, place) for bot, place in places + ([(first, group) for group in mine] if first else [])
        ]

    def _chat(self, me: Person, bot: Bot, place: User | Group) -> Json:
        conversation = self.tg.conversation(bot, place)
        last = next(reversed(conversation.entries.values()), None)
        private = isinstance(place, User)
        name = bot.menus.text("name", me.user.language_code or "") or bot.first_name
        return {
            "chat": place.private_chat() if isinstance(place, User) else _group(place),
            "bot": bot.id if private else None,
            "title": name if isinstance(place, User) else place.title,
            "last": conversation.shown(last) if last else None,
            "blocked": private and (bot.id, me.id) in self.tg.world.blocked,
        }

    async def get_history(self, asked: Json) -> Json:
        bot, place = self.who(asked).where(asked.get("chat"), asked.get("bot"))
        limit = min(max(int(asked.get("limit", 50)), 1), _MOST_AT_ONCE)
        before = int(asked["before"]) if asked.get("before") else None
        messages, more = self.tg.history.page(self.tg.key(bot, place), before, limit)
        return {"messages": messages, "more": more}

    async def get_menu(self, asked: Json) -> Json:
        me = self.who(asked)
        bot, place = me.where(asked.get("chat"), asked.get("bot"))
        language = me.user.language_code or ""
        texts = {kind: bot.menus.text(kind, language) for kind in ("name", "description", "short_description")}
        return texts | {"name": texts["name"] or bot.first_name, "commands": bot.menus.seen(place, me.user)}

    async def get_world(self, _: Json) -> list[Json]:
        return [{"name": board.name, "switches": board.switches()} for board in self.standin.worlds]

    async def get_faults(self, _: Json) -> Json:
        return self.tg.faults.wire()

    async def get_counters(self, _: Json) -> Json:
        standin = self.standin
        bots = {bot.username: self._queue(bot) for bot in self.tg.bots.values()}
        refusals = {str(code): count for code, count in standin.calls.refusals.items()}
        return {
            "now": self.tg.clock.now(),
            "sent": self.tg.sent,
            "methods": standin.calls.counts,
            "refusals": refusals,
            "bots": bots,
        }

    def _queue(self, bot: Bot) -> Json:
        updates = bot.updates
        return {
            "queued": self.standin.pending(bot.id),
            "confirmed": updates.confirmed,
            "last_update_id": updates.last_id,
            "polling": updates.polling,
            "webhook": bot.id in self.standin.webhooks.deliveries,
        }

    async def get_requests(self, asked: Json) -> list[Json]:
        wanted = str(asked.get("method", "")).lower()
        found = [asdict(call) for call in self.standin.requests if wanted in ("", call.method.lower())]
        return found[-max(int(asked.get("limit", 100)), 1) :]

    # What can be done.

    async def do_say(self, asked: Json) -> Json:
        me = self.who(asked)
        reply_to = int(asked["reply_to"]) if asked.get("reply_to") else None
        return self._said(me, asked, *me.say(str(asked["text"]), asked.get("chat"), asked.get("bot"), reply_to))

    async def do_edit(self, asked: Json) -> Json:
        me = self.who(asked)
        changed = me.change(int(asked["message_id"]), str(asked["text"]), asked.get("chat"), asked.get("bot"))
        return self._said(me, asked, *changed)

    async def do_upload(self, asked: Json) -> Json:
        me, file = self.who(asked), asked["uploads"]["file"]
        if asked["kind"] not in ("photo", "document"):
            raise ValueError("kind is photo or document")
        sent = me.upload(asked["kind"], file, str(asked.get("caption", "")), asked.get("chat"), asked.get("bot"))
        return self._said(me, asked, *sent)

    def _said(self, me: Person, asked: Json, update_id: int, entry: Entry) -> Json:
        bot, place = me.where(asked.get("chat"), asked.get("bot"))
        return {"update_id": update_id or None, "message": self.tg.conversation(bot, place).shown(entry)}

    async def do_press(self, asked: Json) -> Json:
        what = asked.get("data") or asked.get("button") or asked["at"]
        pressed = self.who(asked).press(int(asked["message_id"]), what, asked.get("chat"), bot=asked.get("bot"))
        return {"update_id": pressed.update_id, "query_id": pressed.query.id}

    async def do_inline(self, asked: Json) -> Json:
        offset = str(asked.get("offset", ""))
        offer = await self.who(asked).inline(
            str(asked["query"]), asked.get("chat"), bot=asked.get("bot"), offset=offset, timeout_s=_INLINE_WAIT_S
        )
        return offer.wire()

    async def do_choose(self, asked: Json) -> Json:
        me = self.who(asked)
        bot, _ = me.where(asked.get("chat"), asked.get("bot"))
        offer = offers.offered(bot, str(asked["query_id"]))
        return self._said(
            me, asked, *me.send_offer(offer, str(asked["result_id"]), asked.get("chat"), asked.get("bot"))
        )

    async def do_delete(self, asked: Json) -> Json:
        self.who(asked).delete(int(asked["message_id"]), asked.get("chat"), bot=asked.get("bot"))
        return {}

    async def do_block(self, asked: Json) -> Json:
        return {"update_id": self.who(asked).block(bot=asked.get("bot"), blocked=bool(asked["blocked"])) or None}

    async def do_people(self, asked: Json) -> Json:
        user = self.tg.world.add_person(
            str(asked["first_name"]),
            person_id=int(asked["id"]) if asked.get("id") else None,
            username=asked.get("username"),
            language_code=asked.get("language_code", "en"),
        )
        if asked.get("started"):
            self.tg.world.started |= {(bot.id, user.id) for bot in self.tg.bots.values()}
        self.tg.feed.publish("chats")
        return _person(user)

    async def do_groups(self, asked: Json) -> Json:
        members = [self.tg.world.find_person(who).id for who in asked["members"]]
        bots = [self.tg.find_bot(which).id for which in asked.get("bots") or [None]]
        group = self.standin.add_group(
            str(asked["title"]), members, bots, group_id=int(asked["id"]) if asked.get("id") else None
        )
        return _group(group)

    async def do_upgrade(self, asked: Json) -> Json:
        return _group(self.standin.upgrade(int(asked["chat"])))

    async def do_bots(self, asked: Json) -> Json:
        bot = self.standin.add_bot(str(asked["token"]), asked.get("username"), asked.get("first_name"))
        self.tg.feed.publish("chats")
        return _bot(bot)

    async def do_world(self, asked: Json) -> list[Json]:
        board = next((board for board in self.standin.worlds if board.name == asked["world"]), None)
        if board is None:
            raise ValueError(f"there is no world {asked['world']}")
        await board.flip(str(asked["id"]), asked.get("value"))
        shown = await self.get_world({})
        self.tg.feed.publish("world", world=shown)
        return shown

    async def do_faults(self, asked: Json) -> Json:
        faults = self.tg.faults
        settings = {name: value for name, value in asked.items() if name != "uploads"}
        if settings.get("clear"):
            faults.clear()
        elif "down" in settings:
            self.standin.down(bool(settings["down"]))
        elif "remove" in settings:
            faults.remove(int(settings["remove"]))
        else:
            if settings.get("bot") is not None:
                settings["bot"] = self.tg.find_bot(settings["bot"]).id
            faults.add(**settings)
        self.tg.feed.publish("faults")
        return faults.wire()

    async def do_rates(self, asked: Json) -> Json:
        self.tg.rates.set(**{name: value for name, value in asked.items() if name != "uploads"})
        return self.tg.rates.settings()

    async def do_clock(self, asked: Json) -> Json:
        self.tg.clock.advance(float(asked["advance_s"]))
        return {"now": self.tg.clock.now()}

    async def do_inject(self, asked: Json) -> Json:
        if "updates" in asked:
            ids = [self.standin.inject(update, bot=asked.get("bot")) for update in asked["updates"]]
        else:
            ids = inject_many(self.tg, self.tg.find_bot(asked.get("bot")), int(asked["count"]), asked["people"],
                              list(asked["texts"]), int(asked.get("first_id", 1_000_000)))  # fmt: skip
        return {"first": ids[0] if ids else None, "last": ids[-1] if ids else None, "count": len(ids)}

    async def do_redeliver(self, asked: Json) -> Json:
        self.standin.redeliver(int(asked["update_id"]), bot=asked.get("bot"))
        return {}


def _said_of(error: Exception) -> tuple[int, str]:
    match error:
        case Refusal():
            return error.code, error.description
        case KeyError():
            return 400, f"{error.args[0]} is missing"
        case TimeoutError():
            return 504, "the bot has not answered in time"
        case TypeError():
            return 400, "a value is not of the kind it should be"
    return 400, str(error)


def _bot(bot: Bot) -> Json:
    return {"id": bot.id, "username": bot.username, "first_name": bot.first_name}


def _person(user: User) -> Json:
    return {"id": user.id, "first_name": user.first_name, "username": user.username,
            "language_code": user.language_code, "admin": user.admin}  # fmt: skip


def _group(group: Group) -> Json:
    return group.wire | {"members": sorted(group.members), "bots": sorted(group.bots)}


def _from_here(request: web.BaseRequest) -> bool:
    """Not a page of elsewhere that has talked the browser into calling (by name or by origin)."""
    origin = request.headers.get("Origin")
    hosts = [URL(f"http://{request.host}").host] + ([URL(origin).host] if origin and origin != "null" else [])
    return origin != "null" and all(host in _LOOPBACK for host in hosts)


def _fine(result: Any) -> web.Response:
    return web.Response(
        body=orjson.dumps(result), content_type="application/json", headers={"Cache-Control": "no-store"}
    )


def _failed(status: int, words: str) -> web.Response:
    return web.Response(body=orjson.dumps({"error": words}), status=status, content_type="application/json")
