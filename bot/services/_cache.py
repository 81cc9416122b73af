"""Values that age: one upstream call however many ask, the last value at once while the source is slow."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.domain.errors import BotError
from bot.domain.ports import Clock
from bot.scheduler import Nursery

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

GATHER_S = 0.004
"""How long a call waits for others who want something too: unnoticed, and it turns a crowd into one call."""

PATIENCE_S = 0.8
"""How long the last value is held back in the hope of a fresh one, while the source is well."""

AT_ONCE = 3
"""Calls under way. What is wanted meanwhile goes with the next: a vendor counts calls, not keys."""

AHEAD = 2 / 3
"""From this part of its time on, whoever asks for a value has it renewed, so that nobody waits for what many want."""


@dataclass(frozen=True, slots=True)
class Aged(Generic[V]):
    """`value` is None where the source knows nothing. `stale`: fresh was wanted and did not come in time."""

    value: V | None
    stale: bool = False


@dataclass(slots=True)
class _Kept(Generic[V]):
    value: V | None
    renew_at: float
    until: float


class Cache(Generic[K, V]):
    """`fetch` is asked for several keys at once; what it leaves out is known to be absent, and kept as such.

    Bounded to `most` keys, least recently used first to go. An error of `fetch` reaches only who has nothing older.
    """

    def __init__(
        self,
        fetch: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]],
        *,
        fresh_s: float,
        clock: Clock,
        nursery: Nursery,
        most: int,
        most_a_call: int = 50,
    ) -> None:
        self._fetch = fetch
        self._fresh_s = fresh_s
        self._clock = clock
        self._nursery = nursery
        self._most = most
        self._most_a_call = most_a_call
        self._kept: OrderedDict[K, _Kept[V]] = OrderedDict()
        self._flights: dict[K, asyncio.Future[V | None]] = {}
        self._wanted: list[K] = []
        self._calls = 0
        self._well = True

    async def get(self, keys: Sequence[K]) -> dict[K, Aged[V]]:
        """Raises what the source raised where a key has no value at all, not even an old one."""
        now = self._clock.monotonic()
        late = [key for key in keys if not self._still_fresh(key, now)]
        landed = await self._refresh(late) if late else {}
        now = self._clock.monotonic()
        return {key: landed.get(key) or self._aged(key, now) for key in keys}

    def put(self, key: K, value: V | None) -> None:
        now = self._clock.monotonic()
        self._kept[key] = _Kept(value, now + self._fresh_s * AHEAD, now + self._fresh_s)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def peek(self, key: K) -> V | None:
        """The last value, however old, without asking anyone."""
        kept = self._kept.get(key)
        return kept.value if kept else None

    async def _refresh(self, late: Sequence[K]) -> dict[K, Aged[V]]:
        """What came of it in time: straight from the flight, as a crowd may push it out of what is kept at once."""
        flights = {key: self._flight(key) for key in late}
        without = [flight for key, flight in flights.items() if key not in self._kept]
        if without:
            await asyncio.wait(without)
            for flight in without:
                flight.result()
        elif self._well:
            await asyncio.wait(flights.values(), timeout=PATIENCE_S)
        landed = {key: flight for key, flight in flights.items() if flight.done() and not flight.exception()}
        return {key: Aged(flight.result()) for key, flight in landed.items()}

    def _flight(self, key: K) -> "asyncio.Future[V | None]":
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.get_running_loop().create_future()
            flight.add_done_callback(_heard)
            self._wanted.append(key)
            if (len(self._wanted) - 1) % self._most_a_call == 0:
                self._take_off()
        return flight

    def _take_off(self) -> None:
        if self._wanted and self._calls < AT_ONCE:
            self._calls += 1
            self._nursery.start(self._fly(), "cache.fetch")

    async def _fly(self) -> None:
        """Calls until nobody wants anything."""
        try:
            await asyncio.sleep(GATHER_S)
            while self._wanted:
                keys, self._wanted = self._wanted[: self._most_a_call], self._wanted[self._most_a_call :]
                await self._call(keys)
        except Exception:
            self._calls -= 1
            self._take_off()  # what others want must not wait for what went wrong here
            raise
        self._calls -= 1

    async def _call(self, keys: Sequence[K]) -> None:
        try:
            found = await self._fetch(keys)
        except Exception as error:
            self._well = False
            self._land(keys, {}, error)
            if not isinstance(error, BotError):
                raise  # our own mistake: the nursery's log shall name it
        else:
            self._well = True
            for key in keys:
                self.put(key, found.get(key))
            self._land(keys, found)

    def _land(self, keys: Sequence[K], found: Mapping[K, V], error: Exception | None = None) -> None:
        for key in keys:
            flight = self._flights.pop(key)
            if error:
                flight.set_exception(error)
            else:
                flight.set_result(found.get(key))

    def _still_fresh(self, key: K, now: float) -> bool:
        kept = self._kept.get(key)
        if kept is None or kept.until <= now:
            return False
        self._kept.move_to_end(key)
        if kept.renew_at <= now and self._well:
            self._flight(key)
        return True

    def _aged(self, key: K, now: float) -> Aged[V]:
        kept = self._kept.get(key)
        return Aged(kept.value, kept.until <= now) if kept else Aged(None)


def _heard(flight: "asyncio.Future[V | None]") -> None:
    """An error that nobody waited for any more is no fault of the process."""
    if not flight.cancelled():
        flight.exception()
