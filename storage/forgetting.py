"""Forgetting a person: every row of his, and a ledger beside the database, so that an older copy forgets him again."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from storage.audit import Audit

OWNED = {
    "data_keys": "owner",
    "accounts": "user_id",
    "addresses": "user_id",
    "guards": "user_id",
    "key_links": "user_id",
    "intents": "user_id",
    "orders": "user_id",
    "swaps": "user_id",
    "swap_stages": "user_id",
    "dialogs": "user_id",
    "outbox": "user_id",
    "loudness": "user_id",
    "quiet_hours": "user_id",
    "alerts": "user_id",
    "audit": "user_id",
    "broadcasts": "author",
    "broadcast_copies": "user_id",
    "readers": "user_id",
    "users": "id",
}
"""Every table that tells of a person, and the column that names him. The key of what is sealed goes first."""

_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What still binds a person to the desk: orders and swaps whose outcome is not known yet, open orders it follows,
    and swaps on which money may be under way.
    """

    intents: int
    orders: int
    swaps: int


class People:
    def __init__(self, db: Database) -> None:
        self._db = db

    def unfinished(self, user_id: int) -> Unfinished:
        """An order is followed as long as its account is here and not frozen.

        `needs_human` does not count: the desk has done what it can, and the person has been told.
        """
        intents = self._count(
            "intents WHERE user_id = ? AND state IN ('confirmed', 'prepared', 'sending', 'unknown')", user_id
        )
        orders = self._count(
            "orders JOIN accounts ON accounts.id = orders.account_id AND accounts.state = 'active'"
            " WHERE orders.user_id = ? AND orders.ended_at = 0",
            user_id,
        )
        # One that nobody paid in time, or that failed, is with the provider: it needs us no more.
        swaps = self._count(
            "swaps WHERE user_id = ? AND done_at = 0 AND stage NOT IN ('failed', 'overdue', 'expired')", user_id
        )
        return Unfinished(intents, orders, swaps)

    def erase(self, user_id: int) -> None:
        """Idempotent. What his data key had sealed opens no more, wherever a copy of it lies."""
        audit = Audit(self._db, 0)
        audit.open_for(user_id)
        for table, column in OWNED.items():
            self._db.conn.execute(f"DELETE FROM {table} WHERE {column} = ?", (user_id,))
        audit.close()

    def known(self) -> list[tuple[int, int]]:
        """Everybody there is something of, and since when: milliseconds since 1970."""
        rows = self._db.conn.execute(
            "SELECT id, max(since) FROM (SELECT id, created_at AS since FROM users"
            " UNION ALL SELECT owner, created_at FROM data_keys WHERE owner <> 0) AS everybody GROUP BY id"
        )
        return [(int(user_id), int(since)) for user_id, since in rows]

    def obeyed(self) -> int:
        """How much of the ledger, in bytes, this database knows of: less than there is where it was put back."""
        row = self._db.conn.execute("SELECT value FROM desk WHERE name = 'forgotten'").fetchone()
        return int(row[0]) if row else 0

    def note_obeyed(self, size: int, now_ms: int) -> None:
        self._db.conn.execute(
            "INSERT INTO desk (name, value, changed_at) VALUES ('forgotten', ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
            (str(size), now_ms),
        )

    def _count(self, rest: str, user_id: int) -> int:
        return int(self._db.conn.execute(f"SELECT count(*) FROM {rest}", (user_id,)).fetchone()[0])


class Ledger:
    """Who was forgotten, and when: one line each, by a keyed hash that nobody without the vault key can make.

    Not part of the database, and so not taken back with it: keep it where it is when you restore a backup.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def size(self) -> int:
        """In bytes. It only grows."""
        return self._path.stat().st_size if self._path.exists() else 0

    def append(self, digest: bytes, now_ms: int) -> None:
        """Durable when it returns."""
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # A line that a kill cut off stays alone: this one begins anew.
            os.write(descriptor, f"\n{now_ms} {digest.hex()}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def entries(self) -> dict[bytes, int]:
        """When each was forgotten last. Raises OSError; lines that are none are passed over."""
        found: dict[bytes, int] = {}
        if not self._path.exists():
            return found
        for line in self._path.read_text(encoding="ascii", errors="replace").splitlines():
            when, _, digest = line.partition(" ")
            with suppress(ValueError):
                if len(key := bytes.fromhex(digest)) == _DIGEST_BYTES:
                    found[key] = max(found.get(key, 0), int(when))
        return found


def forget_again(people: People, ledger: Ledger, called: Callable[[int], bytes], now_ms: int) -> int:
    """Erases whom the ledger names, but one who came back since; returns how many. `called`: what it calls a person."""
    if people.obeyed() == ledger.size:
        return 0
    entries = ledger.entries()
    gone = [user_id for user_id, since in people.known() if since <= entries.get(called(user_id), -1)]
    for user_id in gone:
        people.erase(user_id)
    people.note_obeyed(ledger.size, now_ms)
    return len(gone)
