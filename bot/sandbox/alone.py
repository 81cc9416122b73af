"""One stand-in in a process of its own: the command line they share, and the first line they say."""

import argparse
import asyncio
import json
import signal
import sys
from typing import Any, Protocol


class StandIn(Protocol):
    async def start(self, host: str, port: int) -> str: ...

    async def stop(self) -> None: ...


def parser(name: str, about: str | None) -> argparse.ArgumentParser:
    """`host`, `port` and `seed`; the others are the caller's."""
    made = argparse.ArgumentParser(prog=f"python -m bot.sandbox.{name}", description=about)
    made.add_argument("--host", default="127.0.0.1")
    made.add_argument("--port", type=int, default=0, help="0: any free one (default)")
    made.add_argument("--seed", default="changedesk", help="another seed is another market")
    return made


async def serve(standin: StandIn, host: str, port: int, **told: Any) -> None:
    """Until SIGINT or SIGTERM. The first line is JSON: its URL, and what else is to be told."""
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    sys.stdout.write(json.dumps({"url": await standin.start(host, port), **told}) + "\n")
    sys.stdout.flush()
    try:
        await stop.wait()
    finally:
        await standin.stop()
