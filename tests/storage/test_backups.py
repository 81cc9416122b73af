"""Copies made beside a writer, and what a database put back holds back."""

import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.intents import Action, State
from bot.domain.notices import Address, Lane, Notice
from storage.backups import BackupError, back_up, look_whole, note
from storage.engine.sqlite import connect
from storage.epoch import Epoch
from storage.put_back import PutBack
from storage.restoring import restore
from storage.store import Store, migrate, open_store
from tests.still_clock import START, StillClock
from tests.storage.conftest import beside
from tests.storage.everything import fill

PAIRS = 4_000


@pytest.fixture
def filled(path: Path) -> Path:
    """Two tables that are always changed together, over several steps of a copy."""
    migrate(path)
    with closing(sqlite3.connect(path)) as db, db:
        for table in ("one", "two"):
            db.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, filling BLOB)")
            db.executemany(f"INSERT INTO {table} (filling) VALUES (?)", [(b"x" * 1000,)] * PAIRS)  # noqa: S608  # ours
    return path


def test_a_copy_is_of_one_moment_though_somebody_writes_on_and_on(filled: Path, tmp_path: Path):
    stop, written = threading.Event(), []

    def write() -> None:
        with closing(sqlite3.connect(filled, timeout=20, isolation_level=None)) as db:
            while not stop.is_set():
                db.execute("BEGIN IMMEDIATE")
                for table in ("one", "two"):
                    db.execute(f"INSERT INTO {table} (filling) VALUES (?)", (b"y" * 1000,))  # noqa: S608  # ours
                db.execute("COMMIT")
                written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    copy = tmp_path / "copy.db"
    try:
        back_up(filled, copy)
    finally:
        stop.set()
        writer.join()
    assert written
    look_whole(copy)
    with closing(sqlite3.connect(copy)) as db:
        one, two = (db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("one", "two"))  # noqa: S608
    assert one == two
    assert PAIRS <= one <= PAIRS + len(written)


def test_it_is_one_file_that_only_its_owner_reads(filled: Path, tmp_path: Path):
    folder = tmp_path / "backups"
    folder.mkdir()
    back_up(filled, folder / "copy.db")
    assert [file.name for file in folder.iterdir()] == ["copy.db"]
    assert (folder / "copy.db").stat().st_mode & 0o777 == 0o600


def test_where_it_cannot_be_written_nothing_is_left(filled: Path, tmp_path: Path):
    with pytest.raises(BackupError):
        back_up(filled, tmp_path / "no such folder" / "copy.db")
    with pytest.raises(BackupError):
        back_up(tmp_path / "no such.db", tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


def test_damage_is_not_taken_for_a_copy(filled: Path):
    whole = filled.read_bytes()
    filled.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(BackupError):
        look_whole(filled)


def test_a_copy_is_known_to_be_old_as_soon_as_it_is_noted(path: Path, still: StillClock, tmp_path: Path):
    open_store(path, beside(path), still)[0].close()
    copy = tmp_path / "copy.db"
    back_up(path, copy)
    note(path, 5_000)
    copy.replace(path)
    store, _ = open_store(path, beside(path), still)
    assert store.beside.put_back
    store.close()


async def test_when_it_was_made_is_kept(store: Store, path: Path):
    assert await store.read(lambda tx: tx.desk.backed_up_at()) == 0
    note(path, 5_000)
    assert await store.read(lambda tx: tx.desk.backed_up_at()) == 5_000


def test_an_epoch_is_never_told_backward(tmp_path: Path):
    epoch, file = Epoch(tmp_path / "desk.epoch"), tmp_path / "desk.epoch"
    epoch.tell(7)
    epoch.tell(6)
    assert file.read_text() == "7\n"


@pytest.mark.parametrize("what", ["cut", "altered", "foreign", "text"])
def test_what_is_no_whole_backup_is_refused_and_nothing_is_touched(path: Path, still: StillClock, tmp_path: Path, what):
    open_store(path, beside(path), still)[0].close()
    copy = tmp_path / "copy.db"
    back_up(path, copy)
    spoil(copy, what)
    before = path.read_bytes()
    with copy.open("rb") as file, pytest.raises(BackupError):
        restore(path, file, beside(path), still)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*.restoring*"))


def spoil(copy: Path, what: str) -> None:
    whole = copy.read_bytes()
    if what == "cut":
        copy.write_bytes(whole[: len(whole) // 2])
    if what == "altered":
        copy.write_bytes(whole[:8192] + b"\xff" * 4096 + whole[12288:])
    if what == "text":
        copy.write_text("no database")
    if what == "foreign":
        copy.unlink()
        with closing(sqlite3.connect(copy)) as db:
            db.execute("CREATE TABLE something (a)")


# --- put back ---------------------------------------------------------------------------------------------------------

AFTER = {
    State.OFFERED: State.UNKNOWN,
    State.CONFIRMED: State.UNKNOWN,
    State.PREPARED: State.UNKNOWN,
    State.SENDING: State.UNKNOWN,
    State.UNKNOWN: State.UNKNOWN,
    State.NEEDS_HUMAN: State.UNKNOWN,
    State.ACCEPTED: State.ACCEPTED,
    State.REJECTED: State.REJECTED,
    State.NOT_PLACED: State.NOT_PLACED,
    State.EXPIRED: State.EXPIRED,
    State.REFUSED: State.REFUSED,
}


def put_back(path: Path, now_ms: int) -> None:
    db = connect(path)
    with closing(db.conn):
        PutBack(db).hold(now_ms)


@pytest.mark.parametrize("state", State)
async def test_what_may_have_been_sent_since_is_not_known_and_what_was_settled_stays(store: Store, path: Path, state):
    await store.write(lambda tx: fill(tx, 1, "Ann", intent=state))
    put_back(path, 9_000)
    intent = await store.read(lambda tx: tx.intents.get("intent-1"))
    assert intent.state is AFTER[state]
    if intent.state is State.UNKNOWN:
        assert intent.sent_at > 0
        assert intent.due_at == 9_000


async def test_an_offer_to_cancel_is_just_over(store: Store, path: Path):
    await store.write(lambda tx: fill(tx, 1, "Ann", intent=State.OFFERED))
    await store.write(lambda tx: tx.intents._db.conn.execute("UPDATE intents SET action = ?", (Action.CANCEL,)))
    put_back(path, 9_000)
    assert (await store.read(lambda tx: tx.intents.get("intent-1"))).state is State.EXPIRED


async def test_what_was_due_to_many_is_not_sent_again_and_an_answer_is(store: Store, path: Path):
    noon = START.replace(hour=12)
    now_ms, before_ms = int(noon.timestamp() * 1000), int((noon - timedelta(hours=3)).timestamp() * 1000)

    def unit(tx) -> None:
        run = tx.desk._db.conn.execute
        for name, state, due_at in (
            ("now", "sending", 0),
            ("past", "scheduled", before_ms),
            ("next", "scheduled", now_ms + 1),
        ):
            run(
                "INSERT INTO broadcasts (id, author, kind, state, audience, due_at, created_at)"
                " VALUES (?, 1, 'copy', ?, '{}', ?, 1)",
                (name, state, due_at),
            )
        for user, fate in enumerate(("waiting", "sending", "sent", "failed")):
            run("INSERT INTO broadcast_copies (broadcast_id, user_id, fate) VALUES ('now', ?, ?)", (user, fate))
        for at, due_at in (("09:00", before_ms), ("18:00", before_ms - 15 * 3_600_000), ("19:00", now_ms + 9)):
            run("INSERT INTO schedules (weekday, at, zone, due_at) VALUES (-1, ?, 'UTC', ?)", (at, due_at))
        tx.tell("an-answer", Lane.ANSWER, 1, Address(1), Notice("watch_saved", {"tickers": []}))

    await store.write(unit)
    put_back(path, now_ms)
    claimed = await store.write(lambda tx: tx.outbox.claim(tx.now_ms, tx.now_ms + 1, 10))
    assert [parcel.cause for parcel in claimed] == ["an-answer"]
    with closing(sqlite3.connect(path)) as db:
        assert dict(db.execute("SELECT id, state FROM broadcasts")) == {
            "now": "sending",
            "past": "missed",
            "next": "scheduled",
        }
        fates = [fate for (fate,) in db.execute("SELECT fate FROM broadcast_copies ORDER BY user_id")]
        served = db.execute(
            "SELECT at, day FROM schedule_days JOIN schedules ON id = schedule_id ORDER BY at"
        ).fetchall()
    assert fates == ["uncertain", "uncertain", "sent", "failed"]
    assert served == [("09:00", "2026-11-21"), ("18:00", "2026-11-20")]


async def test_it_holds_until_it_is_lifted_and_counts_as_a_halt(store: Store, path: Path):
    put_back(path, 9_000)
    assert await store.read(lambda tx: (tx.desk.halted(), tx.desk.put_back_since())) == (True, 9_000)
    assert await store.write(lambda tx: tx.desk.set_halt(halted=False, by=1, now_ms=tx.now_ms))
    assert await store.read(lambda tx: (tx.desk.halted(), tx.desk.put_back_since())) == (False, 0)
    assert not await store.write(lambda tx: tx.desk.lift_put_back())
