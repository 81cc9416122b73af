"""What holds for all: whether money moves, and when the whole was last copied."""

from sqlite_utils import Database

from storage import backups, put_back

_HALT = "halt"
_SWAP_KEY = "swap_key_refused"


class Desk:
    def __init__(self, db: Database) -> None:
        self._db = db

    def halted(self) -> bool:
        """By an admin, or because the database was put back and not all is asked for yet."""
        names = (_HALT, put_back.NAME)
        return self._db.conn.execute("SELECT 1 FROM desk WHERE name IN (?, ?)", names).fetchone() is not None

    def put_back_since(self) -> int:
        """Milliseconds since 1970; 0 where the desk is not held for that."""
        return put_back.PutBack(self._db).since()

    def backed_up_at(self) -> int:
        """Milliseconds since 1970; 0: never by this desk's own command."""
        row = self._db.conn.execute("SELECT changed_at FROM desk WHERE name = ?", (backups.NAME,)).fetchone()
        return int(row[0]) if row else 0

    def lift_put_back(self) -> bool:
        return put_back.PutBack(self._db).lift()

    def swap_key_refused_since(self, now_ms: int) -> int:
        """Notes, where it was not noted before, that the operator's key for swaps is turned away. Milliseconds."""
        self._db.conn.execute(
            "INSERT INTO desk (name, value, changed_by, changed_at) VALUES (?, 'on', 0, ?)"
            " ON CONFLICT (name) DO NOTHING",
            (_SWAP_KEY, now_ms),
        )
        (since,) = self._db.conn.execute("SELECT changed_at FROM desk WHERE name = ?", (_SWAP_KEY,)).fetchone()
        return int(since)

    def swap_key_taken(self) -> None:
        """It is taken again. Idempotent."""
        self._db.conn.execute("DELETE FROM desk WHERE name = ?", (_SWAP_KEY,))

    def set_halt(self, *, halted: bool, by: int, now_ms: int) -> bool:
        """Idempotent. True where it was otherwise before. To let orders leave lifts both."""
        if not halted:
            names = (_HALT, put_back.NAME)
            return self._db.conn.execute("DELETE FROM desk WHERE name IN (?, ?)", names).rowcount > 0
        cursor = self._db.conn.execute(
            "INSERT INTO desk (name, value, changed_by, changed_at) VALUES (?, 'on', ?, ?)"
            " ON CONFLICT (name) DO NOTHING",
            (_HALT, by, now_ms),
        )
        return cursor.rowcount > 0
