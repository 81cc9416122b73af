"""Updates that Telegram handed over, sealed, until they are answered; then their ids, until they cannot come again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Letter:
    """One stored update. `tries` counts the runs that ended without an answer."""

    seq: int
    update_id: int
    sealed: bytes
    received_at: int
    due_at: int
    tries: int


class Inbox:
    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, updates: Sequence[tuple[int, bytes]], now_ms: int) -> list[Letter]:
        """Stores what is new, in order, and returns it; an update that came before is passed over."""
        letters = []
        for update_id, sealed in updates:
            row = self._db.conn.execute(
                "INSERT INTO inbox (update_id, sealed, received_at) VALUES (?, ?, ?)"
                " ON CONFLICT (update_id) DO NOTHING RETURNING seq",
                (update_id, sealed, now_ms),
            ).fetchone()
            if row:
                letters.append(Letter(row[0], update_id, sealed, now_ms, 0, 0))
        return letters

    def waiting(self, after_seq: int, limit: int) -> list[Letter]:
        rows = self._db.conn.execute(
            "SELECT seq, update_id, sealed, received_at, due_at, tries FROM inbox"
            " WHERE sealed IS NOT NULL AND seq > ? ORDER BY seq LIMIT ?",
            (after_seq, limit),
        )
        return [Letter(*row) for row in rows]

    def all_waiting(self) -> Iterator[Letter]:
        """As they are met, page by page: some may be finished meanwhile."""
        after = 0
        while page := self.waiting(after, _PAGE):
            yield from page
            after = page[-1].seq

    def finish(self, seq: int) -> bool:
        """Answered. Idempotent; False where it was finished before."""
        return (
            self._db.conn.execute(
                "UPDATE inbox SET sealed = NULL WHERE seq = ? AND sealed IS NOT NULL", (seq,)
            ).rowcount
            > 0
        )

    def postpone(self, seq: int, due_at: int, tries: int) -> None:
        self._db.conn.execute("UPDATE inbox SET due_at = ?, tries = ? WHERE seq = ?", (due_at, tries, seq))

    def count_waiting(self) -> int:
        return int(self._db.conn.execute("SELECT count(*) FROM inbox WHERE sealed IS NOT NULL").fetchone()[0])

    def tidy(self, before_ms: int) -> None:
        """Forget the ids of updates answered that long ago. Telegram keeps an update for 24 hours at most.

        The newest row stays: without it the numbers would begin anew, below those that were fed already.
        """
        self._db.conn.execute(
            "DELETE FROM inbox WHERE sealed IS NULL AND received_at < ? AND seq < (SELECT max(seq) FROM inbox)",
            (before_ms,),
        )
