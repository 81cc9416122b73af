"""Groups: prices for everyone, answered to who asked; the rest refused with a word, and no noise."""

import pytest

from bot.sandbox.telegram.people import Group
from tests.desk import Desk, World, answers, asked, card, pressed

pytestmark = pytest.mark.usefixtures("desk")


@pytest.fixture
def group(world: World) -> Group:
    return world.telegram.add_group("Coffee", ["alice", "bob"])


async def test_prices_are_answered_to_who_asked(world: World, group: Group):
    for typed in ("/price btc", "/cap btc", "/calc 1 btc eth", "/help", "/top"):
        answer = await asked(world.alice, typed, chat=group)
        assert answer.wire["reply_to_message"]["text"] == typed


async def test_what_is_private_is_refused_with_a_word(world: World, desk: Desk, group: Group):
    for typed in ("/watch btc", "/settings language zh", "/access ask", "/export btc", "/cancel"):
        assert "private chat" in (await asked(world.alice, typed, chat=group)).text
    user = await desk.app.services.users.get(world.alice.id)
    assert (user.watch, user.language, user.standing) == ((), "", "stranger")


@pytest.mark.parametrize(
    ("typed", "carried"),
    [
        ("/export btc 1y", "?start=export_btc_1y"),  # it only shows, so the link opens it
        ("/watch btc", ""),  # it would change something: who wrote a link must not
    ],
)
async def test_the_way_from_there_opens_what_only_shows(world: World, group: Group, typed: str, carried: str):
    refusal = await asked(world.alice, typed, chat=group)
    assert refusal.button((0, 0))["url"].endswith(f"_bot{carried}")


async def test_a_picker_there_has_no_button_that_remembers(world: World, group: Group):
    picker = await asked(world.alice, "/price orb", chat=group)
    assert picker.text.startswith("Which ORB?")
    assert all(len(row) == 1 for row in picker.buttons)


async def test_an_unknown_command_of_another_bot_is_none_of_ours(world: World, group: Group):
    world.alice.send("/weather", chat=group)
    world.alice.send("/price@another_bot btc", chat=group)
    assert card("BTC")(await asked(world.alice, "/price btc", chat=group))
    assert len([message for message in world.alice.messages(group) if message.wire["from"]["is_bot"]]) == 1


async def test_an_unknown_command_to_us_by_name_is_answered(world: World, group: Group):
    assert "/weather" in (await asked(world.alice, "/weather@desk123456_bot", chat=group)).text


async def test_talk_of_people_is_not_answered(world: World, desk: Desk, group: Group):
    world.alice.send("btc", chat=group)
    await asked(world.alice, "/price eth", chat=group)
    await desk.settled()
    assert len(answers(world.alice, group)) == 1


async def test_anybody_may_press_a_button_under_a_price(world: World, group: Group):
    shown = await asked(world.alice, "/price btc", chat=group)
    again = await pressed(world.bob, shown, "!price BTC", chat=group)
    assert again.id == shown.id


async def test_a_group_that_became_a_supergroup_is_answered_there(world: World, desk: Desk, group: Group):
    await asked(world.alice, "/price btc", chat=group)
    await desk.stop()
    world.alice.send("/price eth", chat=group)
    supergroup = world.telegram.upgrade(group.id)
    await desk.start()
    answer = await world.alice.wait(card("ETH"), chat=supergroup)
    await desk.settled()
    assert answer.wire["chat"]["id"] == supergroup.id


async def test_being_thrown_out_of_a_group_harms_nobody(world: World, desk: Desk, group: Group, told):
    await asked(world.alice, "/price btc", chat=group)
    await desk.stop()
    world.alice.send("/price eth", chat=group)
    group.bots.clear()
    await desk.start()
    assert card("ETH")(await asked(world.alice, "/price eth"))
    await desk.settled()
    assert told.errors() == []
