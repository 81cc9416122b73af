"""Readers: when they were here, and what of that which is sent to many reaches them.

reader_card  how a reader is served: pace (of summaries), broadcasts (loud, silent, off); muted_until (milliseconds) is
             told just after he muted both
"""

from collections import OrderedDict
from collections.abc import Callable

import structlog

from bot.domain.errors import Unavailable
from bot.domain.notices import Mark, Notice
from bot.domain.readers import Pace
from bot.domain.telling import Loudness, Topic
from bot.domain.users import User
from storage.store import AlreadyAnswered, Store, Transaction

log = structlog.get_logger(__name__)

DAY_MS = 24 * 3_600_000
MOST_IN_MEMORY = 20_000
_FEWER = {Pace.EACH: Pace.WEEKLY, Pace.WEEKLY: Pace.OFF, Pace.OFF: Pace.OFF}


class Readers:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: OrderedDict[int, tuple[int, str]] = OrderedDict()

    def knows(self, user_id: int, language: str) -> bool:
        """That he was here today, and is answered in this language."""
        return self._seen.get(user_id) == (self._store.now_ms() // DAY_MS, language)

    async def see(self, user_id: int, language: str) -> None:
        """Losing it costs nothing."""
        self._seen[user_id] = self._store.now_ms() // DAY_MS, language
        self._seen.move_to_end(user_id)
        if len(self._seen) > MOST_IN_MEMORY:
            self._seen.popitem(last=False)
        try:
            await self._store.write(lambda tx: tx.readers.see(user_id, language, tx.now_ms))
        except Unavailable:
            self._seen.pop(user_id, None)

    async def subscribe(self, user: User, pace: Pace, mark: Mark) -> None:
        """Whoever subscribes wants to hear of it: a mute from before ends."""

        def unit(tx: Transaction) -> Notice:
            tx.readers.subscribe(user.id, pace)
            muted = tx.telling.wishes(user.id, tx.now_ms, "UTC").of(Topic.SUMMARIES) is Loudness.OFF
            if muted and pace is not Pace.OFF:
                tx.telling.choose(user.id, Topic.SUMMARIES, Loudness.SILENT)
            return _card(tx, user.id)

        await self._answered(mark, unit)

    async def fewer(self, user: User, mark: Mark) -> None:
        """One a week in place of each, none in place of one a week."""

        def unit(tx: Transaction) -> Notice:
            tx.readers.subscribe(user.id, _FEWER[tx.readers.get(user.id).summary])
            return _card(tx, user.id)

        await self._answered(mark, unit)

    async def choose_broadcasts(self, user: User, loudness: Loudness, mark: Mark) -> None:
        """Whether, and how loudly, what admins send to many reaches him."""

        def unit(tx: Transaction) -> Notice:
            tx.telling.choose(user.id, Topic.BROADCASTS, loudness)
            return _card(tx, user.id)

        await self._answered(mark, unit)

    async def mute(self, user: User, mark: Mark) -> None:
        """Neither summaries nor broadcasts for 24 hours; then what he chose holds again."""

        def unit(tx: Transaction) -> Notice:
            until = tx.now_ms + DAY_MS
            for topic in (Topic.BROADCASTS, Topic.SUMMARIES):
                tx.telling.pause(user.id, topic, until)
            card = _card(tx, user.id)
            return Notice(card.kind, card.values | {"muted_until": until})

        await self._answered(mark, unit)

    async def card(self, user: User) -> Notice:
        return await self._store.read(lambda tx: _card(tx, user.id))

    async def _answered(self, mark: Mark, act: Callable[[Transaction], Notice]) -> None:
        try:
            await self._store.write(lambda tx: tx.answer(mark, act(tx)))
        except AlreadyAnswered:
            return


def _card(tx: Transaction, user_id: int) -> Notice:
    loudness = tx.telling.wishes(user_id, tx.now_ms, "UTC").of(Topic.BROADCASTS)
    return Notice("reader_card", {"pace": tx.readers.get(user_id).summary, "broadcasts": loudness, "muted_until": 0})
