"""A broadcast under Telegram's limits with alerts in between; and what one to very many holds in memory."""

import asyncio
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import psutil

from bot.domain.broadcasts import Audience, Broadcast, Kind, State
from bot.domain.notices import Address, Lane, Notice
from bot.domain.users import User
from bot.sandbox.market import Market
from bot.sandbox.telegram import TelegramStandIn
from bot.scheduler import SystemClock
from bot.services.broadcasts import begin
from storage.store import Transaction, open_store
from storage.vault import KeySource
from tests.bench.report import Figure
from tests.desk import ADMIN, ROOT, TOKEN, World, eventually

READERS = 900
BUDGET = 30.0
LEAST_SHARE = 0.95
ALERTS, ALERT_EVERY_MS, ALERTED_WITHIN_S = 24, 1_500, 2.0
FEW, MANY = 1_000, 100_000
FLAT_MIB = 10.0
FIRST = 5_000_000
PATIENCE_S = 900.0
LOOK_S = 0.25


def measure() -> Iterator[Figure]:
    per_second, late_s = asyncio.run(_paced())
    share = per_second / BUDGET
    yield Figure(
        f"messages a second while {READERS} copies go out, of Telegram's {BUDGET:.0f}",
        f"{per_second:.1f} ({share:.1%})", f">= {LEAST_SHARE:.0%}", share >= LEAST_SHARE,
    )  # fmt: skip
    yield Figure(
        f"alerts handed over meanwhile, longest of {len(late_s)}",
        f"{max(late_s):.2f} s", f"< {ALERTED_WITHIN_S:g} s", max(late_s) < ALERTED_WITHIN_S,
    )  # fmt: skip
    (few, _), (many, copies_s) = (asyncio.run(_held(readers)) for readers in (FEW, MANY))
    yield Figure(
        f"memory at most while {MANY:,} copies go out, beside {FEW:,}",
        f"{many:.0f} MiB beside {few:.0f} ({copies_s:,.0f} copies a second without limits)",
        f"<= {FLAT_MIB:.0f} MiB more", many - few <= FLAT_MIB,
    )  # fmt: skip


async def _paced() -> tuple[float, list[float]]:
    """Messages a second from the first copy to the last, and by how many seconds each alert was late."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        world = World(Market(invented=60, dust=40), Path(folder))
        await world.start()
        desk = None
        try:
            due = await _stored(world, READERS, world.admin.say("Hear, hear")[1].id, ALERTS)
            desk = await _started(world, "bot", "run")
            calls: dict[int, tuple[str, float, int]] = {}
            async with asyncio.timeout(PATIENCE_S):
                while not _ended(world):
                    calls |= {
                        call.n: (call.method, call.at, int(call.params.get("chat_id", 0)))
                        for call in world.telegram.requests
                    }
                    await asyncio.sleep(LOOK_S)
        finally:
            await _stopped(desk)
            await world.stop()
    copied = sorted(at for method, at, _ in calls.values() if method == "copyMessage")
    told = {chat: at for method, at, chat in calls.values() if method == "sendMessage" and chat in due}
    while_sending = {chat: at for chat, at in told.items() if copied[0] < due[chat] < copied[-1]}
    messages = len(copied) + len(while_sending)
    return messages / (copied[-1] - copied[0]), [at - due[chat] for chat, at in while_sending.items()]


async def _held(readers: int) -> tuple[float, float]:
    """The most MiB the desk held while it sent to so many, and copies a second."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        world = World(Market(invented=60, dust=40), Path(folder))
        world.telegram = TelegramStandIn(tokens=[TOKEN], record=False, rates=False)
        await world.start()
        desk = None
        try:
            await _stored(world, readers, 1, 0)
            desk = await _started(world, "tests.bench.hasty")
            process, began, most = psutil.Process(desk.pid), time.perf_counter(), 0
            async with asyncio.timeout(PATIENCE_S):
                while not _ended(world):
                    most = max(most, process.memory_info().rss)
                    await asyncio.sleep(LOOK_S)
            return most / 2**20, readers / (time.perf_counter() - began)
        finally:
            await _stopped(desk)
            await world.stop()


async def _stored(world: World, readers: int, source_id: int, alerts: int) -> dict[int, float]:
    """A broadcast that goes out as soon as the desk starts; and when an alert is due for whom."""
    store, _ = open_store(world.database, KeySource(None, None, "", world.database.with_suffix(".key")), SystemClock())
    people, telegram = range(FIRST, FIRST + readers), world.telegram.tg.world
    for person in [*people, *range(FIRST - alerts, FIRST)]:
        telegram.add_person(f"Reader {person}", person_id=person)
        telegram.started |= {(bot.id, person) for bot in world.telegram.tg.bots.values()}
    await store.write(lambda tx: [tx.users.add(User(person, f"Reader {person}"), 1) for person in people])
    await store.write(partial(_begun, source_id=source_id))
    due = await store.write(lambda tx: [_alert(tx, n) for n in range(1, alerts + 1)])
    store.close()
    return dict(due)


def _begun(tx: Transaction, source_id: int) -> None:
    made = Broadcast("bench", ADMIN, Kind.COPY, State.DRAFT, Audience(), chat_id=ADMIN, source_id=source_id)
    tx.broadcasts.add(made)
    begin(tx, made, tx.broadcasts.reach(made.audience, tx.now_ms), ADMIN)


def _alert(tx: Transaction, number: int) -> tuple[int, float]:
    chat, after_ms = FIRST - number, number * ALERT_EVERY_MS
    tx.tell(f"bench:{number}", Lane.ALERT, chat, Address(chat), Notice("access_granted", {}), after_ms=after_ms)
    return chat, (tx.now_ms + after_ms) / 1000


async def _started(world: World, *module: str) -> asyncio.subprocess.Process:
    environment = {"PYTHONPATH": str(ROOT), "HOME": str(world.folder), **world.environment()}
    desk = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *module, env=environment, cwd=world.folder,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await eventually(lambda: "copyMessage" in world.telegram.calls.counts, PATIENCE_S)
    return desk


async def _stopped(desk: asyncio.subprocess.Process | None) -> None:
    if desk:
        desk.terminate()
        await desk.wait()


def _ended(world: World) -> bool:
    with closing(sqlite3.connect(f"{world.database.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT state FROM broadcasts").fetchone() == ("ended",)
