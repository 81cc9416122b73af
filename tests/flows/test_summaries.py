"""The market summary through everything: by the clock, to each in his own language, its picture sent once."""

from datetime import UTC, datetime, timedelta

from bot.sandbox.telegram import Person, Seen
from tests.desk import PATIENCE_S, Desk, World, asked, pressed

HEADS = ("Market summary", "市场概览")


async def summary_of(person: Person) -> Seen:
    return await person.wait(
        lambda seen: any(head in seen.text for head in HEADS) and bool(seen.file), timeout_s=PATIENCE_S
    )


async def test_it_comes_by_the_clock_and_each_reader_chooses_how_often(desk: Desk, world: World, clock):
    for person in (world.alice, world.bob):
        await asked(person, "/subscribe")
    when = datetime.now(UTC) + timedelta(hours=3)  # noqa: TID251  # the machine's own, as the desk's
    assert f"{when:%H:%M}" in (await asked(world.admin, f"/summary daily {when:%H:%M} UTC")).text
    clock.advance(3 * 3600)
    english, chinese = await summary_of(world.alice), await summary_of(world.bob)
    assert HEADS[0] in english.text
    assert HEADS[1] in chinese.text
    assert english.file == chinese.file
    sent = [call for call in world.telegram.requests if call.method == "sendPhoto"]
    assert sum(bool(call.params.get("photo")) for call in sent) == 1  # by its id, once it is known

    assert "one a week" in (await pressed(world.alice, english, "Fewer like this")).text
    clock.advance(24 * 3600)
    await asked(world.bob, "/price btc")
    tomorrow = await summary_of(world.bob)
    assert tomorrow.id != chinese.id
    await desk.settled()
    assert sum(bool(seen.file) for seen in world.alice.messages()) == 1
