"""The one-time key page in Chromium: without a script, in light and dark, on a phone, and nothing goes elsewhere."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from bot.domain.notices import Address, Mark
from bot.domain.orders import Permissions
from bot.domain.users import User
from bot.services.accounts import Accounts
from bot.services.handover import Handover
from bot.settings import Endpoint
from bot.texts import Catalogue
from bot.web import public
from bot.web.key_page import KeyPage
from bot.web.serving import Server
from storage.store import Store
from tests.key_shelf import KeyShelf
from tests.still_clock import StillClock
from tests.store_in import store_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
ANN = 1


@dataclass
class Front:
    """The page's server over a real store, and what the browser complained of or asked for elsewhere."""

    store: Store
    handover: Handover
    shelf: KeyShelf
    browser: Browser
    root: str = ""
    strange: list[str] = field(default_factory=list)

    async def link(self, label: str = "my savings") -> str:
        user = await self.store.write(lambda tx: tx.users.add(User(ANN, "Ann"), tx.now_ms))
        (letter,) = await self.store.write(lambda tx: tx.inbox.add([(7, b"x")], 0))
        mark = Mark(letter.seq, 7, ANN, Address(ANN))
        await self.handover.invite(user, "binance", label, "", mark)

        def unit(tx: Any) -> str:
            (parcel,) = tx.outbox.claim(tx.now_ms, tx.now_ms + 1, 10)
            return str(tx.notice_of(parcel).values["url"])

        return self.root + (await self.store.write(unit)).removeprefix("https://desk.example")

    async def open(self, url: str, **settings: Any) -> Page:
        context = await self.browser.new_context(java_script_enabled=False, **settings)
        page = await context.new_page()
        page.on("console", self._listen)
        page.on("request", lambda request: None if self._own(request.url) else self.strange.append(request.url))
        await page.goto(url)
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        """A form that was refused is answered with a 4xx, which Chromium writes down by itself."""
        if "Failed to load resource" not in message.text:
            self.strange.append(message.text)

    def _own(self, url: str) -> bool:
        return url.startswith((self.root, "data:"))


@pytest_asyncio.fixture(loop_scope="session")
async def front(browser: Browser, tmp_path: Path) -> AsyncIterator[Front]:
    clock, shelf = StillClock(), KeyShelf()
    store = store_in(tmp_path, clock)
    accounts = Accounts(store, {"binance": shelf}, clock)
    handover = Handover(store, accounts, {"binance": shelf}, clock, page="https://desk.example", demanded=False)
    page = KeyPage(handover, accounts, Catalogue.load(), clock)
    server = Server(public.application(page.routes()), Endpoint("127.0.0.1", 0))
    made = Front(store, handover, shelf, browser)
    made.root = f"http://127.0.0.1:{await server.start()}"
    yield made
    for context in browser.contexts:
        await context.close()
    await server.stop()
    store.close()
    assert made.strange == []


async def test_a_key_is_handed_over_without_a_script(front: Front, tmp_path: Path):
    key, secret = front.shelf.add("K" * 20 + "0Il" + "x" * 41, "s" * 64)
    page = await front.open(await front.link())
    await expect(page.get_by_role("heading", level=1)).to_have_text("A key of Binance")
    await page.get_by_label("API key").fill(key)
    await page.get_by_label("Secret").fill(secret)
    await page.get_by_role("button", name="Check and connect").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Connected")
    await expect(page.locator("main")).to_contain_text("my savings")
    assert secret not in await page.content()
    await page.screenshot(path=tmp_path / "done.png", full_page=True)


async def test_what_was_wrong_is_said_and_nothing_of_it_shown_again(front: Front, tmp_path: Path):
    key, secret = front.shelf.add("withdraws", "s" * 64, Permissions(trade=True, withdraw=True))
    page = await front.open(await front.link())
    await page.get_by_label("API key").fill(key)
    await page.get_by_label("Secret").fill(secret)
    await page.get_by_role("button").click()
    await expect(page.get_by_role("alert")).to_contain_text("may withdraw")
    await expect(page.get_by_label("API key")).to_have_value("")
    await expect(page.locator("main")).to_contain_text("4 tries left")
    assert key not in await page.content()
    await page.screenshot(path=tmp_path / "refused.png", full_page=True)


async def test_an_empty_field_is_not_sent(front: Front):
    page = await front.open(await front.link())
    await page.get_by_role("button").click()
    await expect(page.get_by_role("alert")).to_have_count(0)
    assert front.shelf.asked == []


async def test_a_label_cannot_bring_markup(front: Front):
    page = await front.open(await front.link("<b onclick=x>&'\""))
    await expect(page.locator("main")).to_contain_text("<b onclick=x>&'\"")
    assert await page.locator("[onclick]").count() == 0


async def test_a_link_that_is_over_says_so(front: Front):
    page = await front.open(f"{front.root}/keys/{'A' * 43}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("This link is over")


LOOKS = {
    "light": {"viewport": {"width": 1100, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1100, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "light"},
    "chinese": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "locale": "zh-CN"},
}


@pytest.mark.parametrize("look", LOOKS)
async def test_it_fits_and_can_be_read(front: Front, look: str, tmp_path: Path):
    page = await front.open(await front.link(), **LOOKS[look])
    picture = await page.screenshot(path=tmp_path / f"{look}.png", full_page=True)
    assert len(picture) > 10_000
    wide = await page.locator("main").bounding_box()
    assert wide is not None
    assert wide["width"] <= LOOKS[look]["viewport"]["width"]
    for control in await page.locator("input, button").all():
        box = await control.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= LOOKS[look]["viewport"]["width"]
