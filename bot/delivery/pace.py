"""Telegram's limits for what is said unasked, kept by us before Telegram keeps them for us.

30 messages in any second to all chats, one a second to a chat with short bursts, 20 a minute to a group. Exact rates
are not published: where Telegram asks to wait, that chat waits, and only that chat.
"""

from collections import OrderedDict, deque

from bot.domain.notices import Lane
from bot.domain.ports import Clock

PER_SECOND = 30
SPARE = {Lane.MONEY: 0, Lane.ANSWER: 0, Lane.ALERT: 0, Lane.BROADCAST: 1}
"""How much of a second's budget a lane never takes. One is enough to put all others before a broadcast: whatever a
second gives free while they wait is theirs, for a broadcast needs a place more."""
CHAT_BURST, CHAT_PER_SECOND = 3.0, 1.0
GROUP_BURST, GROUP_PER_SECOND = 20.0, 20 / 60
MOST_CHATS = 10_000


class _Second:
    """The sends of the last second."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._sent: deque[float] = deque(maxlen=most)

    def wait_s(self, now: float, spare: int) -> float:
        """0 where fewer than the rest were sent in the last second; else how long until it will be so."""
        rest = max(1, self._most - spare)
        return max(0.0, self._sent[-rest] + 1 - now) if len(self._sent) >= rest else 0.0

    def take(self, now: float) -> None:
        self._sent.append(now)


class _Bucket:
    __slots__ = ("_at", "_burst", "_left", "_per_second")

    def __init__(self, burst: float, per_second: float, now: float) -> None:
        self._burst, self._per_second, self._left, self._at = burst, per_second, burst, now

    def wait_s(self, now: float) -> float:
        """0 where there is room; else how long until there will be."""
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        return max(0.0, (1 - self._left) / self._per_second)

    def take(self) -> None:
        self._left -= 1


class Pace:
    def __init__(self, clock: Clock, per_second: int = PER_SECOND) -> None:
        self._clock = clock
        self._all = _Second(per_second)
        self._chats: OrderedDict[int, _Bucket] = OrderedDict()
        self._holds: OrderedDict[int, float] = OrderedDict()

    def turn(self, lane: Lane, chat_id: int) -> float:
        """0: go, the budget is taken. Else seconds to wait, and nothing was taken."""
        now = self._clock.monotonic()
        if lane is Lane.ANSWER:
            return self._held_s(chat_id, now)  # answers are not bulk: only a refusal holds them up
        # One message of a broadcast spends no chat's burst: of a hundred thousand chats none need be remembered for it.
        chat = self._chats.get(chat_id) if lane is Lane.BROADCAST else self._chat(chat_id, now)
        chat_wait_s = chat.wait_s(now) if chat else 0.0
        wait_s = max(self._held_s(chat_id, now), chat_wait_s, self._all.wait_s(now, SPARE[lane]))
        if wait_s <= 0:
            if chat:
                chat.take()
            self._all.take(now)
        return wait_s

    def hold(self, chat_id: int, seconds: float) -> None:
        """Telegram asked to leave this chat alone for so long."""
        self._holds[chat_id] = self._clock.monotonic() + seconds
        self._holds.move_to_end(chat_id)
        if len(self._holds) > MOST_CHATS:
            self._holds.popitem(last=False)

    def _held_s(self, chat_id: int, now: float) -> float:
        return max(0.0, self._holds.get(chat_id, now) - now)

    def _chat(self, chat_id: int, now: float) -> _Bucket:
        bucket = self._chats.get(chat_id)
        if bucket is None:
            limits = (GROUP_BURST, GROUP_PER_SECOND) if chat_id < 0 else (CHAT_BURST, CHAT_PER_SECOND)
            bucket = self._chats[chat_id] = _Bucket(*limits, now)
            if len(self._chats) > MOST_CHATS:
                self._chats.popitem(last=False)
        self._chats.move_to_end(chat_id)
        return bucket
