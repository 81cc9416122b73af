"""A vendor on loopback, a clock to be moved by hand, and the provider between them."""

from collections.abc import AsyncIterator, Callable

import pytest

from bot.providers._http import Policy, Timeouts, Vendor, build_client, user_agent
from bot.providers.prices.coincodex import CoinCodex, CoinCodexSection, build

from .loopback import HandClock, LoopbackVendor, listening

QUICK = Policy(per_second=1000)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def outside() -> AsyncIterator[LoopbackVendor]:
    async with listening() as vendor:
        yield vendor


@pytest.fixture
async def make_vendor(outside: LoopbackVendor, clock: HandClock) -> AsyncIterator[Callable[..., Vendor]]:
    made: list[Vendor] = []

    def make(*, url: str = "", proxy: str | None = None, whole_s: float = 15.0, **policy: object) -> Vendor:
        timeouts = Timeouts(whole_s=whole_s)
        client = build_client(url or outside.url, proxy, user_agent(), timeouts)
        rules = Policy(timeouts=timeouts, **{"per_second": 1000, **policy})
        made.append(Vendor("Testvendor", client, clock, rules, sleep=clock.sleep, random=lambda: 0.5))
        return made[-1]

    yield make
    for vendor in made:
        await vendor.close()


@pytest.fixture
async def make_source(outside: LoopbackVendor, clock: HandClock) -> AsyncIterator[Callable[..., CoinCodex]]:
    made: list[CoinCodex] = []

    def make(url: str = "", proxy: str | None = None, policy: Policy = QUICK) -> CoinCodex:
        section = CoinCodexSection(url or outside.url, proxy, clock, policy=policy, sleep=clock.sleep)
        made.append(build(section))
        return made[-1]

    yield make
    for source in made:
        await source.close()
