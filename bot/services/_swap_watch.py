"""Swaps watched to their end: whatever is heard is recorded, and what a person must know is said, once."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import count

import structlog

from bot.domain.errors import BotError, NotAllowed, Refused, UserMistake
from bot.domain.swap_log import LOUD, USUAL_MINUTES, StageNote, SwapRow
from bot.domain.swaps import Stage, Swap
from bot.services import _swap_cards as cards
from bot.services._offers import shown_of
from bot.services._signs import text
from bot.services._swap_desk import SwapDesk
from storage.store import Transaction
from storage.swaps import Due

log = structlog.get_logger(__name__)

MOVING = frozenset({Stage.CONFIRMING, Stage.EXCHANGING, Stage.SENDING, Stage.UNKNOWN})
WAITING = ((15 * 60, 2), (3_600, 5))
"""Up to which age in seconds a swap that waits for its deposit is looked after, at how many times the usual pause."""

WAITING_LONG = 7
HELD = 15
DAY_MS = 24 * 3_600_000
SELDOM_S = 6 * 3600
GIVEN_UP_MS = 7 * DAY_MS
"""So long after a failure, or a deadline, a late deposit or a refund may still be told of."""

AFTER_DEADLINE_MS = 5_000
A_SECOND = 9.0
"""Calls of a sweep, where nobody else asks: a little under what the provider allows."""

AT_ONCE = 6
"""Batches under way: as many as the provider is asked at once, and one that waits for its turn."""

LONGEST_RUN_S = 20.0
LONGEST_CALL_S = 30.0
PAUSE_S = 30
SET_BACK_MS = 2_000
SILENT_AFTER = 3
LOAD_KEPT_S = 15.0
LATE_S = 5.0
TOLD_AGAIN_MS = 3_600_000
NUDGE_MS = 30 * 60_000
SILENT_MS = 5 * 60_000


class Watching:
    def __init__(self, desk: SwapDesk) -> None:
        self._swaps = desk
        self._desk = desk.desk
        self._stretch, self._calls = 1.0, A_SECOND
        self._measured_at, self._answered = -LOAD_KEPT_S, 0
        self._ahead_ms: float | None = None
        self._busy: set[str] = set()
        self._choosing = asyncio.Lock()

    async def run(self) -> None:
        """Until nothing is due, or its time is over; a provider that does not answer is left alone for a while."""
        await self._mind_the_clock()
        if first := await self._next_batch():
            end, silent = self._desk.clock.monotonic() + LONGEST_RUN_S, Counter[str]()
            others = (self._look_on([], end, silent) for _ in range(AT_ONCE - 1))
            await asyncio.gather(self._look_on(first, end, silent), *others)

    async def _look_on(self, batch: list[Due], end: float, silent: Counter[str]) -> None:
        """One batch after the other. Several do so: while one waits for its answer, another asks."""
        while batch or (batch := await self._next_batch()):
            try:
                await self._batch(batch, silent)
            finally:
                self._busy.difference_update(due.id for due in batch)
            if self._desk.clock.monotonic() >= end or silent["calls"] >= SILENT_AFTER:
                return
            batch = []

    async def _next_batch(self) -> list[Due]:
        """Of one key, longest due first; none that somebody is asking about already."""
        size = self._swaps.provider.traits.batch
        async with self._choosing:
            asked = frozenset(self._busy)  # what is answered while we read is still due in what we read
            due = await self._desk.store.read(lambda tx: tx.swaps.due(tx.now_ms, size * (AT_ONCE + 1)))
            free = [one for one in due if one.id not in asked]
            batch = [one for one in free if one.account_id == free[0].account_id][:size]
            self._busy.update(one.id for one in batch)
        return batch

    async def _mind_the_clock(self) -> None:
        """At the start, and where the clock was set back: no swap waits for a moment meant by another clock."""
        ahead_ms, before_ms = self._desk.store.now_ms() - 1000 * self._desk.clock.monotonic(), self._ahead_ms
        self._ahead_ms = ahead_ms
        if before_ms is None or ahead_ms < before_ms - SET_BACK_MS:
            stretch = await self._stretched()
            await self._desk.store.write(lambda tx: tx.swaps.none_later(tx.now_ms, stretch * 1.1))

    async def look(self, row: SwapRow) -> bool:
        """At one of them, for somebody who waits. Whether the provider answered."""
        return await self._batch([Due(row.id, row.account_id, row.raw_stage, row.every_s)], Counter())

    async def _batch(self, batch: Sequence[Due], silent: Counter[str]) -> bool:
        """Whether it was answered. `silent` counts where nobody was there: a refused key keeps no other back."""
        try:
            async with asyncio.timeout(LONGEST_CALL_S):
                key = await self._swaps.key_by_id(batch[0].account_id)
                if key is None:
                    await self._left_alone(batch)
                    return True
                found = await key.account.get_many([due.id for due in batch])
            self._answered += 1
            stretch = await self._stretched()
            await self._desk.store.write(lambda tx: self._heard(tx, batch, found, stretch))
        except (Refused, NotAllowed, UserMistake) as error:
            # The key is no good at present: its owner hears of that from its own check.
            log.warning("swap_watch.no_access", reason=error.key)
        except (BotError, TimeoutError) as error:
            silent["calls"] += 1
            log.info("swap_watch.unanswered", reason=str(error)[:40])
        except Exception:
            log.exception("swap_watch.failed")  # our own mistake must not keep the others from being looked after
        else:
            return True
        await self._unanswered(batch)
        return False

    def _heard(self, tx: Transaction, batch: Sequence[Due], found: Mapping[str, Swap], stretch: float) -> None:
        for due in batch:
            swap = found.get(due.id)
            if swap is None:
                self._unknown(tx, due)
            else:
                self.heard(tx, due, swap, stretch)

    def heard(self, tx: Transaction, due: Due, swap: Swap, stretch: float = 1.0) -> None:
        """One answer. `due` is as it was before the call: who asked later, and was answered first, knows better."""
        now = tx.swaps.get(due.id)
        if now is None or now.done_at or swap.id != due.id or now.raw_stage != due.raw_stage:
            return
        after = self._noted(tx, now, swap)
        if after is now:
            _slow(tx, replace(now, seen_at=tx.now_ms))
            _nudge(tx, now)
        every_s = pause_s(after, tx.now_ms, self._swaps.poll_s)
        done = after.stage.final or (after.stage.ended and tx.now_ms - after.stage_at > GIVEN_UP_MS)
        # What is looked at every six hours is not what there is too much of: that was promised, and holds.
        due_at = _due_at(after, tx.now_ms, int(1000 * every_s * (stretch if every_s < SELDOM_S else 1)))
        tx.swaps.looked(due.id, every_s=every_s, due_at=due_at, done_at=tx.now_ms if done else 0)

    # --- what is new --------------------------------------------------------------------------------------------------

    def _noted(self, tx: Transaction, row: SwapRow, swap: Swap) -> SwapRow:
        """The very same row where nothing is new."""
        news = _news(row, swap)
        if not news:
            return row
        moved = "raw_stage" in news
        one_card = moved and row.stage.awaits_deposit and swap.stage.awaits_deposit
        shows = not one_card and (moved or not _ON_CARD.isdisjoint(news))
        if swap.stage is not row.stage:
            news |= {"stage_at": tx.now_ms, "stalls": 0}
        after = tx.swaps.update(row.id, **news, seen_at=tx.now_ms, changes=row.changes + shows)
        if after is None:
            return row
        if shows:
            cards.tell_card(tx, after)
        if moved:
            self._moved(tx, row, after)
        return after

    def _moved(self, tx: Transaction, before: SwapRow, after: SwapRow) -> None:
        """Forward, backward or to a word nobody knows: it is recorded; what must be known is told loudly, once."""
        told = after.stage is not before.stage and after.stage in LOUD and self._loud(tx, after)
        tx.swaps.note(after, StageNote(after.stage, after.raw_stage, tx.now_ms, told))
        _weigh(tx, after)
        if after.stage is Stage.UNKNOWN:
            log.warning("swap.unknown_stage", intent=after.intent_id[:4])
            cards.alert_of_word(tx, self._desk.admins, after, self._swaps.exchange)

    def _loud(self, tx: Transaction, row: SwapRow) -> bool:
        """An end is told once for ever. What asks for an act, again, where it comes back much later."""
        told = [note.at for note in tx.swaps.record(row.id) if note.told and note.stage is row.stage]
        comes_back = row.stage in {Stage.HOLD, Stage.FAILED} and told and tx.now_ms - told[-1] > TOLD_AGAIN_MS
        if told and not comes_back:
            return False
        cards.tell(tx, row, f"{row.stage}:{len(told)}", "swap_told")
        return True

    # --- what was not heard -------------------------------------------------------------------------------------------

    async def _unanswered(self, batch: Sequence[Due]) -> None:
        """Nothing was learnt: what takes long is said all the same, with how long the provider has been silent."""

        def unit(tx: Transaction) -> None:
            for due in batch:
                self._later(tx, due)

        await self._desk.store.write(unit)

    def _unknown(self, tx: Transaction, due: Due) -> None:
        """The provider, which made it, does not know it now: it may again."""
        row = tx.swaps.get(due.id)
        if row and tx.now_ms - max(row.seen_at, row.created_at) > GIVEN_UP_MS:
            log.warning("swap_watch.forgotten_by_provider", intent=row.intent_id[:4])
            tx.swaps.update(row.id, done_at=tx.now_ms)
        else:
            self._later(tx, due)

    def _later(self, tx: Transaction, due: Due) -> None:
        tx.swaps.postpone(due.id, tx.now_ms + 1000 * max(due.every_s, PAUSE_S))
        if row := tx.swaps.get(due.id):
            _slow(tx, row)

    async def _left_alone(self, batch: Sequence[Due]) -> None:
        """Without the key nobody can look any more."""

        def unit(tx: Transaction) -> None:
            for due in batch:
                tx.swaps.update(due.id, done_at=tx.now_ms)

        await self._desk.store.write(unit)

    # --- when next ----------------------------------------------------------------------------------------------------

    async def _stretched(self) -> float:
        """By how much all pauses grow, where more is due than can be asked: all wait alike, and none is forgotten."""
        now_s = self._desk.clock.monotonic()
        since_s = now_s - self._measured_at
        if since_s >= LOAD_KEPT_S:
            # Before anything is awaited: who comes meanwhile would find a count that has just begun, and take it for a
            # provider that answers nobody.
            answered, self._answered, self._measured_at = self._answered, 0, now_s
            load, late_s = await self._desk.store.read(lambda tx: (tx.swaps.load(), tx.swaps.late_s()))
            # Who falls behind does not get through as much as is allowed: the provider, or this machine, is slow.
            measured = answered / since_s if late_s >= LATE_S and since_s < 2 * LOAD_KEPT_S else A_SECOND
            # Half of the way at a time: else few questions would look like a slow provider, and make them fewer.
            self._calls = min(A_SECOND, max(1.0, (self._calls + measured) / 2))
            self._stretch = max(1.0, load / (self._calls * self._swaps.provider.traits.batch))
        return self._stretch


def pause_s(row: SwapRow, now_ms: int, poll_s: int) -> int:
    """How long until the next look, while there is room for all. What does not move, perhaps never will."""
    still_ms = now_ms - row.stage_at
    if row.stage.ended or still_ms > GIVEN_UP_MS:
        return SELDOM_S
    if row.stage is Stage.HOLD or still_ms > DAY_MS:
        return poll_s * HELD
    if row.stage in MOVING:
        return poll_s
    age_s = max(0, now_ms - row.created_at) / 1000
    return poll_s * next((times for until, times in WAITING if age_s < until), WAITING_LONG)


def _slow(tx: Transaction, row: SwapRow) -> None:
    """A word about a stage at its usual time, then ever more rarely."""
    usual, age_ms = USUAL_MINUTES.get(row.stage), tx.now_ms - row.stage_at
    if usual is None or age_ms < usual * 60_000 * 4**row.stalls:
        return
    stalls = next(n for n in count(row.stalls + 1) if age_ms < usual * 60_000 * 4**n)
    tx.swaps.update(row.id, stalls=stalls)
    silent_ms = tx.now_ms - row.seen_at
    cards.tell(
        tx, row, f"stalled:{row.stage_at}:{stalls}", "swap_stalled", minutes=age_ms // 60_000, usual_minutes=usual,
        silent_minutes=silent_ms // 60_000 if silent_ms > SILENT_MS else 0,
    )  # fmt: skip


def _nudge(tx: Transaction, row: SwapRow) -> None:
    """A word before the time to pay is over."""
    if not row.stage.awaits_deposit or row.nudged or row.withheld:
        return
    half = row.created_at + ((row.pay_till - row.created_at) // 2 if row.pay_till else NUDGE_MS)
    if half <= tx.now_ms and not 0 < row.pay_till <= tx.now_ms:
        tx.swaps.update(row.id, nudged=1)
        cards.tell(tx, row, "nudge", "swap_nudge")


def _due_at(row: SwapRow, now_ms: int, pause_ms: int) -> int:
    """A deadline is a moment at which something happens: it is not slept through."""
    deadline = row.pay_till + AFTER_DEADLINE_MS
    waits = row.stage.awaits_deposit and row.pay_till and deadline > now_ms
    return min(now_ms + pause_ms, deadline) if waits else now_ms + pause_ms


_ON_CARD = frozenset(
    (
        *("amount_in", "payin_hash", "payout_hash", "refund_hash", "payout_link", "refund_link"),
        *("confirmations", "pay_till"),
    )
)


def _news(row: SwapRow, swap: Swap) -> dict[str, object]:
    """What differs from the row. What is not said any more stays as it was; where to pay in never changes, nor where
    to pay back what came with a wish for that.
    """
    said: dict[str, object] = {
        "amount_in": text(swap.amount_in or None),
        "amount_out": text(swap.amount_out or None),
        "network_fee": text(swap.network_fee or None),
        "fee_ticker": swap.fee_ticker if swap.network_fee else "",
        "payin_hash": swap.payin_hash,
        "payout_hash": swap.payout_hash,
        "refund_hash": swap.refund_hash,
        "refund_address": row.refund_address or swap.refund_address,
        "payout_link": swap.payout_link,
        "refund_link": swap.refund_link,
        "track_url": swap.track_url,
        "confirmations": swap.confirmations,
        "pay_till": int(swap.pay_till.timestamp() * 1000) if swap.pay_till else 0,
    }
    news = {name: value for name, value in said.items() if value not in {"", None, 0} and value != getattr(row, name)}
    if swap.raw_stage != row.raw_stage or swap.stage is not row.stage:
        news |= {"stage": swap.stage, "raw_stage": swap.raw_stage}
    return news


def _weigh(tx: Transaction, row: SwapRow) -> None:
    """What nobody paid in time does not count toward the day's limit; paid late, it does."""
    intent = tx.intents.get(row.intent_id)
    if intent:
        unpaid = row.stage in {Stage.OVERDUE, Stage.EXPIRED} and not row.amount_in
        tx.intents.set_usd(intent.id, Decimal(0) if unpaid else Decimal(str(shown_of(intent).get("usd") or 0)))
