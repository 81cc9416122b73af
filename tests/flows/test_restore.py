"""The restore drill: a backup under load, a kill, the backup put back; nothing doubled, and the forgotten stay so."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.scheduler import SystemClock
from storage.backups import back_up, note
from storage.forgetting import OWNED
from storage.restoring import restore
from storage.vault import KeySource
from tests.desk import Desk, DeskProcess, World, asked, eventually, pressed
from tests.flows.test_orders import confirmed, connected, orders_of, said, typed

FORGET = "Yes, forget me"


def copied(world: World) -> Path:
    copy = world.folder / "copy.db"
    back_up(world.database, copy)
    note(world.database, int(SystemClock().now().timestamp() * 1000))
    return copy


def put_back(world: World, copy: Path) -> None:
    source = KeySource(None, None, "", world.database.with_suffix(".key"))
    with copy.open("rb") as file:
        restore(world.database, file, source, SystemClock())


async def pressed_after_the_copy(world: World, desk: Desk) -> str:
    """An offer is in the copy, its press is not. Returns the account's name at the exchange."""
    name = await connected(world, world.alice)
    card = await asked(world.alice, "/buy 0.002 btc/usdt")
    copy = await asyncio.to_thread(copied, world)
    await confirmed(world.alice, card, "filled")
    assert len(orders_of(world, name)) == 1
    await desk.stop()
    await asyncio.to_thread(put_back, world, copy)
    return name


async def test_no_order_leaves_until_it_is_known_what_became_of_the_last_ones(
    world: World, make_desk, unused_port: int
):
    await asked_by_admin(world, before := make_desk(ACCESS="open"))
    await connected(world, world.alice, "bitfinex")
    name = await pressed_after_the_copy(world, before)
    cut_off = make_desk(ACCESS="open", BINANCE_URL=f"http://127.0.0.1:{unused_port}")
    await cut_off.start()
    told = await said(world.admin, "A backup was put back", "1 order or swap")
    assert "/resume" in told.text
    await typed(world.alice, "/buy 0.002 btc/usdt on bitfinex", "put back from a backup")
    assert orders_of(world, f"{world.alice.id}-bitfinex") == []
    await cut_off.stop()

    again = make_desk(ACCESS="open")
    await again.start()
    await said(world.alice, "filled", "100.0%")
    await said(world.admin, "orders leave again")
    assert len(orders_of(world, name)) == 1
    card = await typed(world.alice, "/buy 0.003 btc/usdt", "BUY 0.003 BTC")
    await confirmed(world.alice, card, "filled")
    assert len(orders_of(world, name)) == 2


async def asked_by_admin(world: World, desk: Desk) -> None:
    """So that the desk may write to him."""
    await desk.start()
    await asked(world.admin, "/start")


async def test_an_admin_may_let_orders_leave_before(world: World, make_desk, unused_port: int):
    await asked_by_admin(world, before := make_desk(ACCESS="open"))
    await pressed_after_the_copy(world, before)
    desk = make_desk(ACCESS="open", BINANCE_URL=f"http://127.0.0.1:{unused_port}")
    await desk.start()
    await said(world.admin, "A backup was put back")
    question = await typed(world.admin, "/resume", "not known yet what became")
    await pressed(world.admin, question, question.labels[0])
    assert not await desk.app.services.trading.halted()
    assert await desk.app.services.put_back.unknown() is None


async def test_where_nothing_was_under_way_the_admins_are_told_and_nothing_is_held(world: World, make_desk):
    await asked_by_admin(world, desk := make_desk(ACCESS="open"))
    copy = await asyncio.to_thread(copied, world)
    await desk.stop()
    await asyncio.to_thread(put_back, world, copy)
    await desk.start()
    await said(world.admin, "A backup was put back", "0 orders")
    await eventually(lambda: world.calls("sendMessage"))
    async with asyncio.timeout(20):
        while await desk.app.services.trading.halted():  # noqa: ASYNC110  # the tables tell nobody
            await asyncio.sleep(0.05)
    await desk.restart()
    await asked(world.admin, "/start")
    told = [message for message in world.admin.messages() if "A backup was put back" in message.text]
    assert len(told) == 1


def people(database: Path, user_id: int) -> int:
    with closing(sqlite3.connect(database)) as db:
        return sum(
            db.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", (user_id,)).fetchone()[0]  # noqa: S608  # tables of ours
            for table, column in OWNED.items()
        )


async def test_the_drill_by_the_shell_under_load_with_a_kill_and_somebody_who_was_forgotten(world: World, make_process):
    alice, bob = world.alice, world.stranger()
    desk: DeskProcess = make_process()
    shell: DeskProcess = make_process()
    shell.log = world.folder / "shell.log"
    await desk.start()
    await desk.ready()
    await asked(alice, "/watch btc")
    await asked(bob, "/watch eth")
    for n in range(30):
        alice.send(f"/watch {'btc' if n % 2 else 'eth'}")
    copy = world.folder / "copy.db"
    await shell.start("backup", str(copy))
    assert await shell.ended() == 0, shell.said
    assert copy.stat().st_mode & 0o777 == 0o600
    await shell.start("restore", str(copy))
    assert (await shell.ended(), "stop it first" in shell.said) == (1, True)
    await pressed(bob, await asked(bob, "/forget"), FORGET)
    await desk.kill()
    assert people(copy, bob.id) > 0
    await shell.start("restore", str(copy))
    assert await shell.ended() == 0, shell.said
    assert people(world.database, bob.id) == 0
    assert people(world.database, alice.id) > 0
    assert list(world.folder.glob("*.replaced*"))
    await desk.start()
    await desk.ready()
    await asked(alice, "/price btc")
    assert await desk.terminate() == 0
    assert people(world.database, bob.id) == 0


async def test_with_another_vault_key_it_is_refused_with_78(world: World, desk: Desk, make_process):
    await asked(world.alice, "/watch btc")
    copy = await asyncio.to_thread(copied, world)
    await desk.stop()
    shell: DeskProcess = make_process(VAULT_KEY="b" * 43 + "=")
    await shell.start("restore", str(copy))
    assert (await shell.ended(), "not the one" in shell.said) == (78, True)
