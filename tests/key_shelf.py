"""An exchange that knows keys and what each may do, in memory, for tests."""

from datetime import timedelta

from bot.domain.errors import Refused
from bot.domain.orders import Credentials, Permissions, Traits

GOOD = Permissions(trade=True, withdraw=False, ip_bound=True, skew=timedelta(0))


class KeyAccount:
    def __init__(self, shelf: "KeyShelf", credentials: Credentials) -> None:
        self._shelf = shelf
        self.credentials = credentials

    async def permissions(self) -> Permissions:
        self._shelf.asked.append(self.credentials.key)
        if self._shelf.fault:
            raise self._shelf.fault
        secret, rights = self._shelf.keys.get(self.credentials.key, ("", GOOD))
        if not secret or secret != self.credentials.secret:
            raise Refused("exchange.refused.key", source=self._shelf.traits.title)
        return rights


class KeyShelf:
    """`keys`: by key, its secret and what it may do now. `fault` is raised in place of any answer."""

    def __init__(self, name: str = "binance", title: str = "Binance", **traits) -> None:
        self.traits = Traits(name, title, key_page=f"https://{name}.example/keys", **traits)
        self.keys: dict[str, tuple[str, Permissions]] = {}
        self.fault: Exception | None = None
        self.asked: list[str] = []
        self.opened: list[str] = []

    def add(self, key: str, secret: str, rights: Permissions = GOOD) -> tuple[str, str]:
        self.keys[key] = (secret, rights)
        return key, secret

    def account(self, account_id: str, credentials: Credentials) -> KeyAccount:
        self.opened.append(account_id)
        return KeyAccount(self, credentials)

    def release(self, account_id: str) -> None:
        self.opened = [name for name in self.opened if name != account_id]

    async def close(self) -> None:
        """There is nothing to close."""
