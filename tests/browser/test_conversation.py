"""A conversation in the browser: saying, pressing, looking at pictures, saving documents."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from .conftest import Desk
from .polling_bot import TABLE
from .talk import last, log, say

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_first_visit_offers_something_to_press(page: Page):
    await expect(log(page).get_by_role("heading", name="Say hello to Changedesk")).to_be_visible()
    await log(page).get_by_role("button", name="/start").click()
    await expect(last(page)).to_contain_text("Welcome to the desk")
    await expect(log(page).get_by_role("heading")).to_have_count(0)


async def test_an_answer_stands_under_the_command_with_its_entities(page: Page):
    await say(page, "/start")
    await expect(last(page).locator("strong")).to_have_text("the desk")
    await expect(last(page).locator("code")).to_have_text("0.01500000")
    await expect(last(page).locator("pre")).to_have_text("BTC 67,412.38")
    await expect(last(page).get_by_role("link", name="https://example.org/a")).to_have_attribute(
        "rel", "noopener noreferrer"
    )
    mine = log(page).get_by_role("article", name="You")
    await expect(mine.get_by_role("button", name="/start")).to_be_visible()
    await expect(mine.get_by_role("img", name="Taken by the bot")).to_be_visible()


async def test_a_press_edits_the_message_in_place(page: Page):
    await say(page, "/start")
    await page.get_by_role("button", name="Count").click()
    await expect(last(page)).to_contain_text("Counted 1")
    await expect(last(page)).to_contain_text("edited")
    await page.get_by_role("button", name="Count").press("Enter")
    await expect(last(page)).to_contain_text("Counted 2")
    await expect(page.get_by_role("button", name="Count")).to_be_focused()
    await expect(log(page).get_by_role("article")).to_have_count(2)


async def test_a_button_turns_until_the_bot_answers_and_no_longer(desk: Desk, page: Page):
    await say(page, "/start")
    wait = page.get_by_role("button", name="Wait")
    await wait.click()
    await expect(wait).to_have_attribute("aria-busy", "true")
    desk.bot.hold.set()
    await expect(page.locator("#toast")).to_have_text("Waited for")
    await expect(wait).not_to_have_attribute("aria-busy", "true")


async def test_an_alert_waits_until_it_is_read(page: Page):
    await say(page, "/start")
    await page.get_by_role("button", name="Alert").click()
    await expect(page.get_by_role("dialog")).to_contain_text("<b>Read me</b>")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_a_button_copies_and_code_is_copied_by_a_tap(desk: Desk):
    page = await desk.open(permissions=["clipboard-read", "clipboard-write"])
    await say(page, "/start")
    await page.get_by_role("button", name="Copy", exact=True).click()
    assert await page.evaluate("navigator.clipboard.readText()") == "bc1q"
    await last(page).locator("code").click()
    await expect(page.locator("#toast")).to_have_text("Copied")
    assert await page.evaluate("navigator.clipboard.readText()") == "0.01500000"


async def test_a_link_to_the_bot_itself_starts_it_with_its_parameter(page: Page):
    await say(page, "/start")
    await page.get_by_role("link", name="Door").click()
    await expect(last(page)).to_contain_text("Started with price_btc")
    assert len(page.context.pages) == 1


async def test_a_picture_is_loaded_and_grows_on_a_click(page: Page):
    await say(page, "/picture")
    image = last(page).get_by_role("img", name="Picture: Bitcoin, 7 days")
    await expect(image).to_be_visible()
    await expect(page.locator(".picture img")).to_have_js_property("complete", value=True)
    assert await image.evaluate("image => image.naturalWidth") == 640
    await last(page).get_by_role("button", name="Enlarge").click()
    await expect(page.get_by_role("dialog", name="Picture")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Picture")).to_be_hidden()


async def test_a_document_is_saved_byte_for_byte(page: Page, tmp_path: Path):
    await say(page, "/file")
    chip = page.get_by_role("link", name=f"Download orders.csv, {len(TABLE)} B")
    async with page.expect_download() as waiting:
        await chip.click()
    download = await waiting.value
    await download.save_as(tmp_path / "saved")
    assert download.suggested_filename == "orders.csv"
    assert (tmp_path / "saved").read_bytes() == TABLE


async def test_an_attached_file_reaches_the_bot(desk: Desk, page: Page):
    await page.locator("#file").set_input_files({"name": "note.txt", "mimeType": "text/plain", "buffer": b"hello"})
    await expect(log(page).get_by_role("link", name="Download note.txt, 5 B")).to_be_visible()
    await expect(last(page)).to_contain_text("Heard:")
    assert desk.bot.heard[-1]["message"]["document"]["file_name"] == "note.txt"


async def test_what_the_bot_does_is_told_above_the_chat_and_ends_with_its_message(page: Page):
    await say(page, "/typing")
    await expect(page.locator("#head-state")).to_have_text("is typing")
    await say(page, "hello")
    await expect(last(page)).to_contain_text("Heard: hello")
    await expect(page.locator("#head-state")).to_have_text("bot")


async def test_a_deleted_message_goes_and_its_neighbours_stay(desk: Desk, page: Page):
    await say(page, "one")
    await expect(last(page)).to_contain_text("Heard: one")
    await say(page, "two")
    await expect(last(page)).to_contain_text("Heard: two")
    await desk.bot.call("deleteMessage", chat_id=1001, message_id=2)
    await expect(log(page)).not_to_contain_text("Heard: one")
    await expect(log(page).get_by_role("article")).to_have_count(3)


async def test_a_reply_shows_what_it_answers_in_both_directions(page: Page):
    await say(page, "first words")
    await expect(last(page).locator(".quote")).to_contain_text("first words")
    await last(page).hover()
    await last(page).get_by_role("button", name="Reply to Changedesk").click()
    await say(page, "second words")
    answered = log(page).get_by_role("article", name="You").last
    await expect(answered.locator(".quote")).to_contain_text("Heard: first words")


async def test_an_inline_question_shows_results_and_sends_the_chosen_one(page: Page):
    field = page.get_by_label("Message", exact=True)
    await field.fill("@sandbox_bot btc")
    await expect(page.get_by_role("listbox", name="Suggestions").get_by_role("option")).to_have_count(2)
    await field.press("ArrowDown")
    await field.press("Enter")
    await expect(log(page).get_by_role("article", name="You")).to_contain_text("BTC costs 200 USD")
    await expect(log(page).get_by_role("article", name="You")).to_contain_text("via @sandbox_bot")
    await expect(field).to_have_value("")


async def test_a_blocked_bot_hears_nothing_until_it_is_unblocked(desk: Desk, page: Page):
    await say(page, "before")
    await expect(last(page)).to_contain_text("Heard: before")
    await page.get_by_role("button", name="Block the bot").click()
    await expect(page.get_by_label("Message", exact=True)).to_be_hidden()
    with pytest.raises(Exception, match="blocked by the user"):
        await desk.bot.call("sendMessage", chat_id=1001, text="are you there?")
    await page.get_by_role("button", name="Unblock").click()
    await say(page, "after")
    await expect(last(page)).to_contain_text("Heard: after")
