"""What a person's audit says after he has connected a key, set limits, ordered, locked: all of it, and no secret."""

import pytest

from tests.desk import Desk, World, asked, pressed
from tests.flows.test_orders import confirmed, connected


@pytest.fixture
async def desk(make_desk) -> Desk:
    made = make_desk(ACCESS="open")
    await made.start()
    return made


async def test_money_acts_are_noted_with_what_was_done_and_seen_by_their_owner(world: World, desk: Desk):
    alice = world.alice
    await connected(world, alice)
    await asked(alice, "/limits order 500")
    card = await asked(alice, "/buy 0.002 btc/usdt")
    await confirmed(alice, card, "100.0%")
    for line in ("/phrase blue heron", "/lock", "/unlock", "/unlock"):
        await asked(alice, line)
    await desk.settled()
    lines = [line.split(" · ", 1)[1] for line in (await asked(alice, "/audit")).text.splitlines()[1:]]
    assert [line.partition(": ")[2].partition(":")[0] for line in lines] == [
        "unlocked", "locked", "phrase changed", "order sent", "limits", "key connected",
    ]  # fmt: skip
    assert "BTC/USDT" in lines[3]
    assert "heron" not in "".join(lines)
    assert "Nothing is noted" in (await asked(world.stranger(), "/audit")).text


async def test_what_an_admin_does_to_all_is_in_the_owners_audit(world: World, desk: Desk):
    await asked(world.alice, "/start")
    await desk.settled()
    await asked(world.admin, f"/letin {world.alice.id}")
    await asked(world.admin, "/halt")
    question = await asked(world.admin, "/resume")
    await pressed(world.admin, question, question.labels[0])
    whole = (await asked(world.admin, "/audit all")).text
    for act in ("orders leave again", "all orders halted", "let in"):
        assert act in whole
    assert "owners alone" in (await asked(world.alice, "/audit all")).text
