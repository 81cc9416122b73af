"""Schedules of the market summary: rows with their next due time, and one row for each local date that was served."""

from datetime import UTC, date, datetime, time, timedelta

from sqlite_utils import Database

from bot.domain.schedules import Schedule

DAYS_KEPT = timedelta(days=400)


class Schedules:
    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, weekday: int | None, at: time, zone: str, due_at: int) -> int | None:
        """Its number; None where there is one just like it."""
        row = self._db.conn.execute(
            "INSERT INTO schedules (weekday, at, zone, due_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (weekday, at, zone) DO NOTHING RETURNING id",
            (-1 if weekday is None else weekday, at.strftime("%H:%M"), zone, due_at),
        ).fetchone()
        return int(row[0]) if row else None

    def drop(self, schedule_id: int) -> bool:
        self._db.conn.execute("DELETE FROM schedule_days WHERE schedule_id = ?", (schedule_id,))
        return self._db.conn.execute("DELETE FROM schedules WHERE id = ?", (schedule_id,)).rowcount > 0

    def all(self) -> list[tuple[Schedule, datetime]]:
        """With when each is due next; that first."""
        rows = self._db.conn.execute("SELECT id, weekday, at, zone, due_at FROM schedules ORDER BY due_at, id")
        return [(_schedule(*row[:4]), datetime.fromtimestamp(row[4] / 1000, UTC)) for row in rows]

    def serve(self, schedule_id: int, day: date, was_due: datetime, next_due: datetime) -> bool:
        """Moves on to the next. False, and nothing changes, where somebody did so already, or this day was served."""
        moved = self._db.conn.execute(
            "UPDATE schedules SET due_at = ? WHERE id = ? AND due_at = ?",
            (_ms(next_due), schedule_id, _ms(was_due)),
        ).rowcount
        if not moved:
            return False
        # None is served as old as that, whatever a clock says: the list need not grow.
        kept = (schedule_id, (day - DAYS_KEPT).isoformat())
        self._db.conn.execute("DELETE FROM schedule_days WHERE schedule_id = ? AND day < ?", kept)
        cursor = self._db.conn.execute(
            "INSERT INTO schedule_days (schedule_id, day) VALUES (?, ?) ON CONFLICT (schedule_id, day) DO NOTHING",
            (schedule_id, day.isoformat()),
        )
        return cursor.rowcount > 0


def _schedule(schedule_id: int, weekday: int, at: str, zone: str) -> Schedule:
    return Schedule(schedule_id, None if weekday < 0 else weekday, time.fromisoformat(at), zone)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
