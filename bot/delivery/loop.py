"""Claims what is due, says it in the reader's language, and settles it with what came of it.

Answers and alerts are told at least once; a broadcast at most once: what may have arrived is listed.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.delivery.pace import Pace
from bot.domain.errors import Unavailable
from bot.domain.notices import Lane, Mark, Notice
from bot.domain.ports import Clock
from bot.domain.replies import Reply
from bot.domain.users import User
from bot.scheduler import Nursery
from bot.telegram.sending import Gone, Later, Moved, Outcome, Rejected, Sender, Sent, Uncertain
from storage.outbox import Parcel
from storage.store import Store, Transaction, answer_cause
from storage.vault import SealBroken

log = structlog.get_logger(__name__)

LEASE_MS = 60_000
AT_ONCE = 32
LOOK_EVERY_S = 1.0
LONGEST_RETRY_S = 300
LONGEST_INLINE_WAIT_S = 2.0

Render = Callable[[Notice, User | None], Reply]
Leave = Callable[[int], Awaitable[None]]


class Delivery:
    """`render` words a notice for its reader; `leave` marks a person whom nothing reaches any more."""

    def __init__(
        self, store: Store, sender: Sender, render: Render, leave: Leave, clock: Clock, nursery: Nursery
    ) -> None:
        self._store = store
        self._sender = sender
        self._render = render
        self._leave = leave
        self._nursery = nursery
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False
        self.pace = Pace(clock)

    async def run(self) -> None:
        """For ever; ends by being cancelled."""
        while not self._closing:
            try:
                await self._round()
            except Unavailable:
                log.warning("outbox.storage_down")
                await asyncio.sleep(LOOK_EVERY_S)
            except Exception:
                log.exception("delivery.failed")  # our own mistake must not end the telling
                await asyncio.sleep(LOOK_EVERY_S)

    async def answer(self, mark: Mark) -> None:
        """Lets one stored answer go at once. Whatever fails, the row is there and the loop will find it."""
        try:
            now_ms = self._store.now_ms()
            parcel = await self._store.write(
                lambda tx: tx.outbox.claim_one(answer_cause(mark), now_ms, now_ms + LEASE_MS)
            )
            if parcel:
                await self._deliver(parcel)
        except Unavailable:
            log.warning("outbox.storage_down")

    async def close(self, patience_s: float) -> None:
        self._closing = True
        if self._running:
            self._idle.clear()
            try:
                await asyncio.wait_for(self._idle.wait(), patience_s)
            except TimeoutError:
                log.warning("delivery.unfinished", parcels=self._running)

    async def _round(self) -> None:
        self._store.told.clear()
        free = AT_ONCE - self._running
        now_ms = self._store.now_ms()
        parcels = await self._store.write(lambda tx: tx.outbox.claim(now_ms, now_ms + LEASE_MS, free)) if free else []
        for parcel in parcels:
            self._running += 1
            self._nursery.start(self._carry(parcel), "delivery.parcel")
        if len(parcels) < max(free, 1):
            await self._rest()

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._store.told.wait(), LOOK_EVERY_S)
        except TimeoutError:
            return

    async def _carry(self, parcel: Parcel) -> None:
        try:
            await self._deliver(parcel)
        except Unavailable:
            log.warning("outbox.storage_down")  # its lease runs out, and it is claimed again
        finally:
            self._running -= 1
            self._store.told.set()
            if not self._running:
                self._idle.set()

    async def _deliver(self, parcel: Parcel) -> None:
        wait_s = self.pace.turn(parcel.lane, parcel.address.chat_id)
        while 0 < wait_s <= LONGEST_INLINE_WAIT_S and not self._closing:
            await asyncio.sleep(wait_s)
            wait_s = self.pace.turn(parcel.lane, parcel.address.chat_id)
        if wait_s > 0:
            await self._settle(parcel, Later(wait_s))
            return
        outcome = await self._sent(parcel)
        if isinstance(outcome, Later):
            self.pace.hold(parcel.address.chat_id, outcome.after_s)
        if isinstance(outcome, Gone):
            await self._leave(parcel.address.chat_id)
        await self._settle(parcel, outcome)

    async def _sent(self, parcel: Parcel) -> Outcome:
        user = await self._store.read(lambda tx: tx.users.get(parcel.user_id))
        try:
            reply = self._render(await self._store.read(lambda tx: tx.notice_of(parcel)), user)
        except (SealBroken, KeyError) as error:
            log.error("outbox.unreadable", cause=parcel.cause, reason=type(error).__name__)
            return Rejected("unreadable")
        except Unavailable:
            raise
        except Exception:
            log.exception("outbox.unwritable", cause=parcel.cause)
            return Uncertain()  # a newer version may find the words for it
        return await self._sender.send(parcel.address, reply)

    async def _settle(self, parcel: Parcel, outcome: Outcome) -> None:
        chat_id = parcel.address.chat_id

        def unit(tx: Transaction) -> None:
            match outcome:
                case Sent():
                    tx.outbox.settle(parcel.id, "sent", tx.now_ms)
                case Later(after_s):
                    tx.outbox.postpone(parcel.id, tx.now_ms + int(after_s * 1000))
                case Moved(new_chat):
                    tx.outbox.move(chat_id, new_chat)
                    tx.outbox.postpone(parcel.id, tx.now_ms)
                case Gone():
                    tx.outbox.settle(parcel.id, "gone", tx.now_ms)
                case Uncertain() if parcel.lane is Lane.BROADCAST:
                    tx.outbox.settle(parcel.id, "uncertain", tx.now_ms)
                case Uncertain():
                    tx.outbox.postpone(parcel.id, tx.now_ms + int(_retry_s(parcel) * 1000))
                case Rejected(reason):
                    log.error("outbox.rejected", cause=parcel.cause, reason=reason)
                    tx.outbox.settle(parcel.id, "failed", tx.now_ms)

        await self._store.write(unit)


def _retry_s(parcel: Parcel) -> float:
    return float(min(LONGEST_RETRY_S, 2 ** min(parcel.tries, 9)))
