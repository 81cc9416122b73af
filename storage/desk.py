"""What the operator decides for all: whether money moves."""

from sqlite_utils import Database

_HALT = "halt"


class Desk:
    def __init__(self, db: Database) -> None:
        self._db = db

    def halted(self) -> bool:
        return self._db.conn.execute("SELECT 1 FROM desk WHERE name = ?", (_HALT,)).fetchone() is not None

    def set_halt(self, *, halted: bool, by: int, now_ms: int) -> bool:
        """Idempotent. True where it was otherwise before."""
        if not halted:
            return self._db.conn.execute("DELETE FROM desk WHERE name = ?", (_HALT,)).rowcount > 0
        cursor = self._db.conn.execute(
            "INSERT INTO desk (name, value, changed_by, changed_at) VALUES (?, 'on', ?, ?)"
            " ON CONFLICT (name) DO NOTHING",
            (_HALT, by, now_ms),
        )
        return cursor.rowcount > 0
