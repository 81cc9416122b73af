"""/halt and /resume: an admin's word, told to the others, lifted by a second press."""

from tests.handlers.conftest import ADMIN, Room, buttons


async def test_a_halt_holds_at_once_and_says_so(room: Room):
    assert "halted" in (await room.say("halt", ADMIN)).plain
    assert await room.services.trading.halted()


async def test_it_is_lifted_by_a_second_press_only(room: Room):
    await room.say("halt", ADMIN)
    question = await room.say("resume", ADMIN)
    assert buttons(question) == ["!resume yes"]
    assert await room.services.trading.halted()
    assert "lifted" in (await room.say("resume yes", ADMIN)).plain
    assert not await room.services.trading.halted()


async def test_where_nothing_is_halted_nothing_is_asked(room: Room):
    assert buttons(await room.say("resume", ADMIN)) == []


async def test_both_are_for_admins(room: Room):
    assert all(room.commands[name].admin for name in ("halt", "resume"))
