"""What a person chose for his own safety: the lock, limits, a phrase, a second step. Sealed values stay sealed here."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class SecondStep:
    """`sealed` is the shared secret. `last_step`: the 30 s step of the code last used; 0 while it is being set up.

    `wrong` codes in a row; none is taken before `barred_until` (ms).
    """

    sealed: bytes
    last_step: int
    wrong: int
    barred_until: int

    @property
    def active(self) -> bool:
        return self.last_step > 0


class Guards:
    def __init__(self, db: Database) -> None:
        self._db = db

    def locked(self, user_id: int) -> bool:
        row = self._one("locked_at", user_id)
        return bool(row and row[0])

    def lock(self, user_id: int, now_ms: int) -> None:
        """Idempotent: the first moment stays."""
        self._db.conn.execute(
            "INSERT INTO guards (user_id, locked_at) VALUES (?, ?)"
            " ON CONFLICT (user_id) DO UPDATE SET locked_at = excluded.locked_at WHERE guards.locked_at = 0",
            (user_id, now_ms),
        )

    def unlock(self, user_id: int) -> None:
        self._db.conn.execute("UPDATE guards SET locked_at = 0 WHERE user_id = ?", (user_id,))

    def limits(self, user_id: int) -> tuple[Decimal | None, Decimal | None]:
        """Per order and per day in USD, as he set them; None: he did not."""
        row = self._one("per_order_usd, per_day_usd", user_id)
        return (_amount(row[0]), _amount(row[1])) if row else (None, None)

    def set_limits(self, user_id: int, per_order: Decimal, per_day: Decimal) -> None:
        self._set(user_id, "per_order_usd", f"{per_order:f}")
        self._set(user_id, "per_day_usd", f"{per_day:f}")

    def phrase(self, user_id: int) -> bytes:
        """Sealed; empty where he chose none."""
        row = self._one("phrase", user_id)
        return bytes(row[0]) if row and row[0] else b""

    def set_phrase(self, user_id: int, sealed: bytes) -> None:
        """Empty: none any more."""
        self._set(user_id, "phrase", sealed or None)

    def second_step(self, user_id: int) -> SecondStep | None:
        row = self._one("totp, totp_step, wrong_codes, barred_until", user_id)
        if row is None or row[0] is None:
            return None
        return SecondStep(bytes(row[0]), int(str(row[1])), int(str(row[2])), int(str(row[3])))

    def enrol(self, user_id: int, sealed: bytes) -> None:
        """Begins to set one up. The count of wrong codes goes on: a new secret gives no new tries."""
        self._set(user_id, "totp", sealed)
        self._set(user_id, "totp_step", 0)

    def code_used(self, user_id: int, step: int) -> bool:
        """Compare-and-set: False where this step's code, or a later one, was used before."""
        cursor = self._db.conn.execute(
            "UPDATE guards SET totp_step = ?, wrong_codes = 0, barred_until = 0 WHERE user_id = ? AND totp_step < ?",
            (step, user_id, step),
        )
        return cursor.rowcount > 0

    def code_wrong(self, user_id: int, wrong: int, barred_until: int) -> None:
        self._db.conn.execute(
            "UPDATE guards SET wrong_codes = ?, barred_until = ? WHERE user_id = ?", (wrong, barred_until, user_id)
        )

    def end_second_step(self, user_id: int) -> None:
        self._db.conn.execute("UPDATE guards SET totp = NULL, totp_step = 0 WHERE user_id = ?", (user_id,))

    def _one(self, columns: str, user_id: int) -> tuple[Any, ...] | None:
        row = self._db.conn.execute(f"SELECT {columns} FROM guards WHERE user_id = ?", (user_id,)).fetchone()
        return tuple(row) if row else None

    def _set(self, user_id: int, column: str, value: object) -> None:
        self._db.conn.execute(
            f"INSERT INTO guards (user_id, {column}) VALUES (?, ?)"
            f" ON CONFLICT (user_id) DO UPDATE SET {column} = excluded.{column}",
            (user_id, value),
        )


def _amount(text: object) -> Decimal | None:
    return Decimal(str(text)) if text else None
