"""What one update asks, by whom, and where its answer goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.domain.broadcasts import Original
from bot.domain.notices import Address
from bot.domain.updates import ANSWERED, Ending, Incoming
from bot.domain.words import legible
from handlers._tripwire import is_own_file

_WORDLESS = frozenset(
    {"animation", "audio", "contact", "dice", "location", "poll", "sticker", "story", "video", "video_note", "voice"}
)
_KINDS = ("message", "edited_message", "callback_query", "inline_query", "my_chat_member")


@dataclass(slots=True)
class Turn:
    """One update being run."""

    incoming: Incoming
    ending: Ending = ANSWERED
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as Telegram names him; `language` is its code for his app's language, or empty."""

    id: int
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One command as it was asked. `query`: the id of a press, whose message may be `over_media`. `typed_at`: when a
    line was sent, seconds since 1970 by Telegram's clock; None for a press. `secret`: the line is not to be shown.
    `message`: Telegram's own, empty for a press.
    """

    line: Sequence[str]
    person: Person
    address: Address
    private: bool
    query: str = ""
    over_media: bool = False
    typed_at: float | None = None
    secret: bool = False
    message: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def shown(self) -> str:
        """The line as it may be repeated to its writer."""
        return "🔒" if self.secret else " ".join(self.line)


def person_of(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Who sent an update; empty where nobody is named."""
    return _part(next((_part(raw, kind) for kind in _KINDS if kind in raw), {}), "from")


def chat_of(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where it was said; empty where no chat is named."""
    said = _part(raw, "message") or _part(raw, "edited_message")
    return _part(said or _part(_part(raw, "callback_query"), "message"), "chat")


def typed_in(raw: Mapping[str, Any]) -> str:
    """The line of a message; empty for everything else."""
    return str(_part(raw, "message").get("text", ""))


def moved_in(raw: Mapping[str, Any]) -> tuple[int, int] | None:
    """Old and new id of a group of which Telegram says, in either of the two, that it became a supergroup."""
    message = _part(raw, "message")
    here, there = _part(message, "chat").get("id"), message.get("migrate_to_chat_id")
    if there is None:
        here, there = message.get("migrate_from_chat_id"), here
    return (here, there) if isinstance(here, int) and isinstance(there, int) else None


def for_nobody(raw: Mapping[str, Any]) -> bool:
    """A kind of update we never asked for, a message without words, a changed one, or words in a group that are no
    command.
    """
    if not (message := _part(raw, "message")):
        return "edited_message" in raw or not any(kind in raw for kind in _KINDS)
    typed = typed_in(raw)
    return not typed or (not typed.startswith("/") and _part(message, "chat").get("type") != "private")


def is_wordless(raw: Mapping[str, Any]) -> bool:
    """A sticker, a voice, a film and the like in a private chat: it may be meant as the answer to a question."""
    message = _part(raw, "message")
    return not _WORDLESS.isdisjoint(message) and _part(message, "chat").get("type") == "private"


def may_answer(raw: Mapping[str, Any]) -> bool:
    """A question that waits may be answered by it, though it is no line."""
    return is_own_file(raw) or is_wordless(raw)


def named(person: Mapping[str, Any]) -> Person:
    """Raises KeyError where nobody is named."""
    names = (str(person.get(part, "")) for part in ("first_name", "last_name"))
    return Person(int(person["id"]), " ".join(filter(None, names)), str(person.get("language_code", "")))


def command_in(word: str, bot_name: str) -> tuple[str | None, bool]:
    """The command that `/word` or `/word@bot_name` is, None for one of another bot; and whether it named the bot."""
    name, at, bot = legible(word)[1:].partition("@")
    return None if at and bot.lower() != bot_name.lower() else name.lower(), bool(at)


def in_message(message: Mapping[str, Any], line: Sequence[str]) -> Asked:
    """In a group the answer hangs on the question."""
    chat, private = message["chat"], message["chat"]["type"] == "private"
    address = Address(chat["id"], 0 if private else message["message_id"])
    return Asked(line, named(message["from"]), address, private, typed_at=float(message["date"]), message=message)


def in_press(query: Mapping[str, Any]) -> Asked | None:
    """None for a button of a message that no chat of ours shows."""
    if not (message := _part(query, "message")):
        return None
    data = str(query.get("data", ""))
    address = Address(message["chat"]["id"], 0, message["message_id"] if data.startswith("!") else 0)
    return Asked(
        data.removeprefix("!").split(),
        named(query["from"]),
        address,
        private=message["chat"]["type"] == "private",
        query=str(query["id"]),
        over_media="photo" in message or "document" in message,
    )


def original_of(message: Mapping[str, Any]) -> Original | None:
    """A message as it can be sent on; None where there is none."""
    if "message_id" not in message:
        return None
    names = ("text", "entities", "document", "photo", "caption", "caption_entities")
    content: dict[str, object] = {name: message[name] for name in names if name in message}
    if "photo" in content:
        content["photo"] = message["photo"][-1]["file_id"]
    elif "document" in content:
        content["document"] = message["document"]["file_id"]
    elif "text" not in content:
        content = {}
    of_album = "media_group_id" in message
    return Original(int(message["chat"]["id"]), int(message["message_id"]), content, of_album)


def guessed(words: Sequence[str]) -> list[str]:
    """A word or a few, alone: most likely coins. A longer line: help."""
    return ["price", *words] if 0 < len(words) <= 3 and all(len(word) <= 16 for word in words) else ["help"]


def _part(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = of.get(name)
    return part if isinstance(part, Mapping) else {}
