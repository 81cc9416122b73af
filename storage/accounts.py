"""Keys at vendors, and the one-time invitations to hand one over. What is sealed here only the transaction can open."""

import json
from datetime import UTC, datetime
from sqlite3 import Row

from sqlite_utils import Database

from bot.domain.accounts import Health, Held, Invitation, KeyState

MOST_TRIES = 5
_COLUMNS = "id, user_id, vendor, label, version, fingerprint, state, health, checked_at, created_at"
_UNDECIDED = "('confirmed', 'prepared', 'sending', 'unknown')"


class Accounts:
    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, account_id: str) -> Held | None:
        row = self._db.conn.execute(f"SELECT {_COLUMNS} FROM accounts WHERE id = ?", (account_id,)).fetchone()
        return _held(row) if row else None

    def of_user(self, user_id: int) -> list[Held]:
        """Oldest first."""
        rows = self._db.conn.execute(
            f"SELECT {_COLUMNS} FROM accounts WHERE user_id = ? ORDER BY created_at, id", (user_id,)
        )
        return [_held(row) for row in rows]

    def sealed(self, account_id: str) -> bytes | None:
        row = self._db.conn.execute("SELECT sealed FROM accounts WHERE id = ?", (account_id,)).fetchone()
        return bytes(row[0]) if row else None

    def add(self, held: Held, sealed: bytes) -> None:
        """IntegrityError where the person has one of this vendor and label."""
        self._db.conn.execute(
            "INSERT INTO accounts (id, user_id, vendor, label, version, sealed, fingerprint, state, health, checked_at,"
            " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                held.id, held.user_id, held.vendor, held.label, held.version, sealed, held.fingerprint, held.state,
                _health_text(held.health), _ms(held.checked_at), _ms(held.created_at),
            ),
        )  # fmt: skip

    def replace(self, held: Held, sealed: bytes, old_version: int) -> bool:
        """Compare-and-set on the version: False where another replacement came first, or the row is gone."""
        cursor = self._db.conn.execute(
            "UPDATE accounts SET version = ?, sealed = ?, fingerprint = ?, state = ?, health = ?, checked_at = ?"
            " WHERE id = ? AND version = ?",
            (
                held.version, sealed, held.fingerprint, held.state, _health_text(held.health), _ms(held.checked_at),
                held.id, old_version,
            ),
        )  # fmt: skip
        return cursor.rowcount > 0

    def note_health(self, held: Held, health: Health, state: KeyState, now_ms: int) -> bool:
        """What the vendor said of this version of the key. False where it was replaced or dropped meanwhile."""
        cursor = self._db.conn.execute(
            "UPDATE accounts SET health = ?, state = ?, checked_at = ? WHERE id = ? AND version = ?",
            (_health_text(health), state, now_ms, held.id, held.version),
        )
        return cursor.rowcount > 0

    def rename(self, account_id: str, label: str) -> None:
        self._db.conn.execute("UPDATE accounts SET label = ? WHERE id = ?", (label, account_id))

    def drop(self, account_id: str) -> bool:
        return self._db.conn.execute("DELETE FROM accounts WHERE id = ?", (account_id,)).rowcount > 0

    def undecided(self, account_id: str) -> int:
        """Orders of this key whose outcome is not known yet: without the key it never would be."""
        row = self._db.conn.execute(
            f"SELECT count(*) FROM intents WHERE account_id = ? AND state IN {_UNDECIDED}", (account_id,)
        ).fetchone()
        return int(row[0])

    def watched(self, account_id: str) -> int:
        """Orders and swaps of this key that are followed to their end."""
        row = self._db.conn.execute(
            "SELECT (SELECT count(*) FROM orders WHERE account_id = ? AND ended_at = 0)"
            " + (SELECT count(*) FROM swaps WHERE account_id = ? AND done_at = 0)",
            (account_id, account_id),
        ).fetchone()
        return int(row[0])

    def due(self, checked_before_ms: int, limit: int) -> list[Held]:
        """Longest unchecked first. Frozen ones are left alone."""
        rows = self._db.conn.execute(
            f"SELECT {_COLUMNS} FROM accounts WHERE state = 'active' AND checked_at <= ? ORDER BY checked_at LIMIT ?",
            (checked_before_ms, limit),
        )
        return [_held(row) for row in rows]

    # --- invitations ------------------------------------------------------------------------------------------------

    def invite(self, token_hash: str, invitation: Invitation) -> None:
        """A newer invitation ends the person's older ones."""
        self._db.conn.execute("DELETE FROM key_links WHERE user_id = ?", (invitation.user_id,))
        self._db.conn.execute(
            "INSERT INTO key_links (token_hash, user_id, chat_id, vendor, label, account_id, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                token_hash, invitation.user_id, invitation.chat_id, invitation.vendor, invitation.label,
                invitation.account_id, _ms(invitation.expires_at),
            ),
        )  # fmt: skip

    def invitation(self, token_hash: str, now_ms: int) -> Invitation | None:
        """As long as it holds: unspent, not expired, tries left. Reading it spends nothing."""
        row = self._db.conn.execute(
            "SELECT user_id, chat_id, vendor, label, account_id, expires_at, tries FROM key_links"
            " WHERE token_hash = ? AND spent_at = 0 AND expires_at > ? AND tries < ?",
            (token_hash, now_ms, MOST_TRIES),
        ).fetchone()
        if row is None:
            return None
        user_id, chat_id, vendor, label, account_id, expires_at, tries = row
        return Invitation(user_id, chat_id, vendor, label, account_id, _at(expires_at), MOST_TRIES - tries)

    def take_try(self, token_hash: str, now_ms: int) -> Invitation | None:
        """Compare-and-set: uses up one try. None where the invitation holds no more."""
        found = self.invitation(token_hash, now_ms)
        if found is None:
            return None
        self._db.conn.execute("UPDATE key_links SET tries = tries + 1 WHERE token_hash = ?", (token_hash,))
        return found

    def spend(self, token_hash: str, now_ms: int) -> bool:
        """Compare-and-set: True for one caller only."""
        cursor = self._db.conn.execute(
            "UPDATE key_links SET spent_at = ? WHERE token_hash = ? AND spent_at = 0", (now_ms, token_hash)
        )
        return cursor.rowcount > 0

    def tidy(self, now_ms: int) -> None:
        self._db.conn.execute("DELETE FROM key_links WHERE expires_at <= ?", (now_ms,))


def _held(row: Row | tuple[object, ...]) -> Held:
    account_id, user_id, vendor, label, version, fingerprint, state, health, checked_at, created_at = row
    return Held(
        id=str(account_id),
        user_id=int(str(user_id)),
        vendor=str(vendor),
        label=str(label),
        version=int(str(version)),
        fingerprint=str(fingerprint),
        state=KeyState(str(state)),
        health=Health.read(json.loads(str(health))),
        checked_at=_at(int(str(checked_at))),
        created_at=_at(int(str(created_at))),
    )


def _health_text(health: Health) -> str:
    return json.dumps(health.values())


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
