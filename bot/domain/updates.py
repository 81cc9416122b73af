"""One update on its way through the desk, and how its way ended."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


def sender_of(raw: dict[str, Any]) -> int:
    """Whose words or press an update is; 0 where it is nobody's."""
    contents = (content for content in raw.values() if isinstance(content, dict))
    sender = next((found for content in contents if isinstance(found := content.get("from"), dict)), {})
    number = sender.get("id")
    return number if isinstance(number, int) else 0


@dataclass(frozen=True, slots=True)
class Incoming:
    """`raw` is Telegram's own JSON. `tries`: runs before this one that ended without an answer.

    `on_wait` is called when the answer takes long: others may go ahead meanwhile.
    """

    seq: int
    update_id: int
    raw: dict[str, Any]
    received_at: datetime
    tries: int
    on_wait: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Ending:
    """Answered; or, with `again_in_s`, to be run once more after so many seconds.

    `stored`: the transaction that did the work has ended the update itself.
    """

    again_in_s: float | None = None
    stored: bool = False


ANSWERED = Ending()
ENDED_BY_WRITE = Ending(stored=True)
