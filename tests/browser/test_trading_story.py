"""`python -m bot sandbox` with money: a key on its page, a buy, a fill that is watched, a cancel, a pulled plug."""

import re
from decimal import Decimal

import pytest
from playwright.async_api import Locator, Page, expect

from .talk import last, log, say
from .test_story import address, press, visit  # noqa: F401  # fixtures, found by their names

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def world(page: Page, name: str) -> Locator:
    """One part of the world panel."""
    return page.locator("details", has=page.get_by_text(name, exact=True))


async def let_in(page: Page) -> None:
    """The admin, who has to have said a word first, lets alice use money commands."""
    await page.get_by_role("tab", name="Admin").click()
    await say(page, "/start")
    await expect(last(page)).to_contain_text("@changedesk_bot")
    await page.get_by_role("tab", name="Alice").click()
    await say(page, "/access ask")
    await expect(last(page)).to_contain_text("admin")
    await page.get_by_role("tab", name="Admin").click()
    await press(page, "Let in")
    await page.get_by_role("tab", name="Alice").click()
    await expect(last(page)).to_contain_text("You have access now")


async def connect(page: Page, vendor: str) -> None:
    """By the one-time page, in a tab of its own, with the key that the world panel shows."""
    panel = world(page, vendor)
    key = await panel.get_by_label("API key").input_value()
    secret = await panel.get_by_label("Secret").input_value()
    await say(page, f"/keys add {vendor}")
    async with page.expect_popup() as opening:
        await last(page).get_by_role("link").first.click()
    form = await opening.value
    await form.get_by_label("API key").fill(key)
    await form.get_by_label("Secret").fill(secret)
    await form.get_by_role("button", name="Check and connect").click()
    await expect(form.get_by_role("heading", level=1)).to_have_text("Connected")
    await form.close()
    await expect(last(page)).to_contain_text("✅")


async def test_a_key_a_buy_a_fill_a_cancel(visit: Page):  # noqa: F811  # the fixture
    page = visit
    await let_in(page)
    await connect(page, "binance")
    await say(page, "/buy 0.002 btc/usdt")
    await expect(last(page)).to_contain_text("LIVE · Binance")
    price = Decimal(re.search(r"Price now ([\d,.]+)", await last(page).inner_text())[1].replace(",", ""))
    await press(page, "Buy 0.002 BTC")
    await expect(last(page)).to_contain_text("100.0%")
    await say(page, f"/buy 0.003 btc/usdt @ {int(price * Decimal('0.97'))}")
    await press(page, "Buy 0.003 BTC")
    await expect(last(page)).to_contain_text("Placed")
    # The panel is drawn anew by any of its switches; standing still, nobody else takes part of the order.
    await world(page, "binance").get_by_role("switch", name="Other traders stand still").click()
    await world(page, "binance").get_by_role("button", name="Fill half of: buy 0.003 BTC/USDT").click()
    await expect(last(page)).to_contain_text("50.0%")
    await press(page, "Cancel order")
    await expect(last(page)).to_contain_text("filled 0.0015 (50.0%)")
    await press(page, "Cancel 1 order")
    await expect(log(page)).to_contain_text("Cancelled")
    await say(page, "/balance all")
    await expect(last(page)).to_contain_text("Portfolio")
    await say(page, "/trade binance BTC/USDT")
    await expect(last(page)).to_contain_text("Buy or sell")


async def test_an_order_on_margin_at_the_second_venue(visit: Page):  # noqa: F811  # the fixture
    await let_in(visit)
    await connect(visit, "bitfinex")
    await say(visit, "/buy 0.002 btc/usd market on bitfinex")
    await expect(last(visit)).to_contain_text("on margin")
    await press(visit, "Buy 0.002 BTC on margin")
    await expect(last(visit)).to_contain_text("100.0%")
    await say(visit, "/balance bitfinex margin")
    await expect(last(visit)).to_contain_text("Bitfinex · margin")


async def test_a_plug_pulled_in_the_middle_of_a_buy_and_the_truth_told_after(visit: Page):  # noqa: F811  # the fixture
    await let_in(visit)
    await connect(visit, "binance")
    await say(visit, "/buy 0.002 btc/usdt")
    await expect(last(visit)).to_contain_text("LIVE")
    panel = world(visit, "binance")
    await panel.get_by_label("Which calls (of the next fault)").select_option("orders")
    await panel.get_by_label("Calls are …").select_option("done, answered after 15 s")
    await press(visit, "Buy 0.002 BTC")
    await expect(last(visit)).to_contain_text("Sending")
    await world(visit, "desk").get_by_role("button", name="Pull the plug").click()
    await expect(last(visit)).to_contain_text("100.0%", timeout=60_000)
    await panel.get_by_role("button", name="Everything as it should").click()
    await say(visit, "/history btc/usdt")
    await expect(last(visit)).to_contain_text("1 order, newest first")
