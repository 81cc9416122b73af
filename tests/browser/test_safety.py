"""What others write stays text: in messages, names, buttons, files, groups and links."""

from urllib.parse import urljoin

import pytest
from playwright.async_api import Page, expect

from .conftest import Desk
from .polling_bot import EVIL, FILE
from .talk import last, log, say

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_markup_in_a_message_a_button_and_a_file_name_is_shown_as_typed(page: Page):
    await say(page, "/evil")
    await expect(page.get_by_role("button", name=EVIL)).to_be_visible()
    await expect(log(page).get_by_text(EVIL)).to_have_count(2)
    await expect(last(page).locator(".file-name")).to_have_text(FILE)
    await expect(last(page)).to_contain_text("<i>caption</i>")
    assert await page.locator("#log :is(script, iframe, i, b[onclick], img)").count() == 0
    assert await page.title() == "Changedesk"


async def test_a_javascript_address_does_not_become_a_link(page: Page):
    await say(page, "/evil")
    await expect(last(page).locator(".file-name")).to_be_visible()
    assert await page.locator('#log a[href^="javascript"]').count() == 0


async def test_markup_in_a_name_and_a_group_title_is_shown_as_typed(desk: Desk):
    mallory = desk.standin.tg.world.add_person(EVIL, username="mallory")
    desk.standin.add_group(f"Group {EVIL}", [mallory.id, 1001])
    page = await desk.open()
    await page.get_by_role("tab", name=EVIL).click()
    await expect(page.locator("#chats")).to_contain_text(f"Group {EVIL}")
    await page.locator("#chats").get_by_role("button", name="Changedesk").click()
    await say(page, "/profile")
    await expect(last(page)).to_contain_text(f"You are {EVIL}")
    await page.locator("#chats").get_by_role("button", name="Group").click()
    await say(page, "hello all")
    await page.get_by_role("tab", name="Alice").click()
    await expect(last(page)).to_contain_text(EVIL)
    assert await page.locator(":is(script:not([src]), img[onerror])").count() == 0


async def test_a_file_of_a_bot_never_opens_as_a_page_of_the_desk(desk: Desk, page: Page):
    await say(page, "/evil")
    await expect(last(page).locator(".file-name")).to_have_text(FILE)
    href = await last(page).locator("a.file").get_attribute("href")
    answer = await page.request.get(urljoin(desk.wire.url, href))
    assert answer.headers["content-type"] == "application/octet-stream"


async def test_the_policy_of_the_page_lets_no_inline_script_run(desk: Desk, page: Page):
    ran = await page.evaluate("""new Promise((done) => {
        document.addEventListener("securitypolicyviolation", () => done(window.ran ?? "stopped"), { once: true });
        const script = document.createElement("script");
        script.textContent = "window.ran = 'ran'";
        document.body.append(script);
    })""")
    assert ran == "stopped"
    desk.forgive("Executing inline script violates")
