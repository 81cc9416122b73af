"""The way of an order and of a cancel: checked at the press, sent once, looked for by our own id."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import structlog

from bot.domain.errors import NotOffered, Refused, Unavailable, UserMistake
from bot.domain.intents import Action, Intent, State, as_sent, day_of
from bot.domain.orders import Order, OrderState, Side, Wallet
from bot.domain.ports import Account
from bot.domain.sizing import percent, reference
from bot.domain.users import User
from bot.services import _cards as cards
from bot.services import _following as following
from bot.services._desk import Desk, reason_of
from bot.services._limits import check_limits_of
from bot.services._offers import Offers, free_of, shown_of, wish_of
from bot.services._proof import BEFORE_SENDING, instant, proven, said_no, same_key
from bot.services._way import Looks, Moved, Outcome, Reason, Send
from bot.services.accounts import Held
from storage.store import Transaction

log = structlog.get_logger(__name__)

PRICE_AGE_S = 5.0
MOST_MOVED = Decimal(1)
"""Percent the price may have moved since the card was shown."""

AFTER_ARRIVAL = timedelta(seconds=60)
"""Beyond the time in which a signed request is taken: clocks differ, and books are written late."""


LOOKS = ((30_000, 2_000), (120_000, 10_000), (900_000, 30_000))


class Ordering:
    looks: Looks = LOOKS

    def __init__(self, desk: Desk, offers: Offers) -> None:
        self._desk = desk
        self._offers = offers

    def problem(self, tx: Transaction, won: Intent, counted: Decimal) -> Reason | None:
        held = tx.accounts.get(won.account_id)
        if held is None or held.version != won.offer.get("version"):
            return {"key": "intent.key_changed", "values": {}}
        if won.action is Action.PLACE:
            try:
                check_limits_of(tx, won.user_id, won.usd, counted, self._desk.most)
            except UserMistake as mistake:
                return reason_of(mistake)
        return None

    async def checked(self, intent: Intent) -> Send:
        held = await self._desk.accounts.get(intent.user_id, intent.account_id)
        if intent.action is Action.CANCEL:
            account = await self._desk.accounts.opened(held)
            return lambda sending: _canceled(account, sending)
        account = await self._ready(intent, held)
        return lambda sending: _placed(account, sending)

    async def anew(self, user: User, old: Intent, chat_id: int, why: str = "") -> Intent:
        if wish := wish_of(old):
            return await self._offers.to_place(user, wish, chat_id, why=why)
        if old.action is Action.PLACE:
            raise UserMistake("intent.moved_away")
        label = str(shown_of(old).get("label", ""))
        left = old.reason.get("left")
        ids = [str(one) for one in left] if isinstance(left, list) and left else order_ids(old)
        return await self._offers.to_cancel(user, ids, chat_id, old.symbol, old.vendor, label)

    def request(self, intent: Intent) -> Mapping[str, object]:
        if intent.action is Action.CANCEL:
            return intent.request
        return dict(intent.request) | {"client_day": day_of(self._desk.clock.now())}

    def taken(self, _tx: Transaction, _intent: Intent, _outcome: Outcome) -> bool:
        """Nobody else has our client id."""
        return False

    def settled(self, tx: Transaction, moved: Intent, outcome: Outcome) -> None:
        if outcome.order and moved.action is Action.PLACE:
            following.begin(tx, moved, outcome.order)
        for order in outcome.orders:
            following.heard_of(tx, moved.account_id, order)

    async def ask(self, intent: Intent) -> Outcome | None:
        held = await self._desk.accounts.get(intent.user_id, intent.account_id)
        account = await self._desk.accounts.opened(held, settling=True)
        return await (self._placed if intent.action is Action.PLACE else self._canceled)(account, intent)

    async def _ready(self, intent: Intent, held: Held) -> Account:
        """Price and balance as of now: the price is at hand while a card can be pressed, so it is one call."""
        desk = self._desk
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
            raise NotOffered("order.balance_short", need=need, have=free, asset=asset)
        return account

    async def _placed(self, account: Account, intent: Intent) -> Outcome | None:
        """A clean no is counted; only several, late enough, mean that it never arrived."""
        client_id = intent.client_id or ""
        found = await account.find(intent.symbol, client_id, instant(intent.sent_at) - BEFORE_SENDING)
        if found is None:
            if not await self._never_arrived(intent):
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

    async def _canceled(self, account: Account, intent: Intent) -> Outcome | None:
        found = [await account.order(intent.symbol, order_id) for order_id in order_ids(intent)]
        known = tuple(order for order in found if order is not None)
        left = [order.id for order in known if not order.state.final]
        if not left and len(known) == len(found):
            return Outcome(State.ACCEPTED, orders=known)
        if not await self._never_arrived(intent):
            return None
        if left:
            return Outcome(State.NOT_PLACED, orders=known, reason={"key": "cancel.still_open", "left": left})
        return Outcome(State.ACCEPTED, orders=(*known, *_unknown(intent, known)))

    async def _never_arrived(self, intent: Intent) -> bool:
        """Under a key that was put in the place of its own, a no proves nothing."""
        noes = await self._desk.store.write(lambda tx: said_no(tx, intent) if same_key(tx, intent) else None)
        window = self._desk.exchanges[intent.vendor].traits.arrives_within + AFTER_ARRIVAL
        return noes is not None and proven(self._desk, noes, window)


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


def _unknown(intent: Intent, known: tuple[Order, ...]) -> list[Order]:
    """Orders that the exchange, asked for minutes, does not know: none of them is open."""
    ids = {order.id for order in known}
    return [Order(one, intent.symbol, OrderState.CANCELED) for one in order_ids(intent) if one not in ids]
