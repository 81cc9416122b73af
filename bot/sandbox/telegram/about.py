"""Methods about bots, chats, members, menus and files."""

from typing import Any

from bot.sandbox.telegram import menus
from bot.sandbox.telegram.bots import Bot
from bot.sandbox.telegram.files import MOST_DOWNLOAD
from bot.sandbox.telegram.people import Group, User
from bot.sandbox.telegram.refusals import bad
from bot.sandbox.telegram.spans import utf16_len
from bot.sandbox.telegram.state import Telegram
from bot.sandbox.telegram.wire import Call

Json = dict[str, Any]
_GIFTS = {"unlimited_gifts": False, "limited_gifts": False, "unique_gifts": False, "premium_subscription": False,
          "gifts_from_channels": False}  # fmt: skip
_ADMIN_RIGHTS = ("can_be_edited", "can_manage_chat", "can_change_info", "can_delete_messages", "can_invite_users",
                 "can_restrict_members", "can_pin_messages", "can_promote_members", "can_manage_video_chats",
                 "can_post_stories", "can_edit_stories", "can_delete_stories", "is_anonymous")  # fmt: skip


def get_me(_: Telegram, call: Call) -> Json:
    return call.bot.me()


def agree(_: Telegram, __: Call) -> bool:
    return True


def get_chat(tg: Telegram, call: Call) -> Json:
    chat = tg.world.lookup(call.get("chat_id"))
    full = chat.private_chat() if isinstance(chat, User) else chat.wire
    return full | {"accent_color_id": chat.id % 7, "max_reaction_count": 11, "accepted_gift_types": _GIFTS}


def _group(tg: Telegram, call: Call) -> Group:
    chat = tg.world.reach(call.bot.id, call.get("chat_id"))
    if isinstance(chat, User):
        raise bad("there are no administrators in the private chat")
    return chat


def member(tg: Telegram, chat: User | Group, user_id: int) -> Json:
    """A ChatMember. Raises Refusal where nobody has that id."""
    bot = next((bot for bot in tg.bots.values() if bot.id == user_id), None)
    user = tg.world.people.get(user_id)
    who = bot.wire if bot else user.wire if user else None
    if who is None:
        raise bad("PARTICIPANT_ID_INVALID")
    status = _status(chat, user_id)
    found: Json = {"user": who, "status": status}
    if status == "creator":
        found["is_anonymous"] = False
    if status == "administrator":
        found |= {right: right not in ("can_be_edited", "is_anonymous") for right in _ADMIN_RIGHTS}
    return found


def _status(chat: User | Group, user_id: int) -> str:
    if isinstance(chat, User):
        return "member"
    if user_id in chat.admins:
        return "creator" if user_id in chat.members else "administrator"
    return "member" if user_id in chat.members | chat.bots else "left"


def get_member(tg: Telegram, call: Call) -> Json:
    return member(tg, tg.world.reach(call.bot.id, call.get("chat_id")), call.integer("user_id"))


def get_administrators(tg: Telegram, call: Call) -> list[Json]:
    group = _group(tg, call)
    return [member(tg, group, user_id) for user_id in sorted(group.admins)]


def count_members(tg: Telegram, call: Call) -> int:
    chat = tg.world.reach(call.bot.id, call.get("chat_id"))
    return 2 if isinstance(chat, User) else len(chat.members) + len(chat.bots)


def leave(tg: Telegram, call: Call) -> bool:
    group = _group(tg, call)
    tell_membership(tg, call.bot, group, call.bot.wire, "member", "left")
    group.bots.discard(call.bot.id)
    tg.feed.publish("chats")
    return True


def tell_membership(tg: Telegram, bot: Bot, chat: User | Group, by: Json, old: str, new: str) -> int | None:
    """The update a bot gets about itself: blocked, added, removed."""
    before: Json = {"user": bot.wire, "status": old}
    after: Json = {"user": bot.wire, "status": new}
    for state in (before, after):
        if state["status"] == "kicked":
            state["until_date"] = 0
    shown = chat.private_chat() if isinstance(chat, User) else chat.wire
    event = {
        "chat": shown,
        "from": by,
        "date": int(tg.clock.now()),
        "old_chat_member": before,
        "new_chat_member": after,
    }
    return bot.updates.put("my_chat_member", event, chat.id)


def get_file(tg: Telegram, call: Call) -> Json:
    stored = tg.files.get(call.text("file_id")) if call.text("file_id") else None
    if stored is None:
        raise bad("invalid file_id" if call.text("file_id") else "file_id is not specified")
    if len(stored.data) > MOST_DOWNLOAD:
        raise bad("file is too big")
    return {
        "file_id": stored.id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.data),
        "file_path": stored.path,
    }


def get_profile_photos(_: Telegram, __: Call) -> Json:
    return {"total_count": 0, "photos": []}


def _menu_key(call: Call) -> tuple[str, str]:
    return menus.scope_key(call.decoded("scope")), menus.checked_language(call.text("language_code"))


def set_commands(tg: Telegram, call: Call) -> bool:
    key, commands = _menu_key(call), menus.checked_commands(call.decoded("commands") or [])
    if commands:
        call.bot.menus.commands[key] = commands
    else:
        call.bot.menus.commands.pop(key, None)
    tg.feed.publish("menu", bot=call.bot.id)
    return True


def get_commands(_: Telegram, call: Call) -> list[Json]:
    return call.bot.menus.commands.get(_menu_key(call), [])


def delete_commands(tg: Telegram, call: Call) -> bool:
    call.bot.menus.commands.pop(_menu_key(call), None)
    tg.feed.publish("menu", bot=call.bot.id)
    return True


def _set_text(tg: Telegram, call: Call, kind: str) -> bool:
    text, language = call.text(kind), menus.checked_language(call.text("language_code"))
    if utf16_len(text) > menus.LONGEST_TEXT[kind]:
        raise bad(f"BOT_{ {'name': 'TITLE', 'description': 'INFO', 'short_description': 'ABOUT'}[kind] }_TOO_LONG")
    call.bot.menus.texts[kind, language] = text
    tg.feed.publish("menu", bot=call.bot.id)
    return True


def set_name(tg: Telegram, call: Call) -> bool:
    return _set_text(tg, call, "name")


def set_description(tg: Telegram, call: Call) -> bool:
    return _set_text(tg, call, "description")


def set_short_description(tg: Telegram, call: Call) -> bool:
    return _set_text(tg, call, "short_description")


def get_name(_: Telegram, call: Call) -> Json:
    return {"name": call.bot.menus.text("name", call.text("language_code")) or call.bot.first_name}


def get_description(_: Telegram, call: Call) -> Json:
    return {"description": call.bot.menus.text("description", call.text("language_code"))}


def get_short_description(_: Telegram, call: Call) -> Json:
    return {"short_description": call.bot.menus.text("short_description", call.text("language_code"))}
