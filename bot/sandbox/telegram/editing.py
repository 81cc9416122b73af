"""Methods that change or remove what stands in a chat."""

from typing import Any

from bot.sandbox.telegram import keyboards, texts
from bot.sandbox.telegram.history import Entry
from bot.sandbox.telegram.people import Group, User
from bot.sandbox.telegram.refusals import bad
from bot.sandbox.telegram.sending import album_item
from bot.sandbox.telegram.state import Telegram
from bot.sandbox.telegram.wire import Call

Json = dict[str, Any]
_CONTENT = ("text", "entities", "photo", "document", "caption", "caption_entities")
_DELETABLE_S = 48 * 3600
_MOST_DELETED = 100
_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)


def edit_text(tg: Telegram, call: Call) -> Any:
    return _edit(tg, call, texts.message_text(call, editing=True), needs="text")


def edit_caption(tg: Telegram, call: Call) -> Any:
    return _edit(tg, call, texts.call_caption(call), needs="caption")


def edit_media(tg: Telegram, call: Call) -> Any:
    return _edit(tg, call, album_item(tg, call, call.decoded("media")), needs="")


def edit_markup(tg: Telegram, call: Call) -> Any:
    return _edit(tg, call, None, needs="")


def _edit(tg: Telegram, call: Call, content: Json | None, *, needs: str) -> Any:
    inline = call.text("inline_message_id")
    chat, entry = _of_inline(tg, inline) if inline else _own(tg, call)
    if entry is None:
        return _on_trust(tg, call, chat, content)
    wire = entry.wire
    if needs == "text" and "text" not in wire:
        raise bad("there is no text in the message to edit")
    if needs == "caption" and "text" in wire:
        raise bad("there is no caption in the message to edit")
    markup = keyboards.checked(call.get("reply_markup"))
    new = _changed(wire, content, needs)
    new.pop("reply_markup", None)
    if markup and "inline_keyboard" in markup:
        new["reply_markup"] = markup
    if new == wire:
        raise bad(_SAME)
    tg.rates.spend_edit(call.bot.id, chat.id, tg.clock.now())
    new["edit_date"] = int(tg.clock.now())
    tg.change(call.bot, chat, entry, new)
    return True if inline else new


def _changed(wire: Json, content: Json | None, needs: str) -> Json:
    if content is None:
        return dict(wire)
    gone = ("caption", "caption_entities") if needs == "caption" else _CONTENT
    return {name: value for name, value in wire.items() if name not in gone} | content


def _own(tg: Telegram, call: Call) -> tuple[User | Group, Entry | None]:
    """The message that is to change; None where nothing is recorded. Raises Refusal."""
    chat = tg.world.reach(call.bot.id, call.get("chat_id"))
    message_id = call.integer("message_id")
    if not message_id:
        raise bad("message identifier is not specified")
    if not tg.history.record:
        return chat, None
    entry = tg.history.find(tg.key(call.bot, chat), message_id)
    if entry is None:
        raise bad("message to edit not found")
    if entry.author != call.bot.id or "forward_origin" in entry.wire:
        raise bad("message can't be edited")
    return chat, entry


def _of_inline(tg: Telegram, inline_id: str) -> tuple[User | Group, Entry]:
    key, message_id = tg.inline_messages.get(inline_id, ((0, 0), 0))
    entry = tg.history.find(key, message_id)
    if entry is None:
        raise bad("MESSAGE_ID_INVALID")
    return tg.world.lookup(key[1]), entry


def _on_trust(tg: Telegram, call: Call, chat: User | Group, content: Json | None) -> Json:
    tg.rates.spend_edit(call.bot.id, chat.id, tg.clock.now())
    now = int(tg.clock.now())
    shown = chat.private_chat() if isinstance(chat, User) else chat.wire
    message = {"message_id": call.integer("message_id"), "from": call.bot.wire, "chat": shown}
    return message | {"date": now, "edit_date": now} | (content or {"text": "…"})


def delete_message(tg: Telegram, call: Call) -> bool:
    chat = tg.world.reach(call.bot.id, call.get("chat_id"))
    message_id = call.integer("message_id")
    if not tg.history.record:
        return True
    entry = tg.history.find(tg.key(call.bot, chat), message_id)
    if entry is None:
        raise bad("message to delete not found")
    if not _deletable(tg, call, chat, entry):
        raise bad("message can't be deleted for everyone")
    tg.delete(call.bot, chat, [message_id])
    return True


def delete_messages(tg: Telegram, call: Call) -> bool:
    """As Telegram does it: what cannot be found or deleted is passed over."""
    chat = tg.world.reach(call.bot.id, call.get("chat_id"))
    wanted = call.decoded("message_ids")
    if not isinstance(wanted, list) or not wanted:
        raise bad("message identifiers are not specified")
    if len(wanted) > _MOST_DELETED:
        raise bad("too many message identifiers specified")
    entries = [tg.history.find(tg.key(call.bot, chat), int(message_id)) for message_id in wanted]
    gone = [entry.id for entry in entries if entry is not None and _deletable(tg, call, chat, entry)]
    if gone:
        tg.delete(call.bot, chat, gone)
    return True


def _deletable(tg: Telegram, call: Call, chat: User | Group, entry: Entry) -> bool:
    if tg.clock.now() - float(entry.wire["date"]) > _DELETABLE_S:
        return False
    return entry.author == call.bot.id or isinstance(chat, User) or call.bot.id in chat.admins


def set_reaction(tg: Telegram, call: Call) -> bool:
    chat, entry = _any(tg, call, "react to")
    if entry is not None:
        reactions = call.decoded("reaction") or []
        entry.reactions = [str(item.get("emoji", "")) for item in reactions if isinstance(item, dict)]
        tg.publish("reaction", call.bot, chat, message_id=entry.id, reactions=entry.reactions)
    return True


def pin(tg: Telegram, call: Call) -> bool:
    chat, entry = _any(tg, call, "pin")
    if isinstance(chat, Group) and call.bot.id not in chat.admins:
        raise bad("not enough rights to manage pinned messages in the chat")
    if entry is not None:
        tg.conversation(call.bot, chat).pinned.add(entry.id)
        tg.publish("pinned", call.bot, chat, message_id=entry.id, pinned=True)
    return True


def unpin(tg: Telegram, call: Call) -> bool:
    chat = tg.world.reach(call.bot.id, call.get("chat_id"))
    pinned = tg.conversation(call.bot, chat).pinned
    wanted = call.integer("message_id") or max(pinned, default=0)
    if wanted not in pinned:
        raise bad("message to unpin not found")
    pinned.discard(wanted)
    tg.publish("pinned", call.bot, chat, message_id=wanted, pinned=False)
    return True


def _any(tg: Telegram, call: Call, verb: str) -> tuple[User | Group, Entry | None]:
    chat = tg.world.reach(call.bot.id, call.get("chat_id"))
    entry = tg.history.find(tg.key(call.bot, chat), call.integer("message_id"))
    if entry is None and tg.history.record:
        raise bad(f"message to {verb} not found")
    return chat, entry
