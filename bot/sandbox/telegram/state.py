"""The server's whole state, and the two acts everything comes down to: a message is posted, a message changes."""

import itertools
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram.bots import Bot
from bot.sandbox.telegram.faults import Faults
from bot.sandbox.telegram.feed import Feed
from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.history import Conversation, Entry, History, Key
from bot.sandbox.telegram.limits import Rates
from bot.sandbox.telegram.people import Group, User, World
from bot.sandbox.telegram.spans import piece
from bot.sandbox.telegram.updates import Updates

Json = dict[str, Any]
_MOST_INLINE_MESSAGES = 10_000


@dataclass(slots=True)
class Clock:
    """The stand-in's own time: the machine's, moved ahead on request so that expiry can be seen at once."""

    ahead_s: float = 0.0

    def now(self) -> float:
        return time.time() + self.ahead_s

    def advance(self, seconds: float) -> None:
        self.ahead_s += seconds


@dataclass(slots=True)
class Telegram:
    clock: Clock = field(default_factory=Clock)
    world: World = field(default_factory=World.furnished)
    history: History = field(default_factory=History)
    files: Files = field(default_factory=Files)
    feed: Feed = field(default_factory=Feed)
    rates: Rates = field(default_factory=Rates)
    faults: Faults = field(default_factory=Faults)
    bots: dict[str, Bot] = field(default_factory=dict)
    inline_messages: OrderedDict[str, tuple[Key, int]] = field(default_factory=OrderedDict)
    query_ids: Iterator[int] = field(default_factory=lambda: itertools.count(4_300_000_001))
    sent: int = 0

    def add_bot(self, token: str, username: str | None = None, first_name: str | None = None) -> Bot:
        """`token` is `<number>:<secret>` as BotFather gives it; the number is the bot's id. Raises ValueError."""
        number, _, secret = token.partition(":")
        if (
            not number.isdigit()
            or not secret
            or token in self.bots
            or any(b.id == int(number) for b in self.bots.values())
        ):
            raise ValueError("a token is <number>:<secret>, and each number is one bot's")
        username = username or f"desk{number}_bot"
        bot = Bot(token, int(number), username, first_name or username, Updates(self.clock.now))
        self.bots[token] = bot
        return bot

    def find_bot(self, which: Any = None) -> Bot:
        """By id, username or token; the first where none is named. Raises ValueError."""
        if not self.bots:
            raise ValueError("there is no bot yet")
        if which in (None, ""):
            return next(iter(self.bots.values()))
        name = str(which).lstrip("@").lower()
        for bot in self.bots.values():
            if name in (str(bot.id), bot.username.lower(), bot.token.lower()):
                return bot
        raise ValueError("there is no such bot")

    def key(self, bot: Bot, chat: User | Group) -> Key:
        return (bot.id, chat.id) if isinstance(chat, User) else (0, chat.id)

    def conversation(self, bot: Bot, chat: User | Group) -> Conversation:
        return self.history.of(self.key(bot, chat))

    def post(self, bot: Bot, chat: User | Group, sender: Json, content: Json, **more: Any) -> Entry:
        """Puts a message into the chat and shows it. `sender` is a user as on the wire."""
        key = self.key(bot, chat)
        wire: Json = {
            "message_id": self.history.next_id(key),
            "from": sender,
            "chat": chat.private_chat() if isinstance(chat, User) else chat.wire,
            "date": int(self.clock.now()),
            **content,
        }
        keyboard = more.pop("reply_markup", None)
        if keyboard and "inline_keyboard" in keyboard:
            more["reply_markup"], keyboard = keyboard, None
        if more:
            wire.update((name, value) for name, value in more.items() if value is not None)
        entry = Entry(wire, sender["id"], keyboard=keyboard)
        self.history.add(key, entry)
        self.show("message", bot, chat, entry)
        return entry

    def change(self, bot: Bot, chat: User | Group, entry: Entry, wire: Json) -> None:
        """A message's new content; the old is forgotten."""
        entry.wire = wire
        self.show("edited", bot, chat, entry)

    def show(self, kind: str, bot: Bot, chat: User | Group, entry: Entry) -> None:
        feed = self.feed
        entry.n = feed.n + 1
        if feed.watched:
            shown = self.conversation(bot, chat).shown(entry) if self.history.record else entry.wire | {"desk": {}}
            self.publish(kind, bot, chat, message=shown)
        else:
            feed.publish(kind)

    def publish(self, kind: str, bot: Bot, chat: User | Group, **fields: Any) -> None:
        private = isinstance(chat, User)
        self.feed.publish(
            kind, chat=chat.id, bot=bot.id if private else None, person=chat.id if private else None, **fields
        )

    def delete(self, bot: Bot, chat: User | Group, message_ids: list[int]) -> None:
        key = self.key(bot, chat)
        for message_id in message_ids:
            self.history.remove(key, message_id)
        self.publish("deleted", bot, chat, message_ids=message_ids)

    def acquaint(self, bot: Bot, update: Json) -> int:
        """Brings the people and groups of a raw update into being; the lane it belongs to."""
        lane = 0
        for content in update.values():
            if not isinstance(content, dict):
                continue
            sender = content.get("from") or {}
            chat = content.get("chat") or (content.get("message") or {}).get("chat") or {}
            lane = int(sender.get("id") or chat.get("id") or 0)
            if sender.get("id") and not sender.get("is_bot"):
                self._meet(bot, sender, private=chat.get("id") == sender["id"])
            if chat.get("id", 0) < 0 and chat["id"] not in self.world.groups:
                self._join(bot, sender, chat)
        return lane

    def _join(self, bot: Bot, sender: Json, chat: Json) -> None:
        title, kind, members = chat.get("title", "Group"), chat.get("type", "group"), {sender.get("id", 0)} - {0}
        self.world.groups[chat["id"]] = Group(chat["id"], str(title), str(kind), members=members, bots={bot.id})

    def _meet(self, bot: Bot, sender: Json, *, private: bool) -> None:
        person_id = int(sender["id"])
        if person_id not in self.world.people:
            username = sender.get("username")
            free = username and str(username).lower() not in self.world.names
            self.world.add_person(
                str(sender.get("first_name", "Someone")),
                person_id=person_id,
                username=str(username) if free else None,
                language_code=sender.get("language_code"),
            )
        if private:
            self.world.started.add((bot.id, person_id))
            self.rates.heard(bot.id, person_id, self.clock.now())

    def heard_by(self, chat: User | Group, bot: Bot, wire: Json) -> list[Bot]:
        """The bots that are told of a person's message: in groups only what concerns them (privacy mode)."""
        if isinstance(chat, User):
            return [bot]
        return [b for b in self.bots.values() if b.id in chat.bots and (b.id in chat.admins or _concerns(b, wire))]

    def remember_inline(self, inline_id: str, key: Key, message_id: int) -> None:
        self.inline_messages[inline_id] = (key, message_id)
        if len(self.inline_messages) > _MOST_INLINE_MESSAGES:
            self.inline_messages.popitem(last=False)


def _concerns(bot: Bot, wire: Json) -> bool:
    if (
        wire.get("reply_to_message", {}).get("from", {}).get("id") == bot.id
        or wire.get("via_bot", {}).get("id") == bot.id
    ):
        return True
    text = wire.get("text") or wire.get("caption") or ""
    for entity in wire.get("entities") or wire.get("caption_entities") or ():
        words = piece(text, entity).lower()
        name = f"@{bot.username.lower()}"
        if entity["type"] == "bot_command" and ("@" not in words or words.endswith(name)):
            return True
        if entity["type"] == "mention" and words == name:
            return True
    return False
