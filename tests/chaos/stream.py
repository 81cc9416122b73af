"""A stream of commands whose answers can be told apart, and the account of it afterwards."""

import random
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field

from bot.sandbox.telegram import Person, Seen
from tests.desk import World

COINS = ("BTC", "ETH", "SOL", "XRP", "ADA", "DOGE", "LTC", "TRX", "LINK", "DOT")


@dataclass
class Stream:
    """Several people who read, write and press.

    Every sum has an amount of its own, and every write's answer holds the list as it was then: so each answer is known
    by its text. `expected` names them, with the update that asked for it. `spare` counts by how many an answer may
    exceed once: it was seen, and not yet noted by the desk, when that was killed.
    """

    world: World
    dice: random.Random
    people: list[Person]
    expected: dict[int, tuple[Person, str]] = field(default_factory=dict)
    presses: set[int] = field(default_factory=set)
    writes: set[int] = field(default_factory=set)
    lists: dict[int, list[str]] = field(default_factory=dict)
    spare: Counter[tuple[int, str]] = field(default_factory=Counter)

    def say(self) -> None:
        """One more command of somebody."""
        person = self.dice.choice(self.people)
        self.dice.choice((self._read, self._read, self._write, self._press))(person)

    def _read(self, person: Person) -> None:
        amount = f"{len(self.expected) + 1}.{self.dice.randrange(1, 10)}"
        self.expected[person.send(f"/calc {amount} btc eth")] = (person, f"{amount} BTC")

    def _write(self, person: Person) -> None:
        held = self.lists.setdefault(person.id, [])
        coin = self.dice.choice(COINS)
        verb = "drop" if coin in held else "add"
        (held.remove if verb == "drop" else held.append)(coin)
        update_id = person.send(f"/watch {verb} {coin}")
        self.writes.add(update_id)
        self.expected[update_id] = (person, _list_told(held))

    def _press(self, person: Person) -> None:
        """Refreshes a sum in place: it stays the answer it is."""
        sums = [message for message in person.messages() if "🔄 Refresh" in message.labels]
        if not sums:
            self._read(person)
            return
        self.presses.add(person.press(self.dice.choice(sums), "🔄 Refresh").update_id)

    def note_kill(self) -> None:
        """To be called while the desk is dead: which answers were seen, and not noted?"""
        told = self.told()
        for update_id in self._unsettled():
            person, text = self.expected.get(update_id, (None, ""))
            if person and told[person.id, text]:
                self.spare[person.id, text] += 1

    def _unsettled(self) -> set[int]:
        inbox = self._rows("SELECT update_id FROM inbox WHERE sealed IS NOT NULL")
        outbox = self._rows("SELECT substr(cause, 8) FROM outbox WHERE state = 'waiting' AND cause LIKE 'answer:%'")
        return {int(number) for (number,) in [*inbox, *outbox]}

    def _rows(self, query: str) -> list[tuple]:
        with closing(sqlite3.connect(f"{self.world.database.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    # The account.

    @property
    def all_done(self) -> bool:
        """Every update is in the inbox and ended, every answer in the outbox is sent."""
        done = {number for (number,) in self._rows("SELECT update_id FROM inbox WHERE sealed IS NULL")}
        waiting = self._rows("SELECT 1 FROM outbox WHERE state = 'waiting'")
        return done >= self.expected.keys() | self.presses and not waiting

    def told(self) -> Counter[tuple[int, str]]:
        """How often each text stands in each chat."""
        return Counter((person.id, _first(message)) for person in self.people for message in _from_desk(person))

    def wanted(self) -> Counter[tuple[int, str]]:
        return Counter((person.id, text) for person, text in self.expected.values())

    def lost(self) -> Counter[tuple[int, str]]:
        return self.wanted() - self.told()

    def repeated(self) -> Counter[tuple[int, str]]:
        """Beyond what the kills excuse."""
        return self.told() - self.wanted() - self.spare

    def applied(self) -> set[int]:
        """Updates whose write was done: the answer is stored in the same act, and once a cause."""
        rows = self._rows("SELECT cause FROM outbox WHERE state = 'sent' AND cause LIKE 'answer:%'")
        return {int(cause.removeprefix("answer:")) for (cause,) in rows}

    def kept_lists(self) -> dict[int, str]:
        rows = self._rows("SELECT id, watch FROM users WHERE watch <> '[]'")
        return {person: watch.replace('"', "").strip("[]") for person, watch in rows}

    def wanted_lists(self) -> dict[int, str]:
        return {person: ", ".join(held) for person, held in self.lists.items() if held}


def _list_told(held: list[str]) -> str:
    if not held:
        return "✅ Your list is empty now."
    return f"✅ Your list has {len(held)} {'coin' if len(held) == 1 else 'coins'}: {', '.join(held)}"


def _first(message: Seen) -> str:
    return message.text.split("\n", 1)[0]


def _from_desk(person: Person) -> Iterable[Seen]:
    return (message for message in person.messages() if message.wire["from"]["is_bot"])
