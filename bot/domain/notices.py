"""What is told without being asked, or told with a change: a kind and values. Words are chosen when it is sent."""

from dataclasses import dataclass
from enum import StrEnum


class Lane(StrEnum):
    """The order of sending when there is more to say than Telegram takes: first named, first served."""

    MONEY = "money"
    ANSWER = "answer"
    ALERT = "alert"
    BROADCAST = "broadcast"


@dataclass(frozen=True, slots=True)
class Notice:
    """`kind` names a view in bot.views.notices; `values` are plain JSON values, amounts as text."""

    kind: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes: a chat, in answer to a message (0: none), in place of a message (0: a new one)."""

    chat_id: int
    reply_to: int = 0
    edits: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """The update being answered. The last transaction of a write takes it: update and effect end together."""

    seq: int
    update_id: int
    user_id: int
    address: Address
