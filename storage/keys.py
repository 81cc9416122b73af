"""The key ring and the wrapped data keys: rows only; what they open is the vault's business."""

from dataclasses import dataclass

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class RingKey:
    kek_id: str
    status: str
    check_value: bytes


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
        return [RingKey(*row) for row in self._db.conn.execute("SELECT kek_id, status, check_value FROM keyring")]

    def add_ring_key(self, key: RingKey, now_ms: int) -> None:
        self._db.conn.execute(
            "INSERT INTO keyring (kek_id, status, check_value, created_at) VALUES (?, ?, ?, ?)",
            (key.kek_id, key.status, key.check_value, now_ms),
        )

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
