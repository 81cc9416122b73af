"""The tables of step m0006: broadcasts, their copies, readers, schedules."""

TABLES = (
    # body: sealed words of its own (a summary's figures, a correction), where it is no copy of a message.
    """CREATE TABLE broadcasts (
        id TEXT PRIMARY KEY,
        author INTEGER NOT NULL,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        audience TEXT NOT NULL,
        chat_id INTEGER NOT NULL DEFAULT 0,
        source_id INTEGER NOT NULL DEFAULT 0,
        has_file INTEGER NOT NULL DEFAULT 0,
        silent INTEGER NOT NULL DEFAULT 1,
        zone TEXT NOT NULL DEFAULT '',
        due_at INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL,
        started_at INTEGER NOT NULL DEFAULT 0,
        ended_at INTEGER NOT NULL DEFAULT 0,
        corrected_at INTEGER NOT NULL DEFAULT 0,
        recalled_at INTEGER NOT NULL DEFAULT 0,
        task INTEGER NOT NULL DEFAULT 0,
        card_id INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL DEFAULT '',
        people INTEGER NOT NULL DEFAULT 0,
        muted INTEGER NOT NULL DEFAULT 0,
        unreachable INTEGER NOT NULL DEFAULT 0,
        body BLOB,
        picture BLOB)""",
    "CREATE INDEX broadcasts_open ON broadcasts (state, due_at) WHERE state NOT IN ('ended', 'cancelled', 'draft')",
    # One person's copy. fate: waiting, sending, sent, gone, failed, uncertain (not sent again unasked), recalled.
    # message_id: where it stands. tried, shows: the latest change (correction, recall) tried on it, and done to it.
    """CREATE TABLE broadcast_copies (
        broadcast_id TEXT NOT NULL,
        user_id INTEGER NOT NULL,
        fate TEXT NOT NULL,
        message_id INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER NOT NULL DEFAULT 0,
        tried INTEGER NOT NULL DEFAULT 0,
        shows INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (broadcast_id, user_id))""",
    "CREATE INDEX broadcast_copies_of_user ON broadcast_copies (user_id)",
    "CREATE INDEX broadcast_copies_on_their_way ON broadcast_copies (broadcast_id) WHERE fate = 'sending'",
    # summary: each, weekly, off. language: the one he is answered in.
    """CREATE TABLE readers (
        user_id INTEGER PRIMARY KEY,
        language TEXT NOT NULL DEFAULT '',
        seen_at INTEGER NOT NULL DEFAULT 0,
        summary TEXT NOT NULL DEFAULT 'off',
        summary_at INTEGER NOT NULL DEFAULT 0)""",
    # Market summaries by the clock. weekday: 0 is Monday, -1 every day. at: HH:MM in zone.
    """CREATE TABLE schedules (
        id INTEGER PRIMARY KEY,
        weekday INTEGER NOT NULL,
        at TEXT NOT NULL,
        zone TEXT NOT NULL,
        due_at INTEGER NOT NULL,
        UNIQUE (weekday, at, zone))""",
    # A local date that a schedule has served: it is never served again.
    """CREATE TABLE schedule_days (
        schedule_id INTEGER NOT NULL,
        day TEXT NOT NULL,
        PRIMARY KEY (schedule_id, day))""",
)
