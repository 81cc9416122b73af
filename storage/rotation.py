"""A new key-encryption key becomes the primary one, while a desk may run on the same database."""

import time
from collections.abc import Iterator
from pathlib import Path

from bot.domain.ports import Clock
from storage.engine.sqlite import connect, fold, immediate
from storage.keys import DataKey, Keys
from storage.store import ring_of
from storage.vault import KeySource, SealBroken, Vault, VaultError, check, enrol, key_id

BATCH = 500
PAUSE_S = 0.005
"""Between two batches: a desk that runs wants to write, too."""


class Rotation:
    """From whatever key wraps each data key to the first of the keys given. Killed anywhere, it goes on when run again;
    two at once do each other no harm. Raises VaultError where the keys given are not all that are needed.
    """

    def __init__(self, path: Path, source: KeySource, clock: Clock, batch: int = BATCH) -> None:
        found, ring = source.find(), ring_of(path)
        if not found or not ring:
            raise VaultError("there is no sealed database, or no vault key: nothing to rotate")
        check(ring, found[0])
        self._keks, self._batch, self._clock = found[0], batch, clock
        self._vault = Vault(self._keks)
        self._db = connect(path)
        self._keys = Keys(self._db)
        self.kek_id = key_id(self._keks[0])

    @property
    def known_to_desk(self) -> bool:
        """Whether the desk that runs, or ran last, holds the new key: it puts into the ring what it is given."""
        return any(row.kek_id == self.kek_id and row.status != "retired" for row in self._keys.ring())

    def begin(self) -> None:
        """New data keys are wrapped with the new key from here on. Idempotent."""
        with immediate(self._db):
            if not self.known_to_desk:
                enrol(self._keks, self._keys, int(self._clock.now().timestamp() * 1000))
            self._keys.make_primary(self.kek_id)

    def batches(self) -> Iterator[int]:
        """How many data keys were wrapped anew, batch by batch. Raises VaultError where another rotation took over."""
        after = -1
        while page := self._keys.not_under(self.kek_id, after, self._batch):
            pairs = [(old, new) for old in page if (new := self._rewrapped(old))]
            with immediate(self._db):
                if self._keys.primary() != self.kek_id:
                    raise VaultError("another rotation, to another key, has begun since: this one stops")
                moved = sum(self._keys.replace_data_key(old, new) for old, new in pairs)
            after = page[-1].owner
            yield moved
            time.sleep(PAUSE_S)

    def left(self) -> int:
        """Data keys that are not under the new key: after all batches, those that do not open under their own."""
        return self._keys.count_not_under(self.kek_id)

    def close(self) -> None:
        fold(self._db)
        self._db.conn.close()

    def _rewrapped(self, old: DataKey) -> DataKey | None:
        try:
            return self._vault.rewrapped(old, self.kek_id)
        except SealBroken:
            return None
