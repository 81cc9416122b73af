"""A new vault key for a hundred thousand people, while a desk reads their sealed values 200 times a second."""

import asyncio
import base64
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from bot.scheduler import SystemClock
from storage.store import Store, open_store
from storage.vault import KeySource, SealBroken
from tests.bench.report import Figure, at_most

PEOPLE = 100_000
READS_A_SECOND = 200
A_PAGE = 5_000
LONGEST_S = 60
PATIENCE_S = 300


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="changedesk-") as folder:
        yield from asyncio.run(_measured(Path(folder)))


@dataclass(slots=True)
class Reads:
    """What a desk beside it saw. `waits_s`: how long each read took."""

    failed: int = 0
    waits_s: list[float] = field(default_factory=list)


class Ring:
    """The key file, with ever newer keys on top, as an operator writes it."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "desk.db"
        self.file = folder / "vault.keys"
        self._keys: list[str] = []
        self.add()

    def add(self) -> None:
        self._keys.insert(0, base64.b64encode(os.urandom(32)).decode())
        self.file.write_text("\n".join(self._keys) + "\n")
        self.file.chmod(0o600)

    @property
    def source(self) -> KeySource:
        return KeySource(None, self.file, "", self.database)

    def rotation(self) -> subprocess.Popen[str]:
        """The command, in a process of its own."""
        environment = os.environ | {  # noqa: TID251  # what Python needs of this machine
            "DATABASE_URL": f"sqlite:///{self.database}", "VAULT_KEY_FILE": str(self.file),
        }  # fmt: skip
        return subprocess.Popen(
            [sys.executable, "-m", "bot", "rotate-key"], env=environment, stdout=subprocess.PIPE, text=True
        )


async def _measured(folder: Path) -> list[Figure]:
    ring = Ring(folder)
    store, _ = open_store(ring.database, ring.source, SystemClock())
    sealed = await _sealed(store)
    try:
        ring.add()
        await store.look_for_keys()
        took_s, whole = await _beside(store, sealed, lambda: asyncio.to_thread(_run, ring))
        ring.add()
        await store.look_for_keys()
        kills, cut = await _beside(store, sealed, lambda: asyncio.to_thread(_run_killed, ring))
    finally:
        store.close()
    return [
        at_most(f"a new vault key for {PEOPLE:,} people, {READS_A_SECOND} reads a second", took_s, LONGEST_S, "s", 1),
        _failed("reads that failed meanwhile", whole),
        _failed(f"the same, killed {kills:.0f} times, at each batch", cut),
    ]


def _failed(what: str, reads: Reads) -> Figure:
    slow_ms = quantiles(reads.waits_s, n=100)[98] * 1000
    said = f"{reads.failed} of {len(reads.waits_s):,}; p99 {slow_ms:.1f} ms"
    return Figure(what, said, "0", reads.failed == 0)


async def _sealed(store: Store) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for first in range(1, PEOPLE + 1, A_PAGE):
        people = range(first, first + A_PAGE)
        found |= await store.write(
            lambda tx, people=people: {one: tx.seal(one, b"%d" % one, "bench") for one in people}
        )  # type: ignore[misc]  # a default binds it
    return found


async def _beside(store: Store, sealed: dict[int, bytes], work: Callable[[], Awaitable[float]]) -> tuple[float, Reads]:
    """What `work` returns, and the reads that were done meanwhile."""
    reads, done = Reads(), asyncio.Event()

    async def read() -> None:
        dice, due = random.Random(1), time.perf_counter()  # noqa: S311  # any person will do
        while not done.is_set():
            await _read(store, sealed, dice.randint(1, PEOPLE), reads)
            due += 1 / READS_A_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))

    async with asyncio.TaskGroup() as group:
        group.create_task(read())
        figure = await work()
        done.set()
    return figure, reads


async def _read(store: Store, sealed: dict[int, bytes], person: int, reads: Reads) -> None:
    began = time.perf_counter()
    try:
        value = await store.read(lambda tx: tx.open(person, sealed[person], "bench"))
        reads.failed += value != b"%d" % person
    except SealBroken:
        reads.failed += 1
    reads.waits_s.append(time.perf_counter() - began)


def _run(ring: Ring) -> float:
    """Seconds, the command's start included. Raises RuntimeError where it did not do its work."""
    began = time.perf_counter()
    said, _ = ring.rotation().communicate(timeout=PATIENCE_S)
    if "\n0 data keys are not under" not in said:
        raise RuntimeError(f"the rotation did not end well: {said[-500:]}")
    return time.perf_counter() - began


def _run_killed(ring: Ring) -> float:
    """How often it was killed: each time as soon as it has told of a batch, until nothing is left."""
    for kills in range(PEOPLE):
        process = ring.rotation()
        line = process.stdout.readline() if process.stdout else ""
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=PATIENCE_S)
        if line.startswith("0 data keys are not under"):
            return kills
    raise RuntimeError("it never came to an end")
