"""Looks after open orders that were placed here, and tells of fills and endings."""

from bot.services import Services

EVERY = 2
AT_ONCE = False


async def run(services: Services) -> None:
    await services.trading.watch()
