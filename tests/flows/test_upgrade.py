"""A desk of today on the database of each release before: it serves, and a copy of what was there stays."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.migrations import MIGRATIONS
from tests.desk import DeskProcess, World, asked
from tests.storage.fixtures.build import FOLDER, KEY, latest

EARLIER = [file for file in sorted(FOLDER.glob("*.db")) if file != latest()]


def steps(database: Path) -> int:
    with closing(sqlite3.connect(database)) as db:
        return int(db.execute("SELECT count(*) FROM _sqlite_migrations").fetchone()[0])


@pytest.fixture(params=EARLIER, ids=lambda file: file.stem)
def released(request, world: World) -> Path:
    shutil.copy(request.param, world.database)
    world.database.chmod(0o600)
    return world.database


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


async def test_where_the_copy_cannot_be_made_nothing_changes(world: World, make_process, released: Path):
    before = steps(released)
    blocked(released)
    shell: DeskProcess = make_process(VAULT_KEY=KEY)
    await shell.start("migrate")
    assert (await shell.ended(), "stays as it is" in shell.said) == (1, True)
    assert steps(released) == before


def blocked(database: Path) -> None:
    """The name the copy would have while it is made is a folder's."""
    taken = [step.name for step in MIGRATIONS._migrations][steps(database)]
    database.with_name(f"{database.stem}.before-{taken}.db.partial").mkdir()
