"""`python -m bot.sandbox.exchange bitfinex`: one venue alone; its first line is JSON with its URL and keys."""

import argparse
import asyncio
import json
import signal
import sys

from bot.sandbox.exchange.binance import BinanceStandIn
from bot.sandbox.exchange.bitfinex import BitfinexStandIn, venue
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.market import Market


async def serve(given: argparse.Namespace) -> None:
    """Until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    market, rates = Market(given.seed), not given.no_rates
    standin: BinanceStandIn | BitfinexStandIn
    if given.venue == "binance":
        standin = BinanceStandIn(Engine(market), rates=rates)
    else:
        standin = BitfinexStandIn(venue(market), rates=rates)
    keys = [standin.add_account(f"person{number}") for number in range(given.people)]
    sys.stdout.write(json.dumps({"url": await standin.start(given.host, given.port), "keys": keys}) + "\n")
    sys.stdout.flush()
    try:
        await stop.wait()
    finally:
        await standin.stop()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.exchange", description=__doc__)
    parser.add_argument("venue", choices=["binance", "bitfinex"])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one (default)")
    parser.add_argument("--seed", default="changedesk", help="another seed is another market")
    parser.add_argument("--people", type=int, default=1, help="so many accounts, each with a key that may trade")
    parser.add_argument("--no-rates", action="store_true", help="nobody asks too often")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
