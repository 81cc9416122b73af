"""`kill -9` at random moments: no command lost, no answer lost, every write done once, and few answers repeated."""

import asyncio
import random
from collections import Counter

import pytest

from tests.chaos.stream import Stream
from tests.desk import DeskProcess, World, eventually

A_ROUND = 14


async def _killed(stream: Stream, desk: DeskProcess, world: World, dice: random.Random, kills: int) -> None:
    world.telegram.delays["*"] = 0.01  # so that sends are under way when the desk dies
    for _ in range(kills):
        for _ in range(A_ROUND // 2):
            stream.say()
        await desk.start()
        if dice.random() < 0.75:
            await desk.ready()
            seen = world.telegram.last_call + dice.randrange(1, 2 * A_ROUND)
            for _ in range(A_ROUND // 2):
                stream.say()
            await eventually(lambda seen=seen: world.telegram.last_call >= seen or stream.all_done)
        await asyncio.sleep(dice.uniform(0, 0.03))
        await desk.kill()
        stream.note_kill()
    world.telegram.delays.clear()


@pytest.mark.parametrize(
    ("kills", "seed"),
    [pytest.param(8, 1, id="8"), pytest.param(200, 2, id="200", marks=pytest.mark.soak)],
)
async def test_kills_lose_nothing_and_do_nothing_twice(world: World, make_process, kills: int, seed: int):
    dice, desk = random.Random(seed), make_process()  # noqa: S311  # it must come out the same again
    people = [world.stranger() for _ in range(max(12, kills))]
    stream = Stream(world, dice, people)
    await desk.start()
    await desk.ready()
    await desk.kill()
    await _killed(stream, desk, world, dice, kills)

    await desk.start()
    await eventually(lambda: stream.all_done, timeout_s=60)
    assert stream.lost() == Counter()
    assert stream.repeated() == Counter()
    assert stream.kept_lists() == stream.wanted_lists()
    assert stream.applied() >= stream.writes
    assert await desk.terminate() == 0
