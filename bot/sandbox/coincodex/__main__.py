"""`python -m bot.sandbox.coincodex --port 0`: the stand-in alone; its first line is JSON with its URL."""

import argparse
import asyncio

from bot.sandbox import alone
from bot.sandbox.coincodex.server import CoinCodexStandIn
from bot.sandbox.market import Market


async def serve(given: argparse.Namespace) -> None:
    await alone.serve(CoinCodexStandIn(Market(given.seed, dust=given.dust)), given.host, given.port)


if __name__ == "__main__":
    parser = alone.parser("coincodex", __doc__)
    parser.add_argument("--dust", type=int, default=2700, help="how many tiny coins make the listings long")
    asyncio.run(serve(parser.parse_args()))
