"""Stores in a folder of their own, under a clock that stands still."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.store import Store, open_store
from storage.vault import KeySource
from tests.still_clock import StillClock
from tests.store_in import lay_tables


def beside(path: Path) -> KeySource:
    return KeySource(None, None, "", path.with_suffix(".key"))


@pytest.fixture
def still() -> StillClock:
    return StillClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "desk.db"


@pytest.fixture
def store(path: Path, still: StillClock) -> Iterator[Store]:
    lay_tables(path)
    opened, _ = open_store(path, beside(path), still)
    yield opened
    opened.close()
