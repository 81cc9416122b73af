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


async def agreed(person: Person, dialect: str, amount: str = "0.005") -> Seen:
    """The quote's card, by the shortest way through the questions."""
    card = await asked(person, f"/swap {amount} btc eth {ETHER}")
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


@pytest.mark.parametrize("dialect", QUESTIONS)
async def test_where_the_least_rose_before_the_press_the_nearest_amount_is_a_button(
    make_desk: Callable[..., Desk], world: World, dialect: str
):
    await make_desk(ACCESS="open", CHANGELLY_DIALECT=dialect).start()
    person, pricing, coins = world.alice, world.changelly.engine.pricing, world.changelly.engine.coins
    least = pricing.limits(coins["btc"], coins["eth"], fixed=False).least
    card = await agreed(person, dialect, f"{least * 2:f}")
    pricing.limits_mood = "least ten times higher"
    refused = await pressed(person, card, card.labels[0])
    least = pricing.limits(coins["btc"], coins["eth"], fixed=False).least
    assert f"takes at least {least:f} BTC here" in refused.text
    again = await pressed(person, refused, "Offer it again")
    for card, button in ((again, f"{least:f} BTC"), (refused, f"Swap {least:f} BTC")):
        assert f"You send   {least:f} BTC" in (await pressed(person, card, button)).text
    rate = await pressed(person, await asked(person, "/rate 0.0000001 btc eth"), f"{least:f} BTC")
    assert f"{least:f} BTC → ≈" in rate.text.replace(" · BITCOIN", "")
    assert not world.changelly.transactions


@pytest.mark.parametrize("dialect", QUESTIONS)
async def test_what_is_no_address_leads_to_no_card_in_any_dialect(
    make_desk: Callable[..., Desk], world: World, dialect: str
):
    await make_desk(ACCESS="open", CHANGELLY_DIALECT=dialect).start()
    for address in ("hello", f"{ETHER}\u200b", ETHER.replace("a", "\u0430", 1)):
        told = await asked(world.alice, f"/swap 0.005 btc bnbbsc float {address} refund -")
        assert not any(label.startswith("✅") for label in told.labels), told.text
    card = await asked(world.alice, f"/swap 0.005 btc bnbbsc float {ETHER.lower()} refund -")
    assert "no checksum" in card.text
    assert any(label.startswith("✅") for label in card.labels)


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
