"""Intents: each step a compare-and-set, so that of many who try one wins."""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlite_utils import Database

from bot.domain.intents import OPEN, RESERVING, UNSENT, Action, Intent, State, may_move
from bot.domain.money import EXACT

_COLUMNS = (
    "id, user_id, account_id, vendor, action, state, symbol, request, offer, usd, chat_id, created_at, expires_at,"
    " day, client_id, order_id, reason, message_id, sent_at, settled_at, due_at, absent, absent_since"
)
_MAY_COME = {*UNSENT, State.SENDING, *OPEN}
_ALIVE = "state IN ('confirmed', 'prepared', 'sending', 'unknown', 'needs_human')"
"""Word for word as in the index of those few: so that no look at them reads all the others."""

LONGEST_PAUSE_MS = 15 * 60 * 1000
"""No row is due later than that. One that seems to be was dated by a clock that has been set back since."""


class Intents:
    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, intent: Intent) -> None:
        """Raises IntegrityError where its client id is taken."""
        names = _COLUMNS.split(", ")
        values = [_stored(name, getattr(intent, name)) for name in names]
        self._db.conn.execute(
            f"INSERT INTO intents ({_COLUMNS}) VALUES ({', '.join('?' * len(names))})",
            values,
        )

    def get(self, intent_id: str) -> Intent | None:
        return self._one("WHERE id = ?", intent_id)

    def confirm(self, intent_id: str, user_id: int, message_id: int, day: str, now_ms: int) -> Intent | None:
        """For its owner, while it is offered, before it expires: the first gets it, all others None.

        An offer made later than now was made under another clock: nobody can say how old it is.
        """
        return self._one(
            "UPDATE intents SET state = 'confirmed', message_id = ?, day = ?, due_at = ? WHERE id = ? AND user_id = ?"
            " AND state = 'offered' AND expires_at > ? AND created_at <= ? RETURNING " + _COLUMNS,
            message_id, day, now_ms, intent_id, user_id, now_ms, now_ms,
        )  # fmt: skip

    def move(self, intent_id: str, before: State, after: State, **changes: object) -> Intent | None:
        """Compare-and-set from `before`; None where it stands elsewhere. Raises ValueError for a way that is none."""
        if not may_move(before, after):
            raise ValueError(f"no intent goes from {before} to {after}")
        return self._change(intent_id, before, state=after, **changes)

    def keep(self, intent_id: str, state: State, **changes: object) -> Intent | None:
        """Changes what else is noted of it, where it still stands so."""
        return self._change(intent_id, state, **changes)

    def reserved_usd(self, user_id: int, day: str) -> Decimal:
        """What counts toward this day's limit."""
        marks = ", ".join("?" * len(RESERVING))
        rows = self._db.conn.execute(
            f"SELECT usd FROM intents WHERE user_id = ? AND day = ? AND day <> '' AND state IN ({marks})",
            (user_id, day, *RESERVING),
        )
        total = Decimal(0)
        for (usd,) in rows:
            total = EXACT.add(total, Decimal(usd))
        return total

    def count_of_day(self, user_id: int, day: str, action: Action, account_id: str) -> int:
        """How many of that kind count on this day: done, under way, or perhaps done."""
        marks = ", ".join("?" * len(RESERVING))
        row = self._db.conn.execute(
            "SELECT count(*) FROM intents WHERE user_id = ? AND day = ? AND day <> '' AND action = ? AND account_id = ?"
            f" AND state IN ({marks})",
            (user_id, day, action.value, account_id, *RESERVING),
        ).fetchone()
        return int(row[0])

    def set_usd(self, intent_id: str, usd: Decimal) -> None:
        """What it came to in the end."""
        self._db.conn.execute("UPDATE intents SET usd = ? WHERE id = ?", (f"{usd:f}", intent_id))

    def due(self, now_ms: int, limit: int) -> list[Intent]:
        """Sent, and to be asked about now; longest due first."""
        return self._all(
            f"WHERE {_ALIVE} AND state IN ({_marks(OPEN)}) AND (due_at <= ? OR due_at > ?) ORDER BY due_at LIMIT ?",
            *OPEN, now_ms, now_ms + LONGEST_PAUSE_MS, limit,
        )  # fmt: skip

    def standing(self, states: Iterable[State]) -> list[Intent]:
        chosen = tuple(states)
        alive = f"{_ALIVE} AND " if set(chosen) <= _MAY_COME else ""
        return self._all(f"WHERE {alive}state IN ({_marks(chosen)}) ORDER BY created_at", *chosen)

    def unfinished(self, user_id: int) -> list[Intent]:
        """A person's own, of which something may still come."""
        chosen = (*UNSENT, State.SENDING, *OPEN)
        return self._all(f"WHERE user_id = ? AND state IN ({_marks(chosen)}) ORDER BY created_at", user_id, *chosen)

    def expire(self, before_ms: int) -> None:
        """Offers that nobody pressed. Nobody is told: their cards say until when they hold."""
        self._db.conn.execute(
            "UPDATE intents SET state = 'expired', settled_at = ? WHERE state = 'offered' AND expires_at <= ?",
            (before_ms, before_ms),
        )

    def tidy(self, before_ms: int) -> None:
        """Forgets offers that came to nothing."""
        self._db.conn.execute(
            "DELETE FROM intents WHERE state IN ('expired', 'refused') AND created_at < ?", (before_ms,)
        )

    def _change(self, intent_id: str, stands: State, **changes: object) -> Intent | None:
        sets = ", ".join(f"{name} = ?" for name in changes)
        values = [_stored(name, value) for name, value in changes.items()]
        return self._one(
            f"UPDATE intents SET {sets} WHERE id = ? AND state = ? RETURNING {_COLUMNS}", *values, intent_id, stands
        )

    def _one(self, clause: str, *values: object) -> Intent | None:
        query = clause if clause.startswith("UPDATE") else f"SELECT {_COLUMNS} FROM intents {clause}"
        row = self._db.conn.execute(query, values).fetchone()
        return _intent(row) if row else None

    def _all(self, clause: str, *values: object) -> list[Intent]:
        return [_intent(row) for row in self._db.conn.execute(f"SELECT {_COLUMNS} FROM intents {clause}", values)]


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)


def _stored(name: str, value: object) -> object:
    if name in {"request", "offer", "reason"}:
        return json.dumps(value, ensure_ascii=False)
    return f"{value:f}" if isinstance(value, Decimal) else value


def _intent(row: Sequence[Any]) -> Intent:
    found = dict(zip(_COLUMNS.split(", "), row, strict=True))
    found |= {name: json.loads(found[name] or "{}") for name in ("request", "offer", "reason")}
    return Intent(**found | {"action": Action(found["action"]), "state": State(found["state"]),
                             "usd": Decimal(found["usd"])})  # fmt: skip
