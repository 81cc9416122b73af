"""The swaps of a simulated story: what people wish, how their swaps move, and what must be true of them in the end."""

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal

import orjson

from bot.domain.intents import RESERVING, Action, Intent, State
from bot.domain.swap_log import SwapRow, SwapWish
from bot.domain.swaps import Stage, SwapRequest
from storage.store import Transaction
from tests.order_shelf import LATE_S
from tests.swap_shelf import ETH, SwapShelf

QUOTA = 6
CREATED = (
    "",
    "",
    "",
    "",
    "",
    "",
    "lost_before",
    "lost_after",
    "late",
    "broken",
    "garbage",
    "hang",
    "refused",
    "unsent",
)
READ = ("", "", "", "", "down")
NEXT = {
    Stage.NEW: (Stage.WAITING, Stage.CONFIRMING),
    Stage.WAITING: (Stage.CONFIRMING, Stage.CONFIRMING, Stage.OVERDUE, Stage.HOLD, Stage.EXCHANGING),
    Stage.CONFIRMING: (Stage.EXCHANGING, Stage.SENDING, Stage.HOLD, Stage.FAILED),
    Stage.EXCHANGING: (Stage.SENDING, Stage.FINISHED, Stage.FAILED, Stage.CONFIRMING),
    Stage.SENDING: (Stage.FINISHED, Stage.FINISHED, Stage.HOLD),
    Stage.HOLD: (Stage.EXCHANGING, Stage.REFUNDED),
    Stage.FAILED: (Stage.REFUNDED, Stage.EXCHANGING),
    Stage.OVERDUE: (Stage.CONFIRMING,),
    Stage.EXPIRED: (Stage.CONFIRMING,),
    Stage.UNKNOWN: (Stage.EXCHANGING,),
}
UNPAID = (Stage.NEW, Stage.WAITING, Stage.WAITING, Stage.OVERDUE)
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def deposit(_ticker: str, number: int) -> str:
    """A sound Bitcoin address, another for each number."""
    body = b"\0" + hashlib.sha256(str(number).encode()).digest()[:20]
    body += hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4]
    value, text = int.from_bytes(body, "big"), ""
    while value:
        value, rest = divmod(value, 58)
        text = _BASE58[rest] + text
    return "1" + text


class SwapSide:
    def __init__(self, shelf: SwapShelf, dice: random.Random) -> None:
        self.shelf, self._dice = shelf, dice
        self._wishes = 0
        self.known: Callable[[str], bool] = lambda _swap_id: False
        """Whether its deposit address was ever shown: else nobody can pay it."""
        shelf.deposit = deposit
        shelf.cut_off = self._cut_off

    def wish(self) -> SwapWish:
        """Mostly one that nobody else has; now and then the very same again."""
        self._wishes += self._dice.random() < 0.8
        amount = Decimal("0.003") + Decimal(self._dice.randrange(8)) / 1000 + Decimal(self._wishes) / 10**8
        return SwapWish("btc", "eth", amount, ETH)

    def plan(self) -> None:
        """What shall happen to the next calls."""
        for call, choices in (("create", CREATED), ("find", READ), ("get_many", READ), ("quote", READ)):
            if not self.shelf.faults[call]:
                self.shelf.faults[call].append(self._dice.choice(choices))
        self.shelf.hidden_s = self._dice.choice((0, 0, 0, 5, 40))

    def calm(self) -> None:
        self.shelf.down, self.shelf.hidden_s = False, 0.0
        self.shelf.faults.clear()

    async def move(self) -> None:
        """For ever: some swap moves on, mostly as it should."""
        while True:
            await asyncio.sleep(self._dice.uniform(0.5, 4))
            self.shelf.rates["btc"] = Decimal(60_000) + self._dice.choice((0, 0, 0, 300, -300, 1500))
            moving = [swap for swap in self.shelf.swaps() if not swap.stage.final]
            if moving:
                swap = self._dice.choice(moving)
                wild = self._dice.random() < 0.1
                stages = (tuple(Stage) if wild else NEXT[swap.stage]) if self.known(swap.id) else UNPAID
                stage = self._dice.choice(stages)
                paid = {"amount_in": swap.amount_expected} if stage not in UNPAID else {}
                self.shelf.set(swap.id, stage, "brewing" if stage is Stage.UNKNOWN else "", **paid)

    def _cut_off(self, key: str, request: SwapRequest) -> None:
        """It had left, or it had not."""
        if self._dice.random() < 0.5:
            self.shelf.late.append((self.shelf.clock.monotonic() + self._dice.uniform(0, LATE_S), key, request))

    # --- in the end ---------------------------------------------------------------------------------------------------

    def faults(self, intents: list[Intent], tx: Transaction) -> Iterator[str]:
        """What is not as it was promised."""
        own = [intent for intent in intents if intent.action is Action.SWAP]
        rows = {intent.id: tx.swaps.of_intent(intent.id) for intent in own}
        yield from self._creations(own)
        for intent in own:
            row = rows[intent.id]
            if (intent.state is State.ACCEPTED) != (row is not None):
                yield f"swap {intent.state}: {'a' if row else 'no'} swap is there"
            if row:
                yield from self._one(intent, row, tx)
        yield from self._orphans(own, {row.id for row in rows.values() if row})
        yield from self._quota(own)

    def _creations(self, own: list[Intent]) -> Iterator[str]:
        """Of each wish no more than intents that were sent: the same wish may have been wished twice."""
        sent = Counter(str(intent.request["amount"]) for intent in own if intent.sent_at)
        made = Counter(request.amount for request in self.shelf.calls("create"))
        yield from (
            f"{made[amount]} creations for {sent[amount]} intents" for amount in made if made[amount] > sent[amount]
        )

    def _one(self, intent: Intent, row: SwapRow, tx: Transaction) -> Iterator[str]:
        swap = next((one for one in self.shelf.swaps() if one.id == row.id), None)
        if swap is None or swap.payin_address != row.payin_address or str(intent.request["amount"]) != row.amount:
            yield "swap accepted: and another is there"
            return
        if row.stage is not swap.stage and not row.stage.ended:
            yield f"swap followed as {row.stage}, and it is {swap.stage}"
        causes = {parcel_cause for (parcel_cause,) in tx.outbox._db.conn.execute("SELECT cause FROM outbox")}
        if row.changes and row.message_id and f"swap:{row.id}:{row.changes}" not in causes:
            yield "swap: its last change was not told"
        loud = Counter(note.stage for note in tx.swaps.record(row.id) if note.told)
        for stage, times in loud.items():
            missing = [n for n in range(times) if f"swap:{row.id}:{stage}:{n}" not in causes]
            if missing or (times > 1 and stage not in {Stage.HOLD, Stage.FAILED}):
                yield f"swap {stage}: told {times} times, {len(missing)} of them not"
        if row.stage in {Stage.FINISHED, Stage.REFUNDED} and not loud[row.stage]:
            yield f"swap {row.stage}: and nobody was told"

    def _orphans(self, own: list[Intent], held: set[str]) -> Iterator[str]:
        """A swap that nobody holds belongs to an intent that a person has to look at."""
        human = {str(intent.request["amount"]) for intent in own if intent.state is State.NEEDS_HUMAN}
        for entry in self.shelf.ledger:
            if entry.swap.id not in held and entry.request.amount not in human:
                states = sorted(intent.state for intent in own if intent.request["amount"] == entry.request.amount)
                yield f"a swap that nobody knows of: {states}"

    def _quota(self, own: list[Intent]) -> Iterator[str]:
        days = Counter((intent.user_id, intent.day) for intent in own if intent.state in RESERVING)
        yield from (f"{count} swaps on one day" for count in days.values() if count > QUOTA)

    def worth(self, intent: Intent, tx: Transaction) -> Decimal:
        """What it counts by the ledger; nothing where it was ever overdue: then others may have taken its place."""
        row = tx.swaps.of_intent(intent.id) if intent.action is Action.SWAP else None
        if row is None or {Stage.OVERDUE, Stage.EXPIRED} & {note.stage for note in tx.swaps.record(row.id)}:
            return Decimal(0)
        return Decimal(str(intent.offer["shown"]["usd"]))


def addresses_told(store, connection) -> dict[str, set[str]]:
    """Every deposit address that any message names, by intent."""
    told: dict[str, set[str]] = {}
    for cause, sealed in connection.execute("SELECT cause, sealed FROM outbox"):
        _kind, values = orjson.loads(store.box.open(sealed, "outbox", cause))
        if values.get("payin_address"):
            told.setdefault(values["intent"], set()).add(values["payin_address"])
    return told
