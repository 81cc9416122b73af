"""A database older than what the desk has done: put back from a backup. No money moves until the truth is asked for."""

from sqlite_utils import Database

from bot.domain.notices import Lane

NAME = "put_back"
_MARKED, _ASKING = "marked", "asking"
_BROADCAST = tuple(Lane).index(Lane.BROADCAST)


class PutBack:
    def __init__(self, db: Database) -> None:
        self._db = db

    def mark(self, now_ms: int) -> None:
        """By whoever restores. The next start holds."""
        self._note(_MARKED, now_ms)

    @property
    def marked(self) -> bool:
        return self._row()[0] == _MARKED

    def since(self) -> int:
        """Milliseconds since 1970; 0 where the desk is not held."""
        return self._row()[1]

    def hold(self, now_ms: int) -> None:
        """Whatever may have been sent since the copy was made is not known now; whatever may have been told to many is
        not told again. Idempotent.

        An offer may have been pressed after the copy was made, so it counts; an offer to cancel moves no money.
        """
        self._note(_ASKING, now_ms)
        self._db.conn.execute(
            "UPDATE intents SET state = 'expired', settled_at = ? WHERE state = 'offered' AND action = 'cancel'",
            (now_ms,),
        )
        self._db.conn.execute(
            "UPDATE intents SET state = 'unknown', due_at = ?, absent = 0, absent_since = 0,"
            " sent_at = CASE sent_at WHEN 0 THEN created_at ELSE sent_at END"
            " WHERE state IN ('offered', 'confirmed', 'prepared', 'sending', 'unknown', 'needs_human')",
            (now_ms,),
        )
        self._db.conn.execute(
            "UPDATE outbox SET state = 'uncertain', settled_at = ?, lease_until = 0"
            " WHERE state = 'waiting' AND lane = ?",
            (now_ms, _BROADCAST),
        )

    def lift(self) -> bool:
        """True where it held. Idempotent."""
        return self._db.conn.execute("DELETE FROM desk WHERE name = ?", (NAME,)).rowcount > 0

    def _row(self) -> tuple[str, int]:
        row = self._db.conn.execute("SELECT value, changed_at FROM desk WHERE name = ?", (NAME,)).fetchone()
        return (str(row[0]), int(row[1])) if row else ("", 0)

    def _note(self, value: str, now_ms: int) -> None:
        self._db.conn.execute(
            "INSERT INTO desk (name, value, changed_at) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
            (NAME, value, now_ms),
        )
