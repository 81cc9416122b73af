"""Asks once a week what each key may do: one that has gained the right to withdraw is frozen, and its owner told."""

from bot.services import Services

EVERY = 600
AT_ONCE = False


async def run(services: Services) -> None:
    await services.accounts.check_due()
