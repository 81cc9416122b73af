"""People as readers: their language as it is answered in, when they were last here, how many summaries they want."""

from sqlite_utils import Database

from bot.domain.readers import Pace, Reader

_COLUMNS = "language, seen_at, summary"


class Readers:
    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, user_id: int) -> Reader:
        row = self._db.conn.execute(f"SELECT {_COLUMNS} FROM readers WHERE user_id = ?", (user_id,)).fetchone()
        return Reader(row[0], row[1], Pace(row[2])) if row else Reader()

    def see(self, user_id: int, language: str, now_ms: int) -> None:
        self._db.conn.execute(
            "INSERT INTO readers (user_id, language, seen_at) VALUES (?, ?, ?) ON CONFLICT (user_id) DO UPDATE"
            " SET language = excluded.language, seen_at = excluded.seen_at",
            (user_id, language, now_ms),
        )

    def subscribe(self, user_id: int, pace: Pace) -> None:
        self._db.conn.execute(
            "INSERT INTO readers (user_id, summary) VALUES (?, ?)"
            " ON CONFLICT (user_id) DO UPDATE SET summary = excluded.summary",
            (user_id, pace),
        )

    def note_summary(self, broadcast_id: str, now_ms: int) -> None:
        """Whoever gets this one has had a summary now."""
        self._db.conn.execute(
            "UPDATE readers SET summary_at = ? WHERE user_id IN"
            " (SELECT user_id FROM broadcast_copies WHERE broadcast_id = ?)",
            (now_ms, broadcast_id),
        )
