"""Keeps the list of coins at hand, so that the first who asks need not wait for it."""

from bot.domain.errors import Unavailable
from bot.services import Services

EVERY = 900
AT_ONCE = True


async def run(services: Services) -> None:
    """A source that is down is no fault of ours: who asks will be told, and the next run tries again."""
    try:
        await services.prices.warm()
    except Unavailable:
        return
