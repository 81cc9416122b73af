"""The page without a mouse: commands, recall, tabs, focus."""

import pytest
from playwright.async_api import Page, expect

from .talk import field, last, log, say, suggestions

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_slash_lists_the_commands_and_enter_sends_the_chosen_one(page: Page):
    await field(page).focus()
    await page.keyboard.type("/")
    await expect(suggestions(page)).to_have_count(5)
    await expect(suggestions(page).first).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowUp")
    await expect(field(page)).to_have_attribute("aria-activedescendant", "option-4")
    await page.keyboard.press("Enter")
    await expect(last(page)).to_contain_text("You are Alice")
    await expect(field(page)).to_be_focused()


async def test_typing_narrows_the_list_and_tab_completes_for_more_words(page: Page):
    await field(page).focus()
    await page.keyboard.type("/pi")
    await expect(suggestions(page)).to_have_count(1)
    await page.keyboard.press("Tab")
    await expect(field(page)).to_have_value("/picture ")
    await field(page).fill("/price ")
    await page.keyboard.type("btc")
    await page.keyboard.press("Enter")
    await expect(last(page)).to_contain_text("Heard: /price btc")


async def test_a_command_typed_whole_is_sent_though_a_longer_one_begins_so(page: Page):
    await field(page).focus()
    await page.keyboard.type("/price")
    await expect(suggestions(page)).to_have_count(2)
    await page.keyboard.press("Enter")
    await expect(log(page).get_by_role("article").nth(-2)).to_contain_text("/price")
    await expect(last(page)).to_contain_text("Heard: /price")


async def test_escape_closes_the_list_and_leaves_the_text(page: Page):
    await field(page).focus()
    await page.keyboard.type("/p")
    await expect(suggestions(page)).to_have_count(4)
    await page.keyboard.press("Escape")
    await expect(suggestions(page)).to_have_count(0)
    await expect(field(page)).to_have_value("/p")


async def test_the_menu_button_opens_and_closes_the_list(page: Page):
    menu = page.get_by_role("button", name="Commands", exact=True)
    await menu.press("Enter")
    await expect(menu).to_have_attribute("aria-expanded", "true")
    await expect(suggestions(page)).to_have_count(5)
    await menu.click()
    await expect(suggestions(page)).to_have_count(0)


async def test_arrow_up_in_an_empty_field_walks_what_was_said(page: Page):
    for words in ("one", "two"):
        await say(page, words)
        await expect(last(page)).to_contain_text(f"Heard: {words}")
    await page.keyboard.press("ArrowUp")
    await expect(field(page)).to_have_value("two")
    await page.keyboard.press("ArrowUp")
    await expect(field(page)).to_have_value("one")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(field(page)).to_have_value("")


async def test_arrow_up_does_not_replace_a_text_one_is_writing(page: Page):
    await say(page, "one")
    await expect(last(page)).to_contain_text("Heard: one")
    await page.keyboard.type("unfinished")
    await page.keyboard.press("ArrowUp")
    await expect(field(page)).to_have_value("unfinished")


async def test_people_are_tabs_that_arrow_keys_walk(page: Page):
    await page.get_by_role("tab", name="Alice").focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("tab", name="Bob")).to_be_focused()
    await expect(page.get_by_role("tab", name="Bob")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_role("tab", name="Admin")).to_have_attribute("aria-selected", "true")


async def test_tab_goes_from_the_messages_over_their_buttons_to_the_field(page: Page):
    await say(page, "/start")
    await expect(last(page)).to_contain_text("Welcome")
    await page.get_by_role("button", name="Door").or_(page.get_by_role("link", name="Door")).focus()
    walked = []
    for _ in range(2):
        await page.keyboard.press("Tab")
        walked.append(await page.evaluate("document.activeElement.id"))
    assert walked == ["menu", "text"]


async def test_control_and_arrow_up_picks_the_message_to_answer(page: Page):
    await say(page, "hello")
    await expect(last(page)).to_contain_text("Heard: hello")
    await page.keyboard.press("Control+ArrowUp")
    await expect(page.locator("#reply")).to_contain_text("Heard: hello")
    await page.keyboard.type("I mean it")
    await page.keyboard.press("Enter")
    await expect(log(page).get_by_role("article", name="You").last.locator(".quote")).to_contain_text("Heard: hello")


async def test_everything_pressable_has_a_name(page: Page):
    for words in ("/start", "/picture", "/file"):
        await say(page, words)
    await expect(page.get_by_role("link", name="Download")).to_be_visible()
    nameless = await page.evaluate("""
        [...document.querySelectorAll("button, a, input, select, textarea, [role=button]")]
        .filter((node) => node.checkVisibility())
        .filter((node) => !(node.ariaLabel || node.innerText?.trim() || node.labels?.length))
        .filter((node) => !node.getAttribute("aria-labelledby"))
        .map((node) => node.outerHTML)""")
    assert nameless == []
