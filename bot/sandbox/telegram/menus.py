"""A bot's command menus by scope and language, its name and descriptions, and which of them a person sees."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram.people import Group, User
from bot.sandbox.telegram.refusals import bad
from bot.sandbox.telegram.spans import utf16_len

Json = dict[str, Any]
MOST_COMMANDS = 100
_NAME = re.compile(r"[a-z0-9_]{1,32}")
_WIDE = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
_OF_A_CHAT = {"chat", "chat_administrators", "chat_member"}
LONGEST_TEXT = {"name": 64, "description": 512, "short_description": 120}


@dataclass(slots=True)
class Menus:
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)

    def text(self, kind: str, language: str) -> str:
        short = language.partition("-")[0]
        return self.texts.get((kind, short)) or self.texts.get((kind, ""), "")

    def seen(self, chat: User | Group, person: User) -> list[Json]:
        """The commands a person is offered in a chat: the first of Telegram's scopes that is set."""
        language = (person.language_code or "").partition("-")[0]
        for scope in _order(chat, person):
            for wanted in (language, "") if language else ("",):
                if (scope, wanted) in self.commands:
                    return self.commands[scope, wanted]
        return []


def _order(chat: User | Group, person: User) -> Iterator[str]:
    if isinstance(chat, User):
        yield f"chat {chat.id}"
        yield "all_private_chats"
    else:
        administrator = person.id in chat.admins
        yield f"chat_member {chat.id} {person.id}"
        if administrator:
            yield f"chat_administrators {chat.id}"
        yield f"chat {chat.id}"
        if administrator:
            yield "all_chat_administrators"
        yield "all_group_chats"
    yield "default"


def scope_key(scope: Any) -> str:
    """The scope as a word of ours, chat and user ids included. Raises Refusal."""
    kind = (scope or {}).get("type", "default") if isinstance(scope, dict | None) else None
    if kind in _WIDE:
        return str(kind)
    if kind not in _OF_A_CHAT or not scope.get("chat_id"):
        raise bad("can't parse BotCommandScope: unsupported type specified")
    user = f" {scope.get('user_id')}" if kind == "chat_member" else ""
    return f"{kind} {scope['chat_id']}{user}"


def checked_commands(raw: Any) -> list[Json]:
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        raise bad("can't parse list of bot commands: expected an Array of BotCommand")
    if len(raw) > MOST_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    commands = [
        {"command": str(item.get("command", "")).removeprefix("/"), "description": str(item.get("description", ""))}
        for item in raw
    ]
    for item in commands:
        if not _NAME.fullmatch(item["command"]):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= utf16_len(item["description"].strip()) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return commands


def checked_language(code: str) -> str:
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad("invalid language code specified")
    return code
