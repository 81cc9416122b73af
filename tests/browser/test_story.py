"""`python -m bot sandbox`, as somebody new would meet it: the real desk, its world, its page, in a real browser."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from .talk import last, say

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ROOT = Path(__file__).parents[2]


@pytest_asyncio.fixture(loop_scope="session")
async def address(tmp_path: Path) -> AsyncIterator[str]:
    command = [sys.executable, "-m", "bot", "sandbox", "--port", "0"]
    log = (tmp_path / "desk.log").open("wb")
    # The desk must find its settings by itself: what the tests' own environment holds is not for it.
    outside = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}  # noqa: TID251
    desk = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=log, cwd=ROOT, env=outside, start_new_session=True
    )
    assert desk.stdout
    async with asyncio.timeout(30):
        while not (found := re.search(rb"http://\S+", await desk.stdout.readline())):
            assert desk.returncode is None
    yield found[0].decode()
    desk.send_signal(signal.SIGTERM)
    async with asyncio.timeout(30):
        assert await desk.wait() == 0
    log.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, address: str) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1280, "height": 860})
    page = await context.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    await page.goto(address)
    yield page
    await context.close()
    assert troubles == []


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name).last.click()


async def test_a_newcomer_gets_a_price_with_one_tap_and_a_chart_with_one_more(visit: Page):
    await say(visit, "/start")
    await expect(last(visit)).to_contain_text("@changedesk_bot")
    await press(visit, "Prices")
    await expect(last(visit)).to_contain_text("Bitcoin · BTC · #1")
    await expect(last(visit)).to_contain_text("CoinCodex")
    await press(visit, "Chart")
    await expect(last(visit).get_by_role("img")).to_be_visible()
    await expect(last(visit).get_by_role("img")).to_have_js_property("complete", value=True)
    assert await last(visit).get_by_role("img").evaluate("picture => picture.naturalWidth") > 500
    await press(visit, "30d")
    await expect(last(visit)).to_contain_text("30 days")
    await expect(last(visit)).to_contain_text("edited")


async def test_a_price_moved_in_the_world_is_seen_after_refresh(visit: Page):
    await say(visit, "/price eth")
    await expect(last(visit)).to_contain_text("Ethereum · ETH")
    before = await _price(visit)
    await visit.get_by_role("combobox", name="Asset to push").select_option("ETH")
    await visit.get_by_role("button", name="ETH +5 %").click()
    async with asyncio.timeout(40):  # a price is asked for anew only once it has aged
        while await _price(visit) < before * 1.03:
            await press(visit, "Refresh")
            await expect(last(visit)).to_contain_text("edited")


async def _price(page: Page) -> float:
    figure = re.search(r"\$([\d,.]+\d)", await last(page).inner_text())
    assert figure
    return float(figure[1].replace(",", ""))


async def test_a_table_is_taken_away_as_a_file(visit: Page):
    await say(visit, "/export BTC,ETH 7d every 1h")
    await expect(last(visit)).to_contain_text("rows")
    async with visit.expect_download() as downloading:
        await last(visit).get_by_role("link").or_(last(visit).get_by_role("button")).first.click()
    path = await (await downloading.value).path()
    lines = path.read_text().splitlines()
    assert lines[0] == "time,BTC_price,ETH_price"
    assert len(lines) > 150


async def test_a_stranger_asks_and_an_admin_lets_him_in(visit: Page):
    await visit.get_by_role("tab", name="Admin").click()
    await say(visit, "/start")  # Telegram lets no bot write to somebody who never wrote to it
    await expect(last(visit)).to_contain_text("@changedesk_bot")
    await visit.get_by_role("tab", name="Alice").click()
    await say(visit, "/access ask")
    await expect(last(visit)).to_contain_text("admin")
    await visit.get_by_role("tab", name="Admin").click()
    await expect(last(visit)).to_contain_text("Alice")
    await press(visit, "Let in")
    await expect(last(visit)).to_contain_text("Alice")
    await visit.get_by_role("tab", name="Alice").click()
    await expect(last(visit)).to_contain_text("You have access now")


async def test_another_person_reads_his_own_language(visit: Page):
    await visit.get_by_role("tab", name="Bob").click()
    await say(visit, "/price btc")
    await expect(last(visit)).to_contain_text("市值")
