"""A stream of swaps from several people, and the account of it: the provider's ledger, the database, what was read."""

import hashlib
import random
import re
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field

from bot.sandbox.changelly.transactions import Transaction
from bot.sandbox.telegram import Person, Seen
from tests.chaos.patience import waits
from tests.desk import World

UNDECIDED = {"confirmed", "prepared", "sending", "unknown", "needs_human"}
NOTHING_THERE = {"offered", "expired", "refused", "rejected", "not_placed"}
LOUD = {"You received": "finished", "The swap failed": "failed", "Refunded": "refunded", "Held by": "hold"}
STEPS = ("confirming", "exchanging", "sending", "finished", "finished", "hold", "failed", "refunded")


@dataclass
class SwapStream:
    """Each act is a line, some presses, or a step of one swap. Amounts tell wishes apart: no two people wish the same.

    `pressed`: cards, which are pressed in one act only. `spare`: what may have been said twice, for the desk died while
    it was being said.
    """

    world: World
    dice: random.Random
    people: list[Person]
    wishes: int = 0
    pressed: set[tuple[int, int]] = field(default_factory=set)
    typed: dict[int, int] = field(default_factory=dict)
    spare: Counter[str] = field(default_factory=Counter)

    def act(self) -> None:
        person = self.dice.choice(self.people)
        cards = [message for message in person.messages() if self._is_new(person, message)]
        if cards:
            card = self.dice.choice(cards)
            self.pressed.add((person.id, card.id))
            for _ in range(self.dice.choice((1, 1, 1, 3))):
                person.press(card, card.labels[0])
        elif not waits(person, self.typed):
            self.typed[person.id] = len(person.messages())
            self.wishes += 1
            person.send(f"/swap {self._amount(self.wishes)} btc eth {_address(person)} float refund -")

    def step(self) -> None:
        """Some swap whose deposit address is known moves on."""
        shown = {swap_id for swap_id, *_ in self.rows()}
        moving = [one for one in self.ledger() if one.id in shown and one.status not in {"finished", "refunded"}]
        if moving:
            self.world.changelly.move(self.dice.choice(moving).id, self.dice.choice(STEPS))

    def end(self) -> None:
        """Every swap comes to an end that stays."""
        shown = {swap_id for swap_id, *_ in self.rows()}
        for one in self.ledger():
            if one.id in shown and one.status not in {"finished", "refunded"}:
                self.world.changelly.move(one.id, "finished")

    def note_kill(self) -> None:
        """While the desk is dead: what was read, and is not noted as sent, will be said again."""
        read = self.read()
        for (cause,) in self._query("SELECT cause FROM outbox WHERE state = 'waiting' AND cause LIKE 'swap:%:%:%'"):
            _, swap_id, stage, _ = cause.split(":")
            if read[f"{swap_id}:{stage}"]:
                self.spare[f"{swap_id}:{stage}"] += 1

    # The account.

    def ledger(self) -> list[Transaction]:
        return list(self.world.changelly.transactions.values())

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Id, intent, stage and deposit address of each swap the desk knows."""
        return self._query("SELECT id, intent_id, stage, payin_address FROM swaps")

    def intents(self) -> list[tuple[str, str, str, str]]:
        return self._query(
            "SELECT id, state, json_extract(request, '$.amount'), order_id FROM intents WHERE action = 'swap'"
        )

    def states(self) -> Counter[str]:
        return Counter(state for _, state, *_ in self.intents())

    @property
    def undecided(self) -> int:
        return sum(count for state, count in self.states().items() if state in UNDECIDED)

    @property
    def behind(self) -> list[str]:
        """Swaps of which the desk does not know yet where they stand."""
        now = {one.id: one.status for one in self.ledger()}
        return [swap_id for swap_id, _, stage, _ in self.rows() if stage != now[swap_id]]

    def read(self) -> Counter[str]:
        """What the chats say loudly, by swap and stage: in answer to its card, which itself is only edited."""
        known = {swap_id for swap_id, *_ in self.rows()}
        found: Counter[str] = Counter()
        for message in (one for person in self.people for one in person.messages() if "reply_to_message" in one.wire):
            if stage := next((stage for words, stage in LOUD.items() if words in message.text), ""):
                found.update(f"{swap_id}:{stage}" for swap_id in _behind_buttons(message) & known)
        return found

    def told(self) -> Counter[str]:
        """What was said so, message by message; what came late may be a line of a digest instead."""
        return Counter(f"{swap}:{stage}" for swap, stage, state in self._loud() if state == "sent")

    def unsaid(self) -> list[str]:
        """What the flight records call told, and is neither sent nor in a digest that was."""
        said = Counter(f"{swap}:{stage}" for swap, stage, state in self._loud() if state in {"sent", "digested"})
        noted = Counter(f"{swap}:{stage}" for swap, stage in self._query(
            "SELECT swap_id, stage FROM swap_stages WHERE told"))  # fmt: skip
        open_digests = self._query("SELECT cause FROM outbox WHERE cause LIKE 'digest:%' AND state <> 'sent'")
        return [*(noted - said), *(cause for (cause,) in open_digests)]

    def _loud(self) -> list[tuple[str, str, str]]:
        rows = self._query("SELECT cause, state FROM outbox WHERE cause LIKE 'swap:%:%:%'")
        parts = [(*cause.split(":")[1:3], state) for cause, state in rows]
        return [(swap, stage, state) for swap, stage, state in parts if stage in LOUD.values()]

    def faults(self) -> list[str]:
        """Where ledger and database do not agree."""
        made = Counter(str(one.expected_from) for one in self.ledger())
        ids = {str(one.expected_from): one.id for one in self.ledger()}
        held = {intent_id: (swap_id, address) for swap_id, intent_id, _, address in self.rows()}
        places = {one.id: one.payin_address for one in self.ledger()}
        found = []
        for intent_id, state, amount, swap_id in self.intents():
            if made[amount] > 1:
                found.append(f"{state}: {made[amount]} swaps")
            if (state == "accepted") != (intent_id in held):
                found.append(f"{state}: {held.get(intent_id)}")
            if state == "accepted" and (ids.get(amount) != swap_id or held[intent_id] != (swap_id, places[swap_id])):
                found.append(f"accepted as {swap_id}, and {ids.get(amount)} is there")
            if state in NOTHING_THERE and made[amount]:
                found.append(f"{state}: and a swap is there")
            if state in UNDECIDED:
                found.append(f"{state}: after all that time")
        return found

    def _amount(self, number: int) -> str:
        return f"0.00{10_000 + number}".rstrip("0")

    def _is_new(self, person: Person, message: Seen) -> bool:
        labels = message.labels
        return bool(labels) and labels[0].startswith("✅ Swap") and (person.id, message.id) not in self.pressed

    def _query(self, query: str) -> list[tuple]:
        with closing(sqlite3.connect(f"{self.world.database.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()


def _behind_buttons(message: Seen) -> set[str]:
    """The words of what its buttons ask or open: the ids of swaps among them."""
    buttons = [button for row in message.buttons for button in row]
    aims = [str(one.get("callback_data", one.get("url"))) for one in buttons]
    return {word for aim in aims for word in re.findall(r"\w+", aim)}


def _address(person: Person) -> str:
    """One's own: by it the provider is asked for a swap whose creation was not answered."""
    return "0x" + hashlib.sha256(str(person.id).encode()).hexdigest()[:40]
