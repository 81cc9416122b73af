"""The schema, step by step: numbered, forward only. A released step is never changed; the next one is appended.

Instants are integers: milliseconds since 1970, UTC.
"""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

MIGRATIONS = Migrations("changedesk")


@MIGRATIONS()
def m0001_price_desk(db: Database) -> None:
    for statement in _PRICE_DESK:
        db.conn.execute(statement)


_PRICE_DESK = (
    # One check value a key-encryption key, so that a wrong one is known before anything is read with it.
    """CREATE TABLE keyring (
        kek_id TEXT PRIMARY KEY,
        status TEXT NOT NULL CHECK (status IN ('primary', 'enabled', 'retired')),
        check_value BLOB NOT NULL,
        created_at INTEGER NOT NULL)""",
    # Data keys, wrapped. Owner 0 is the desk itself.
    """CREATE TABLE data_keys (
        owner INTEGER PRIMARY KEY,
        kek_id TEXT NOT NULL REFERENCES keyring (kek_id),
        version INTEGER NOT NULL,
        wrapped BLOB NOT NULL,
        created_at INTEGER NOT NULL)""",
    """CREATE TABLE users (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        standing TEXT NOT NULL DEFAULT 'stranger',
        language TEXT NOT NULL DEFAULT '',
        timezone TEXT NOT NULL DEFAULT '',
        reachable INTEGER NOT NULL DEFAULT 1,
        watch TEXT NOT NULL DEFAULT '[]',
        picks TEXT NOT NULL DEFAULT '[]',
        created_at INTEGER NOT NULL)""",
    # A pending question to a person in a chat.
    """CREATE TABLE dialogs (
        user_id INTEGER NOT NULL,
        chat_id INTEGER NOT NULL,
        command TEXT NOT NULL,
        expires_at INTEGER NOT NULL,
        PRIMARY KEY (user_id, chat_id))""",
    # sealed IS NULL: done. The row stays a while, so that the same update coming again has no effect.
    """CREATE TABLE inbox (
        seq INTEGER PRIMARY KEY,
        update_id INTEGER NOT NULL UNIQUE,
        sealed BLOB,
        received_at INTEGER NOT NULL,
        due_at INTEGER NOT NULL DEFAULT 0,
        tries INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX inbox_waiting ON inbox (seq) WHERE sealed IS NOT NULL",
    "CREATE INDEX inbox_done ON inbox (received_at) WHERE sealed IS NULL",
    # state: waiting, sent, gone (nobody there), uncertain (may have arrived; not sent again), failed.
    """CREATE TABLE outbox (
        id INTEGER PRIMARY KEY,
        cause TEXT NOT NULL UNIQUE,
        lane INTEGER NOT NULL,
        user_id INTEGER NOT NULL,
        chat_id INTEGER NOT NULL,
        reply_to INTEGER NOT NULL DEFAULT 0,
        edits INTEGER NOT NULL DEFAULT 0,
        sealed BLOB NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting',
        created_at INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        lease_until INTEGER NOT NULL DEFAULT 0,
        tries INTEGER NOT NULL DEFAULT 0,
        settled_at INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX outbox_waiting ON outbox (lane, due_at) WHERE state = 'waiting'",
    "CREATE INDEX outbox_settled ON outbox (settled_at) WHERE state <> 'waiting'",
)
