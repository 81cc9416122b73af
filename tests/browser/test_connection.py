"""When the connection goes: told at once, joined again by itself, nothing twice and nothing missing."""

import pytest
from playwright.async_api import Page, expect

from .conftest import Desk
from .talk import field, last, log, say

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
BANNER = "Connection lost"


async def test_after_a_cut_the_page_catches_up_without_doubles(desk: Desk, page: Page):
    await say(page, "before")
    await expect(last(page)).to_contain_text("Heard: before")
    await desk.wire.cut()
    await expect(page.get_by_text(BANNER)).to_be_visible()
    alice = desk.standin.person("alice")
    alice.send("from another window")
    await alice.wait(lambda seen: "another window" in seen.text)
    await desk.bot.call("deleteMessage", chat_id=1001, message_id=2)
    await desk.wire.join()
    await expect(last(page)).to_contain_text("Heard: from another window", timeout=12_000)
    await expect(page.get_by_text(BANNER)).to_be_hidden()
    await expect(log(page).get_by_role("article")).to_have_count(3)
    await say(page, "after")
    await expect(last(page)).to_contain_text("Heard: after")
    await expect(log(page).get_by_role("article")).to_have_count(5)
    desk.forgive("net::ERR_")


async def test_what_could_not_be_sent_stays_and_can_be_sent_again(desk: Desk, page: Page):
    await desk.wire.cut()
    await say(page, "into the void")
    again = page.get_by_role("button", name="Not sent. Try again")
    await expect(again).to_be_visible()
    await desk.wire.join()
    await expect(page.get_by_text(BANNER)).to_be_hidden(timeout=12_000)
    await again.click()
    await expect(last(page)).to_contain_text("Heard: into the void")
    await expect(log(page).get_by_role("article")).to_have_count(2)
    desk.forgive("net::ERR_")


async def test_a_refusal_is_said_in_its_own_words_and_the_text_stays(desk: Desk, page: Page):
    await page.route("**/desk/api/say", lambda route: route.fulfill(status=409, json={"error": "the desk is closed"}))
    await say(page, "knock knock")
    await expect(page.locator("#toast")).to_have_text("the desk is closed")
    await expect(last(page)).to_contain_text("knock knock")
    await expect(page.get_by_role("button", name="Not sent. Try again")).to_be_visible()
    desk.forgive("409 (Conflict)")


async def test_a_bot_that_was_blocked_elsewhere_is_blocked_here(desk: Desk, page: Page):
    desk.standin.person("alice").block()
    await expect(page.get_by_role("button", name="Unblock")).to_be_visible()
    desk.standin.person("alice").unblock()
    await expect(field(page)).to_be_visible()


async def test_a_long_history_shows_its_end_and_grows_upwards(desk: Desk):
    alice = desk.standin.person("alice")
    for number in range(1, 91):
        alice.send(f"line {number}")
        await alice.wait(lambda seen, wanted=f"Heard: line {number}": seen.text == wanted)
    page = await desk.open()
    await expect(last(page)).to_contain_text("Heard: line 90")
    shown = log(page).get_by_role("article")
    await expect(shown).to_have_count(50)
    await log(page).evaluate("node => { node.scrollTop = 0 }")
    await expect(shown).to_have_count(100)
    first_seen = log(page).get_by_text("line 66", exact=True)
    assert await log(page).evaluate("node => node.scrollTop") > 300, "the place one was reading must not jump"
    await expect(first_seen).to_have_count(1)
    await page.get_by_role("button", name="To the newest message").click()
    await expect(last(page)).to_be_in_viewport()
    await expect(shown).to_have_count(60)
