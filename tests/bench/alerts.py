"""A hundred thousand alerts over five hundred coins: what one sweep of them costs when hardly any line is crossed."""

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path

from bot.domain.alerts import Alert, Condition, Way
from bot.domain.assets import Asset, Symbol
from bot.domain.prices import Field, Quote
from bot.domain.users import User
from bot.scheduler import Nursery, SystemClock
from bot.services.alerts import Alerts
from bot.services.prices import Prices
from storage.store import Store, Transaction, open_store
from storage.vault import KeySource
from tests.bench.report import Figure, at_most

ALERTS, COINS, EACH = 100_000, 500, 50
CROSSED = 100
MOST_CPU_S = 1.0
SWEEPS = 5
FIRST_PRICE = Decimal(100)


class Source:
    """Every coin's price, and how often it was asked for."""

    name = "Bench"

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock
        self.price = FIRST_PRICE
        self.calls = 0

    async def quotes(self, symbols: Sequence[Symbol]) -> dict[Symbol, Quote]:
        self.calls += 1
        now = self._clock.now()
        return {symbol: Quote(Asset(symbol, symbol, symbol), self.price, now, now, self.name) for symbol in symbols}


def measure() -> Iterator[Figure]:
    idle_s, busy_s, calls, told = asyncio.run(_measure())
    what = f"a sweep over {ALERTS:,} alerts on {COINS} coins"
    yield at_most(f"{what}, CPU", idle_s, MOST_CPU_S, "s", 2)
    yield at_most(f"the same while {told} of them are told, CPU", busy_s, MOST_CPU_S, "s", 2)
    yield Figure(f"{what}: questions to the source", str(calls), "1", calls == 1)


async def _measure() -> tuple[float, float, int, int]:
    """CPU seconds of the whole process for one sweep, median of several; of one that tells; calls; and how many."""
    clock, nursery = SystemClock(), Nursery()
    source = Source(clock)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder, "desk.db")
        store, _ = open_store(path, KeySource(None, None, "", path.with_suffix(".key")), clock)
        await _fill(store)
        alerts = Alerts(store, Prices(source, clock, nursery), clock)  # type: ignore[arg-type]  # all that is asked of it
        await alerts.check()
        source.calls = 0
        idle = sorted([await _swept(alerts) for _ in range(SWEEPS)])[SWEEPS // 2]
        calls = source.calls // SWEEPS
        source.price = FIRST_PRICE * Decimal("1.001")
        busy = await _swept(alerts)
        told = await store.read(lambda tx: tx.outbox.count_waiting())
        store.close()
    await nursery.close()
    return idle, busy, calls, told


async def _swept(alerts: Alerts) -> float:
    began = time.process_time()
    await alerts.check()
    return time.process_time() - began


async def _fill(store: Store) -> None:
    chosen = random.Random(1)  # noqa: S311  # the same lines each time
    for first in range(0, ALERTS, 5_000):
        wanted = [_alert(number, chosen) for number in range(first, first + 5_000)]
        await store.write(partial(_add, alerts=wanted))


def _alert(number: int, chosen: random.Random) -> Alert:
    """Mostly levels on both sides; each tenth is a move. The first ones are crossed by a thousandth more."""
    symbol = Symbol(f"C{number % COINS}")
    away = Decimal("0.0005") if number < CROSSED else Decimal(chosen.randrange(20, 5_000)) / 1000
    up = number < CROSSED or chosen.random() < 0.5
    wants = Condition(
        Field.PRICE,
        Way.ABOVE if up else Way.BELOW,
        FIRST_PRICE * (1 + away) if up else FIRST_PRICE / (1 + away),
        repeat_s=3_600,
    )
    wants = replace(wants, target=wants.target.quantize(Decimal("0.000001")))
    if number >= CROSSED and chosen.random() < 0.1:
        window_s = chosen.choice((900, 3_600, 86_400))
        wants = Condition(Field.PRICE, chosen.choice((Way.RISE, Way.FALL, Way.MOVE)), Decimal(5), window_s, 3_600)
    return Alert(0, 1 + number // EACH, Asset(symbol, symbol, symbol), wants)


def _add(tx: Transaction, alerts: Sequence[Alert]) -> None:
    for alert in alerts:
        tx.users.add(User(alert.user_id, "x"), tx.now_ms)
        tx.alerts.add(alert)
