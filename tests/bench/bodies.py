"""For how long the loop is held by the largest bodies a vendor may send, decoded and built beside it."""

import asyncio
import gc
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from bot.domain.assets import Symbol
from bot.domain.prices import Field
from bot.providers._http import _built
from bot.providers.prices import _coincodex_rows as rows
from tests.bench.report import Figure, at_most

MOST_MS = 50
HEARD = datetime(2026, 11, 21, 12, tzinfo=UTC)
ROW = {"symbol": "BTC", "display_symbol": "BTC", "name": "Bitcoin", "last_price_usd": 61234.5, "volume_24_usd": 3.1e10}


def measure() -> Iterator[Figure]:
    for what, body, build in _bodies():
        held = min(asyncio.run(_longest_hold_ms(body, build)) for _ in range(3))
        yield at_most(f"loop held at most: {len(body) / 2**20:.1f} MiB of {what}", held, MOST_MS, "ms")


def _bodies() -> Iterator[tuple[str, bytes, Callable[[object], object]]]:
    yield "numbers", b"[" + b"0.1," * 1_000_000 + b"1]", lambda value: value
    yield "texts", b"[" + b'"a",' * 1_000_000 + b"1]", lambda value: value
    charts = partial(rows.charts, symbols=[Symbol("BTC")], period="ALL", field=Field.CAP)
    yield "samples", _samples(), charts
    yield "coins", _listing(), lambda body: rows.ranked(rows.listed(body, "S", HEARD) or [])


def _samples() -> bytes:
    row = "[%d,61234.123456,31000000000.1234,%d.25,%d.5]"
    made = ",".join(row % (1_300_000_000 + step * 60, 10**6 + step, 10**12 + step) for step in range(58_000))
    return f'{{"BTC":{{"ALL":[{made}]}}}}'.encode()


def _listing() -> bytes:
    more = {f"price_change_{span}_percent": 1.25 for span in ("90D", "180D", "365D", "3Y", "5Y", "YTD", "ALL")}
    more |= {f"text_{step}": "words of the vendor " * 8 for step in range(19)}
    made = ({**ROW, **more, "symbol": f"C{step}", "last_market_cap_usd": 1e12 - step} for step in range(1000))
    return json.dumps({"data": list(made)}).encode()


async def _longest_hold_ms(body: bytes, build: Callable[[object], object]) -> float:
    """In this process's own time: other work on the machine is not counted."""
    worst, done = 0.0, False

    async def watch() -> None:
        nonlocal worst
        last = time.process_time()
        while not done:
            await asyncio.sleep(0.001)
            now = time.process_time()
            worst, last = max(worst, now - last), now

    async def work() -> None:
        nonlocal done
        await _built(bytearray(body), build)
        done = True

    gc.collect()
    await asyncio.gather(work(), watch())
    return worst * 1000
