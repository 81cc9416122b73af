"""What became of what was sent: asked for until it is known. Nothing is ever sent from here."""

import asyncio
from collections.abc import Mapping

import structlog

from bot.domain.errors import BotError
from bot.domain.intents import Action, Intent, State
from bot.services import _cards as cards
from bot.services._desk import Desk
from bot.services._sending import settle
from bot.services._way import Outcome, Reason, Way
from storage.store import Transaction

log = structlog.get_logger(__name__)

GIVE_TO_HUMAN_MS = 15 * 60_000
SELDOM_MS = 300_000
MOST_A_RUN = 100
AT_ONCE = 8
LONGEST_CALL_S = 30.0
RESTARTED = {"key": "intent.restarted", "values": {}}
_BEGUN = (State.CONFIRMED, State.PREPARED, State.SENDING)


class Reconciling:
    def __init__(self, desk: Desk, ways: Mapping[Action, Way]) -> None:
        self._desk = desk
        self._ways = ways
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def sweep(self) -> None:
        """What no living press is about: sent, perhaps, becomes unknown; not sent yet, is not sent any more."""
        at_work = set(self._desk.at_work)

        def unit(tx: Transaction) -> None:
            for intent in tx.intents.standing(_BEGUN):
                if intent.id not in at_work:
                    _abandoned(tx, intent)

        await self._desk.store.write(unit)

    async def run(self) -> None:
        at_work = set(self._desk.at_work)
        stranded, due = await self._desk.store.read(
            lambda tx: (_stranded(tx, at_work), tx.intents.due(tx.now_ms, MOST_A_RUN))
        )
        if stranded:
            await self.sweep()
        await asyncio.gather(*(self._ask(intent) for intent in due))

    async def _ask(self, intent: Intent) -> None:
        self._desk.first_seen.setdefault(intent.id, self._desk.clock.monotonic())
        async with self._turn:
            try:
                async with asyncio.timeout(LONGEST_CALL_S):
                    outcome = await self._ways[intent.action].ask(intent)
            except (BotError, TimeoutError) as error:
                # An answer that did not come says nothing about the order.
                log.info("reconcile.unanswered", intent=cards.short(intent.id), reason=str(error)[:40])
                outcome = None
            except Exception:
                log.exception("reconcile.failed", intent=cards.short(intent.id))  # our own mistake: looked at again
                outcome = None
        await self._desk.store.write(lambda tx: self._note(tx, intent, outcome))

    def _note(self, tx: Transaction, before: Intent, outcome: Outcome | None) -> None:
        intent = tx.intents.get(before.id)
        if intent is None or intent.state not in {State.UNKNOWN, State.NEEDS_HUMAN}:
            return
        if outcome and outcome.state is State.NEEDS_HUMAN:
            self._to_human(tx, intent, outcome.reason, tx.now_ms + SELDOM_MS)
            return
        if outcome:
            settle(tx, self._ways[intent.action], intent, outcome)
            self._desk.first_seen.pop(intent.id, None)
            return
        now_s = self._desk.clock.monotonic()
        here_ms = 1000 * (now_s - self._desk.first_seen.setdefault(intent.id, now_s))
        # After a restore every intent is old, and nobody has asked yet.
        age_ms = max(tx.now_ms - max(intent.sent_at, tx.desk.put_back_since()), here_ms)
        # By how long this process has asked: one that is new starts the proof anew, and soon comes to its end.
        looks = self._ways[intent.action].looks
        due_at = tx.now_ms + next((pause for until, pause in looks if here_ms < until), SELDOM_MS)
        if age_ms >= GIVE_TO_HUMAN_MS:
            self._to_human(tx, intent, {}, due_at)
        else:
            tx.intents.keep(intent.id, intent.state, due_at=due_at)

    def _to_human(self, tx: Transaction, intent: Intent, reason: Reason, due_at: int) -> None:
        """Said once; it is asked about on, ever after."""
        if intent.state is State.NEEDS_HUMAN:
            tx.intents.keep(intent.id, intent.state, due_at=due_at)
        elif moved := tx.intents.move(intent.id, State.UNKNOWN, State.NEEDS_HUMAN, due_at=due_at, reason=reason):
            cards.tell(tx, moved)
            cards.alert(tx, moved, self._desk.admins)


def _stranded(tx: Transaction, at_work: set[str]) -> bool:
    return any(intent.id not in at_work for intent in tx.intents.standing(_BEGUN))


def _abandoned(tx: Transaction, intent: Intent) -> None:
    if intent.state is State.SENDING:
        moved = tx.intents.move(intent.id, State.SENDING, State.UNKNOWN, due_at=tx.now_ms)
    else:
        moved = tx.intents.move(intent.id, intent.state, State.REFUSED, reason=RESTARTED, settled_at=tx.now_ms)
    if moved:
        cards.tell(tx, moved)
