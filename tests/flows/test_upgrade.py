"""A desk of today on the database of each release before: it serves, and a copy of what was there stays."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.backups import BackupError
from storage.migrations import MIGRATIONS
from storage.store import migrate
from tests.desk import DeskProcess, World, asked
from tests.storage.fixtures.build import FOLDER, KEY, latest

EARLIER = [file for file in sorted(FOLDER.glob("*.db")) if file != latest()]


def steps(database: Path) -> int:
    with closing(sqlite3.connect(database)) as db:
        return int(db.execute("SELECT count(*) FROM _sqlite_migrations").fetchone()[0])


@pytest.fixture(params=EARLIER, ids=lambda file: file.stem)
def released(request, tmp_path: Path) -> Path:
    """Where a world would look for it."""
    return Path(shutil.copy(request.param, tmp_path / "changedesk.db"))


async def test_it_starts_on_it_serves_and_keeps_a_copy(world: World, make_process, released: Path):
    before = steps(released)
    desk: DeskProcess = make_process(VAULT_KEY=KEY)
    await desk.start()
    await desk.ready()
    await asked(world.alice, "/watch btc")
    assert await desk.terminate() == 0
    (copy,) = world.folder.glob("*.before-*.db")
    assert (steps(copy), steps(released) > before) == (before, True)
    assert "database.copied" in desk.said


def test_where_the_copy_cannot_be_made_nothing_changes(released: Path):
    before = steps(released)
    blocked(released)
    with pytest.raises(BackupError):
        migrate(released)
    assert steps(released) == before


def blocked(database: Path) -> None:
    """The name the copy would have while it is made is a folder's."""
    taken = [step.name for step in MIGRATIONS._migrations][steps(database)]
    database.with_name(f"{database.stem}.before-{taken}.db.partial").mkdir()
