"""Being several people: chats apart, groups together, unread counts."""

import pytest
from playwright.async_api import Page, expect

from .conftest import Desk
from .talk import field, last, log, say

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_each_person_sees_their_own_chat_only(page: Page):
    await say(page, "from alice")
    await expect(last(page)).to_contain_text("Heard: from alice")
    await page.get_by_role("tab", name="Bob").click()
    await expect(log(page).get_by_role("heading", name="Say hello")).to_be_visible()
    await say(page, "你好，比特币")
    await expect(last(page)).to_contain_text("Heard: 你好，比特币")
    await expect(last(page).locator(".words")).to_have_attribute("lang", "zh-Hans")
    await expect(log(page)).not_to_contain_text("from alice")


async def test_a_message_for_somebody_else_is_counted_until_it_is_read(desk: Desk, page: Page):
    desk.standin.person("bob").send("hi")
    await expect(page.get_by_role("tab", name="Bob").locator(".badge")).to_have_text("1")
    await expect(page).to_have_title("(1) Changedesk")
    await page.get_by_role("tab", name="Bob").click()
    await expect(last(page)).to_contain_text("Heard: hi")
    await expect(page.get_by_role("tab", name="Bob").locator(".badge")).to_have_count(0)
    await expect(page).to_have_title("Changedesk")


async def test_a_message_in_the_open_chat_is_not_counted(page: Page):
    await say(page, "hi")
    await expect(last(page)).to_contain_text("Heard: hi")
    await expect(page.locator(".badge")).to_have_count(0)


async def test_members_of_a_group_read_one_another(desk: Desk, page: Page):
    desk.standin.add_group("Coin talk", ["alice", "bob"])
    group = page.locator("#chats").get_by_role("button", name="Coin talk")
    await group.click()
    await say(page, "hello bob")
    await page.get_by_role("tab", name="Bob").click()
    await expect(last(page)).to_contain_text("hello bob")
    await expect(last(page).locator(".sender")).to_have_text("Alice")
    await field(page).fill("/prof")
    await field(page).press("Enter")
    await expect(last(page)).to_contain_text("You are Bob")
    await page.get_by_role("tab", name="Admin").click()
    await expect(group).to_have_count(0)


async def test_an_unfinished_text_waits_for_its_person(page: Page):
    await field(page).fill("almost")
    await page.get_by_role("tab", name="Bob").click()
    await expect(field(page)).to_have_value("")
    await page.get_by_role("tab", name="Alice").click()
    await expect(field(page)).to_have_value("almost")
