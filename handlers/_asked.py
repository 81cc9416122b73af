"""What one update asks, by whom, and where its answer goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.notices import Address
from bot.domain.updates import ANSWERED, Ending, Incoming

_KINDS = ("message", "callback_query", "inline_query", "my_chat_member")


@dataclass(slots=True)
class Turn:
    """One update being run."""

    incoming: Incoming
    ending: Ending = ANSWERED
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One command as it was asked. `query`: the id of a press, whose message may be `over_media`."""

    line: Sequence[str]
    person: Any
    address: Address
    private: bool
    query: str = ""
    over_media: bool = False


def person_of(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Who sent an update; empty where nobody is named."""
    return _part(next((_part(raw, kind) for kind in _KINDS if kind in raw), {}), "from")


def chat_of(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where it was said; empty where no chat is named."""
    return _part(_part(raw, "message") or _part(_part(raw, "callback_query"), "message"), "chat")


def typed_in(raw: Mapping[str, Any]) -> str:
    """The line of a message; empty for everything else."""
    return str(_part(raw, "message").get("text", ""))


def for_nobody(raw: Mapping[str, Any]) -> bool:
    """A kind of update we never asked for, a message without words, or words in a group that are no command."""
    if not (message := _part(raw, "message")):
        return not any(kind in raw for kind in _KINDS)
    typed = typed_in(raw)
    return not typed or (not typed.startswith("/") and _part(message, "chat").get("type") != "private")


def guessed(words: Sequence[str]) -> list[str]:
    """A word or a few, alone: most likely coins. A longer line: help."""
    return ["price", *words] if 0 < len(words) <= 3 and all(len(word) <= 16 for word in words) else ["help"]


def _part(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = of.get(name)
    return part if isinstance(part, Mapping) else {}
