"""Delivery: every outcome of a send ends its row as it should, whoever dies meanwhile."""

import asyncio

import pytest

from bot.delivery import loop
from bot.domain.notices import Address, Lane, Mark, Notice
from tests.delivery.conftest import House
from tests.desk import eventually


async def test_what_was_sent_is_settled_and_never_sent_again(house: House):
    await house.tell()
    await house.once()
    await house.once()
    assert house.said() == ["a ?"]
    assert (await house.row())["state"] == "sent"


async def test_a_refusal_to_listen_now_makes_that_chat_wait_and_no_other(house: House):
    house.telegram.tg.faults.add("retry_after", method="sendMessage", retry_after=30)
    await house.tell()
    await house.once()
    row = await house.row()
    assert (row["state"], row["due_at"]) == ("waiting", house.store.now_ms() + 30_000)
    assert house.delivery.pace.turn(Lane.ANSWER, house.alice.id) > 25
    assert house.delivery.pace.turn(Lane.ANSWER, 77) == 0
    assert house.said() == []


async def test_one_chat_is_told_one_after_the_other_and_who_waits_long_lets_go(house: House):
    house.telegram.tg.faults.add("slow", method="sendMessage", delay_s=3600)
    await house.tell("first")
    await house.delivery._round()
    await eventually(house.said)
    await house.tell("second")
    await house.delivery._round()
    assert house.delivery._running == 2
    await eventually(lambda: house.delivery._running == 1)
    row = await house.row("second")
    assert (row["state"], row["due_at"]) == ("waiting", house.store.now_ms() + 1_000)
    assert house.said() == ["first ?"]


async def test_our_own_pace_holds_up_no_answer(house: House):
    for n in range(6):
        await house.tell(f"a{n}")
    house.delivery._closing = True  # nobody waits for a turn now
    await house.once()
    assert len(house.said()) == 3
    assert house.delivery.pace.turn(Lane.ANSWER, house.alice.id) == 0


async def test_who_is_gone_is_told_to_the_house_and_the_row_ends(house: House):
    house.telegram.tg.faults.add("blocked", method="sendMessage")
    await house.tell()
    await house.once()
    assert house.left == [house.alice.id]
    assert (await house.row())["state"] == "gone"


@pytest.mark.parametrize("lane", [Lane.MONEY, Lane.ANSWER, Lane.ALERT])
async def test_what_may_have_arrived_is_told_again(house: House, lane: Lane):
    house.telegram.tg.faults.add("lost", method="sendMessage")
    await house.tell(lane=lane)
    await house.once()
    assert (await house.row())["state"] == "waiting"
    house.clock.advance(10)
    await house.once()
    assert house.said() == ["a ?", "a ?"]  # better twice than never
    assert (await house.row())["state"] == "sent"


async def test_a_broadcast_that_may_have_arrived_is_listed_and_not_told_again(house: House):
    house.telegram.tg.faults.add("lost", method="sendMessage")
    await house.tell(lane=Lane.BROADCAST)
    await house.once()
    house.clock.advance(1000)
    await house.once()
    assert house.said() == ["a ?"]
    assert (await house.row())["state"] == "uncertain"


async def test_retries_come_ever_more_slowly(house: House):
    house.telegram.tg.faults.add("lost", method="sendMessage", times=None)
    await house.tell(lane=Lane.ANSWER)
    pauses = []
    for _ in range(12):
        await house.once()
        pauses.append((await house.row())["due_at"] - house.store.now_ms())
        house.clock.advance(pauses[-1] / 1000)
    assert pauses == sorted(pauses)
    assert pauses[-1] == loop.LONGEST_RETRY_S * 1000


async def test_a_group_that_moved_is_followed(house: House):
    group = house.telegram.add_group("Traders", members=["alice"])
    await house.tell(chat=group.id)
    house.telegram.upgrade(group.id)
    await house.once()
    moved = await house.row()
    assert moved["state"] == "waiting"
    assert moved["chat_id"] != group.id
    await house.once()
    assert (await house.row())["state"] == "sent"


async def test_a_kind_nobody_knows_ends_and_is_told_to_the_log(house: House):
    await house.tell(kind="nosuch")
    await house.tell("b")
    await house.once()
    assert (await house.row())["state"] == "failed"
    assert house.said() == ["b ?"]


async def test_a_notice_that_cannot_be_worded_today_is_kept(house: House):
    await house.tell(kind="nonsense")
    await house.tell("b")
    await house.once()
    row = await house.row()
    assert (row["state"], row["lease_until"]) == ("waiting", 0)
    assert row["due_at"] > house.store.now_ms()
    assert house.said() == ["b ?"]


async def test_a_row_that_was_altered_is_not_shown_to_anybody(house: House):
    await house.tell()
    await house.store.write(lambda tx: tx.outbox._db.conn.execute("UPDATE outbox SET sealed = zeroblob(60)").rowcount)
    await house.once()
    assert (await house.row())["state"] == "failed"
    assert house.said() == []


async def test_what_a_dead_process_had_claimed_is_told_once_its_lease_ends(house: House):
    await house.tell()
    now = house.store.now_ms()
    assert await house.store.write(lambda tx: tx.outbox.claim(now, now + loop.LEASE_MS, 1))
    await house.once()
    assert house.said() == []
    house.clock.advance(loop.LEASE_MS / 1000 + 1)
    await house.once()
    assert house.said() == ["a ?"]


async def test_two_deliveries_over_one_store_tell_everything_once(house: House):
    for n in range(20):
        await house.tell(f"a{n}", lane=Lane.ANSWER)
    second = house.another()
    running = [house.nursery.start(each.run(), "delivery") for each in (house.delivery, second)]
    async with asyncio.timeout(10):
        while await house.store.read(lambda tx: tx.outbox.count_waiting()):
            await house.store.told.wait()
    assert sorted(house.said()) == sorted(f"a{n} ?" for n in range(20))
    for task in running:
        task.cancel()


async def test_an_answer_goes_at_once_and_the_loop_does_not_repeat_it(house: House):
    (letter,) = await house.store.write(lambda tx: tx.inbox.add([(7, b"x")], 0))
    mark = Mark(letter.seq, 7, house.alice.id, Address(house.alice.id))
    await house.store.write(lambda tx: tx.answer(mark, Notice("say", {"text": "done"})))
    await asyncio.gather(house.delivery.answer(mark), house.delivery.answer(mark), house.once())
    assert house.said() == ["done ?"]


async def test_a_clock_that_is_set_right_again_keeps_nothing_back(house: House):
    house.clock.jump(24 * 3600)
    house.telegram.tg.faults.add("lost", method="sendMessage")
    await house.tell()
    await house.once()
    assert (await house.row())["state"] == "waiting"
    house.clock.jump(-24 * 3600)
    await house.once()
    assert (await house.row())["state"] == "sent"


async def test_a_clock_that_is_set_a_little_hurries_nothing(house: House):
    house.telegram.tg.faults.add("retry_after", method="sendMessage", retry_after=30)
    await house.tell()
    await house.once()
    house.clock.jump(-5)
    await house.once()
    assert (await house.row())["tries"] == 1


async def test_closing_lets_what_is_on_its_way_arrive(house: House):
    house.telegram.tg.faults.add("slow", method="sendMessage", delay_s=0.2)
    await house.tell()
    house.nursery.start(house.delivery.run(), "delivery")
    await house.telegram.until_called("sendMessage")
    await house.delivery.close(5)
    assert (await house.row())["state"] == "sent"
