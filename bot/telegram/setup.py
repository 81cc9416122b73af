"""What Telegram is told once: who we are, our command menus, where to bring updates. All of it waits for Telegram."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from telegram.error import InvalidToken, NetworkError, TelegramError
from telegram.ext import Application

from bot.telegram.api import BotApi, Refusal

log = structlog.get_logger(__name__)

LONGEST_PAUSE_S = 30.0


class BadToken(Exception):
    """Telegram does not know this token: the desk must not go on."""


async def introduce(library: Application[Any, Any, Any, Any, Any, Any], stop: asyncio.Event) -> None:
    """The library must know the bot's own name before anything else, and gives up where Telegram is down: we do not.

    Returns once it knows, or once `stop` is set. Raises BadToken.
    """
    pause_s = 0.5
    while not stop.is_set():
        try:
            await library.initialize()
        except InvalidToken:
            raise BadToken from None
        except TelegramError as error:
            log.warning("telegram.unreachable", pause_s=pause_s, reason=type(error).__name__)
        else:
            return
        await _pause(stop, pause_s)
        pause_s = min(LONGEST_PAUSE_S, pause_s * 2)


class Menus:
    """The command menus as Telegram was told them. `make`: what they are for these admins, one call each."""

    def __init__(
        self,
        api: BotApi,
        admins: Callable[[], frozenset[int]],
        make: Callable[[frozenset[int]], Sequence[dict[str, Any]]],
    ) -> None:
        self._api = api
        self._admins = admins
        self._make = make
        self._told: list[dict[str, Any]] = []
        self._told_for: frozenset[int] | None = None

    async def tell(self) -> None:
        """For a tick: nothing is said while nobody has become an admin, or ceased to be one. An admin who never wrote
        to the bot has no chat yet: his comes with a later start.
        """
        admins = self._admins()
        if admins == self._told_for:
            return
        wanted = list(self._make(admins))
        gone = [menu for menu in self._told if not any(_same_place(menu, other) for other in wanted)]
        heard = [await self._call("setMyCommands", menu) for menu in wanted if menu not in self._told]
        heard += [await self._call("deleteMyCommands", {**menu, "commands": None}) for menu in gone]
        if all(heard):
            self._told, self._told_for = wanted, admins

    async def _call(self, method: str, menu: dict[str, Any]) -> bool:
        """False where Telegram said nothing: to be said again."""
        try:
            await self._api.call(method, menu)
        except (Refusal, NetworkError) as error:
            log.warning("telegram.menu_not_set", scope=menu["scope"]["type"], reason=type(error).__name__)
            return isinstance(error, Refusal)
        return True


def _same_place(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(one["scope"] == other["scope"] and one["language_code"] == other["language_code"])


async def set_webhook(api: BotApi, url: str, secret: str, allowed: Sequence[str]) -> None:
    """Idempotent; at every start, as the secret may be another one: Telegram tells the address, not the secret."""
    try:
        await api.call("setWebhook", {"url": url, "secret_token": secret, "allowed_updates": allowed})
    except (Refusal, NetworkError) as error:
        log.warning("telegram.webhook_not_set", reason=type(error).__name__)


async def keep_webhook(api: BotApi, url: str, secret: str, allowed: Sequence[str]) -> None:
    """For a tick: whoever removed it, it comes back."""
    try:
        info = await api.call("getWebhookInfo", {})
    except (Refusal, NetworkError) as error:
        log.warning("telegram.webhook_unknown", reason=type(error).__name__)
        return
    if info.get("url") != url:
        await set_webhook(api, url, secret, allowed)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
