"""The schema: databases of every release are opened, newer ones refused, and all ways lead to the same tables."""

import shutil
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.intents import State
from bot.domain.notices import Notice
from bot.domain.users import Standing
from bot.services._keys import unsealed
from bot.services.guards import phrase_of
from storage.engine.sqlite import connect
from storage.migrations import MIGRATIONS
from storage.store import Transaction, migrate, open_store, ring_of
from storage.vault import KeySource, VaultError
from tests.still_clock import StillClock
from tests.storage.everything import credentials, held
from tests.storage.fixtures.build import FOLDER, KEY, latest

FIXTURES = sorted(FOLDER.glob("*.db"))


def schema(path: Path) -> set[tuple[str, str]]:
    with closing(connect(path, read_only=True).conn) as db:
        rows = db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {(name, " ".join(sql.split())) for name, sql in rows}


def test_the_latest_schema_has_its_fixture():
    assert latest() in FIXTURES


@pytest.fixture(params=FIXTURES, ids=lambda file: file.stem)
def released(request, path):
    shutil.copy(request.param, path)
    return path


async def test_a_released_database_opens_with_everything_in_it(released, still: StillClock):
    store, made = open_store(released, KeySource(None, None, KEY, released.with_suffix(".key")), still)
    assert not made
    user = await store.read(lambda tx: tx.users.get(1001))
    assert (user.standing, user.language, user.timezone, user.watch, user.picks) == (
        Standing.MEMBER, "zh", "Asia/Tokyo", ("BTC",), (("UNI", "UNICORN"),),
    )  # fmt: skip
    assert await store.read(lambda tx: tx.dialogs.pending(1001, 1001, tx.now_ms)) == "settings zone"
    (letter,) = await store.read(lambda tx: tx.inbox.waiting(0, 10))
    assert store.box.open(letter.sealed, "inbox", "7") == b'{"update_id": 7}'
    (parcel,) = await store.write(lambda tx: tx.outbox.claim(tx.now_ms, tx.now_ms + 1, 10))
    assert await store.read(lambda tx: tx.notice_of(parcel)) == Notice("watch_saved", {"tickers": ["BTC"]})
    store.close()


@pytest.mark.parametrize("file", FIXTURES[1:], ids=lambda file: file.stem)
async def test_keys_and_orders_of_a_released_database_are_there(file, path, still: StillClock):
    shutil.copy(file, path)
    store, _ = open_store(path, KeySource(None, None, KEY, path.with_suffix(".key")), still)

    def unit(tx: Transaction) -> None:
        (account,) = tx.accounts.of_user(1001)
        assert account == held(1001)
        assert unsealed(tx, account) == credentials(1001)
        assert phrase_of(tx, 1001) == "phrase of 1001"
        assert tx.guards.limits(1001) == (Decimal(100), Decimal(500))
        intent = tx.intents.get("intent-1001")
        assert (intent.state, intent.usd, intent.client_id) == (State.ACCEPTED, Decimal("65.00"), "cd1001")
        order = tx.orders.of_intent("intent-1001")
        assert (order.filled, order.average, order.ended_at) == ("0.001", "65000.09", 5)
        assert tx.desk.halted()

    await store.read(unit)
    store.close()


def test_every_table_of_the_latest_fixture_has_a_row():
    with closing(connect(latest(), read_only=True).conn) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        empty = [table for table in tables if not db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()]  # noqa: S608  # tables of ours
    assert len(tables) > 10
    assert empty == []


def test_a_released_database_ends_up_with_the_schema_of_a_new_one(released, tmp_path):
    migrate(released)
    migrate(tmp_path / "new.db")
    assert schema(released) == schema(tmp_path / "new.db")


@pytest.mark.parametrize("file", [file for file in FIXTURES if file != latest()], ids=lambda file: file.stem)
def test_what_was_there_stays_as_a_copy_beside_it(file, path):
    shutil.copy(file, path)
    before = schema(path)
    taken = migrate(path)
    (copy,) = path.parent.glob("*.before-*.db")
    assert copy.name == f"desk.before-{taken[0]}.db"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert schema(copy) == before


def test_a_new_database_and_one_that_is_up_to_date_leave_no_copy(path):
    migrate(path)
    migrate(path)
    assert not list(path.parent.glob("*.before-*"))


def test_steps_are_taken_once(path):
    assert migrate(path) == [step.name for step in MIGRATIONS._migrations]
    assert migrate(path) == []


def test_a_newer_schema_is_refused_and_left_alone(path):
    migrate(path)
    db = connect(path)
    MIGRATIONS._record_applied(db, "m9999_from_tomorrow")
    db.conn.close()
    with pytest.raises(VaultError, match="m9999_from_tomorrow"):
        migrate(path)


def test_the_ring_of_no_database_is_empty_and_makes_none(path):
    assert ring_of(path) == []
    assert not path.exists()


def test_looking_at_the_ring_changes_nothing(path):
    migrate(path)
    before = path.read_bytes()
    assert ring_of(path) == []
    assert path.read_bytes() == before
