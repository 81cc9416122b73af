"""One line of the audit: who did what to whom."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """`act` names a text (`audit.<act>`), `details` fill it. `by_id` 0: he was forgotten. `user_id` 0: the desk.

    `by` and `about` are the names of those two as far as the desk knows them now.
    """

    id: int
    at_ms: int
    act: str
    by_id: int
    user_id: int
    details: dict[str, object]
    by: str = ""
    about: str = ""
