"""/settings: what is chosen holds from the next word on, and only what there is can be chosen."""

import pytest

from bot.domain.errors import UserMistake
from tests.handlers.conftest import ANN, Room, buttons


async def test_every_button_of_the_card_works(room: Room):
    card = await room.say("settings")
    for data in buttons(card):
        assert "✅" in (await room.say(data.removeprefix("!"))).plain


async def test_a_language_holds_at_once(room: Room):
    assert "已保存" in (await room.say("settings language zh")).plain
    assert "Bitcoin" in (await room.say("price")).plain
    assert (await room.users.get(ANN)).language == "zh"


@pytest.mark.parametrize("typed", ["berlin", "Europe/Berlin", "europe/berlin"])
async def test_a_zone_goes_by_city_or_name(room: Room, typed):
    assert "Europe/Berlin" in (await room.say(f"settings zone {typed}")).plain
    assert (await room.users.get(ANN)).timezone == "Europe/Berlin"


async def test_a_zone_may_be_asked_for_and_the_next_line_is_the_answer(room: Room):
    assert "Which time zone" in (await room.say("settings zone")).plain
    assert await room.services.dialogs.pending(ANN, ANN) == "settings zone"
    await room.say("settings zone new york")
    assert await room.services.dialogs.pending(ANN, ANN) == ""
    assert (await room.users.get(ANN)).timezone == "America/New_York"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("settings nosuch", "settings.unknown"), ("settings language xx", "language.unknown"),
        ("settings language", "language.unknown"), ("settings zone nowhere", "zone.unknown"),
        ("settings zone ../../etc/passwd", "zone.unknown"),
    ],
)  # fmt: skip
async def test_what_there_is_not_is_said_by_its_key(room: Room, line, key):
    with pytest.raises(UserMistake) as told:
        await room.say(line)
    assert told.value.key == key
    assert (await room.users.get(ANN)).timezone == ""
