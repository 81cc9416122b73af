"""`python -m bot.sandbox`: the world alone; its first line is JSON with its addresses. A desk may come and go in it."""

import argparse
import asyncio
import json
import signal
import sys
from functools import partial

from bot.sandbox.plug import PlugPanel
from bot.sandbox.world import serve


async def _end_with_parent(stop: asyncio.Event) -> None:
    """Whoever started us holds the other end of our input: it closes when he goes, even if he is killed."""

    class Watch(asyncio.Protocol):
        def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's interface
            stop.set()

    await asyncio.get_running_loop().connect_read_pipe(Watch, sys.stdin)


async def _run(host: str, port: int, *, tied: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if tied:
        await _end_with_parent(stop)
    world = await serve(host, port, 0)
    if tied:
        world.telegram.worlds.insert(0, PlugPanel(partial(_say, "plug")))
    _say(json.dumps(world.told()))
    try:
        await stop.wait()
    finally:
        await world.stop()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090, help="of the chat page; 0: any free one")
    parser.add_argument("--tied", action="store_true", help="end when the input closes")
    given = parser.parse_args()
    asyncio.run(_run(given.host, given.port, tied=given.tied))


main()
