"""The press: one winner, everything checked again, sent once, and what came of it stored with the word about it."""

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal

import structlog

from bot.domain.errors import BotError, NotAllowed, Refused, Unavailable, Unsure, UserMistake
from bot.domain.intents import Action, Intent, State, as_sent, day_of, digest_of
from bot.domain.notices import Mark
from bot.domain.orders import Order, OrderState, Side, Wallet
from bot.domain.ports import Account
from bot.domain.sizing import percent, reference
from bot.domain.users import User
from bot.services import _cards as cards
from bot.services import _following as following
from bot.services._desk import Desk, reason_of
from bot.services._offers import Offers, check_limits_of, forbidden, free_of, wish_of
from bot.services.accounts import Held
from storage.store import Transaction

log = structlog.get_logger(__name__)

PRICE_AGE_S = 5.0
MOST_MOVED = Decimal(1)
"""Percent the price may have moved since the card was shown."""

PATIENCE_MS = 1_000
"""What takes longer is told to be under way."""

FIRST_LOOK_MS = 2_000
LONGEST_SEND_S = 45.0


class Moved(Exception):
    """The price is no longer the one that was shown."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sending came to. `orders`: as the exchange told them. `left`: of a cancel, those that are still open."""

    state: State
    order: Order | None = None
    orders: tuple[Order, ...] = ()
    reason: dict[str, object] = field(default_factory=dict)


class Sending:
    def __init__(self, desk: Desk, offers: Offers) -> None:
        self._desk = desk
        self._offers = offers

    async def press(self, user: User, intent_id: str, mark: Mark) -> None:
        """Raises UserMistake where there is no such intent, NotAllowed where it is another's."""
        with self._desk.working_on(intent_id):
            won = await self._desk.store.write(lambda tx: self._won(tx, user, intent_id, mark))
            if won is None:
                return
            intent, held = won
            try:
                account = await self._checked(intent, held)
            except Moved:
                await self._offer_anew(user, intent, mark)
            except BotError as error:
                await self._refuse(intent, State.CONFIRMED, reason_of(error), mark)
            else:
                await self._send(intent, account, mark)

    def _won(self, tx: Transaction, user: User, intent_id: str, mark: Mark) -> tuple[Intent, Held] | None:
        """The first press of its owner gets it, within his limits; everybody else is told how it stands."""
        known = tx.intents.get(intent_id)
        if known is None:
            raise UserMistake("intent.no_such")
        if known.user_id != user.id:
            log.warning("intent.foreign_press", intent=cards.short(intent_id), user_id=user.id)
            raise NotAllowed("intent.not_yours")
        today = day_of(self._desk.clock.now())
        counted = tx.intents.reserved_usd(user.id, today)
        won = tx.intents.confirm(intent_id, user.id, mark.address.edits, today, tx.now_ms)
        if won is None:
            expired = known.state is State.OFFERED and tx.intents.move(
                intent_id, State.OFFERED, State.EXPIRED, settled_at=tx.now_ms, message_id=mark.address.edits
            )
            cards.answer(tx, mark, expired or known)
            return None
        held = tx.accounts.get(won.account_id)
        problem = self._problem(tx, won, held, counted)
        if problem or held is None:
            reason = problem or {"key": "intent.key_changed", "values": {}}
            refused = tx.intents.move(won.id, State.CONFIRMED, State.REFUSED, reason=reason, settled_at=tx.now_ms)
            cards.answer(tx, mark, refused or won)
            return None
        return won, held

    def _problem(self, tx: Transaction, won: Intent, held: Held | None, counted: Decimal) -> dict[str, object] | None:
        """`counted`: toward the day's limit, before this one. All in one transaction, so that no two can both fit."""
        if held is None or held.version != won.offer.get("version"):
            return {"key": "intent.key_changed", "values": {}}
        if digest_of(won.request, won.offer.get("shown", {})) != won.offer.get("digest"):  # type: ignore[arg-type]  # JSON
            return {"key": "intent.altered", "values": {}}
        if won.action is Action.PLACE:
            try:
                check_limits_of(tx, won.user_id, won.usd, counted, self._desk)
            except UserMistake as mistake:
                return reason_of(mistake)
        return None

    async def _checked(self, intent: Intent, held: Held) -> Account:
        """Price and balance as of now: the price is at hand while a card can be pressed, so it is one call."""
        desk = self._desk
        if intent.action is Action.CANCEL:
            return await desk.accounts.opened(held)
        held = await desk.accounts.checked_today(held)
        account, request = await desk.accounts.opened(held), as_sent(intent.request)
        shown = intent.offer["shown"]
        if not isinstance(shown, dict):
            raise UserMistake("intent.altered")
        side, asset = request.side, str(shown["quote" if request.side is Side.BUY else "base"])
        ticker, free = await asyncio.gather(
            desk.references.ticker(intent.vendor, intent.symbol, PRICE_AGE_S),
            free_of(account, request.wallet, asset),
        )
        price = reference(ticker, side)
        if price is None or abs(percent(price, Decimal(str(shown["reference"])))) > MOST_MOVED:
            raise Moved
        need = Decimal(str(shown["total"] if side is Side.BUY else request.amount))
        if request.wallet is not Wallet.MARGIN and need > free:
            raise UserMistake("order.balance_short", need=need, have=free, asset=asset)
        return account

    async def _offer_anew(self, user: User, intent: Intent, mark: Mark) -> None:
        """The old card becomes a new one, at the price of now."""
        wish = wish_of(intent)
        try:
            if wish is None:
                raise UserMistake("intent.moved_away")
            new = await self._offers.to_place(user, wish, mark.address.chat_id, why="moved")
        except BotError as error:
            await self._refuse(intent, State.CONFIRMED, reason_of(error), mark)
            return

        def unit(tx: Transaction) -> None:
            reason = {"key": "intent.moved_away", "values": {}}
            if tx.intents.move(intent.id, State.CONFIRMED, State.REFUSED, reason=reason, settled_at=tx.now_ms):
                tx.intents.add(new)
                cards.answer(tx, mark, new)

        await self._desk.store.write(unit)

    async def _refuse(self, intent: Intent, stands: State, reason: dict[str, object], mark: Mark) -> None:
        def unit(tx: Transaction) -> None:
            refused = tx.intents.move(intent.id, stands, State.REFUSED, reason=reason, settled_at=tx.now_ms)
            cards.answer(tx, mark, refused or tx.intents.get(intent.id) or intent)

        await self._desk.store.write(unit)

    async def _send(self, intent: Intent, account: Account, mark: Mark) -> None:
        request = dict(intent.request)
        if intent.action is Action.PLACE:
            request["client_day"] = day_of(self._desk.clock.now())
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
                outcome = await (_placed if intent.action is Action.PLACE else _canceled)(account, sending)
        except Exception as error:  # noqa: BLE001  # whatever it is: nobody knows what became of the order
            log.warning("intent.unsure", intent=cards.short(intent.id), error=type(error).__name__)
        finally:
            # Also when this task is being cancelled: then it is stored as not known.
            await self._store_outcome(sending, outcome, mark)

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
            cards.told_sending(tx, sending, PATIENCE_MS)
        return sending

    async def _store_outcome(self, intent: Intent, outcome: Outcome, mark: Mark) -> None:
        try:
            await self._desk.store.write(lambda tx: settle(tx, intent, outcome, mark))
        except Unavailable as error:
            # The row says `sending`: it is found there once the disk serves again, and asked about.
            raise Unsure("intent.unsure", intent=cards.short(intent.id)) from error
        if outcome.state is not State.UNKNOWN:
            self._desk.first_seen.pop(intent.id, None)


def settle(tx: Transaction, intent: Intent, outcome: Outcome, mark: Mark | None = None) -> None:
    """From where the intent stands to what is known now, with the order's row and the word about it: one act."""
    changes: dict[str, object] = {"reason": outcome.reason}
    if outcome.state is not State.UNKNOWN:
        changes["settled_at"] = tx.now_ms
    if outcome.order:
        changes["order_id"] = outcome.order.id
    moved = tx.intents.move(intent.id, intent.state, outcome.state, **changes)
    if moved is None:
        return
    if outcome.order and moved.action is Action.PLACE:
        following.begin(tx, moved, outcome.order)
    for order in outcome.orders:
        following.heard_of(tx, moved.account_id, order)
    if mark:
        cards.answer(tx, mark, moved)
    else:
        cards.tell(tx, moved)


async def _placed(account: Account, intent: Intent) -> Outcome:
    """The only place that sends an order."""
    try:
        order = await account.place(as_sent(intent.request))
    except Refused as error:
        return Outcome(State.REJECTED, reason=reason_of(error))
    except Unavailable as error:
        return Outcome(State.NOT_PLACED, reason=reason_of(error))
    if not order.id:
        return Outcome(State.UNKNOWN)
    return Outcome(State.ACCEPTED, order)


async def _canceled(account: Account, intent: Intent) -> Outcome:
    """Each order once. `unknown order` only means: go and look."""
    ids, refusals = order_ids(intent), []
    for order_id in ids:
        try:
            await account.cancel(intent.symbol, order_id)
        except (Refused, Unavailable) as error:
            refusals.append(reason_of(error))
    found = [await account.order(intent.symbol, order_id) for order_id in ids]
    known = tuple(order for order in found if order is not None)
    if all(order is not None and order.state.final for order in found):
        return Outcome(State.ACCEPTED, orders=known)
    left = [order.id for order in known if order.state is OrderState.OPEN]
    if len(refusals) == len(ids) and len(left) == len(ids):
        return Outcome(State.REJECTED, orders=known, reason=refusals[0] | {"left": left})
    return Outcome(State.UNKNOWN, orders=known)


def order_ids(intent: Intent) -> list[str]:
    ids = intent.request.get("orders")
    return [str(one) for one in ids] if isinstance(ids, list) else []
