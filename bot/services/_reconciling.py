"""What became of what was sent: asked for until it is known. Nothing is ever sent from here."""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

from bot.domain.errors import BotError
from bot.domain.intents import Action, Intent, State
from bot.domain.orders import Order, OrderState
from bot.domain.ports import Account
from bot.services import _cards as cards
from bot.services._desk import Desk
from bot.services._sending import Outcome, order_ids, settle
from storage.store import Transaction

log = structlog.get_logger(__name__)

BEFORE_SENDING = timedelta(seconds=5)
AFTER_ARRIVAL = timedelta(seconds=60)
"""Beyond the time in which a signed request is taken: clocks differ, and books are written late."""

CLEAN_NOES = 3
OVER_MS = 60_000
GIVE_TO_HUMAN_MS = 15 * 60_000
LOOKS = ((30_000, 2_000), (120_000, 10_000), (GIVE_TO_HUMAN_MS, 30_000))
SELDOM_MS = 300_000
MOST_A_RUN = 100
AT_ONCE = 8
LONGEST_CALL_S = 30.0
RESTARTED = {"key": "intent.restarted", "values": {}}


class Reconciling:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def sweep(self) -> None:
        """What no living press is about: sent, perhaps, becomes unknown; not sent yet, is not sent any more."""
        at_work = set(self._desk.at_work)

        def unit(tx: Transaction) -> None:
            for intent in tx.intents.standing((State.CONFIRMED, State.PREPARED, State.SENDING)):
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
                    account = await self._account(intent)
                    outcome = await (self._placed if intent.action is Action.PLACE else self._canceled)(account, intent)
            except (BotError, TimeoutError) as error:
                # An answer that did not come says nothing about the order.
                log.info("reconcile.unanswered", intent=cards.short(intent.id), reason=str(error)[:40])
                outcome = None
            except Exception:
                log.exception("reconcile.failed", intent=cards.short(intent.id))  # our own mistake: looked at again
                outcome = None
        await self._desk.store.write(lambda tx: self._note(tx, intent, outcome))

    async def _account(self, intent: Intent) -> Account:
        held = await self._desk.accounts.get(intent.user_id, intent.account_id)
        return await self._desk.accounts.opened(held, settling=True)

    async def _placed(self, account: Account, intent: Intent) -> Outcome | None:
        """None: not known yet. A clean no is counted; only several, late enough, mean that it never arrived."""
        client_id = intent.client_id or ""
        found = await account.find(intent.symbol, client_id, _at(intent.sent_at) - BEFORE_SENDING)
        if found is None:
            noes = await self._desk.store.write(lambda tx: _said_no(tx, intent))
            if noes is None or not self._proven(noes):
                return None
            # One more signed call, answered: the key works, and the order is not among the open ones either.
            others = await account.open_orders(intent.symbol)
            found = next((order for order in others if order.client_id == client_id), None)
            if found is None:
                return Outcome(State.NOT_PLACED)
        if not found.id or found.client_id not in {"", client_id}:
            log.error("reconcile.other_order", intent=cards.short(intent.id))
            return None
        return Outcome(State.ACCEPTED, found)

    def _proven(self, intent: Intent) -> bool:
        """By the wall and by a clock that nobody sets: one of them may have been moved."""
        window = self._desk.exchanges[intent.vendor].traits.arrives_within + AFTER_ARRIVAL
        by_wall = self._desk.store.now_ms() - intent.sent_at
        here_s = self._desk.clock.monotonic() - self._desk.first_seen[intent.id]
        late = min(timedelta(milliseconds=by_wall), timedelta(seconds=here_s)) > window
        spread = self._desk.store.now_ms() - intent.absent_since >= OVER_MS
        return late and intent.absent >= CLEAN_NOES and spread

    async def _canceled(self, account: Account, intent: Intent) -> Outcome | None:
        found = [await account.order(intent.symbol, order_id) for order_id in order_ids(intent)]
        known = tuple(order for order in found if order is not None)
        left = [order.id for order in known if not order.state.final]
        if not left and len(known) == len(found):
            return Outcome(State.ACCEPTED, orders=known)
        noes = await self._desk.store.write(lambda tx: _said_no(tx, intent))
        if noes is None or not self._proven(noes):
            return None
        if left:
            return Outcome(State.NOT_PLACED, orders=known, reason={"key": "cancel.still_open", "left": left})
        return Outcome(State.ACCEPTED, orders=(*known, *_unknown(intent, known)))

    def _note(self, tx: Transaction, before: Intent, outcome: Outcome | None) -> None:
        intent = tx.intents.get(before.id)
        if intent is None or intent.state not in {State.UNKNOWN, State.NEEDS_HUMAN}:
            return
        if outcome:
            settle(tx, intent, outcome)
            self._desk.first_seen.pop(intent.id, None)
            return
        now_s = self._desk.clock.monotonic()
        here_ms = 1000 * (now_s - self._desk.first_seen.setdefault(intent.id, now_s))
        age_ms = max(tx.now_ms - intent.sent_at, here_ms)
        pause_ms = next((pause for until, pause in LOOKS if age_ms < until), SELDOM_MS)
        if intent.state is State.UNKNOWN and age_ms >= GIVE_TO_HUMAN_MS:
            due_at = tx.now_ms + SELDOM_MS
            if moved := tx.intents.move(intent.id, State.UNKNOWN, State.NEEDS_HUMAN, due_at=due_at):
                cards.tell(tx, moved)
                cards.alert(tx, moved, self._desk.admins)
        else:
            tx.intents.keep(intent.id, intent.state, due_at=tx.now_ms + pause_ms)


def _stranded(tx: Transaction, at_work: set[str]) -> bool:
    standing = tx.intents.standing((State.CONFIRMED, State.PREPARED, State.SENDING))
    return any(intent.id not in at_work for intent in standing)


def _abandoned(tx: Transaction, intent: Intent) -> None:
    if intent.state is State.SENDING:
        moved = tx.intents.move(intent.id, State.SENDING, State.UNKNOWN, due_at=tx.now_ms)
    else:
        moved = tx.intents.move(intent.id, intent.state, State.REFUSED, reason=RESTARTED, settled_at=tx.now_ms)
    if moved:
        cards.tell(tx, moved)


def _said_no(tx: Transaction, intent: Intent) -> Intent | None:
    """One more clean answer that no such order is known."""
    now = tx.intents.get(intent.id)
    if now is None:
        return None
    since = now.absent_since or tx.now_ms
    return tx.intents.keep(now.id, now.state, absent=now.absent + 1, absent_since=since)


def _unknown(intent: Intent, known: tuple[Order, ...]) -> list[Order]:
    """Orders that the exchange, asked for minutes, does not know: none of them is open."""
    ids = {order.id for order in known}
    return [Order(one, intent.symbol, OrderState.CANCELED) for one in order_ids(intent) if one not in ids]


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
