"""What every price source promises, whichever vendor stands behind it. A new source is one more row of SOURCES."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from decimal import Decimal

import pytest

from bot.domain.assets import WHOLE_MARKET, Symbol
from bot.domain.errors import Unavailable
from bot.domain.ports import PriceSource
from bot.domain.prices import Field, Period, Quote, Samples, Series
from bot.providers._http import Policy, Timeouts
from bot.providers.prices.coincodex import CoinCodexSection, build
from bot.sandbox.coincodex import CoinCodexStandIn
from bot.sandbox.market import Market

from .loopback import HandClock

BTC, ETH, UNKNOWN = Symbol("BTC"), Symbol("ETH"), Symbol("NOSUCHCOIN")


@dataclass
class World:
    """A source, the market it should tell of, and the switches of what stands between."""

    source: PriceSource
    market: Market
    clock: HandClock
    vendor: CoinCodexStandIn


@asynccontextmanager
async def coincodex() -> AsyncIterator[World]:
    clock = HandClock()
    market = Market(invented=120, dust=60, clock=lambda: clock.now().timestamp())
    vendor = CoinCodexStandIn(market)
    url = await vendor.start("127.0.0.1", 0)
    policy = Policy(timeouts=Timeouts(whole_s=10.0), per_second=1000)
    source = build(CoinCodexSection(url, None, clock, policy=policy, sleep=clock.sleep))
    try:
        yield World(source, market, clock, vendor)
    finally:
        await source.close()
        await vendor.stop()


SOURCES: list[Callable[[], AbstractAsyncContextManager[World]]] = [coincodex]


@pytest.fixture(params=SOURCES, ids=lambda source: source.__name__)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with request.param() as world:
        yield world


# Quotes ---------------------------------------------------------------------------------------------------------------


async def test_a_quote_is_the_markets_and_names_its_source_and_age(world: World) -> None:
    found = await world.source.quotes([BTC, ETH])
    assert set(found) == {BTC, ETH}
    for symbol, quote in found.items():
        assert quote.price == world.market.price(symbol)
        assert quote.asset.symbol == symbol
        assert quote.source == world.source.name
        assert quote.fetched_at == world.clock.now()
        assert quote.at <= quote.fetched_at
        assert quote.at.tzinfo is UTC


async def test_a_quote_follows_the_market(world: World) -> None:
    before = (await world.source.quotes([BTC]))[BTC]
    world.market.move("BTC", 20)
    world.clock.go(2)
    after = (await world.source.quotes([BTC]))[BTC]
    assert before.price
    assert after.price
    assert after.price > before.price * Decimal("1.15")
    assert after.at > before.at


async def test_an_unknown_symbol_is_missing_and_no_error(world: World) -> None:
    assert set(await world.source.quotes([BTC, UNKNOWN])) == {BTC}
    assert await world.source.quotes([UNKNOWN]) == {}
    assert await world.source.quotes([]) == {}


@pytest.mark.parametrize("symbol", ["NOVA", "NOVAPRO", "UNI", "UNICORN", "ORBIT"])
async def test_a_symbol_means_one_coin_whoever_shares_its_ticker(world: World, symbol: str) -> None:
    quote = (await world.source.quotes([Symbol(symbol)]))[Symbol(symbol)]
    assert quote.asset.symbol == symbol
    assert quote.price == world.market.price(symbol)


async def test_what_the_source_does_not_know_is_none(world: World) -> None:
    found = await world.source.quotes([Symbol("VOID"), Symbol("WISP")])
    assert found[Symbol("VOID")].price is None
    assert found[Symbol("WISP")].cap is None


# The listing ----------------------------------------------------------------------------------------------------------


async def test_the_listing_is_bounded_ranked_and_holds_each_coin_once(world: World) -> None:
    listing = await world.source.listing()
    assert 100 < len(listing) <= 1000
    assert len({quote.asset.symbol for quote in listing}) == len(listing)
    ranks = [quote.asset.rank for quote in listing if quote.asset.rank]
    assert ranks == sorted(ranks)
    assert listing[0].asset.symbol == BTC
    assert listing[0].price == world.market.price("BTC")
    assert all(isinstance(quote, Quote) and quote.source == world.source.name for quote in listing)


# Series ---------------------------------------------------------------------------------------------------------------


def promised(series: Series, symbol: Symbol, period: Period, field: Field) -> None:
    assert (series.symbol, series.period, series.field) == (symbol, period, field)
    times = [point.at for point in series.points]
    assert times == sorted(set(times))
    assert all(at.tzinfo is UTC for at in times)
    assert series.values
    assert all(isinstance(value, Decimal) and value.is_finite() and value >= 0 for value in series.values)


@pytest.mark.parametrize("field", list(Field))
@pytest.mark.parametrize("period", list(Period))
async def test_a_series_is_sorted_and_single_and_reaches_as_far_as_its_period(
    world: World, period: Period, field: Field
) -> None:
    found = await world.source.series([BTC, ETH], period, field, Samples.SMALL)
    assert set(found) == {BTC, ETH}
    days = {"1d": 1, "7d": 7, "30d": 30, "3m": 90, "1y": 365, "all": 3000}[period.value]
    for symbol, series in found.items():
        promised(series, symbol, period, field)
        reach = series.points[-1].at - series.points[0].at
        assert timedelta(days=days * 0.9) < reach
        assert period is Period.ALL or reach < timedelta(days=days * 1.1)
        assert len(series.points) > 100


async def test_each_field_is_itself_at_every_point(world: World) -> None:
    reads: dict[Field, Callable[[int], Decimal | None]] = {
        Field.PRICE: lambda at: world.market.price("BTC", at),
        Field.CAP: lambda at: world.market.market_cap(bitcoin, at),
        Field.VOLUME: lambda at: world.market.volume(bitcoin, at),
    }
    bitcoin = world.market.find("BTC")
    assert bitcoin
    for field, expected in reads.items():
        series = (await world.source.series([BTC], Period.WEEK, field, Samples.SMALL))[BTC]
        for point in series.points:
            assert point.value in {None, expected(int(point.at.timestamp()))}


async def test_more_samples_are_more_points(world: World) -> None:
    counts = [
        len((await world.source.series([BTC], Period.YEAR, Field.PRICE, samples))[BTC].points) for samples in Samples
    ]
    assert counts[0] < counts[1] < counts[2] <= 2400


async def test_the_whole_market_has_a_cap_and_a_volume_and_no_price(world: World) -> None:
    now = int(world.clock.now().timestamp())
    cap = await world.source.series([WHOLE_MARKET], Period.MONTH, Field.CAP, Samples.SMALL)
    volume = await world.source.series([WHOLE_MARKET], Period.MONTH, Field.VOLUME, Samples.SMALL)
    assert cap[WHOLE_MARKET].values[-1] == world.market.total(now).market_cap
    assert volume[WHOLE_MARKET].values[-1] == world.market.total(now).volume
    assert await world.source.series([WHOLE_MARKET], Period.MONTH, Field.PRICE, Samples.SMALL) == {}


async def test_an_unknown_or_empty_coin_has_no_series(world: World) -> None:
    found = await world.source.series([BTC, UNKNOWN, Symbol("VOID")], Period.DAY, Field.PRICE, Samples.SMALL)
    assert set(found) == {BTC}


# When the outside fails -----------------------------------------------------------------------------------------------

FAULTS = [
    ("down", None, "source.down"),
    ("limited", None, "source.busy"),
    ("error", 500, "source.down"),
    ("error", 503, "source.down"),
    ("html", None, "source.garbled"),
    ("cut", None, "source.garbled"),
    ("torn", None, "source.down"),
    ("empty", None, "source.garbled"),
    ("huge", 30, "source.garbled"),
]


def questions(source: PriceSource) -> list[Callable[[], Awaitable[object]]]:
    return [
        lambda: source.quotes([BTC, ETH]),
        lambda: source.series([BTC, ETH], Period.DAY, Field.CAP, Samples.SMALL),
        source.listing,
    ]


@pytest.mark.parametrize(("fault", "value", "key"), FAULTS)
async def test_a_vendor_that_does_not_serve_is_unavailable_and_then_serves_again(
    world: World, fault: str, value: int | None, key: str
) -> None:
    for ask in questions(world.source):
        world.vendor.faults.set(fault, value)
        with pytest.raises(Unavailable) as caught:
            await ask()
        assert caught.value.key == key
        assert caught.value.values == {"source": world.source.name}
        world.vendor.faults.clear()
        world.clock.go(61)
        assert await ask()


async def test_a_vendor_that_is_too_slow_is_unavailable(world: World) -> None:
    world.vendor.faults.set("slow", 30)
    policy = Policy(timeouts=Timeouts(whole_s=0.05), per_second=1000)
    source = build(CoinCodexSection(world.vendor.url, None, world.clock, policy=policy, sleep=world.clock.sleep))
    with pytest.raises(Unavailable) as caught:
        await source.quotes([BTC])
    await source.close()
    assert caught.value.key == "source.down"
    assert not source.healthy


@pytest.mark.parametrize("fault", ["down", "torn", "cut", "error", "limited"])
async def test_a_fault_that_passes_is_not_noticed(world: World, fault: str) -> None:
    for ask in questions(world.source):
        world.vendor.faults.set(fault, 1 if fault == "limited" else None, times=2)
        assert await ask()
        assert not world.vendor.faults.active


@pytest.mark.parametrize("only", ["get_asset_list", "get_charts"])
@pytest.mark.parametrize("fault", ["error", "html", "empty"])
async def test_one_dead_address_is_not_noticed(world: World, fault: str, only: str) -> None:
    world.vendor.faults.set(fault, only=only)
    quotes = await world.source.quotes([BTC, ETH])
    assert {symbol: quote.price for symbol, quote in quotes.items()} == {
        symbol: world.market.price(symbol) for symbol in (BTC, ETH)
    }
    found = await world.source.series([BTC, ETH, WHOLE_MARKET], Period.WEEK, Field.CAP, Samples.SMALL)
    assert set(found) == {BTC, ETH, WHOLE_MARKET}
    for symbol, series in found.items():
        promised(series, symbol, Period.WEEK, Field.CAP)


async def test_dead_older_addresses_are_not_noticed(world: World) -> None:
    world.vendor.faults.set("legacy", 503)
    for ask in questions(world.source):
        assert await ask()


@pytest.mark.parametrize(
    ("fault", "value"),
    [("strings", None), ("milliseconds", None), ("dicts", None), ("columns", 2), ("columns", 4), ("columns", 5)],
)
async def test_bent_rows_mean_the_same(world: World, fault: str, value: int | None) -> None:
    straight = await world.source.series([BTC, WHOLE_MARKET], Period.DAY, Field.CAP, Samples.SMALL)
    world.vendor.faults.set(fault, value)
    bent = await world.source.series([BTC, WHOLE_MARKET], Period.DAY, Field.CAP, Samples.SMALL)
    assert set(bent) == set(straight)
    if fault != "dicts":  # whose names are those of another endpoint's columns
        assert {symbol: series.points for symbol, series in bent.items()} == {
            symbol: series.points for symbol, series in straight.items()
        }
