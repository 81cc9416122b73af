"""`python -m bot sandbox` with a swap: a quote, a deposit, the plug pulled in the middle, and what came of it told."""

import pytest
from playwright.async_api import Page, expect

from .talk import last, log, say
from .test_story import address, visit  # noqa: F401  # fixtures, found by their names
from .test_trading_story import let_in, world

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WALLET = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


async def press(page: Page, name: str) -> None:
    """In the chat: the world beside it has buttons of its own."""
    await log(page).get_by_role("button", name=name).last.click()


async def test_a_swap_from_its_quote_to_its_end_over_a_pulled_plug(visit: Page):  # noqa: F811  # the fixture
    page = visit
    await let_in(page)
    await say(page, f"/swap 0.005 btc eth float {WALLET}")
    await expect(last(page)).to_contain_text("0x5a Aeb6 053F 3E94")
    await press(page, "No refund address")
    await expect(last(page)).to_contain_text("Swap quote · floating rate")
    await expect(last(page)).to_contain_text("AML/KYC")
    await press(page, "Swap 0.005 BTC")
    await expect(last(page).get_by_role("img")).to_be_visible()
    await expect(last(page)).to_contain_text("Send once, in one transaction")
    await expect(log(page)).to_contain_text("On the network BITCOIN, on no other")
    deposits = world(page, "deposits")
    await deposits.get_by_label("Each stage takes … s").fill("5")
    await deposits.get_by_label("Each stage takes … s").press("Enter")
    await deposits.get_by_role("button", name="Pay: 0.005 BTC").click()
    # Who asks need not wait for the watch to come by; the card follows, too.
    await say(page, "/status")
    await expect(last(page)).to_contain_text("· confirming")
    await expect(log(page)).to_contain_text("Deposit seen, confirming")
    # The card is edited at each stage, which waits for us here: a machine under load must not skip one.
    await deposits.get_by_label("Put it to").select_option("exchanging")
    await expect(log(page)).to_contain_text("⏳ Exchanging", timeout=30_000)
    await expect(log(page)).not_to_contain_text("Deposit seen, confirming")
    await world(page, "desk").get_by_role("button", name="Pull the plug").click()
    await deposits.get_by_label("Put it to").select_option("sending")
    await expect(log(page)).to_contain_text("⏳ Sending to your address", timeout=60_000)
    await expect(log(page)).not_to_contain_text("⏳ Exchanging")
    await deposits.get_by_role("button", name="Let it go on").click()
    await expect(last(page)).to_contain_text("You received", timeout=60_000)
    await say(page, "/status")
    await expect(last(page)).to_contain_text("finished")
    await expect(last(page)).to_contain_text("Received")
