"""The key ring and the wrapped data keys: rows only; what they open is the vault's business."""

from dataclasses import dataclass

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class RingKey:
    """`in_use`: a data key is still wrapped with it."""

    kek_id: str
    status: str
    check_value: bytes
    in_use: bool = False


@dataclass(frozen=True, slots=True)
class DataKey:
    owner: int
    kek_id: str
    version: int
    wrapped: bytes


class Keys:
    def __init__(self, db: Database) -> None:
        self._db = db

    def ring(self) -> list[RingKey]:
        rows = self._db.conn.execute(
            "SELECT kek_id, status, check_value,"
            " EXISTS (SELECT 1 FROM data_keys WHERE data_keys.kek_id = keyring.kek_id) FROM keyring ORDER BY created_at"
        )
        return [RingKey(kek_id, status, checked, bool(in_use)) for kek_id, status, checked, in_use in rows]

    def primary(self) -> str:
        """The id of the key that new data keys are wrapped with."""
        return str(self._db.conn.execute("SELECT kek_id FROM keyring WHERE status = 'primary'").fetchone()[0])

    def add_ring_key(self, key: RingKey, now_ms: int) -> None:
        self._db.conn.execute(
            "INSERT INTO keyring (kek_id, status, check_value, created_at) VALUES (?, ?, ?, ?)",
            (key.kek_id, key.status, key.check_value, now_ms),
        )

    def set_status(self, kek_id: str, status: str) -> None:
        self._db.conn.execute("UPDATE keyring SET status = ? WHERE kek_id = ?", (status, kek_id))

    def make_primary(self, kek_id: str) -> None:
        self._db.conn.execute("UPDATE keyring SET status = 'enabled' WHERE status = 'primary'")
        self.set_status(kek_id, "primary")

    def data_key(self, owner: int) -> DataKey | None:
        row = self._db.conn.execute(
            "SELECT owner, kek_id, version, wrapped FROM data_keys WHERE owner = ?", (owner,)
        ).fetchone()
        return DataKey(*row) if row else None

    def add_data_key(self, key: DataKey, now_ms: int) -> None:
        self._db.conn.execute(
            "INSERT INTO data_keys (owner, kek_id, version, wrapped, created_at) VALUES (?, ?, ?, ?, ?)",
            (key.owner, key.kek_id, key.version, key.wrapped, now_ms),
        )

    def not_under(self, kek_id: str, after_owner: int, limit: int) -> list[DataKey]:
        """Data keys wrapped with any other key, by owner. Owner numbers start at 0."""
        rows = self._db.conn.execute(
            "SELECT owner, kek_id, version, wrapped FROM data_keys WHERE owner > ? AND kek_id <> ?"
            " ORDER BY owner LIMIT ?",
            (after_owner, kek_id, limit),
        )
        return [DataKey(*row) for row in rows]

    def count_not_under(self, kek_id: str) -> int:
        row = self._db.conn.execute("SELECT count(*) FROM data_keys WHERE kek_id <> ?", (kek_id,)).fetchone()
        return int(row[0])

    def replace_data_key(self, old: DataKey, new: DataKey) -> bool:
        """Compare-and-set: False where the row is no longer `old`."""
        cursor = self._db.conn.execute(
            "UPDATE data_keys SET kek_id = ?, wrapped = ?"
            " WHERE owner = ? AND kek_id = ? AND version = ? AND wrapped = ?",
            (new.kek_id, new.wrapped, old.owner, old.kek_id, old.version, old.wrapped),
        )
        return cursor.rowcount > 0
