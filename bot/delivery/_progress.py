"""The card of a broadcast that is under way: a bar, a rate and what is left, drawn anew every few seconds."""

from collections.abc import Callable
from dataclasses import replace

import structlog

from bot.domain.broadcasts import Broadcast
from bot.domain.errors import Unavailable
from bot.domain.notices import Address, Notice
from bot.domain.ports import Clock
from bot.domain.replies import Reply
from bot.domain.users import User
from bot.scheduler import Nursery
from bot.services._broadcast_cards import card
from bot.services.broadcasts import DESK
from bot.telegram.sending import Sender, Sent
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

CARD_EVERY_S = 3.0
Render = Callable[[Notice, User | None], Reply]
Drawn = tuple[float, int, dict[str, object]]
"""When a card was drawn last, in which message, and what of."""
_NEVER: Drawn = (float("-inf"), 0, {})
_THROUGH = ("sent", "gone", "failed", "uncertain", "done", "vain")


class Progress:
    def __init__(self, store: Store, sender: Sender, render: Render, clock: Clock, nursery: Nursery) -> None:
        self._store = store
        self._sender = sender
        self._render = render
        self._clock = clock
        self._nursery = nursery
        self._drawn: dict[str, Drawn] = {}
        self._drawing = False

    def show(self, job: Broadcast) -> None:
        """How far it is, every few seconds where that is news; nothing waits for it."""
        before = self._drawn.get(job.id, _NEVER)
        if self._clock.monotonic() - before[0] < CARD_EVERY_S or self._drawing or job.author == DESK:
            return
        self._drawing = True
        self._nursery.start(self._draw(job, before), "broadcast.card")

    async def _draw(self, job: Broadcast, before: Drawn) -> None:
        try:
            notice, user = await self._store.read(lambda tx: (card(tx, job), reader_of(tx, job.author)))
            now = self._drawn[job.id] = (self._clock.monotonic(), job.card_id, notice.values)
            if before[1:] == now[1:]:
                return
            place = job.card_id or await self._new_card(job, notice, user)
            rate = _rate(before, now)
            await self._sender.send(
                Address(job.author, 0, place), self._render(Notice(notice.kind, notice.values | {"rate": rate}), user)
            )
            # What ended meanwhile has been told so; this edit may have come after that.
            ended = await self._store.read(lambda tx: tx.broadcasts.get(job.id))
            if ended and ended.state is not job.state:
                notice = await self._store.read(lambda tx: card(tx, ended))
                await self._sender.send(Address(job.author, 0, place), self._render(notice, user))
        except Unavailable:
            log.warning("broadcast.storage_down")
        finally:
            self._drawing = False

    async def _new_card(self, job: Broadcast, notice: Notice, user: User | None) -> int:
        outcome = await self._sender.send(Address(job.author), self._render(notice, user))
        place = outcome.message_id if isinstance(outcome, Sent) else 0
        await self._store.write(lambda tx: tx.broadcasts.move(job.id, [job.state], card_id=place))
        return place

    def forget(self, job: Broadcast) -> None:
        self._drawn.pop(job.id, None)


def reader_of(tx: Transaction, user_id: int) -> User | None:
    """A person with the language he is answered in, where he has chosen none."""
    user = tx.users.get(user_id)
    return replace(user, language=user.language or tx.readers.get(user_id).language) if user else None


def _rate(before: Drawn, now: Drawn) -> float:
    """Copies a second since the card was last drawn; 0 where that cannot be said."""
    if not before[2]:
        return 0.0
    through = [sum(_number(values, name) for name in _THROUGH) for _, _, values in (before, now)]
    return max(0.0, (through[1] - through[0]) / max(1.0, now[0] - before[0]))


def _number(values: dict[str, object], name: str) -> int:
    value = values.get(name, 0)
    return value if isinstance(value, int) else 0
