"""What is to be told: one row a message, one cause a row, claimed by lease, settled with what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from bot.domain.notices import Address, Lane
from bot.domain.telling import Topic

_LANES = tuple(Lane)
_COLUMNS = "id, cause, lane, user_id, chat_id, reply_to, edits, sealed, created_at, tries, topic"
_ALONE = (
    "(one.edits = 0 OR NOT EXISTS (SELECT 1 FROM outbox AS other WHERE other.chat_id = one.chat_id"
    " AND other.edits = one.edits AND other.edits > 0 AND other.lease_until >= ? AND other.id <> one.id))"
)
"""No other edit of the same message is on its way: it might arrive later than this one, and stay."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One claimed row. `tries` counts this claim too. `topic`: None where it is an answer, or asks for an act."""

    id: int
    cause: str
    lane: Lane
    user_id: int
    address: Address
    sealed: bytes
    created_at: int
    tries: int
    topic: Topic | None = None


class Outbox:
    def __init__(self, db: Database) -> None:
        self._db = db

    def add(
        self,
        cause: str,
        lane: Lane,
        user_id: int,
        to: Address,
        sealed: bytes,
        now_ms: int,
        *,
        after_ms: int = 0,
        topic: Topic | None = None,
    ) -> bool:
        """Idempotent by cause: False where it was said, or is to be said, already.

        What waits to edit the same message is never sent any more: this is newer.
        """
        cursor = self._db.conn.execute(
            "INSERT INTO outbox (cause, lane, user_id, chat_id, reply_to, edits, sealed, created_at, due_at, topic)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (cause) DO NOTHING",
            (
                *(cause, _LANES.index(lane), user_id, to.chat_id, to.reply_to, to.edits, sealed),
                *(now_ms, now_ms + after_ms, topic or ""),
            ),
        )
        added = cursor.rowcount > 0
        if added and to.edits:
            self._db.conn.execute(
                "UPDATE outbox SET state = 'superseded', settled_at = ? WHERE state = 'waiting'"
                " AND chat_id = ? AND edits = ? AND edits > 0 AND cause <> ?",
                (now_ms, to.chat_id, to.edits, cause),
            )
        return added

    def claim(
        self,
        now_ms: int,
        lease_until: int,
        limit: int,
        lanes: Sequence[Lane] = _LANES,
        *,
        since_ms: int = 0,
    ) -> list[Parcel]:
        """Compare-and-set: what is returned is this caller's until `lease_until`. First lane first, then oldest.

        `since_ms`: what may be told late, and is older, is left.
        """
        marks = ", ".join("?" * len(lanes))
        rows = self._db.conn.execute(
            f"UPDATE outbox SET lease_until = ?, tries = tries + 1 WHERE id IN (SELECT id FROM outbox AS one"
            f" WHERE state = 'waiting' AND due_at <= ? AND lease_until < ? AND lane IN ({marks})"
            f" AND (topic = '' OR created_at >= ?) AND {_ALONE} ORDER BY lane, due_at, id LIMIT ?)"
            f" RETURNING {_COLUMNS}",
            (lease_until, now_ms, now_ms, *(_LANES.index(lane) for lane in lanes), since_ms, now_ms, limit),
        ).fetchall()
        return sorted(map(_parcel, rows), key=lambda parcel: (_LANES.index(parcel.lane), parcel.id))

    def claim_one(self, cause: str, now_ms: int, lease_until: int) -> Parcel | None:
        row = self._db.conn.execute(
            "UPDATE outbox AS one SET lease_until = ?, tries = tries + 1 WHERE cause = ? AND state = 'waiting'"
            f" AND due_at <= ? AND lease_until < ? AND {_ALONE} RETURNING {_COLUMNS}",
            (lease_until, cause, now_ms, now_ms, now_ms),
        ).fetchone()
        return _parcel(row) if row else None

    def release(self, now_ms: int) -> None:
        """What a process that is no more had claimed: to be told again, but a broadcast, which may have arrived."""
        broadcast = _LANES.index(Lane.BROADCAST)
        claimed = "state IN ('waiting', 'superseded') AND lease_until > 0"
        self._db.conn.execute(
            f"UPDATE outbox SET state = 'uncertain', settled_at = ?, lease_until = 0 WHERE {claimed} AND lane = ?",
            (now_ms, broadcast),
        )
        self._db.conn.execute(f"UPDATE outbox SET lease_until = 0 WHERE {claimed}")

    def settle(self, parcel_id: int, state: str, now_ms: int) -> None:
        self._db.conn.execute(
            "UPDATE outbox SET state = ?, settled_at = ?, lease_until = 0 WHERE id = ?", (state, now_ms, parcel_id)
        )

    def postpone(self, parcel_id: int, due_at: int) -> None:
        self._db.conn.execute("UPDATE outbox SET due_at = ?, lease_until = 0 WHERE id = ?", (due_at, parcel_id))

    def hurry(self, now_ms: int) -> None:
        """All that waits for a later hour is looked at now: the clock was set back, and that hour may be far away."""
        self._db.conn.execute("UPDATE outbox SET due_at = ? WHERE state = 'waiting' AND due_at > ?", (now_ms, now_ms))

    def count_waiting(self) -> int:
        return int(self._db.conn.execute("SELECT count(*) FROM outbox WHERE state = 'waiting'").fetchone()[0])

    def tidy(self, before_ms: int) -> None:
        self._db.conn.execute("DELETE FROM outbox WHERE state <> 'waiting' AND settled_at < ?", (before_ms,))


def _parcel(row: tuple[int, str, int, int, int, int, int, bytes, int, int, str]) -> Parcel:
    parcel_id, cause, lane, user_id, chat_id, reply_to, edits, sealed, created_at, tries, topic = row
    address = Address(chat_id, reply_to, edits)
    told_of = Topic(topic) if topic else None
    return Parcel(parcel_id, cause, _LANES[lane], user_id, address, sealed, created_at, tries, told_of)
