"""How fast one vendor may be asked: so many a second, so many at once, and people before sweeps."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum

from bot.domain.ports import is_unhurried


class Lane(IntEnum):
    """Who waits for the answer: a person now, or a job that looks after everyone. Lower goes first."""

    PEOPLE = 0
    SWEEP = 1

    @classmethod
    def here(cls) -> "Lane":
        return cls.SWEEP if is_unhurried() else cls.PEOPLE


class Crowded(Exception):
    """The turn did not come in time, or too many wait already."""


class Gate:
    """At most `per_second` starts in any second and `in_flight` at once; sweeps leave one of these free for people.

    `until_answered`: a call counts for a second from its end on, not from its start. When it arrived, in between, is
    the vendor's to know: this way no second of the vendor's sees more, whatever bunches up on the way.
    """

    def __init__(
        self, per_second: int, in_flight: int, *, most_waiting: int = 500, until_answered: bool = False
    ) -> None:
        in_flight = min(in_flight, per_second)
        self._until_answered = until_answered
        self._per_second = per_second
        self._in_flight = {Lane.PEOPLE: in_flight, Lane.SWEEP: max(1, in_flight - 1)}
        self._most_waiting = most_waiting
        self._counted: deque[float] = deque(maxlen=per_second)
        self._waiting: dict[Lane, deque[asyncio.Future[None]]] = {lane: deque() for lane in Lane}
        self._busy = 0
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def turn(self, lane: Lane, patience_s: float) -> AsyncIterator[None]:
        """Hold one of the places for the length of the block. Raises Crowded after `patience_s` of waiting."""
        await self._admitted(lane, patience_s)
        try:
            yield
        finally:
            self._leave()

    async def _admitted(self, lane: Lane, patience_s: float) -> None:
        if sum(map(len, self._waiting.values())) >= self._most_waiting:
            raise Crowded
        place = asyncio.get_running_loop().create_future()
        self._waiting[lane].append(place)
        self._let_in()
        try:
            async with asyncio.timeout(patience_s):
                await place
        except BaseException as stopped:
            # Called in and called off at the same moment: the place must not stay taken.
            if place.done() and not place.cancelled():
                self._leave()
            elif place in self._waiting[lane]:
                self._waiting[lane].remove(place)
            if isinstance(stopped, TimeoutError):
                raise Crowded from None
            raise

    def _leave(self) -> None:
        self._busy -= 1
        if self._until_answered:
            self._counted.append(asyncio.get_running_loop().time())
        self._let_in()

    def _let_in(self) -> None:
        now = asyncio.get_running_loop().time()
        while (queue := self._next_queue()) is not None:
            if (wait_s := self._spacing(now)) > 0:
                self._look_again(wait_s)
                return
            place = queue.popleft()
            if not place.done():
                if not self._until_answered:
                    self._counted.append(now)
                self._busy += 1
                place.set_result(None)

    def _next_queue(self) -> deque[asyncio.Future[None]] | None:
        return next((self._waiting[lane] for lane in Lane if self._waiting[lane] and self._has_room(lane)), None)

    def _has_room(self, lane: Lane) -> bool:
        return self._busy < self._in_flight[lane]

    def _spacing(self, now: float) -> float:
        left = self._per_second - (self._busy if self._until_answered else 0)
        return self._counted[-left] + 1.0 - now if len(self._counted) >= left else 0.0

    def _look_again(self, wait_s: float) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._let_in()
