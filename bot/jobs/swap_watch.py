"""Looks after swaps that are due, and tells what became of them."""

from bot.services import Services

EVERY = 1
AT_ONCE = True


async def run(services: Services) -> None:
    await services.swaps.watch()
