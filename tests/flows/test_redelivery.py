"""The same update again, however it comes: one effect and one answer."""

import pytest

from tests.desk import PATIENCE_S, Desk, World, answered, answers, asked, card


@pytest.mark.parametrize("typed", ["/price btc", "/watch add btc", "/settings zone", "/access ask"])
async def test_an_update_served_again_has_one_effect(world: World, desk: Desk, typed: str):
    alice = world.alice
    update_id = alice.send(typed)
    await answered(alice)
    await desk.settled()
    for _ in range(3):
        world.telegram.redeliver(update_id)
        accepted = desk.app.intake.accepted
        await asked(world.bob, "/help")
        assert desk.app.intake.accepted == accepted + 1
    await desk.settled()
    assert len(answers(alice)) == 1


async def test_nor_does_it_after_a_restart(world: World, desk: Desk):
    alice = world.alice
    ids = [alice.send("/watch add btc"), alice.send("/price btc")]
    await alice.wait(card("BTC"), timeout_s=PATIENCE_S)
    await desk.settled()
    said = len(alice.messages())
    await desk.restart()
    for update_id in ids * 3:
        world.telegram.redeliver(update_id)
    await asked(world.bob, "/help")
    await desk.settled()
    assert len(alice.messages()) == said


async def test_a_toggled_list_is_not_toggled_back(world: World, desk: Desk):
    alice = world.alice
    await asked(alice, "/watch btc eth")
    dropped = alice.send("/watch drop eth")
    await answered(alice)
    await asked(alice, "/watch add eth")
    world.telegram.redeliver(dropped)
    await asked(world.bob, "/help")
    assert (await desk.app.services.users.get(alice.id)).watch == ("BTC", "ETH")


async def test_twice_in_one_batch_is_once(world: World, make_desk):
    alice, updates = world.alice, world.telegram.bot().updates
    update_id = alice.send("/price btc")
    for _ in range(2):
        updates.again(update_id)
    desk = make_desk()
    await desk.start()
    await alice.wait(card("BTC"), timeout_s=PATIENCE_S)
    await asked(world.bob, "/help")
    await desk.settled()
    assert len(answers(alice)) == 1


async def test_what_was_stored_but_not_answered_is_answered_after_a_restart(world: World, desk: Desk):
    """As if killed between storing and answering: the source answers only after the restart."""
    alice = world.alice
    await asked(alice, "/start")
    await asked(world.bob, "/start")
    world.telegram.tg.faults.add("retry_after", method="sendMessage", chat=alice.id, retry_after=1)
    alice.send("/watch add sol")
    alice.send("/price eth")
    await world.telegram.until_called("sendMessage", timeout_s=PATIENCE_S)
    await desk.restart()
    await alice.wait(card("ETH"), timeout_s=PATIENCE_S)
    await alice.wait(lambda message: "SOL" in message.text, timeout_s=PATIENCE_S)
    await desk.settled()
    assert len(answers(alice)) + 1 == len(alice.messages()) - 3
