"""CoinCodex on its bad days: the last value at once with its age, or a word within three seconds; never an error."""

import asyncio

import pytest

from bot.sandbox.telegram import Seen
from tests.desk import PATIENCE_S, Desk, Told, World, answered, answers, asked, card, eventually

FAULTS = {
    "down": ("down", None),
    "slow": ("slow", 600),
    "limited": ("limited", 30),
    "error": ("error", 500),
    "html": ("html", None),
    "cut": ("cut", None),
    "torn": ("torn", None),
    "empty": ("empty", None),
    "huge": ("huge", 30),
}
STALE = "is not answering"


def waits(message: Seen) -> bool:
    return message.text.startswith("⏳")


@pytest.mark.parametrize(("kind", "value"), FAULTS.values(), ids=FAULTS)
async def test_what_was_known_is_shown_at_once_and_called_old(world: World, desk: Desk, told: Told, kind, value):
    alice = world.alice
    assert STALE not in (await asked(alice, "/price btc")).text
    desk.clock.advance(200)
    world.coincodex.faults.set(kind, value)
    alice.send("/price btc")
    answer = await alice.wait(card("BTC"), timeout_s=PATIENCE_S)
    assert STALE in answer.text
    assert "3 min" in answer.text
    # Once the source is known to be ill nobody waits for it any more.
    alice.send("/cap btc")
    assert STALE in (await alice.wait(timeout_s=PATIENCE_S)).text
    world.coincodex.faults.clear()
    assert told.errors() == []


async def test_with_nothing_known_it_says_so_and_then_completes_that_very_message(world: World, make_desk):
    world.coincodex.faults.set("slow", 3)
    desk = make_desk()
    await desk.start()
    await asked(world.admin, "/start")
    lines = ("/price btc", "/cap", "/top", "/calc 1 btc eth", "btc", "/cap eth", "/price eth sol")
    people = {line: world.stranger() for line in lines}
    for line, person in people.items():
        person.send(line)
    words = {line: await person.wait(waits, timeout_s=PATIENCE_S) for line, person in people.items()}
    for line, person in people.items():
        answer = await person.wait(lambda message: not waits(message), timeout_s=PATIENCE_S)
        assert answer.id == words[line].id
    await desk.settled()
    assert [len(answers(person)) for person in people.values()] == [1] * len(people)


async def test_a_picture_that_takes_long_takes_the_place_of_the_word_for_it(world: World, desk: Desk):
    world.coincodex.faults.set("slow", 3, only="charts")
    world.alice.send("/chart btc")
    word = await world.alice.wait(waits, timeout_s=PATIENCE_S)
    shown = await world.alice.wait(lambda message: message.file is not None, timeout_s=PATIENCE_S)
    assert shown.id == word.id
    await desk.settled()
    assert len(answers(world.alice)) == 1


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        *((kind, "/price btc") for kind in ("down", "limited", "error", "html", "cut", "empty", "huge")),
        *(("down", typed) for typed in ("/cap", "/top", "/calc 1 btc eth", "/chart btc", "/export btc 7d")),
    ],
)
async def test_with_nothing_known_and_no_hope_it_says_what_happened(world: World, desk: Desk, told: Told, kind, typed):
    world.coincodex.faults.set(kind)
    alice = world.alice
    answer = await asked(alice, typed, timeout_s=PATIENCE_S)
    assert "CoinCodex" in answer.text
    assert "Nothing was changed" in answer.text
    await desk.settled()
    assert len(answers(alice)) == 1
    world.coincodex.faults.clear()
    assert told.errors() == []


async def test_it_recovers_by_itself(world: World, desk: Desk):
    alice = world.alice
    await asked(alice, "/price btc")
    desk.clock.advance(200)
    world.coincodex.faults.set("down")
    assert STALE in (await asked(alice, "/price btc")).text
    world.coincodex.faults.clear()
    # Who asks sets off the call that finds it well again, unless one is still on its way.
    async with asyncio.timeout(PATIENCE_S):
        while STALE in (await asked(world.stranger(), "/price btc")).text:
            seen = sum(world.coincodex.calls.values())
            await eventually(lambda seen=seen: sum(world.coincodex.calls.values()) > seen)


@pytest.mark.usefixtures("desk")
async def test_what_needs_no_source_does_not_wait_for_it(world: World):
    world.coincodex.faults.set("slow", 2)
    alice, bob = world.alice, world.bob
    alice.send("/price btc")
    assert "/price" in (await asked(bob, "/help")).text
    assert await asked(bob, "/settings")
    assert card("BTC")(await alice.wait(card("BTC"), timeout_s=PATIENCE_S))


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("kind", "value"),
    [("strings", 0), ("milliseconds", 0), ("columns", 2), ("columns", 5), ("dicts", 0), ("legacy", 503)],
)
async def test_other_shapes_of_its_answers_are_read_or_refused_but_never_wrong(world: World, kind, value):
    world.coincodex.faults.set(kind, value)
    price = await asked(world.alice, "/price btc", timeout_s=PATIENCE_S)
    assert card("BTC")(price) or "CoinCodex" in price.text
    if card("BTC")(price):
        expected = world.coincodex.market.price("BTC", world.coincodex.market.now())
        shown = price.text.splitlines()[1].split()[0].lstrip("$").replace(",", "")
        assert abs(float(shown) - float(expected)) < float(expected) / 100


async def test_a_crowd_costs_one_call(world: World, desk: Desk):
    await asked(world.alice, "/price btc")
    people = [world.stranger() for _ in range(50)]
    for person in people:
        person.send("/start")
    for person in people:
        await answered(person)
    desk.clock.advance(60)
    calls = sum(world.coincodex.calls.values())
    for person in people:
        person.send("/price btc")
    for person in people:
        assert card("BTC")(await answered(person))
    assert sum(world.coincodex.calls.values()) == calls + 1
