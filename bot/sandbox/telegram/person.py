"""Person: what somebody with a Telegram app can do and see; the hand of tests and of the chat page."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram import offers
from bot.sandbox.telegram.about import tell_membership
from bot.sandbox.telegram.answering import PRESS_LIFE_S
from bot.sandbox.telegram.bots import Bot, Query
from bot.sandbox.telegram.files import Upload, mime_type
from bot.sandbox.telegram.history import Entry, Key
from bot.sandbox.telegram.people import Group, User
from bot.sandbox.telegram.refusals import Refusal
from bot.sandbox.telegram.sending import media
from bot.sandbox.telegram.spans import detect, utf16_len
from bot.sandbox.telegram.state import Telegram
from bot.sandbox.telegram.texts import LONGEST_CAPTION, LONGEST_TEXT

Json = dict[str, Any]
_DEEP_LINK = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(slots=True, frozen=True)
class Seen:
    """A message as it stands in front of a person at this moment."""

    wire: Json
    key: Key
    n: int
    file: bytes | None = None

    @property
    def id(self) -> int:
        return int(self.wire["message_id"])

    @property
    def text(self) -> str:
        return str(self.wire.get("text") or self.wire.get("caption") or "")

    @property
    def buttons(self) -> list[list[Json]]:
        return list(self.wire.get("reply_markup", {}).get("inline_keyboard", []))

    @property
    def labels(self) -> list[str]:
        return [button["text"] for row in self.buttons for button in row]

    def button(self, what: str | Sequence[int]) -> Json:
        """By its data, its words, or its row and column from 0. Raises ValueError."""
        for name in ("callback_data", "text"):
            for button in (button for row in self.buttons for button in row):
                if what == button.get(name):
                    return button
        if not isinstance(what, str):
            row, column = what
            if 0 <= row < len(self.buttons) and 0 <= column < len(self.buttons[row]):
                return dict(self.buttons[row][column])
        raise ValueError(f"there is no button {what!r}; there are {self.labels}")


@dataclass(slots=True, frozen=True)
class Pressed:
    tg: Telegram
    update_id: int
    query: Query

    async def answer(self, timeout_s: float = 5) -> Json:
        """`{"text", "show_alert", "url"}`. Raises TimeoutError: the button would still turn."""
        return await self.tg.feed.until(lambda: self.query.answer, timeout_s)


@dataclass(slots=True, eq=False)
class Person:
    """Each act sets a mark; `wait` finds only what the bot said or changed after it. Acts raise ValueError."""

    tg: Telegram
    user: User
    mark: int = 0

    @property
    def id(self) -> int:
        return self.user.id

    def where(self, chat: Any = None, bot: Any = None) -> tuple[Bot, User | Group]:
        """The bot and the chat meant; left out: the first bot, the private chat with it."""
        found = self.tg.find_bot(bot)
        if chat is None or str(chat) == str(self.id):
            return found, self.user
        try:
            group = chat if isinstance(chat, Group) else self.tg.world.lookup(chat)
        except Refusal:
            raise ValueError(f"there is no chat {chat}") from None
        if not isinstance(group, Group) or self.id not in group.members:
            raise ValueError(f"{self.user.first_name} is not in the chat {chat}")
        if group.migrated_to is not None:
            raise ValueError(f"the group has become the supergroup {group.migrated_to}")
        return found, group

    def post(
        self, content: Json, chat: Any = None, bot: Any = None, reply_to: int | None = None, **more: Any
    ) -> tuple[int, Entry]:
        """Puts a message into the chat and tells the bots it concerns; the id is 0 where none is told."""
        me, place = self.where(chat, bot)
        self._not_blocked(me, place)
        if reply_to:
            replied = self.tg.history.find(self.tg.key(me, place), reply_to)
            if replied is None:
                raise ValueError(f"there is no message {reply_to} to reply to")
            more["reply_to_message"] = {k: v for k, v in replied.wire.items() if k != "reply_to_message"}
        if isinstance(place, User):
            self.tg.world.started.add((me.id, self.id))
        entry = self.tg.post(me, place, self.user.wire, content, **more)
        self.mark = entry.n
        return self._tell("message", me, place, entry), entry

    def _tell(self, kind: str, bot: Bot, place: User | Group, entry: Entry) -> int:
        ids = []
        for hearing in self.tg.heard_by(place, bot, entry.wire):
            self.tg.rates.heard(hearing.id, place.id, self.tg.clock.now())
            ids.append(hearing.updates.put(kind, entry.wire, self.id))
        return next((update_id for update_id in ids if update_id), 0)

    def _not_blocked(self, bot: Bot, place: User | Group) -> None:
        if isinstance(place, User) and (bot.id, self.id) in self.tg.world.blocked:
            raise ValueError(f"{self.user.first_name} has blocked {bot.username}")

    def say(self, text: str, chat: Any = None, bot: Any = None, reply_to: int | None = None) -> tuple[int, Entry]:
        return self.post(written(text), chat, bot, reply_to)

    def send(self, text: str, chat: Any = None, *, bot: Any = None, reply_to: int | None = None) -> int:
        """The update's id."""
        return self.say(text, chat, bot, reply_to)[0]

    def open_link(self, parameter: str, bot: Any = None) -> int:
        """Follows t.me/bot?start=parameter."""
        if not _DEEP_LINK.fullmatch(parameter):
            raise ValueError("a start parameter is 1 to 64 of A-Z a-z 0-9 _ -")
        return self.send(f"/start {parameter}", bot=bot)

    def send_photo(self, data: bytes, caption: str = "", chat: Any = None, *, bot: Any = None) -> int:
        return self.upload("photo", Upload("photo.jpg", data, mime_type(data, "image/jpeg")), caption, chat, bot)[0]

    def send_document(
        self, data: bytes, name: str = "file.bin", caption: str = "", chat: Any = None, *, bot: Any = None
    ) -> int:
        return self.upload(
            "document", Upload(name, data, mime_type(data, "application/octet-stream")), caption, chat, bot
        )[0]

    def upload(
        self, kind: str, file: Upload, caption: str = "", chat: Any = None, bot: Any = None
    ) -> tuple[int, Entry]:
        try:
            stored = self.tg.files.add(file, kind)
        except Refusal as refusal:
            raise ValueError(refusal.description) from None
        return self.post(media(stored) | captioned(caption), chat, bot)

    def edit(self, message: "Seen | int", text: str, chat: Any = None, *, bot: Any = None) -> int:
        return self.change(message, text, chat, bot)[0]

    def change(self, message: "Seen | int", text: str, chat: Any = None, bot: Any = None) -> tuple[int, Entry]:
        me, place = self._place(message, chat, bot)
        entry = self._entry(message, me, place)
        if entry.author != self.id:
            raise ValueError("only one's own messages can be edited")
        new = written(text) if "text" in entry.wire else captioned(text)
        kept = {k: v for k, v in entry.wire.items() if k not in ("text", "entities", "caption", "caption_entities")}
        self.tg.change(me, place, entry, kept | new | {"edit_date": int(self.tg.clock.now())})
        self.mark = entry.n
        return self._tell("edited_message", me, place, entry), entry

    def delete(self, message: "Seen | int", chat: Any = None, *, bot: Any = None) -> None:
        """For both sides; bots are not told."""
        me, place = self._place(message, chat, bot)
        self.tg.delete(me, place, [self._entry(message, me, place).id])

    def press(self, message: "Seen | int", what: str | Sequence[int], chat: Any = None, *, bot: Any = None) -> Pressed:
        """A button by its data, its words, or its row and column from 0."""
        me, place = self._place(message, chat, bot)
        entry = self._entry(message, me, place)
        button = Seen(entry.wire, (0, 0), 0).button(what)
        if "callback_data" not in button:
            raise ValueError(f"the button {what!r} opens {button.get('url', 'something')}; the bot is not told of it")
        asked = entry.wire.get("via_bot") or entry.wire["from"]
        me = self.tg.find_bot(asked["id"])
        self._not_blocked(me, place)
        query = Query(str(next(self.tg.query_ids)), self.id, place.id, self.tg.clock.now() + PRESS_LIFE_S)
        me.ask(query)
        about = {"inline_message_id": entry.inline_id} if entry.inline_id else {"message": entry.wire}
        event = {"id": query.id, "from": self.user.wire, **about, "chat_instance": str(8_100_000_000 + abs(place.id)),
                 "data": str(button["callback_data"])}  # fmt: skip
        self.tg.rates.heard(me.id, place.id, self.tg.clock.now())
        self.mark = self.tg.feed.n
        return Pressed(self.tg, me.updates.put("callback_query", event, self.id) or 0, query)

    async def inline(
        self, query: str, chat: Any = None, *, bot: Any = None, offset: str = "", timeout_s: float = 10
    ) -> offers.Offer:
        """What the bot offers for `@bot query`. Raises TimeoutError where it does not answer."""
        me, place = self.where(chat, bot)
        return await offers.ask(self.tg, me, self.user, place, query, offset, timeout_s)

    def choose(self, offer: offers.Offer, result_id: str | None = None, chat: Any = None, *, bot: Any = None) -> "Seen":
        """Sends one of the offered results into the chat; the first where none is named."""
        me, place = self.where(chat, bot)
        _, entry = self.send_offer(offer, result_id, chat, bot)
        return self.seen(entry, self.tg.key(me, place))

    def send_offer(self, offer: offers.Offer, result_id: str | None, chat: Any, bot: Any) -> tuple[int, Entry]:
        me, place = self.where(chat, bot)
        chosen = offers.chosen(me, offer, result_id)
        update_id, entry = self.post(chosen.content, chat, bot, via_bot=me.wire, reply_markup=chosen.markup)
        offers.report(self.tg, me, self.user, offer, chosen, entry, self.tg.key(me, place))
        return update_id, entry

    def block(self, *, bot: Any = None, blocked: bool = True) -> int:
        """Blocks or unblocks; the bot gets my_chat_member. 0 where nothing changes."""
        me, _ = self.where(None, bot)
        pair, held = (me.id, self.id), self.tg.world.blocked
        if (pair in held) == blocked:
            return 0
        (held.add if blocked else held.discard)(pair)
        self.tg.feed.publish("blocked", chat=self.id, bot=me.id, person=self.id, blocked=blocked)
        old, new = ("member", "kicked") if blocked else ("kicked", "member")
        return tell_membership(self.tg, me, self.user, self.user.wire, old, new) or 0

    def unblock(self, *, bot: Any = None) -> int:
        return self.block(bot=bot, blocked=False)

    def menu(self, chat: Any = None, *, bot: Any = None) -> list[Json]:
        me, place = self.where(chat, bot)
        return me.menus.seen(place, self.user)

    def messages(self, chat: Any = None, *, bot: Any = None) -> list["Seen"]:
        """What stands in the chat now, oldest first."""
        me, place = self.where(chat, bot)
        key = self.tg.key(me, place)
        return [self.seen(entry, key) for entry in self.tg.history.of(key).entries.values()]

    async def wait(
        self,
        predicate: "Callable[[Seen], bool] | None" = None,
        *,
        chat: Any = None,
        bot: Any = None,
        timeout_s: float = 5,
    ) -> "Seen":
        """The newest fitting message the bot sent or changed since this person's last act. Raises TimeoutError."""
        me, place = self.where(chat, bot)
        key = self.tg.key(me, place)
        conversation = self.tg.history.of(key)

        def look() -> Seen | None:
            fresh = [
                e for e in conversation.entries.values() if e.n > self.mark and (e.author != self.id or e.inline_id)
            ]
            shown = (self.seen(entry, key) for entry in sorted(fresh, key=lambda entry: -entry.n))
            return next((seen for seen in shown if predicate is None or predicate(seen)), None)

        return await self.tg.feed.until(look, timeout_s)

    def seen(self, entry: Entry, key: Key) -> "Seen":
        media_id = (entry.wire.get("photo") or [entry.wire.get("document")])[-1]
        stored = self.tg.files.get(media_id["file_id"]) if media_id else None
        return Seen(entry.wire, key, entry.n, stored.data if stored else None)

    def _place(self, message: "Seen | int", chat: Any, bot: Any) -> tuple[Bot, User | Group]:
        if isinstance(message, Seen):
            return self.where(message.wire["chat"]["id"], message.key[0] or bot)
        return self.where(chat, bot)

    def _entry(self, message: "Seen | int", bot: Bot, place: User | Group) -> Entry:
        message_id = message.id if isinstance(message, Seen) else int(message)
        entry = self.tg.history.find(self.tg.key(bot, place), message_id)
        if entry is None:
            raise ValueError(f"there is no message {message_id} in this chat any more")
        return entry


def written(text: str) -> Json:
    """A text as someone types it. Raises ValueError."""
    kept = text.strip()
    if not kept:
        raise ValueError("there is nothing to send")
    if utf16_len(kept) > LONGEST_TEXT:
        raise ValueError(f"a message holds {LONGEST_TEXT} characters; the app would send it as several")
    entities = detect(kept)
    return {"text": kept, "entities": entities} if entities else {"text": kept}


def captioned(text: str) -> Json:
    kept = text.strip()
    if utf16_len(kept) > LONGEST_CAPTION:
        raise ValueError(f"a caption holds {LONGEST_CAPTION} characters")
    entities = detect(kept)
    return ({"caption": kept} if kept else {}) | ({"caption_entities": entities} if entities else {})
