"""Each exchange in turn, its vendor on loopback, and a person's account there."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from bot.domain.orders import Credentials
from bot.providers.exchanges import ExchangeSection
from bot.providers.exchanges._account import CcxtAccount
from bot.providers.exchanges._ccxt import CcxtExchange
from bot.providers.exchanges._section import Patience
from tests.providers.loopback import HandClock

from .cases import CASES, Case
from .vendor import Recorded, recorded

CREDENTIALS = Credentials("test-key", "test-secret-canary", "test-pass-canary")


@dataclass
class Desk:
    """One exchange under test."""

    case: Case
    vendor: Recorded
    clock: HandClock
    exchange: CcxtExchange

    @property
    def account(self) -> CcxtAccount:
        return self.exchange.account("7:1", CREDENTIALS)

    def body(self, call: str):
        return self.vendor.body(call)


@pytest.fixture
async def make_desk() -> AsyncIterator[Callable[..., object]]:
    opened: list[tuple[CcxtExchange, object]] = []

    async def make(case: Case, proxy: str | None = None, whole_s: float = 10.0, url: str = "") -> Desk:
        serving = recorded(case.name)
        vendor = await serving.__aenter__()
        clock = HandClock()
        section = ExchangeSection(
            url or vendor.url,
            proxy,
            clock,
            patience=Patience(whole_s=whole_s),
            sleep=clock.sleep,
            random=lambda: 0.5,
        )
        exchange = case.module.build(section)
        opened.append((exchange, serving))
        return Desk(case, vendor, clock, exchange)

    yield make
    for exchange, serving in opened:
        await exchange.close()
        await serving.__aexit__(None, None, None)


@pytest.fixture(params=CASES, ids=lambda case: case.name)
async def desk(request: pytest.FixtureRequest, make_desk: Callable[..., object]) -> Desk:
    return await make_desk(request.param)
