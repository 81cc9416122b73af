"""What a picture and a table cost, warm, through the worker; and how long the event loop is held meanwhile."""

import asyncio
import math
import random
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median

import psutil

from bot.charts import Charts, TableFormat, TableRequest
from bot.domain.assets import Symbol
from bot.domain.prices import Field, Period, Point, Series
from tests.bench.report import Figure, at_most

START = datetime(2026, 3, 2, tzinfo=UTC)


def wandering(count, *, seed, symbol="BTC"):
    chance, value, points = random.Random(seed), 67000.0, []  # noqa: S311  a price, not a secret
    for n in range(count):
        value *= math.exp(chance.gauss(0, 0.004))
        points.append(Point(START + timedelta(minutes=10 * n), Decimal(f"{value:.8f}")))
    return Series(Symbol(symbol), Period.WEEK, Field.PRICE, tuple(points), START, "CoinCodex")


async def _ms(work):
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1000


async def _longest_hold_ms(work):
    """The longest time in which nobody else had a turn while `work` was done."""
    done, longest = False, 0.0

    async def watch():
        nonlocal longest
        before = time.perf_counter()
        while not done:
            await asyncio.sleep(0)
            now = time.perf_counter()
            before, longest = now, max(longest, (now - before) * 1000)

    async def run():
        nonlocal done
        await work
        done = True

    await asyncio.gather(watch(), run())
    return longest


async def _measure() -> AsyncIterator[Figure]:
    charts = Charts()
    try:
        warm = await _ms(charts.warm())
        pictures = {
            count: [await _ms(charts.picture(wandering(count, seed=seed), title="BTC")) for seed in range(15)]
            for count in (300, 1200)
        }
        same = wandering(300, seed=99)
        hundred = await _ms(asyncio.gather(*(charts.picture(same, title="BTC") for _ in range(100))))
        wide = tuple(wandering(1200, seed=seed, symbol=f"S{seed}") for seed in range(50))
        await charts.table(TableRequest(wide[:1]))
        tables = {
            kind: median([await _ms(charts.table(TableRequest(wide, format=kind))) for _ in range(5)])
            for kind in TableFormat
        }
        held = await _longest_hold_ms(charts.table(TableRequest(wide)))
        size = len((await charts.picture(wandering(1200, seed=3), title="BTC")).content)
        worker = psutil.Process(charts.pid).memory_info().rss / 2**20
    finally:
        await charts.close()
    yield at_most("chart worker started and warm", warm, 3000, "ms")
    for count, took in pictures.items():
        yield at_most(f"picture of {count:,} points, warm, median", median(took), 150, "ms")
    yield Figure("its size", f"{size / 1000:.0f} kB")
    yield Figure("the same picture for 100 people at once", f"{hundred:.0f} ms in all, one drawing")
    for kind, took_ms in tables.items():
        yield Figure(f"table of 1,200 rows and 50 columns, {kind}", f"{took_ms:.0f} ms")
    yield at_most("loop held at most: such a table", held, 50, "ms", 1)
    yield Figure("memory of the worker after all this", f"{worker:.0f} MiB")


async def _all() -> list[Figure]:
    return [figure async for figure in _measure()]


def measure() -> list[Figure]:
    return asyncio.run(_all())
