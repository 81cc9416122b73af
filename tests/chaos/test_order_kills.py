"""`kill -9` while orders flow: at most one order an intent, and in the end the truth about each of them."""

import asyncio
import random

import pytest

from bot.sandbox.telegram import Person
from tests.chaos.order_stream import OrderStream
from tests.desk import Desk, DeskProcess, World, asked

MOST_ACTS = 200
"""A desk is killed when it has sent orders, or after so many acts: on a slow machine some have sent none."""

PLACE = "POST /api/v3/order"
SETTINGS = {"ACCESS": "open", "MOST_PER_DAY_USD": "1000000"}
FAULTS = ("", "", "lost_after", "lost_before", "html", "cut", "error", "slow")


async def _connected(world: World, person: Person) -> Person:
    login = world.exchange.add_account(str(person.id))
    await asked(person, "/keys add binance")
    assert "✅" in (await asked(person, f"{login.key} {login.secret}")).text
    return person


async def _killed(stream: OrderStream, desk: DeskProcess, world: World, dice: random.Random, kills: int) -> None:
    for _ in range(kills):
        await desk.start()
        await desk.ready()
        if fault := dice.choice(FAULTS):
            world.exchange.faults.set(fault, 1 if fault == "slow" else None, times=1, calls="place")
        sent = world.exchange.calls[PLACE] + dice.randrange(1, 4)
        for _ in range(MOST_ACTS):
            stream.act()
            await asyncio.sleep(dice.uniform(0, 0.05))
            if world.exchange.calls[PLACE] >= sent:
                break
        await asyncio.sleep(dice.uniform(0, 0.04))
        await desk.kill()
        world.exchange.faults.clear()


async def _a_quarter_of_an_hour(world: World, desk: Desk, stream: OrderStream) -> None:
    """By the desk's clock, and by the exchange's; each look is waited for."""
    for _ in range(46):
        if not stream.undecided:
            return
        desk.clock.advance(20)
        world.exchange.faults.skew_s += 20
        await desk.app.services.trading.reconcile()


@pytest.mark.parametrize(
    ("kills", "seed"),
    [pytest.param(8, 1, id="8"), pytest.param(300, 2, id="300", marks=pytest.mark.soak)],
)
async def test_kills_double_no_order_and_leave_none_unknown(world: World, make_process, make_desk, kills, seed):
    dice, process = random.Random(seed), make_process(**SETTINGS)  # noqa: S311  # it must come out the same again
    await process.start()
    await process.ready()
    people = [await _connected(world, world.stranger()) for _ in range(max(8, kills // 6))]
    await process.kill()
    stream = OrderStream(world, dice, people)
    await _killed(stream, process, world, dice, kills)

    desk = make_desk(**SETTINGS)
    await desk.start()
    await desk.ready()
    await desk.settled()
    await _a_quarter_of_an_hour(world, desk, stream)
    assert stream.faults() == []
    states = stream.states()
    assert states["accepted"] >= kills // 2, states  # else nothing was proven
