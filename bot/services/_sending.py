"""The press: one winner, everything checked again, sent once, and what came of it stored with the word about it."""

import asyncio
from collections.abc import Mapping

import structlog

from bot.domain.errors import BotError, NotAllowed, Unavailable, Unsure, UserMistake
from bot.domain.intents import Action, Intent, State, day_of, digest_of
from bot.domain.notices import Mark
from bot.domain.users import User
from bot.services import _cards as cards
from bot.services._desk import Desk, reason_of
from bot.services._limits import forbidden
from bot.services._way import Moved, Outcome, Reason, Send, Way
from storage.store import Transaction

log = structlog.get_logger(__name__)

PATIENCE_MS = 1_000
"""What takes longer is told to be under way."""

FIRST_LOOK_MS = 2_000
LONGEST_SEND_S = 45.0


class Sending:
    def __init__(self, desk: Desk, ways: Mapping[Action, Way]) -> None:
        self._desk = desk
        self._ways = ways

    async def press(self, user: User, intent_id: str, mark: Mark) -> None:
        """Raises UserMistake where there is no such intent, NotAllowed where it is another's."""
        with self._desk.working_on(intent_id):
            intent = await self._desk.store.write(lambda tx: self._won(tx, user, intent_id, mark))
            if intent is None:
                return
            try:
                send = await self._ways[intent.action].checked(intent)
            except Moved as moved:
                await self._offer_anew(user, intent, mark, moved.why)
            except BotError as error:
                await self._refuse(intent, State.CONFIRMED, reason_of(error), mark)
            else:
                await self._send(intent, send, mark)

    def _won(self, tx: Transaction, user: User, intent_id: str, mark: Mark) -> Intent | None:
        """The first press of its owner gets it, within his limits; everybody else is told how it stands."""
        known = tx.intents.get(intent_id)
        if known is None:
            raise UserMistake("intent.no_such")
        if known.user_id != user.id:
            log.warning("intent.foreign_press", intent=cards.short(intent_id), user_id=user.id)
            raise NotAllowed("intent.not_yours")
        today = day_of(self._desk.clock.now())
        counted = tx.intents.reserved_usd(user.id, today)
        problem = self._ways[known.action].problem(tx, known, counted)
        won = tx.intents.confirm(intent_id, user.id, mark.address.edits, today, tx.now_ms)
        if won is None:
            expired = known.state is State.OFFERED and tx.intents.move(
                intent_id, State.OFFERED, State.EXPIRED, settled_at=tx.now_ms, message_id=mark.address.edits
            )
            cards.answer(tx, mark, expired or known)
            return None
        if digest_of(won.request, won.offer.get("shown", {})) != won.offer.get("digest"):  # type: ignore[arg-type]  # JSON
            problem = {"key": "intent.altered", "values": {}}
        if problem:
            refused = tx.intents.move(won.id, State.CONFIRMED, State.REFUSED, reason=problem, settled_at=tx.now_ms)
            cards.answer(tx, mark, refused or won)
            return None
        return won

    async def _offer_anew(self, user: User, intent: Intent, mark: Mark, why: str) -> None:
        """The old card becomes a new one, on the terms of now."""
        try:
            new = await self._ways[intent.action].anew(user, intent, mark.address.chat_id, why)
        except BotError as error:
            await self._refuse(intent, State.CONFIRMED, reason_of(error), mark)
            return

        def unit(tx: Transaction) -> None:
            reason = {"key": "intent.moved_away", "values": {}}
            if tx.intents.move(intent.id, State.CONFIRMED, State.REFUSED, reason=reason, settled_at=tx.now_ms):
                tx.intents.add(new)
                cards.answer(tx, mark, new)

        await self._desk.store.write(unit)

    async def _refuse(self, intent: Intent, stands: State, reason: Reason, mark: Mark) -> None:
        def unit(tx: Transaction) -> None:
            refused = tx.intents.move(intent.id, stands, State.REFUSED, reason=reason, settled_at=tx.now_ms)
            cards.answer(tx, mark, refused or tx.intents.get(intent.id) or intent)

        await self._desk.store.write(unit)

    async def _send(self, intent: Intent, send: Send, mark: Mark) -> None:
        way = self._ways[intent.action]
        request = way.request(intent)
        prepared = await self._desk.store.write(
            lambda tx: tx.intents.move(intent.id, State.CONFIRMED, State.PREPARED, request=request)
        )
        sending = prepared and await self._desk.store.write(lambda tx: self._to_sending(tx, prepared, mark))
        if not sending:
            return
        self._desk.first_seen[intent.id] = self._desk.clock.monotonic()
        outcome = Outcome(State.UNKNOWN)
        try:
            async with asyncio.timeout(LONGEST_SEND_S):
                outcome = await send(sending)
        except Exception as error:  # noqa: BLE001  # whatever it is: nobody knows what became of it
            log.warning("intent.unsure", intent=cards.short(intent.id), error=type(error).__name__)
        finally:
            # Also when this task is being cancelled: then it is stored as not known.
            await self._store_outcome(way, sending, outcome, mark)

    def _to_sending(self, tx: Transaction, prepared: Intent, mark: Mark) -> Intent | None:
        """The compare-and-set after which, and only after which, the socket is opened. Durable when it returns."""
        if problem := forbidden(tx, prepared.user_id, prepared.action):
            reason = {"key": problem, "values": {}}
            refused = tx.intents.move(prepared.id, State.PREPARED, State.REFUSED, reason=reason, settled_at=tx.now_ms)
            cards.answer(tx, mark, refused or prepared)
            return None
        sending = tx.intents.move(
            prepared.id, State.PREPARED, State.SENDING, sent_at=tx.now_ms, due_at=tx.now_ms + FIRST_LOOK_MS
        )
        if sending:
            what = {"symbol": sending.symbol, "id": cards.short(sending.id)}
            tx.audit.add(f"{sending.action}_sent", by=sending.user_id, about=sending.user_id, **what)
            cards.told_sending(tx, sending, PATIENCE_MS)
        return sending

    async def _store_outcome(self, way: Way, intent: Intent, outcome: Outcome, mark: Mark) -> None:
        try:
            await self._desk.store.write(lambda tx: settle(tx, way, intent, outcome, mark))
        except Unavailable as error:
            # The row says `sending`: it is found there once the disk serves again, and asked about.
            raise Unsure("intent.unsure", intent=cards.short(intent.id)) from error
        if outcome.state is not State.UNKNOWN:
            self._desk.first_seen.pop(intent.id, None)


def settle(tx: Transaction, way: Way, intent: Intent, outcome: Outcome, mark: Mark | None = None) -> None:
    """From where the intent stands to what is known now, with all its rows and the word about it: one act."""
    if way.taken(tx, intent, outcome):
        log.error("intent.made_by_another", intent=cards.short(intent.id))
        outcome = Outcome(State.UNKNOWN)
    if outcome.state is intent.state:
        return
    changes: dict[str, object] = {"reason": outcome.reason}
    if outcome.state is not State.UNKNOWN:
        changes["settled_at"] = tx.now_ms
    if outcome.vendors_id:
        changes["order_id"] = outcome.vendors_id
    moved = tx.intents.move(intent.id, intent.state, outcome.state, **changes)
    if moved is None:
        return
    way.settled(tx, moved, outcome)
    if mark:
        cards.answer(tx, mark, moved)
    else:
        cards.tell(tx, moved)
