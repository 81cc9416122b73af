"""A stream of orders from several people, and the account of it afterwards: ledger and database, side by side."""

import random
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field

from bot.sandbox.exchange.orders import Order
from bot.sandbox.telegram import Person, Seen
from tests.chaos.patience import waits
from tests.desk import World

UNDECIDED = {"confirmed", "prepared", "sending", "unknown", "needs_human"}
NOTHING_THERE = {"offered", "expired", "refused", "rejected", "not_placed"}


@dataclass
class OrderStream:
    """Each act is one line or some presses of one person. `pressed`: whose cards, which are pressed in one act only.

    `typed`: where each person's last line stands; he types no other before the desk has said something.
    """

    world: World
    dice: random.Random
    people: list[Person]
    pressed: set[tuple[int, int]] = field(default_factory=set)
    typed: dict[int, int] = field(default_factory=dict)

    def act(self) -> None:
        """Whoever has a card presses it, now and then several times; who has none asks for one."""
        person = self.dice.choice(self.people)
        cards = [message for message in person.messages() if self._is_new(person, message)]
        if not cards:
            if not waits(person, self.typed):
                self.typed[person.id] = len(person.messages())
                person.send(self._line())
            return
        card = self.dice.choice(cards)
        self.pressed.add((person.id, card.id))
        for _ in range(self.dice.choice((1, 1, 1, 3))):
            person.press(card, card.labels[0])

    def _is_new(self, person: Person, message: Seen) -> bool:
        labels = message.labels
        is_card = bool(labels) and labels[0].startswith(("✅ Buy", "✅ Sell"))
        return is_card and (person.id, message.id) not in self.pressed

    def _line(self) -> str:
        verb, size = self.dice.choice(("buy", "sell")), self.dice.randrange(5, 15)
        day = self.world.exchange.engine.day("BTC/USDT")
        at = "" if self.dice.random() < 0.5 else f" @ {int(day.last)}"
        return f"/{verb} 0.000{size:02} btc/usdt{at}"

    # The account.

    def orders(self) -> list[Order]:
        accounts = self.world.exchange.engine.accounts
        return [order for person in self.people for order in accounts[str(person.id)].orders.values()]

    def intents(self) -> list[tuple[str, str, str, int]]:
        """State, client id, order id, when it was sent."""
        query = "SELECT state, client_id, order_id, sent_at FROM intents WHERE action = 'place'"
        with closing(sqlite3.connect(f"{self.world.database.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    def states(self) -> Counter[str]:
        return Counter(state for state, *_ in self.intents())

    @property
    def undecided(self) -> int:
        return sum(count for state, count in self.states().items() if state in UNDECIDED)

    def faults(self) -> list[str]:
        """Where ledger and database do not agree."""
        by_client = Counter(order.wish.client_id for order in self.orders())
        ids = {order.wish.client_id: str(order.id) for order in self.orders()}
        intents = self.intents()
        found = [f"{client_id}: nobody wanted it" for client_id in by_client.keys() - {one[1] for one in intents}]
        for state, client_id, order_id, _ in intents:
            count = by_client[client_id]
            if count > 1:
                found.append(f"{state}: {count} orders")
            if state == "accepted" and (count != 1 or ids[client_id] != order_id):
                found.append(f"accepted as {order_id}, and {ids.get(client_id)} is there")
            if state in NOTHING_THERE and count:
                found.append(f"{state}: and an order is there")
            if state in UNDECIDED:
                found.append(f"{state}: after all that time")
        return found
