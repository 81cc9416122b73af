"""Services over a real store and a shelf of prices, under a clock that stands still."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.scheduler import Nursery
from storage.store import Store
from tests.price_shelf import PriceShelf
from tests.still_clock import StillClock
from tests.store_in import store_in


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
    opened = store_in(tmp_path, still)
    yield opened
    opened.close()
