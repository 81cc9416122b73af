"""`python -m bot sandbox` as its admin meets it: a broadcast drafted, sent, corrected and recalled."""

import pytest
from playwright.async_api import Page, expect

from .talk import last, log, say
from .test_story import address, press, visit  # noqa: F401  # fixtures, found by their names

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def turn(page: Page, name: str) -> None:
    await page.get_by_role("tab", name=name).click()


async def test_a_broadcast_is_sent_corrected_and_recalled(visit: Page):  # noqa: F811  # the fixture
    page = visit
    await say(page, "/start")
    await expect(last(page)).to_contain_text("@changedesk_bot")
    await turn(page, "Admin")
    await say(page, "/broadcast")
    await expect(last(page)).to_contain_text("Send me the message")
    await say(page, "Trading rests on Sunday")
    await expect(last(page)).to_contain_text("To 2 people (0 muted, 0 unreachable)")
    await press(page, "Send now")
    await expect(log(page)).to_contain_text("Sent: 2")
    await turn(page, "Alice")
    await expect(last(page)).to_contain_text("Trading rests on Sunday")

    await turn(page, "Admin")
    await press(page, "Correct")
    await expect(last(page)).to_contain_text("the whole corrected message")
    await say(page, "Trading rests on Monday")
    await expect(last(page)).to_contain_text("takes the place of 2 copies")
    await press(page, "Correct 2 copies")
    await expect(log(page)).to_contain_text("Corrected: 2")
    await turn(page, "Alice")
    await expect(last(page)).to_contain_text("Trading rests on Monday")
    await expect(last(page)).to_contain_text("✏️ Corrected")

    await turn(page, "Admin")
    await press(page, "Recall")
    await press(page, "Recall from all")
    await expect(log(page)).to_contain_text("Recalled: 2")
    await turn(page, "Alice")
    await expect(last(page)).to_contain_text("@changedesk_bot")
    await expect(log(page)).not_to_contain_text("Trading rests")


async def test_the_market_in_a_few_lines_with_a_picture(visit: Page):  # noqa: F811  # the fixture
    await say(visit, "/summary")
    await expect(last(visit)).to_contain_text("Market summary", timeout=60_000)
    await expect(last(visit).get_by_role("img")).to_have_js_property("complete", value=True)
    await press(visit, "Subscribe")
    await expect(last(visit)).to_contain_text("What I send you")
    await press(visit, "Weekly")
    await expect(last(visit)).to_contain_text("Market summary: one a week")
