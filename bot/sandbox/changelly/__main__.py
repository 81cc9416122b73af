"""`python -m bot.sandbox.changelly`: Changelly alone; its first line is JSON with its URL and credentials."""

import argparse
import asyncio

from bot.sandbox import alone
from bot.sandbox.changelly.server import ChangellyStandIn
from bot.sandbox.market import Market


async def serve(given: argparse.Namespace) -> None:
    standin = ChangellyStandIn(Market(given.seed), rates=not given.no_rates)
    standin.engine.progress.pace_s = given.pace
    await alone.serve(standin, given.host, given.port, **standin.add_account("partner")._asdict())


if __name__ == "__main__":
    parser = alone.parser("changelly", __doc__)
    parser.add_argument("--pace", type=float, default=6, help="seconds a stage takes")
    parser.add_argument("--no-rates", action="store_true", help="nobody asks too often")
    asyncio.run(serve(parser.parse_args()))
