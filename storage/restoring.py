"""A backup put in the database's place: looked at first, whole or not at all, and held until the truth is asked for."""

import os
import shutil
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bot.domain.errors import Unavailable
from bot.domain.ports import Clock
from storage.backups import BackupError, look_whole
from storage.engine.sqlite import connect, fold, immediate
from storage.files import give_to_owner, sync_folder
from storage.forgetting import Ledger
from storage.keys import Keys
from storage.put_back import PutBack
from storage.store import migrate, open_store, ring_of
from storage.vault import SYSTEM, KeySource, SealBroken, Vault, check


@dataclass(frozen=True, slots=True)
class Restored:
    """`replaced`: where the database that was there is now. `ledger`: whether there was one to obey."""

    replaced: Path | None
    ledger: bool


def restore(database: Path, backup: BinaryIO, source: KeySource, clock: Clock) -> Restored:
    """With no desk running on it. Nothing is touched before the backup has proved to be whole and to open.

    Whoever asked to be forgotten since is forgotten again. Raises BackupError; VaultError where the keys do not fit.
    """
    fresh = database.with_name(database.name + ".restoring")
    try:
        _fetch(backup, fresh)
        _prepare(fresh, source, int(clock.now().timestamp() * 1000))
        replaced = _set_aside(database, clock)
        fresh.replace(database)
        sync_folder(database)
    except (OSError, sqlite3.Error, Unavailable) as error:
        raise BackupError(f"it could not be put back: {error.__cause__ or error}") from error
    finally:
        for end in ("", "-wal", "-shm"):
            Path(f"{fresh}{end}").unlink(missing_ok=True)
    ledger = Ledger(database.with_suffix(".forgotten")).size > 0
    open_store(database, source, clock)[0].close()
    for file in database.parent.glob(f"{database.stem}.*"):
        give_to_owner(file)
    return Restored(replaced, ledger)


def _fetch(backup: BinaryIO, fresh: Path) -> None:
    fresh.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        shutil.copyfileobj(backup, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())


def _prepare(fresh: Path, source: KeySource, now_ms: int) -> None:
    look_whole(fresh)
    ring = ring_of(fresh)
    if not ring:
        raise BackupError("that is a database, but none of a desk: it holds no key ring")
    found = source.find()
    keks = found[0] if found else ()
    check(ring, keks)
    migrate(fresh, keep_copy=False)
    db = connect(fresh)
    try:
        Vault(keks).open_box(Keys(db), SYSTEM)
        with immediate(db):
            PutBack(db).mark(now_ms)
        fold(db)
    except SealBroken as error:
        raise BackupError("the desk's own data key in it does not open: it was altered") from error
    finally:
        db.conn.close()


def _set_aside(database: Path, clock: Clock) -> Path | None:
    """The database that is there, for whoever finds that he took the wrong backup."""
    if not database.exists():
        return None
    with suppress(Unavailable, sqlite3.Error):  # what is broken goes as it is
        db = connect(database)
        fold(db)
        db.conn.close()
    aside = database.with_name(f"{database.stem}.replaced-{clock.now():%Y%m%dT%H%M%S}.db")
    for end in ("", "-wal", "-shm"):
        Path(f"{aside}{end}").unlink(missing_ok=True)
        if (file := Path(f"{database}{end}")).exists():
            file.replace(f"{aside}{end}")
    return aside
