"""The nursery: what runs in it is gone once it is closed."""

import asyncio

from bot.scheduler import Nursery


async def test_it_closes_over_what_has_ended_this_very_moment():
    nursery = Nursery()
    task = nursery.start(asyncio.sleep(0), "short")
    while not task.done():  # noqa: ASYNC110  # it is the very moment that matters
        await asyncio.sleep(0)
    assert nursery._tasks  # it has ended, and nobody has been told yet
    await nursery.close()
    assert not nursery._tasks


async def test_it_closes_over_what_starts_another_while_it_ends():
    nursery, ended = Nursery(), []

    async def stubborn(left: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(left)
            if left:
                nursery.start(stubborn(left - 1), "another")
                await asyncio.sleep(0)

    nursery.start(stubborn(3), "first")
    await asyncio.sleep(0)
    await nursery.close()
    assert ended == [3, 2, 1, 0]


async def test_it_lets_what_runs_finish_for_a_while():
    nursery = Nursery()
    task = nursery.start(asyncio.sleep(0.01, "done"), "short")
    await nursery.close(5)
    assert task.result() == "done"
