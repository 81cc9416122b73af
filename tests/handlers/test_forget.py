"""/forget: what is offered says what it will do; only the button that was offered just now does it."""

import pytest

from bot.domain.errors import UserMistake
from bot.domain.intents import State
from tests.handlers.conftest import ANN, Room, buttons
from tests.storage.everything import fill

BOB = 2


async def known(room: Room, **state: object) -> None:
    await room.store.write(lambda tx: fill(tx, ANN, "Ann", **state))


async def there(room: Room, who: int = ANN) -> bool:
    return await room.store.read(lambda tx: tx.users.get(who) is not None and bool(tx.accounts.of_user(who)))


async def test_the_card_names_where_keys_are_to_be_revoked(room: Room):
    await known(room)
    card = await room.say("forget")
    assert "Binance" in card.plain
    assert "Revoke" in card.plain
    assert await there(room)


async def test_who_has_no_keys_is_told_of_none(room: Room):
    assert "Revoke" not in (await room.say("forget")).plain


async def test_the_button_does_it_and_the_other_does_not(room: Room):
    await known(room)
    yes, no = (data.removeprefix("!") for data in buttons(await room.say("forget")))
    assert "Nothing was deleted" in (await room.say(no)).plain
    assert await there(room)
    assert "revoke it" in (await room.say(yes)).plain
    assert not await there(room)


@pytest.mark.parametrize(("after_s", "done"), [(0, True), (120, True), (121, False), (-2, False)])
async def test_it_holds_for_two_minutes(room: Room, after_s: int, done):
    await known(room)
    yes = buttons(await room.say("forget"))[0].removeprefix("!")
    room.clock.advance(after_s)
    await room.say(yes)
    assert await there(room) is not done


@pytest.mark.parametrize(
    "typed", ["forget yes", "forget yes now", "forget yes -1", "forget yes ²", "forget me", "forget yes 1 1"]
)
async def test_what_was_not_offered_asks_anew(room: Room, typed):
    await known(room)
    assert "Shall I forget you?" in (await room.say(typed)).plain
    assert await there(room)


@pytest.mark.parametrize(
    ("state", "ended_at", "key"),
    [
        (State.SENDING, 5, "forget.unknown_orders"), (State.UNKNOWN, 5, "forget.unknown_orders"),
        (State.ACCEPTED, 0, "forget.open_orders"),
    ],
)  # fmt: skip
async def test_what_is_under_way_is_finished_first(room: Room, state, ended_at, key):
    await known(room, intent=state, order_ended_at=ended_at)
    yes = buttons(await room.say("forget"))[0].removeprefix("!")
    with pytest.raises(UserMistake) as told:
        await room.say(yes)
    assert told.value.key == key
    assert await there(room)


async def test_one_is_forgotten_and_no_other(room: Room):
    await known(room)
    await room.store.write(lambda tx: fill(tx, BOB, "Bob"))
    await room.say(buttons(await room.say("forget"))[0].removeprefix("!"))
    assert (await there(room), await there(room, BOB)) == (False, True)
