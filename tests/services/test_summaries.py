"""Summaries by the clock: each local date served once, whatever happens to the desk, its source or its clocks."""

from datetime import UTC, datetime, time

import pytest

from bot.domain.broadcasts import Kind, State
from bot.domain.errors import Unavailable
from bot.domain.notices import Address, Mark
from bot.domain.readers import Pace
from bot.domain.schedules import Schedule
from bot.domain.summaries import as_values, from_values
from bot.domain.users import User
from bot.scheduler import Nursery
from bot.services.broadcasts import Rules
from bot.services.prices import Prices
from bot.services.summaries import Summaries
from storage.store import Store
from tests.price_shelf import PriceShelf
from tests.still_clock import StillClock

ADMIN = User(900, "Boss")
HOUR = 3600
DAILY = Schedule(0, None, time(2, 30), "Europe/Berlin")


async def drawn(_series) -> bytes:
    return b"a picture"


class Round:
    """A desk with subscribers, on which time passes by hand."""

    def __init__(self, store: Store, shelf: PriceShelf, still: StillClock, nursery: Nursery) -> None:
        self.store, self.shelf, self.still, self.nursery = store, shelf, still, nursery
        self.summaries = self.started_anew()
        self._updates = 0

    def started_anew(self) -> Summaries:
        prices = Prices(self.shelf, self.still, self.nursery)
        self.summaries = Summaries(self.store, prices, drawn, Rules(lambda: frozenset({ADMIN.id})), self.still)
        return self.summaries

    async def mark(self) -> Mark:
        self._updates += 1
        (letter,) = await self.store.write(lambda tx: tx.inbox.add([(self._updates, b"x")], 0))
        return Mark(letter.seq, self._updates, ADMIN.id, Address(ADMIN.id))

    async def schedule(self, wanted: Schedule) -> None:
        await self.summaries.schedule(ADMIN, wanted, await self.mark())

    async def subscribe(self, reader: int, pace: Pace = Pace.EACH) -> None:
        def unit(tx):
            tx.users.add(User(reader, "Reader"), tx.now_ms)
            tx.readers.subscribe(reader, pace)

        await self.store.write(unit)

    async def at(self, when: str, *, restarted: bool = False) -> list[list[int]]:
        """It is that time now: whom the summaries that begin now go to."""
        self.still.jump((datetime.fromisoformat(when) - self.still.now()).total_seconds())
        if restarted:
            self.started_anew()
        for _ in range(3):
            await self.summaries.run_due()
        return await self.begun()

    async def begun(self) -> list[list[int]]:
        def unit(tx):
            found = []
            for one in tx.broadcasts.at_work():
                assert one.kind is Kind.SUMMARY
                found.append([copy.user_id for copy in tx.broadcasts.waiting(one.id, 0, tx.now_ms, 100)])
                tx.broadcasts.move(one.id, [State.SENDING], state=State.ENDED)
            return found

        return await self.store.write(unit)

    async def told(self) -> list[str]:
        """Kinds of notices to the admin."""

        def unit(tx):
            parcels = tx.outbox.claim(tx.now_ms, tx.now_ms + 1, 50)
            for parcel in parcels:
                tx.outbox.settle(parcel.id, "sent", tx.now_ms)
            return [tx.notice_of(parcel).kind for parcel in parcels]

        return await self.store.write(unit)


@pytest.fixture
async def desk(store: Store, shelf: PriceShelf, still: StillClock, nursery: Nursery) -> Round:
    made = Round(store, shelf, still, nursery)
    await made.subscribe(1)
    return made


async def test_it_goes_to_subscribers_when_it_is_due_and_not_before(desk: Round):
    await desk.subscribe(2, Pace.OFF)
    await desk.schedule(Schedule(0, None, time(9), "Europe/Berlin"))
    assert await desk.at("2026-11-22T07:59:00Z") == []
    assert await desk.at("2026-11-22T08:00:00Z") == [[1]]
    assert await desk.at("2026-11-22T08:00:30Z") == []
    assert await desk.at("2026-11-23T08:00:00Z") == [[1]]


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_night_with_its_hour_twice_has_one(desk: Round, *, restarted: bool):
    desk.still.jump((datetime(2026, 10, 24, 12, tzinfo=UTC) - desk.still.now()).total_seconds())
    await desk.schedule(DAILY)
    fired = [
        await desk.at(f"2026-10-25T0{hour}:{minute}:00Z", restarted=restarted)
        for hour in range(4)
        for minute in (20, 31, 45)
    ]
    assert sum(map(len, fired)) == 1
    assert fired[1] == [[1]]  # at 00:31 UTC it is 02:31 there for the first time


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_night_without_its_hour_has_one(desk: Round, *, restarted: bool):
    desk.still.jump((datetime(2027, 3, 27, 12, tzinfo=UTC) - desk.still.now()).total_seconds())
    await desk.schedule(DAILY)
    fired = [
        await desk.at(f"2027-03-28T0{hour}:{minute}:00Z", restarted=restarted)
        for hour in range(4)
        for minute in (20, 31, 45)
    ]
    assert sum(map(len, fired)) == 1


async def test_a_missed_one_is_sent_late_once(desk: Round):
    await desk.schedule(Schedule(0, None, time(9), "UTC"))
    assert await desk.at("2026-11-22T13:00:00Z", restarted=True) == [[1]]
    assert await desk.at("2026-11-22T14:00:00Z", restarted=True) == []
    assert await desk.at("2026-11-23T09:00:00Z") == [[1]]


async def test_of_many_that_were_missed_only_the_last_is_sent(desk: Round):
    await desk.schedule(Schedule(0, None, time(9), "UTC"))
    assert await desk.at("2026-12-01T10:00:00Z", restarted=True) == [[1]]


async def test_one_missed_for_too_long_is_let_go_and_the_admins_hear_of_it(desk: Round):
    await desk.schedule(Schedule(0, None, time(9), "UTC"))
    await desk.told()
    assert await desk.at("2026-11-22T15:30:00Z", restarted=True) == []
    assert await desk.told() == ["summary_skipped"]
    assert await desk.at("2026-11-23T09:00:00Z") == [[1]]


async def test_while_the_source_is_down_it_waits_and_then_is_sent(desk: Round):
    await desk.schedule(Schedule(0, None, time(9), "UTC"))
    desk.shelf.fault = Unavailable("source.down", source="Shelf")
    assert await desk.at("2026-11-22T09:00:00Z") == []
    desk.shelf.fault = None
    assert await desk.at("2026-11-22T09:00:30Z") == []  # it is asked once a minute
    desk.still.advance(61)
    assert await desk.at("2026-11-22T09:01:31Z") == [[1]]


async def test_a_clock_that_is_set_back_sends_nothing_twice(desk: Round):
    await desk.schedule(Schedule(0, None, time(9), "UTC"))
    assert await desk.at("2026-11-22T09:00:00Z") == [[1]]
    assert await desk.at("2026-11-22T08:30:00Z") == []
    assert await desk.at("2026-11-22T09:00:10Z") == []


async def test_who_wants_fewer_gets_one_a_week(desk: Round):
    await desk.subscribe(2, Pace.WEEKLY)
    await desk.schedule(Schedule(0, None, time(9), "UTC"))
    days = [await desk.at(f"2026-12-{day:02}T09:00:00Z") for day in range(1, 15)]
    assert [day for day, sent in enumerate(days) if sent == [[1, 2]]] == [0, 7]
    assert all(sent in ([[1, 2]], [[1]]) for sent in days)


async def test_two_desks_over_one_store_serve_a_date_once(desk: Round):
    await desk.schedule(Schedule(0, None, time(9), "UTC"))
    other = desk.summaries
    desk.started_anew()
    desk.still.jump((datetime(2026, 11, 22, 9, tzinfo=UTC) - desk.still.now()).total_seconds())
    await other.run_due()
    await desk.summaries.run_due()
    assert await desk.begun() == [[1]]


async def test_what_is_kept_is_what_was_told(desk: Round):
    ready = await desk.summaries.now()
    assert from_values(ready.values).totals.cap == ready.summary.totals.cap
    assert as_values(from_values(ready.values)) == ready.values
    assert ready.picture == b"a picture"
