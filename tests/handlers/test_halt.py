"""/halt and /resume: an admin's word, told to the others, lifted by a second press."""

from tests.handlers.conftest import ADMIN, ANN, Room, buttons


async def test_a_halt_holds_at_once_and_says_so(room: Room):
    assert "halted" in (await room.say("halt", ADMIN)).plain
    assert await room.services.trading.halted()


async def test_every_other_admin_hears_of_it_the_named_ones_too(room: Room):
    for who in (ANN, ADMIN):
        await room.users.meet(who, f"Person {who}")
    await room.answer("promote 1 yes", ADMIN)
    await room.told()
    await room.answer("halt", ADMIN)
    assert "Person 900" in (await room.told())[ANN].plain
    await room.answer("resume yes")
    assert "Person 1" in (await room.told())[ADMIN].plain


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
