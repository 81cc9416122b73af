"""An exchange that lists as many pairs as the real one: its recorded answers, the lists in them grown.

`python -m tests.bench.listings okx` serves it, until SIGINT or SIGTERM.
"""

import argparse
import asyncio
import json
from contextlib import AsyncExitStack

from bot.sandbox.alone import serve
from tests.providers.exchanges.vendor import Recorded
from tests.providers.loopback import served

PAIRS_OF_BITFINEX = "GET /v2/conf/pub:info:pair,pub:info:pair:futures,pub:list:pair:securities,pub:list:pair:margin"
LISTS = {
    "binance": (
        ("GET /api/v3/exchangeInfo", "symbols", "LTC", 3_000),
        ("GET /fapi/v1/exchangeInfo", "symbols", "BTC", 600),
    ),
    "okx": (
        ("GET /api/v5/public/instruments", "data", "BTC", 1_000),
        ("GET /api/v5/public/instruments?SWAP", "data", "BTC", 350),
    ),
    "htx": (
        ("GET /v1/common/symbols", "data", "btc", 1_500),
        ("GET /linear-swap-api/v1/swap_contract_info", "data", "BTC", 250),
    ),
    "bitfinex": ((PAIRS_OF_BITFINEX, 0, "BTC", 400), (PAIRS_OF_BITFINEX, 1, "BTC", 70)),
}
"""Call, where in its answer the list is, the coin whose row is repeated for made-up ones, how many rows in all."""

PAIRS = sum(count for lists in LISTS.values() for *_, count in lists)


def grown(name: str) -> Recorded:
    vendor = Recorded(name)
    for call, place, coin, count in LISTS[name]:
        rows = vendor.body(call)[place]
        row = next(json.dumps(row) for row in rows if coin in json.dumps(row))
        rows += [json.loads(row.replace(coin, _coin(n, coin))) for n in range(count - len(rows))]
    return vendor


def _coin(number: int, like: str) -> str:
    """QAAA, QAAB, ... in the case of `like`."""
    signs = ""
    for _ in range(3):
        number, rest = divmod(number, 26)
        signs = chr(ord("A") + rest) + signs
    return f"Q{signs}" if like.isupper() else f"q{signs.lower()}"


class Listed:
    """As a stand-in that is run alone."""

    def __init__(self, name: str) -> None:
        self._vendor, self._stack = grown(name), AsyncExitStack()

    async def start(self, _host: str, _port: int) -> str:
        await self._stack.enter_async_context(served(self._vendor))
        return self._vendor.url

    async def stop(self) -> None:
        await self._stack.aclose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.listings", description=__doc__)
    parser.add_argument("exchange", choices=LISTS)
    asyncio.run(serve(Listed(parser.parse_args().exchange), "127.0.0.1", 0))
