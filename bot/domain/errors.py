"""What can go wrong, sorted by what to do about it.

BotError(key, **values)        a text key and its values; words are chosen at the edge
├─ UserMistake                 say it kindly
│  └─ NotOffered               money would have moved: say that nothing was sent
├─ NotAllowed                  the person lacks the right
├─ Unavailable(retry_at)       vendor, network or disk; nothing was done; may be tried again
├─ Refused                     the vendor said no, finally
└─ Unsure(intent)              may or may not have happened: never retry, reconcile
"""

from datetime import datetime


class BotError(Exception):
    """An outcome a person is told about: `key` names a text of the catalogue, `values` fill it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class UserMistake(BotError):
    """What was typed cannot be used; nothing was done.

    `suggestions` are commands that would work; the edge shows them as buttons.
    """

    def __init__(self, key: str, *, suggestions: tuple[tuple[str, str], ...] = (), **values: object) -> None:
        super().__init__(key, **values)
        self.suggestions = suggestions


class NotOffered(UserMistake):
    """What was asked for can be understood and cannot be offered: nothing was sent, and nothing waits for a press."""


class NotAllowed(BotError):
    """The person may not do this."""


class Unavailable(BotError):
    """A vendor, the network or the disk did not serve; nothing was done and it may be tried again."""

    def __init__(self, key: str, *, retry_at: datetime | None = None, **values: object) -> None:
        super().__init__(key, **values)
        self.retry_at = retry_at


class Refused(BotError):
    """The vendor answered no, and asking again would not help."""


class Unsure(BotError):
    """It may or may not have happened: never retried, always reconciled."""

    def __init__(self, key: str, *, intent: str, **values: object) -> None:
        super().__init__(key, **values)
        self.intent = intent
