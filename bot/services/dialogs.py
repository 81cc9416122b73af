"""Questions the desk has asked and not yet heard an answer to."""

from storage.store import Store

LIVES_MS = 15 * 60 * 1000


class Dialogs:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def ask(self, user_id: int, chat_id: int, command: str) -> None:
        """The person's next line in this chat, within a quarter of an hour, completes `command`. Idempotent."""
        await self._store.write(lambda tx: tx.dialogs.ask(user_id, chat_id, command, tx.now_ms + LIVES_MS))

    async def pending(self, user_id: int, chat_id: int) -> str:
        """The command that waits, or the empty string."""
        return await self._store.read(lambda tx: tx.dialogs.pending(user_id, chat_id, tx.now_ms))

    async def end(self, user_id: int, chat_id: int) -> bool:
        """True where there was a question. Idempotent."""
        return await self._store.write(lambda tx: tx.dialogs.end(user_id, chat_id))
