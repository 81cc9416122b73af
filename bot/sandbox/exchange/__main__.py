"""`python -m bot.sandbox.exchange bitfinex`: one venue alone; its first line is JSON with its URL and keys."""

import argparse
import asyncio

from bot.sandbox import alone
from bot.sandbox.exchange.binance import BinanceStandIn
from bot.sandbox.exchange.bitfinex import BitfinexStandIn, venue
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.market import Market


async def serve(given: argparse.Namespace) -> None:
    market, rates = Market(given.seed), not given.no_rates
    standin: BinanceStandIn | BitfinexStandIn
    if given.venue == "binance":
        standin = BinanceStandIn(Engine(market), rates=rates)
    else:
        standin = BitfinexStandIn(venue(market), rates=rates)
    keys = [standin.add_account(f"person{number}") for number in range(given.people)]
    await alone.serve(standin, given.host, given.port, keys=keys)


if __name__ == "__main__":
    parser = alone.parser("exchange", __doc__)
    parser.add_argument("venue", choices=["binance", "bitfinex"])
    parser.add_argument("--people", type=int, default=1, help="so many accounts, each with a key that may trade")
    parser.add_argument("--no-rates", action="store_true", help="nobody asks too often")
    asyncio.run(serve(parser.parse_args()))
