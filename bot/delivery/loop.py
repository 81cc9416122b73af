"""Claims what is due, says it in the reader's language, and settles it with what came of it.

Answers and alerts are told at least once; a broadcast at most once: what may have arrived is listed.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

import structlog

from bot.delivery.catching_up import LATE_MS, digest_of, gather
from bot.delivery.pace import Pace
from bot.domain.errors import Unavailable
from bot.domain.figures import labelled
from bot.domain.notices import Lane, Mark, Notice
from bot.domain.ports import Clock
from bot.domain.replies import Reply
from bot.domain.telling import Hold, Mute, Say, Topic, Wishes, way
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
GATHERED_EVERY_MS = 1_000
SET_BACK_MS = 10_000
"""A clock that shows so much less than before was set: what was put off by it may be due in a day."""
LONGEST_RETRY_S = 300
LONGEST_INLINE_WAIT_S = 2.0

Render = Callable[[Notice, User | None, int], Reply]
Leave = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is told: None where the desk does not know him, as in a group."""

    user: User | None
    wishes: Wishes

    def unreachable_at(self, chat_id: int) -> bool:
        return self.user is not None and not self.user.reachable and self.user.id == chat_id


class Delivery:
    """`render` words a notice for its reader: told late, with the milliseconds since 1970 it is of, else with 0.
    `leave` marks a person whom nothing reaches any more. `zone`: of who has chosen none.
    """

    def __init__(
        self,
        store: Store,
        sender: Sender,
        render: Render,
        leave: Leave,
        clock: Clock,
        nursery: Nursery,
        *,
        zone: str = "UTC",
    ) -> None:
        self._store = store
        self._sender = sender
        self._render = render
        self._leave = leave
        self._nursery = nursery
        self._zone = zone
        self._counts: Counter[str] = Counter(dict.fromkeys(("held", "muted", "digested", "unreachable"), 0))
        self._gathered_at = 0
        self._running = 0
        self._chats: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
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

    def figures(self) -> dict[str, float]:
        return {labelled("outbox_withheld_total", why=name): count for name, count in self._counts.items()}

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
        parcels = await self._claimed(now_ms, free) if free else []
        for parcel in parcels:
            self._running += 1
            self._nursery.start(self._carry(parcel), "delivery.parcel")
        if len(parcels) < max(free, 1):
            await self._rest()

    async def _claimed(self, now_ms: int, free: int) -> list[Parcel]:
        """What is late is looked at once a second, and goes out only where it was: by then it may be one message."""
        gathering = abs(now_ms - self._gathered_at) >= GATHERED_EVERY_MS
        since_ms = 0 if gathering else now_ms - LATE_MS
        set_back = now_ms < self._gathered_at - SET_BACK_MS

        def unit(tx: Transaction) -> tuple[int, list[Parcel]]:
            if set_back:
                tx.outbox.hurry(now_ms)
            gathered = gather(tx, self._zone) if gathering else 0
            return gathered, tx.outbox.claim(now_ms, now_ms + LEASE_MS, free, since_ms=since_ms)

        gathered, parcels = await self._store.write(unit)
        self._gathered_at = now_ms if gathering else self._gathered_at
        self._counts["digested"] += gathered
        return parcels

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._store.told.wait(), LOOK_EVERY_S)
        except TimeoutError:
            return

    async def _carry(self, parcel: Parcel) -> None:
        """After what was begun before it in the same chat, so that it is read in that order."""
        chat = self._chats.setdefault(parcel.address.chat_id, asyncio.Lock())
        try:
            if await _acquired(chat, LONGEST_INLINE_WAIT_S):
                try:
                    await self._deliver(parcel)
                finally:
                    chat.release()
            else:
                await self._settle(parcel, Later(LOOK_EVERY_S))
        except Unavailable:
            log.warning("outbox.storage_down")  # its lease runs out, and it is claimed again
        finally:
            self._running -= 1
            self._store.told.set()
            if not self._running:
                self._idle.set()

    async def _deliver(self, parcel: Parcel) -> None:
        reader = await self._store.read(lambda tx: self._reader(tx, parcel))
        found = way(parcel.topic, reader.wishes, self._store.now()) if _unasked(parcel) else Say()
        if parcel.lane is not Lane.ANSWER and reader.unreachable_at(parcel.address.chat_id):
            await self._end(parcel, "gone", "unreachable")
        elif isinstance(found, Mute):
            await self._end(parcel, "muted", "muted")
        elif isinstance(found, Hold):
            self._counts["held"] += 1
            until = int(found.until.timestamp() * 1000)
            await self._store.write(lambda tx: tx.outbox.postpone(parcel.id, until))
        elif (wait_s := await self._turn(parcel)) > 0:
            await self._settle(parcel, Later(wait_s))
        else:
            await self._send(parcel, reader, found)

    def _reader(self, tx: Transaction, parcel: Parcel) -> Reader:
        user = tx.recipient(parcel.user_id)
        if user is None or parcel.topic is None:
            return Reader(user, Wishes())
        return Reader(user, tx.telling.wishes(user.id, tx.now_ms, self._zone))

    async def _turn(self, parcel: Parcel) -> float:
        """0: it is its turn. Else how many seconds it is until then: too long to wait for it here."""
        wait_s = self.pace.turn(parcel.lane, parcel.address.chat_id)
        while 0 < wait_s <= LONGEST_INLINE_WAIT_S and not self._closing:
            await asyncio.sleep(wait_s)
            wait_s = self.pace.turn(parcel.lane, parcel.address.chat_id)
        return wait_s

    async def _send(self, parcel: Parcel, reader: Reader, found: Say) -> None:
        outcome = await self._sent(parcel, reader, found)
        chat_id = parcel.address.chat_id
        if isinstance(outcome, Later):
            self.pace.hold(chat_id, outcome.after_s)
        if isinstance(outcome, Gone) and chat_id == parcel.user_id:
            await self._leave(chat_id)
        await self._settle(parcel, outcome)

    async def _sent(self, parcel: Parcel, reader: Reader, found: Say) -> Outcome:
        try:
            notice, silent = await self._store.read(lambda tx: _said(tx, parcel, reader, found))
            reply = self._render(notice, reader.user, self._late_since(parcel))
        except (SealBroken, KeyError) as error:
            log.error("outbox.unreadable", cause=parcel.cause, reason=type(error).__name__)
            return Rejected("unreadable")
        except Unavailable:
            raise
        except Exception:
            log.exception("outbox.unwritable", cause=parcel.cause)
            return Uncertain()  # a newer version may find the words for it
        return await self._sender.send(parcel.address, reply if silent is None else replace(reply, silent=silent))

    def _late_since(self, parcel: Parcel) -> int:
        """0 where it comes in time, replaces a message, or tells the time of each of its lines itself."""
        unasked = parcel.lane in {Lane.MONEY, Lane.ALERT} and not parcel.address.edits
        late = self._store.now_ms() - parcel.created_at > LATE_MS
        return parcel.created_at if unasked and late and parcel.topic is not Topic.DIGEST else 0

    async def _end(self, parcel: Parcel, state: str, counted: str) -> None:
        self._counts[counted] += 1
        await self._store.write(lambda tx: tx.outbox.settle(parcel.id, state, tx.now_ms))

    async def _settle(self, parcel: Parcel, outcome: Outcome) -> None:
        chat_id = parcel.address.chat_id

        def unit(tx: Transaction) -> None:
            match outcome:
                case Sent():
                    tx.outbox.settle(parcel.id, "sent", tx.now_ms)
                case Later(after_s):
                    tx.outbox.postpone(parcel.id, tx.now_ms + int(after_s * 1000))
                case Moved(new_chat):
                    tx.move_chat(chat_id, new_chat)
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


async def _acquired(lock: asyncio.Lock, patience_s: float) -> bool:
    try:
        async with asyncio.timeout(patience_s):
            return await lock.acquire()
    except TimeoutError:
        return False


def _unasked(parcel: Parcel) -> bool:
    """What only replaces a message makes no sound, and is true at any hour."""
    return parcel.lane is not Lane.ANSWER and not parcel.address.edits


def _said(tx: Transaction, parcel: Parcel, reader: Reader, found: Say) -> tuple[Notice, bool | None]:
    """And whether it makes no sound; None: as its view has it."""
    if parcel.topic is Topic.DIGEST:
        notice, silent = digest_of(tx, parcel.id, reader.wishes)
        return notice, silent or found.silent
    return tx.notice_of(parcel), found.silent if parcel.topic and not parcel.address.edits else None


def _retry_s(parcel: Parcel) -> float:
    return float(min(LONGEST_RETRY_S, 2 ** min(parcel.tries, 9)))
