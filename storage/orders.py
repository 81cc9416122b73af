"""Orders placed here, followed to their end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from storage.intents import LONGEST_PAUSE_MS

_COLUMNS = (
    "id, account_id, vendor, order_id, intent_id, user_id, symbol, side, kind, wallet, amount, price, filled, average,"
    " state, chat_id, message_id, changes, due_at, created_at, ended_at"
)


@dataclass(frozen=True, slots=True)
class Followed:
    """One row. Money is text, '' where it is not known; instants are ms since 1970. `changes` counts what was told."""

    id: int
    account_id: str
    vendor: str
    order_id: str
    intent_id: str
    user_id: int
    symbol: str
    side: str
    kind: str
    wallet: str
    amount: str
    price: str
    filled: str
    average: str
    state: str
    chat_id: int
    message_id: int
    changes: int
    due_at: int
    created_at: int
    ended_at: int


class Orders:
    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, values: Mapping[str, object]) -> Followed:
        """Idempotent by account, symbol and order id: who comes second is given the first one's row."""
        names = tuple(values)
        self._db.conn.execute(
            f"INSERT INTO orders ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
            " ON CONFLICT (account_id, symbol, order_id) DO NOTHING",
            tuple(values.values()),
        )
        found = self.find(str(values["account_id"]), str(values["symbol"]), str(values["order_id"]))
        if found is None:
            raise LookupError("the row just added is not there")
        return found

    def find(self, account_id: str, symbol: str, order_id: str) -> Followed | None:
        found = self._all("WHERE account_id = ? AND symbol = ? AND order_id = ?", account_id, symbol, order_id)
        return found[0] if found else None

    def of_intent(self, intent_id: str) -> Followed | None:
        found = self._all("WHERE intent_id = ?", intent_id)
        return found[0] if found else None

    def of_user(self, user_id: int, order_id: str) -> list[Followed]:
        """A person's own of that id: several where two exchanges count alike."""
        return self._all("WHERE user_id = ? AND order_id = ? ORDER BY created_at DESC", user_id, order_id)

    def open_of(self, user_id: int, account_id: str = "") -> list[Followed]:
        """Newest first."""
        return self._all(
            "WHERE user_id = ? AND ended_at = 0 AND ? IN ('', account_id) ORDER BY created_at DESC", user_id, account_id
        )

    def symbols_of(self, user_id: int, account_id: str, limit: int) -> list[str]:
        """The pairs he had orders in at this account, the latest first."""
        rows = self._db.conn.execute(
            "SELECT symbol FROM orders WHERE user_id = ? AND account_id = ?"
            " GROUP BY symbol ORDER BY max(created_at) DESC LIMIT ?",
            (user_id, account_id, limit),
        )
        return [str(symbol) for (symbol,) in rows]

    def due_groups(self, now_ms: int, limit: int) -> list[tuple[str, str]]:
        """Account and symbol of what is to be looked after, longest due first."""
        rows = self._db.conn.execute(
            "SELECT account_id, symbol, min(due_at) AS due FROM orders"
            " WHERE ended_at = 0 AND (due_at <= ? OR due_at > ?) GROUP BY account_id, symbol ORDER BY due LIMIT ?",
            (now_ms, now_ms + LONGEST_PAUSE_MS, limit),
        )
        return [(str(account), str(symbol)) for account, symbol, _ in rows]

    def group(self, account_id: str, symbol: str) -> list[Followed]:
        """All that are open of one pair of one account."""
        return self._all("WHERE account_id = ? AND symbol = ? AND ended_at = 0 ORDER BY id", account_id, symbol)

    def update(self, row_id: int, **changes: object) -> Followed | None:
        """None where it has ended: an end does not change any more."""
        sets = ", ".join(f"{name} = ?" for name in changes)
        row = self._db.conn.execute(
            f"UPDATE orders SET {sets} WHERE id = ? AND ended_at = 0 RETURNING {_COLUMNS}",
            (*changes.values(), row_id),
        ).fetchone()
        return Followed(*row) if row else None

    def count_open(self) -> int:
        return int(self._db.conn.execute("SELECT count(*) FROM orders WHERE ended_at = 0").fetchone()[0])

    def _all(self, clause: str, *values: object) -> list[Followed]:
        rows: Sequence[Any] = self._db.conn.execute(f"SELECT {_COLUMNS} FROM orders {clause}", values).fetchall()
        return [Followed(*row) for row in rows]
