"""Forgets what nobody needs any more."""

from bot.services import Services

EVERY = 600
AT_ONCE = False


async def run(services: Services) -> None:
    await services.upkeep.tidy()
