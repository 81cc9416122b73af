"""Seeded stories of outages, kills, quiet hours and long waits: nothing is lost, and nothing repeated but what was on
its way when something broke.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import time
from pathlib import Path

import pytest

from bot.delivery.loop import LEASE_MS, Delivery
from bot.domain.notices import Address, Lane, Notice
from bot.domain.telling import Loudness, Quiet, Topic
from bot.domain.users import User
from bot.scheduler import Nursery, SystemClock
from bot.telegram.sending import Later, Outcome, Sent, Uncertain
from storage.store import Store
from tests.delivery.conftest import render
from tests.still_clock import StillClock
from tests.store_in import store_in

READERS = (1, 2, 3)
KINDS = ("say", "alert_fired", "order_ended")
STEPS = 60


class Wire:
    """Telegram, as its line behaves: `told` is what arrived, `broken` how often nobody could know whether it did."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self.told, self.broken, self.down = rng, Counter(), 0, False

    async def send(self, to: Address, reply) -> Outcome:
        if self.down:
            return Later(2.0)
        fate = self.rng.random()
        if fate < 0.1:
            return Later(self.rng.choice([1.0, 30.0, 3600.0]))
        arrived = fate > 0.15
        if arrived:
            self.told.update((to.chat_id, line.split()[0]) for line in reply.plain.splitlines())
        if fate > 0.25:
            return Sent(1)
        self.broken += 1
        return Uncertain()


class Story:
    def __init__(self, store: Store, clock: StillClock, nursery: Nursery, seed: int) -> None:
        self.store, self.clock, self.nursery = store, clock, nursery
        self.rng = random.Random(seed)  # noqa: S311  # a seed to repeat a story by
        self.wire = Wire(self.rng)
        self.said: dict[str, tuple[int, str]] = {}
        self.restart()

    def restart(self) -> None:
        self.delivery = Delivery(self.store, self.wire, render, self._leave, SystemClock(), self.nursery)
        self.delivery._closing = True  # a turn that is far off is not waited for

    async def _leave(self, _reader: int) -> None:
        raise AssertionError("nobody has left")

    async def begin(self) -> None:
        def unit(tx):
            for reader in READERS:
                tx.users.add(User(reader, f"Reader {reader}"), tx.now_ms)
            tx.telling.choose_quiet(2, Quiet(time(13), time(16), holds=True))
            tx.telling.choose(3, Topic.ALERTS, Loudness.OFF)

        await self.store.write(unit)

    async def step(self) -> None:
        acts = [self.tell, self.tell, self.tell, self.carry, self.carry, self.pass_time, self.kill, self.outage]
        await self.rng.choice(acts)()

    async def tell(self) -> None:
        reader, kind = self.rng.choice(READERS), self.rng.choice(KINDS)
        name = f"m{len(self.said)}"
        lane = Lane.MONEY if kind == "order_ended" else Lane.ALERT
        notice = Notice(kind, {"text": name, "state": "filled"})
        await self.store.write(lambda tx: tx.tell(name, lane, reader, Address(reader), notice))
        self.said[name] = (reader, kind)

    async def carry(self) -> None:
        asyncio.get_running_loop().call_soon(self.store.told.set)
        await self.delivery._round()
        while self.delivery._running:
            await self.store.told.wait()
            self.store.told.clear()

    async def pass_time(self) -> None:
        self.clock.advance(self.rng.choice([1, 5, 60, 700, 4000]))

    async def outage(self) -> None:
        self.wire.down = not self.wire.down

    async def kill(self) -> None:
        """Some had been claimed, and nothing had come of them yet; then another process took over."""
        now = self.store.now_ms()
        await self.store.write(lambda tx: tx.outbox.claim(now, now + LEASE_MS, self.rng.randint(0, 3)))
        await self.store.write(lambda tx: tx.outbox.release(tx.now_ms))
        self.restart()

    async def end(self) -> None:
        """All is well again: until nothing waits."""
        self.wire.down = False
        for _ in range(400):
            await self.carry()
            if not await self.store.read(lambda tx: tx.outbox.count_waiting()):
                return
            self.clock.advance(61)
            self.restart()
        raise AssertionError("something waits for ever")

    async def fates(self) -> dict[str, str]:
        """Of each message; of one that became a line, that of the message it is a line of."""
        find = (
            "SELECT one.cause, coalesce(other.state, one.state) FROM outbox AS one"
            " LEFT JOIN outbox AS other ON one.digest > 0 AND other.id = one.digest"
        )
        return dict(await self.store.read(lambda tx: tx.outbox._db.conn.execute(find).fetchall()))


@pytest.fixture
async def story(tmp_path: Path, seed: int) -> AsyncIterator[Story]:
    clock, nursery = StillClock(), Nursery()
    store = store_in(tmp_path, clock)
    yield Story(store, clock, nursery, seed)
    await nursery.close()
    store.close()


@pytest.mark.parametrize("seed", range(12))
async def test_nothing_is_lost_and_repeats_are_no_more_than_what_broke(story: Story):
    await story.begin()
    for _ in range(STEPS):
        await story.step()
    await story.end()
    fates, told = await story.fates(), story.wire.told
    for name, (reader, kind) in story.said.items():
        off = (reader, kind) == (3, "alert_fired")
        assert fates[name] == ("muted" if off else "sent"), name
        assert bool(told[reader, name]) is not off, name
    lines = [count for (_, name), count in told.items() if name in story.said]
    assert sum(lines) - len(lines) <= story.wire.broken * 15
    own = [name for name, (_, kind) in story.said.items() if kind == "say"]
    digests = "SELECT count(*) FROM outbox WHERE digest > 0 AND cause = ?"
    for name in own:  # what needs an act is nobody's line
        row = await story.store.read(lambda tx, name=name: tx.outbox._db.conn.execute(digests, (name,)).fetchone())
        assert row[0] == 0
