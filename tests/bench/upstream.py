"""How often CoinCodex is asked when a thousand people want the same price at once: cold, and again when it has aged."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bot.sandbox.coincodex.server import CoinCodexStandIn
from bot.sandbox.market import Market
from tests.bench import stage
from tests.bench.cards import FIRST_PERSON
from tests.bench.report import Figure

PEOPLE = 1_000
PATIENCE_S = 60


def measure() -> Iterator[Figure]:
    with stage.telegram() as telegram, _counting() as source:
        token, people = telegram.add_bot(), telegram.add_people(PEOPLE, ["en", "zh"], FIRST_PERSON)
        telegram.inject(token, PEOPLE, people, ["/price BTC"])
        with stage.process("-m", "tests.bench.house", **stage.settings(token, telegram.url, source.url)) as desk:
            stage.said(desk, "ready")
            yield _asked(telegram, source, PEOPLE, 0, "cold")
            before = source.calls.total()
            desk.send_signal(signal.SIGUSR1)
            telegram.inject(token, PEOPLE, people, ["/price BTC"])
            yield _asked(telegram, source, 2 * PEOPLE, before, "its price and the listing aged")


def _asked(telegram: stage.Telegram, source: CoinCodexStandIn, answers: int, before: int, when: str) -> Figure:
    telegram.until_called("sendMessage", answers, PATIENCE_S)
    telegram.until_quiet()
    calls = source.calls.total() - before
    return Figure(f"upstream calls for {PEOPLE:,} people at once, {when}", str(calls), "1", calls == 1)


@contextmanager
def _counting() -> Iterator[CoinCodexStandIn]:
    """The stand-in in a thread of this process, so that its counters can be read."""
    source, loop = CoinCodexStandIn(Market()), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(source.start(), loop).result()
        yield source
        asyncio.run_coroutine_threadsafe(source.stop(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
