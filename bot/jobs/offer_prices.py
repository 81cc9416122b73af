"""Keeps the prices of cards that can still be pressed fresh, so that no press waits for one."""

from bot.services import Services

EVERY = 2
AT_ONCE = False


async def run(services: Services) -> None:
    await services.trading.keep_prices()
