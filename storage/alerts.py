"""Alerts as rows, found by what they wait for; and where figures were lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from sqlite_utils import Database

from bot.domain.alerts import FINEST, LARGEST, Alert, Condition, Side, State, Way
from bot.domain.assets import Asset, Symbol
from bot.domain.prices import Field

_WIDE = Context(prec=90)
_COLUMNS = (
    "id, user_id, symbol, ticker, name, field, way, target, window_s, repeat_s, until, state, rests, due_at, fired,"
    " fired_at, created_at, ended_at"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What alerts look at: one figure of one coin, now (`window_s` 0) or its moves within a time."""

    symbol: Symbol
    field: Field
    window_s: int


@dataclass(frozen=True, slots=True)
class Range:
    low: Decimal
    high: Decimal


def key_of(value: Decimal, rounding: str = ROUND_FLOOR) -> str:
    """28 digits, a point, 18 more: such texts sort as the numbers do. What is larger counts as the largest."""
    return f"{min(max(value, Decimal(0)), LARGEST).quantize(FINEST, rounding, _WIDE):047f}"


class Alerts:
    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, alert: Alert) -> Alert:
        """With the number it has from now on; no number is ever used twice."""
        columns = {
            "user_id": alert.user_id,
            "symbol": alert.asset.symbol,
            "ticker": alert.asset.ticker,
            "name": alert.asset.name,
            "created_at": alert.created_at,
        } | _changing(alert)
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        row = self._db.conn.execute(
            f"INSERT INTO alerts ({names}) VALUES ({marks}) RETURNING {_COLUMNS}", tuple(columns.values())
        ).fetchone()
        return _alert(row)

    def save(self, alert: Alert) -> None:
        columns = _changing(alert)
        names = ", ".join(f"{name} = ?" for name in columns)
        self._db.conn.execute(f"UPDATE alerts SET {names} WHERE id = ?", (*columns.values(), alert.id))

    def get(self, alert_id: int) -> Alert | None:
        row = self._db.conn.execute(f"SELECT {_COLUMNS} FROM alerts WHERE id = ?", (alert_id,)).fetchone()
        return _alert(row) if row else None

    def of_user(self, user_id: int, state: State = State.ON) -> list[Alert]:
        """By coin, then oldest first."""
        rows = self._db.conn.execute(
            f"SELECT {_COLUMNS} FROM alerts WHERE user_id = ? AND state = ? ORDER BY ticker, symbol, id",
            (user_id, state),
        )
        return [_alert(row) for row in rows]

    def count(self, user_id: int) -> int:
        found = self._db.conn.execute("SELECT count(*) FROM alerts WHERE user_id = ? AND state = 'on'", (user_id,))
        return int(found.fetchone()[0])

    def count_on(self) -> int:
        return int(self._db.conn.execute("SELECT count(*) FROM alerts WHERE state = 'on'").fetchone()[0])

    def subjects(self) -> list[Subject]:
        """Each once, whatever number of people wait for it."""
        rows = self._db.conn.execute("SELECT DISTINCT symbol, field, window_s FROM alerts WHERE state = 'on'")
        return [Subject(Symbol(symbol), Field(field), window_s) for symbol, field, window_s in rows]

    def reached(self, subject: Subject, value: Decimal, side: Side, now_ms: int, most: int) -> list[Alert]:
        """Those whose edge this value has reached: a level for Side.UP and Side.DOWN where there is no window, else the
        size of a move in percent.
        """
        down = side is Side.DOWN and not subject.window_s
        edge = key_of(value, ROUND_CEILING if down else ROUND_FLOOR)
        rows = self._db.conn.execute(
            f"SELECT {_COLUMNS} FROM alerts WHERE state = 'on' AND symbol = ? AND field = ? AND window_s = ?"
            f" AND side = ? AND edge {'>=' if down else '<='} ? AND due_at <= ? ORDER BY edge, id LIMIT ?",
            (subject.symbol, subject.field, subject.window_s, side, edge, now_ms, most),
        )
        return [_alert(row) for row in rows]

    def out_of_time(self, now_ms: int, most: int) -> list[Alert]:
        rows = self._db.conn.execute(
            f"SELECT {_COLUMNS} FROM alerts WHERE state = 'on' AND until > 0 AND until <= ? ORDER BY until LIMIT ?",
            (now_ms, most),
        )
        return [_alert(row) for row in rows]

    def trim(self, user_id: int, most: int) -> None:
        """Of what has ended for a person only the latest `most` stay."""
        self._db.conn.execute(
            "DELETE FROM alerts WHERE user_id = ? AND state = 'ended' AND id NOT IN (SELECT id FROM alerts"
            " WHERE user_id = ? AND state = 'ended' ORDER BY ended_at DESC, id DESC LIMIT ?)",
            (user_id, user_id, most),
        )

    def tidy(self, ended_before_ms: int, marks_before_ms: int) -> None:
        self._db.conn.execute("DELETE FROM alerts WHERE state = 'ended' AND ended_at < ?", (ended_before_ms,))
        self._db.conn.execute("DELETE FROM price_marks WHERE at < ?", (marks_before_ms,))

    # --- where figures were lately ----------------------------------------------------------------------------------

    def mark(self, subject: Subject, value: Decimal, grain_s: int, now_ms: int, keep_ms: int) -> None:
        """Notes where this figure is; what ended longer ago than `keep_ms` goes. Idempotent."""
        place = (subject.symbol, subject.field, grain_s)
        key, at = key_of(value), now_ms - now_ms % (grain_s * 1000)
        self._db.conn.execute(
            "INSERT INTO price_marks (symbol, field, grain_s, at, low, high) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (symbol, field, grain_s, at) DO UPDATE SET"
            " low = CASE WHEN excluded.low < low THEN excluded.low ELSE low END,"
            " high = CASE WHEN excluded.high > high THEN excluded.high ELSE high END",
            (*place, at, key, key),
        )
        self._db.conn.execute(
            "DELETE FROM price_marks WHERE symbol = ? AND field = ? AND grain_s = ? AND at < ?",
            (*place, now_ms - keep_ms - grain_s * 1000),
        )

    def marked(self, subject: Subject, grain_s: int, since_ms: int) -> Range | None:
        low, high = self._db.conn.execute(
            "SELECT min(low), max(high) FROM price_marks WHERE symbol = ? AND field = ? AND grain_s = ? AND at >= ?",
            (subject.symbol, subject.field, grain_s, since_ms),
        ).fetchone()
        return Range(Decimal(low), Decimal(high)) if low else None


def _changing(alert: Alert) -> dict[str, str | int]:
    wants = alert.wants
    return {
        "field": wants.field,
        "way": wants.way,
        "target": f"{wants.target:f}",
        "window_s": wants.window_s,
        "repeat_s": wants.repeat_s,
        "until": int(wants.until.timestamp() * 1000) if wants.until else 0,
        "state": alert.state,
        "rests": int(alert.rests),
        "side": alert.side,
        "edge": key_of(alert.edge),
        "due_at": alert.due_at,
        "fired": alert.fired,
        "fired_at": alert.fired_at,
        "ended_at": alert.ended_at,
    }


def _alert(row: Sequence[object]) -> Alert:
    (alert_id, user_id, symbol, ticker, name, field, way, target, window_s, repeat_s, until, state, rests, *rest) = row
    due_at, fired, fired_at, created_at, ended_at = (int(str(each)) for each in rest)
    wants = Condition(
        field=Field(str(field)),
        way=Way(str(way)),
        target=Decimal(str(target)),
        window_s=int(str(window_s)),
        repeat_s=int(str(repeat_s)),
        until=datetime.fromtimestamp(int(str(until)) / 1000, UTC) if until else None,
    )
    return Alert(
        id=int(str(alert_id)),
        user_id=int(str(user_id)),
        asset=Asset(Symbol(str(symbol)), str(ticker), str(name)),
        wants=wants,
        state=State(str(state)),
        rests=bool(rests),
        due_at=due_at,
        fired=fired,
        fired_at=fired_at,
        created_at=created_at,
        ended_at=ended_at,
    )
