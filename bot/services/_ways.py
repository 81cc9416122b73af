"""From one currency to another over one exchange's pairs: directly, or over such as most are traded for."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations

from bot.domain.orders import Market
from bot.services._pairs import Pairs

BRIDGES = ("USDT", "USD", "USDC", "BTC", "EUR", "ETH")
"""What a way may lead over, most traded first."""

MOST_BETWEEN = 2


def ways(have: str, want: str, pairs: Pairs) -> Iterator[list[Market]]:
    """Each way as the markets to go through, the most direct first."""
    bridges = [bridge for bridge in BRIDGES if bridge not in {have, want}]
    for count in range(MOST_BETWEEN + 1):
        for between in permutations(bridges, count):
            if way := _way((have, *between, want), pairs):
                yield way


def _way(stops: Sequence[str], pairs: Pairs) -> list[Market]:
    """Empty where two stops have no pair."""
    markets = [pairs.direct(one, other) for one, other in pairwise(stops)]
    return [market for market in markets if market] if all(markets) else []
