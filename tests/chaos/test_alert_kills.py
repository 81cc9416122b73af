"""`kill -9` while alerts are told: each is told, and repeated at most where a message was on its way."""

import random
from collections import Counter
from decimal import Decimal

import pytest

from bot.delivery.loop import AT_ONCE
from bot.domain.alerts import Alert, Condition, State, Way
from bot.domain.assets import Asset, Symbol
from bot.domain.prices import Field
from bot.domain.users import User
from bot.sandbox.market import Market
from storage.store import Transaction, open_store
from storage.vault import KeySource
from tests.desk import DeskProcess, MovedClock, World, eventually

BTC = Asset(Symbol("BTC"), "BTC", "Bitcoin")
SAID = "/alert BTC &gt;"


def told(world: World) -> Counter[int]:
    """How often each person was sent the message of an alert."""
    sent = [call.params for call in world.telegram.requests if call.method == "sendMessage"]
    return Counter(int(params["chat_id"]) for params in sent if SAID in str(params.get("text", "")))


async def stored(world: World, market: Market, people: list[int]) -> None:
    """One alert each, a hundred times lower than the price: crossed at the first look."""
    store, _ = open_store(world.database, KeySource(None, None, "", world.database.with_suffix(".key")), MovedClock())
    line = (market.price("BTC") / 100).quantize(Decimal(1))

    def unit(tx: Transaction) -> None:
        for person in people:
            tx.users.add(User(person, "x"), tx.now_ms)
            tx.alerts.add(Alert(0, person, BTC, Condition(Field.PRICE, Way.ABOVE, line), created_at=tx.now_ms))

    await store.write(unit)
    store.close()


async def states(world: World) -> Counter[State]:
    store, _ = open_store(world.database, KeySource(None, None, "", world.database.with_suffix(".key")), MovedClock())
    rows = await store.read(lambda tx: tx.alerts._db.conn.execute("SELECT state, fired FROM alerts").fetchall())
    store.close()
    assert {fired for _, fired in rows} == {1}
    return Counter(State(state) for state, _ in rows)


@pytest.mark.parametrize(
    ("people", "kills", "seed"),
    [pytest.param(40, 2, 1, id="2"), pytest.param(400, 60, 2, id="60", marks=pytest.mark.soak)],
)
async def test_kills_lose_no_alert_and_repeat_only_what_was_on_its_way(
    world: World, make_process, market: Market, people, kills, seed
):
    dice, readers = random.Random(seed), [world.stranger().id for _ in range(people)]  # noqa: S311  # the same again
    world.telegram.tg.world.started |= {(bot.id, who) for bot in world.telegram.tg.bots.values() for who in readers}
    await stored(world, market, readers)
    process: DeskProcess = make_process()
    for _ in range(kills):
        await process.start()
        wanted = min(people, told(world).total() + dice.randrange(1, 2 * people // kills))
        await eventually(lambda wanted=wanted: told(world).total() >= wanted)
        await process.kill()
    await process.start()
    await eventually(lambda: len(told(world)) == people)
    await process.terminate()
    assert set(told(world)) == set(readers)
    assert told(world).total() - people <= kills * AT_ONCE
    assert await states(world) == {State.ENDED: people}
