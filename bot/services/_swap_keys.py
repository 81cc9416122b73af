"""A swap provider as somebody whose keys are kept: what a key consists of, and how it is tried out."""

from bot.domain.orders import Credentials, Permissions, Traits
from bot.domain.ports import SwapAccount, SwapProvider

NOBODYS_SWAP = "0" * 16


class SwapKeys:
    """As the accounts and the handover services take it."""

    def __init__(self, provider: SwapProvider) -> None:
        self._provider = provider
        own = provider.traits
        self.traits = Traits(name=own.name, title=own.title, secrets=own.secrets, key_page=KEY_PAGE)

    def account(self, account_id: str, credentials: Credentials) -> "KeyOnTrial":
        """Raises Refused where it is no key."""
        return KeyOnTrial(self._provider.account(account_id, credentials))

    def release(self, account_id: str) -> None:
        """The provider keeps nothing of a key."""


class KeyOnTrial:
    def __init__(self, account: SwapAccount) -> None:
        self._account = account

    async def permissions(self) -> Permissions:
        """One signed question about a swap of nobody. No key can take anything out: there is no such call."""
        await self._account.get_many([NOBODYS_SWAP])
        return Permissions(trade=True, withdraw=False)


KEY_PAGE = "https://changelly.com/developers"
