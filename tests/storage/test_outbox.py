"""The outbox: once a cause, one claimer at a time, urgent first."""

import pytest

from bot.domain.notices import Address, Lane, Mark, Notice
from storage.store import AlreadyAnswered, Store, answer_cause

TO = Address(5)
LEASE_MS = 60_000


def add(cause, lane=Lane.ALERT, to=TO, at=0):
    return lambda tx: tx.outbox.add(cause, lane, to.chat_id, to, b"sealed", at)


def claim(now=10, limit=10):
    return lambda tx: tx.outbox.claim(now, now + LEASE_MS, limit)


async def causes(store, **when):
    return [parcel.cause for parcel in await store.write(claim(**when))]


async def test_one_cause_is_told_once(store: Store):
    assert await store.write(add("a"))
    assert not await store.write(add("a", Lane.MONEY))
    assert await causes(store) == ["a"]


async def test_the_urgent_lane_goes_first_then_the_oldest(store: Store):
    for cause, lane in (
        ("b", Lane.BROADCAST),
        ("a1", Lane.ALERT),
        ("m", Lane.MONEY),
        ("a2", Lane.ALERT),
        ("an", Lane.ANSWER),
    ):
        await store.write(add(cause, lane))
    assert await causes(store, limit=2) == ["m", "an"]
    assert await causes(store) == ["a1", "a2", "b"]


async def test_what_is_claimed_is_one_claimers_until_the_lease_ends(store: Store):
    await store.write(add("a"))
    assert await causes(store, now=10) == ["a"]
    assert await causes(store, now=10 + LEASE_MS) == []
    (parcel,) = await store.write(claim(now=11 + LEASE_MS))
    assert parcel.tries == 2


async def test_one_answer_can_be_claimed_by_its_cause_and_only_once(store: Store):
    await store.write(add("a"))
    assert (await store.write(lambda tx: tx.outbox.claim_one("a", 10, 100))).cause == "a"
    assert await store.write(lambda tx: tx.outbox.claim_one("a", 10, 100)) is None
    assert await store.write(lambda tx: tx.outbox.claim_one("none", 10, 100)) is None


@pytest.mark.parametrize("state", ["sent", "gone", "uncertain", "failed"])
async def test_what_is_settled_is_never_claimed_again(store: Store, state: str):
    await store.write(add("a"))
    (parcel,) = await store.write(claim())
    await store.write(lambda tx: tx.outbox.settle(parcel.id, state, 20))
    assert await causes(store, now=10 * LEASE_MS) == []
    assert not await store.write(add("a"))


async def test_what_is_postponed_waits_and_then_goes(store: Store):
    await store.write(add("a"))
    (parcel,) = await store.write(claim())
    await store.write(lambda tx: tx.outbox.postpone(parcel.id, 500))
    assert await causes(store, now=499) == []
    assert await causes(store, now=500) == ["a"]


async def test_a_moved_group_gets_what_waits_for_it_as_new_messages(store: Store):
    await store.write(add("a", to=Address(-1, reply_to=3, edits=4)))
    await store.write(add("b", to=Address(-2, reply_to=3)))
    await store.write(lambda tx: tx.move_chat(-1, -100))
    parcels = await store.write(claim())
    assert [parcel.address for parcel in parcels] == [Address(-100), Address(-2, reply_to=3)]


async def test_tidying_forgets_what_was_told_and_keeps_what_waits(store: Store):
    for cause in ("old", "waiting", "new"):
        await store.write(add(cause))
    old, _, new = await store.write(claim())
    await store.write(lambda tx: tx.outbox.settle(old.id, "sent", 100))
    await store.write(lambda tx: tx.outbox.settle(new.id, "sent", 300))
    await store.write(lambda tx: tx.outbox.tidy(200))
    assert await store.read(lambda tx: tx.outbox.count_waiting()) == 1
    assert [await store.write(add(cause)) for cause in ("old", "waiting", "new")] == [True, False, False]


async def test_a_notice_comes_out_as_it_went_in_and_only_from_its_own_row(store: Store):
    notice = Notice("watch_saved", {"tickers": ["BTC", "名"], "n": 1})
    await store.write(lambda tx: tx.tell("a", Lane.ALERT, 5, TO, notice))
    assert store.told.is_set()
    (parcel,) = await store.write(claim(now=store.now_ms()))
    assert b"watch_saved" not in parcel.sealed
    assert await store.read(lambda tx: tx.notice_of(parcel)) == notice


async def test_an_update_ends_and_its_answer_begins_in_one_act(store: Store):
    (letter,) = await store.write(lambda tx: tx.inbox.add([(7, b"a")], 0))
    mark = Mark(letter.seq, 7, 5, TO)
    await store.write(lambda tx: tx.answer(mark, Notice("flood", {})))
    assert await store.read(lambda tx: (tx.inbox.count_waiting(), tx.outbox.count_waiting())) == (0, 1)
    assert await causes(store, now=store.now_ms()) == [answer_cause(mark)]


async def test_a_second_answer_undoes_what_came_with_it(store: Store):
    (letter,) = await store.write(lambda tx: tx.inbox.add([(7, b"a")], 0))
    mark = Mark(letter.seq, 7, 5, TO)
    await store.write(lambda tx: tx.answer(mark, Notice("flood", {})))

    def again(tx):
        tx.dialogs.ask(5, 5, "settings zone", 10**15)
        tx.answer(mark, Notice("flood", {}))

    with pytest.raises(AlreadyAnswered):
        await store.write(again)
    assert await store.read(lambda tx: tx.dialogs.pending(5, 5, 0)) == ""
    assert await store.read(lambda tx: tx.outbox.count_waiting()) == 1


async def _edit(store, cause: str, edits: int = 7, after_ms: int = 0) -> None:
    def unit(tx):
        tx.tell(cause, Lane.MONEY, 1, Address(1, 0, edits), Notice("flood", {"wait_s": 1}), after_ms=after_ms)

    await store.write(unit)


async def _claimed(store) -> list[str]:
    parcels = await store.write(lambda tx: tx.outbox.claim(tx.now_ms, tx.now_ms + 60_000, 10))
    return [parcel.cause for parcel in parcels]


async def test_a_newer_edit_of_a_message_takes_the_place_of_those_that_wait(store):
    for cause in ("one", "two", "three"):
        await _edit(store, cause)
    await _edit(store, "another", edits=8)
    assert await _claimed(store) == ["three", "another"]


async def test_new_messages_take_nobodys_place(store):
    for cause in ("one", "two"):
        await _edit(store, cause, edits=0)
    assert await _claimed(store) == ["one", "two"]


async def test_an_edit_waits_for_the_one_that_is_on_its_way(store):
    await _edit(store, "one")
    (older,) = await store.write(lambda tx: tx.outbox.claim(tx.now_ms, tx.now_ms + 60_000, 10))
    await _edit(store, "two")
    assert await _claimed(store) == []
    assert await store.write(lambda tx: tx.outbox.claim_one("two", tx.now_ms, tx.now_ms + 1)) is None
    await store.write(lambda tx: tx.outbox.postpone(older.id, tx.now_ms))  # not sent; and never to be
    assert await _claimed(store) == ["two"]


async def test_what_a_dead_process_had_on_its_way_holds_up_no_edit(store):
    await _edit(store, "one")
    await _claimed(store)
    await _edit(store, "two")
    await store.write(lambda tx: tx.outbox.release(tx.now_ms))
    assert await _claimed(store) == ["two"]


async def test_what_may_wait_is_not_sent_before(store, still):
    await _edit(store, "later", after_ms=1_000)
    assert await _claimed(store) == []
    still.advance(1)
    assert await _claimed(store) == ["later"]
