"""The feed of everything visible: for pages that look on, and for tests that wait for something to appear."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

Json = dict[str, Any]
T = TypeVar("T")
_MOST_BEHIND = 1_000


@dataclass(slots=True, eq=False)
class Onlooker:
    """One stream. What it cannot take in time is dropped, and it is told so."""

    person: int | None
    events: asyncio.Queue[Json] = field(default_factory=lambda: asyncio.Queue(_MOST_BEHIND))
    lagged: bool = False

    def offer(self, event: Json) -> None:
        if self.person is not None and event.get("person") not in (None, self.person):
            return
        try:
            self.events.put_nowait(event)
        except asyncio.QueueFull:
            self.lagged = True


@dataclass(slots=True)
class Feed:
    n: int = 0
    onlookers: set[Onlooker] = field(default_factory=set)
    _waiting: set[asyncio.Future[None]] = field(default_factory=set)

    @property
    def watched(self) -> bool:
        return bool(self.onlookers)

    def publish(self, kind: str, **fields: Any) -> int:
        """Counts the event and shows it; `person` None means for everybody. Answers with its number."""
        self.n += 1
        if self.onlookers:
            event = {"n": self.n, "kind": kind, **fields}
            for onlooker in self.onlookers:
                onlooker.offer(event)
        if self._waiting:
            self.stir()
        return self.n

    def stir(self) -> None:
        """Lets everybody who waits look again."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    async def until(self, look: Callable[[], T | None], timeout_s: float) -> T:
        """The first thing `look` finds. It is asked again after each event. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while (found := look()) is None:
                waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiting.add(waiter)
                try:
                    await waiter
                finally:
                    self._waiting.discard(waiter)
            return found
