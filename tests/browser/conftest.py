"""Chromium against a real stand-in with a real, small bot; every page must end without an error in its console."""

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from bot.sandbox.telegram import TelegramStandIn

from .polling_bot import PollingBot
from .wire import Wire

TOKEN = "7001:browser"
FLAGS = ["--no-sandbox", "--disable-gpu"]
expect.set_options(timeout=15_000)


class Lamp:
    """A world with a switch of each kind."""

    name = "lamp"

    def __init__(self) -> None:
        self.on, self.colour, self.watts, self.rung = False, "red", "5", 0

    def switches(self) -> list[dict[str, Any]]:
        return [
            {"id": "on", "label": "Light", "kind": "toggle", "value": self.on, "options": []},
            {"id": "colour", "label": "Colour", "kind": "choice", "value": self.colour, "options": ["red", "green"]},
            {"id": "watts", "label": "Watts", "kind": "number", "value": self.watts, "options": []},
            {"id": "ring", "label": f"Ring ({self.rung})", "kind": "action", "value": None, "options": []},
        ]

    async def flip(self, switch_id: str, value: Any) -> None:
        if switch_id == "watts" and float(value) < 0:
            raise ValueError("a lamp cannot give back watts")
        if switch_id == "ring":
            self.rung += 1
        else:
            setattr(self, switch_id, value)


@dataclass
class Desk:
    """What a test holds: the stand-in, the bot, the wire between, and the pages it opens."""

    standin: TelegramStandIn
    bot: PollingBot
    lamp: Lamp
    wire: Wire
    browser: Browser
    errors: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    async def open(self, width: int = 1280, height: int = 860, **settings: Any) -> Page:
        context = await self.browser.new_context(viewport={"width": width, "height": height}, **settings)
        self._contexts.append(context)
        page = await context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.errors.append(f"{error.name}: {error.message}\n{error.stack}"))
        await page.goto(self.wire.url)
        await expect(page.get_by_role("tab", name="Alice")).to_be_visible()
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def forgive(self, words: str) -> None:
        """Takes what Chromium itself writes about an expected trouble out of the console's errors."""
        self.errors[:] = [error for error in self.errors if words not in error]

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    if os.environ.get("CHANGEDESK_CI") == "1":  # noqa: TID251 - whether a browser may be missing is not a setting of the bot
        pytest.fail("Chromium is missing, and where the whole suite must run it may not be")
    pytest.skip("Chromium is not installed: the chat page is not looked at")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser) -> AsyncIterator[Desk]:
    lamp = Lamp()
    standin = TelegramStandIn()
    standin.worlds.append(lamp)
    standin.add_bot(TOKEN, "sandbox_bot", "Changedesk")
    root = await standin.start()
    bot, wire = PollingBot(root, TOKEN), Wire(urlsplit(root).port)
    await bot.start()
    await wire.join()
    held = Desk(standin, bot, lamp, wire, browser)
    yield held
    await held.close()
    await wire.cut()
    await bot.stop()
    await standin.stop()
    assert held.errors == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(desk: Desk) -> Page:
    return await desk.open()
