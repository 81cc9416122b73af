"""The one task of a venue: others trade with whoever waits, even while nobody looks."""

import asyncio
from contextlib import suppress

from bot.sandbox.exchange.engine import Engine

BEAT_S = 1.0


class Pulse:
    """Wakes the engine once a second, from start to stop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Idempotent."""
        self._task = self._task or asyncio.create_task(self._beat())

    async def stop(self) -> None:
        """Idempotent. Raises what went wrong meanwhile."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            self._engine.tick()
