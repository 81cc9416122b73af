"""/start, /help and /cancel."""

import pytest

from bot.domain.errors import UserMistake
from handlers.start import unfolded
from tests.handlers.conftest import ADMIN, ANN, Room, buttons


async def test_hello_has_buttons_that_all_work_and_changes_nothing(room: Room):
    hello = await room.say("start")
    assert "@desk_bot" in hello.plain
    assert buttons(hello)[-1] == "access ask"
    assert await room.store.read(lambda tx: tx.outbox.count_waiting()) == 0
    for data in buttons(hello):
        assert (await room.say(data)).html


async def test_the_first_tap_shows_prices(room: Room):
    first = buttons(await room.say("start"))[0]
    assert "60,000.00" in (await room.say(first)).plain


async def test_an_admin_is_not_told_to_ask(room: Room):
    assert "access ask" not in buttons(await room.say("start", ADMIN))


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        (["start", "price_btc"], ["price", "btc"]), (["start", "chart_btc_30d"], ["chart", "btc", "30d"]),
        (["start", "help"], ["help"]), (["start", "alert_btc"], ["alert", "btc"]),
        (["start", "alert_btc_70000"], ["alert", "btc"]), (["start", "swap_btc_eth"], ["swap", "btc", "eth"]),
        (["start", "swap_btc_eth_0x28C6"], ["swap", "btc", "eth"]), (["start", "swap"], ["swap"]),
        (["start"], None), (["start", ""], None), (["start", "__"], None), (["start", "watch_btc"], None),
        (["start", "letin_5"], None), (["start", "price_btc", "more"], None), (["price", "price_btc"], None),
    ],
)  # fmt: skip
def test_a_link_is_a_line_that_only_shows_something(line, meant):
    assert list(unfolded(line)) == (meant or line)


async def test_help_shows_each_what_he_may_use(room: Room):
    assert "/users" not in (await room.say("help")).plain
    assert "/users" in (await room.say("help", ADMIN)).plain


async def test_help_explains_every_command_and_its_aliases(room: Room):
    for name, command in room.commands.items():
        if not command.hidden:
            assert f"/{command.name}" in (await room.say(f"help {name}", ADMIN)).plain
    assert "/price" in (await room.say("help /price")).plain


@pytest.mark.parametrize("name", ["nosuch", "users", "letin", "pick"])
async def test_help_knows_nothing_of_what_one_may_not_use(room: Room, name):
    with pytest.raises(UserMistake) as told:
        await room.say(f"help {name}")
    assert told.value.key == "help.unknown"


async def test_cancel_ends_a_question_and_says_where_there_was_none(room: Room):
    await room.say("settings zone")
    assert "✅" in (await room.say("cancel")).plain
    assert await room.services.dialogs.pending(ANN, ANN) == ""
    with pytest.raises(UserMistake) as told:
        await room.say("cancel")
    assert told.value.key == "nothing.to_cancel"
