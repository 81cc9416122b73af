"""How the desk is: what keeps it from serving, its figures, and the two on one card for an admin."""

import asyncio
import platform
import sqlite3
import tomllib
from collections.abc import Awaitable, Callable, Collection, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

from bot.domain.errors import Unavailable
from bot.domain.figures import Condition, Figures, Source, VendorState, labelled
from bot.domain.ports import Clock
from storage.store import Store, Transaction

Fault = Callable[[], str]
LEAST_FREE_BYTES = 64 << 20
LAG_EVERY_S = 0.5
LAG_OF = 60
"""The worst of so many looks: of half a minute."""


class Vendor(Protocol):
    """How one vendor has answered."""

    def state(self) -> VendorState: ...
    def figures(self) -> Figures: ...


class DeskHealth:
    """What each part says of itself. A fault is a short sentence, empty where all is well; a figure has a name."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._began = clock.monotonic()
        self._faults: list[Fault] = []
        self._figures: list[Source] = []
        self._slow: list[Callable[[], Awaitable[Figures]]] = []
        self._vendors: list[Vendor] = []
        self._lags = [0.0]

    def listen(
        self,
        faults: Iterable[Fault] = (),
        figures: Iterable[Source] = (),
        slow: Iterable[Callable[[], Awaitable[Figures]]] = (),
        vendors: Collection[Vendor] = (),
    ) -> None:
        """From now on these are asked, too. `slow`: figures that come from the tables."""
        self._faults += faults
        self._figures += [*figures, *(vendor.figures for vendor in vendors)]
        self._slow += slow
        self._vendors += vendors

    async def faults(self) -> list[str]:
        """What keeps the desk from serving. Empty: ready."""
        found = [fault() for fault in self._faults]
        if self._store.room().free_bytes < LEAST_FREE_BYTES:
            found.append("storage: the disk is full")
        try:
            await self._store.write(lambda _: None)
        except Unavailable:
            found.append("storage: the database takes no writes")
        return [fault for fault in found if fault]

    async def figures(self) -> dict[str, float]:
        """Those of the tables are left out while the database does not answer."""
        room = self._store.room()
        values: dict[str, float] = {
            "up_seconds": self._clock.monotonic() - self._began,
            "loop_lag_seconds": max(self._lags),
            "database_bytes": room.used_bytes,
            "disk_free_bytes": room.free_bytes,
        }
        for part in self._figures:
            values |= part()
        try:
            for slow in self._slow:
                values |= await slow()
            values |= await self._store.read(_of_tables)
        except Unavailable:
            return values | {"database_answers": 0}
        return values | {"database_answers": 1}

    async def look(self) -> Condition:
        return Condition(
            version=_version(),
            python=platform.python_version(),
            sqlite=sqlite3.sqlite_version,
            up_s=self._clock.monotonic() - self._began,
            faults=tuple(await self.faults()),
            figures=await self.figures(),
            vendors=tuple(vendor.state() for vendor in self._vendors),
        )

    async def watch_loop(self) -> None:
        """For ever: measures how late the loop is."""
        while True:
            due = self._clock.monotonic() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self._lags = [*self._lags[1 - LAG_OF :], max(0.0, self._clock.monotonic() - due)]


def _of_tables(tx: Transaction) -> dict[str, float]:
    made = tx.desk.backed_up_at()
    values: dict[str, float] = {
        "inbox_waiting": tx.inbox.count_waiting(),
        "outbox_waiting": tx.outbox.count_waiting(),
        "outbox_oldest_seconds": (tx.now_ms - tx.counts.outbox_due_since(tx.now_ms)) / 1000,
        "held": tx.desk.halted(),
        "backup_age_seconds": max(0, tx.now_ms - made) / 1000 if made else -1,
    }
    for (action, state), count in tx.counts.intents().items():
        values[labelled("intents", action=action, state=state)] = count
    for kek_id, count in tx.counts.key_rows().items():
        values[labelled("key_rows", kek_id=kek_id)] = count
    return values


def _version() -> str:
    """Of the package; in a checkout, which is not installed, as its project file has it."""
    try:
        return version("changedesk")
    except PackageNotFoundError:
        project = Path(__file__).parents[2] / "pyproject.toml"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
