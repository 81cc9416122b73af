"""`kill -9` in the middle of broadcasts, with storms of 429: nobody twice, nobody missing but who is listed."""

import random
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from bot.delivery.broadcasting import AT_ONCE
from bot.domain.users import User
from bot.sandbox.telegram import Person, Seen
from bot.scheduler import SystemClock
from storage.store import open_store
from storage.vault import KeySource
from tests.desk import ADMIN, DeskProcess, World, asked, eventually

FIRST = 50_001
TEXT = "Trading rests on Sunday"
SETTINGS = {"BROADCAST_TYPED_ABOVE": "1000000"}


async def fill(world: World, count: int) -> list[Person]:
    """So many readers whom the desk knows, and may write to."""
    path = world.database
    store, _ = open_store(path, KeySource(None, None, "", path.with_suffix(".key")), SystemClock())
    people = range(FIRST, FIRST + count)
    await store.write(lambda tx: [tx.users.add(User(one, f"Reader {one}"), 1) for one in people])
    store.close()
    telegram = world.telegram.tg
    for one in people:
        telegram.world.add_person(f"Reader {one}", person_id=one)
        telegram.world.started.add((123456, one))
    return [world.telegram.person(one) for one in people]


async def begun(world: World) -> Seen:
    await asked(world.admin, "/start")
    await asked(world.admin, "/broadcast")
    world.admin.send(TEXT)
    card = await world.admin.wait(lambda seen: "📣 Send now" in seen.labels, timeout_s=30)
    world.admin.press(card, "📣 Send now")
    world.admin.press(card, "📣 Send now")
    return card


def rows(world: World, query: str) -> list[tuple]:
    with closing(sqlite3.connect(f"{world.database.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def fates(world: World) -> dict[int, str]:
    return dict(rows(world, f"SELECT user_id, fate FROM broadcast_copies WHERE user_id <> {ADMIN}"))  # noqa: S608


def has_ended(world: World) -> bool:
    return rows(world, "SELECT count(*) FROM broadcasts WHERE state = 'ended'") == [(1,)]


async def killed(world: World, desk: DeskProcess, dice: random.Random, kills: int, readers: int) -> int:
    """Runs it to its end through kills and storms; how many copies were on their way at all kills together."""
    on_their_way = 0
    for n in range(kills):
        step = world.telegram.last_call + dice.randrange(1, max(2, readers // (kills + 1)))
        if n % 2:
            world.telegram.tg.faults.add("retry_after", method="copyMessage", times=dice.randrange(3, 8), retry_after=1)
        await eventually(lambda step=step: world.telegram.last_call >= step or has_ended(world), timeout_s=120)
        await desk.kill()
        on_their_way += Counter(fates(world).values())["sending"]
        await desk.start()
        await desk.ready(120)
    await eventually(lambda: has_ended(world), timeout_s=readers / 10 + 60)
    return on_their_way


@pytest.mark.parametrize(
    ("readers", "kills", "seed"),
    [pytest.param(45, 1, 1, id="45"), pytest.param(10_000, 20, 2, id="10000", marks=pytest.mark.soak)],
)
async def test_nobody_twice_and_nobody_missing_but_the_uncertain(
    world: World, make_process, readers: int, kills: int, seed: int
):
    dice, desk = random.Random(seed), make_process(**SETTINGS)  # noqa: S311  # it must come out the same again
    people = await fill(world, readers)
    world.telegram.delays["copyMessage"] = 0.03  # so that copies are on their way when the desk dies
    await desk.start()
    await desk.ready(120)
    card = await begun(world)
    await eventually(lambda: fates(world))
    on_their_way = await killed(world, desk, dice, kills, readers)

    got = {person.id: sum(seen.text == TEXT for seen in person.messages()) for person in people}
    found = fates(world)
    uncertain = {reader for reader, fate in found.items() if fate == "uncertain"}
    assert max(got.values()) == 1
    assert {reader for reader, count in got.items() if not count} <= uncertain
    assert len(uncertain) <= on_their_way <= kills * AT_ONCE
    assert set(found.values()) <= {"sent", "uncertain"}
    assert len(rows(world, "SELECT id FROM broadcasts WHERE state <> 'draft'")) == 1
    shown = await eventually(
        lambda: next((seen for seen in world.admin.messages() if seen.id == card.id and "Sent" in seen.text), None)
    )
    assert ("Uncertain, may have it" in shown.text) is bool(uncertain)
    assert await desk.terminate() == 0
