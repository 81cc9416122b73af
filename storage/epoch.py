"""How far a database has come, counted in it and in a file beside it: so that an older copy put back is noticed."""

import os
from pathlib import Path

from sqlite_utils import Database

from storage.files import give_to_owner

_NAME = "epoch"


class Epoch:
    """The database counts first, the file follows: only a database that was put back is ever behind its file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def behind(self, db: Database) -> bool:
        return _counted(db) < self._told()

    def advance(self, db: Database, now_ms: int) -> int:
        """In a write; `tell` what it returns once that is committed."""
        reached = max(_counted(db), self._told()) + 1
        db.conn.execute(
            "INSERT INTO desk (name, value, changed_at) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
            (_NAME, str(reached), now_ms),
        )
        return reached

    def tell(self, reached: int) -> None:
        """Never backward, as another process may be telling as well. Raises OSError."""
        if reached <= self._told():
            return
        fresh = self._path.with_name(self._path.name + ".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(f"{reached}\n")
            file.flush()
            os.fsync(file.fileno())
        give_to_owner(fresh)
        fresh.replace(self._path)

    def _told(self) -> int:
        try:
            return int(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0


def _counted(db: Database) -> int:
    row = db.conn.execute("SELECT value FROM desk WHERE name = ?", (_NAME,)).fetchone()
    return int(row[0]) if row else 0
