"""Copies on their way: each sent at most once, through storms, lost answers, stops and restarts."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.delivery.broadcasting import AT_ONCE, Broadcasting
from bot.delivery.pace import Pace
from bot.domain.broadcasts import AT_WORK, Audience, Broadcast, Fate, Kind, State
from bot.domain.notices import Lane
from bot.domain.replies import Reply
from bot.domain.telling import Loudness, Quiet, Topic
from bot.domain.users import User
from bot.sandbox.telegram import TelegramStandIn
from bot.scheduler import Nursery, SystemClock
from bot.services.broadcasts import DESK, Rules, begin
from bot.telegram.api import BotApi
from bot.telegram.copying import Copier
from bot.telegram.sending import Sender
from bot.telegram.transport import Transport
from storage.store import Store
from tests.desk import eventually
from tests.store_in import store_in

TOKEN = "123456:tests-token-abcdefghijklmnopqrstuvwxyz"
ADMIN = 1003
FIRST = 50_001


def render(notice, _user):
    return Reply(f"{notice.kind} {notice.values.get('state', '')}")


class Hall:
    """A stand-in for Telegram with readers in it, a store that knows them, and what carries their copies."""

    def __init__(self, store: Store, telegram: TelegramStandIn, folder: Path) -> None:
        self.store, self.telegram, self.folder = store, telegram, folder
        self.admins = frozenset({ADMIN})
        self.left: list[int] = []
        self.transport, self.nursery = Transport(), Nursery()
        self.readers: list[int] = []
        self.carrier = self.another()

    def another(self) -> Broadcasting:
        async def leave(person: int) -> None:
            self.left.append(person)

        api = BotApi(self.transport, self.telegram.url, TOKEN)
        return Broadcasting(
            self.store, Copier(api, Counter()), Sender(api), render, leave, Rules(lambda: self.admins), SystemClock(),
            self.nursery, Pace(SystemClock(), 5_000),
        )  # fmt: skip

    async def fill(self, count: int) -> None:
        """So many readers, whom the desk knows and may write to."""
        self.readers = list(range(FIRST, FIRST + count))
        for reader in self.readers:
            self.telegram.tg.world.add_person(f"Reader {reader}", person_id=reader)
            self.telegram.tg.world.started.add((123456, reader))
        await self.store.write(
            lambda tx: [tx.users.add(User(reader, f"Reader {reader}"), tx.now_ms) for reader in self.readers]
        )

    async def begun(self, author: int = ADMIN) -> str:
        source = self.telegram.person("admin").say("Hear, hear")[1]

        def unit(tx):
            made = Broadcast("b1", author, Kind.COPY, State.DRAFT, Audience(), chat_id=ADMIN, source_id=source.id)
            tx.broadcasts.add(made)
            begin(tx, made, tx.broadcasts.reach(made.audience, tx.now_ms), author)

        await self.store.write(unit)
        return "b1"

    def run(self) -> None:
        self.nursery.start(self.carrier.run(), "broadcasting")

    async def tally(self) -> dict[str, int]:
        return await self.store.read(lambda tx: tx.broadcasts.tally("b1"))

    async def state(self) -> State:
        return (await self.store.read(lambda tx: tx.broadcasts.get("b1"))).state

    async def ended(self) -> dict[str, int]:
        async with asyncio.timeout(60):
            while await self.state() in AT_WORK:  # noqa: ASYNC110  # rows tell nobody
                await asyncio.sleep(0.01)
        return await self.tally()

    def got(self) -> Counter[int]:
        """How many copies stand in each reader's chat."""
        people = [self.telegram.person(reader) for reader in self.readers]
        return Counter({person.id: len(person.messages()) for person in people})


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    telegram = TelegramStandIn(tokens=[TOKEN])
    telegram.tg.rates.set(on=False)
    await telegram.start()
    store = store_in(tmp_path, SystemClock())
    made = Hall(store, telegram, tmp_path)
    yield made
    await made.nursery.close()
    await made.transport.shutdown()
    made.store.close()
    await telegram.stop()


async def test_everybody_gets_one_and_the_number_of_each_copy_is_kept(hall: Hall):
    await hall.fill(200)
    await hall.begun()
    hall.run()
    assert await hall.ended() == {Fate.SENT: 200}
    assert set(hall.got().values()) == {1}
    copies = await hall.store.read(lambda tx: tx.broadcasts.unchanged("b1", 1, 0, tx.now_ms, 500))
    assert {copy.user_id: copy.message_id for copy in copies} == {
        reader: hall.telegram.person(reader).messages()[0].id for reader in hall.readers
    }


async def test_a_storm_of_refusals_slows_it_down_and_loses_nobody(hall: Hall):
    await hall.fill(60)
    await hall.begun()
    hall.telegram.tg.faults.add("retry_after", method="copyMessage", times=40, retry_after=1)
    hall.run()
    assert await hall.ended() == {Fate.SENT: 60}
    assert set(hall.got().values()) == {1}


async def test_in_a_storm_all_rest_as_long_as_was_asked(hall: Hall):
    await hall.fill(100)
    await hall.begun()
    hall.telegram.tg.faults.add("retry_after", method="copyMessage", times=None, retry_after=5)
    hall.run()
    await hall.telegram.until_called("copyMessage")
    await asyncio.sleep(0.9)
    assert hall.telegram.last_call < AT_ONCE + 20  # not one after the other through the whole list


async def test_while_telegram_is_ill_few_are_left_in_doubt(hall: Hall):
    await hall.fill(300)
    await hall.begun()
    hall.telegram.tg.faults.add("502", method="copyMessage", times=None)
    hall.run()
    await eventually(lambda: hall.carrier._resting_until)
    await asyncio.sleep(1)
    tally = await hall.tally()
    assert tally[Fate.UNCERTAIN] <= 2 * AT_ONCE
    assert tally[Fate.WAITING] >= 300 - 2 * AT_ONCE


async def test_what_may_have_arrived_is_listed_and_sent_again_only_when_asked(hall: Hall):
    await hall.fill(30)
    await hall.begun()
    hall.telegram.tg.faults.add("lost", method="copyMessage", times=3)
    hall.telegram.tg.faults.add("502", method="copyMessage", times=2)
    hall.run()
    assert await hall.ended() == {Fate.SENT: 25, Fate.UNCERTAIN: 5}
    assert max(hall.got().values()) == 1
    unsure = dict(await hall.store.read(lambda tx: tx.broadcasts.uncertain("b1", 50)))
    assert unsure.keys() >= {reader for reader, count in hall.got().items() if not count}

    def again(tx):
        assert tx.broadcasts.send_again("b1") == 5
        tx.broadcasts.move("b1", [State.ENDED], state=State.SENDING)

    await hall.store.write(again)
    assert await hall.ended() == {Fate.SENT: 30}
    assert {reader for reader, count in hall.got().items() if count == 2} <= unsure.keys()


async def test_after_a_kill_what_was_on_its_way_is_uncertain_and_the_rest_goes_on(hall: Hall):
    await hall.fill(50)
    await hall.begun()
    claimed = hall.readers[:4]
    await hall.store.write(lambda tx: [tx.broadcasts.claim("b1", reader) for reader in claimed])
    hall.store.close()  # and with it the process
    hall.store = store_in(hall.folder, SystemClock())
    hall.carrier = hall.another()
    hall.run()
    assert await hall.ended() == {Fate.SENT: 46, Fate.UNCERTAIN: 4}
    assert sorted(reader for reader, count in hall.got().items() if not count) == claimed


async def test_stopped_nothing_else_leaves(hall: Hall):
    await hall.fill(300)
    await hall.begun()
    hall.telegram.delays["copyMessage"] = 0.05
    hall.run()
    await hall.telegram.until_called("copyMessage")
    await hall.store.write(lambda tx: tx.broadcasts.move("b1", [State.SENDING], state=State.ENDED))
    await eventually(lambda: not hall.carrier._under_way)
    tally = await hall.tally()
    assert tally[Fate.WAITING] >= 300 - 2 * AT_ONCE
    assert sum(hall.got().values()) == tally[Fate.SENT]


async def test_an_author_who_is_no_admin_any_more_ends_it_and_all_admins_hear(hall: Hall):
    await hall.fill(300)
    await hall.begun()
    hall.telegram.delays["copyMessage"] = 0.05
    hall.run()
    await hall.telegram.until_called("copyMessage")
    hall.admins = frozenset({1004, 1005})
    tally = await hall.ended()
    assert tally[Fate.WAITING] > 0
    assert (await hall.store.read(lambda tx: tx.broadcasts.get("b1"))).reason == "no_right"
    parcels = await hall.store.write(lambda tx: tx.outbox.claim(tx.now_ms + 1, tx.now_ms + 2, 10))
    assert {parcel.user_id for parcel in parcels} == {1004, 1005}


async def test_what_the_clock_sends_needs_no_author(hall: Hall):
    await hall.fill(3)
    await hall.begun(author=DESK)
    hall.run()
    assert await hall.ended() == {Fate.SENT: 3}


async def test_who_blocked_the_desk_is_noted_and_the_others_get_theirs(hall: Hall):
    await hall.fill(5)
    await hall.begun()
    hall.telegram.tg.world.blocked.add((123456, FIRST))
    hall.run()
    assert await hall.ended() == {Fate.GONE: 1, Fate.SENT: 4}
    assert hall.left == [FIRST]


async def test_wishes_made_after_it_began_hold_too(hall: Hall):
    await hall.fill(3)
    await hall.begun()

    def wish(tx):
        tx.telling.choose(FIRST, Topic.BROADCASTS, Loudness.OFF)
        tx.telling.choose(FIRST + 1, Topic.BROADCASTS, Loudness.LOUD)

    await hall.store.write(wish)
    hall.run()
    assert await hall.ended() == {Fate.GONE: 1, Fate.SENT: 2}


async def test_who_sleeps_gets_it_when_he_wakes(hall: Hall):
    await hall.fill(2)
    await hall.begun()
    now = SystemClock().now()
    asleep = Quiet(
        now.time().replace(second=0, microsecond=0), now.replace(hour=(now.hour + 2) % 24).time(), holds=True
    )
    await hall.store.write(lambda tx: tx.telling.choose_quiet(FIRST, asleep))
    hall.run()
    await eventually(lambda: hall.got()[FIRST + 1])
    await asyncio.sleep(0.7)
    assert (await hall.tally(), await hall.state()) == ({Fate.SENT: 1, Fate.WAITING: 1}, State.SENDING)
    assert hall.got()[FIRST] == 0


async def test_a_forgotten_reader_gets_none_and_leaves_no_row(hall: Hall):
    await hall.fill(3)
    await hall.begun()
    await hall.store.write(lambda tx: tx.forget(FIRST, 0))
    hall.run()
    assert await hall.ended() == {Fate.SENT: 2}


async def test_a_correction_that_never_was_answered_is_asked_for_again(hall: Hall):
    await hall.fill(10)
    await hall.begun()
    hall.run()
    await hall.ended()
    hall.telegram.tg.faults.add("lost", method="deleteMessage", times=4)
    hall.telegram.tg.faults.add("retry_after", method="deleteMessage", times=2, retry_after=1)
    await hall.store.write(lambda tx: tx.broadcasts.move("b1", [State.ENDED], state=State.RECALLING, task=1))
    assert await hall.ended() == {Fate.RECALLED: 10}
    assert set(hall.got().values()) == {0}


async def test_what_cannot_be_worded_ends_as_failed_and_not_never(hall: Hall):
    await hall.fill(5)
    await hall.begun()
    hall.run()
    await hall.ended()

    def correct_without_words(tx):
        broken = tx.seal(DESK, b"{}", "broadcasts", "another")
        tx.broadcasts.move("b1", [State.ENDED], state=State.CORRECTING, task=1, body=broken)

    await hall.store.write(correct_without_words)
    assert await hall.ended() == {Fate.SENT: 5}
    assert await hall.store.read(lambda tx: tx.broadcasts.changed("b1", 1)) == (0, 5)


async def test_alerts_are_handed_over_while_it_takes_the_rest(hall: Hall):
    hall.carrier.pace = pace = Pace(SystemClock())
    await hall.fill(200)
    await hall.begun()
    hall.run()
    await hall.telegram.until_called("copyMessage")
    waits = []
    for n in range(10):
        waits.append(wait_s := pace.turn(Lane.ALERT, 900_000 + n))
        await asyncio.sleep(wait_s)
    assert max(waits) <= 1
    assert waits.count(0) >= 1  # a place of each second is kept for them


async def test_two_carriers_over_one_store_send_each_copy_once(hall: Hall):
    await hall.fill(150)
    await hall.begun()
    second = hall.another()
    hall.run()
    hall.nursery.start(second.run(), "broadcasting")
    tally = await hall.ended()
    assert tally[Fate.SENT] + tally.get(Fate.UNCERTAIN, 0) == 150
    await eventually(lambda: not hall.carrier._under_way and not second._under_way)
    assert set(hall.got().values()) == {1}
