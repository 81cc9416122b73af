"""What is counted for the operator, over whole tables and on disk. No row of anybody's, and nobody's name."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Room:
    """On disk: what the database takes with its log, and what is left beside it."""

    used_bytes: int
    free_bytes: int


class Counts:
    def __init__(self, db: Database) -> None:
        self._db = db

    def intents(self) -> dict[tuple[str, str], int]:
        """By action and state."""
        rows = self._db.conn.execute(
            "SELECT action, state, count(*) FROM intents GROUP BY action, state ORDER BY action, state"
        )
        return {(str(action), str(state)): int(count) for action, state, count in rows}

    def key_rows(self) -> dict[str, int]:
        """Data keys by the id of the key that wraps them."""
        rows = self._db.conn.execute(
            "SELECT keyring.kek_id, count(data_keys.owner) FROM keyring"
            " LEFT JOIN data_keys ON data_keys.kek_id = keyring.kek_id GROUP BY keyring.kek_id"
        )
        return {str(kek_id): int(count) for kek_id, count in rows}

    def outbox_due_since(self, now_ms: int) -> int:
        """When the message that waits longest was due; now, where none is."""
        row = self._db.conn.execute(
            "SELECT min(due_at) FROM outbox WHERE state = 'waiting' AND due_at <= ?", (now_ms,)
        ).fetchone()
        return now_ms if row[0] is None else int(row[0])


def room_of(path: Path) -> Room:
    """Raises OSError."""
    files = [Path(f"{path}{end}") for end in ("", "-wal", "-shm")]
    used = sum(file.stat().st_size for file in files if file.exists())
    return Room(used, shutil.disk_usage(path.parent).free)
