"""Services over a real store and a shelf of prices, under a clock that stands still."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.scheduler import Nursery
from storage.store import Store, open_store
from storage.vault import KeySource
from tests.price_shelf import PriceShelf
from tests.still_clock import StillClock


@pytest.fixture
def still() -> StillClock:
    return StillClock()


@pytest.fixture
async def nursery() -> AsyncIterator[Nursery]:
    made = Nursery()
    yield made
    await made.close()


@pytest.fixture
def shelf(still: StillClock) -> PriceShelf:
    return PriceShelf(still)


@pytest.fixture
def store(tmp_path: Path, still: StillClock) -> Iterator[Store]:
    opened, _ = open_store(tmp_path / "desk.db", KeySource(None, None, "", tmp_path / "desk.key"), still)
    yield opened
    opened.close()
