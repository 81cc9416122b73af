"""What keeps the house small: done updates, told messages and dead questions are forgotten in time."""

from storage.store import Store

HOUR_MS = 3_600_000
ANSWERED_KEPT_MS = 26 * HOUR_MS
"""Telegram gives an unconfirmed update up to 24 hours again; ids are kept a little longer than that."""
TOLD_KEPT_MS = 7 * 24 * HOUR_MS
BROADCASTS_KEPT_MS = 30 * 24 * HOUR_MS
MARKS_KEPT_MS = 27 * HOUR_MS
"""Moves of prices are looked for within a day."""


class Upkeep:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def tidy(self) -> None:
        await self._store.write(lambda tx: tx.inbox.tidy(tx.now_ms - ANSWERED_KEPT_MS))
        await self._store.write(lambda tx: tx.outbox.tidy(tx.now_ms - TOLD_KEPT_MS))
        await self._store.write(lambda tx: tx.dialogs.tidy(tx.now_ms))
        await self._store.write(lambda tx: tx.intents.expire(tx.now_ms))
        await self._store.write(lambda tx: tx.intents.tidy(tx.now_ms - TOLD_KEPT_MS))
        await self._store.write(lambda tx: tx.alerts.tidy(tx.now_ms - TOLD_KEPT_MS, tx.now_ms - MARKS_KEPT_MS))
        await self._store.write(lambda tx: tx.broadcasts.tidy(tx.now_ms - BROADCASTS_KEPT_MS))
        await self._store.count_on()
        await self._store.fold()

    async def look_for_keys(self) -> None:
        await self._store.look_for_keys()
