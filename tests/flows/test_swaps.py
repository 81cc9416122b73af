"""A swap from the first word to the payout, in each of the three dialects: whole desk, whole world."""

from collections.abc import Callable

import pytest

from bot.sandbox.telegram import Person, Seen
from tests.desk import Desk, MovedClock, World, answers, asked, eventually, pressed

ETHER = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"
QUESTIONS = {"v2": ("Floating", "No refund address"), "v1": ("Floating", "No refund address"), "rest": ()}
STAGES = {
    "confirming": "Deposit seen",
    "exchanging": "Exchanging",
    "sending": "Sending to your address",
    "finished": "You received",
}
POLL_S = 5


async def agreed(person: Person, dialect: str) -> Seen:
    """The quote's card, by the shortest way through the questions."""
    card = await asked(person, f"/swap 0.005 btc eth {ETHER}")
    for answer in QUESTIONS[dialect]:
        card = await pressed(person, card, answer)
    return card


async def said(world: World, clock: MovedClock, person: Person, words: str) -> str:
    """What a person reads once the desk has looked again; no button was pressed for it."""
    seen = look_ups(world)
    clock.advance(2 * POLL_S)
    await eventually(lambda: look_ups(world) > seen)
    return await eventually(lambda: next((each.text for each in answers(person) if words in each.text), None))


def look_ups(world: World) -> int:
    return world.changelly.calls["getTransactions"] + world.changelly.calls["GET /api/v1/transactions/{id}"]


@pytest.mark.parametrize("dialect", QUESTIONS)
async def test_a_swap_is_quoted_made_paid_and_told_at_each_stage(
    make_desk: Callable[..., Desk], world: World, clock: MovedClock, dialect: str
):
    desk = make_desk(ACCESS="open", CHANGELLY_DIALECT=dialect, SWAP_POLL_SECONDS=str(POLL_S))
    await desk.start()
    person = world.alice
    card = await agreed(person, dialect)
    assert not world.changelly.transactions
    await pressed(person, card, "✅ Swap 0.005 BTC")
    (swap,) = world.changelly.transactions.values()
    deposit = await eventually(lambda: next((each.text for each in answers(person) if "exactly" in each.text), None))
    assert {"0.005 BTC", swap.payin_address} <= set(deposit.splitlines())
    for status, words in STAGES.items():
        world.changelly.move(swap.id, status)
        told = await said(world, clock, person, words)
    assert f"{swap.amount_to:f}".rstrip("0") in told
    assert len(world.changelly.transactions) == 1


async def test_a_deposit_address_is_shown_once_its_swap_is_found_though_the_answer_was_lost(
    make_desk: Callable[..., Desk], world: World, clock: MovedClock
):
    desk = make_desk(ACCESS="open", SWAP_POLL_SECONDS=str(POLL_S))
    await desk.start()
    person = world.alice
    card = await agreed(person, "v2")
    world.changelly.faults.set("lost_after", times=1, calls="place")
    person.press(card, "✅ Swap 0.005 BTC")
    await eventually(lambda: world.changelly.transactions)
    (swap,) = world.changelly.transactions.values()

    def look() -> str | None:
        clock.advance(1)
        return next((each.text for each in answers(person) if swap.payin_address in each.text), None)

    assert await eventually(look)
    assert world.changelly.calls["createTransaction"] == len(world.changelly.transactions) == 1
