"""People's address books. What a line says is sealed: where somebody is paid is nobody else's business."""

from datetime import UTC, datetime

from sqlite_utils import Database

from bot.domain.addresses import Saved

_COLUMNS = "id, user_id, version, trusted_at, created_at"


class Addresses:
    """Lines come without what is sealed: `network`, `label`, `address` and `memo` are empty until it is opened."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of_user(self, user_id: int) -> list[tuple[Saved, bytes]]:
        """Oldest first, each with its seal."""
        rows = self._db.conn.execute(
            f"SELECT {_COLUMNS}, sealed FROM addresses WHERE user_id = ? ORDER BY created_at, id", (user_id,)
        )
        return [(_saved(*row[:-1]), bytes(row[-1])) for row in rows]

    def add(self, saved: Saved, sealed: bytes) -> None:
        self._db.conn.execute(
            "INSERT INTO addresses (id, user_id, version, trusted_at, created_at, sealed) VALUES (?, ?, ?, ?, ?, ?)",
            (saved.id, saved.user_id, saved.version, _ms(saved.trusted_at), _ms(saved.created_at), sealed),
        )

    def replace(self, saved: Saved, sealed: bytes) -> bool:
        """Compare-and-set from the version before. False where it changed meanwhile, or is gone."""
        cursor = self._db.conn.execute(
            "UPDATE addresses SET version = ?, sealed = ? WHERE id = ? AND user_id = ? AND version = ?",
            (saved.version, sealed, saved.id, saved.user_id, saved.version - 1),
        )
        return cursor.rowcount > 0

    def trust(self, address_id: str, now_ms: int) -> None:
        """From now on; one that was trusted before stays so."""
        self._db.conn.execute(
            "UPDATE addresses SET trusted_at = ? WHERE id = ? AND trusted_at > ?", (now_ms, address_id, now_ms)
        )

    def drop(self, user_id: int, address_id: str) -> bool:
        cursor = self._db.conn.execute("DELETE FROM addresses WHERE id = ? AND user_id = ?", (address_id, user_id))
        return cursor.rowcount > 0


def _saved(address_id: str, user_id: int, version: int, trusted_at: int, created_at: int) -> Saved:
    return Saved(address_id, user_id, "", "", _at(trusted_at), _at(created_at), version)


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
