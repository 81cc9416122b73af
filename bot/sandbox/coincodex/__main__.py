"""`python -m bot.sandbox.coincodex --port 0`: the stand-in alone; its first line is JSON with its URL."""

import argparse
import asyncio
import json
import signal
import sys

from bot.sandbox.coincodex.server import CoinCodexStandIn
from bot.sandbox.market import Market


async def serve(host: str, port: int, seed: str, dust: int) -> None:
    """Until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    standin = CoinCodexStandIn(Market(seed, dust=dust))
    sys.stdout.write(json.dumps({"url": await standin.start(host, port)}) + "\n")
    sys.stdout.flush()
    try:
        await stop.wait()
    finally:
        await standin.stop()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.coincodex", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one (default)")
    parser.add_argument("--seed", default="changedesk", help="another seed is another market")
    parser.add_argument("--dust", type=int, default=2700, help="how many tiny coins make the listings long")
    given = parser.parse_args()
    asyncio.run(serve(given.host, given.port, given.seed, given.dust))


if __name__ == "__main__":
    main()
