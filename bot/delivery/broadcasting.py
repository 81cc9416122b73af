"""Broadcasts on their way: each copy claimed just before it is sent, so that a kill leaves no more in doubt than was
on its way; the same for corrections and recalls, which may be done twice without harm.

Rows are taken a page at a time: memory does not grow with the number of readers.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from bot.delivery._progress import Progress, Render
from bot.delivery.pace import Pace
from bot.domain.broadcasts import Broadcast, Copy, Fate, Kind, State
from bot.domain.errors import Unavailable
from bot.domain.notices import Address, Lane, Notice
from bot.domain.ports import Clock
from bot.domain.replies import Picture, Reply
from bot.domain.telling import Hold, Mute, Say, Topic, way
from bot.domain.users import Standing, User
from bot.scheduler import Nursery
from bot.services._broadcast_cards import card
from bot.services.broadcasts import DESK, Rules, content_of
from bot.telegram.copying import Copier, marked
from bot.telegram.sending import Gone, Later, Outcome, Rejected, Sender, Sent, Uncertain
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

AT_ONCE = 32
PAGE = 64
LOOK_EVERY_S = 0.5
LONGEST_INLINE_WAIT_S = 2.0
TRIES = 5
STORM_AFTER = 2
"""So many refusals in a row for being too fast, or answers that never came, and it is not about one chat: all wait."""
LONGEST_REST_S = 60.0

Leave = Callable[[int], Awaitable[None]]


class Broadcasting:
    """`render` words a notice for its reader. `pace` is shared with all else that is said unasked."""

    def __init__(
        self, store: Store, copier: Copier, sender: Sender, render: Render, leave: Leave, rules: Rules,
        clock: Clock, nursery: Nursery, pace: Pace, *, zone: str = "UTC",
    ) -> None:  # fmt: skip
        self._store = store
        self._copier = copier
        self._sender = sender
        self._render = render
        self._leave = leave
        self._rules = rules
        self._clock = clock
        self._nursery = nursery
        self._zone = zone
        self.pace = pace
        self._places = asyncio.Semaphore(AT_ONCE)
        self._under_way: set[tuple[str, int]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._after: dict[str, int] = {}
        self._pictures: dict[str, str] = {}
        self._uploading = asyncio.Lock()
        self._in_a_row = 0
        self._rest_s = 1.0
        self._resting_until = 0.0
        self._progress = Progress(store, sender, render, clock, nursery)
        self._closing = False

    async def run(self) -> None:
        """For ever; ends by being cancelled."""
        while not self._closing:
            try:
                moved = await self._round()
            except Unavailable:
                log.warning("broadcast.storage_down")
                moved = False
            except Exception:
                log.exception("broadcast.failed")  # our own mistake must not end the telling
                moved = False
            if not moved:
                await asyncio.sleep(LOOK_EVERY_S)

    async def close(self, patience_s: float) -> None:
        self._closing = True
        try:
            await asyncio.wait_for(self._idle.wait(), patience_s)
        except TimeoutError:
            log.warning("broadcast.unfinished", copies=len(self._under_way))

    # --- which, and whose turn it is --------------------------------------------------------------------------------

    async def _round(self) -> bool:
        """A page of the first broadcast that has any copy due. False: nothing to do for now."""
        for job in await self._store.read(lambda tx: tx.broadcasts.at_work()):
            if job.author != DESK and not self._rules.may(job.author):
                await self._end(job, "no_right")
                continue
            self._progress.show(job)
            if await self._page(job):
                return True
        return False

    async def _page(self, job: Broadcast) -> bool:
        after = self._after.get(job.id, 0)
        copies = await self._store.read(lambda tx: _due(tx, job, after, tx.now_ms))
        for copy in copies:
            if not await self._turn(job, copy) or self._closing:
                return not self._closing
        if copies:
            self._after[job.id] = copies[-1].user_id
        elif after:
            self._after[job.id] = 0  # those that were put off lie further up
        else:
            await self._end_if_through(job)
        return bool(copies or after)

    async def _turn(self, job: Broadcast, copy: Copy) -> bool:
        """Waits until it may go. False: all must rest, or it was stopped."""
        if (job.id, copy.user_id) in self._under_way:
            return True
        await self._places.acquire()
        wait_s = self._wait_s(copy)
        while 0 < wait_s <= LONGEST_INLINE_WAIT_S and not self._closing:
            await asyncio.sleep(wait_s)
            wait_s = self._wait_s(copy)
        if wait_s > 0 or self._closing:
            self._places.release()
            resting = self._resting_until > self._clock.monotonic()
            if resting:
                await asyncio.sleep(LOOK_EVERY_S)
            elif not self._closing:
                await self._put_off(job, copy, wait_s)
            return not resting
        self._under_way.add((job.id, copy.user_id))
        self._idle.clear()
        self._nursery.start(self._carry(job, copy), "broadcast.copy")
        return True

    def _wait_s(self, copy: Copy) -> float:
        resting_s = self._resting_until - self._clock.monotonic()
        return resting_s if resting_s > 0 else self.pace.turn(Lane.BROADCAST, copy.user_id)

    async def _carry(self, job: Broadcast, copy: Copy) -> None:
        try:
            if job.state is State.SENDING:
                await self._send(job, copy)
            else:
                await self._change(job, copy)
        except Unavailable:
            log.warning("broadcast.storage_down")
        except Exception:
            # Before anything left: what tells of a send raises nothing. Tried again it would fail for ever.
            log.exception("broadcast.unwritable", broadcast=job.id)
            sending = job.state is State.SENDING
            await self._settled(job, copy, **({"fate": Fate.FAILED} if sending else {"tried": job.task}))
        finally:
            self._places.release()
            self._under_way.discard((job.id, copy.user_id))
            if not self._under_way:
                self._idle.set()

    # --- sending ----------------------------------------------------------------------------------------------------

    async def _send(self, job: Broadcast, copy: Copy) -> None:
        user, found = await self._store.read(lambda tx: (tx.recipient(copy.user_id), self._way(tx, job, copy.user_id)))
        if isinstance(found, Hold):
            await self._put_off(job, copy, (found.until - self._clock.now()).total_seconds())
        elif user is None or user.standing is Standing.BLOCKED or isinstance(found, Mute):
            await self._settled(job, copy, fate=Fate.GONE)
        elif await self._store.write(lambda tx: tx.broadcasts.claim(job.id, copy.user_id)):
            await self._note_sent(job, copy, await self._said(job, user, silent=job.silent or found.silent))

    def _way(self, tx: Transaction, job: Broadcast, user_id: int) -> Say | Hold | Mute:
        topic = Topic.SUMMARIES if job.audience.subscribers else Topic.BROADCASTS
        return way(topic, tx.telling.wishes(user_id, tx.now_ms, self._zone), self._clock.now())

    async def _said(self, job: Broadcast, user: User, *, silent: bool) -> Outcome:
        if job.kind is Kind.COPY:
            return await self._copier.copy(user.id, job.chat_id, job.source_id, silent=silent)
        values, picture = await self._store.read(lambda tx: (content_of(tx, job), tx.broadcasts.content(job.id)[1]))
        values |= {"zone": user.timezone or self._zone}
        reply = replace(self._render(Notice("summary", values), user), silent=silent)
        if picture is None:
            return await self._sender.send(Address(user.id), reply)
        reply = replace(reply, picture=Picture(picture, "market.png"))
        if job.id in self._pictures:
            return await self._with_picture(job, user, reply)
        async with self._uploading:  # the first alone: by what it learns the others need not send the picture itself
            return await self._with_picture(job, user, reply)

    async def _with_picture(self, job: Broadcast, user: User, reply: Reply) -> Outcome:
        outcome, file_id = await self._copier.picture(user.id, reply, self._pictures.get(job.id, ""))
        if file_id:
            self._pictures = {job.id: file_id}
        return outcome

    async def _note_sent(self, job: Broadcast, copy: Copy, outcome: Outcome) -> None:
        self._rest(outcome)
        match outcome:
            case Sent(message_id):
                await self._settled(job, copy, fate=Fate.SENT, message_id=message_id)
            case Later(after_s):
                self.pace.hold(copy.user_id, after_s)
                due_at = self._store.now_ms() + int(after_s * 1000)
                await self._settled(job, copy, fate=Fate.WAITING, due_at=due_at)
            case Gone():
                await self._settled(job, copy, fate=Fate.GONE)
                await self._leave(copy.user_id)
            case Uncertain():
                await self._settled(job, copy, fate=Fate.UNCERTAIN)
            case Rejected(reason) if "message to copy not found" in reason:
                await self._settled(job, copy, fate=Fate.WAITING)
                await self._end(job, "lost")
            case _:
                log.error("broadcast.rejected", reason=getattr(outcome, "reason", ""))
                await self._settled(job, copy, fate=Fate.FAILED)

    def _rest(self, outcome: Outcome) -> None:
        """A storm of refusals is waited out; where Telegram is ill, few are left in doubt."""
        if not isinstance(outcome, Later | Uncertain):
            self._in_a_row, self._rest_s = 0, 1.0
            return
        self._in_a_row += 1
        now = self._clock.monotonic()
        if self._in_a_row < STORM_AFTER or now < self._resting_until:
            return
        if isinstance(outcome, Later):
            self._resting_until = now + outcome.after_s
        else:
            self._rest_s = min(LONGEST_REST_S, 2 * self._rest_s)
            self._resting_until = now + self._rest_s

    # --- correcting and recalling -----------------------------------------------------------------------------------

    async def _change(self, job: Broadcast, copy: Copy) -> None:
        """Done again after a kill, it changes nothing: so an answer that never came is asked for anew."""
        recalling = job.state is State.RECALLING
        outcome = await (self._recalled(job, copy) if recalling else self._corrected(job, copy))
        self._rest(outcome)
        match outcome:
            case Sent():
                gone = {"fate": Fate.RECALLED} if recalling else {}
                await self._settled(job, copy, tried=job.task, shows=job.task, **gone)
            case Later(after_s):
                self.pace.hold(copy.user_id, after_s)
                await self._settled(job, copy, due_at=self._store.now_ms() + int(after_s * 1000))
            case Uncertain():
                await self._settled(job, copy, due_at=self._store.now_ms() + 2000)
            case _:
                await self._settled(job, copy, tried=job.task)

    async def _corrected(self, job: Broadcast, copy: Copy) -> Outcome:
        body, word = await self._store.read(
            lambda tx: (content_of(tx, job), self._word("broadcast_mark", tx.recipient(copy.user_id)))
        )
        content = body["content"]
        assert isinstance(content, dict)  # noqa: S101  # as `amend` stored it
        return await self._copier.rewrite(copy.user_id, copy.message_id, marked(content, word), has_file=job.has_file)

    async def _recalled(self, job: Broadcast, copy: Copy) -> Outcome:
        outcome = await self._copier.remove(copy.user_id, copy.message_id)
        if not isinstance(outcome, Rejected):
            return outcome
        user = await self._store.read(lambda tx: tx.recipient(copy.user_id))
        content = {"text": self._word("broadcast_withdrawn", user)}
        return await self._copier.rewrite(copy.user_id, copy.message_id, content, has_file=job.has_file)

    def _word(self, kind: str, user: User | None) -> str:
        return self._render(Notice(kind, {}), user).plain

    # --- where it ends ----------------------------------------------------------------------------------------------

    async def _end_if_through(self, job: Broadcast) -> None:
        if self._under_way:
            await self._idle.wait()
            return
        task = None if job.state is State.SENDING else job.task
        if not await self._store.read(lambda tx: tx.broadcasts.count_open(job.id, task)):
            await self._end(job, "")

    async def _end(self, job: Broadcast, reason: str) -> None:
        """Once; with the report, in place of the card. Where its author may no more, all admins hear of it."""

        def unit(tx: Transaction) -> None:
            if not tx.broadcasts.move(job.id, [job.state], state=State.ENDED, reason=reason, ended_at=tx.now_ms):
                return
            if not self._under_way:
                tx.broadcasts.leave_uncertain(job.id)
            ended = tx.broadcasts.get(job.id) or job
            told = self._rules.admins() if reason == "no_right" else {job.author} - {DESK}
            for admin in told:
                to = Address(admin, 0, ended.card_id if admin == job.author else 0)
                tx.tell(f"broadcast:{job.id}:{tx.now_ms}:{admin}", Lane.ANSWER, admin, to, card(tx, ended))

        self._after.pop(job.id, None)
        self._progress.forget(job)
        await self._store.write(unit)

    # --- rows -------------------------------------------------------------------------------------------------------

    async def _put_off(self, job: Broadcast, copy: Copy, wait_s: float) -> None:
        await self._settled(job, copy, due_at=self._store.now_ms() + int(wait_s * 1000))

    async def _settled(self, job: Broadcast, copy: Copy, **changes: object) -> None:
        """What came of it is noted, also where the disk does not serve at once: else it would be in doubt."""
        for attempt in range(TRIES):
            try:
                await self._store.write(lambda tx: tx.broadcasts.settle(job.id, copy.user_id, **changes))
            except Unavailable:
                await asyncio.sleep(2**attempt / 10)
            else:
                return


def _due(tx: Transaction, job: Broadcast, after: int, now_ms: int) -> list[Copy]:
    if job.state is State.SENDING:
        return tx.broadcasts.waiting(job.id, after, now_ms, PAGE)
    return tx.broadcasts.unchanged(job.id, job.task, after, now_ms, PAGE)
