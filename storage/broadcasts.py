"""Broadcasts, and one row for each person's copy: made in one statement, claimed one by one, settled by what came."""

import json
from collections.abc import Iterable, Sequence

from sqlite_utils import Database

from bot.domain.broadcasts import AT_WORK, Audience, Broadcast, Copy, Fate, Kind, Reach, Role, State
from bot.domain.telling import Topic

_COLUMNS = (
    "id, author, kind, state, audience, chat_id, source_id, has_file, silent, zone, due_at, created_at, started_at,"
    " ended_at, corrected_at, recalled_at, task, card_id, reason, people, muted, unreachable"
)
_NAMES = _COLUMNS.split(", ")
_AT_WORK = ", ".join(f"'{state}'" for state in AT_WORK)
_WEEK_MS = 7 * 24 * 3_600_000
_NEARLY_A_WEEK_MS = _WEEK_MS - 12 * 3_600_000
_PEOPLE = (
    "users LEFT JOIN readers ON readers.user_id = users.id"
    " LEFT JOIN loudness ON loudness.user_id = users.id AND loudness.topic = :topic"
)
_WANTS = "(coalesce(loudness.loudness, '') <> 'off' AND coalesce(loudness.off_until, 0) <= :now)"
_ROLES = {
    Role.EVERYONE: "",
    Role.MEMBERS: " AND users.standing IN ('member', 'admin')",
    Role.GUESTS: " AND users.standing NOT IN ('member', 'admin')",
}


class Broadcasts:
    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, broadcast: Broadcast, body: bytes | None = None, picture: bytes | None = None) -> None:
        """`body`: sealed words of its own, where it is no copy of a message."""
        values = [_stored(broadcast, name) for name in _NAMES]
        self._db.conn.execute(
            f"INSERT INTO broadcasts ({_COLUMNS}, body, picture) VALUES ({', '.join('?' * len(_NAMES))}, ?, ?)",
            (*values, body, picture),
        )

    def get(self, broadcast_id: str) -> Broadcast | None:
        return next(iter(self._all("WHERE id = ?", broadcast_id)), None)

    def latest(self, limit: int) -> list[Broadcast]:
        """Without drafts; newest first."""
        return self._all("WHERE state NOT IN ('draft', 'cancelled') ORDER BY created_at DESC, id LIMIT ?", limit)

    def at_work(self) -> list[Broadcast]:
        """Those that are worked on; who was begun first, first."""
        return self._all(f"WHERE state IN ({_AT_WORK}) ORDER BY started_at, id")

    def due(self, now_ms: int) -> list[Broadcast]:
        return self._all("WHERE state = 'scheduled' AND due_at <= ? ORDER BY due_at, id", now_ms)

    def content(self, broadcast_id: str) -> tuple[bytes | None, bytes | None]:
        """Its sealed words and its picture."""
        row = self._db.conn.execute("SELECT body, picture FROM broadcasts WHERE id = ?", (broadcast_id,)).fetchone()
        return (row[0], row[1]) if row else (None, None)

    def move(self, broadcast_id: str, before: Iterable[State], **changes: object) -> bool:
        """Compare-and-set: of two who press at once, one. `changes` by column, `state` as a rule among them."""
        states = list(before)
        sets = ", ".join(f"{name} = ?" for name in changes)
        cursor = self._db.conn.execute(
            f"UPDATE broadcasts SET {sets} WHERE id = ? AND state IN ({', '.join('?' * len(states))})",
            (*changes.values(), broadcast_id, *states),
        )
        return cursor.rowcount > 0

    # --- who gets it ------------------------------------------------------------------------------------------------

    def reach(self, audience: Audience, now_ms: int) -> Reach:
        """How many it would be now."""
        chosen, values = _chosen(audience, now_ms)
        row = self._db.conn.execute(
            f"SELECT coalesce(sum(reachable AND wants), 0), coalesce(sum(reachable AND NOT wants), 0),"
            f" coalesce(sum(NOT reachable), 0)"
            f" FROM (SELECT users.reachable AS reachable, {_WANTS} AS wants FROM {_PEOPLE} WHERE {chosen}) AS them",
            values,
        ).fetchone()
        return Reach(*map(int, row))

    def address(self, broadcast_id: str, audience: Audience, now_ms: int) -> int:
        """A row for everybody who gets it, in one statement; how many. Who has one already gets no second."""
        chosen, values = _chosen(audience, now_ms)
        cursor = self._db.conn.execute(
            "INSERT INTO broadcast_copies (broadcast_id, user_id, fate) SELECT :id, users.id, 'waiting'"
            f" FROM {_PEOPLE} WHERE {chosen} AND users.reachable = 1 AND {_WANTS}"
            " ON CONFLICT (broadcast_id, user_id) DO NOTHING",
            values | {"id": broadcast_id},
        )
        return cursor.rowcount

    # --- copies -----------------------------------------------------------------------------------------------------

    def waiting(self, broadcast_id: str, after: int, now_ms: int, limit: int) -> list[Copy]:
        """Behind the person `after`, by his number."""
        return self._copies("fate = 'waiting' AND due_at <= ?", broadcast_id, after, now_ms, limit)

    def unchanged(self, broadcast_id: str, task: int, after: int, now_ms: int, limit: int) -> list[Copy]:
        """Delivered ones that this task has not been tried on."""
        return self._copies(
            f"fate = 'sent' AND tried < {int(task)} AND due_at <= ?", broadcast_id, after, now_ms, limit
        )

    def count_open(self, broadcast_id: str, task: int | None) -> int:
        """How many are still to be sent; or, with a task, to be changed."""
        still = "fate = 'waiting'" if task is None else f"fate = 'sent' AND tried < {int(task)}"
        row = self._db.conn.execute(
            f"SELECT count(*) FROM broadcast_copies WHERE broadcast_id = ? AND {still}", (broadcast_id,)
        ).fetchone()
        return int(row[0])

    def claim(self, broadcast_id: str, user_id: int) -> bool:
        """Compare-and-set, just before it is sent. False where somebody else has it, or it was stopped meanwhile."""
        cursor = self._db.conn.execute(
            "UPDATE broadcast_copies SET fate = 'sending' WHERE broadcast_id = ? AND user_id = ? AND fate = 'waiting'"
            " AND EXISTS (SELECT 1 FROM broadcasts WHERE id = ? AND state = 'sending')",
            (broadcast_id, user_id, broadcast_id),
        )
        return cursor.rowcount > 0

    def settle(self, broadcast_id: str, user_id: int, **changes: object) -> None:
        sets = ", ".join(f"{name} = ?" for name in changes)
        self._db.conn.execute(
            f"UPDATE broadcast_copies SET {sets} WHERE broadcast_id = ? AND user_id = ?",
            (*changes.values(), broadcast_id, user_id),
        )

    def tally(self, broadcast_id: str) -> dict[str, int]:
        """How many copies met each fate. Summed up in passing: sorted into groups, they would all be held in memory."""
        sums = ", ".join(f"coalesce(sum(fate = '{fate}'), 0)" for fate in Fate)
        row = self._db.conn.execute(f"SELECT {sums} FROM broadcast_copies WHERE broadcast_id = ?", (broadcast_id,))
        counts = zip(Fate, row.fetchone(), strict=True)
        return {fate.value: int(count) for fate, count in counts if count}

    def changed(self, broadcast_id: str, task: int) -> tuple[int, int]:
        """Of the delivered copies: on how many this task was done, and on how many it was tried in vain."""
        row = self._db.conn.execute(
            "SELECT coalesce(sum(shows = ?), 0), coalesce(sum(tried = ? AND shows < ?), 0) FROM broadcast_copies"
            " WHERE broadcast_id = ? AND fate IN ('sent', 'recalled')",
            (task, task, task, broadcast_id),
        ).fetchone()
        return int(row[0]), int(row[1])

    def uncertain(self, broadcast_id: str, limit: int) -> list[tuple[int, str]]:
        """Who may or may not have got it: number and name."""
        rows = self._db.conn.execute(
            "SELECT users.id, users.name FROM broadcast_copies JOIN users ON users.id = broadcast_copies.user_id"
            " WHERE broadcast_id = ? AND fate = 'uncertain' ORDER BY users.id LIMIT ?",
            (broadcast_id, limit),
        )
        return [(int(user_id), str(name)) for user_id, name in rows]

    def send_again(self, broadcast_id: str) -> int:
        """The uncertain ones wait anew; how many."""
        cursor = self._db.conn.execute(
            "UPDATE broadcast_copies SET fate = 'waiting', due_at = 0 WHERE broadcast_id = ? AND fate = 'uncertain'",
            (broadcast_id,),
        )
        return cursor.rowcount

    def leave_uncertain(self, broadcast_id: str = "") -> None:
        """What was on its way, and nobody knows of any more: of one broadcast, or of all."""
        of_one = " AND broadcast_id = ?" if broadcast_id else ""
        self._db.conn.execute(
            f"UPDATE broadcast_copies SET fate = 'uncertain' WHERE fate = 'sending'{of_one}",
            (broadcast_id,) if broadcast_id else (),
        )

    def stop_all(self, now_ms: int) -> None:
        """The database was put back: what it takes for unsent may have been sent since."""
        self._db.conn.execute(
            f"UPDATE broadcasts SET state = 'ended', reason = 'put_back', ended_at = ? WHERE state IN ({_AT_WORK})",
            (now_ms,),
        )
        self._db.conn.execute("UPDATE broadcasts SET state = 'missed', reason = 'put_back' WHERE state = 'scheduled'")

    def tidy(self, before_ms: int) -> None:
        """Broadcasts that ended, and drafts made, before that; copies go with them."""
        self._db.conn.execute(
            "DELETE FROM broadcasts WHERE (state = 'ended' AND ended_at < ?)"
            f" OR (state NOT IN ({_AT_WORK}, 'ended', 'scheduled') AND created_at < ?)",
            (before_ms, before_ms),
        )
        self._db.conn.execute("DELETE FROM broadcast_copies WHERE broadcast_id NOT IN (SELECT id FROM broadcasts)")

    def _copies(self, which: str, broadcast_id: str, after: int, now_ms: int, limit: int) -> list[Copy]:
        rows = self._db.conn.execute(
            "SELECT user_id, fate, message_id, tried FROM broadcast_copies WHERE broadcast_id = ? AND user_id > ?"
            f" AND {which} ORDER BY user_id LIMIT ?",
            (broadcast_id, after, now_ms, limit),
        )
        return [Copy(user_id, Fate(fate), message_id, tried) for user_id, fate, message_id, tried in rows]

    def _all(self, rest: str, *values: object) -> list[Broadcast]:
        rows: Sequence[Sequence[object]] = self._db.conn.execute(
            f"SELECT {_COLUMNS} FROM broadcasts {rest}", values
        ).fetchall()
        return [_broadcast(row) for row in rows]


def stored_audience(audience: Audience) -> str:
    return json.dumps([audience.language, audience.role, audience.active_days, audience.subscribers])


def _chosen(audience: Audience, now_ms: int) -> tuple[str, dict[str, object]]:
    """The condition for all of the audience, whether or not it reaches them, and its values."""
    chosen = "users.standing <> 'blocked'" + _ROLES[audience.role]
    if audience.language:
        chosen += " AND readers.language = :language"
    if audience.active_days:
        chosen += " AND readers.seen_at >= :since"
    if audience.subscribers:
        chosen += " AND (readers.summary = 'each' OR (readers.summary = 'weekly' AND readers.summary_at <= :week))"
    return chosen, {
        "now": now_ms,
        "topic": Topic.SUMMARIES if audience.subscribers else Topic.BROADCASTS,
        "language": audience.language,
        "since": now_ms - audience.active_days * 86_400_000,
        "week": now_ms - _NEARLY_A_WEEK_MS,
    }


def _stored(broadcast: Broadcast, name: str) -> object:
    if name == "audience":
        return stored_audience(broadcast.audience)
    if name in {"people", "muted", "unreachable"}:
        return getattr(broadcast.reach, name)
    value = getattr(broadcast, name)
    return int(value) if isinstance(value, bool) else value


def _broadcast(row: Sequence[object]) -> Broadcast:
    values = dict(zip(_NAMES, row, strict=True))
    language, role, days, subscribers = json.loads(str(values.pop("audience")))
    reach = Reach(*(int(str(values.pop(name))) for name in ("people", "muted", "unreachable")))
    flags = {name: bool(values.pop(name)) for name in ("has_file", "silent")}
    kind, state = Kind(str(values.pop("kind"))), State(str(values.pop("state")))
    audience = Audience(language, Role(role), days, subscribers)
    return Broadcast(kind=kind, state=state, audience=audience, reach=reach, **flags, **values)  # type: ignore[arg-type]  # the schema gives the types
