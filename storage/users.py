"""People: who they are to the desk, and what they chose."""

import json
from dataclasses import replace
from sqlite3 import Row

from sqlite_utils import Database

from bot.domain.assets import Symbol
from bot.domain.users import Standing, User

_COLUMNS = "id, name, standing, language, timezone, reachable, watch, picks"


class Users:
    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, user_id: int) -> User | None:
        row = self._db.conn.execute(f"SELECT {_COLUMNS} FROM users WHERE id = ?", (user_id,)).fetchone()
        return _user(row) if row else None

    def add(self, user: User, now_ms: int) -> User:
        """Idempotent: who is known stays as he is. Returns what is stored."""
        self._db.conn.execute(
            "INSERT INTO users (id, name, created_at) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
            (user.id, user.name, now_ms),
        )
        return self.get(user.id) or user

    def save(self, user: User) -> None:
        self._db.conn.execute(
            "UPDATE users SET name = ?, standing = ?, language = ?, timezone = ?, reachable = ?, watch = ?, picks = ?"
            " WHERE id = ?",
            (
                user.name,
                user.standing,
                user.language,
                user.timezone,
                int(user.reachable),
                json.dumps(user.watch),
                json.dumps(user.picks),
                user.id,
            ),
        )

    def set_reachable(self, user_id: int, *, reachable: bool) -> User | None:
        """Who that is now; None where nobody is."""
        self._db.conn.execute("UPDATE users SET reachable = ? WHERE id = ?", (int(reachable), user_id))
        return self.get(user_id)

    def move_standing(self, user_id: int, to: Standing, *, unless: frozenset[Standing]) -> User | None:
        """Compare-and-set: None where the person is unknown or already stands in one of `unless`."""
        user = self.get(user_id)
        if user is None or user.standing in unless:
            return None
        moved = replace(user, standing=to)
        self.save(moved)
        return moved

    def page(self, size: int, offset: int) -> list[User]:
        """Those who asked to be let in first, then the newest."""
        rows = self._db.conn.execute(
            f"SELECT {_COLUMNS} FROM users ORDER BY CASE standing WHEN 'asked' THEN 0 ELSE 1 END, created_at DESC, id"
            " LIMIT ? OFFSET ?",
            (size, offset),
        )
        return [_user(row) for row in rows]

    def standing(self, standing: Standing) -> list[int]:
        """Who stands there."""
        rows = self._db.conn.execute("SELECT id FROM users WHERE standing = ? ORDER BY id", (standing,))
        return [int(row[0]) for row in rows]

    def count(self) -> int:
        return int(self._db.conn.execute("SELECT count(*) FROM users").fetchone()[0])


def _user(row: Row | tuple[object, ...]) -> User:
    user_id, name, standing, language, timezone, reachable, watch, picks = row
    return User(
        id=int(str(user_id)),
        name=str(name),
        standing=Standing(str(standing)),
        language=str(language),
        timezone=str(timezone),
        reachable=bool(reachable),
        watch=tuple(Symbol(symbol) for symbol in json.loads(str(watch))),
        picks=tuple((ticker, Symbol(symbol)) for ticker, symbol in json.loads(str(picks))),
    )
