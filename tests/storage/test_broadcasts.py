"""Broadcasts in rows: who is in an audience, one row each, claims that one wins, and what becomes of them later."""

import asyncio

import pytest

from bot.domain.broadcasts import Audience, Broadcast, Fate, Kind, Reach, Role, State
from bot.domain.readers import Pace
from bot.domain.telling import Loudness, Topic
from bot.domain.users import Standing, User
from storage.store import Store, Transaction, open_store
from tests.still_clock import StillClock
from tests.storage.conftest import beside

DAY_MS = 86_400_000
EVERYBODY = Audience()


def person(
    tx: Transaction, number: int, standing: Standing = Standing.MEMBER, *, language="en", seen_days=0, reachable=True
):
    tx.users.add(User(number, f"Person {number}"), 1)
    tx.users.save(User(number, f"Person {number}", standing, reachable=reachable))
    tx.readers.see(number, language, tx.now_ms - seen_days * DAY_MS)


def town(tx: Transaction) -> None:
    person(tx, 1, Standing.ADMIN)
    person(tx, 2, language="zh")
    person(tx, 3, Standing.STRANGER, seen_days=20)
    person(tx, 4, Standing.BLOCKED)
    person(tx, 5, reachable=False)
    person(tx, 6)
    tx.telling.choose(6, Topic.BROADCASTS, Loudness.OFF)
    person(tx, 7, Standing.ASKED, seen_days=3)
    tx.telling.pause(7, Topic.BROADCASTS, tx.now_ms + 1)
    tx.users.add(User(8, "Never wrote"), 1)


def add(tx: Transaction, number: str = "b", state: State = State.DRAFT, audience: Audience = EVERYBODY) -> Broadcast:
    made = Broadcast(number, 1, Kind.COPY, state, audience, created_at=tx.now_ms, due_at=tx.now_ms)
    tx.broadcasts.add(made)
    return made


@pytest.mark.parametrize(
    ("audience", "people", "muted", "unreachable"),
    [
        (Audience(), {1, 2, 3, 8}, 2, 1),
        (Audience(language="zh"), {2}, 0, 0),
        (Audience(language="en"), {1, 3}, 2, 1),
        (Audience(role=Role.MEMBERS), {1, 2}, 1, 1),
        (Audience(role=Role.GUESTS), {3, 8}, 1, 0),
        (Audience(active_days=7), {1, 2}, 2, 1),
        (Audience(active_days=30), {1, 2, 3}, 2, 1),
    ],
)
async def test_an_audience_is_who_can_be_reached_and_wants_it(store: Store, audience, people, muted, unreachable):
    await store.write(town)

    def unit(tx):
        made = add(tx, audience=audience)
        return tx.broadcasts.reach(audience, tx.now_ms), tx.broadcasts.address(made.id, audience, tx.now_ms)

    reach, addressed = await store.write(unit)
    assert reach == Reach(len(people), muted, unreachable)
    assert addressed == len(people)
    copies = await store.read(lambda tx: tx.broadcasts.waiting("b", 0, tx.now_ms, 50))
    assert {copy.user_id for copy in copies} == people


async def test_addressed_twice_nobody_has_two_rows(store: Store):
    def unit(tx):
        town(tx)
        made = add(tx)
        return [tx.broadcasts.address(made.id, made.audience, tx.now_ms) for _ in range(2)]

    assert await store.write(unit) == [4, 0]


async def test_subscribers_are_who_asked_for_it_and_had_none_this_week(store: Store, still: StillClock):
    audience = Audience(subscribers=True)

    def unit(tx):
        town(tx)
        for number, pace in ((1, Pace.EACH), (2, Pace.WEEKLY), (3, Pace.OFF), (4, Pace.EACH), (6, Pace.EACH)):
            tx.readers.subscribe(number, pace)
        made = add(tx, audience=audience)
        tx.broadcasts.address(made.id, audience, tx.now_ms)
        first = tx.broadcasts.tally(made.id)
        tx.readers.note_summary(made.id, tx.now_ms)
        return first, tx.broadcasts.reach(audience, tx.now_ms).people

    assert await store.write(unit) == ({Fate.WAITING: 3}, 2)
    still.advance(7 * 86_400)
    assert (await store.read(lambda tx: tx.broadcasts.reach(audience, tx.now_ms))).people == 3


async def test_of_many_who_claim_a_copy_one_has_it(store: Store):
    def unit(tx):
        town(tx)
        made = add(tx, state=State.SENDING)
        tx.broadcasts.address(made.id, made.audience, tx.now_ms)

    await store.write(unit)
    claims = await asyncio.gather(*(store.write(lambda tx: tx.broadcasts.claim("b", 1)) for _ in range(25)))
    assert sum(claims) == 1


async def test_what_is_not_being_sent_cannot_be_claimed(store: Store):
    def unit(tx):
        town(tx)
        made = add(tx, state=State.ENDED)
        tx.broadcasts.address(made.id, made.audience, tx.now_ms)
        return tx.broadcasts.claim(made.id, 1)

    assert not await store.write(unit)


async def test_of_two_who_move_it_on_one_does(store: Store):
    await store.write(add)
    moves = [store.write(lambda tx: tx.broadcasts.move("b", [State.DRAFT], state=State.SENDING)) for _ in range(10)]
    assert sum(await asyncio.gather(*moves)) == 1


async def test_a_database_that_was_put_back_lets_nothing_go_on(path, still: StillClock):
    store, _ = open_store(path, beside(path), still)
    await store.write(lambda tx: [add(tx, "going", State.SENDING), add(tx, "planned", State.SCHEDULED)])
    store.close()
    (path.with_suffix(".epoch")).write_text("999\n")
    again, _ = open_store(path, beside(path), still)
    going, planned = [await again.read(lambda tx, one=one: tx.broadcasts.get(one)) for one in ("going", "planned")]
    assert (going.state, going.reason) == (State.ENDED, "put_back")
    assert (planned.state, planned.reason) == (State.MISSED, "put_back")
    again.close()


async def test_a_start_leaves_what_was_on_its_way_in_doubt(path, still: StillClock):
    store, _ = open_store(path, beside(path), still)

    def unit(tx):
        town(tx)
        made = add(tx, state=State.SENDING)
        tx.broadcasts.address(made.id, made.audience, tx.now_ms)
        tx.broadcasts.claim(made.id, 2)

    await store.write(unit)
    store.close()
    again, _ = open_store(path, beside(path), still)
    assert await again.read(lambda tx: tx.broadcasts.tally("b")) == {Fate.UNCERTAIN: 1, Fate.WAITING: 3}
    assert await again.read(lambda tx: tx.broadcasts.uncertain("b", 5)) == [(2, "Person 2")]
    assert (await again.read(lambda tx: tx.broadcasts.get("b"))).state is State.SENDING
    again.close()


async def test_old_ones_go_with_their_copies_and_none_that_is_under_way(store: Store):
    def unit(tx):
        town(tx)
        for number, state in (("old", State.ENDED), ("going", State.SENDING), ("draft", State.DRAFT)):
            made = add(tx, number, state)
            tx.broadcasts.address(made.id, made.audience, tx.now_ms)
        tx.broadcasts.tidy(tx.now_ms + 1)
        return [
            number for number in ("old", "going", "draft") if tx.broadcasts.get(number) or tx.broadcasts.tally(number)
        ]

    assert await store.write(unit) == ["going"]
