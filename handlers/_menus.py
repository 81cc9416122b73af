"""Telegram's command menus: by language, by kind of chat, and one of their own for admins."""

from collections.abc import Collection, Mapping
from typing import Any

from bot.texts import Catalogue
from bot.views import help as help_view
from handlers._call import Command

IN_ANY_LANGUAGE = ""


def menus(table: Mapping[str, Command], catalogue: Catalogue, admins: Collection[int]) -> list[dict[str, Any]]:
    """Parameters of setMyCommands, one call each. Who speaks none of our languages gets the default one."""
    commands = {command.name: command for command in table.values() if not command.hidden}
    names = help_view.ordered(list(commands))
    everyone = [name for name in names if not commands[name].admin]
    scopes: list[tuple[dict[str, Any], list[str]]] = [
        ({"type": "all_private_chats"}, everyone),
        ({"type": "all_group_chats"}, [name for name in everyone if commands[name].groups]),
        *(({"type": "chat", "chat_id": admin}, names) for admin in sorted(admins)),
    ]
    return [
        {
            "commands": [{"command": n, "description": help_view.menu(n, catalogue.pick(code))} for n in listed],
            "language_code": code,
            "scope": scope,
        }
        for code in (*catalogue.languages, IN_ANY_LANGUAGE)
        for scope, listed in scopes
    ]
