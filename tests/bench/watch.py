"""A thousand people with ten open orders each, an exchange that counts every call: how late a fill is told."""

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median

from bot.domain.accounts import Health, Held, KeyState
from bot.domain.orders import Credentials
from bot.domain.users import User
from bot.sandbox.exchange import Engine, Login, Order, Wish
from bot.sandbox.exchange.binance import BinanceStandIn
from bot.sandbox.market import Market
from bot.scheduler import SystemClock
from bot.services._keys import fingerprint, sealed
from storage.store import Transaction, open_store
from storage.vault import KeySource
from tests.bench import stage
from tests.bench.report import Figure
from tests.desk import DeskProcess, World

PEOPLE = 1_000
PAIRS = ("BTC/USDT", "ETH/USDT")
ORDERS_EACH = 10
FIRST_PERSON = 5_000_000
WAITED = timedelta(hours=2)
FILLED = 200
FILLED_WITHIN_S = 60.0
PATIENCE_S = 900.0
LOOK_S = 0.05


def measure() -> Iterator[Figure]:
    late_s, calls = asyncio.run(_measure())
    what = f"{PEOPLE:,} keys with {ORDERS_EACH} orders each, weights on: fill to message, longest of {FILLED}"
    yield Figure(what, f"{max(late_s):.0f} s (p50 {median(late_s):.0f} s; {calls:,.0f} calls a minute)")


async def _measure() -> tuple[list[float], float]:
    """Seconds, one for each fill, and calls a minute. All stand-ins run here, the desk in a process of its own."""
    market = Market(invented=60, dust=40)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        world = World(market, Path(folder))
        world.exchange = BinanceStandIn(Engine(market), rates=True)
        await world.start()
        desk = DeskProcess(world, ACCESS="open", EXCHANGES="binance")
        try:
            orders = await _stored(world)
            await desk.start()
            await desk.ready(60)
            began = time.perf_counter()
            # Who is first at the exchange is filled first.
            orders.sort(key=lambda order: (-(order.price or 0), order.id))
            late_s = await _told(world, orders[:FILLED])
            calls = world.exchange.calls.total() / (time.perf_counter() - began) * 60
        finally:
            await desk.close()
            await world.stop()
    return late_s, calls


async def _stored(world: World) -> list[Order]:
    """One order of each person: the others of his wait too, and are never filled."""
    source = KeySource(None, None, "", world.database.with_suffix(".key"))
    store, _ = open_store(world.database, source, SystemClock())
    people = range(FIRST_PERSON, FIRST_PERSON + PEOPLE)
    # Who is filled first has nothing to do with who is looked at first.
    placed = {person: _placed(world, person) for person in random.Random(1).sample(people, PEOPLE)}  # noqa: S311
    for person_id in people:
        world.telegram.tg.world.add_person(f"Person {person_id}", person_id=person_id)
        world.telegram.tg.world.started |= {(bot.id, person_id) for bot in world.telegram.tg.bots.values()}
        login, orders = placed[person_id]
        await store.write(partial(_rows, person_id=person_id, credentials=Credentials(*login), orders=orders))
    store.close()
    return [orders[0] for _, orders in placed.values()]


def _placed(world: World, person_id: int) -> tuple[Login, list[Order]]:
    engine, login = world.exchange.engine, world.exchange.add_account(str(person_id))
    account, placed = engine.accounts[str(person_id)], []
    for number in range(ORDERS_EACH):
        pair = engine.pair(PAIRS[number % len(PAIRS)])
        price = pair.rounded(engine.day(pair.symbol).last * (Decimal("0.8") if number else Decimal("0.9")))
        wish = Wish(symbol=pair.symbol, side="buy", kind="limit", amount=pair.cut(20 / price), price=price)
        placed.append(engine.place(account, wish))
    return login, placed


def _rows(tx: Transaction, person_id: int, credentials: Credentials, orders: Sequence[Order]) -> None:
    tx.users.add(User(person_id, f"Person {person_id}"), tx.now_ms)
    now, account_id = datetime.now(UTC), f"account-{person_id}"  # noqa: TID251  # the desk's clock is the real one
    print_ = fingerprint(tx, person_id, "binance", credentials)
    health = Health(trade=True)
    held = Held(account_id, person_id, "binance", "", 1, print_, KeyState.ACTIVE, health, now, now)
    tx.accounts.add(held, sealed(tx, held, credentials))
    since = tx.now_ms - int(WAITED.total_seconds() * 1000)
    for order in orders:
        tx.orders.add(
            {
                "account_id": account_id, "vendor": "binance", "order_id": str(order.id), "intent_id": "",
                "user_id": person_id, "symbol": order.pair.symbol, "side": "buy", "kind": "limit", "wallet": "spot",
                "amount": f"{order.amount:f}", "price": f"{order.price:f}", "chat_id": person_id, "created_at": since,
                "due_at": tx.now_ms,
            }
        )  # fmt: skip


async def _told(world: World, orders: Sequence[Order]) -> list[float]:
    """Fills them one after the other, and waits for each one's message."""
    filled: dict[int, float] = {}
    told: dict[int, float] = {}
    began = time.perf_counter()
    seen = world.telegram.last_call
    while len(told) < len(orders):
        passed_s = time.perf_counter() - began
        if passed_s > PATIENCE_S:
            raise stage.TooSlow(f"{len(orders) - len(told)} of {len(orders)} fills were not told")
        for order in orders[len(filled) : int(passed_s / FILLED_WITHIN_S * len(orders)) + 1]:
            world.exchange.engine.fill(order)
            filled[int(order.owner.name)] = world.telegram.tg.clock.now()
        for call in world.telegram.requests:
            if call.n > seen and call.method == "sendMessage" and int(call.params["chat_id"]) in filled:
                told.setdefault(int(call.params["chat_id"]), call.at)
        seen = world.telegram.last_call
        await asyncio.sleep(LOOK_S)
    return [told[person] - at for person, at in filled.items()]
