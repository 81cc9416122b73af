"""A whole copy of the database as of one moment, made beside whatever writes to it, without keeping it waiting."""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from bot.domain.errors import Unavailable
from storage.engine.sqlite import connect, immediate
from storage.epoch import Epoch
from storage.files import sync_folder

PAGES = 256
PAUSE_S = 0.002
SYNC_EVERY_PAGES = 4_096
"""16 MiB: left to the system, the copy would be written all at once, and a writer's fsync wait behind it."""

NAME = "backup"


class BackupError(Exception):
    """It did not come about, or cannot be put back. The text is for the operator."""


def back_up(database: Path, copy: Path, *, pause_s: float = PAUSE_S) -> None:
    """`copy` is one file, readable by its owner only, whole or not there. Raises BackupError."""
    partial = copy.with_name(copy.name + ".partial")
    try:
        with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "rb+") as file:
            _copy(database, partial, pause_s, lambda: os.fsync(file.fileno()))
            os.fsync(file.fileno())
        look_whole(partial, "quick_check")
        partial.replace(copy)
        sync_folder(copy)
    except (OSError, sqlite3.Error, Unavailable) as error:
        raise BackupError(f"no copy came about: {_reason(error)}") from error
    finally:
        with suppress(OSError):
            partial.unlink()


def _copy(database: Path, partial: Path, pause_s: float, sync: Callable[[], None]) -> None:
    steps = 0

    def paced(_status: int, _left: int, _total: int) -> None:
        nonlocal steps
        steps += 1
        if steps * PAGES % SYNC_EVERY_PAGES == 0:
            sync()
        time.sleep(pause_s)

    with closing(connect(database, read_only=True).conn) as source, closing(sqlite3.connect(partial)) as target:
        target.execute("PRAGMA journal_mode = OFF")
        target.execute("PRAGMA synchronous = OFF")
        # Holding one moment for all steps: else each write of the desk would begin the copy anew, for ever.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(target, pages=PAGES, progress=paced)
    with closing(sqlite3.connect(partial)) as target:
        target.execute("PRAGMA journal_mode = DELETE")  # one file: nothing beside it belongs to it


def look_whole(path: Path, how: str = "integrity_check") -> None:
    """Raises BackupError where it is no database, or a damaged one. `quick_check` leaves the indexes out."""
    try:
        with closing(connect(path, read_only=True).conn) as db:
            found = [str(row[0]) for row in db.execute(f"PRAGMA {how}(5)")]
    except (sqlite3.Error, Unavailable) as error:
        raise BackupError(f"it is no database, or not a whole one: {_reason(error)}") from error
    if found != ["ok"]:
        raise BackupError(f"it is damaged: {'; '.join(found)}")


def note(database: Path, now_ms: int) -> None:
    """In the live database: when it was last copied; and it counts on, so that this copy is known to be old from now.

    Raises Unavailable, OSError: the copy is good all the same.
    """
    epoch, db = Epoch(database.with_suffix(".epoch")), connect(database)
    try:
        with immediate(db):
            db.conn.execute(
                "INSERT INTO desk (name, value, changed_at) VALUES (?, '', ?)"
                " ON CONFLICT (name) DO UPDATE SET changed_at = excluded.changed_at",
                (NAME, now_ms),
            )
            reached = epoch.advance(db, now_ms)
        epoch.tell(reached)
    finally:
        db.conn.close()


def _reason(error: Exception) -> str:
    """What SQLite and the system say holds no secret; of our own errors, what was behind them."""
    return str(error.__cause__ or error)
