"""After a restore: sees when all is asked for, and lets orders leave again."""

from bot.services import Services

EVERY = 5
AT_ONCE = True


async def run(services: Services) -> None:
    await services.put_back.look()
