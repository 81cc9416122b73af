"""The way of a swap: checked at the press, made at most once, adopted by a look-up where its answer was lost.

Its provider takes no id of ours, so a creation cannot be asked about by one: only what pays out the same, to the same
place, and belongs to nobody, can be it. No deposit address is known to anybody before its row is here.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

import structlog

from bot.domain.addresses import Verdict, folded
from bot.domain.errors import Refused, Unavailable, UserMistake
from bot.domain.intents import Intent, State, day_of
from bot.domain.ports import SwapAccount
from bot.domain.sizing import percent
from bot.domain.swap_log import StageNote, SwapRow
from bot.domain.swap_pairs import put_right
from bot.domain.swaps import RateKind, Stage, Swap, SwapRequest
from bot.domain.users import User
from bot.services import _swap_cards as cards
from bot.services._address_checks import checked, network_of
from bot.services._desk import reason_of
from bot.services._limits import check_limits_of
from bot.services._offers import shown_of
from bot.services._proof import instant, proven, said_no, same_key
from bot.services._sending import LONGEST_SEND_S
from bot.services._signs import short, text
from bot.services._swap_desk import SwapDesk
from bot.services._swap_offers import (
    RATE_LEFT_MS,
    SwapOffers,
    as_swap,
    left_today,
    needs_memo,
    shares_addresses,
    wish_of,
    worth_of,
)
from bot.services._way import Looks, Moved, Outcome, Reason, Send
from storage.store import Transaction

log = structlog.get_logger(__name__)

MOST_MOVED = Decimal(1)
"""Percent by which what comes may differ from what the card showed."""

BEFORE_SENDING = timedelta(hours=2)
"""How far back is looked: a clock may have been set by an hour meanwhile."""

NEAR_MS = 60_000
ARRIVED_WITHIN = timedelta(minutes=3)
FIRST_LOOK_S = 10
_UNPAID = frozenset({Stage.NEW, Stage.WAITING, Stage.OVERDUE, Stage.EXPIRED, Stage.UNKNOWN})
"""Where nothing need have been paid. A word nobody knows says neither: what came in does."""

_IN_QUESTION = (State.SENDING, State.UNKNOWN, State.NEEDS_HUMAN)


LOOKS = ((30_000, 3_000), (120_000, 10_000), (900_000, 60_000))
"""All people share the operator's calls: what nobody can hurry must not keep their quotes waiting."""


class Swapping:
    looks: Looks = LOOKS

    def __init__(self, desk: SwapDesk, offers: SwapOffers) -> None:
        self._swaps = desk
        self._desk = desk.desk
        self._offers = offers

    # --- pressed ------------------------------------------------------------------------------------------------------

    def problem(self, tx: Transaction, won: Intent, counted: Decimal) -> Reason | None:
        if won.account_id:
            held = tx.accounts.get(won.account_id)
            if held is None or held.version != won.offer.get("version"):
                return {"key": "intent.key_changed", "values": {}}
        elif left_today(tx, won.user_id, day_of(self._desk.clock.now()), self._swaps.quota) <= 0:
            return {"key": "swap.quota", "values": {"most": self._swaps.quota}}
        try:
            check_limits_of(tx, won.user_id, won.usd, counted, self._desk.most)
        except UserMistake as mistake:
            return reason_of(mistake)
        return None

    async def checked(self, intent: Intent) -> Send:
        """A fixed rate holds or is over: nobody need be asked. A floating one is asked for again."""
        await self._swaps.all_coins()
        account = await self._account(intent, settling=False)
        request, shown = as_swap(intent.request), shown_of(intent)
        if request.kind is RateKind.FIXED:
            if self._desk.store.now_ms() + RATE_LEFT_MS >= int(str(shown.get("rate_until", 0))):
                raise Moved("expired")
        else:
            quote = await account.quote(request.source, request.target, Decimal(request.amount), request.kind)
            before, now = Decimal(str(shown["net"] or shown["gross"] or 0)), worth_of(quote)
            if not before or now is None or abs(percent(now, before)) > MOST_MOVED:
                raise Moved
        return lambda sending: _made(account, sending)

    async def anew(self, user: User, old: Intent, chat_id: int, why: str = "") -> Intent:
        try:
            return await self._offers.make(user, wish_of(old), chat_id, why=why)
        except Refused as error:
            raise put_right(error, lambda amount: f"swap change {old.id} {amount}") from None

    def request(self, intent: Intent) -> Mapping[str, object]:
        return intent.request

    # --- kept ---------------------------------------------------------------------------------------------------------

    def taken(self, tx: Transaction, intent: Intent, outcome: Outcome) -> bool:
        holder = tx.swaps.get(outcome.swap.id) if outcome.swap else None
        return holder is not None and holder.intent_id != intent.id

    def settled(self, tx: Transaction, moved: Intent, outcome: Outcome) -> None:
        """Its row, and with it the one deposit address that is ever shown."""
        if outcome.swap is None:
            return
        row = self._row(moved, outcome.swap, tx.now_ms)
        if not tx.swaps.add(row):
            return
        tx.swaps.note(row, StageNote(row.stage, row.raw_stage, tx.now_ms))
        if not row.withheld and row.stage.awaits_deposit:
            cards.tell(tx, row, "code", "swap_code")
        if row.stage is Stage.UNKNOWN:
            cards.alert_of_word(tx, self._desk.admins, row, self._swaps.exchange)
        if row.withheld:
            log.error("swap.withheld", intent=short(moved.id), reason=row.withheld)
            why = row.withheld.removeprefix("swap.")
            cards.alert(tx, self._desk.admins, why, f"swap:{row.id}:withheld", row, self._swaps.exchange)

    def _row(self, intent: Intent, swap: Swap, now_ms: int) -> SwapRow:
        """What was sent is taken from the request: the answer need not repeat it."""
        request, shown = as_swap(intent.request), shown_of(intent)
        return SwapRow(
            id=swap.id, intent_id=intent.id, user_id=intent.user_id, account_id=intent.account_id,
            vendor=intent.vendor, source=request.source, target=request.target, kind=request.kind,
            amount=request.amount, payin_address=swap.payin_address, payin_memo=swap.payin_memo or "",
            payout_address=request.address, payout_memo=request.memo, refund_address=request.refund_address,
            refund_memo=request.refund_memo, expected=text(swap.target_expected) or str(shown.get("gross", "")),
            quoted=text(swap.net_expected) or str(shown.get("net", "")), network_fee=text(swap.network_fee),
            fee_ticker=swap.fee_ticker, track_url=swap.track_url,
            pay_till=int(swap.pay_till.timestamp() * 1000) if swap.pay_till else 0, stage=swap.stage,
            raw_stage=swap.raw_stage, withheld=self._withheld(request, swap), chat_id=intent.chat_id,
            message_id=intent.message_id, created_at=now_ms, stage_at=now_ms, seen_at=now_ms,
            every_s=FIRST_LOOK_S, due_at=now_ms + FIRST_LOOK_S * 1000,
        )  # fmt: skip

    def _withheld(self, request: SwapRequest, swap: Swap) -> str:
        """Why nobody should send anything there."""
        source = self._swaps.known(request.source)
        if swap.payout_address and folded(swap.payout_address) != folded(request.address):
            return "swap.other_payout"
        if (swap.source, swap.target) != (request.source, request.target):
            return "swap.other_payout"
        unread = swap.payin_memo is None and (self._swaps.provider.traits.memos or needs_memo(source))
        if unread or (not swap.payin_memo and shares_addresses(source)):
            return "swap.no_memo"
        unfit = not swap.payin_address or checked(network_of(source), swap.payin_address) is Verdict.UNFIT
        return "swap.bad_deposit_address" if unfit else ""

    # --- looked for ---------------------------------------------------------------------------------------------------

    async def ask(self, intent: Intent) -> Outcome | None:
        if not self._swaps.provider.traits.finds:
            return Outcome(State.NEEDS_HUMAN, reason={"key": "swap.cannot_look_up", "values": {}})
        request = as_swap(intent.request)
        account = await self._account(intent, settling=True)
        await self._swaps.all_coins()
        found = await account.find(request.address, request.source, instant(intent.sent_at) - BEFORE_SENDING)
        return await self._desk.store.write(lambda tx: self._adopted(tx, intent, found))

    def _adopted(self, tx: Transaction, intent: Intent, found: Sequence[Swap]) -> Outcome | None:
        """Exactly one that fits and nobody holds. Of several alike none can be told from another: then a person has to
        look, and nothing is created a second time.
        """
        request = as_swap(intent.request)
        free = [swap for swap in found if _fits(request, swap) and tx.swaps.get(swap.id) is None]
        if not free:
            # Under a key that was put in its place nobody knows of it: that says nothing.
            noes = said_no(tx, intent) if same_key(tx, intent) else None
            return Outcome(State.NOT_PLACED) if noes and proven(self._desk, noes, ARRIVED_WITHIN) else None
        mates = [one for one in tx.intents.standing(_IN_QUESTION) if _may_be_of(one, intent, free)]
        if any(one.state is State.SENDING for one in mates):
            return None
        if len(mates) == 1:
            free = [swap for swap in free if _near(swap, intent)] or free
        if len(free) > len(mates):
            return Outcome(State.NEEDS_HUMAN, reason={"key": "swap.two_found", "values": {"n": len(free)}})
        if len(free) < len(mates):
            return None
        # The same wish of the same person, sent several times: as many swaps go to them in their order.
        place = sorted(one.sent_at for one in mates).index(intent.sent_at)
        return Outcome(State.ACCEPTED, swap=sorted(free, key=_made_at)[place])

    async def _account(self, intent: Intent, *, settling: bool) -> SwapAccount:
        if not intent.account_id:
            return self._swaps.provider.account("")
        held = await self._desk.accounts.get(intent.user_id, intent.account_id)
        return (await self._swaps.opened(held, settling=settling)).account


async def _made(account: SwapAccount, intent: Intent) -> Outcome:
    """The only place that creates a swap."""
    try:
        swap = await account.create(as_swap(intent.request))
    except Refused as error:
        return Outcome(State.REJECTED, reason=reason_of(error))
    except Unavailable as error:
        return Outcome(State.NOT_PLACED, reason=reason_of(error))
    return Outcome(State.ACCEPTED, swap=swap) if swap.id else Outcome(State.UNKNOWN)


def _fits(request: SwapRequest, swap: Swap) -> bool:
    """The same terms, to the same place, and unpaid: what a second deposit makes of itself is paid from the first."""
    return (
        (swap.source, swap.target) == (request.source, request.target)
        and folded(swap.payout_address) == folded(request.address)
        and swap.payout_memo == request.memo
        and swap.kind in {None, request.kind}
        and folded(swap.refund_address) in {"", folded(request.refund_address)}
        and swap.amount_expected in {None, Decimal(request.amount)}
        and swap.stage in _UNPAID
        and not (swap.amount_in or swap.payin_hash)
    )


def _may_be_of(one: Intent, other: Intent, free: Sequence[Swap]) -> bool:
    """Whether a swap that fits the other could be of this one."""
    if one.action is not other.action or one.account_id != other.account_id:
        return False
    return any(_fits(as_swap(one.request), swap) for swap in free)


def _near(swap: Swap, intent: Intent) -> bool:
    """Made about when it was sent, by both clocks."""
    return -NEAR_MS <= _made_at(swap) - intent.sent_at <= LONGEST_SEND_S * 1000 + NEAR_MS


def _made_at(swap: Swap) -> float:
    return swap.created_at.timestamp() * 1000 if swap.created_at else 0.0
