"""A database older than what the desk has done: put back from a backup. No money moves until the truth is asked for."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlite_utils import Database

NAME = "put_back"
_MARKED, _ASKING = "marked", "asking"
_MOST_DAYS = 400


class PutBack:
    def __init__(self, db: Database) -> None:
        self._db = db

    def mark(self, now_ms: int) -> None:
        """By whoever restores. The next start holds."""
        self._note(_MARKED, now_ms)

    @property
    def marked(self) -> bool:
        return self._row()[0] == _MARKED

    def since(self) -> int:
        """Milliseconds since 1970; 0 where the desk is not held."""
        return self._row()[1]

    def hold(self, now_ms: int) -> None:
        """Whatever may have been sent since the copy was made is not known now; whatever may have been told to many is
        not told again. Idempotent.

        An offer may have been pressed after the copy was made, so it counts; an offer to cancel moves no money.
        """
        self._note(_ASKING, now_ms)
        self._db.conn.execute(
            "UPDATE intents SET state = 'expired', settled_at = ? WHERE state = 'offered' AND action = 'cancel'",
            (now_ms,),
        )
        self._db.conn.execute(
            "UPDATE intents SET state = 'unknown', due_at = ?, absent = 0, absent_since = 0,"
            " sent_at = CASE sent_at WHEN 0 THEN created_at ELSE sent_at END"
            " WHERE state IN ('offered', 'confirmed', 'prepared', 'sending', 'unknown', 'needs_human')",
            (now_ms,),
        )
        self._doubt_broadcasts(now_ms)

    def _doubt_broadcasts(self, now_ms: int) -> None:
        """What was due may have gone out: copies are listed as uncertain, days of the summary count as served."""
        run = self._db.conn.execute
        run("UPDATE broadcast_copies SET fate = 'uncertain' WHERE fate IN ('waiting', 'sending')")
        run(
            "UPDATE broadcasts SET state = 'missed', reason = 'put_back' WHERE state = 'scheduled' AND due_at <= ?",
            (now_ms,),
        )
        for schedule_id, at, zone, due_at in run(
            "SELECT id, at, zone, due_at FROM schedules WHERE due_at <= ?", (now_ms,)
        ).fetchall():
            for day in _days(at, zone, due_at, now_ms):
                run("INSERT INTO schedule_days VALUES (?, ?) ON CONFLICT DO NOTHING", (schedule_id, day.isoformat()))

    def lift(self) -> bool:
        """True where it held. Idempotent."""
        return self._db.conn.execute("DELETE FROM desk WHERE name = ?", (NAME,)).rowcount > 0

    def _row(self) -> tuple[str, int]:
        row = self._db.conn.execute("SELECT value, changed_at FROM desk WHERE name = ?", (NAME,)).fetchone()
        return (str(row[0]), int(row[1])) if row else ("", 0)

    def _note(self, value: str, now_ms: int) -> None:
        self._db.conn.execute(
            "INSERT INTO desk (name, value, changed_at) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
            (NAME, value, now_ms),
        )


def _days(at: str, zone: str, due_at: int, now_ms: int) -> Iterator[date]:
    """Local dates on which a schedule was due, from when it was due by its row until now."""
    place = ZoneInfo(zone)
    day = datetime.fromtimestamp(due_at / 1000, UTC).astimezone(place).date()
    for _ in range(_MOST_DAYS):
        if datetime.combine(day, time.fromisoformat(at), place).timestamp() * 1000 > now_ms:
            return
        yield day
        day += timedelta(days=1)
