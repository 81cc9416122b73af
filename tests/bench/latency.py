"""From a question's arrival at Telegram to its answer there, at 200 questions a second whether or not we keep up."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from statistics import quantiles

from bot.sandbox.telegram.load import inject_many
from bot.sandbox.telegram.server import TelegramStandIn
from tests.bench import stage
from tests.bench.cards import questions
from tests.bench.report import Figure

TOKEN = "123456:bench-token-abcdefghijklmnopqrstuvwxyz"
PER_S = 200
QUESTIONS = 2_000
PATIENCE_S = 60.0
MOST_MS = 50
MOST_PASSES = 12
WAITED_MS = 500


def measure() -> Iterator[Figure]:
    late_ms = sorted(asyncio.run(_measure()))
    half, ninety_nine = late_ms[len(late_ms) // 2], quantiles(late_ms, n=100)[98]
    what = f"question to answer, cached, {PER_S} a second, p99"
    yield Figure(what, f"{ninety_nine:.0f} ms (p50 {half:.1f} ms)", f"< {MOST_MS} ms", ninety_nine < MOST_MS)


async def _measure() -> list[float]:
    """Milliseconds, one for each question. The server runs here, so that both moments are read off one clock."""
    server = TelegramStandIn(tokens=[TOKEN], record=False)
    url = await server.start()
    with stage.coincodex() as coincodex:
        lines = await asyncio.to_thread(questions, coincodex)
        with stage.process("-m", "bot", "run", **stage.settings(TOKEN, url, coincodex)) as desk:
            await asyncio.to_thread(stage.said, desk, "ready")
            await _warmed(server, lines)
            late_ms = await _asked(server, 4_000_000, (lines * 4)[:QUESTIONS], PER_S)
            desk.terminate()
            await asyncio.to_thread(desk.wait)
    await server.stop()
    return late_ms


async def _warmed(server: TelegramStandIn, lines: Sequence[str]) -> None:
    """Until no question waits for CoinCodex any more: it has to be asked for each unknown name by itself."""
    for passed in range(MOST_PASSES):
        if max(await _asked(server, 2_000_000 + passed * len(lines), lines, PER_S)) < WAITED_MS:
            return
    raise stage.TooSlow("the caches never became warm")


async def _asked(server: TelegramStandIn, first_id: int, lines: Sequence[str], per_s: float) -> list[float]:
    """Each from a person of its own, ids from `first_id` on."""
    clock, bot = server.tg.clock.now, server.tg.find_bot(None)
    asked: dict[int, float] = {}
    answered: dict[int, float] = {}
    seen, began = server.last_call, time.perf_counter()
    for number, line in enumerate(lines):
        if (early_s := began + number / per_s - time.perf_counter()) > 0:
            await asyncio.sleep(early_s)
        asked[first_id + number] = clock()
        inject_many(server.tg, bot, 1, [first_id + number], [line], 0)
        if number % 100 == 0:
            seen = _note(server, seen, answered)
    end = time.perf_counter() + PATIENCE_S
    while len(answered) < len(asked):
        if time.perf_counter() > end:
            raise stage.TooSlow(f"{len(asked) - len(answered)} answers are missing")
        await asyncio.sleep(0.05)
        seen = _note(server, seen, answered)
    return [(answered[person] - at) * 1000 for person, at in asked.items()]


def _note(server: TelegramStandIn, seen: int, answered: dict[int, float]) -> int:
    """The server remembers its newest calls only, so they are looked at often; the first answer counts."""
    for call in server.requests:
        if call.n > seen and call.method == "sendMessage":
            answered.setdefault(int(call.params["chat_id"]), call.at)
    return server.last_call
