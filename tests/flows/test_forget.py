"""/forget: what is gone is gone, from the files too, and stays gone; nothing goes while money is under way."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.intents import State
from bot.sandbox.telegram import Person, Seen
from storage.forgetting import OWNED
from storage.store import Transaction
from tests.desk import Desk, Told, World, answered, asked, eventually, pressed
from tests.storage.everything import LATER_MS, fill, held

YES, NO = "Yes, forget me", "No, keep everything"
NAME = "Ann-whose-name-is-written-in-no-other-place"


def files(world: World) -> bytes:
    return b"".join(Path(f"{world.database}{end}").read_bytes() for end in ("", "-wal", "-shm"))


def rows(world: World, user_id: int) -> dict[str, int]:
    with closing(sqlite3.connect(world.database)) as db:
        return {
            table: db.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", (user_id,)).fetchone()[0]  # noqa: S608  # tables of ours
            for table, column in OWNED.items()
        }


def traces(world: World, user_id: int) -> list[bytes]:
    """Everything that was sealed for a person, and the key of it."""
    columns = {"data_keys": ("wrapped",), "accounts": ("sealed",), "guards": ("phrase", "totp"), "outbox": ("sealed",)}
    found = [NAME.encode()]
    with closing(sqlite3.connect(world.database)) as db:
        for table, names in columns.items():
            for name in names:
                query = f"SELECT {name} FROM {table} WHERE {OWNED[table]} = ?"  # noqa: S608  # tables of ours
                found += [row[0] for row in db.execute(query, (user_id,))]
    assert all(len(trace) >= 40 for trace in found)
    return found


async def filled(desk: Desk, person: Person, name: str = NAME, **state: object) -> None:
    """There is something of him everywhere; what is to be told to him waits for a later day."""
    await asked(person, "/price btc")

    def unit(tx: Transaction) -> None:
        fill(tx, person.id, name, **state)
        tx.outbox._db.conn.execute("UPDATE outbox SET due_at = ? WHERE cause = ?", (LATER_MS, f"fixture:{person.id}"))

    await desk.app.store.write(unit)


async def forgotten(person: Person) -> Seen:
    return await pressed(person, await asked(person, "/forget"), YES)


def test_every_table_that_names_a_person_is_cleared(world: World, desk: Desk):  # noqa: ARG001  # it made the database
    with closing(sqlite3.connect(world.database)) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        named = {
            table: column
            for table in tables
            for _, column, *_ in db.execute(f"PRAGMA table_info({table})")
            if column in {"user_id", "owner"} or (table, column) in {("users", "id"), ("broadcasts", "author")}
        }
    assert named == OWNED


async def test_nothing_of_a_person_is_in_any_file_afterwards_and_everything_of_the_others(world: World, desk: Desk):
    alice, bob = world.alice, world.stranger()
    await filled(desk, alice)
    await filled(desk, bob, "Bob")
    assert set(rows(world, alice.id).values()) == {1}
    before, kept = traces(world, alice.id), rows(world, bob.id)
    assert all(trace in files(world) for trace in before)
    card = await asked(alice, "/forget")
    assert "Binance" in card.text
    assert rows(world, alice.id) == dict.fromkeys(OWNED, 1)
    done = await pressed(alice, card, YES)
    assert "revoke it" in done.text
    assert [trace for trace in before if trace in files(world)] == []
    assert rows(world, alice.id) == dict.fromkeys(OWNED, 0)
    assert rows(world, bob.id) == kept
    assert await desk.app.services.users.get(alice.id) is None


async def test_it_is_asked_once_more_and_only_a_fresh_yes_counts(world: World, desk: Desk):
    alice = world.alice
    await filled(desk, alice)
    card = await asked(alice, "/forget")
    assert "Nothing was deleted" in (await pressed(alice, card, NO)).text
    for typed in ("/forget yes", "/forget yes 0", "/forget yes 99999999999", "/forget yes now", "/forget yes 1 2"):
        assert "Shall I forget you?" in (await asked(alice, typed)).text
    card = await asked(alice, "/forget")
    desk.clock.advance(121)
    assert "Shall I forget you?" in (await pressed(alice, card, YES)).text
    assert rows(world, alice.id) == dict.fromkeys(OWNED, 1)


async def test_somebody_elses_press_forgets_somebody_else_only(world: World, desk: Desk):
    """The button is his who presses it: it holds no name."""
    await filled(desk, world.alice)
    bob = world.stranger()
    await forgotten(bob)
    assert rows(world, world.alice.id) == dict.fromkeys(OWNED, 1)


async def test_not_in_a_group(world: World, desk: Desk):
    await filled(desk, world.alice)
    group = world.telegram.add_group("Coffee", ["alice"])
    assert "private chat" in (await asked(world.alice, "/forget", chat=group)).text
    assert rows(world, world.alice.id) == dict.fromkeys(OWNED, 1)


@pytest.mark.parametrize("state", [State.CONFIRMED, State.PREPARED, State.SENDING, State.UNKNOWN])
async def test_refused_while_it_is_not_known_what_became_of_an_order(world: World, desk: Desk, state: State):
    await filled(desk, world.alice)
    await desk.app.store.write(
        lambda tx: tx.intents._db.conn.execute(
            "UPDATE intents SET state = ?, due_at = ?", (state, tx.now_ms + 3_600_000)
        )
    )
    assert "do not know yet" in (await forgotten(world.alice)).text
    assert rows(world, world.alice.id) == dict.fromkeys(OWNED, 1)
    assert not world.database.with_suffix(".forgotten").exists()


async def test_what_the_desk_could_not_find_out_keeps_nobody(world: World, desk: Desk):
    """He was told to look for himself."""
    await filled(desk, world.alice, intent=State.NEEDS_HUMAN)
    assert "You are forgotten" in (await forgotten(world.alice)).text
    assert rows(world, world.alice.id) == dict.fromkeys(OWNED, 0)


async def test_refused_while_an_order_is_open_and_done_once_it_is_not(world: World, desk: Desk):
    await filled(desk, world.alice, order_ended_at=0)
    assert "open orders" in (await forgotten(world.alice)).text
    assert rows(world, world.alice.id) == dict.fromkeys(OWNED, 1)
    await desk.app.store.write(lambda tx: tx.orders.update(tx.orders.open_of(world.alice.id)[0].id, ended_at=9))
    assert "You are forgotten" in (await forgotten(world.alice)).text
    assert rows(world, world.alice.id) == dict.fromkeys(OWNED, 0)


async def test_an_order_that_can_be_followed_no_more_keeps_nobody(world: World, desk: Desk):
    await filled(desk, world.alice, order_ended_at=0)
    await desk.app.store.write(lambda tx: tx.accounts.drop(held(world.alice.id).id))
    assert "You are forgotten" in (await forgotten(world.alice)).text


async def test_pressed_many_times_it_is_done_and_answered(world: World, desk: Desk):
    alice = world.alice
    await filled(desk, alice)
    card = await asked(alice, "/forget")
    for _ in range(5):
        alice.press(card, YES)
    assert "You are forgotten" in (await answered(alice)).text
    await desk.settled()
    assert rows(world, alice.id) | {"users": 0} == dict.fromkeys(OWNED, 0)


async def test_what_waits_to_be_told_to_him_is_not_told_any_more(world: World, desk: Desk):
    alice, bob = world.alice, world.stranger()
    for person in (alice, bob):
        await filled(desk, person)
    await forgotten(alice)
    said = len(alice.messages())
    await desk.app.store.write(lambda tx: tx.outbox._db.conn.execute("UPDATE outbox SET due_at = 0"))
    # At any hour of the day on which this runs.
    await desk.app.store.write(lambda tx: tx.outbox._db.conn.execute("UPDATE quiet_hours SET holds = 0"))
    await desk.restart()
    await bob.wait(lambda message: "Your list" in message.text)
    await desk.settled()
    assert len(alice.messages()) == said


async def test_who_comes_back_begins_anew_and_stays(world: World, desk: Desk):
    alice = world.alice
    await filled(desk, alice)
    await forgotten(alice)
    await asked(alice, "/watch btc")
    assert (await desk.app.services.users.get(alice.id)).watch == ("BTC",)
    await desk.restart()
    await asked(alice, "/price eth")
    user = await desk.app.services.users.get(alice.id)
    assert (user.watch, user.standing) == (("BTC",), "stranger")


def copied(world: World, name: str) -> Path:
    """By SQLite's own online backup."""
    copy = world.folder / name
    with closing(sqlite3.connect(world.database)) as db, closing(sqlite3.connect(copy)) as other:
        db.backup(other)
    return copy


def put_back(world: World, copy: Path) -> None:
    for end in ("-wal", "-shm"):
        Path(f"{world.database}{end}").unlink(missing_ok=True)
    copy.replace(world.database)


async def test_an_older_database_put_back_forgets_again_and_says_so(world: World, desk: Desk, told: Told):
    alice, bob = world.alice, world.stranger()
    await filled(desk, alice)
    await asked(bob, "/watch btc")
    before, copy = traces(world, alice.id), copied(world, "backup.db")
    await forgotten(alice)
    await desk.restart()
    assert told.events("database.put_back") == []
    await desk.stop()
    put_back(world, copy)
    assert rows(world, alice.id) == dict.fromkeys(OWNED, 1)
    await desk.start()
    assert rows(world, alice.id) == dict.fromkeys(OWNED, 0)
    assert rows(world, bob.id)["users"] == 1
    assert [trace for trace in before if trace in files(world)] == []
    assert [event["people"] for event in told.events("forget.again")] == [1]
    assert len(told.events("database.put_back")) == 1
    assert desk.app.store.figures()["database_put_back"] == 1
    await desk.restart()
    assert len(told.events("forget.again")) == 1
    assert len(told.events("database.put_back")) == 1


async def test_a_copy_from_this_very_run_is_noticed_too_once_it_is_minutes_old(world: World, desk: Desk, told: Told):
    await asked(world.alice, "/watch btc")
    copy = copied(world, "backup.db")
    await desk.app.services.upkeep.tidy()  # as its clock does every ten minutes
    await desk.stop()
    put_back(world, copy)
    await desk.start()
    assert len(told.events("database.put_back")) == 1


async def test_a_kill_in_the_middle_is_finished_by_the_next_start(world: World, make_process):
    """Killed while the answer is on its way: it comes after the start, and nothing is left of the person."""
    alice, desk = world.alice, make_process()
    await desk.start()
    await desk.ready()
    await asked(alice, "/watch btc")
    card = await asked(alice, "/forget")
    world.telegram.delays["editmessagetext"] = 30
    alice.press(card, YES)
    await eventually(lambda: rows(world, alice.id)["users"] == 0)
    await desk.kill()
    world.telegram.delays.clear()
    await desk.start()
    done = await alice.wait(lambda message: "You are forgotten" in message.text, timeout_s=30)
    assert "revoke" in done.text
    assert rows(world, alice.id) == dict.fromkeys(OWNED, 0)
    assert await desk.terminate() == 0


async def test_the_ledger_names_nobody(world: World, desk: Desk):
    await filled(desk, world.alice)
    await forgotten(world.alice)
    ledger = world.database.with_suffix(".forgotten")
    assert ledger.stat().st_mode & 0o777 == 0o600
    (line,) = ledger.read_text().split("\n")[1:-1]
    when, digest = line.split()
    assert str(world.alice.id) not in (when, digest)
    assert len(bytes.fromhex(digest)) == 32
