"""`python -m bot.sandbox.changelly`: Changelly alone; its first line is JSON with its URL and credentials."""

import argparse
import asyncio
import json
import signal
import sys

from bot.sandbox.changelly.server import ChangellyStandIn
from bot.sandbox.market import Market


async def serve(given: argparse.Namespace) -> None:
    """Until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    standin = ChangellyStandIn(Market(given.seed), rates=not given.no_rates)
    standin.engine.progress.pace_s = given.pace
    login = standin.add_account("partner")
    told = {"url": await standin.start(given.host, given.port), **login._asdict()}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    try:
        await stop.wait()
    finally:
        await standin.stop()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.changelly", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one (default)")
    parser.add_argument("--seed", default="changedesk", help="another seed is another market")
    parser.add_argument("--pace", type=float, default=6, help="seconds a stage takes")
    parser.add_argument("--no-rates", action="store_true", help="nobody asks too often")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
