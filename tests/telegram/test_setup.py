"""Command menus: told once, told again where who is an admin has changed, and until Telegram has heard it."""

from typing import Any

import pytest
from telegram.error import NetworkError

from bot.telegram.api import Refusal
from bot.telegram.setup import Menus


class Api:
    """Keeps what it was told; may be out of reach, or say no to a chat."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.down = False
        self.unknown: set[int] = set()

    async def call(self, method: str, params: dict[str, Any]) -> bool:
        if self.down:
            raise NetworkError("down")
        chat = params["scope"].get("chat_id", 0)
        self.calls.append((method, chat))
        if chat in self.unknown:
            raise Refusal(400, "chat not found", 0, 0)
        return True


def make(admins: frozenset[int]) -> list[dict[str, Any]]:
    scopes = [{"type": "default"}, *({"type": "chat", "chat_id": admin} for admin in sorted(admins))]
    return [{"commands": [], "language_code": "", "scope": scope} for scope in scopes]


@pytest.fixture
def api() -> Api:
    return Api()


async def test_all_is_told_once_and_then_only_what_changed(api: Api):
    admins = {frozenset({1})}
    menus = Menus(api, lambda: next(iter(admins)), make)
    for _ in range(3):
        await menus.tell()
    assert api.calls == [("setMyCommands", 0), ("setMyCommands", 1)]
    admins = {frozenset({1, 2})}
    await menus.tell()
    assert api.calls[2:] == [("setMyCommands", 2)]
    admins = {frozenset({2})}
    await menus.tell()
    assert api.calls[3:] == [("deleteMyCommands", 1)]


async def test_what_was_not_heard_is_told_again_and_what_was_refused_is_not(api: Api):
    menus = Menus(api, lambda: frozenset({1}), make)
    api.down = True
    await menus.tell()
    api.down, api.unknown = False, {1}
    for _ in range(3):
        await menus.tell()
    assert api.calls == [("setMyCommands", 0), ("setMyCommands", 1)]
