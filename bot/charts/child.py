"""The worker's inside: `python -m bot.charts.child` reads jobs from its standard input, one after the other."""

import ctypes
import os
import signal
import sys
import traceback
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from bot.charts.border import (
    Block,
    Book,
    Candles,
    Column,
    Drawing,
    Job,
    Outcome,
    Tabling,
    Warming,
    framed,
    pack,
    read,
    unpack,
)
from bot.domain.errors import BotError

PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>: the signal this process gets when its parent is gone."""


def main() -> None:
    # What a library might print must not get between the frames.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _settle()
    # A broken pipe is how the worker learns that the desk is gone; there is nobody left to tell.
    with suppress(EOFError, BrokenPipeError):
        serve(sys.stdin.buffer, out)


def serve(jobs: BinaryIO, out: BinaryIO) -> None:
    """Until the end of `jobs`, which raises EOFError."""
    while True:
        job: Job = unpack(read(jobs.read))
        columns: list[Block] = [unpack(read(jobs.read)) for _ in range(job.columns)]
        outcome, content = _done(job, columns)
        out.write(pack(outcome) + framed(content))
        out.flush()


def _done(job: Job, columns: list[Block]) -> tuple[Outcome, bytes]:
    try:
        values, content = _made(job.ask, columns)
    except BotError as error:
        return Outcome(error=error), b""
    except Exception:  # noqa: BLE001  told to the desk, which logs it; the next job must find a worker
        return Outcome(trace=traceback.format_exc()), b""
    return Outcome(values=values), content


def _made(ask: Warming | Drawing | Tabling, columns: list[Block]) -> tuple[object, bytes]:
    # Each import is half a second and some 50 MiB, which the other kind of job does not need.
    if isinstance(ask, Tabling):
        from bot.charts import tables  # noqa: PLC0415

        return tables.serve([column for column in columns if isinstance(column, Column)], ask)
    _load_fonts()
    return None, _drawn(ask, columns) if isinstance(ask, Drawing) else _sample()


def _drawn(ask: Drawing, blocks: list[Block]) -> bytes:
    from bot.charts import candles, depth, lines  # noqa: PLC0415

    match blocks:
        case [Candles() as each]:
            return candles.draw(each, title=ask.title, zone=ask.zone)
        case [Book() as book]:
            return depth.draw(book, title=ask.title, zone=ask.zone)
        case [Column() as column, Column() as volume]:
            return lines.draw(column, title=ask.title, zone=ask.zone, volume=volume)
        case [Column() as column]:
            return lines.draw(column, title=ask.title, zone=ask.zone)
    raise TypeError("there is no picture of these")


def _sample() -> bytes:
    from bot.charts import lines  # noqa: PLC0415

    return lines.draw_sample()


@cache
def _load_fonts() -> None:
    """The library insists on writing down what fonts it found. Gone at once: a desk that is killed leaves no litter."""
    with TemporaryDirectory(prefix="changedesk-") as scratch:
        os.environ["MPLCONFIGDIR"] = scratch  # noqa: TID251  the library's setting, in a process of its own
        import matplotlib.font_manager  # noqa: F401, PLC0415


def _settle() -> None:
    """Stopping is the desk's business; dying with it, and being killed before it, are the worker's."""
    for ours_not in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ours_not, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


if __name__ == "__main__":
    main()
