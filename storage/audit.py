"""The audit: who did what, added to and never changed; forgetting a person alone takes lines away."""

import json

from sqlite_utils import Database

from bot.domain.audit import Line


class Audit:
    def __init__(self, db: Database, now_ms: int) -> None:
        self._db = db
        self._now_ms = now_ms

    def add(self, act: str, *, by: int, about: int, **details: object) -> None:
        """With the change it tells of, in its transaction. `about`: whom it concerns, 0 for the desk. No secrets."""
        self._db.conn.execute(
            "INSERT INTO audit (at, act, by_id, user_id, details) VALUES (?, ?, ?, ?, ?)",
            (self._now_ms, act, by, about, json.dumps(details, ensure_ascii=False)),
        )

    def page(self, size: int, offset: int, user_id: int | None = None) -> list[Line]:
        """Newest first: what a person did and what was done to him, or everything."""
        own, values = ("", ()) if user_id is None else ("WHERE line.by_id = ? OR line.user_id = ?", (user_id, user_id))
        rows = self._db.conn.execute(
            "SELECT line.id, line.at, line.act, line.by_id, line.user_id, line.details,"
            " coalesce(doer.name, ''), coalesce(other.name, '') FROM audit AS line"
            " LEFT JOIN users AS doer ON doer.id = line.by_id LEFT JOIN users AS other ON other.id = line.user_id"
            f" {own} ORDER BY line.id DESC LIMIT ? OFFSET ?",
            (*values, size, offset),
        )
        return [_line(row) for row in rows]

    def count(self, user_id: int | None = None) -> int:
        own, values = ("", ()) if user_id is None else ("WHERE by_id = ? OR user_id = ?", (user_id, user_id))
        return int(self._db.conn.execute(f"SELECT count(*) FROM audit {own}", values).fetchone()[0])

    def open_for(self, user_id: int) -> None:
        """From here to `close` this person's lines can be deleted. His acts on others stay, without saying whose."""
        self._db.conn.execute("INSERT INTO desk (name, value, changed_at) VALUES ('forgetting', ?, 0)", (str(user_id),))
        self._db.conn.execute("UPDATE audit SET by_id = 0 WHERE by_id = ? AND user_id <> ?", (user_id, user_id))

    def close(self) -> None:
        self._db.conn.execute("DELETE FROM desk WHERE name = 'forgetting'")


def _line(row: tuple[int, int, str, int, int, str, str, str]) -> Line:
    line_id, at_ms, act, by_id, user_id, details, by, about = row
    return Line(line_id, at_ms, act, by_id, user_id, json.loads(details), by, about)
