"""Changelly in each dialect, with credentials that open nothing."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.domain.orders import Credentials
from bot.providers._http import Policy, Timeouts
from bot.providers.swaps import SwapSection, build
from bot.providers.swaps.changelly import Changelly
from tests.providers.loopback import HandClock

from .vendor import ScriptedVendor, scripted

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
CREDENTIALS = {
    "v2": Credentials("", VECTORS["private_key"]),
    "v1": Credentials(VECTORS["key"], VECTORS["secret"]),
    "rest": Credentials(VECTORS["key"], VECTORS["secret"]),
}
DIALECTS = tuple(CREDENTIALS)


class Counted:
    """Nonces as the desk's storage gives them; `asked` holds the ids of keys they were for."""

    def __init__(self) -> None:
        self.last = 1_795_000_000_000_000
        self.asked: list[str] = []

    async def __call__(self, key_id: str) -> int:
        self.asked.append(key_id)
        self.last += 1
        return self.last


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def vendor() -> AsyncIterator[ScriptedVendor]:
    async with scripted() as found:
        yield found


@pytest.fixture
def nonces() -> Counted:
    return Counted()


@pytest.fixture
async def make(vendor: ScriptedVendor, clock: HandClock, nonces: Counted) -> AsyncIterator[Callable[..., Changelly]]:
    made: list[Changelly] = []

    def maker(dialect: str, *, url: str = "", proxy: str | None = None, whole_s: float = 15.0, **policy) -> Changelly:
        rules = Policy(**{"timeouts": Timeouts(whole_s=whole_s), "per_second": 1000, **policy})
        section = SwapSection(
            url or vendor.url,
            proxy,
            clock,
            dialect,
            CREDENTIALS[dialect],
            nonces,
            policy=rules,
            sleep=clock.sleep,
            random=lambda: 0.5,
        )
        provider = build(section)
        assert provider is not None
        made.append(provider)
        return provider

    yield maker
    for provider in made:
        await provider.close()
