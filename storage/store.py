"""The door to what is kept: units of work over repositories, off the event loop."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

import orjson
import structlog
from sqlite_utils import Database

from bot.domain.notices import Address, Lane, Mark, Notice
from bot.domain.ports import Clock
from bot.domain.telling import topic_of
from bot.domain.updates import sender_of
from bot.domain.users import User
from storage.accounts import Accounts
from storage.addresses import Addresses
from storage.alerts import Alerts
from storage.audit import Audit
from storage.backups import back_up
from storage.broadcasts import Broadcasts
from storage.counts import Counts, Room, room_of
from storage.desk import Desk
from storage.dialogs import Dialogs
from storage.engine.sqlite import Engine, connect, fold, immediate
from storage.epoch import Epoch
from storage.files import give_to_owner
from storage.forgetting import Ledger, People, forget_again
from storage.guards import Guards
from storage.inbox import Inbox, Letter
from storage.intents import Intents
from storage.keys import Keys, RingKey
from storage.late import Late, Missed
from storage.migrations import MIGRATIONS
from storage.moving import move_chat
from storage.orders import Orders
from storage.outbox import Outbox, Parcel
from storage.put_back import PutBack
from storage.readers import Readers
from storage.schedules import Schedules
from storage.swaps import Swaps
from storage.telling import Telling
from storage.users import Users
from storage.vault import SYSTEM, Box, KeySource, SealBroken, Vault, VaultError, check, enrol

log = structlog.get_logger(__name__)
T = TypeVar("T")
ILLEGIBLE = ""
"""The kind of a notice that opens no more: one without a view."""


class AlreadyAnswered(Exception):
    """This update had its effect before; it shall have none now."""


@dataclass(frozen=True, slots=True)
class Beside:
    """The files beside the database. `put_back`: at the start it was known to be older than what the desk has done."""

    ledger: Ledger
    epoch: Epoch
    put_back: bool = False


def _on(table: Callable[[Database], T]) -> "cached_property[T]":
    """Made once it is asked for: most units ask for two or three."""
    return cached_property(lambda self: table(self._db))


class Transaction:
    """One unit of work: all of it, or nothing. Plain and synchronous; no call to the outside belongs in here."""

    users = _on(Users)
    alerts = _on(Alerts)
    audit = cached_property(lambda self: Audit(self._db, self.now_ms))
    accounts = _on(Accounts)
    addresses = _on(Addresses)
    guards = _on(Guards)
    dialogs = _on(Dialogs)
    inbox = _on(Inbox)
    outbox = _on(Outbox)
    late = _on(Late)
    telling = _on(Telling)
    people = _on(People)
    intents = _on(Intents)
    orders = _on(Orders)
    swaps = cached_property(lambda self: Swaps(self._db, self.now_ms))
    desk = _on(Desk)
    broadcasts = _on(Broadcasts)
    readers = _on(Readers)
    schedules = _on(Schedules)
    counts = _on(Counts)

    def __init__(self, db: Database, vault: Vault, box: Box, beside: Beside, now_ms: int) -> None:
        self._vault = vault
        self._box = box
        self._beside = beside
        self._db = db
        self._keys = Keys(db)
        self.now_ms = now_ms
        self.told = False

    def seal(self, user_id: int, value: bytes, *place: str) -> bytes:
        """Under the person's own data key, made at first use: in a write only. Raises SealBroken.

        `place` names where the value lies, its row's version included: it opens nowhere else.
        """
        return self._vault.box(self._keys, user_id, self.now_ms).seal(value, *place)

    def open(self, user_id: int, sealed: bytes, *place: str) -> bytes:
        """What `seal` sealed in this place for this person. Raises SealBroken: that value alone is lost."""
        return self._vault.open_box(self._keys, user_id).open(sealed, *place)

    def digest(self, *parts: str) -> bytes:
        """Names a value without telling anything of it: 32 bytes, the same for the life of this database."""
        return self._box.digest(*parts)

    def forget(self, user_id: int, but_seq: int) -> None:
        """Every row of his, and a line in the ledger: the last step of its transaction. Idempotent.

        What he wrote and is not answered yet is answered by that; but `but_seq`, the update that asks for it.
        """
        for letter in self.inbox.all_waiting():
            if letter.seq != but_seq and self._written_by(letter) == user_id:
                self.inbox.finish(letter.seq)
        self.people.erase(user_id)
        ledger = self._beside.ledger
        ledger.append(forgotten_name(self._box, user_id), self.now_ms)
        self.people.note_obeyed(ledger.size, self.now_ms)

    def _written_by(self, letter: Letter) -> int:
        try:
            return sender_of(orjson.loads(self._box.open(letter.sealed, "inbox", str(letter.update_id))))
        except SealBroken:
            return 0

    def enrol(self, keks: Sequence[bytes]) -> None:
        enrol(keks, self._keys, self.now_ms)

    def tell(self, cause: str, lane: Lane, user_id: int, to: Address, notice: Notice, *, after_ms: int = 0) -> bool:
        """A notice for the outbox, stored with the change it tells of. Idempotent by cause.

        An edit takes the place of those of the same message that still wait. `after_ms`: not sent before.
        """
        self.told = True
        sealed = self._box.seal(orjson.dumps([notice.kind, notice.values]), "outbox", cause)
        topic = None if lane is Lane.ANSWER else topic_of(notice)
        return self.outbox.add(cause, lane, user_id, to, sealed, self.now_ms, after_ms=after_ms, topic=topic)

    def answer(self, mark: Mark, notice: Notice) -> None:
        """The last step of a write: the update ends, and its answer begins, in one act.

        Raises AlreadyAnswered, and so undoes the transaction, where the update had been answered before.
        """
        if not self.inbox.finish(mark.seq):
            raise AlreadyAnswered
        self.tell(answer_cause(mark), Lane.ANSWER, mark.user_id, mark.address, notice)

    def move_chat(self, old: int, new: int) -> None:
        """A group became a supergroup. Idempotent."""
        move_chat(self._db, old, new)
        self.told = True

    def revive(self, user_id: int) -> None:
        """Somebody can be reached again: what found nobody, and was not asked for, is to be told now."""
        self.told |= self.late.revive(user_id, self.now_ms)

    def recipient(self, user_id: int) -> User | None:
        """A person as he is told something: where he has chosen no language, in the one he is answered in."""
        user = self.users.get(user_id)
        return replace(user, language=user.language or self.readers.get(user_id).language) if user else None

    def notice_of(self, parcel: Parcel | Missed) -> Notice:
        """Raises SealBroken."""
        kind, values = orjson.loads(self._box.open(parcel.sealed, "outbox", parcel.cause))
        return Notice(kind, values)

    def notices_of(self, rows: Sequence[Missed]) -> list[tuple[Missed, Notice]]:
        """Each with what it says; one that opens no more says nothing, and is of no kind."""
        return [(row, self._notice_or_none(row)) for row in rows]

    def _notice_or_none(self, row: Missed) -> Notice:
        try:
            return self.notice_of(row)
        except SealBroken:
            return Notice(ILLEGIBLE, {})


def answer_cause(mark: Mark) -> str:
    return f"answer:{mark.update_id}"


class Store:
    """Everything kept. `write` is durable when it returns; `read` runs beside it on a read-only connection."""

    def __init__(self, engine: Engine, clock: Clock, source: KeySource, vault: Vault, box: Box, beside: Beside) -> None:
        self._engine = engine
        self._clock = clock
        self._source = source
        self._key_files = source.stamp()
        self._vault = vault
        self.box = box
        self.beside = beside
        self.told = asyncio.Event()

    async def write(self, unit: Callable[[Transaction], T]) -> T:
        """Sets `told` where the unit put something into the outbox."""
        now_ms = self.now_ms()

        def run(db: Database) -> tuple[T, bool]:
            tx = Transaction(db, self._vault, self.box, self.beside, now_ms)
            return unit(tx), tx.told

        result, told = await self._engine.write(run)
        if told:
            self.told.set()
        return result

    async def read(self, unit: Callable[[Transaction], T]) -> T:
        now_ms = self.now_ms()
        return await self._engine.read(lambda db: unit(Transaction(db, self._vault, self.box, self.beside, now_ms)))

    async def fold(self) -> bool:
        """What was deleted is in no file any more. False: something read on; try again. Raises Unavailable."""
        return await self._engine.fold()

    async def look_for_keys(self) -> None:
        """Takes up keys that were added to the key file, and says so in the ring: then a rotation may use them.

        A file that is no good changes nothing. Idempotent. Raises Unavailable.
        """
        stamp = self._source.stamp()
        if stamp == self._key_files:
            return
        try:
            found = await asyncio.to_thread(self._source.find)
        except VaultError as error:
            log.warning("vault.key_file_unfit", reason=str(error))
        else:
            keks = found[0] if found else ()
            self._vault.add(keks)
            await self.write(lambda tx: tx.enrol(keks))
            log.info("vault.keys_taken_up", keys=len(keks))
        self._key_files = stamp

    async def count_on(self) -> None:
        """Moves the epoch on, so that a backup made until now is known to be old. Raises Unavailable, OSError."""
        epoch, now_ms = self.beside.epoch, self.now_ms()
        reached = await self._engine.write(lambda db: epoch.advance(db, now_ms))
        await asyncio.to_thread(epoch.tell, reached)

    def room(self) -> Room:
        return room_of(self._engine.path)

    def figures(self) -> dict[str, float]:
        return {"vault_opens_failed_total": self._vault.tally.count, "database_put_back": self.beside.put_back}

    def now(self) -> datetime:
        return self._clock.now()

    def now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    def close(self) -> None:
        self._engine.close()


def ring_of(path: Path) -> list[RingKey]:
    """The key ring of a database file, read without changing a byte of it; empty for a new one."""
    if not path.exists() or path.stat().st_size == 0:
        return []
    db = connect(path, read_only=True)
    try:
        return Keys(db).ring() if "keyring" in db.table_names() else []
    finally:
        db.conn.close()


def pending(path: Path) -> list[str]:
    """Steps of the schema that a start would take. Raises VaultError for a schema newer than this code."""
    db = connect(path, read_only=True)
    try:
        return _pending(db)
    finally:
        db.conn.close()


def _pending(db: Database) -> list[str]:
    applied = {step.name for step in MIGRATIONS.applied(db)}
    own = [step.name for step in MIGRATIONS._migrations]  # noqa: SLF001  # there is no public list
    if newer := applied - set(own):
        raise VaultError(f"the database was written by a newer version (it has {', '.join(sorted(newer))})")
    return [name for name in own if name not in applied]


def migrate(path: Path, *, keep_copy: bool = True) -> list[str]:
    """Brings the schema up to date; returns the steps that were taken. Refuses a schema newer than this code.

    A copy of what was there stays beside it, named after the first step taken. Raises VaultError, BackupError.
    """
    db = connect(path)
    try:
        taken = _pending(db)
        if keep_copy and taken and MIGRATIONS.applied(db):
            copy = path.with_name(f"{path.stem}.before-{taken[0]}.db")
            back_up(path, copy, pause_s=0)
            give_to_owner(copy)
            log.info("database.copied", copy=copy.name, reason="its schema is about to change")
        MIGRATIONS.apply(db)
        return taken
    finally:
        db.conn.close()


def open_store(path: Path, source: KeySource, clock: Clock) -> tuple[Store, bool]:
    """The store, and whether its vault key was made just now.

    Raises VaultError before the file is touched, where the key does not fit; Unavailable where the disk does not serve.
    """
    found = source.find()
    check(ring_of(path), found[0] if found else ())
    if found and found[1] == "environment":
        log.warning("vault.key_in_environment", advice="a file with mode 600 (VAULT_KEY_FILE) is the better place")
    keks = found[0] if found else (source.make(),)
    migrate(path)
    vault, now_ms = Vault(keks), int(clock.now().timestamp() * 1000)
    box, beside = _begin(path, keks, vault, now_ms)
    return Store(Engine(path), clock, source, vault, box, beside), found is None


def _begin(path: Path, keks: Sequence[bytes], vault: Vault, now_ms: int) -> tuple[Box, Beside]:
    """What is put right before anything else happens."""
    ledger, epoch = Ledger(path.with_suffix(".forgotten")), Epoch(path.with_suffix(".epoch"))
    db = connect(path)
    try:
        with immediate(db):
            enrol(keks, Keys(db), now_ms)
            box = vault.box(Keys(db), SYSTEM, now_ms)
            # One process owns this file: whoever had claimed what still waits is no more.
            Outbox(db).release(now_ms)
            Broadcasts(db).leave_uncertain()
            put_back = PutBack(db)
            newly = put_back.marked or epoch.behind(db)
            if newly:
                put_back.hold(now_ms)
                Broadcasts(db).stop_all(now_ms)
            reached = epoch.advance(db, now_ms)
            again = forget_again(People(db), ledger, partial(forgotten_name, box), now_ms)
            beside = Beside(ledger, epoch, put_back.since() > 0)
        epoch.tell(reached)
        if newly:
            log.error("database.put_back", reason="a backup was restored: no order leaves until all is asked for")
        if again:
            log.warning("forget.again", people=again, reason="the database is older than their wish to be forgotten")
            fold(db)
    except SealBroken as error:
        raise VaultError("the desk's own data key does not open: the database was altered") from error
    finally:
        db.conn.close()
    return box, beside


def forgotten_name(box: Box, user_id: int) -> bytes:
    """What the ledger calls a person. `box` is the desk's own."""
    return box.digest("forgotten", str(user_id))
