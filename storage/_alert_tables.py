"""The tables of alerts and of the audit, as the migration m0005 makes them."""

TABLES = (
    # What a person waits for. target: exact text. edge: what is compared now, written so that texts sort as numbers.
    """CREATE TABLE alerts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        user_id INTEGER NOT NULL,
        symbol TEXT NOT NULL,
        ticker TEXT NOT NULL,
        name TEXT NOT NULL,
        field TEXT NOT NULL,
        way TEXT NOT NULL,
        target TEXT NOT NULL,
        window_s INTEGER NOT NULL DEFAULT 0,
        repeat_s INTEGER NOT NULL DEFAULT 0,
        until INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL CHECK (state IN ('on', 'ended')),
        rests INTEGER NOT NULL DEFAULT 0,
        side TEXT NOT NULL,
        edge TEXT NOT NULL,
        due_at INTEGER NOT NULL DEFAULT 0,
        fired INTEGER NOT NULL DEFAULT 0,
        fired_at INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL,
        ended_at INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX alerts_edges ON alerts (symbol, field, window_s, side, edge, due_at) WHERE state = 'on'",
    "CREATE INDEX alerts_of_user ON alerts (user_id, state, id)",
    "CREATE INDEX alerts_until ON alerts (until) WHERE state = 'on' AND until > 0",
    "CREATE INDEX alerts_ended ON alerts (ended_at) WHERE state = 'ended'",
    # Where a figure was lately, for moves: its lowest and highest in steps of grain_s, from `at` on. Written as edges.
    """CREATE TABLE price_marks (
        symbol TEXT NOT NULL,
        field TEXT NOT NULL,
        grain_s INTEGER NOT NULL,
        at INTEGER NOT NULL,
        low TEXT NOT NULL,
        high TEXT NOT NULL,
        PRIMARY KEY (symbol, field, grain_s, at))""",
    # Who did what: admins' acts, and what concerns money. by_id: who did it, 0 for somebody who was forgotten.
    # user_id: whom it concerns, 0 for the desk. details: JSON, no secrets.
    """CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        act TEXT NOT NULL,
        by_id INTEGER NOT NULL,
        user_id INTEGER NOT NULL,
        details TEXT NOT NULL DEFAULT '{}')""",
    "CREATE INDEX audit_of_user ON audit (user_id, id)",
    "CREATE INDEX audit_by ON audit (by_id, id)",
    # The desk's 'forgetting' is who is being forgotten right now: only his lines go, and his number on others' lines.
    """CREATE TRIGGER audit_keeps_lines BEFORE DELETE ON audit
        WHEN NOT EXISTS (SELECT 1 FROM desk WHERE name = 'forgetting' AND value = CAST(OLD.user_id AS TEXT))
        BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END""",
    """CREATE TRIGGER audit_keeps_words BEFORE UPDATE ON audit
        WHEN NOT EXISTS (SELECT 1 FROM desk WHERE name = 'forgetting' AND value = CAST(OLD.by_id AS TEXT))
            OR NEW.by_id <> 0 OR NEW.id <> OLD.id OR NEW.at <> OLD.at OR NEW.act <> OLD.act
            OR NEW.user_id <> OLD.user_id OR NEW.details <> OLD.details
        BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END""",
)
