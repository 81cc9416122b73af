"""Questions that wait for a person's next line: rows, so that a restart forgets none."""

from sqlite_utils import Database


class Dialogs:
    def __init__(self, db: Database) -> None:
        self._db = db

    def ask(self, user_id: int, chat_id: int, command: str, expires_at: int) -> None:
        """The next line of this person in this chat completes `command`. A newer question replaces an older one."""
        self._db.conn.execute(
            "INSERT INTO dialogs (user_id, chat_id, command, expires_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (user_id, chat_id) DO UPDATE"
            " SET command = excluded.command, expires_at = excluded.expires_at",
            (user_id, chat_id, command, expires_at),
        )

    def pending(self, user_id: int, chat_id: int, now_ms: int) -> str:
        """The command that waits for a line, or the empty string."""
        row = self._db.conn.execute(
            "SELECT command FROM dialogs WHERE user_id = ? AND chat_id = ? AND expires_at > ?",
            (user_id, chat_id, now_ms),
        ).fetchone()
        return str(row[0]) if row else ""

    def end(self, user_id: int, chat_id: int) -> bool:
        """Idempotent. True where there was a question."""
        cursor = self._db.conn.execute("DELETE FROM dialogs WHERE user_id = ? AND chat_id = ?", (user_id, chat_id))
        return cursor.rowcount > 0

    def tidy(self, now_ms: int) -> None:
        self._db.conn.execute("DELETE FROM dialogs WHERE expires_at <= ?", (now_ms,))
