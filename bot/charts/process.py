"""One worker process and the pipe to it: start, ask, end."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir
from typing import Self

from bot.charts.border import LENGTH, Block, Job, Outcome, pack, unpack

ROOT = Path(__file__).resolve().parents[2]


class Died(Exception):
    """The worker ended, or was ended, before it had answered."""


class Worker:
    """Not for two callers at once. After Died, a timeout or a cancellation only `kill` is left to call."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.asked = 0

    @classmethod
    async def start(cls) -> Self:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "bot.charts.child"),
            stdin=PIPE,
            stdout=PIPE,
            # Nothing of the desk's own environment: it holds secrets, and the worker needs none.
            env={
                "PYTHONPATH": str(ROOT),
                "TMPDIR": gettempdir(),
                "POLARS_MAX_THREADS": "1",
                # It would run code it has just written, which a hardened unit (MemoryDenyWriteExecute) does not allow.
                "POLARS_SKIP_CPU_CHECK": "1",
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
            },
            process_group=0,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def ask(self, job: Job, columns: Sequence[Block]) -> tuple[Outcome, bytes]:
        """The outcome and its content. Raises Died."""
        self.asked += 1
        try:
            await self._send(job, columns)
            outcome: Outcome = unpack(await self._frame())
            return outcome, await self._frame()
        except (OSError, asyncio.IncompleteReadError) as error:
            raise Died from error

    def stop(self) -> None:
        """Whatever it does; who is in `ask` gets Died. To be followed by `kill`."""
        if self.alive:
            self._process.kill()

    async def kill(self) -> None:
        """Returns when it is gone; also when it was already. Nobody may be in `ask`."""
        self.stop()
        await self._process.communicate()
        # What `communicate` leaves open when it has nothing to send; the pipe's other end is gone already.
        if pipe := self._process.stdin:
            pipe.close()
            with suppress(OSError):
                await pipe.wait_closed()

    async def _send(self, job: Job, columns: Sequence[Block]) -> None:
        pipe = self._process.stdin
        assert pipe is not None  # noqa: S101  it was asked for in `start`
        pipe.write(pack(job))
        for column in columns:
            pipe.write(pack(column))
            await pipe.drain()
            # A drain that need not wait does not yield, and a wide table is packed for tens of milliseconds.
            await asyncio.sleep(0)

    async def _frame(self) -> bytes:
        pipe = self._process.stdout
        assert pipe is not None  # noqa: S101  it was asked for in `start`
        (length,) = LENGTH.unpack(await pipe.readexactly(LENGTH.size))
        return await pipe.readexactly(length)
