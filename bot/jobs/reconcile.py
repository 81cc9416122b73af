"""Finds out what became of orders and cancels that nobody knows of. Sends nothing."""

from bot.services import Services

EVERY = 2
AT_ONCE = True


async def run(services: Services) -> None:
    await services.trading.reconcile()
