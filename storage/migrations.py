"""The schema, step by step: numbered, forward only. A released step is never changed; the next one is appended.

Instants are integers: milliseconds since 1970, UTC.
"""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from storage import _alert_tables, _broadcast_tables

MIGRATIONS = Migrations("changedesk")


@MIGRATIONS()
def m0001_price_desk(db: Database) -> None:
    for statement in _PRICE_DESK:
        db.conn.execute(statement)


@MIGRATIONS()
def m0002_orders(db: Database) -> None:
    for statement in _ORDERS:
        db.conn.execute(statement)


@MIGRATIONS()
def m0003_swaps(db: Database) -> None:
    for statement in _SWAPS:
        db.conn.execute(statement)


@MIGRATIONS()
def m0004_delivery(db: Database) -> None:
    for statement in _DELIVERY:
        db.conn.execute(statement)


@MIGRATIONS()
def m0005_alerts(db: Database) -> None:
    for statement in _alert_tables.TABLES:
        db.conn.execute(statement)


@MIGRATIONS()
def m0006_broadcasts(db: Database) -> None:
    for statement in _broadcast_tables.TABLES:
        db.conn.execute(statement)


@MIGRATIONS()
def m0007_addresses(db: Database) -> None:
    for statement in _ADDRESSES:
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

_ORDERS = (
    # What a person chose for his own safety. Sealed under his own data key: phrase, totp. Limits: '' is the operator's.
    """CREATE TABLE guards (
        user_id INTEGER PRIMARY KEY,
        locked_at INTEGER NOT NULL DEFAULT 0,
        phrase BLOB,
        totp BLOB,
        totp_step INTEGER NOT NULL DEFAULT 0,
        wrong_codes INTEGER NOT NULL DEFAULT 0,
        barred_until INTEGER NOT NULL DEFAULT 0,
        per_order_usd TEXT NOT NULL DEFAULT '',
        per_day_usd TEXT NOT NULL DEFAULT '')""",
    # A person's credentials at a vendor. sealed: one JSON value under his own data key, bound to all of
    # user, vendor, id and version. health: what the vendor last said of the key.
    """CREATE TABLE accounts (
        id TEXT PRIMARY KEY,
        user_id INTEGER NOT NULL,
        vendor TEXT NOT NULL,
        label TEXT NOT NULL,
        version INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        fingerprint TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'frozen')),
        health TEXT NOT NULL DEFAULT '{}',
        checked_at INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        UNIQUE (user_id, vendor, label))""",
    # A one-time invitation to hand over credentials. Only the hash of what its link holds; spent by success.
    """CREATE TABLE key_links (
        token_hash TEXT PRIMARY KEY,
        user_id INTEGER NOT NULL,
        chat_id INTEGER NOT NULL,
        vendor TEXT NOT NULL,
        label TEXT NOT NULL,
        account_id TEXT NOT NULL DEFAULT '',
        expires_at INTEGER NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        spent_at INTEGER NOT NULL DEFAULT 0)""",
    # What shall be done with money, written down before it is done. request and offer: JSON, exact texts.
    """CREATE TABLE intents (
        id TEXT PRIMARY KEY,
        user_id INTEGER NOT NULL,
        account_id TEXT NOT NULL,
        vendor TEXT NOT NULL,
        action TEXT NOT NULL CHECK (action IN ('place', 'cancel', 'swap')),
        state TEXT NOT NULL CHECK (state IN ('offered', 'expired', 'confirmed', 'refused', 'prepared', 'sending',
            'accepted', 'rejected', 'unknown', 'not_placed', 'needs_human')),
        symbol TEXT NOT NULL,
        request TEXT NOT NULL,
        offer TEXT NOT NULL,
        usd TEXT NOT NULL DEFAULT '0',
        day TEXT NOT NULL DEFAULT '',
        client_id TEXT,
        order_id TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL DEFAULT '',
        chat_id INTEGER NOT NULL,
        message_id INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        sent_at INTEGER NOT NULL DEFAULT 0,
        settled_at INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER NOT NULL DEFAULT 0,
        absent INTEGER NOT NULL DEFAULT 0,
        absent_since INTEGER NOT NULL DEFAULT 0,
        UNIQUE (account_id, client_id))""",
    "CREATE INDEX intents_of_day ON intents (user_id, day) WHERE day <> ''",
    """CREATE INDEX intents_due ON intents (due_at)
        WHERE state IN ('confirmed', 'prepared', 'sending', 'unknown', 'needs_human')""",
    # Orders placed here, followed to their end. amount, price, filled, average: text; '' is not known.
    """CREATE TABLE orders (
        id INTEGER PRIMARY KEY,
        account_id TEXT NOT NULL,
        vendor TEXT NOT NULL,
        order_id TEXT NOT NULL,
        intent_id TEXT NOT NULL,
        user_id INTEGER NOT NULL,
        symbol TEXT NOT NULL,
        side TEXT NOT NULL,
        kind TEXT NOT NULL,
        wallet TEXT NOT NULL,
        amount TEXT NOT NULL,
        price TEXT NOT NULL,
        filled TEXT NOT NULL DEFAULT '0',
        average TEXT NOT NULL DEFAULT '',
        state TEXT NOT NULL DEFAULT 'open',
        chat_id INTEGER NOT NULL,
        message_id INTEGER NOT NULL DEFAULT 0,
        changes INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        ended_at INTEGER NOT NULL DEFAULT 0,
        UNIQUE (account_id, symbol, order_id))""",
    "CREATE INDEX orders_due ON orders (due_at) WHERE ended_at = 0",
    "CREATE INDEX orders_of_user ON orders (user_id, created_at)",
    "CREATE INDEX orders_of_intent ON orders (intent_id)",
    "CREATE INDEX orders_open ON orders (account_id, symbol) WHERE ended_at = 0",
    # Edits of one message go one after the other, and what is newer takes the place of what waits.
    "CREATE INDEX outbox_edits ON outbox (chat_id, edits) WHERE edits > 0",
    # The operator's: 'halt' while no money moves.
    """CREATE TABLE desk (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL,
        changed_by INTEGER NOT NULL DEFAULT 0,
        changed_at INTEGER NOT NULL)""",
)

_SWAPS = (
    # Swaps that were made here, by the provider's id. Money: text, '' is not known. account_id '': the operator's key.
    # withheld: why nobody is shown the deposit address. every_s: how often it is looked after; done_at: no longer.
    """CREATE TABLE swaps (
        id TEXT PRIMARY KEY,
        intent_id TEXT NOT NULL UNIQUE,
        user_id INTEGER NOT NULL,
        account_id TEXT NOT NULL,
        vendor TEXT NOT NULL,
        source TEXT NOT NULL,
        target TEXT NOT NULL,
        kind TEXT NOT NULL,
        amount TEXT NOT NULL,
        payin_address TEXT NOT NULL,
        payout_address TEXT NOT NULL,
        chat_id INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        stage_at INTEGER NOT NULL,
        payin_memo TEXT NOT NULL,
        payout_memo TEXT NOT NULL,
        refund_address TEXT NOT NULL,
        refund_memo TEXT NOT NULL,
        expected TEXT NOT NULL,
        quoted TEXT NOT NULL,
        network_fee TEXT NOT NULL,
        fee_ticker TEXT NOT NULL,
        amount_in TEXT NOT NULL,
        amount_out TEXT NOT NULL,
        payin_hash TEXT NOT NULL,
        payout_hash TEXT NOT NULL,
        refund_hash TEXT NOT NULL,
        payout_link TEXT NOT NULL,
        refund_link TEXT NOT NULL,
        track_url TEXT NOT NULL,
        pay_till INTEGER NOT NULL,
        confirmations INTEGER NOT NULL,
        stage TEXT NOT NULL,
        raw_stage TEXT NOT NULL,
        withheld TEXT NOT NULL,
        message_id INTEGER NOT NULL,
        changes INTEGER NOT NULL,
        stalls INTEGER NOT NULL,
        nudged INTEGER NOT NULL,
        seen_at INTEGER NOT NULL,
        every_s INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        done_at INTEGER NOT NULL)""",
    # every_s lies in the index, so that the whole load is summed up without a look at the rows.
    "CREATE INDEX swaps_due ON swaps (due_at, every_s) WHERE done_at = 0",
    "CREATE INDEX swaps_of_user ON swaps (user_id, created_at)",
    # What was heard of a swap, in the order it was heard. told: loudly.
    """CREATE TABLE swap_stages (
        id INTEGER PRIMARY KEY,
        swap_id TEXT NOT NULL,
        user_id INTEGER NOT NULL,
        stage TEXT NOT NULL,
        raw TEXT NOT NULL,
        at INTEGER NOT NULL,
        told INTEGER NOT NULL)""",
    "CREATE INDEX swap_stages_of_swap ON swap_stages (swap_id, id)",
    "CREATE INDEX swap_stages_of_user ON swap_stages (user_id)",
    # The last nonce that went out under each key: it never goes back, whatever a clock says.
    """CREATE TABLE nonces (
        key_id TEXT PRIMARY KEY,
        last INTEGER NOT NULL)""",
)

_DELIVERY = (
    # A Topic by its value, for what its reader may mute or put off; '': an answer, or it asks for an act. Of the states
    # are new: superseded (a newer edit took its place), muted (its reader wants none of it), digested (told as a line
    # of the row that `digest` names).
    "ALTER TABLE outbox ADD COLUMN topic TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE outbox ADD COLUMN digest INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX outbox_digested ON outbox (digest) WHERE digest > 0",
    # What may be told late: by age, so that nothing is looked at while all is in time; and by its reader.
    "CREATE INDEX outbox_late ON outbox (created_at) WHERE state = 'waiting' AND topic <> ''",
    "CREATE INDEX outbox_of_reader ON outbox (user_id) WHERE state = 'waiting' AND topic <> ''",
    "CREATE INDEX outbox_missed ON outbox (user_id, id) WHERE state IN ('muted', 'digested', 'gone', 'failed')",
    # What a person chose for a topic, '' for nothing; and until when it is off whatever he chose.
    """CREATE TABLE loudness (
        user_id INTEGER NOT NULL,
        topic TEXT NOT NULL,
        loudness TEXT NOT NULL DEFAULT '' CHECK (loudness IN ('', 'loud', 'silent', 'off')),
        off_until INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (user_id, topic))""",
    # From one reading of the person's clock to another, HH:MM. holds: 1 where what can wait does.
    """CREATE TABLE quiet_hours (
        user_id INTEGER PRIMARY KEY,
        starts TEXT NOT NULL,
        ends TEXT NOT NULL,
        holds INTEGER NOT NULL DEFAULT 0)""",
)

_ADDRESSES = (
    # A person's address book. sealed: network, label, address and memo under his own data key, bound to id and version.
    """CREATE TABLE addresses (
        id TEXT PRIMARY KEY,
        user_id INTEGER NOT NULL,
        version INTEGER NOT NULL,
        trusted_at INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        sealed BLOB NOT NULL)""",
    "CREATE INDEX addresses_of_user ON addresses (user_id, created_at)",
)
