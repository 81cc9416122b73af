"""Stores in a folder of their own, under a clock that stands still."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.store import Store, open_store
from storage.vault import KeySource


class StillClock:
    """Moves only when it is told to."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 21, 12, tzinfo=UTC) + timedelta(seconds=self.passed_s)

    def monotonic(self) -> float:
        return 1000 + self.passed_s


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
    opened, _ = open_store(path, beside(path), still)
    yield opened
    opened.close()
