"""Intake: every update once, each person's in order, whatever comes between."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import intake as module
from bot.domain.errors import Unavailable
from bot.domain.updates import ANSWERED, Ending, Incoming
from bot.intake import Intake, lane_of
from bot.scheduler import Nursery
from storage.store import Store
from tests.still_clock import StillClock
from tests.store_in import store_in


class HeldStore(Store):
    """Its reads have seen what they saw, and may be kept from telling it; its writes may fail."""

    def __init__(self, store: Store) -> None:
        super().__init__(store._engine, store._clock, store._source, store._vault, store.box, store.beside)
        self.open = asyncio.Event()
        self.open.set()
        self.reading = asyncio.Event()
        self.down = False

    async def read(self, unit):
        found = await super().read(unit)
        self.reading.set()
        await self.open.wait()
        return found

    async def write(self, unit):
        if self.down:
            raise Unavailable("storage.down")
        return await super().write(unit)


class Runner:
    """Answers updates, and remembers which. `gate`: nobody is answered while it is shut."""

    def __init__(self) -> None:
        self.ran: list[int] = []
        self.at_once = self.most_at_once = 0
        self.endings: dict[int, list[Ending | Exception]] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.changed = asyncio.Event()

    async def __call__(self, incoming: Incoming) -> Ending:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.changed.set()
        await self.gate.wait()
        self.at_once -= 1
        self.ran.append(incoming.update_id)
        self.changed.set()
        outcome = (self.endings.get(incoming.update_id) or [ANSWERED]).pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def have_run(self, count: int) -> list[int]:
        await self._until(lambda: len(self.ran) >= count)
        return self.ran

    async def run_at_once(self, count: int) -> None:
        await self._until(lambda: self.at_once >= count)

    async def _until(self, so: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not so():
                self.changed.clear()
                await self.changed.wait()


class House:
    def __init__(self, store: HeldStore, nursery: Nursery) -> None:
        self.store, self.nursery = store, nursery
        self.runner = Runner()
        self.intake = self.another()

    def another(self, **settings) -> Intake:
        return Intake(self.store, self.runner, StillClock(), self.nursery, {"cancel"}, **settings)

    async def waiting(self) -> int:
        return await Store.read(self.store, lambda tx: tx.inbox.count_waiting())

    async def left(self, count: int) -> None:
        async with asyncio.timeout(10):
            while await self.waiting() != count:
                await self.store.write(lambda _: None)

    async def settled(self) -> None:
        await self.left(0)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    nursery = Nursery()
    store = store_in(tmp_path, StillClock())
    yield House(HeldStore(store), nursery)
    await nursery.close()
    store.close()


def line(update_id, who=1, text="/price btc"):
    return {"update_id": update_id, "message": {"from": {"id": who}, "chat": {"id": who}, "text": text}}


async def test_what_is_accepted_is_run_once_and_ended(house: House):
    await house.intake.catch_up()
    await house.intake.accept([line(1), line(2, 2)])
    await house.intake.accept([line(1), line(2, 2), line(3, 3)])
    await house.settled()
    assert sorted(house.runner.ran) == [1, 2, 3]


async def test_one_persons_lines_stay_in_order_and_others_go_side_by_side(house: House):
    await house.intake.catch_up()
    house.runner.gate.clear()
    await house.intake.accept([line(10 * who + n, who) for n in range(5) for who in range(1, 9)])
    await house.runner.run_at_once(8)
    house.runner.gate.set()
    ran = await house.runner.have_run(40)
    for who in range(1, 9):
        assert [update for update in ran if update // 10 == who] == [10 * who + n for n in range(5)]
    assert house.runner.most_at_once == 8


async def test_an_express_line_does_not_wait_behind_the_others(house: House):
    await house.intake.catch_up()
    house.runner.gate.clear()
    await house.intake.accept([line(1), line(2), line(3, text="/cancel@desk_bot now")])
    press = {"update_id": 4, "callback_query": {"from": {"id": 1}, "message": {"text": "x"}}}
    await house.intake.accept([press])
    house.runner.gate.set()
    ran = await house.runner.have_run(4)
    assert ran.index(3) < ran.index(2)


async def test_only_so_many_are_run_at_once(house: House):
    house.intake = house.another(at_once=3)
    await house.intake.catch_up()
    house.runner.gate.clear()
    await house.intake.accept([line(who, who) for who in range(1, 21)])
    await house.runner.run_at_once(3)
    house.runner.gate.set()
    await house.runner.have_run(20)
    assert house.runner.most_at_once == 3


async def test_what_a_dead_process_left_is_run_by_the_next(house: House):
    await house.intake.accept([line(n) for n in range(1, 6)])  # nothing is fed before the first catch-up
    assert house.runner.ran == []
    house.intake = house.another()
    await house.intake.catch_up()
    await house.settled()
    assert house.runner.ran == [1, 2, 3, 4, 5]


async def test_an_update_stored_while_the_inbox_is_read_is_not_passed_over(house: House):
    """The webhook brings updates before, during and after the first look at what was left."""
    await house.intake.accept([line(1)])
    house.store.open.clear()
    catching_up = asyncio.gather(house.intake.catch_up())
    await house.store.reading.wait()
    await house.intake.accept([line(2)])
    house.store.open.set()
    await catching_up
    await house.intake.accept([line(3)])
    await house.settled()
    assert house.runner.ran == [1, 2, 3]


async def test_nothing_is_run_twice_however_often_it_catches_up(house: House):
    await house.intake.accept([line(n, n) for n in range(1, 50)])
    await asyncio.gather(
        *(house.intake.catch_up() for _ in range(5)), *(house.intake.accept([line(n, n)]) for n in range(50, 80))
    )
    await house.intake.catch_up()
    await house.settled()
    assert sorted(house.runner.ran) == list(range(1, 80))


async def test_a_flood_costs_disk_and_not_memory(house: House):
    await house.intake.catch_up()
    house.runner.gate.clear()
    many = module.MOST_HELD + 700
    for start in range(0, many, 100):
        await house.intake.accept([line(n, n % 50) for n in range(start, start + 100)])
    assert len(house.intake._held) <= module.MOST_HELD
    assert house.intake.behind
    house.runner.gate.set()
    assert sorted(await house.runner.have_run(many)) == list(range(many))


async def test_numbers_that_begin_anew_in_an_old_inbox_are_still_fed(house: House):
    await house.intake.catch_up()
    await house.intake.accept([line(n) for n in range(1, 30)])
    await house.settled()
    await house.store.write(lambda tx: tx.inbox.tidy(10**15))
    await house.intake.accept([line(100)])
    await house.settled()
    assert house.runner.ran[-1] == 100


async def test_what_shall_come_again_comes_again_and_holds_up_nobody(house: House):
    await house.intake.catch_up()
    house.runner.endings[1] = [Ending(again_in_s=0.01), ANSWERED]
    await house.intake.accept([line(1), line(2)])
    await house.runner.have_run(3)
    await house.settled()
    assert house.runner.ran == [1, 2, 1]


async def test_a_run_that_breaks_does_not_end_its_persons_lane(house: House):
    await house.intake.catch_up()
    house.runner.endings[1] = [ZeroDivisionError()]
    await house.intake.accept([line(1), line(2), line(3)])
    assert await house.runner.have_run(3) == [1, 2, 3]
    await house.left(1)  # the broken one waits for its next try


async def test_what_was_ended_by_its_write_is_not_ended_again(house: House):
    await house.intake.catch_up()
    house.runner.endings[1] = [Ending(stored=True)]
    await house.intake.accept([line(1), line(2)])
    await house.runner.have_run(2)
    await house.left(1)


async def test_what_the_disk_does_not_take_is_not_accepted(house: House):
    await house.intake.catch_up()
    house.store.down = True
    with pytest.raises(Unavailable):
        await house.intake.accept([line(1)])
    house.store.down = False
    await house.intake.accept([line(1)])
    await house.settled()
    assert house.runner.ran == [1]


async def test_an_altered_row_is_passed_over_and_kept(house: House):
    await house.intake.accept([line(1), line(2)])
    await house.store.write(
        lambda tx: tx.inbox._db.conn.execute("UPDATE inbox SET sealed = zeroblob(50) WHERE update_id = 1").rowcount
    )
    await house.intake.catch_up()
    assert await house.runner.have_run(1) == [2]
    await house.intake.accept([line(3)])
    assert await house.runner.have_run(2) == [2, 3]


async def test_closing_lets_what_runs_finish_and_leaves_the_rest(house: House):
    await house.intake.catch_up()
    house.runner.gate.clear()
    await house.intake.accept([line(1), line(2), line(3)])
    await house.runner.run_at_once(1)
    closing = asyncio.gather(house.intake.close(5))
    await asyncio.sleep(0)
    house.runner.gate.set()
    await closing
    assert house.runner.ran == [1]
    assert await house.waiting() == 2


junk = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.dictionaries(st.sampled_from(["from", "chat", "text"]), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["message", "callback_query", "inline_query", "my_chat_member", "poll"]), junk))
def test_every_update_has_a_lane_whatever_it_holds(raw):
    owner, express = lane_of(raw, {"cancel"})
    assert isinstance(owner, int)
    assert isinstance(express, bool)
