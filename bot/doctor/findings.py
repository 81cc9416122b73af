"""What the doctor says of one thing."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """FAULT: it does not work, or not safely. NOTE: worth knowing, and nothing to do at once."""

    OK = "ok"
    NOTE = "note"
    FAULT = "FAULT"


@dataclass(frozen=True, slots=True)
class Finding:
    """`about` in one word; `words` say what is so, and of a fault what to do."""

    level: Level
    about: str
    words: str

    def __str__(self) -> str:
        return f"{self.level:<6} {self.about:<10} {self.words}"


def fine(about: str, words: str) -> Finding:
    return Finding(Level.OK, about, words)


def note(about: str, words: str) -> Finding:
    return Finding(Level.NOTE, about, words)


def fault(about: str, words: str) -> Finding:
    return Finding(Level.FAULT, about, words)
