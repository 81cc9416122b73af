"""The audit, read: each his own lines, the owners all. It is written by whoever does what it tells of."""

from bot.domain.audit import Line
from storage.store import Store


class Audit:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(self, size: int, offset: int, user_id: int | None = None) -> tuple[list[Line], int]:
        """Newest first, and how many there are in all. `user_id`: what he did and what was done to him."""
        return await self._store.read(lambda tx: (tx.audit.page(size, offset, user_id), tx.audit.count(user_id)))
