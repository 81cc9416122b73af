"""What stands in the chats: messages as the Bot API shows them, bounded a chat and in all."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Key = tuple[int, int]  # (bot, person) for a private chat, (0, chat) for a group


@dataclass(slots=True, eq=False)
class Entry:
    """One message; `author` may edit it, `n` is the number of its last change in the feed."""

    wire: Json
    author: int
    n: int = 0
    keyboard: Json | None = None
    reactions: list[str] = field(default_factory=list)
    inline_id: str = ""

    @property
    def id(self) -> int:
        return int(self.wire["message_id"])


@dataclass(slots=True, eq=False)
class Conversation:
    key: Key
    last_id: int = 0
    entries: dict[int, Entry] = field(default_factory=dict)
    pinned: set[int] = field(default_factory=set)

    def shown(self, entry: Entry) -> Json:
        """The message with the desk's own field."""
        desk: Json = {"n": entry.n, "bot": self.key[0] or None, "pinned": entry.id in self.pinned,
                "reactions": entry.reactions, "deleted": False}  # fmt: skip
        if entry.keyboard:
            desk["keyboard"] = entry.keyboard
        return entry.wire | {"desk": desk}


@dataclass(slots=True)
class History:
    """Conversations by key. With `record` off nothing is kept, ids alone are counted, and edits are taken on trust."""

    record: bool = True
    most_in_chat: int = 200
    most_in_all: int = 50_000
    conversations: dict[Key, Conversation] = field(default_factory=dict)
    _order: deque[tuple[Key, int]] = field(default_factory=deque)
    _last_ids: dict[Key, int] = field(default_factory=dict)

    def of(self, key: Key) -> Conversation:
        found = self.conversations.get(key)
        if found is None:
            found = self.conversations[key] = Conversation(key)
        return found

    def next_id(self, key: Key) -> int:
        if not self.record:
            self._last_ids[key] = new_id = self._last_ids.get(key, 0) + 1
            return new_id
        conversation = self.of(key)
        conversation.last_id += 1
        return conversation.last_id

    def add(self, key: Key, entry: Entry) -> None:
        if not self.record:
            return
        entries = self.of(key).entries
        entries[entry.id] = entry
        self._order.append((key, entry.id))
        if len(entries) > self.most_in_chat:
            del entries[next(iter(entries))]
        if len(self._order) > self.most_in_all:
            old_key, old_id = self._order.popleft()
            self.of(old_key).entries.pop(old_id, None)

    def find(self, key: Key, message_id: int) -> Entry | None:
        conversation = self.conversations.get(key)
        return conversation.entries.get(message_id) if conversation else None

    def remove(self, key: Key, message_id: int) -> None:
        conversation = self.of(key)
        conversation.entries.pop(message_id, None)
        conversation.pinned.discard(message_id)

    def page(self, key: Key, before: int | None, limit: int) -> tuple[list[Json], bool]:
        """The newest `limit` messages older than `before`, oldest first, and whether there are older ones."""
        conversation = self.of(key)
        older = [entry for entry in conversation.entries.values() if before is None or entry.id < before]
        return [conversation.shown(entry) for entry in older[-limit:]], len(older) > limit
