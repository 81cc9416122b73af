"""What lies on this machine: files and who may read them, room on the disk, the database, its key, addresses."""

import fcntl
import os
import socket
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bot.doctor.findings import Finding, fault, fine, note
from bot.domain.errors import Unavailable
from bot.domain.ports import Clock
from bot.settings import Endpoint, Settings
from storage.backups import BackupError, look_whole
from storage.counts import room_of
from storage.desk import Desk
from storage.engine.sqlite import connect
from storage.store import pending, ring_of
from storage.vault import KeySource, VaultError, check

LEAST_FREE_BYTES = 64 << 20
LONGEST_WITHOUT_BACKUP_S = 26 * 3600
DOTENV = Path(".env")


def files(settings: Settings) -> Iterator[Finding]:
    """Who may read what holds secrets, and whether the desk may write where it must."""
    database = settings.database_path
    folder = database.parent
    if DOTENV.is_file() and stat.S_IMODE(DOTENV.stat().st_mode) & 0o077:
        yield fault("files", f"{DOTENV} can be read by others on this machine: chmod 600 {DOTENV}")
    if not folder.is_dir():
        yield note("files", f"{folder} is not there yet: the first start makes it")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield fault("files", f"{folder}: this user may not write there; give it to the user that runs the desk")
        return
    bad = list(_unsafe(database))
    yield from bad
    if not bad:
        yield fine("files", f"{folder} is the desk's own, and closed to others")


def _unsafe(database: Path) -> Iterator[Finding]:
    owner = database.parent.stat().st_uid
    for file in sorted(database.parent.glob(f"{database.stem}.*")):
        status = file.stat()
        if stat.S_IMODE(status.st_mode) & 0o077 and file.suffix != ".lock":
            yield fault("files", f"{file} can be read by others on this machine: chmod 600 {file}")
        if status.st_uid != owner:
            yield fault("files", f"{file} belongs to another user than its folder: chown it, or the desk cannot use it")


def room(settings: Settings) -> Finding:
    folder = settings.database_path.parent
    if not folder.is_dir():
        return note("disk", "looked at once there is a database")
    found = room_of(settings.database_path)
    free = f"{found.free_bytes / 2**20:,.0f} MiB free in {folder}"
    if found.free_bytes < LEAST_FREE_BYTES:
        return fault("disk", f"{free}: the disk is full, and nothing can be stored")
    if found.free_bytes < 2 * found.used_bytes:
        return note("disk", f"{free}: too little to change the schema or to make a backup there")
    return fine("disk", free)


def vault_key(settings: Settings, source: KeySource) -> Finding:
    """Whether there is a key, and whether the database opens with it."""
    database = settings.database_path
    try:
        found, ring = source.find(), ring_of(database)
        check(ring, found[0] if found else ())
    except VaultError as error:
        return fault("key", str(error))
    except (Unavailable, sqlite3.Error):
        return fault("key", "not looked at, as the database does not open")
    if not found:
        return note("key", "none yet: the first start makes one beside the new database")
    where = {
        "beside": f"it lies beside the database, in {source.beside}: keep a copy elsewhere, and none with the backups",
        "environment": "it comes from the environment, which many can see: VAULT_KEY_FILE is the better place",
    }
    if found[1] in where:
        return note("key", where[found[1]])
    return fine("key", "fits the database, and lies apart" if ring else "at hand for a new database, and apart from it")


def database(settings: Settings, clock: Clock) -> Iterator[Finding]:
    path = settings.database_path
    if not path.exists() or not path.stat().st_size:
        yield note("database", f"there is none at {path} yet: the first start makes it")
        return
    try:
        look_whole(path, "quick_check")
        steps = pending(path)
    except VaultError as error:
        yield fault("database", str(error))
        return
    except (BackupError, Unavailable, sqlite3.Error) as error:
        yield fault("database", f"{path.name}: {error}. Put a backup back: changedesk restore FILE")
        return
    yield fine("database", "whole")
    if steps:
        yield note("database", f"the next start changes its schema ({', '.join(steps)}), and keeps a copy")
        return
    yield from _standing(path, int(clock.now().timestamp() * 1000))


def _standing(path: Path, now_ms: int) -> Iterator[Finding]:
    db = connect(path, read_only=True)
    with closing(db.conn):
        desk = Desk(db)
        if desk.put_back_since():
            yield note("database", "put back from a backup: no order leaves until all is asked for, or /resume")
        elif desk.halted():
            yield note("database", "halted by an admin: no order leaves until /resume")
        made = desk.backed_up_at()
    age_s = (now_ms - made) / 1000
    if not made:
        yield note("backup", "never made: changedesk backup FILE, each hour, to another disk")
    elif age_s > LONGEST_WITHOUT_BACKUP_S:
        yield fault("backup", f"the last one is {age_s / 3600:.0f} hours old: see why the timer no longer makes them")
    else:
        yield fine("backup", f"{max(0, age_s) / 60:.0f} minutes old")


def running(settings: Settings) -> bool:
    """Whether a desk runs on this database."""
    lock = settings.database_path.with_suffix(".lock")
    if not lock.exists():
        return False
    with lock.open("r") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def places(settings: Settings) -> Iterator[Finding]:
    """Whether the addresses the desk listens at are free."""
    public = [("LISTEN", settings.listen)] if settings.public_url else []
    for name, place in [("METRICS_LISTEN", settings.metrics_listen), *public]:
        if (why := _taken(place)) is not None:
            yield fault("listen", f"{name}: {place} cannot be listened at: {why}")


def _taken(place: Endpoint) -> str | None:
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((place.host, place.port))
        except OSError as error:
            return error.strerror or type(error).__name__
    return None
