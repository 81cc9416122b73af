"""What is said unasked, through the whole desk: an outage, quiet hours, a block, a group that moves."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.notices import Address, Lane, Notice
from tests.desk import PATIENCE_S, Desk, Told, World, answers, asked, eventually
from tests.views import intent_samples, key_samples

FILLED = Notice("order_ended", intent_samples.SAMPLES["order_ended"])
FROZEN = Notice("key_frozen", key_samples.SAMPLES["key_frozen"])
LATE_S = 700


async def tell(desk: Desk, who: int, **notices: Notice) -> None:
    def unit(tx):
        for cause, notice in notices.items():
            tx.tell(cause, Lane.MONEY, who, Address(who), notice)

    await desk.app.store.write(unit)


def texts(person) -> list[str]:
    return [message.text for message in answers(person)]


async def test_after_an_outage_there_is_one_message_and_what_needs_an_act_is_another(
    world: World, desk: Desk, told: Told
):
    alice = world.alice
    await asked(alice, "/start")
    alice.mark = alice.messages()[-1].n
    world.telegram.down()
    await desk.app.delivery.close(PATIENCE_S)  # nothing is on its way while the clock goes on
    await tell(desk, alice.id, a=FILLED, b=FILLED, c=FILLED, frozen=FROZEN)
    await desk.stop()
    desk.clock.advance(LATE_S)
    await desk.start()
    world.telegram.down(down=False)
    await eventually(lambda: len(texts(alice)) == 2)
    await desk.settled()
    digest, frozen = sorted(texts(alice), key=lambda text: "Comes late" in text)
    assert "3 messages" in digest
    assert digest.count("Filled at Binance") == 3
    assert "Comes late" in frozen
    assert "3 messages" in (await asked(alice, "/missed")).text
    assert told.errors() == []


async def test_quiet_hours_hold_back_what_can_wait_and_nothing_else(world: World, desk: Desk):
    alice = world.alice
    await asked(alice, "/settings zone Europe/Berlin")
    local = datetime.now(ZoneInfo("Europe/Berlin"))  # noqa: TID251  # as the person's own clock shows it
    hours = f"{local - timedelta(hours=1):%H:%M}-{local + timedelta(hours=2):%H:%M}"
    assert "when they are over" in (await asked(alice, f"/quiet {hours} hold")).text
    alice.mark = alice.messages()[-1].n
    await tell(desk, alice.id, a=FILLED)
    await tell(desk, alice.id, frozen=FROZEN)
    await alice.wait(lambda message: "Binance" in message.text, timeout_s=PATIENCE_S)
    await eventually(lambda: desk.app.delivery.figures()['outbox_withheld_total{why="held"}'] == 1)
    assert not any("Filled" in text for text in texts(alice))
    desk.clock.advance(3 * 3600)
    late = await alice.wait(lambda message: "Filled" in message.text, timeout_s=PATIENCE_S)
    assert "Comes late" in late.text


async def test_who_blocked_us_is_told_what_happened_when_he_writes_again(world: World, desk: Desk, told: Told):
    alice = world.alice
    await asked(alice, "/start")
    alice.block()
    await tell(desk, alice.id, a=FILLED)
    await desk.settled()
    tried = world.calls("sendMessage")
    await tell(desk, alice.id, b=FROZEN)
    await desk.settled()
    assert world.calls("sendMessage") == tried
    alice.unblock()
    alice.send("/help")
    await eventually(lambda: len(texts(alice)) == 3)
    assert any("Filled" in text for text in texts(alice))
    assert told.errors() == []


async def test_a_group_that_moves_takes_what_is_asked_in_it_along(world: World, desk: Desk):
    group = world.telegram.add_group("Tea", ["alice"])
    await asked(world.alice, "/price btc", chat=group)
    await desk.app.services.dialogs.ask(world.alice.id, group.id, "price")
    moved = world.telegram.upgrade(group.id)

    async def pending(chat: int) -> str:
        return await desk.app.services.dialogs.pending(world.alice.id, chat)

    await desk.settled()
    await asked(world.alice, "/price eth", chat=moved)  # behind the word that it moved
    assert (await pending(group.id), await pending(moved.id)) == ("", "price")


async def test_a_chat_there_is_not_ends_its_row_and_nobody_elses(world: World, desk: Desk, told: Told):
    await asked(world.alice, "/start")
    nobody = 424_242
    await tell(desk, nobody, a=FILLED)
    await tell(desk, world.alice.id, b=FILLED)
    await world.alice.wait(lambda message: "Filled" in message.text, timeout_s=PATIENCE_S)
    await desk.settled()
    assert told.errors() == []
