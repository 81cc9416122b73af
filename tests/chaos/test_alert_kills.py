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
from tests.desk import MovedClock, World, eventually

BTC = Asset(Symbol("BTC"), "BTC", "Bitcoin")
SAID = "/alert BTC &gt;"


class Ear:
    """How often each person was sent the message of an alert: Telegram's stand-in remembers the last calls only."""

    def __init__(self, world: World) -> None:
        self._world, self._heard, self._told = world, 0, Counter[int]()

    @property
    def told(self) -> Counter[int]:
        for call in self._world.telegram.requests:
            if call.n > self._heard and call.method == "sendMessage" and SAID in str(call.params.get("text", "")):
                self._told[int(call.params["chat_id"])] += 1
        self._heard = self._world.telegram.last_call
        return self._told


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
    [pytest.param(100, 2, 1, id="2"), pytest.param(3_000, 60, 2, id="60", marks=pytest.mark.soak)],
)
async def test_kills_lose_no_alert_and_repeat_only_what_was_on_its_way(
    world: World, make_process, market: Market, people, kills, seed
):
    dice, readers = random.Random(seed), [world.stranger().id for _ in range(people)]  # noqa: S311  # the same again
    world.telegram.tg.world.started |= {(bot.id, who) for bot in world.telegram.tg.bots.values() for who in readers}
    await stored(world, market, readers)
    process, ear = make_process(), Ear(world)
    for _ in range(kills):
        await process.start()
        wanted = ear.told.total() + dice.randrange(1, people // (kills + 1))
        await eventually(lambda wanted=wanted: ear.told.total() >= wanted)
        await process.kill()
        assert len(ear.told) < people  # else this kill proves nothing
    await process.start()
    await eventually(lambda: len(ear.told) == people, timeout_s=people / 10 + 60)
    await process.terminate()
    assert set(ear.told) == set(readers)
    assert ear.told.total() - people <= kills * AT_ONCE
    assert await states(world) == {State.ENDED: people}
