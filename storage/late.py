"""What could not be told in time, or not at all: put off, told as one, listed for who asks; rows of the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from bot.domain.notices import Lane
from bot.domain.telling import Topic

_LANES = tuple(Lane)
_UNASKED = f"+lane IN ({_LANES.index(Lane.MONEY)}, {_LANES.index(Lane.ALERT)})"
"""An answer is waited for, and a broadcast keeps its own account: of all else what is late may be told as one. The sign
before it keeps SQLite from looking for these rows lane by lane.
"""

_CAN_WAIT = f"state = 'waiting' AND {_UNASKED} AND edits = 0 AND topic <> ''"

_NOT_ARRIVED = "state IN ('muted', 'digested', 'gone', 'failed')"
"""As the index of these rows has it."""

_MISSED = f"user_id = ? AND {_NOT_ARRIVED} AND edits = 0 AND topic <> '{Topic.DIGEST}'"


@dataclass(frozen=True, slots=True)
class Missed:
    """A row that did not reach its reader as a message of its own: `state` says how that came."""

    cause: str
    sealed: bytes
    created_at: int
    state: str
    topic: Topic | None


_COLUMNS = "cause, sealed, created_at, state, topic"


class Late:
    def __init__(self, db: Database) -> None:
        self._db = db

    def bring_forward(self, user_id: int, now_ms: int) -> None:
        """What waits for a better hour is looked at anew: its reader has changed his mind about hours."""
        self._db.conn.execute(
            f"UPDATE outbox SET due_at = ? WHERE user_id = ? AND +due_at > ? AND {_CAN_WAIT}", (now_ms, user_id, now_ms)
        )

    def revive(self, user_id: int, now_ms: int) -> bool:
        """He is there again: what had found nobody, and was not asked for, is to be told. True where there is any."""
        cursor = self._db.conn.execute(
            "UPDATE outbox SET state = 'waiting', due_at = ?, settled_at = 0 WHERE user_id = ? AND chat_id = ?"
            f" AND {_NOT_ARRIVED} AND state = 'gone' AND edits = 0 AND {_UNASKED}",
            (now_ms, user_id, user_id),
        )
        return cursor.rowcount > 0

    def late(self, now_ms: int, before_ms: int, least: int, limit: int) -> list[tuple[int, int]]:
        """Chat and reader of those to whom so many messages are due that are older than `before_ms`; or one is, and a
        digest waits for them already.
        """
        begun = f"SELECT 1 FROM outbox AS other WHERE other.user_id = one.user_id AND {_CAN_WAIT} AND topic = 'digest'"
        rows = self._db.conn.execute(
            f"SELECT chat_id, user_id FROM outbox AS one WHERE {_CAN_WAIT} AND topic <> 'digest' AND created_at < ?"
            " AND +due_at <= ? AND lease_until < ? GROUP BY chat_id, user_id"
            f" HAVING count(*) >= ? OR EXISTS ({begun} AND lease_until < ?) LIMIT ?",
            (before_ms, now_ms, now_ms, least, now_ms, limit),
        )
        return [(int(chat_id), int(user_id)) for chat_id, user_id in rows]

    def late_of(self, chat_id: int, user_id: int, now_ms: int, before_ms: int) -> list[tuple[int, Topic]]:
        """Their ids and topics, oldest first; of digests every one that waits."""
        rows = self._db.conn.execute(
            f"SELECT id, topic FROM outbox WHERE {_CAN_WAIT} AND chat_id = ? AND user_id = ? AND +due_at <= ?"
            " AND lease_until < ? AND (topic = 'digest' OR created_at < ?) ORDER BY id",
            (chat_id, user_id, now_ms, now_ms, before_ms),
        )
        return [(int(row_id), Topic(topic)) for row_id, topic in rows]

    def id_of(self, cause: str) -> int:
        return int(self._db.conn.execute("SELECT id FROM outbox WHERE cause = ?", (cause,)).fetchone()[0])

    def put_into(self, digest_id: int, row_ids: Sequence[int], now_ms: int) -> None:
        """These rows are told as lines of that one."""
        self._db.conn.executemany(
            "UPDATE outbox SET state = 'digested', digest = ?, settled_at = ? WHERE id = ?",
            [(digest_id, now_ms, row_id) for row_id in row_ids],
        )

    def lines_of(self, digest_id: int, most: int) -> tuple[list[Missed], int]:
        """The latest rows told by that one, oldest first; and how many there are in all."""
        return self._listed("digest > 0 AND digest = ?", digest_id, most, 0, "ASC")

    def missed(self, user_id: int, limit: int, offset: int) -> tuple[list[Missed], int]:
        """What reached him as a line of another message, or not at all; latest first, and how many there are."""
        return self._listed(_MISSED, user_id, limit, offset, "DESC")

    def _listed(self, where: str, key: int, limit: int, offset: int, order: str) -> tuple[list[Missed], int]:
        rows = self._db.conn.execute(
            f"SELECT {_COLUMNS} FROM (SELECT * FROM outbox WHERE {where} ORDER BY id DESC LIMIT ? OFFSET ?) AS latest"
            f" ORDER BY id {order}",
            (key, limit, offset),
        )
        count = self._db.conn.execute(f"SELECT count(*) FROM outbox WHERE {where}", (key,)).fetchone()[0]
        return [_missed(row) for row in rows], int(count)


def _missed(row: tuple[str, bytes, int, str, str]) -> Missed:
    cause, sealed, created_at, state, topic = row
    return Missed(cause, sealed, created_at, state, Topic(topic) if topic else None)
