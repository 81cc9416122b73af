"""One person's flood is his own: others do not feel it, and he is told once."""

import pytest

from tests.desk import PATIENCE_S, Desk, World, answers, asked, card, eventually

MANY = 1_000
BURST = 20


async def test_a_thousand_commands_at_once_do_not_hold_up_another(world: World, desk: Desk):
    alice, bob = world.alice, world.bob
    await asked(alice, "/start")
    await asked(bob, "/price btc")
    first = alice.send("/price btc")
    flood_began = alice.mark
    for number in range(MANY - 1):
        alice.send("/price btc")
        if number % 100 == 99:
            bob.send(f"/calc {number}.5 btc eth")
    await eventually(lambda: sum("≈" in message.text for message in bob.messages()) == 9)
    # His answers are there while almost nothing of the flood has been taken up.
    alice.mark = flood_began
    assert len(answers(alice)) <= BURST + 5
    await desk.settled()
    told = [message for message in answers(alice) if message.text.startswith("⏳")]
    cards = [message for message in answers(alice) if card("BTC")(message)]
    assert len(told) == 1
    assert BURST - 1 <= len(cards) <= BURST + 15
    assert first


@pytest.mark.usefixtures("desk")
async def test_a_flood_whose_answers_hang_takes_no_more_than_its_lane(world: World):
    alice, bob = world.alice, world.bob
    await asked(bob, "/price btc")
    world.telegram.tg.faults.add("slow", method="sendMessage", chat=alice.id, times=None, delay_s=0.5)
    for _ in range(50):
        alice.send("/help")
    for number in range(5):
        assert f"{number}.5 BTC" in (await asked(bob, f"/calc {number}.5 btc eth")).text
    alice.mark = 0
    assert len(answers(alice)) < BURST
    world.telegram.tg.faults.clear()


async def test_what_piled_up_while_the_desk_was_away_is_no_flood(world: World, desk: Desk):
    alice = world.alice
    await asked(alice, "/start")
    await desk.stop()
    start = alice.mark
    for number in range(30):
        alice.send(f"/calc {number}.5 btc eth")
        world.telegram.tg.clock.advance(5)
    await desk.start()
    await alice.wait(lambda message: message.text.startswith("29.5 BTC"), timeout_s=PATIENCE_S)
    await desk.settled()
    alice.mark = start
    assert len([message for message in answers(alice) if "≈" in message.text]) == 30


@pytest.mark.usefixtures("desk")
async def test_commands_of_one_person_are_answered_in_order(world: World):
    alice = world.alice
    await asked(alice, "/price btc")
    for number in range(15):
        alice.send(f"/calc {number}.5 btc eth")
    await alice.wait(lambda message: message.text.startswith("14.5 BTC"), timeout_s=PATIENCE_S)
    sums = [message.text.split()[0] for message in alice.messages() if "≈" in message.text]
    assert sums == [f"{number}.5" for number in range(15)]


async def test_cancel_does_not_wait_behind_what_is_slow(world: World, make_desk):
    world.coincodex.faults.set("slow", 2)
    desk = make_desk()
    await desk.start()
    alice = world.alice
    await asked(alice, "/settings zone")
    alice.send("/price btc")
    assert "Left" in (await asked(alice, "/cancel")).text
    assert not any(card("BTC")(message) for message in alice.messages())
    assert card("BTC")(await alice.wait(card("BTC"), timeout_s=PATIENCE_S))
