"""How people want to be told, what they missed, and where a chat has gone. Changes end the update that asked for them.

Notices: `notify_saved` and `quiet_saved`, with the values of `told_of`.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from bot.domain.notices import Mark, Notice
from bot.domain.telling import CHOSEN, Loudness, Quiet, Topic, Untold, Wishes
from bot.domain.users import User
from storage.store import AlreadyAnswered, Store, Transaction

HOUR_MS = 3_600_000
LONGEST_PAUSE_H = 24 * 31


class Telling:
    """`zone`: of who has chosen none."""

    def __init__(self, store: Store, zone: str) -> None:
        self._store = store
        self._zone = zone

    async def wishes(self, user_id: int) -> Wishes:
        return await self._store.read(lambda tx: tx.telling.wishes(user_id, tx.now_ms, self._zone))

    async def choose(self, user: User, topic: Topic, loudness: Loudness, mark: Mark) -> None:
        def unit(tx: Transaction) -> None:
            tx.telling.choose(user.id, topic, loudness)
            self._saved(tx, user, "notify_saved", mark)

        await self._write(unit)

    async def pause(self, user: User, topic: Topic, hours: int, mark: Mark) -> None:
        """Off for so long; then what he had chosen holds again."""

        def unit(tx: Transaction) -> None:
            tx.telling.pause(user.id, topic, tx.now_ms + hours * HOUR_MS)
            self._saved(tx, user, "notify_saved", mark)

        await self._write(unit)

    async def choose_quiet(self, user: User, quiet: Quiet | None, mark: Mark) -> None:
        """What had been put off for the old hours goes by the new ones."""

        def unit(tx: Transaction) -> None:
            tx.telling.choose_quiet(user.id, quiet)
            tx.late.bring_forward(user.id, tx.now_ms)
            self._saved(tx, user, "quiet_saved", mark)

        await self._write(unit)

    async def missed(self, user_id: int, size: int, page: int) -> tuple[list[Untold], int]:
        """One page of what came as a line of another message, or not at all, latest first; and how many there are."""

        def unit(tx: Transaction) -> tuple[list[Untold], int]:
            rows, count = tx.late.missed(user_id, size, page * size)
            return [Untold(_moment(row.created_at), row.state, notice) for row, notice in tx.notices_of(rows)], count

        return await self._store.read(unit)

    async def chat_moved(self, old: int, new: int) -> None:
        """A group became a supergroup. Idempotent."""
        await self._store.write(lambda tx: tx.move_chat(old, new))

    def _saved(self, tx: Transaction, user: User, kind: str, mark: Mark) -> None:
        tx.dialogs.end(user.id, mark.address.chat_id)
        tx.answer(mark, Notice(kind, told_of(tx.telling.wishes(user.id, tx.now_ms, self._zone))))

    async def _write(self, unit: Callable[[Transaction], None]) -> None:
        try:
            await self._store.write(unit)
        except AlreadyAnswered:
            return


def told_of(wishes: Wishes) -> dict[str, object]:
    """`zone`; `loudness` by topic; `quiet`: its `start` and `end` as HH:MM and whether it `holds`, or None."""
    quiet = wishes.quiet
    return {
        "zone": wishes.zone,
        "loudness": {topic.value: wishes.of(topic).value for topic in CHOSEN},
        "quiet": quiet and {"start": f"{quiet.start:%H:%M}", "end": f"{quiet.end:%H:%M}", "holds": quiet.holds},
    }


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
