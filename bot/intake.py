"""From Telegram to the handlers: an update is stored, sealed, before Telegram may forget it; then its lane runs it.

One lane a person keeps his commands in order; lanes run side by side. What must not wait goes an express lane of his.
The inbox on disk is the queue; memory holds only its head, so a flood costs disk and not memory.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import structlog
from telegram.error import NetworkError

from bot.domain.errors import Unavailable
from bot.domain.ports import Clock
from bot.domain.updates import Ending, Incoming
from bot.scheduler import Nursery
from bot.telegram.api import BotApi, Refusal
from storage.inbox import Letter
from storage.store import Store
from storage.vault import SealBroken

log = structlog.get_logger(__name__)

AT_ONCE = 256
MOST_HELD = 4_000
PAGE = 500
LONG_POLL_S = 50
ALLOWED = ("message", "edited_message", "callback_query", "inline_query", "my_chat_member")
"""Edits are heard for one thing alone: a secret written into an old message."""
CONFLICT_PAUSE_S = 30.0
LONGEST_PAUSE_S = 30.0
STORAGE_PAUSE_S = 1.0
STALE = timedelta(seconds=90)

Run = Callable[[Incoming], Awaitable[Ending]]
LaneKey = tuple[int, bool]


class Intake:
    """`accept` is for whoever brings updates: the long poll here, or the webhook. `run` answers one."""

    def __init__(
        self, store: Store, run: Run, clock: Clock, nursery: Nursery, express: Collection[str], at_once: int = AT_ONCE
    ) -> None:
        self._store = store
        self._run = run
        self._clock = clock
        self._nursery = nursery
        self._express = express
        self._places = asyncio.Semaphore(at_once)
        self._lanes: dict[LaneKey, deque[tuple[Letter, dict[str, Any]]]] = {}
        self._held: set[int] = set()
        self._last_fed = 0
        self._last_left = 0
        self._behind = True
        self._closing = False
        self._catching_up = asyncio.Lock()
        self._idle = asyncio.Event()
        self._idle.set()
        self._later: dict[int, asyncio.TimerHandle] = {}
        self.accepted = 0

    async def accept(self, updates: Sequence[dict[str, Any]]) -> None:
        """Returns once the updates are durable; one that came before changes nothing. Raises Unavailable: keep them."""
        box = self._store.box
        sealed = [(raw["update_id"], box.seal(orjson.dumps(raw), "inbox", str(raw["update_id"]))) for raw in updates]
        raws = {raw["update_id"]: raw for raw in updates}
        letters = await self._store.write(lambda tx: tx.inbox.add(sealed, tx.now_ms))
        self.accepted += len(letters)
        for letter in letters:
            if self._behind or len(self._held) >= MOST_HELD or self._closing:
                self._behind, self._last_left = True, letters[-1].seq
                break
            # A catch-up that ran since the commit may have fed it already.
            if letter.seq > self._last_fed:
                self._feed(letter, raws[letter.update_id])

    async def catch_up(self) -> None:
        """Feeds what waits on disk, as far as there is room: after a start, and behind a flood. Raises Unavailable."""
        async with self._catching_up:
            while self._behind and not self._closing and len(self._held) <= MOST_HELD - PAGE:
                letters = await self._store.read(lambda tx: tx.inbox.waiting(self._last_fed, PAGE))
                for letter in letters:
                    self._feed_stored(letter)
                # What `accept` left on disk since this page was read is not in it.
                self._behind = len(letters) == PAGE or self._last_left > self._last_fed

    async def close(self, patience_s: float) -> None:
        """What runs may finish; what only waits stays in the inbox for the next start."""
        self._closing = True
        for timer in self._later.values():
            timer.cancel()
        if self._lanes:
            self._idle.clear()
            try:
                await asyncio.wait_for(self._idle.wait(), patience_s)
            except TimeoutError:
                log.warning("intake.unfinished", lanes=len(self._lanes))

    def figures(self) -> dict[str, float]:
        return {"updates_accepted_total": self.accepted, "updates_in_memory": len(self._held)}

    @property
    def behind(self) -> bool:
        return self._behind

    def _feed_stored(self, letter: Letter) -> None:
        try:
            raw = orjson.loads(self._store.box.open(letter.sealed, "inbox", str(letter.update_id)))
        except SealBroken:
            log.error("inbox.unreadable", update_id=letter.update_id)
            self._last_fed = max(self._last_fed, letter.seq)
            return
        self._feed(letter, raw)

    def _feed(self, letter: Letter, raw: dict[str, Any]) -> None:
        self._held.add(letter.seq)
        self._last_fed = max(self._last_fed, letter.seq)
        wait_s = letter.due_at / 1000 - self._clock.now().timestamp()
        if letter.due_at and wait_s > 0:
            self._put_later(letter, raw, wait_s)
        else:
            self._put(letter, raw)

    def _put_later(self, letter: Letter, raw: dict[str, Any], wait_s: float) -> None:
        def due() -> None:
            self._later.pop(letter.seq, None)
            self._put(letter, raw)

        self._later[letter.seq] = asyncio.get_running_loop().call_later(wait_s, due)

    def _put(self, letter: Letter, raw: dict[str, Any]) -> None:
        key = lane_of(raw, self._express)
        lane = self._lanes.get(key)
        if lane is not None:
            lane.append((letter, raw))
            return
        self._lanes[key] = deque([(letter, raw)])
        self._nursery.start(self._work(key), "intake.lane")

    async def _work(self, key: LaneKey) -> None:
        lane = self._lanes[key]
        while lane and not self._closing:
            await self._answer(*lane.popleft())
        for letter, _ in lane:
            self._held.discard(letter.seq)
        del self._lanes[key]
        if not self._lanes:
            self._idle.set()
        if self._behind and len(self._held) < MOST_HELD // 2:
            await self._try_to_catch_up()

    async def _answer(self, letter: Letter, raw: dict[str, Any]) -> None:
        place = _Place(self._places)
        await self._places.acquire()
        received_at = datetime.fromtimestamp(letter.received_at / 1000, UTC)
        try:
            ending = await self._run(
                Incoming(letter.seq, letter.update_id, raw, received_at, letter.tries, place.give_back)
            )
        except Exception:
            # A lane that died would hold back everything its person says from now on.
            log.exception("intake.run_failed", update_id=letter.update_id)
            ending = Ending(again_in_s=LONGEST_PAUSE_S)
        finally:
            place.give_back()
        await self._settle(letter, raw, ending)

    async def _settle(self, letter: Letter, raw: dict[str, Any], ending: Ending) -> None:
        if ending.again_in_s is not None and not self._closing:
            await self._postpone(letter, raw, ending.again_in_s)
            return
        if ending.again_in_s is None and not ending.stored:
            await self._finish(letter)
        self._held.discard(letter.seq)

    async def _finish(self, letter: Letter) -> None:
        """Until the disk takes it: an answered update must not come back while this process lives."""
        while True:
            try:
                await self._store.write(lambda tx: tx.inbox.finish(letter.seq))
            except Unavailable:
                if self._closing:
                    return
                await asyncio.sleep(STORAGE_PAUSE_S)
            else:
                return

    async def _postpone(self, letter: Letter, raw: dict[str, Any], wait_s: float) -> None:
        due_at, tries = self._store.now_ms() + int(wait_s * 1000), letter.tries + 1
        again = Letter(letter.seq, letter.update_id, letter.sealed, letter.received_at, due_at, tries)
        try:
            await self._store.write(lambda tx: tx.inbox.postpone(letter.seq, due_at, tries))
        except Unavailable:
            log.warning("inbox.postponed_in_memory", update_id=letter.update_id)
        self._put_later(again, raw, wait_s)

    async def _try_to_catch_up(self) -> None:
        try:
            await self.catch_up()
        except Unavailable:
            log.warning("inbox.behind")


class _Place:
    """One of the places that answer at once; given back once, early where the answer takes long."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places: asyncio.Semaphore | None = places

    def give_back(self) -> None:
        if self._places:
            self._places.release()
            self._places = None


class Poll:
    """The long poll: asks only for what there is room for, and moves on only past what is stored."""

    def __init__(self, api: BotApi, intake: Intake, clock: Clock, *, long_poll_s: int = LONG_POLL_S) -> None:
        self._api = api
        self._intake = intake
        self._clock = clock
        self._long_poll_s = long_poll_s
        self._offset = 0
        self._failures = 0
        self._closing = False
        self.last_ok: datetime | None = None
        self.trouble = ""

    def close(self) -> None:
        """Asks for nothing more. What an open request still brings is kept by Telegram until the next start."""
        self._closing = True

    def fault(self) -> str:
        """What keeps updates from coming; empty where nothing does."""
        if self.last_ok and self._clock.now() - self.last_ok > STALE:
            return self.trouble or "no answer to the long poll for more than 90 s"
        return self.trouble

    def figures(self) -> dict[str, float]:
        age_s = (self._clock.now() - self.last_ok).total_seconds() if self.last_ok else -1
        return {"poll_age_seconds": age_s, "poll_conflict": self.trouble == "conflict"}

    async def run(self) -> None:
        """For ever; ends by being cancelled, or at the next chance after `close`."""
        while not self._closing:
            try:
                await self._once()
            except Refusal as refusal:
                await self._refused(refusal)
            except NetworkError as error:
                await self._pause("telegram.unreachable", reason=type(error).__name__)
            except Unavailable:
                # The disk is ours: nobody is spared by asking it ever more rarely.
                await self._pause("intake.storage_down", at_most_s=STORAGE_PAUSE_S)
            except Exception:
                log.exception("poll.failed")  # our own mistake must not end the listening
                await self._pause("poll.failed")
            else:
                self._failures, self.trouble = 0, ""

    async def _once(self) -> None:
        if self._intake.behind:
            await self._intake.catch_up()
            if self._intake.behind:
                await asyncio.sleep(0.05)
                return
        ask = {"offset": self._offset, "timeout": self._long_poll_s, "limit": 100, "allowed_updates": ALLOWED}
        updates = await self._api.call("getUpdates", ask, self._long_poll_s + 10)
        self.last_ok = self._clock.now()
        if updates:
            await self._intake.accept(updates)
            self._offset = updates[-1]["update_id"] + 1

    async def _refused(self, refusal: Refusal) -> None:
        if refusal.code == 409 and refusal.says("webhook"):
            log.warning("poll.webhook_left_set", action="removed it; waiting updates are kept")
            await self._try("deleteWebhook", {"drop_pending_updates": False})
        elif refusal.code == 409:
            # Asking on would take updates from the other one as often as it takes them from us.
            self.trouble = "conflict"
            log.error(
                "poll.conflict", reason="another process asks for this bot's updates with the same token; stop one"
            )
            await asyncio.sleep(CONFLICT_PAUSE_S)
        else:
            await self._pause("poll.refused", at_least_s=refusal.retry_after_s, code=refusal.code)

    async def _try(self, method: str, params: dict[str, Any]) -> None:
        try:
            await self._api.call(method, params)
        except (Refusal, NetworkError):
            await self._pause("telegram.unreachable")

    async def _pause(
        self, event: str, at_least_s: float = 0, at_most_s: float = LONGEST_PAUSE_S, **more: object
    ) -> None:
        """Longer with each failure in a row, and never the same for two processes."""
        self._failures += 1
        self.trouble = event
        pause_s = max(at_least_s, min(at_most_s, 0.5 * 2 ** min(self._failures, 8)) * random.uniform(0.5, 1))  # noqa: S311  # jitter
        log.warning(event, pause_s=round(pause_s, 1), failures=self._failures, **more)
        await asyncio.sleep(pause_s)


def lane_of(raw: dict[str, Any], express: Collection[str]) -> LaneKey:
    """Whose update it is (of the chat, where nobody is named), and whether it goes the express way."""
    for kind in ALLOWED:
        if isinstance(content := raw.get(kind), dict):
            owner = next((found for name in ("from", "chat") if isinstance(found := content.get(name), dict)), {})
            word = str(content.get("text", ""))[:32].split(maxsplit=1)[:1]
            hurries = bool(word) and word[0].lstrip("/").partition("@")[0].lower() in express
            number = owner.get("id")
            return number if isinstance(number, int) else 0, hurries or kind == "callback_query"
    return 0, False
