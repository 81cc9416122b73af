"""From one currency to another over one exchange's pairs: directly, or over one that both are traded for."""

from collections.abc import Iterator

from bot.domain.orders import Market
from bot.services._pairs import Pairs

BRIDGES = ("USDT", "USD", "USDC", "BTC", "EUR", "ETH")
"""What a way may lead over, most traded first."""


def ways(have: str, want: str, pairs: Pairs) -> Iterator[tuple[Market, ...]]:
    """Each way as the markets to go through, the most direct first."""
    if direct := pairs.direct(have, want):
        yield (direct,)
    for bridge in BRIDGES:
        if bridge in {have, want}:
            continue
        first, second = pairs.direct(have, bridge), pairs.direct(bridge, want)
        if first and second:
            yield first, second
