"""Alerts through everything: typed, crossed by the sandbox's market, told with buttons that work, over kills."""

import pytest

from bot.sandbox.market import Market
from bot.sandbox.telegram import Person, Seen
from tests.desk import PATIENCE_S, Desk, World, answered, asked, pressed

pytestmark = pytest.mark.usefixtures("desk")


@pytest.fixture
def market() -> Market:
    """One of its own: these tests move it."""
    return Market(invented=20, dust=0)


def line(market: Market, percent: int) -> str:
    price = market.price("BTC")
    return f"{price * (100 + percent) / 100:.0f}"


async def told(person: Person) -> Seen:
    """The message of an alert itself: it alone says how it was set."""
    return await person.wait(lambda message: ": /alert BTC >" in message.text, timeout_s=PATIENCE_S)


async def test_a_line_that_is_crossed_is_told_and_its_buttons_work(world: World, desk: Desk, market: Market):
    alice = world.alice
    target = line(market, 20)
    assert "I will tell you" in (await asked(alice, f"/alert btc > {target}")).text
    await desk.app.services.alerts.check()
    assert "above" in (await asked(alice, "/alerts")).text
    market.move("BTC", 40)
    desk.clock.advance(60)
    await desk.app.services.alerts.check()
    message = await told(alice)
    assert "CoinCodex" in message.text
    assert "photo" in (await pressed(alice, message, "📈 Chart")).wire
    again = await pressed(alice, message, "🔁 Again")
    assert "Next time after" in again.text
    assert "is deleted" in (await pressed(alice, again, "✖ Delete")).text


async def test_an_alert_and_what_it_told_outlive_a_restart(world: World, desk: Desk, market: Market):
    alice = world.alice
    await asked(alice, f"/alert btc > {line(market, 20)} repeat 1h")
    await desk.restart()
    market.move("BTC", 40)
    desk.clock.advance(60)
    await desk.ready()
    await desk.app.services.alerts.check()
    await told(alice)
    await desk.restart()
    await desk.app.services.alerts.check()
    await desk.settled()
    assert sum(": /alert BTC >" in message.text for message in alice.messages()) == 1


async def test_while_the_source_is_down_nothing_is_told_and_then_it_is(world: World, desk: Desk, market: Market):
    alice = world.alice
    await asked(alice, f"/alert btc > {line(market, 20)}")
    market.move("BTC", 40)
    for kind, value in (("down", None), ("error", 500), ("html", None)):
        world.coincodex.faults.set(kind, value)
        desk.clock.advance(60)
        await desk.app.services.alerts.check()
    assert await desk.waiting() == (0, 0)
    world.coincodex.faults.clear()
    desk.clock.advance(60)
    await desk.app.services.alerts.check()
    await told(alice)


async def test_a_button_of_the_price_card_leads_to_an_alert(world: World):
    card = await asked(world.alice, "/price btc")
    choices = await pressed(world.alice, card, "🔔 Alert")
    assert "When shall I tell you?" in choices.text
    assert "I will tell you" in (await pressed(world.alice, choices, choices.labels[0])).text


async def test_the_new_line_is_typed_after_the_question(world: World):
    alice = world.alice
    await asked(alice, "/alert btc +5% 1h")
    listed = await asked(alice, "/alerts")
    assert "Send the new line" in (await pressed(alice, listed, "✏️ 1")).text
    assert "BTC up 7% within 1 h" in (await asked(alice, "+7% 1h")).text
    alice.send("/alerts")
    assert "7%" in (await answered(alice)).text


async def test_alerts_are_for_private_chats(world: World):
    group = world.telegram.add_group("Coffee", ["alice"])
    assert "private chat" in (await asked(world.alice, "/alert btc > 1000000", chat=group)).text
