"""After a restore: no order leaves until what may have been sent is known, and the admins hear of both."""

from collections.abc import Callable, Collection

from bot.domain.intents import State
from bot.domain.notices import Address, Lane, Notice
from storage.store import Store, Transaction

_OPEN = (State.CONFIRMED, State.PREPARED, State.SENDING, State.UNKNOWN, State.NEEDS_HUMAN)


class PutBack:
    """Notices: `put_back`, once, and `put_back_over`, when orders may leave again: since (ms), unknown."""

    def __init__(self, store: Store, admins: Callable[[], Collection[int]]) -> None:
        self._store = store
        self._admins = admins

    async def look(self) -> None:
        """Tells, and lifts where nothing is open any more. Idempotent; for a tick."""

        def unit(tx: Transaction) -> None:
            since, unknown = tx.desk.put_back_since(), len(tx.intents.standing(_OPEN))
            if not since:
                return
            first = self._tell(tx, "put_back", since, unknown)
            if not unknown:
                tx.desk.lift_put_back()
                if not first:
                    self._tell(tx, "put_back_over", since, unknown)

        if await self._store.read(lambda tx: tx.desk.put_back_since()):
            await self._store.write(unit)

    async def unknown(self) -> int | None:
        """How many intents are still open; None where the desk is not held for that."""
        return await self._store.read(lambda tx: len(tx.intents.standing(_OPEN)) if tx.desk.put_back_since() else None)

    def _tell(self, tx: Transaction, kind: str, since: int, unknown: int) -> bool:
        """False where it had been told already. Without an admin nobody waits to be told."""
        notice = Notice(kind, {"since": since, "unknown": unknown})
        new = 0
        for admin in self._admins():
            new += tx.tell(f"{kind}:{since}:{admin}", Lane.ALERT, admin, Address(admin), notice)
        return new > 0
