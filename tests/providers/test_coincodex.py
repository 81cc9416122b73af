"""CoinCodex: what is asked, which address is next, and what its bodies mean.

Fixtures are made by hand after the shapes that public clients of CoinCodex read: two versions of one that asks
get_charts for several assets at once, those that read get_coin_history as time, price, volume, cap, and a capture of
get_coin whose percentages are text. The numbers are invented.
"""

import asyncio
import json
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.assets import WHOLE_MARKET, Symbol
from bot.domain.errors import Unavailable
from bot.domain.prices import Field, Period, Samples
from bot.providers._http import Policy, Timeouts, Vendor
from bot.providers.prices import _coincodex_rows as rows
from bot.providers.prices.coincodex import CoinCodex

from .loopback import CHALLENGE, HandClock, LoopbackVendor, hangs_up, never, says

MakeSource = Callable[..., CoinCodex]
BTC, ETH, SOL = Symbol("BTC"), Symbol("ETH"), Symbol("SOL")
HEARD = datetime(2026, 11, 21, 12, tzinfo=UTC)
T0, T1, T2 = 1_367_107_200, 1_367_193_600, 1_367_280_000

BTC_ROW = {
    "symbol": "BTC",
    "display_symbol": "BTC",
    "name": "Bitcoin",
    "aliases": "XBT, Satoshi",
    "shortname": "bitcoin",
    "last_price_usd": 61234.5,
    "price_change_1H_percent": 0.21,
    "price_change_1D_percent": "-0.840000000",
    "price_change_7D_percent": None,
    "price_change_30D_percent": 12,
    "last_market_cap_usd": 1.21e12,
    "market_cap_rank": 1,
    "volume_24_usd": "31000000000.5",
    "supply": 19_900_000,
    "total_supply": "21000000",
    "price_high_24_usd": 62000,
    "price_low_24_usd": 60100.25,
    "last_update": "2026-11-21 11:59:30",
}
COIN = {**BTC_ROW, "coin_name": "Bitcoin", "slug": "bitcoin"}
del COIN["last_market_cap_usd"]


def coin(symbol: str, cap: float | None = None, display: str = "", **more: object) -> dict[str, object]:
    return {"symbol": symbol, "display_symbol": display or symbol, "last_market_cap_usd": cap, **more}


def data(*coins: object) -> Callable[..., object]:
    return says(json.dumps({"meta": {"total": len(coins)}, "data": coins}))


def query(target: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


def path(target: str) -> str:
    return urlsplit(target).path


# Quotes: what is asked ------------------------------------------------------------------------------------------------


async def test_many_quotes_are_one_call(outside: LoopbackVendor, make_source: MakeSource) -> None:
    outside.answers(data(BTC_ROW, coin("ETH", 4e11)))
    assert set(await make_source().quotes([BTC, ETH, BTC])) == {BTC, ETH}
    assert len(outside.asked) == 1
    assert path(outside.asked[0]) == "/api/v1/assets/get_asset_list"
    asked = query(outside.asked[0])
    assert (asked["type"], asked["select_bysymbol"]) == ("crypto", "BTC,ETH")
    assert (asked["order_by"], asked["order_direction"]) == ("last_market_cap_usd", "desc")


async def test_no_symbols_are_no_call(outside: LoopbackVendor, make_source: MakeSource) -> None:
    source = make_source()
    assert await source.quotes([]) == {}
    assert await source.series([], Period.DAY, Field.PRICE, Samples.SMALL) == {}
    assert outside.asked == []


async def test_no_address_grows_beyond_1800_characters(outside: LoopbackVendor, make_source: MakeSource) -> None:
    symbols = [Symbol(f"COIN币{number}") for number in range(300)]
    outside.answers(data(*(coin(symbol) for symbol in symbols)))
    source = make_source()
    assert set(await source.quotes(symbols)) == set(symbols)
    await source.series(symbols[:100], Period.DAY, Field.PRICE, Samples.LARGE)
    assert max(map(len, outside.asked)) < 1_700  # and the host


@pytest.mark.parametrize("symbol", ["BTC,ETH", "..", "", " ", "A\nB", "X" * 61])
async def test_what_cannot_be_a_symbol_is_unknown_and_not_asked(
    outside: LoopbackVendor, make_source: MakeSource, symbol: str
) -> None:
    source = make_source()
    assert await source.quotes([Symbol(symbol)]) == {}
    assert await source.series([Symbol(symbol)], Period.DAY, Field.PRICE, Samples.SMALL) == {}
    assert outside.asked == []


async def test_a_symbol_with_odd_signs_stays_one_word_of_the_address(
    outside: LoopbackVendor, make_source: MakeSource
) -> None:
    outside.answers(says("{}", 404))
    with pytest.raises(Unavailable):
        await make_source().quotes([Symbol("A/../B?x=1&limit=9#")])
    assert query(outside.asked[0])["select_bysymbol"] == "A/../B?x=1&limit=9#"
    assert outside.asked[1] == "/api/coincodex/get_coin/A%2F..%2FB%3Fx%3D1%26limit%3D9%23"


# Quotes: what is understood -------------------------------------------------------------------------------------------


async def test_every_field_of_a_quote(outside: LoopbackVendor, make_source: MakeSource) -> None:
    outside.answers(data(BTC_ROW))
    quote = (await make_source().quotes([BTC]))[BTC]
    asset = quote.asset
    assert (asset.symbol, asset.ticker, asset.name, asset.slug) == ("BTC", "BTC", "Bitcoin", "bitcoin")
    assert (asset.aliases, asset.rank) == (("XBT", "Satoshi"), 1)
    assert quote.price == Decimal("61234.5")
    assert (quote.change_1h, quote.change_24h) == (Decimal("0.21"), Decimal("-0.84"))
    assert (quote.change_7d, quote.change_30d) == (None, Decimal(12))
    assert (quote.low_24h, quote.high_24h) == (Decimal("60100.25"), Decimal(62000))
    assert (quote.cap, quote.volume_24h) == (Decimal("1.21e12"), Decimal("31000000000.5"))
    assert (quote.supply, quote.max_supply) == (Decimal(19_900_000), Decimal(21_000_000))
    assert quote.at == datetime(2026, 11, 21, 11, 59, 30, tzinfo=UTC)
    assert (quote.fetched_at, quote.source) == (HEARD, "CoinCodex")


def test_a_row_of_nothing_but_a_symbol_is_a_quote_of_unknowns() -> None:
    quote = rows.one({"Symbol": "btc"}, "S", HEARD)
    assert quote
    assert (quote.asset.symbol, quote.asset.ticker, quote.asset.name) == ("BTC", "BTC", "BTC")
    assert (quote.price, quote.cap, quote.change_24h, quote.supply, quote.asset.rank) == (None,) * 5
    assert quote.at == HEARD


@pytest.mark.parametrize("value", [0, "0", -1, True, "NaN", "1,5", "0x10", "", [], {}, "١٢", 1e99, "1e400", "1_0"])
def test_what_is_no_price_is_unknown_and_not_zero(value: object) -> None:
    quote = rows.one({"symbol": "BTC", "last_price_usd": value, "supply": 5}, "S", HEARD)
    assert quote
    assert (quote.price, quote.cap) == (None, None)


def test_an_update_from_the_future_is_as_old_as_its_hearing() -> None:
    quote = rows.one({"symbol": "BTC", "last_update": "2026-11-21 12:00:01"}, "S", HEARD)
    assert quote
    assert quote.at == HEARD


def test_a_cap_that_is_not_said_is_price_times_supply_and_one_that_is_said_is_not() -> None:
    computed = rows.one({"symbol": "A", "last_price_usd": "0.1", "supply": "3"}, "S", HEARD)
    said = rows.one({"symbol": "A", "last_price_usd": "0.1", "supply": "3", "market_cap_usd": "5"}, "S", HEARD)
    assert computed
    assert said
    assert (computed.cap, said.cap) == (Decimal("0.3"), Decimal(5))


def test_the_whole_market_has_a_cap_and_no_price() -> None:
    quote = rows.one({"symbol": "SUM_ALL_COINS", "last_price_usd": 135.3, "last_market_cap_usd": 3e12}, "S", HEARD)
    assert quote
    assert (quote.price, quote.cap) == (None, Decimal(3_000_000_000_000))


async def test_a_coins_own_symbol_goes_before_a_larger_coins_ticker(
    outside: LoopbackVendor, make_source: MakeSource
) -> None:
    outside.answers(
        data(coin("NOVAPRO", 9e9, "NOVA"), coin("NOVA", 1e6, "NVA"), coin("UNI2", None, "UNI"), coin("UNIX", 5, "UNI"))
    )
    found = await make_source().quotes([Symbol("NOVA"), Symbol("UNI")])
    assert found[Symbol("NOVA")].asset.symbol == "NOVA"
    # No coin is UNI inside, and the older address knew of none either: the largest that shows itself so.
    assert found[Symbol("UNI")].asset.symbol == "UNIX"


async def test_a_list_that_selects_by_ticker_alone_does_not_pass_another_coin_off(
    outside: LoopbackVendor, make_source: MakeSource
) -> None:
    outside.answers(data(coin("NOVAPRO", 9e9, "NOVA")), says(json.dumps(coin("NOVA", 1e6, "NVA"))))
    found = await make_source().quotes([Symbol("NOVA")])
    assert found[Symbol("NOVA")].asset.symbol == "NOVA"
    assert list(map(path, outside.asked)) == ["/api/v1/assets/get_asset_list", "/api/coincodex/get_coin/NOVA"]


async def test_a_ticker_once_seen_is_asked_for_beside_the_symbol(
    outside: LoopbackVendor, make_source: MakeSource
) -> None:
    outside.answers(data(coin("NOVAPRO", 9e9, "NOVA"), coin("NOVA", 1e6, "NVA")))
    source = make_source()
    await source.listing()
    assert (await source.quotes([Symbol("NOVAPRO")])).keys() == {"NOVAPRO"}
    assert query(outside.asked[-1])["select_bysymbol"] == "NOVAPRO,NOVA"
    assert len(outside.asked) == 2


# Quotes: the next address ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dead", [says("{}", 404), says("{}", 500), CHALLENGE, says('{"error": "gone"}'), says("7")])
async def test_a_dead_list_falls_back_to_single_coins(
    outside: LoopbackVendor, make_source: MakeSource, dead: object
) -> None:
    source = make_source(policy=Policy(per_second=1000, tries=1))
    eth = {**COIN, "symbol": "ETH", "display_symbol": "ETH"}
    outside.answers(dead, says(json.dumps(COIN)), says(json.dumps(eth)), says("{}", 404))
    found = await source.quotes([BTC, ETH, SOL])
    assert set(found) <= {BTC, ETH, SOL}
    assert {quote.asset.symbol for quote in found.values()} == {"BTC", "ETH"}
    assert sorted(map(path, outside.asked[1:])) == [f"/api/coincodex/get_coin/{name}" for name in ("BTC", "ETH", "SOL")]
    assert found[min(found)].cap == Decimal("61234.5") * 19_900_000
    assert source.healthy


async def test_a_silent_list_does_not_fall_back(outside: LoopbackVendor, make_source: MakeSource) -> None:
    source = make_source()
    outside.answers(hangs_up)
    with pytest.raises(Unavailable):
        await source.quotes([BTC])
    assert {path(target) for target in outside.asked} == {"/api/v1/assets/get_asset_list"}
    assert not source.healthy


async def test_a_busy_vendor_is_not_asked_coin_by_coin(outside: LoopbackVendor, make_source: MakeSource) -> None:
    outside.answers(says("{}", 429))
    with pytest.raises(Unavailable) as caught:
        await make_source().quotes([BTC])
    assert caught.value.key == "source.busy"
    assert {path(target) for target in outside.asked} == {"/api/v1/assets/get_asset_list"}


async def test_a_dead_list_does_not_become_hundreds_of_questions(
    outside: LoopbackVendor, make_source: MakeSource
) -> None:
    outside.answers(says("{}", 404))
    with pytest.raises(Unavailable):
        await make_source().quotes([Symbol(f"C{number}") for number in range(41)])
    assert len(outside.asked) == 1


async def test_when_every_address_is_gone_nothing_is_called_unknown(
    outside: LoopbackVendor, make_source: MakeSource
) -> None:
    outside.answers(says("{}", 404))
    source = make_source()
    for ask in (
        source.quotes([BTC]),
        source.series([BTC], Period.DAY, Field.PRICE, Samples.SMALL),
        source.series([WHOLE_MARKET], Period.ALL, Field.CAP, Samples.SMALL),
        source.listing(),
    ):
        with pytest.raises(Unavailable):
            await ask


async def test_an_unknown_coin_is_missing_and_no_error(outside: LoopbackVendor, make_source: MakeSource) -> None:
    outside.answers(data(BTC_ROW), says("{}", 422))
    source = make_source()
    assert set(await source.quotes([BTC, Symbol("NOSUCH")])) == {BTC}
    assert source.healthy


# The listing ----------------------------------------------------------------------------------------------------------


async def test_the_listing_is_one_bounded_call_best_rank_first(
    outside: LoopbackVendor, make_source: MakeSource
) -> None:
    outside.answers(
        data(coin("C", 5), coin("B", 7, market_cap_rank="2"), coin("D", 6), BTC_ROW, BTC_ROW, None, 5, {}, coin(""))
    )
    listing = await make_source().listing()
    assert [quote.asset.symbol for quote in listing] == ["BTC", "B", "D", "C"]
    assert len(outside.asked) == 1
    assert query(outside.asked[0])["limit"] == "1000"


# Series: what is asked ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "key"),
    [("1d", "1D"), ("7d", "7D"), ("30d", "30D"), ("3m", "3M"), ("1y", "1Y"), ("all", "ALL")],
)
@pytest.mark.parametrize(("field", "include"), [("price", "price"), ("cap", "market_cap"), ("volume", "volume")])
async def test_charts_are_asked_with_the_four_parameters_and_no_other(
    outside: LoopbackVendor, make_source: MakeSource, period: str, key: str, field: str, include: str
) -> None:
    outside.answers(says(json.dumps({name: {key: [[T0, 1, 5]]} for name in ("BTC", "ETH")})))
    found = await make_source().series([BTC, ETH], Period(period), Field(field), Samples.MEDIUM)
    assert set(found) == {BTC, ETH}
    assert [path(target) for target in outside.asked] == ["/api/v1/assets/get_charts"]
    assert query(outside.asked[0]) == {"assets": "BTC,ETH", "charts": key, "samples": "md", "include": include}


async def test_the_whole_markets_price_is_not_asked_for(outside: LoopbackVendor, make_source: MakeSource) -> None:
    assert await make_source().series([WHOLE_MARKET], Period.ALL, Field.PRICE, Samples.SMALL) == {}
    assert outside.asked == []


# Series: the next address ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dead", [says("{}", 404), CHALLENGE, says("{}"), says("[]"), says('{"BTC": {"1D": []}}')])
async def test_without_charts_the_history_is_asked_by_date(
    outside: LoopbackVendor, make_source: MakeSource, dead: object, clock: HandClock
) -> None:
    now = int(clock.now().timestamp())
    before, within = now - 86_400 - 60, now - 60
    outside.answers(dead, says(json.dumps({"BTC": [[before, 1, 2, 30], [within, 4, 5, 60]]})))
    source = make_source()
    found = await source.series([BTC], Period.DAY, Field.CAP, Samples.LARGE)
    assert outside.asked[1:] == ["/api/coincodex/get_coin_history/BTC/2026-11-20/2026-11-22/1200"]
    # Its dates are whole days; what lies before the period is left out.
    assert [(point.at.timestamp(), point.value) for point in found[BTC].points] == [(within, 60)]
    assert source.healthy


async def test_the_whole_markets_history_has_its_own_address(outside: LoopbackVendor, make_source: MakeSource) -> None:
    history = says(json.dumps({"SUM_ALL_COINS": [[T0, 1_500_000_000, 77, 52.5]]}))
    for field, value in ((Field.CAP, 1_500_000_000), (Field.VOLUME, 77)):
        outside.answers(says("{}", 404), history)
        found = await make_source().series([WHOLE_MARKET], Period.ALL, field, Samples.SMALL)
        assert outside.asked[-1] == "/api/coincodex/get_coin_marketcap/SUM_ALL_COINS/2010-01-01/2026-11-22/300"
        assert found[WHOLE_MARKET].values == [value]


async def test_only_what_the_charts_lack_is_asked_again(outside: LoopbackVendor, make_source: MakeSource) -> None:
    charts = says(json.dumps({"BTC": {"ALL": [[T0, 1]]}, "ETH": {"ALL": []}}))
    outside.answers(charts, says(json.dumps({"ETH": [[T0, 2, 3, 4]]})))
    found = await make_source().series([BTC, ETH], Period.ALL, Field.PRICE, Samples.SMALL)
    assert {symbol: series.values for symbol, series in found.items()} == {BTC: [1], ETH: [2]}
    assert list(map(path, outside.asked))[1:] == ["/api/coincodex/get_coin_history/ETH/2010-01-01/2026-11-22/300"]


@pytest.mark.parametrize("trouble", [says("{}", 503), says("{}", 404), CHALLENGE, hangs_up])
async def test_a_coin_that_charts_do_not_know_is_missing_even_where_the_history_is_dead(
    outside: LoopbackVendor, make_source: MakeSource, trouble: object
) -> None:
    outside.answers(says(json.dumps({"BTC": {"ALL": [[T0, 1]]}})), trouble)
    found = await make_source().series([BTC, Symbol("NOSUCH")], Period.ALL, Field.PRICE, Samples.SMALL)
    assert set(found) == {BTC}
    assert len(outside.asked) == 2


async def test_silent_charts_do_not_fall_back(outside: LoopbackVendor, make_source: MakeSource) -> None:
    released = asyncio.Event()
    outside.answers(never(released))
    source = make_source(policy=Policy(timeouts=Timeouts(whole_s=0.5), per_second=1000, tries=1))
    with pytest.raises(Unavailable):
        await source.series([BTC], Period.ALL, Field.PRICE, Samples.SMALL)
    released.set()
    assert len(outside.asked) == 1


async def test_a_lone_column_of_caps_is_checked_with_the_history_and_taken_where_there_is_none(
    outside: LoopbackVendor, make_source: MakeSource
) -> None:
    lone = says(json.dumps({"BTC": {"ALL": [[T0, 61234]]}}))
    outside.answers(lone, says(json.dumps({"BTC": [[T0, 61234, 5, 1_210_000_000_000]]})))
    found = await make_source().series([BTC], Period.ALL, Field.CAP, Samples.SMALL)
    assert found[BTC].values == [1_210_000_000_000]
    outside.answers(lone, says("{}", 404))
    found = await make_source().series([BTC], Period.ALL, Field.CAP, Samples.SMALL)
    assert found[BTC].values == [61234]


# Series: what is understood -------------------------------------------------------------------------------------------


def column(raw: object, field: Field) -> list[tuple[int, Decimal | None]] | None:
    found = rows.charts({"BTC": {"ALL": raw}}, [BTC], "ALL", field)
    assert found is not None
    return [(int(point.at.timestamp()), point.value) for point in found[BTC].points] if BTC in found else None


PRICED, CAPPED, TRADED = Field.PRICE, Field.CAP, Field.VOLUME


@pytest.mark.parametrize(
    ("row", "price", "last"),
    [
        ([T0, 135.3], "135.3", "135.3"),
        ([T0, 135.3, 1486240000], "135.3", "1486240000"),
        ([T0, 135.3, 7, 1486240000], "135.3", "1486240000"),
        ([T0, 135.3, 7, 9, 1486240000], "135.3", "1486240000"),
        ([str(T0), "135.3", "1486240000"], "135.3", "1486240000"),
        ([T0 * 1000, 135.3, 1486240000], "135.3", "1486240000"),
        ({"Timestamp": T0, "Price": "135.3", "market_cap": 1486240000, "volume": 1486240000}, "135.3", "1486240000"),
        ({"time_start": "2013-04-28 00:00:00", "price_close_usd": 135.3, "MARKET_CAP_USD": 1486240000}, "135.3", None),
    ],
)
def test_a_row_of_every_known_shape(row: object, price: str, last: str | None) -> None:
    assert column([row], PRICED) == [(T0, Decimal(price))]
    assert column([row], CAPPED) == [(T0, Decimal(last or "1486240000"))]
    if last:
        assert column([row], TRADED) == [(T0, Decimal(last))]


@pytest.mark.parametrize(
    "row",
    [[], [T0], [T0, 1, 2, 3, 4, 5], [None, 1], [True, 1], ["NaN", 1], [math.inf, 1], [-5, 1], [0, 1], ["", 1],
     [[T0], 1], [9e18, 1], [{}, 1], {"price": 1}, {"ts": True, "price": 1}, None, 5, "row", True, [[T0, 1]]],
)  # fmt: skip
def test_a_row_without_a_time_or_of_no_known_width_is_dropped(row: object) -> None:
    assert column([row, [T1, 7]], PRICED) == [(T1, 7)]


@pytest.mark.parametrize(
    "value", [None, True, False, math.nan, math.inf, -math.inf, "", "n/a", [], {}, -3, 0, "0", "1e999"]
)
def test_a_value_that_is_none_is_kept_as_a_gap(value: object) -> None:
    assert column([[T0, value], [T1, 7]], PRICED) == [(T0, None), (T1, 7)]


def test_no_volume_is_a_volume_but_no_cap_is_unknown() -> None:
    assert column([[T0, 1, 0], [T1, 1, 5]], TRADED) == [(T0, 0), (T1, 5)]
    assert column([[T0, 1, 0], [T1, 1, 5]], CAPPED) == [(T0, None), (T1, 5)]


def test_rows_come_sorted_and_of_two_at_one_time_the_last_counts() -> None:
    assert column([[T2, 3], [T0, 1], [T0 * 1000, 9], [T1, 2], [T1, 8]], PRICED) == [(T0, 9), (T1, 8), (T2, 3)]


def test_a_short_row_among_wider_ones_has_a_price_and_no_cap() -> None:
    raw = [[T0, 135, 1486240000], [T1, 140], [T2, 141, 3, 99]]
    assert column(raw, PRICED) == [(T0, 135), (T1, 140), (T2, 141)]
    # Of rows four wide the last column is the cap; in a row of another width nothing is known of it.
    assert column([[T0, 1, 5, 90], [T1, 1, 80], [T2, 1]], CAPPED) == [(T0, 90), (T1, None), (T2, None)]


def test_a_cap_below_its_price_is_no_cap_column() -> None:
    assert column([[T0, 135.3, 1486240000], [T1, 140, 139]], CAPPED) is None
    assert column([[T0, 135.3, 1486240000], [T1, 140, 139]], TRADED) is not None
    assert column([[T0, 135.3, 1486240000], [T1, 140, 140]], CAPPED) is not None


@pytest.mark.parametrize("raw", [[], {}, None, "rows", 5, [[T0, None], [T1, None]], [[]]])
def test_nothing_but_gaps_is_no_data(raw: object) -> None:
    assert column(raw, PRICED) is None


def test_assets_and_periods_are_found_in_any_case_and_no_other_period_stands_in() -> None:
    assert set(rows.charts({"btc": {"all": [[T0, 1]]}}, [BTC], "ALL", PRICED) or {}) == {BTC}
    assert rows.charts({"BTC": {"1Y": [[T0, 1]]}}, [BTC], "ALL", PRICED) == {}
    assert rows.charts({"ETH": {"ALL": [[T0, 1]]}}, [BTC], "ALL", PRICED) == {}


@pytest.mark.parametrize(("field", "value"), [(PRICED, 2), (TRADED, 3), (CAPPED, 4)])
def test_a_history_is_read_by_its_four_columns(field: Field, value: int) -> None:
    found = rows.history({"btc": [[T0, 2, 3, 4]]}, BTC, field, rows.COIN_HISTORY, HEARD - timedelta(days=9999))
    assert found
    assert [point.value for point in found[BTC].points] == [value]


@pytest.mark.parametrize("row", [[T0, 2], [T0, 2, 3], [T0, 2, 3, 4, 5]])
def test_a_history_of_another_width_has_a_price_and_nothing_else(row: list[int]) -> None:
    long_ago = HEARD - timedelta(days=9999)
    assert rows.history({"BTC": [row]}, BTC, PRICED, rows.COIN_HISTORY, long_ago)
    assert rows.history({"BTC": [row]}, BTC, CAPPED, rows.COIN_HISTORY, long_ago) == {}
    assert rows.history({"BTC": [row]}, BTC, TRADED, rows.COIN_HISTORY, long_ago) == {}
    assert rows.history({"SUM_ALL_COINS": [row]}, WHOLE_MARKET, CAPPED, rows.MARKET_HISTORY, long_ago) == {}


# Anything at all ------------------------------------------------------------------------------------------------------

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(max_size=20)
    | st.sampled_from([T0, T1, T0 * 1000, str(T0), "2026-11-21 11:59:30", "135.3", "NaN", 10**4000, "9" * 300, 1e308])
)  # fmt: skip
KEYS = st.sampled_from(["BTC", "btc", "ETH", "ALL", "all", "data", "Data", "symbol", "ts", "price", "cap"]) | st.text(
    max_size=8
)
ANY_JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=6) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=40
)
ANY_ROW = (
    st.lists(SCALARS, max_size=6)
    | st.dictionaries(st.sampled_from(["ts", "Price", "cap", "volume", "x"]), SCALARS)
    | SCALARS
)
FIELDS = st.sampled_from(list(Field))


def promised(points: tuple[object, ...]) -> None:
    times = [point.at for point in points]
    assert times == sorted(set(times))
    assert all(at.tzinfo is UTC for at in times)
    values = [point.value for point in points if point.value is not None]
    assert values
    assert all(isinstance(value, Decimal) and value.is_finite() and value >= 0 for value in values)
    assert all(len(f"{value:f}") < 120 for value in values)


@given(body=ANY_JSON, field=FIELDS)
@settings(deadline=None)
@example(body={"BTC": {"ALL": [{"ts": T0, "price": 1, "cap": 0.5}]}}, field=CAPPED)
def test_any_json_is_read_without_an_error(body: object, field: Field) -> None:
    for found in (
        rows.charts(body, [BTC, ETH], "ALL", field),
        rows.history(body, BTC, field, rows.COIN_HISTORY, HEARD - timedelta(days=9999)),
    ):
        for column in (found or {}).values():
            promised(column.points)
    for quote in rows.picked(rows.ranked(rows.listed(body, "S", HEARD) or []), [BTC, ETH]).values():
        assert quote.at <= HEARD


@given(raw=st.lists(ANY_ROW, max_size=12), field=FIELDS)
@settings(max_examples=300, deadline=None)
def test_any_rows_come_out_sorted_single_and_finite(raw: list[object], field: Field) -> None:
    for column in (rows.charts({"BTC": {"ALL": raw}}, [BTC], "ALL", field) or {}).values():
        promised(column.points)


@given(row=st.dictionaries(st.sampled_from([*BTC_ROW, "coin_name", "slug", "market_cap_usd"]), SCALARS | ANY_JSON))
@settings(max_examples=300, deadline=None)
def test_any_coin_is_a_quote_with_sane_fields_or_none(row: dict[str, object]) -> None:
    quote = rows.one({"symbol": "BTC", **row}, "S", HEARD)
    if quote is None:
        return
    assert quote.asset.symbol
    assert quote.asset.name.isprintable()
    for value in (quote.price, quote.cap, quote.supply, quote.max_supply, quote.low_24h, quote.high_24h):
        assert value is None or (value.is_finite() and value > 0)
    assert quote.volume_24h is None or quote.volume_24h >= 0
    assert quote.at <= quote.fetched_at


@st.composite
def told_apart(draw: st.DrawFn) -> tuple[list[list[object]], dict[str, set[int]]]:
    """Rows of mixed widths whose columns lie in ranges of their own, so that a value tells where it stood."""
    raw, stood = [], {"price": set(), "middle": set(), "last": set()}
    for step in range(draw(st.integers(1, 30))):
        width = draw(st.integers(2, 5))
        price = draw(st.integers(1, 999))
        middle = [draw(st.integers(10_000, 19_999)) for _ in range(width - 3)]
        last = [draw(st.integers(100_000, 999_999))] if width > 2 else []
        stood["price"].add(price)
        stood["middle"].update(middle)
        stood["last"].update(last)
        gaps = draw(st.booleans())
        raw.append([T0 + step * 60, None if gaps and width > 2 else price, *middle, *last])
    return raw, stood


@given(told_apart(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_columns_never_mix(made: tuple[list[list[object]], dict[str, set[int]]], random: object) -> None:
    raw, stood = made
    random.shuffle(raw)
    wide = max(map(len, raw)) > 2
    for field in (CAPPED, TRADED):
        values = {value for _, value in column(raw, field) or [] if value is not None}
        assert values <= (stood["last"] if wide else stood["price"])
    assert {value for _, value in column(raw, PRICED) or [] if value is not None} <= stood["price"]


# Bytes, through everything --------------------------------------------------------------------------------------------

BODIES = [
    json.dumps({"BTC": {"ALL": [[T0, 135.3, 1486240000], [T1, None, None], [T2, "140.1", "1.5e9"]]}}).encode(),
    json.dumps({"meta": {"total": 1}, "data": [BTC_ROW, coin("ETH", 4e11)]}).encode(),
    json.dumps({"BTC": [[T0, 135.3, 7.5, 1486240000], [T1, 136, 8, 1486250000]]}).encode(),
    json.dumps(COIN).encode(),
    "\ufeff".encode() + json.dumps([BTC_ROW], ensure_ascii=False).encode(),
    json.dumps({"BTC": {"ALL": [[T0, 1]]}}).encode("utf-16"),
]


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    body = bytearray(draw(st.sampled_from(BODIES)))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, max(0, len(body) - 1)))
        match draw(st.sampled_from(["flip", "cut", "drop", "put", "twice"])):
            case "flip" if body:
                body[at] = draw(st.integers(0, 255))
            case "cut":
                del body[at:]
            case "drop":
                del body[at : at + draw(st.integers(1, 20))]
            case "put":
                body[at:at] = draw(
                    st.sampled_from([b"[", b"]", b"{", b"NaN", b"null", b'"', b"-", b"1e9999", b"9" * 400, b"\xff"])
                )
            case "twice":
                body[at:at] = body[at : at + draw(st.integers(1, 60))]
    return bytes(body)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@given(body=spoiled(), field=FIELDS)
@settings(max_examples=250, deadline=None)
def test_any_bytes_end_in_an_answer_or_in_unavailable(runner: asyncio.Runner, body: bytes, field: Field) -> None:
    """The transport alone is a function here: client, policy, decoding and parsing are the real ones."""
    clock = HandClock()
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=httpx.ByteStream(body)))

    async def ask() -> None:
        async with httpx.AsyncClient(transport=transport, base_url="http://vendor.invalid") as client:
            policy = Policy(tries=1, per_second=1000)
            source = CoinCodex(Vendor("CoinCodex", client, clock, policy, sleep=clock.sleep), clock)
            for question in (
                source.quotes([BTC, ETH]),
                source.listing(),
                source.series([BTC, ETH], Period.ALL, field, Samples.SMALL),
            ):
                try:
                    answer = await question
                except Unavailable as error:
                    assert error.key in {"source.garbled", "source.down"}  # noqa: PT017 (both ends are fine)
                    continue
                for series in answer.values() if isinstance(answer, dict) else ():
                    if hasattr(series, "points"):
                        promised(series.points)

    runner.run(ask())
