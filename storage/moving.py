"""A group that became a supergroup: every row that names its old chat names the new one."""

from sqlite_utils import Database

NAMING = {
    "dialogs": "",
    "key_links": "",
    "intents": ", message_id = 0",
    "orders": ", message_id = 0",
    "swaps": ", message_id = 0",
    "outbox": ", reply_to = 0, edits = 0",
}
"""Every table with a `chat_id`, and what it names of that chat's messages: they have no like in the new one."""


def move_chat(db: Database, old: int, new: int) -> None:
    """Idempotent. What waited to change a message of the old chat comes as a new one."""
    # Who was asked something in both is asked in the new one alone.
    db.conn.execute(
        "DELETE FROM dialogs WHERE chat_id = ? AND user_id IN (SELECT user_id FROM dialogs WHERE chat_id = ?)",
        (old, new),
    )
    for table, cleared in NAMING.items():
        only = " AND state = 'waiting'" if table == "outbox" else ""
        db.conn.execute(f"UPDATE {table} SET chat_id = ?{cleared} WHERE chat_id = ?{only}", (new, old))
