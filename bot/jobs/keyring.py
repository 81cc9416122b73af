"""Sees that a key was added to the vault's key file, so that a rotation need not stop the desk."""

from bot.services import Services

EVERY = 3
AT_ONCE = False


async def run(services: Services) -> None:
    await services.upkeep.look_for_keys()
