"""How often one may ask: so many calls a minute and route, and who asks more often is shut out for a minute."""

from collections import deque
from collections.abc import Callable

from bot.sandbox.exchange.bitfinex.wire import Complaint

WINDOW_MS = 60_000
MOST_ASKERS = 10_000
TOO_OFTEN = Complaint(11010, "ratelimit: error", 429)


class Rates:
    """Counts by address and route."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._asked: dict[tuple[str, str], deque[int]] = {}
        self._shut_until: dict[tuple[str, str], int] = {}

    def count(self, address: str, route: str, a_minute: int) -> None:
        """Complaint beyond `a_minute`, and for a minute after that."""
        asker, now = (address, route), self._now_ms()
        if len(self._asked) > MOST_ASKERS:
            self._asked.clear()
        asked = self._asked.setdefault(asker, deque())
        while asked and asked[0] <= now - WINDOW_MS:
            asked.popleft()
        if len(asked) >= a_minute and now >= self._shut_until.get(asker, 0):
            self._shut_until[asker] = now + WINDOW_MS
        if now < self._shut_until.get(asker, 0):
            raise TOO_OFTEN
        asked.append(now)
