"""A bot's queue of updates: long polls with Telegram's rules of offset, conflict and expiry."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from bot.sandbox.telegram.refusals import conflict

Json = dict[str, Any]
KINDS = ("message", "edited_message", "callback_query", "inline_query", "chosen_inline_result", "my_chat_member")
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
LONGEST_POLL_S = 50
LIFE_S = 86_400
MOST_QUEUED = 200_000
_MOST_REMEMBERED = 1_000
_REPEATED_CONFLICT_S = 3.0
_SAME_OFFSET_S = 3.0
_SAME_OFFSET_AT_ONCE_S = 0.5
_OTHER_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(slots=True, frozen=True)
class Queued:
    id: int
    expires_at: float
    body: bytes
    lane: int


@dataclass(slots=True)
class Updates:
    """`now` is handed in by whoever calls: the stand-in's clock may be moved."""

    clock: Callable[[], float]
    last_id: int = 700_000_000
    confirmed: int = 0
    allowed: frozenset[str] = frozenset()
    queued: deque[Queued] = field(default_factory=deque)
    arrived: Callable[[], None] | None = None
    _again: deque[bytes] = field(default_factory=deque)
    _old: OrderedDict[int, bytes] = field(default_factory=OrderedDict)
    _parked: asyncio.Future[None] | None = None
    _last_offset: int | None = None
    _last_poll_at: float = -1e9
    _next_conflict_at: float = -1e9

    @property
    def polling(self) -> bool:
        return self._parked is not None

    def wants(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT

    def allow(self, kinds: Iterable[str]) -> None:
        self.allowed = frozenset(kinds)

    def put(self, kind: str, content: Any, lane: int) -> int | None:
        """Queues an update; None where the bot has not asked for its kind. Raises ValueError when the queue is full."""
        if not self.wants(kind):
            return None
        return self.put_raw({"update_id": self.last_id + 1, kind: content}, lane)

    def put_raw(self, update: Json, lane: int = 0) -> int:
        if len(self.queued) >= MOST_QUEUED:
            raise ValueError(f"{MOST_QUEUED} updates are waiting already; the bot must take some first")
        update_id = int(update["update_id"])
        self.last_id = max(self.last_id, update_id)
        self.queued.append(Queued(update_id, self.clock() + LIFE_S, orjson.dumps(update), lane))
        self._wake()
        return update_id

    def again(self, update_id: int) -> None:
        """Serves an update once more, as after a lost answer. Raises ValueError where it is not remembered."""
        body = self._old.get(update_id) or next((item.body for item in self.queued if item.id == update_id), None)
        if body is None:
            raise ValueError(f"the update {update_id} is not remembered")
        self._again.append(body)
        self._wake()

    def taken_again(self) -> list[bytes]:
        bodies = list(self._again)
        self._again.clear()
        return bodies

    def _wake(self) -> None:
        if self._parked is not None:
            _end(self._parked)
        if self.arrived is not None:
            self.arrived()

    def remember(self, item: Queued) -> None:
        """The bot has it; it can be served again on request."""
        self.confirmed += 1
        self._old[item.id] = item.body
        if len(self._old) > _MOST_REMEMBERED:
            self._old.popitem(last=False)

    def expire(self) -> None:
        now = self.clock()
        while self.queued and self.queued[0].expires_at <= now:
            self.queued.popleft()

    def drop_all(self) -> None:
        self.queued.clear()
        self._again.clear()

    def break_off(self, why: str) -> None:
        """Answers the parked poll with a conflict."""
        if self._parked is not None and not self._parked.done():
            self._parked.set_exception(conflict(why))
        self._parked = None

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            for _ in range(len(self.queued) + offset):
                self.remember(self.queued.popleft())
            return
        while self.queued and self.queued[0].id < offset:
            self.remember(self.queued.popleft())

    async def poll(self, offset: int, limit: int, timeout_s: float) -> bytes:
        """The JSON array of updates. Raises Refusal where another poll takes over."""
        loop_now = asyncio.get_running_loop().time()
        since = loop_now - self._last_poll_at
        if offset == self._last_offset:
            timeout_s = 3 if timeout_s < _SAME_OFFSET_S and since < _SAME_OFFSET_S else timeout_s
            limit = 1 if since < _SAME_OFFSET_AT_ONCE_S else limit
        self._last_offset, self._last_poll_at = offset, loop_now
        self.break_off(_OTHER_POLL)
        self.expire()
        self._confirm(offset)
        if not (self._has(offset) or self._again) and timeout_s > 0:
            await self._park(min(timeout_s, LONGEST_POLL_S))
            self.expire()
        return self._batch(offset, limit)

    def _has(self, offset: int) -> bool:
        return bool(self.queued) and (offset <= 0 or self.queued[-1].id >= offset)

    def _batch(self, offset: int, limit: int) -> bytes:
        bodies = [self._again.popleft() for _ in range(min(len(self._again), limit))]
        for item in self.queued:
            if len(bodies) >= limit:
                break
            if item.id >= offset:
                bodies.append(item.body)
        return b"[" + b",".join(bodies) + b"]"

    async def _park(self, timeout_s: float) -> None:
        loop = asyncio.get_running_loop()
        parked = self._parked = loop.create_future()
        timer = loop.call_later(timeout_s, _end, parked)
        try:
            await parked
        except Exception:
            await self._delay_repeated_conflict(loop.time())
            raise
        finally:
            timer.cancel()
            if self._parked is parked:
                self._parked = None

    async def _delay_repeated_conflict(self, now: float) -> None:
        if now < self._next_conflict_at:
            await asyncio.sleep(_REPEATED_CONFLICT_S)
        else:
            self._next_conflict_at = now + _REPEATED_CONFLICT_S


def _end(parked: asyncio.Future[None]) -> None:
    if not parked.done():
        parked.set_result(None)
