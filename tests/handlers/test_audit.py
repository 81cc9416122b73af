"""/audit."""

import pytest

from bot.domain.errors import NotAllowed, UserMistake
from tests.handlers.conftest import ADMIN, ANN, Room, buttons

BEN = 2


@pytest.fixture
async def busy(room: Room) -> Room:
    for who in (ANN, BEN, ADMIN):
        await room.users.meet(who, f"Person {who}")
    await room.answer("letin 1", ADMIN)
    await room.answer("lock")
    await room.answer("limits day 500")
    await room.answer("phrase blue heron")
    await room.answer("lock", BEN)
    await room.answer("halt", ADMIN)
    await room.told()
    return room


async def test_each_sees_what_he_did_and_what_was_done_to_him(busy: Room):
    assert (await busy.say("audit")).plain.splitlines() == [
        "Your audit · page 1 of 1 · only added to, never changed",
        "12:00 UTC · you: phrase changed",
        "12:00 UTC · you: limits: 500.00 USD an order, 500.00 USD a day",
        "12:00 UTC · you: locked",
        "12:00 UTC · Person 900 (900) → you: let in",
    ]
    assert len((await busy.say("audit", BEN)).plain.splitlines()) == 2
    assert "Nothing is noted" in (await busy.say("audit", 3)).plain


async def test_owners_see_all_and_nobody_else_does(busy: Room):
    seen = (await busy.say("audit all", ADMIN)).plain.splitlines()
    assert len(seen) == 7
    assert seen[1].endswith("you: all orders halted")
    assert seen[-1].endswith("you → Person 1 (1): let in")
    await busy.answer("promote 1 yes", ADMIN)
    with pytest.raises(NotAllowed):
        await busy.answer("audit all")


async def test_it_holds_no_secret(busy: Room):
    assert "heron" not in (await busy.say("audit all", ADMIN)).plain


async def test_it_has_pages(busy: Room):
    for _ in range(20):
        await busy.answer("lock")
    first = await busy.say("audit")
    assert "page 1 of 2" in first.plain
    assert buttons(first) == ["!audit 2"]
    assert buttons(await busy.say("audit 2")) == ["!audit 1"]
    assert buttons(await busy.say("audit all 1", ADMIN)) == ["!audit all 2"]
    for line in ("audit x", "audit 0"):
        with pytest.raises(UserMistake):
            await busy.answer(line)
