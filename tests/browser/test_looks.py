"""How it looks: light and dark, wide and narrow, still for those who ask for it."""

import pytest
from playwright.async_api import Page, expect

from .conftest import Desk
from .talk import field, last, log, say

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
READ = (".mine .words", ".theirs .words", ".theirs .meta", ".mine .meta", ".key", ".tagline", "#head-state",
        ".setting label", ".person small", ".theirs .words a")  # fmt: skip
PHONE = {"width": 390, "height": 844}


async def background(page: Page) -> str:
    return str(await page.evaluate("getComputedStyle(document.body).backgroundColor"))


async def contrast(page: Page, selector: str) -> float:
    """Of an element's text on the first opaque background behind it (WCAG 2)."""
    return float(
        await page.locator(selector).first.evaluate("""(node) => {
        const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        const rgba = (colour) => { paint.clearRect(0, 0, 1, 1); paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1);
            return [...paint.getImageData(0, 0, 1, 1).data] };
        const light = (colour) => colour.slice(0, 3).map((c) => c / 255)
            .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
        let behind = node;
        while (behind && rgba(getComputedStyle(behind).backgroundColor)[3] < 255) behind = behind.parentElement;
        const pair = [light(rgba(getComputedStyle(node).color)), light(rgba(getComputedStyle(behind).backgroundColor))];
        return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    }""")
    )


async def test_the_system_chooses_the_colours_and_a_choice_is_remembered(desk: Desk):
    page = await desk.open(color_scheme="dark")
    dark = await background(page)
    await page.get_by_role("button", name="Light colours").click()
    light = await background(page)
    assert dark != light
    await page.reload()
    await expect(page.get_by_role("button", name="Dark colours")).to_be_visible()
    assert await background(page) == light


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_is_readable_in_both_colours(desk: Desk, scheme: str):
    page = await desk.open(color_scheme=scheme)
    await say(page, "/start")
    await expect(last(page)).to_contain_text("Welcome")
    for selector in READ:
        assert await contrast(page, selector) >= 4.5, selector


async def test_a_phone_shows_everything_without_scrolling_sideways(desk: Desk):
    page = await desk.open(**PHONE, has_touch=True, is_mobile=True)
    for words in ("/start", "/picture", "/file", "/evil", "w" * 300):
        await say(page, words)
    await expect(last(page)).to_contain_text("Heard: www")
    wide = "node => node.scrollWidth - node.clientWidth"
    assert await page.locator("html").evaluate(wide) == 0
    assert await log(page).evaluate(wide) == 0
    await expect(field(page)).to_be_in_viewport(ratio=1)
    box = await page.get_by_role("tabpanel").or_(page.locator("#phone")).bounding_box()
    assert box is not None
    assert box["width"] == PHONE["width"]


async def test_on_a_phone_the_world_comes_in_and_goes(desk: Desk):
    page = await desk.open(**PHONE)
    light = page.get_by_role("switch", name="Light")
    await expect(light).to_be_hidden()
    await page.get_by_role("button", name="World", exact=True).click()
    await light.click()
    await expect(light).to_have_attribute("aria-checked", "true")
    await page.keyboard.press("Escape")
    await expect(light).to_be_hidden()
    await expect(page.get_by_role("button", name="World", exact=True)).to_be_focused()


async def test_a_wide_screen_has_chat_people_and_world_side_by_side(page: Page):
    lefts = []
    for name in ("#side", "#phone", "#world"):
        box = await page.locator(name).bounding_box()
        assert box is not None
        lefts.append(box["x"])
    assert lefts == sorted(lefts)
    assert len(set(lefts)) == 3
    for name in ("#side", "#world", "#switches"):
        assert await page.locator(name).evaluate("node => node.scrollWidth - node.clientWidth") == 0, name


async def test_nothing_moves_where_motion_is_not_wanted(desk: Desk):
    page = await desk.open(reduced_motion="reduce")
    await say(page, "/start")
    await page.get_by_role("button", name="Wait").click()
    await expect(page.get_by_role("button", name="Wait")).to_have_attribute("aria-busy", "true")
    assert await page.evaluate("document.getAnimations().length") == 0
    desk.bot.hold.set()
    await expect(page.locator("#toast")).to_have_text("Waited for")
