"""Telegram on its bad days: an answer may come late or twice, and is never lost."""

import pytest

from bot.domain.notices import Address, Lane, Notice
from tests.desk import PATIENCE_S, TOKEN, Desk, Told, World, answered, answers, asked, card, eventually

KINDS_UNDONE = ("500", "502", "html", "refused")
KINDS_DONE = ("lost", "cut")


async def test_an_answer_that_must_wait_comes_later_once_and_holds_nobody_up(world: World, desk: Desk):
    alice = world.alice
    await asked(alice, "/start")
    world.telegram.tg.faults.add("retry_after", method="sendMessage", chat=alice.id, retry_after=1)
    alice.send("/price btc")
    mark = alice.mark
    helped = await asked(alice, "/help")
    alice.mark = mark
    price = await alice.wait(card("BTC"), timeout_s=PATIENCE_S)
    assert price.n > helped.n
    await desk.settled()
    assert len(answers(alice)) == 2


@pytest.mark.parametrize("typed", ["/price btc", "/watch btc"])
async def test_an_answer_surely_not_delivered_comes_once(world: World, desk: Desk, told: Told, typed: str):
    people = {kind: world.stranger() for kind in KINDS_UNDONE}
    for kind, person in people.items():
        await asked(person, "/start")
        world.telegram.tg.faults.add(kind, method="sendMessage", chat=person.id)
        person.send(typed)
    for person in people.values():
        assert "BTC" in (await answered(person)).text
    await desk.settled()
    assert [len(answers(person)) for person in people.values()] == [1] * len(people)
    assert told.errors() == []


@pytest.mark.parametrize("typed", ["/price btc", "/watch btc"])
async def test_an_answer_that_may_have_arrived_comes_at_most_once_more(world: World, desk: Desk, told: Told, typed):
    people = {kind: world.stranger() for kind in KINDS_DONE}
    for kind, person in people.items():
        await asked(person, "/start")
        world.telegram.tg.faults.add(kind, method="sendMessage", chat=person.id)
        person.send(typed)
    for person in people.values():
        await answered(person)
    await desk.settled()
    assert all(1 <= len(answers(person)) <= 2 for person in people.values())
    assert (await desk.app.services.users.get(people["lost"].id)).watch in {(), ("BTC",)}
    assert told.errors() == []


async def test_a_lost_edit_leaves_one_card_and_no_promise(world: World, desk: Desk):
    alice = world.alice
    shown = await asked(alice, "/price btc")
    world.telegram.tg.faults.add("refused", method="editMessageText", chat=alice.id)
    desk.clock.advance(40)
    alice.press(shown, "!price BTC")
    again = await alice.wait(card("BTC"), timeout_s=PATIENCE_S)
    await desk.settled()
    assert again.id == shown.id
    assert len([message for message in alice.messages() if card("BTC")(message)]) == 1


async def test_the_word_that_it_takes_long_does_not_stay_when_completing_it_fails(world: World, make_desk):
    people = {kind: world.stranger() for kind in ("refused", "500", "retry_after")}
    world.coincodex.faults.set("slow", 3)
    desk = make_desk()
    await desk.start()
    for kind, person in people.items():
        world.telegram.tg.faults.add(kind, method="editMessageText", chat=person.id)
        person.send("/price btc")
    for person in people.values():
        await person.wait(lambda message: message.text.startswith("⏳"), timeout_s=PATIENCE_S)
    for person in people.values():
        await person.wait(card("BTC"), timeout_s=PATIENCE_S)
    await desk.settled()
    assert [len(answers(person)) for person in people.values()] == [1, 1, 1]


async def test_down_at_the_start_it_waits_and_then_answers_all(world: World, make_desk):
    world.telegram.down()
    people = [world.alice, world.bob, world.admin]
    for person in people:
        person.send("/price btc")
    desk = make_desk()
    await desk.start()
    await eventually(lambda: len(desk_tries(desk)) >= 1)
    assert world.telegram.last_call == 0
    world.telegram.down(down=False)
    for person in people:
        assert card("BTC")(await answered(person))


async def test_down_at_the_start_what_was_stored_before_is_not_given_up(world: World, desk: Desk, told: Told):
    alice = world.alice
    await asked(alice, "/start")
    world.telegram.tg.faults.add("retry_after", method="sendMessage", chat=alice.id, retry_after=1)
    alice.send("/price btc")
    await world.telegram.until_called("sendMessage", timeout_s=PATIENCE_S)
    await desk.stop()
    world.telegram.down()
    await desk.start()
    # Long enough for every regular look into the inbox.
    await eventually(lambda: len(told.events("telegram.unreachable")) >= 4)
    world.telegram.down(down=False)
    assert card("BTC")(await alice.wait(card("BTC"), timeout_s=PATIENCE_S))
    await desk.settled()
    assert len(answers(alice)) == 1
    assert told.errors() == []


def desk_tries(desk: Desk) -> list[str]:
    """While the desk cannot introduce itself it is not ready, and says why."""
    return [fault for fault in [desk.app.edge.fault()] if fault]


async def test_down_for_a_while_nothing_said_meanwhile_is_lost(world: World, desk: Desk, told: Told):
    await asked(world.alice, "/start")
    world.telegram.down()
    await eventually(desk.app.poll.fault)
    for number in range(5):
        world.alice.send(f"/calc {number + 1} btc eth")
    world.telegram.down(down=False)
    await eventually(lambda: sum("≈" in message.text for message in world.alice.messages()) == 5, 40)
    await desk.settled()
    assert desk.app.poll.fault() == ""
    assert told.errors() == []


async def test_a_second_poller_is_named_and_not_fought_with(world: World, desk: Desk, told: Told):
    await asked(world.alice, "/start")
    updates = world.telegram.bot(TOKEN).updates
    await eventually(lambda: updates.polling)
    updates.break_off("terminated by other getUpdates request; make sure that only one bot instance is running")
    await eventually(lambda: told.events("poll.conflict"))
    assert "stop one" in told.events("poll.conflict")[0]["reason"]
    assert desk.app.poll.fault() == "conflict"
    # It does not ask again at once: the other one may have what comes.
    world.bob.send("/price btc")
    for _ in range(50):
        await desk.waiting()
    assert not updates.polling
    assert world.telegram.pending() == 1


async def test_a_webhook_left_behind_is_removed_and_nothing_it_held_is_lost(world: World, make_desk):
    world.alice.send("/price btc")
    world.telegram.webhooks.first_backoff_s = 30
    await _call(world, "setWebhook", {"url": "http://127.0.0.1:9/none"})
    desk = make_desk()
    await desk.start()
    assert card("BTC")(await answered(world.alice))


async def _call(world: World, method: str, params: dict) -> object:
    from bot.telegram.api import BotApi  # noqa: PLC0415
    from bot.telegram.transport import Transport  # noqa: PLC0415

    transport = Transport()
    try:
        return await BotApi(transport, world.telegram.url, TOKEN).call(method, params)
    finally:
        await transport.shutdown()


async def test_who_blocked_us_is_left_alone_until_he_writes_again(world: World, desk: Desk, told: Told):
    alice = world.alice
    await asked(alice, "/start")
    await desk.stop()
    alice.send("/price btc")
    alice.send("/watch btc")
    alice.block()
    await desk.start()
    await eventually(lambda: world.calls("sendMessage") >= 3)
    await desk.settled()
    calls = world.calls("sendMessage")
    alice.unblock()
    alice.send("/price eth")
    assert card("ETH")(await answered(alice))
    assert world.calls("sendMessage") == calls + 1
    assert (await desk.app.services.users.get(alice.id)).reachable
    assert told.errors() == []


async def test_what_waits_for_a_group_follows_it_into_the_supergroup(world: World, desk: Desk):
    group = world.telegram.add_group("Coffee", ["alice"])
    await asked(world.alice, "/price btc", chat=group)
    supergroup = world.telegram.upgrade(group.id)
    notice = Notice("access_granted", {})
    await desk.app.store.write(
        lambda tx: tx.tell("test:1", Lane.ALERT, world.alice.id, Address(group.id, reply_to=2), notice)
    )
    assert "access" in (await world.alice.wait(chat=supergroup, timeout_s=PATIENCE_S)).text
    await desk.settled()


async def test_a_picture_or_table_that_was_refused_comes_later(world: World, desk: Desk):
    alice = world.alice
    await asked(alice, "/start")
    world.telegram.tg.faults.add("retry_after", method="sendDocument", chat=alice.id, retry_after=1)
    alice.send("/export btc 7d")
    assert (await alice.wait(lambda message: message.file is not None, timeout_s=PATIENCE_S)).wire["document"]
    await desk.settled()
    assert len(answers(alice)) == 1
