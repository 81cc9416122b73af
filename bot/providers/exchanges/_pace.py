"""How fast one exchange may be asked: so much weight a second, and not at all while it asks for quiet."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.domain.ports import Clock

_BURST_S = 5.0
"""So much of what was not used is still there: after a pause the first calls wait for nothing."""
_KEPT_S = 2.5
"""Of that, what sweeps leave to people."""
_ASIDE_S = 2.0
"""So long they wait for it; then they stand in line like everybody, or what is unknown might stay so."""
_MARGIN = 1.1
"""The exchanges count by the minute: with the burst it still stays below what they allow."""
_LONGEST_QUIET_S = 300.0


class Crowded(Exception):
    """The turn would not come in time, or the exchange asked for quiet. Nothing has left."""


class Pace:
    """Shared by all that call one exchange from here, in the order in which they come.

    `unit_s`: how long one unit of weight takes. Weights are those of ccxt's tables, which follow the exchange's own.
    """

    def __init__(self, clock: Clock, sleep: Callable[[float], Awaitable[None]], unit_s: float = 0.0) -> None:
        self.unit_s = unit_s
        self._clock = clock
        self._sleep = sleep
        self._free_at = 0.0
        self._quiet_until = 0.0

    @property
    def retry_at(self) -> datetime | None:
        """When the exchange may be asked again; None: now."""
        wait_s = self._quiet_until - self._clock.monotonic()
        return self._clock.now() + timedelta(seconds=wait_s) if wait_s > 0 else None

    async def turn(self, weight: float, patience_s: float, *, urgent: bool = False) -> None:
        """`urgent`: what moves money does not stand in line behind reads; those come later for it.

        Raises Crowded.
        """
        now = self._clock.monotonic()
        turn_at = max(self._free_at, now - _BURST_S)
        if self._quiet_until > now or (turn_at - now > patience_s and not urgent):
            raise Crowded
        self._free_at = turn_at + weight * self.unit_s * _MARGIN
        if turn_at > now and not urgent:
            await self._sleep(turn_at - now)

    async def stand_aside(self) -> None:
        """For whom nobody waits: until people have left half of a burst, or for a while."""
        end = self._clock.monotonic() + _ASIDE_S
        while (wait_s := min(self._free_at + _KEPT_S, end) - self._clock.monotonic()) > 0:
            await self._sleep(wait_s)

    def keep_quiet(self, for_s: float) -> None:
        until = self._clock.monotonic() + min(for_s, _LONGEST_QUIET_S)
        self._quiet_until = max(self._quiet_until, until)
