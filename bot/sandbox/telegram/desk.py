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

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import web
from yarl import URL

from bot.sandbox.telegram import page, wire
from bot.sandbox.telegram.acts import Acts
from bot.sandbox.telegram.refusals import Refusal
from bot.sandbox.telegram.sights import Sights
from bot.sandbox.telegram.stream import Streams

if TYPE_CHECKING:
    from bot.sandbox.telegram.server import TelegramStandIn

Json = dict[str, Any]
Route = Callable[[Json], Awaitable[Any]]
_ROOT = "/desk/api/"
_PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Desk:
    """Answers for the stand-in's people; everything it does is done through Person and the state."""

    def __init__(self, standin: TelegramStandIn) -> None:
        self.tg = standin.tg
        self.streams = Streams(self.tg.feed)
        self.sights = Sights(standin)
        self._routes = _routes("GET", self.sights) | _routes("POST", Acts(standin, self.sights))
        self._redraw: asyncio.Handle | None = None

    def close(self) -> None:
        self.streams.close()
        if self._redraw is not None:
            self._redraw.cancel()

    def redraw(self) -> None:
        """The switches of all worlds on every open page: after what runs now, once for however many ask."""
        if self.tg.feed.watched and self._redraw is None:
            self._redraw = asyncio.get_running_loop().call_soon(self._drawn_anew)

    def _drawn_anew(self) -> None:
        # Looking may move a world; who asks because of that gets a look of his own.
        self._redraw = None
        self.tg.feed.publish("world", world=self.sights.boards())

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
            return await self.streams.serve(request, self.sights.who(asked).id if asked.get("person") else None)
        if request.method == "GET" and name == "file":
            return self._file(asked)
        route = self._routes.get((request.method, name))
        if route is None:
            return _failed(404, f"there is nothing at {request.method} {request.path}")
        if request.method == "POST":
            params, uploads = await wire.read(request)
            asked = params | {"uploads": uploads}
        return _fine(await route(asked))

    def _file(self, asked: Json) -> web.Response:
        stored = self.tg.files.get(str(asked["id"]))
        if stored is None:
            return _failed(404, "the file is not here any more")
        # Never as a page of this origin: what a bot sends is shown as a picture or saved.
        safe = stored.type if stored.type in _PICTURES else "application/octet-stream"
        return web.Response(body=stored.data, content_type=safe, headers={"X-Content-Type-Options": "nosniff"})


def _routes(method: str, answering: object) -> dict[tuple[str, str], Route]:
    return {(method, name): route for name, route in inspect.getmembers(answering, inspect.iscoroutinefunction)}


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
