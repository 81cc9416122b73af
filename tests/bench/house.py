"""The desk in a process that watches itself: how long its event loop was held, with a clock that can be moved.

SIGUSR1 moves the clock on; SIGUSR2 tells the longest hold since the last telling, as a line of JSON.
"""

import asyncio
import json
import signal
import sys
import time
from datetime import datetime, timedelta

from bot import app as house
from bot import logs
from bot import settings as settings_table
from bot.scheduler import SystemClock
from storage.store import open_store
from storage.vault import KeySource

STEP_S = 1_900
"""Past the longest time anything is fresh."""

PROBE_S = 0.002


class MovedClock(SystemClock):
    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.ahead_s)

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_s

    def move(self) -> None:
        self.ahead_s += STEP_S


class Probe:
    """Asks for a turn every 2 ms. Late by the wall: somebody held the loop, or the machine held us.

    What the loop's thread itself computed meanwhile is told apart: that much is surely ours.
    """

    def __init__(self) -> None:
        self.held_ms = self.computed_ms = 0.0
        self._due = self._computed = 0.0

    def start(self) -> None:
        self._computed = time.thread_time()
        self._due = asyncio.get_running_loop().time() + PROBE_S
        asyncio.get_running_loop().call_at(self._due, self._turn)

    def tell(self) -> None:
        sys.stdout.write(json.dumps({"held_ms": self.held_ms, "computed_ms": self.computed_ms}) + "\n")
        sys.stdout.flush()
        self.held_ms = self.computed_ms = 0.0

    def _turn(self) -> None:
        self.held_ms = max(self.held_ms, (asyncio.get_running_loop().time() - self._due) * 1000)
        self.computed_ms = max(self.computed_ms, (time.thread_time() - self._computed) * 1000)
        self.start()


async def _run() -> None:
    settings, clock, probe, stop = settings_table.read(), MovedClock(), Probe(), asyncio.Event()
    logs.set_up(settings.log_level, settings.log_format, settings.secrets())
    database = settings.database_path
    store, _ = open_store(database, KeySource(None, None, "", database.with_suffix(".key")), clock)
    loop = asyncio.get_running_loop()
    for name, act in ((signal.SIGTERM, stop.set), (signal.SIGUSR1, clock.move), (signal.SIGUSR2, probe.tell)):
        loop.add_signal_handler(name, act)
    desk = house.build(settings, store, clock)
    house.tune()
    probe.start()
    await house.serve(desk, stop)


if __name__ == "__main__":
    asyncio.run(_run())
