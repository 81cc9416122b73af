"""A store in a folder, as it was left there, or an empty one whose tables are a copy: making them takes longest."""

import tempfile
from functools import cache
from pathlib import Path

from bot.domain.ports import Clock
from storage.store import Store, migrate, open_store
from storage.vault import KeySource


@cache
def _tables() -> bytes:
    with tempfile.TemporaryDirectory(prefix="changedesk-") as folder:
        path = Path(folder) / "desk.db"
        migrate(path)
        return path.read_bytes()


def lay_tables(path: Path) -> None:
    """Where there is no database yet. What a new one is made of, the tests of migrations and processes look at."""
    if not path.exists():
        path.write_bytes(_tables())


def store_in(folder: Path, clock: Clock) -> Store:
    path = folder / "desk.db"
    lay_tables(path)
    return open_store(path, KeySource(None, None, "", path.with_suffix(".key")), clock)[0]
