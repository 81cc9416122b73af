"""When a person types his next line: not before the last one is answered."""

from bot.sandbox.telegram import Person

LATER = "I am on it"


def waits(person: Person, typed: dict[int, int]) -> bool:
    """His own line stands at `typed`; nothing is said to it yet, or only that it takes a little longer."""
    if person.id not in typed:
        return False
    said = person.messages()[typed[person.id] + 1 :]
    return not said or LATER in said[-1].text
