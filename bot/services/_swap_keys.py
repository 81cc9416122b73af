"""A swap provider as somebody whose keys are kept: what one consists of, how it is tried out; and the operator's."""

from bot.domain.notices import Address, Lane, Notice
from bot.domain.orders import Credentials, Permissions, Traits
from bot.domain.ports import SwapAccount, SwapProvider
from bot.services._desk import Desk
from storage.store import Transaction

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


class OperatorsKey:
    """Once it is turned away the admins hear of it, and again each day until it is taken."""

    def __init__(self, desk: Desk, provider: SwapProvider) -> None:
        self._desk = desk
        self._provider = provider
        self._noted: tuple[bool, int] | None = None

    async def look(self) -> None:
        """For a tick: writes where it is otherwise than before, and once an hour while it is turned away."""
        refused = self._provider.key_refused
        if refused is None:
            return
        now = refused, self._desk.store.now_ms() // HOUR_MS if refused else 0
        if now != self._noted:
            await self._desk.store.write(self._tell if refused else lambda tx: tx.desk.swap_key_taken())
            self._noted = now

    def _tell(self, tx: Transaction) -> None:
        since = tx.desk.swap_key_refused_since(tx.now_ms)
        notice = Notice("swap_key_refused", {"exchange": self._provider.traits.title, "since": since})
        day = max(0, tx.now_ms - since) // DAY_MS
        for admin in sorted(self._desk.admins):
            tx.tell(f"swap_key:{since}:{day}:{admin}", Lane.ALERT, admin, Address(admin), notice)


HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
KEY_PAGE = "https://changelly.com/developers"
