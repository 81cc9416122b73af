"""How fast a bot may speak: Telegram's published rates as buckets that can be set, or switched off."""

from collections import OrderedDict, deque
from dataclasses import asdict, dataclass, field
from math import ceil
from typing import Any

from bot.sandbox.telegram.refusals import too_many

_MOST_CHATS = 20_000  # buckets of chats not spoken to for longest are dropped: they are full again by then


@dataclass(slots=True)
class Bucket:
    level: float
    at: float


@dataclass(slots=True)
class Rates:
    """Each bot's budget: a message a second in a chat with a short burst, 20 a minute in a group, 30 a second in bulk.

    A message to someone who has just written is an answer, not bulk: Telegram's 30 a second do not bind it.
    """

    on: bool = True
    chat_per_s: float = 1.0
    chat_burst: int = 5
    group_per_minute: int = 20
    bulk_per_s: float = 30.0
    reply_window_s: float = 30.0
    _chats: OrderedDict[tuple[int, int], Bucket] = field(default_factory=OrderedDict, repr=False)
    _groups: dict[tuple[int, int], deque[float]] = field(default_factory=dict, repr=False)
    _bulk: dict[int, Bucket] = field(default_factory=dict, repr=False)
    _heard: OrderedDict[tuple[int, int], float] = field(default_factory=OrderedDict, repr=False)

    def settings(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if not name.startswith("_")}

    def set(self, **values: Any) -> None:
        """Raises ValueError for a setting that is not there or not a positive number."""
        known = self.settings()
        for name, value in values.items():
            if name not in known or (name != "on" and not (isinstance(value, int | float) and value > 0)):
                raise ValueError(f"{name} cannot be set to {value}")
        for name, value in values.items():
            setattr(self, name, bool(value) if name == "on" else type(known[name])(value))
        for buckets in (self._chats, self._groups, self._bulk):
            buckets.clear()

    def heard(self, bot_id: int, chat_id: int, now: float) -> None:
        """A person wrote or pressed: what follows is an answer."""
        if self.on:
            self._heard[bot_id, chat_id] = now
            self._heard.move_to_end((bot_id, chat_id))
            if len(self._heard) > _MOST_CHATS:
                self._heard.popitem(last=False)

    def spend(self, bot_id: int, chat_id: int, count: int, now: float) -> None:
        """Takes `count` messages from every budget that binds here, or none and raises Refusal 429."""
        if not self.on:
            return
        chat = self._bucket(bot_id, chat_id, now)
        wait_s = _wait_s(chat, count, self.chat_per_s, self.chat_burst, now)
        group = self._groups.setdefault((bot_id, chat_id), deque()) if chat_id < 0 else None
        if group is not None:
            wait_s = max(wait_s, self._group_wait_s(group, count, now))
        bulk = None if self._is_answer(bot_id, chat_id, now) else self._bulk.get(bot_id)
        if bulk is None and not self._is_answer(bot_id, chat_id, now):
            bulk = self._bulk[bot_id] = Bucket(self.bulk_per_s, now)
        if bulk is not None:
            wait_s = max(wait_s, _wait_s(bulk, count, self.bulk_per_s, self.bulk_per_s, now))
        if wait_s > 0:
            raise too_many(max(1, ceil(wait_s)))
        chat.level -= count
        if group is not None:
            group.extend([now] * count)
        if bulk is not None:
            bulk.level -= count

    def spend_edit(self, bot_id: int, chat_id: int, now: float) -> None:
        """Edits are bound in groups, where they count like messages."""
        if self.on and chat_id < 0:
            self.spend(bot_id, chat_id, 1, now)

    def _bucket(self, bot_id: int, chat_id: int, now: float) -> Bucket:
        key = (bot_id, chat_id)
        bucket = self._chats.get(key)
        if bucket is None:
            bucket = self._chats[key] = Bucket(self.chat_burst, now)
            if len(self._chats) > _MOST_CHATS:
                self._chats.popitem(last=False)
        self._chats.move_to_end(key)
        return bucket

    def _group_wait_s(self, sent: deque[float], count: int, now: float) -> float:
        while sent and sent[0] <= now - 60:
            sent.popleft()
        excess = len(sent) + count - self.group_per_minute
        return sent[min(excess, len(sent)) - 1] + 60 - now if excess > 0 and sent else 0.0

    def _is_answer(self, bot_id: int, chat_id: int, now: float) -> bool:
        return now - self._heard.get((bot_id, chat_id), -1e12) <= self.reply_window_s


def _wait_s(bucket: Bucket, count: int, per_s: float, most: float, now: float) -> float:
    bucket.level = min(most, bucket.level + (now - bucket.at) * per_s)
    bucket.at = now
    # An album larger than the burst passes when the bucket is full, as it does at Telegram.
    missing = min(count, most) - bucket.level
    return missing / per_s if missing > 1e-9 else 0.0
