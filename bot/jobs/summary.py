"""Sends what the clock says is due: market summaries, and broadcasts that were scheduled."""

from bot.services import Services

EVERY = 2
AT_ONCE = True


async def run(services: Services) -> None:
    await services.broadcasts.start_due()
    await services.summaries.run_due()
