"""How each person wants to be told: how loud which topic is, and his quiet hours."""

from datetime import time

from sqlite_utils import Database

from bot.domain.telling import CHOSEN, Loudness, Quiet, Topic, Wishes


class Telling:
    def __init__(self, db: Database) -> None:
        self._db = db

    def wishes(self, user_id: int, now_ms: int, default_zone: str) -> Wishes:
        """What holds for him now. `default_zone`: where he has chosen none."""
        row = self._db.conn.execute("SELECT timezone FROM users WHERE id = ?", (user_id,)).fetchone()
        chosen = self._db.conn.execute("SELECT topic, loudness, off_until FROM loudness WHERE user_id = ?", (user_id,))
        loudness = {
            Topic(topic): Loudness.OFF if off_until > now_ms else Loudness(chosen)
            for topic, chosen, off_until in chosen
            if topic in CHOSEN and (chosen or off_until > now_ms)
        }
        return Wishes((row and row[0]) or default_zone, loudness, self._quiet(user_id))

    def choose(self, user_id: int, topic: Topic, loudness: Loudness) -> None:
        """For good: a pause of it ends too."""
        self._db.conn.execute(
            "INSERT INTO loudness (user_id, topic, loudness) VALUES (?, ?, ?)"
            " ON CONFLICT (user_id, topic) DO UPDATE SET loudness = excluded.loudness, off_until = 0",
            (user_id, topic, loudness),
        )

    def pause(self, user_id: int, topic: Topic, until: int) -> None:
        """Off until then, in milliseconds since 1970; afterward what he had chosen holds again."""
        self._db.conn.execute(
            "INSERT INTO loudness (user_id, topic, off_until) VALUES (?, ?, ?)"
            " ON CONFLICT (user_id, topic) DO UPDATE SET off_until = excluded.off_until",
            (user_id, topic, until),
        )

    def choose_quiet(self, user_id: int, quiet: Quiet | None) -> None:
        self._db.conn.execute("DELETE FROM quiet_hours WHERE user_id = ?", (user_id,))
        if quiet:
            self._db.conn.execute(
                "INSERT INTO quiet_hours (user_id, starts, ends, holds) VALUES (?, ?, ?, ?)",
                (user_id, f"{quiet.start:%H:%M}", f"{quiet.end:%H:%M}", int(quiet.holds)),
            )

    def _quiet(self, user_id: int) -> Quiet | None:
        row = self._db.conn.execute(
            "SELECT starts, ends, holds FROM quiet_hours WHERE user_id = ?", (user_id,)
        ).fetchone()
        return Quiet(time.fromisoformat(row[0]), time.fromisoformat(row[1]), bool(row[2])) if row else None
