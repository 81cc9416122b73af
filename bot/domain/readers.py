"""What a person wants to be sent without asking."""

from dataclasses import dataclass
from enum import StrEnum


class Pace(StrEnum):
    """How many of the market summaries that are on the desk's schedules."""

    EACH = "each"
    WEEKLY = "weekly"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Reader:
    """`language`: the one he is answered in; empty before he wrote. `seen_at`: milliseconds since 1970."""

    language: str = ""
    seen_at: int = 0
    summary: Pace = Pace.OFF
