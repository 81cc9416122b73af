"""The pairs of one exchange and their rules, loaded beside the event loop: to read and sort them takes a second."""

import asyncio
import gc
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import structlog

from bot.domain.orders import Market
from bot.providers.exchanges import _client
from bot.providers.exchanges._client import Link
from bot.providers.exchanges._dialect import Dialect
from bot.providers.exchanges._ladder import failure
from bot.providers.exchanges._reading import number
from bot.providers.exchanges._wire import Answer, decoded

log = structlog.get_logger(__name__)

_MOST_BYTES = 64 << 20
_MOST_MARKETS = 10_000


@dataclass(frozen=True, slots=True)
class Listing:
    """`tables` is a ccxt object that holds its own form of the same, for others to share."""

    markets: Mapping[str, Market]
    tables: Any


class _Bridge(Link):
    """Asks on the event loop, reads and judges in the thread that builds."""

    __slots__ = ("loop",)
    loop: asyncio.AbstractEventLoop

    async def fetch(self, client: Any, url: str, method: str, headers: Any, body: Any) -> Any:
        asking = self.wire.ask(method, url, headers or {}, body, self.flight, _MOST_BYTES)
        status, heads, content = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asking, self.loop))
        return self.judged(client, Answer(status, heads, *decoded(content)), url, method)

    async def throttle(self, weight: float | None = None) -> None:
        """A handful of calls now and then."""


async def load(module: Any, link: Link) -> Listing:
    """Raises what the link raises."""
    bridge = _Bridge(link.dialect, link.section, link.wire, link.pace)
    bridge.loop = asyncio.get_running_loop()
    return await asyncio.to_thread(_loaded, module, bridge)


def _loaded(module: Any, bridge: _Bridge) -> Listing:
    client = _client.make(module, bridge)
    # Each load makes hundreds of thousands of objects that stay: the collector would look through them over and over.
    gc.disable()
    try:
        records = asyncio.run(_records(client, bridge.dialect))
        client.set_markets([_slim(record, bridge.dialect) for record in records[:_MOST_MARKETS]])
        markets = {symbol: market(record, bridge.dialect) for symbol, record in client.markets.items()}
    finally:
        gc.enable()
    gc.freeze()
    return Listing({symbol: each for symbol, each in markets.items() if each is not None}, client)


async def _records(client: Any, dialect: Dialect) -> list[Any]:
    found = []
    for n, options in enumerate(dialect.market_loads):
        client.options = {**client.options, **options}
        try:
            found += [record for record in await client.fetch_markets() if _wanted(record)]
        except Exception as error:
            if n == 0:
                raise
            log.warning("markets left out", exchange=dialect.traits.name, part=n, why=failure(error).name)
    return found


def _wanted(record: Mapping[str, Any]) -> bool:
    """Spot, and contracts without an end that are settled in the quote."""
    kind = record.get("spot") is True or (record.get("swap") is True and record.get("linear") is True)
    return kind and record.get("active") is not False


def _slim(record: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    """Without the raw record, which is half of the weight. Steps as text: where ccxt wants text it takes a Decimal for
    nothing at all, and an order's amount would go out through a float.
    """
    info = record.get("info")
    kept = {name: info.get(name) for name in dialect.market_info} if isinstance(info, Mapping) else {}
    steps = {name: f"{step:f}" if isinstance(step, Decimal) else step for name, step in record["precision"].items()}
    return {**record, "info": kept, "precision": steps}


def market(record: Mapping[str, Any], dialect: Dialect) -> Market | None:
    """None for a pair whose rules are not whole: nothing could be sent there."""
    precision = record["precision"]
    step = dialect.amount_step or number(precision["amount"])
    price = number(precision["price"])
    if not step or not price:
        return None
    return Market(
        symbol=record["symbol"],
        base=record["base"],
        quote=record["quote"],
        amount_step=step,
        price_step=None if dialect.price_by_digits else price,
        price_digits=int(price) if dialect.price_by_digits else None,
        least_amount=_limit(record, "amount", "min"),
        most_amount=_limit(record, "amount", "max"),
        least_cost=_limit(record, "cost", "min"),
        most_cost=_limit(record, "cost", "max"),
        taker=number(record.get("taker")),
        settle=record.get("settle") or "",
        margin=record.get("margin") is True,
        active=record.get("active") is not False,
    )


def _limit(record: Mapping[str, Any], what: str, end: str) -> Decimal | None:
    return number((record["limits"].get(what) or {}).get(end))
