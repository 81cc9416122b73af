"""/access for everyone; /users, /letin and /block for admins."""

import pytest

from bot.domain.errors import NotAllowed, UserMistake
from bot.domain.users import Standing
from tests.handlers.conftest import ADMIN, ANN, Room, buttons


async def test_asking_reaches_the_admin_whose_buttons_decide(room: Room):
    card = await room.say("access")
    assert buttons(card) == ["access ask"]
    await room.users.meet(ADMIN, "Root")
    await room.answer("access ask")
    told = await room.told()
    assert "asked" in told[ANN].plain
    assert "Person 1" in told[ADMIN].plain
    let_in, block = (data.removeprefix("!") for data in buttons(told[ADMIN]))
    await room.answer(let_in, ADMIN)
    told = await room.told()
    assert "member" in told[ADMIN].plain
    assert "access now" in told[ANN].plain
    assert (await room.users.get(ANN)).standing is Standing.MEMBER
    await room.answer(block, ADMIN)
    assert (await room.users.get(ANN)).standing is Standing.BLOCKED


async def test_who_has_access_has_nothing_to_ask_for(room: Room):
    assert buttons(await room.say("access ask", ADMIN)) == []
    assert await room.store.read(lambda tx: tx.outbox.count_waiting()) == 0


async def test_who_waits_is_listed_first_with_buttons(room: Room):
    for who in range(1, 31):
        await room.users.meet(who, f"Person {who}")
    await room.answer("access ask", 3)
    first = await room.say("users", ADMIN)
    assert "Person 3" in first.plain.splitlines()[1]
    assert buttons(first)[:2] == ["!letin 3", "!block 3"]
    assert [data for data in buttons(first) if "users" in data] == ["!users 2"]
    assert "!person 3" not in buttons(first)
    second = buttons(await room.say("users 2", ADMIN))
    assert second[-1] == "!users 1"
    assert "person" in (await room.say(second[0].removeprefix("!"), ADMIN)).plain.lower()


@pytest.mark.parametrize("typed", ["", "x", "-5", "0", "1.5", "١٢", "9" * 30])
async def test_a_person_goes_by_number(room: Room, typed):
    for command in ("letin", "block"):
        with pytest.raises(UserMistake) as told:
            await room.say(f"{command} {typed}", ADMIN)
        assert told.value.key == "number.unreadable"


async def test_strangers_to_the_desk_and_admins_are_not_decided_about(room: Room):
    with pytest.raises(UserMistake) as told:
        await room.say("letin 77", ADMIN)
    assert told.value.key == "user.unknown"
    with pytest.raises(NotAllowed):
        await room.say(f"block {ADMIN}", ADMIN)


def test_what_only_admins_may_do_is_declared_so(room: Room):
    admins = {name for name, command in room.commands.items() if command.admin}
    assert {"users", "letin", "block", "halt", "resume"} <= admins
    assert not admins & {"price", "buy", "confirm", "keys", "lock", "access"}


async def test_an_owner_makes_an_admin_after_a_question_and_ends_it(room: Room):
    await room.users.meet(ANN, "Ann")
    await room.users.meet(ADMIN, "Root")
    person = await room.say(f"person {ANN}", ADMIN)
    assert "!promote 1" in buttons(person)
    question = await room.say("promote 1", ADMIN)
    assert "does not see keys" in question.plain
    assert not (await room.call("users")).admin
    await room.answer(buttons(question)[0].removeprefix("!"), ADMIN)
    told = await room.told()
    assert "admin" in told[ANN].plain
    call = await room.call("users")
    assert (call.admin, call.owner) == (True, False)
    await room.answer("demote 1", ADMIN)
    assert "no longer" in (await room.told())[ANN].plain
    assert not (await room.call("users")).admin
    assert (await room.users.get(ANN)).standing is Standing.MEMBER
    with pytest.raises(UserMistake) as told:
        await room.answer("demote 1", ADMIN)
    assert told.value.key == "access.no_admin"


def test_what_only_owners_may_do_is_declared_so(room: Room):
    assert {name for name, command in room.commands.items() if command.owner} == {"promote", "demote"}
    assert all(command.admin for command in room.commands.values() if command.owner)
