"""What tests of the whole desk share: a market, a world around it, and desks in it that are surely closed again."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator
from decimal import getcontext, setcontext
from pathlib import Path

import pytest

from bot.sandbox.market import Market
from tests.desk import Desk, DeskProcess, MovedClock, Told, World, listening, world_of


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first: at the end all the others would wait for it."""
    items.sort(key=lambda item: "chaos" not in item.path.parts)


@pytest.fixture(autouse=True)
def _own_rounding() -> Iterator[None]:
    """A test that uses ccxt as it is leaves its rounding behind."""
    before = getcontext().copy()
    yield
    setcontext(before)


@pytest.fixture(scope="session")
def market() -> Market:
    """A pure function of time: all may share it. Small, so that a listing is quickly read."""
    return Market(invented=60, dust=40)


@pytest.fixture
async def world(market: Market, tmp_path: Path) -> AsyncIterator[World]:
    async with world_of(market, tmp_path) as started:
        yield started


@pytest.fixture
def told() -> Iterator[Told]:
    with listening() as lines:
        yield lines


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def make_desk(world: World, clock: MovedClock, told: Told) -> AsyncIterator[Callable[..., Desk]]:  # noqa: ARG001
    made: list[Desk] = []

    def make(**settings: str) -> Desk:
        assert not any(each.runs for each in made), "two desks would take the updates of one bot from each other"
        made.append(Desk(world, clock, **settings))
        return made[-1]

    yield make
    for desk in made:
        await desk.stop()


@pytest.fixture
async def desk(make_desk: Callable[..., Desk]) -> Desk:
    made = make_desk()
    await made.start()
    return made


@pytest.fixture
def unused_port() -> int:
    """Free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
async def make_process(world: World) -> AsyncIterator[Callable[..., DeskProcess]]:
    made: list[DeskProcess] = []

    def make(**settings: str) -> DeskProcess:
        made.append(DeskProcess(world, **settings))
        return made[-1]

    yield make
    for process in made:
        await process.close()
