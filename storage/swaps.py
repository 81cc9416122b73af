"""Swaps, watched to their end: a row each, a flight record of what was heard, and the nonces of signed calls."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from sqlite_utils import Database

from bot.domain.swap_log import StageNote, SwapRow
from bot.domain.swaps import RateKind, Stage

_NAMES = tuple(one.name for one in fields(SwapRow))
_COLUMNS = ", ".join(_NAMES)


@dataclass(frozen=True, slots=True)
class Due:
    """A swap to be looked after: as much of it as it takes to ask."""

    id: str
    account_id: str
    raw_stage: str
    every_s: int


class Swaps:
    def __init__(self, db: Database, now_ms: int) -> None:
        self._db = db
        self._now_ms = now_ms

    def add(self, row: SwapRow) -> bool:
        """False where another intent holds this swap, or this intent another swap."""
        marks = ", ".join("?" * len(_NAMES))
        cursor = self._db.conn.execute(
            f"INSERT INTO swaps ({_COLUMNS}) VALUES ({marks}) ON CONFLICT DO NOTHING",
            [_stored(getattr(row, name)) for name in _NAMES],
        )
        return cursor.rowcount > 0

    def get(self, swap_id: str) -> SwapRow | None:
        return self._one("WHERE id = ?", swap_id)

    def of_intent(self, intent_id: str) -> SwapRow | None:
        return self._one("WHERE intent_id = ?", intent_id)

    def of_user(self, user_id: int, most: int) -> list[SwapRow]:
        """Newest first."""
        return self._all("WHERE user_id = ? ORDER BY created_at DESC, id LIMIT ?", user_id, most)

    def of_user_like(self, user_id: int, beginning: str, most: int) -> list[SwapRow]:
        """A person's own whose ids begin so; the very id alone where there is one."""
        exact = self._all("WHERE user_id = ? AND id = ?", user_id, beginning)
        return exact or self._all(
            "WHERE user_id = ? AND substr(id, 1, ?) = ? ORDER BY created_at DESC LIMIT ?",
            user_id, len(beginning), beginning, most,
        )  # fmt: skip

    def due(self, now_ms: int, limit: int) -> list[Due]:
        """To be asked about now, longest due first."""
        rows = self._db.conn.execute(
            "SELECT id, account_id, raw_stage, every_s FROM swaps WHERE done_at = 0 AND due_at <= ?"
            " ORDER BY due_at LIMIT ?",
            (now_ms, limit),
        )
        return [Due(*row) for row in rows]

    def none_later(self, now_ms: int, times: float) -> None:
        """None is due later than so many of its pauses from now: one that seems to be was dated by another clock."""
        self._db.conn.execute(
            "UPDATE swaps SET due_at = ? WHERE done_at = 0 AND due_at > ? + every_s * 1000 * ?", (now_ms, now_ms, times)
        )

    def load(self) -> float:
        """How many a second are due, if each is looked after as often as it should be."""
        row = self._db.conn.execute("SELECT sum(1.0 / every_s) FROM swaps WHERE done_at = 0 AND every_s > 0").fetchone()
        return float(row[0] or 0)

    def update(self, swap_id: str, **changes: object) -> SwapRow | None:
        """None where nobody looks after it any more: it does not change then."""
        sets = ", ".join(f"{name} = ?" for name in changes)
        row = self._db.conn.execute(
            f"UPDATE swaps SET {sets} WHERE id = ? AND done_at = 0 RETURNING {_COLUMNS}",
            (*map(_stored, changes.values()), swap_id),
        ).fetchone()
        return _row(row) if row else None

    def looked(self, swap_id: str, *, every_s: int, due_at: int, done_at: int) -> None:
        """The provider has told of it just now. Runs for every look: it gives no row back."""
        self._db.conn.execute(
            "UPDATE swaps SET seen_at = ?, every_s = ?, due_at = ?, done_at = ? WHERE id = ? AND done_at = 0",
            (self._now_ms, every_s, due_at, done_at, swap_id),
        )

    def postpone(self, swap_id: str, due_at: int) -> None:
        self._db.conn.execute("UPDATE swaps SET due_at = ? WHERE id = ? AND done_at = 0", (due_at, swap_id))

    def note(self, row: SwapRow, note: StageNote) -> None:
        """One more line of its flight record."""
        self._db.conn.execute(
            "INSERT INTO swap_stages (swap_id, user_id, stage, raw, at, told) VALUES (?, ?, ?, ?, ?, ?)",
            (row.id, row.user_id, note.stage.value, note.raw, note.at, int(note.told)),
        )

    def record(self, swap_id: str) -> list[StageNote]:
        """Oldest first."""
        rows = self._db.conn.execute(
            "SELECT stage, raw, at, told FROM swap_stages WHERE swap_id = ? ORDER BY id", (swap_id,)
        )
        return [StageNote(Stage(stage), str(raw), int(at), bool(told)) for stage, raw, at, told in rows]

    def figures(self) -> dict[str, float]:
        """How many are watched, and by how much the longest due one is late."""
        (count,) = self._db.conn.execute("SELECT count(*) FROM swaps WHERE done_at = 0").fetchone()
        return {"swaps_watched": float(count), "swap_poll_lag_seconds": self.late_s()}

    def late_s(self) -> float:
        """By how much the longest due one is late."""
        (due_at,) = self._db.conn.execute("SELECT min(due_at) FROM swaps WHERE done_at = 0").fetchone()
        return 0.0 if due_at is None else max(0, self._now_ms - due_at) / 1000

    def next_nonce(self, key_id: str, at_least: int) -> int:
        """Larger than every one before it, whatever the clock says. In a write only."""
        row = self._db.conn.execute(
            "INSERT INTO nonces (key_id, last) VALUES (?, ?) ON CONFLICT (key_id) DO UPDATE"
            " SET last = max(nonces.last + 1, excluded.last) RETURNING last",
            (key_id, at_least),
        ).fetchone()
        return int(row[0])

    def _one(self, clause: str, *values: object) -> SwapRow | None:
        row = self._db.conn.execute(f"SELECT {_COLUMNS} FROM swaps {clause}", values).fetchone()
        return _row(row) if row else None

    def _all(self, clause: str, *values: object) -> list[SwapRow]:
        rows: Sequence[Any] = self._db.conn.execute(f"SELECT {_COLUMNS} FROM swaps {clause}", values).fetchall()
        return [_row(row) for row in rows]


def _stored(value: object) -> object:
    return value.value if isinstance(value, StrEnum) else value


def _row(row: Sequence[Any]) -> SwapRow:
    found = dict(zip(_NAMES, row, strict=True))
    return SwapRow(**found | {"kind": RateKind(found["kind"]), "stage": Stage(found["stage"])})
