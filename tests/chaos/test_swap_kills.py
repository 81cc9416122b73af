"""`kill -9` while swaps are made and move: at most one an intent, every end told, few words said twice."""

import asyncio
import random
from collections import Counter

import pytest

from tests.chaos.swap_stream import SwapStream
from tests.desk import Desk, DeskProcess, World, eventually

MOST_ACTS = 200
"""A desk is killed when it has made swaps, or after so many acts: on a slow machine some have made none."""

PATIENCE_S = 180
CREATE = "createTransaction"
SETTINGS = {
    "ACCESS": "open",
    "MOST_PER_DAY_USD": "1000000",
    "SWAPS_PER_DAY": "1000",
    "SWAP_POLL_SECONDS": "5",
}
FAULTS = ("", "", "lost_after", "lost_before", "html", "cut", "error", "slow")


async def _killed(stream: SwapStream, desk: DeskProcess, world: World, dice: random.Random, kills: int) -> None:
    for _ in range(kills):
        await desk.start()
        await desk.ready()
        if fault := dice.choice(FAULTS):
            world.changelly.faults.set(fault, 1 if fault == "slow" else None, times=1, calls="place")
        made = world.changelly.calls[CREATE] + dice.randrange(1, 4)
        for _ in range(MOST_ACTS):
            stream.act()
            stream.step()
            await asyncio.sleep(dice.uniform(0.03, 0.1))
            if world.changelly.calls[CREATE] >= made:
                break
        await asyncio.sleep(dice.uniform(0, 0.04))
        await desk.kill()
        stream.note_kill()
        world.changelly.faults.clear()


async def _settled(desk: Desk, stream: SwapStream) -> None:
    """A quarter of an hour and more, by the desk's clock; each look is waited for."""
    stream.end()
    services = desk.app.services
    for _ in range(90):
        if not stream.undecided and not stream.behind:
            break
        desk.clock.advance(20)
        await services.trading.reconcile()
        stream.end()
        await services.swaps.watch()
    await _quiet(desk)


async def _quiet(desk: Desk) -> None:
    """However slow this machine is, and however many presses came while nobody was there to hear them."""
    async with asyncio.timeout(PATIENCE_S):
        while await desk.waiting() != (0, 0):  # noqa: ASYNC110  # the tables tell nobody
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("kills", "seed"),
    [pytest.param(8, 1, id="8"), pytest.param(300, 2, id="300", marks=pytest.mark.soak)],
)
async def test_kills_double_no_swap_and_lose_no_word_of_its_end(world: World, make_process, make_desk, kills, seed):
    dice, process = random.Random(seed), make_process(**SETTINGS)  # noqa: S311  # it must come out the same again
    world.telegram.tg.history.most_in_chat = 10_000  # all that was ever said is looked through in the end
    stream = SwapStream(world, dice, [world.stranger() for _ in range(8)])
    await _killed(stream, process, world, dice, kills)

    desk = make_desk(**SETTINGS)
    await desk.start()
    await desk.ready()
    await _quiet(desk)
    await _settled(desk, stream)
    assert stream.faults() == []
    assert stream.behind == []
    await eventually(lambda: not stream.unsaid(), PATIENCE_S)
    await eventually(lambda: not stream.told() - stream.read(), PATIENCE_S)
    assert stream.read() - stream.told() - stream.spare == Counter()
    states = stream.states()
    assert states["accepted"] >= kills // 2, states  # else nothing was proven
