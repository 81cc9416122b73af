"""The desk without Telegram's limits: a broadcast to very many in minutes instead of an hour."""

import asyncio
import signal

from bot import app as house
from bot import logs
from bot import settings as settings_table
from bot.delivery.pace import Pace
from storage.store import open_store
from storage.vault import KeySource

PER_SECOND = 1_000_000


async def _run() -> None:
    settings, stop = settings_table.read(), asyncio.Event()
    logs.set_up(settings.log_level, settings.log_format, settings.secrets())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    path = settings.database_path
    clock = house.SystemClock()
    store, _ = open_store(path, KeySource(None, None, "", path.with_suffix(".key")), clock)
    desk = house.build(settings, store, clock)
    desk.delivery.pace = desk.broadcasting.pace = Pace(clock, PER_SECOND)
    house.tune()
    await house.serve(desk, stop)


if __name__ == "__main__":
    asyncio.run(_run())
