"""The world panel: each kind of switch reaches its world, and a refusal is told."""

import pytest
from playwright.async_api import Page, expect

from .conftest import Desk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_each_kind_of_switch_turns_its_world(desk: Desk, page: Page):
    light = page.get_by_role("switch", name="Light")
    await light.press("Space")
    await expect(light).to_have_attribute("aria-checked", "true")
    await expect(light).to_be_focused()
    await page.get_by_label("Colour", exact=True).select_option("green")
    await page.get_by_label("Watts").fill("7.50")
    await page.get_by_label("Watts").press("Enter")
    await page.get_by_role("button", name="Ring (0)").click()
    await expect(page.get_by_role("button", name="Ring (1)")).to_be_visible()
    assert (desk.lamp.on, desk.lamp.colour, desk.lamp.watts) == (True, "green", "7.50")


async def test_a_switch_that_is_refused_says_why_and_shows_what_holds(desk: Desk, page: Page):
    await page.get_by_label("Watts").fill("-3")
    await page.get_by_label("Watts").press("Tab")
    await expect(page.locator("#toast")).to_have_text("a lamp cannot give back watts")
    await expect(page.get_by_label("Watts")).to_have_value("5")
    desk.forgive("400 (Bad Request)")


async def test_a_switch_turned_elsewhere_turns_here(desk: Desk, page: Page):
    other = await desk.open()
    await other.get_by_role("switch", name="Light").click()
    await expect(page.get_by_role("switch", name="Light")).to_have_attribute("aria-checked", "true")


async def test_a_group_of_switches_stays_folded_when_the_world_moves(page: Page):
    await page.get_by_text("lamp", exact=True).click()
    await expect(page.get_by_label("Watts")).to_be_hidden()
    await page.get_by_role("switch", name="Telegram is down").click()
    await expect(page.get_by_role("switch", name="Telegram is down")).to_have_attribute("aria-checked", "true")
    await expect(page.get_by_label("Watts")).to_be_hidden()
    await page.get_by_role("switch", name="Telegram is down").click()


async def test_a_fault_of_telegram_strikes_the_next_call(desk: Desk, page: Page):
    await page.get_by_label("The bot's next call").select_option("429 with retry_after")
    await expect(page.get_by_role("button", name="Everything as it should")).to_be_visible()
    with pytest.raises(Exception, match="Too Many Requests"):
        await desk.bot.call("getMe")
    await desk.bot.call("getMe")
    await page.get_by_role("button", name="Everything as it should").click()
    await expect(page.get_by_role("button", name="Everything as it should")).to_have_count(0)
