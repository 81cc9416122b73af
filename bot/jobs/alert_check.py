"""Looks at every coin that somebody waits for, and tells whose line was crossed."""

from bot.services import Services

EVERY = 30
AT_ONCE = True


async def run(services: Services) -> None:
    await services.alerts.check()
