"""Methods that put messages into chats: texts, pictures, documents, albums, copies, forwards, chat actions."""

import itertools
from typing import Any

from bot.sandbox.telegram import keyboards, texts
from bot.sandbox.telegram.files import Stored
from bot.sandbox.telegram.history import Entry
from bot.sandbox.telegram.people import Group, User
from bot.sandbox.telegram.refusals import Refusal, bad
from bot.sandbox.telegram.state import Telegram
from bot.sandbox.telegram.wire import Call

Json = dict[str, Any]
_ACTIONS = {"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
            "choose_sticker", "find_location", "record_video_note", "upload_video_note", "cancel"}  # fmt: skip
_ALBUM_LEAST, _ALBUM_MOST = 2, 10
_KEPT_IN_A_COPY = ("text", "entities", "photo", "document", "caption", "caption_entities")
_albums = itertools.count(13_900_000_000_000_001)


def deliver(tg: Telegram, call: Call, chat: User | Group, content: Json, **more: Any) -> Entry:
    """The last step of each send: the reply is found, the rate is paid, the message stands in the chat."""
    reply = _replied(tg, call, chat)
    markup = keyboards.checked(call.get("reply_markup")) if call.get("reply_markup") else None
    tg.rates.spend(call.bot.id, chat.id, 1, tg.clock.now())
    return put(tg, call, chat, content, reply_to_message=reply, reply_markup=markup, **more)


def put(tg: Telegram, call: Call, chat: User | Group, content: Json, **more: Any) -> Entry:
    if call.flag("protect_content"):
        more["has_protected_content"] = True
    tg.sent += 1
    return tg.post(call.bot, chat, call.bot.wire, content, **more)


def _replied(tg: Telegram, call: Call, chat: User | Group) -> Json | None:
    params = call.decoded("reply_parameters") if "reply_parameters" in call.params else None
    wanted = int(params.get("message_id", 0)) if isinstance(params, dict) else call.integer("reply_to_message_id")
    if not wanted or not tg.history.record:
        return None
    entry = tg.history.find(tg.key(call.bot, chat), wanted)
    if entry is not None:
        return {name: value for name, value in entry.wire.items() if name != "reply_to_message"}
    lenient = params.get("allow_sending_without_reply") if isinstance(params, dict) else False
    if lenient or call.flag("allow_sending_without_reply"):
        return None
    raise bad("message to be replied not found")


def send_message(tg: Telegram, call: Call) -> Json:
    chat = tg.world.reach(call.bot.id, call.get("chat_id"))
    return deliver(tg, call, chat, texts.message_text(call)).wire


def send_photo(tg: Telegram, call: Call) -> Json:
    return _send_file(tg, call, "photo")


def send_document(tg: Telegram, call: Call) -> Json:
    return _send_file(tg, call, "document")


def _send_file(tg: Telegram, call: Call, kind: str) -> Json:
    chat = tg.world.reach(call.bot.id, call.get("chat_id"))
    caption = texts.call_caption(call)
    return deliver(tg, call, chat, media(stored(tg, call, kind, call.get(kind), kind)) | caption).wire


def media(file: Stored) -> Json:
    return {"photo": file.photo()} if file.kind == "photo" else {"document": file.document()}


def stored(tg: Telegram, call: Call, kind: str, given: Any, part: str) -> Stored:
    """A file that came with the call (`attach://name` or a part), or one sent before, by its id. Raises Refusal."""
    given = given if isinstance(given, str) else None
    if given and given.startswith("attach://"):
        part = given.removeprefix("attach://")
        if part not in call.uploads:
            raise bad(f"can't find file {part} to attach")
    if (upload := call.uploads.get(part)) is not None:
        return tg.files.add(upload, kind)
    if not given:
        raise bad(f"there is no {kind} in the request")
    if given.lower().startswith(("http://", "https://")):
        raise bad("failed to get HTTP URL content")
    known = tg.files.get(given)
    if known is None:
        raise bad("wrong remote file identifier specified: Wrong padding in the string")
    if known.kind != kind:
        raise bad(f"can't use file of type {known.kind.title()} as {kind.title()}")
    return known


def send_media_group(tg: Telegram, call: Call) -> list[Json]:
    chat = tg.world.reach(call.bot.id, call.get("chat_id"))
    items = call.decoded("media")
    if not isinstance(items, list) or not items:
        raise bad("there are no messages to send")
    if not _ALBUM_LEAST <= len(items) <= _ALBUM_MOST:
        raise bad(
            "too few messages to send as an album"
            if len(items) < _ALBUM_LEAST
            else "too many messages to send as an album"
        )
    contents = [album_item(tg, call, item) for item in items]
    if len({"photo" in content for content in contents}) > 1:
        raise bad("document can't be mixed with other media types")
    reply = _replied(tg, call, chat)
    tg.rates.spend(call.bot.id, chat.id, len(contents), tg.clock.now())
    album = str(next(_albums))
    return [put(tg, call, chat, content, media_group_id=album, reply_to_message=reply).wire for content in contents]


def album_item(tg: Telegram, call: Call, item: Any) -> Json:
    """An InputMedia as the content of a message. Raises Refusal."""
    kind = item.get("type") if isinstance(item, dict) else None
    if kind not in ("photo", "document"):
        raise bad("can't parse InputMedia: type of media must be photo or document here")
    file = stored(tg, call, kind, item.get("media"), "")
    return media(file) | texts.caption(item.get("caption"), item.get("parse_mode"), item.get("caption_entities"))


def send_chat_action(tg: Telegram, call: Call) -> bool:
    chat = tg.world.reach(call.bot.id, call.get("chat_id"))
    action = call.text("action").lower()
    if action not in _ACTIONS:
        raise bad("wrong parameter action in request")
    if tg.feed.watched:
        tg.publish("typing", call.bot, chat, action=action)
    return True


def copy_message(tg: Telegram, call: Call) -> Json:
    chat = tg.world.reach(call.bot.id, call.get("chat_id"))
    content = {"text": "…"}  # on trust, where nothing is recorded
    if tg.history.record:
        source = _source(tg, call, "copy")
        content = {name: source.wire[name] for name in _KEPT_IN_A_COPY if name in source.wire}
    if not content:
        raise bad("message can't be copied")
    if "caption" in call.params and "text" not in content:
        content = {name: value for name, value in content.items() if not name.startswith("caption")}
        content |= texts.call_caption(call)
    return {"message_id": deliver(tg, call, chat, content).id}


def forward_message(tg: Telegram, call: Call) -> Json:
    chat = tg.world.reach(call.bot.id, call.get("chat_id"))
    source = _source(tg, call, "forward")
    if source.wire.get("has_protected_content"):
        raise bad("message has protected content and can't be forwarded")
    content = {name: source.wire[name] for name in _KEPT_IN_A_COPY if name in source.wire}
    origin = source.wire.get("forward_origin") or {
        "type": "user", "sender_user": source.wire["from"], "date": source.wire["date"],
    }  # fmt: skip
    return deliver(tg, call, chat, content, forward_origin=origin).wire


def _source(tg: Telegram, call: Call, verb: str) -> Entry:
    try:
        origin = tg.world.lookup(call.get("from_chat_id"))
    except Refusal:
        raise bad("chat not found") from None
    entry = tg.history.find(tg.key(call.bot, origin), call.integer("message_id"))
    if entry is None or (isinstance(origin, Group) and call.bot.id not in origin.bots):
        raise bad(f"message to {verb} not found")
    return entry
