"""From the press that confirms an order to the order on the wire, and what the exchange is asked between the two."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from bot.sandbox.market import Market
from bot.sandbox.telegram import Person
from tests.bench.report import Figure
from tests.desk import DeskProcess, World, asked, world_of

PEOPLE = 10
ORDERS_EACH = 4
GAP_S = 2.5
"""What the exchange's weights allow one address: presses that come faster wait for their turn there, not here."""

WARM = 4
MOST_MS = 60
PATIENCE_S = 30
ORDER = "/api/v3/order"


def measure() -> Iterator[Figure]:
    waited, between = asyncio.run(_measure())
    ninety_five = quantiles(waited, n=20)[18]
    what = "tap to order on the wire, p95"
    yield Figure(what, f"{ninety_five:.0f} ms (p50 {median(waited):.0f} ms)", f"< {MOST_MS} ms", ninety_five < MOST_MS)
    yield Figure("calls to the exchange between the two, at most", str(max(between)), "1", max(between) <= 1)


async def _measure() -> tuple[list[float], list[int]]:
    """Milliseconds and calls, one for each order. All stand-ins run here: both moments are read off one clock."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with world_of(Market(invented=60, dust=40), Path(folder)) as world:
            desk = DeskProcess(world, ACCESS="open")
            await desk.start()
            try:
                await desk.ready()
                done = [await _ordered(world, person) for person in await _people(world) for _ in range(ORDERS_EACH)]
            finally:
                await desk.terminate()
    return [waited for waited, _ in done[WARM:]], [between for _, between in done[WARM:]]


async def _people(world: World) -> list[Person]:
    """Each with an account and a key of his own, so that nobody asks too often."""
    people = [world.stranger() for _ in range(PEOPLE)]
    for person in people:
        login = world.exchange.add_account(str(person.id))
        await asked(person, "/keys add binance")
        await asked(person, f"{login.key} {login.secret}")
    return people


async def _ordered(world: World, person: Person) -> tuple[float, int]:
    await asyncio.sleep(GAP_S)
    card = await asked(person, "/buy 0.0005 btc/usdt", timeout_s=PATIENCE_S)
    seen = world.exchange.calls.total()
    pressed_ms = time.time() * 1000  # noqa: TID251  # the clock that the stand-in notes its calls by
    person.press(card, card.labels[0])
    await person.wait(lambda message: "100.0%" in message.text, timeout_s=PATIENCE_S)
    calls = list(world.exchange.requests)[seen - world.exchange.calls.total() :]
    sent = next(n for n, call in enumerate(calls) if (call.method, call.path) == ("POST", ORDER))
    return calls[sent].at_ms - pressed_ms, sent
