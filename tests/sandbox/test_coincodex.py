"""CoinCodex on the wire, looked at from outside: shapes, types, refusals, faults, and numbers that agree."""

import asyncio
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import aiohttp
import pytest

from bot.sandbox.coincodex import CoinCodexPanel, CoinCodexStandIn
from bot.sandbox.market import Market

START = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp())
CHARTS = "/api/v1/assets/get_charts"
LIST = "/api/v1/assets/get_asset_list"
BTC_DAY = {"assets": "BTC", "charts": "1D", "samples": "sm"}


@dataclass
class Hand:
    """A clock that stands until it is turned."""

    now: float = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hand():
    return Hand()


@pytest.fixture
async def standin(hand):
    standin = CoinCodexStandIn(Market(dust=20, clock=hand))
    await standin.start()
    yield standin
    await standin.stop()


@pytest.fixture
async def get(standin):
    """Fetches and reads JSON with exact numbers; asserts the status."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:

        async def fetch(path, status=200, **params):
            async with session.get(standin.url + path, params=params) as response:
                assert response.status == status, await response.text()
                assert response.content_type == "application/json"
                return json.loads(await response.read(), parse_float=Decimal)

        fetch.session = session
        yield fetch


# Charts


async def test_charts_are_keyed_by_asset_then_period(get):
    answer = await get(CHARTS, assets="BTC,ETH", charts="30D,1Y", samples="sm")
    assert {asset: list(periods) for asset, periods in answer.items()} == {"BTC": ["30D", "1Y"], "ETH": ["30D", "1Y"]}


@pytest.mark.parametrize(
    ("include", "width"),
    [(None, 2), ("price", 2), ("market_cap", 3), ("volume", 3), ("price,market_cap", 3), ("volume,market_cap", 4)],
)
async def test_rows_are_as_wide_as_what_was_included(get, include, width):
    params = BTC_DAY | ({"include": include} if include else {})
    rows = (await get(CHARTS, **params))["BTC"]["1D"]
    assert {len(row) for row in rows} == {width}
    for row in rows:
        assert type(row[0]) is int
        assert all(value is None or isinstance(value, (Decimal, int)) for value in row[1:])


@pytest.mark.parametrize(("samples", "about"), [("sm", 300), ("md", 600), ("lg", 1200)])
@pytest.mark.parametrize("period", ["1D", "7D", "30D", "3M", "1Y", "ALL"])
async def test_a_chart_has_about_as_many_points_as_asked_for(get, samples, about, period):
    rows = (await get(CHARTS, assets="BTC", charts=period, samples=samples))["BTC"][period]
    assert about * 0.95 <= len(rows) <= about * 1.05


@pytest.mark.parametrize(
    ("period", "days"), [("1H", 1 / 24), ("1D", 1), ("7D", 7), ("30D", 30), ("3M", 91), ("1Y", 365), ("5Y", 1825)]
)
async def test_a_chart_spans_its_period_in_rising_seconds_up_to_now(get, period, days):
    times = [row[0] for row in (await get(CHARTS, assets="ETH", charts=period, samples="sm"))["ETH"][period]]
    assert times == sorted(set(times))
    assert times[-1] == START
    assert START - days * 86_400 <= times[0] <= START - days * 86_400 * 0.98


async def test_assets_are_sampled_at_moments_of_their_own(get):
    answer = await get(CHARTS, assets="BTC,ETH", charts="7D", samples="sm")
    bitcoin, ether = ({row[0] for row in answer[asset]["7D"][:-1]} for asset in ("BTC", "ETH"))
    assert not bitcoin & ether


@pytest.mark.parametrize("period", ["1D", "ALL"])
async def test_asking_a_little_later_shifts_no_sampled_moment(get, hand, period):
    before = (await get(CHARTS, assets="BTC", charts=period, samples="sm"))["BTC"][period]
    hand.now += 307
    after = (await get(CHARTS, assets="BTC", charts=period, samples="sm"))["BTC"][period]
    sampled = [row for row in before[:-1] if row[0] >= after[0][0]]
    assert len(sampled) >= len(before) - 3
    assert sampled == after[: len(sampled)]


async def test_charts_have_gaps_as_null_but_never_the_newest_point(get):
    rows = (await get(CHARTS, assets="ETH", charts="1Y", samples="lg", include="market_cap"))["ETH"]["1Y"]
    gaps = [row for row in rows if row[1] is None]
    assert 1 <= len(gaps) <= 20
    assert all(row[1:] == [None, None] for row in gaps)
    assert None not in rows[-1]


async def test_an_unknown_asset_is_simply_absent(get):
    assert list(await get(CHARTS, assets="BTC,NOSUCHCOIN", charts="1D", samples="sm")) == ["BTC"]
    assert await get(CHARTS, assets="NOSUCHCOIN", charts="1D", samples="sm") == {}


async def test_a_coin_without_data_has_an_empty_chart(get):
    assert await get(CHARTS, assets="VOID", charts="1D,ALL", samples="sm") == {"VOID": {"1D": [], "ALL": []}}


async def test_a_young_coin_has_no_points_before_its_listing(get):
    rows = (await get(CHARTS, assets="FRESH", charts="1Y", samples="md"))["FRESH"]["1Y"]
    assert 1 < len(rows) < 10
    assert rows[0][0] > START - 3 * 86_400


async def test_the_cache_mark_t_means_nothing(get):
    assert await get(CHARTS, **BTC_DAY, t="5693725") == await get(CHARTS, **BTC_DAY)


async def test_the_sum_of_all_coins_has_a_leader_price_and_the_whole_cap(get, standin):
    params = {"assets": "SUM_ALL_COINS", "charts": "ALL", "samples": "sm", "include": "market_cap"}
    rows = (await get(CHARTS, **params))["SUM_ALL_COINS"]["ALL"]
    assert datetime.fromtimestamp(rows[0][0], UTC).year == 2013
    assert Decimal("3.1e12") < rows[-1][2] < Decimal("3.7e12")
    assert rows[-1][1] < 1_000_000
    standin.answers.total_price = "none"
    assert (await get(CHARTS, **params))["SUM_ALL_COINS"]["ALL"][-1][1] is None


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({}, 400),
        ({"assets": "BTC"}, 400),
        ({"charts": "1D"}, 400),
        ({"assets": ",", "charts": "1D"}, 400),
        ({"assets": "BTC", "charts": "2W"}, 422),
        ({"assets": "BTC", "charts": "1D", "samples": "xl"}, 422),
        ({"assets": "BTC", "charts": "1D", "include": "colour"}, 422),
        ({"assets": ",".join(["BTC"] * 101), "charts": "1D"}, 422),
    ],
)
async def test_bad_chart_parameters_are_refused(get, params, status):
    assert "message" in await get(CHARTS, status=status, **params)


# Listings and single coins


async def test_the_listing_holds_the_fields_clients_read_with_their_types(get):
    answer = await get(LIST, type="crypto", limit="5")
    assert set(answer) == {"meta", "data"}
    assert len(answer["data"]) == 5
    for row in answer["data"]:
        for field in ("symbol", "display_symbol", "name", "shortname", "slug", "aliases", "last_update"):
            assert isinstance(row[field], str)
        for field in ("last_price_usd", "last_market_cap_usd", "volume_24_usd", "supply", "market_cap_rank"):
            assert isinstance(row[field], (int, Decimal))
        for window in ("1H", "1D", "7D", "30D"):
            assert isinstance(row[f"price_change_{window}_percent"], (int, Decimal))
        assert row["price_low_24_usd"] <= row["last_price_usd"] <= row["price_high_24_usd"]
        assert row["total_supply"] is None or Decimal(row["total_supply"]) >= row["supply"]
        assert row["total_supply"] is None or isinstance(row["total_supply"], str)
        assert row["last_update"] == "2026-11-21 12:00:00"
        assert isinstance(row["image_id"], int)


async def test_the_listing_is_ordered_by_cap_and_starts_with_bitcoin(get):
    rows = (await get(LIST, type="crypto", limit="1000"))["data"]
    caps = [row["last_market_cap_usd"] for row in rows if row["last_market_cap_usd"] is not None]
    assert rows[0]["symbol"] == "BTC"
    assert caps == sorted(caps, reverse=True)
    assert [row["market_cap_rank"] for row in rows[: len(caps)]] == list(range(1, len(caps) + 1))
    assert all(row["last_market_cap_usd"] is row["market_cap_rank"] is None for row in rows[len(caps) :])


async def test_the_listing_can_be_turned_round(get):
    rows = (await get(LIST, type="crypto", limit="3", order_by="last_price_usd", order_direction="asc"))["data"]
    assert rows[0]["last_price_usd"] < rows[1]["last_price_usd"] < rows[2]["last_price_usd"] < Decimal("0.001")


async def test_selecting_by_symbol_means_the_display_symbol_and_may_bring_namesakes(get):
    rows = (await get(LIST, type="crypto", limit="10", select_bysymbol="UNI,ORB"))["data"]
    assert [row["symbol"] for row in rows if row["display_symbol"] == "UNI"] == ["UNI", "UNICORN", "UNIVERSE"]
    assert {row["symbol"] for row in rows if row["display_symbol"] == "ORB"} == {"ORB", "ORBIT"}


async def test_an_internal_symbol_is_not_what_is_selected_by(get):
    rows = (await get(LIST, type="crypto", limit="10", select_bysymbol="NOVA"))["data"]
    assert [row["symbol"] for row in rows] == ["NOVAPRO"]
    assert (await get(LIST, type="crypto", select_bysymbol="UNICORN"))["data"] == []


async def test_without_a_type_stocks_come_along(get):
    rows = (await get(LIST, limit="10", select_bysymbol="LINK"))["data"]
    assert {row["symbol"] for row in rows} == {"LINK", "SEC:47144"}
    assert (await get(LIST, limit="1"))["data"][0]["symbol"].startswith("SEC:")


async def test_a_limit_beyond_all_numbers_brings_everything(get, standin):
    rows = (await get(LIST, type="crypto", limit="1" + "0" * 26))["data"]
    assert len(rows) == sum(coin.kind == "crypto" for coin in standin.market.coins)


@pytest.mark.parametrize(
    "params", [{"limit": "0"}, {"limit": "-3"}, {"limit": "many"}, {"order_by": "taste"}, {"order_direction": "up"}]
)
async def test_bad_listing_parameters_are_refused(get, params):
    await get(LIST, status=422, **params)


async def test_odd_coins_arrive_as_they_are(get):
    rows = (await get(LIST, type="crypto", select_bysymbol="PICO,ABCO,WISP,VOID,FRESH"))["data"]
    by = {row["symbol"]: row for row in rows}
    assert Decimal("1e-8") < by["PICO"]["last_price_usd"] < Decimal("4e-8")
    assert by["ABCO"]["name"] == "A<b>&Co"
    assert by["WISP"]["last_price_usd"] is not None
    assert by["WISP"]["last_market_cap_usd"] is by["WISP"]["supply"] is by["WISP"]["total_supply"] is None
    assert by["VOID"]["last_price_usd"] is by["VOID"]["last_update"] is by["VOID"]["volume_24_usd"] is None
    assert by["FRESH"]["price_change_30D_percent"] is None
    assert by["FRESH"]["price_change_1D_percent"] is not None


async def test_a_tiny_price_is_written_with_an_exponent(get, standin):
    async with get.session.get(standin.url + "/api/v1/assets/get_asset", params={"symbol": "PICO"}) as response:
        text = await response.text()
    assert '"last_price_usd":1.' in text
    assert "e-8," in text


async def test_one_asset_is_found_by_its_internal_symbol(get):
    assert (await get("/api/v1/assets/get_asset", symbol="ORBIT"))["data"]["name"] == "Orbit Relay"
    await get("/api/v1/assets/get_asset", status=400)
    await get("/api/v1/assets/get_asset", status=422, symbol="NOSUCHCOIN")


async def test_a_coin_page_spells_out_truth_and_holds_no_cap(get):
    page = await get("/api/coincodex/get_coin/btc")
    assert page["symbol"] == "BTC"
    assert page["display"] == page["include_supply"] == page["use_volume"] == "true"
    assert isinstance(page["total_supply"], (str, type(None)))
    assert page["trading_since"] == "2013-04-28 00:00:00"
    assert not [field for field in page if "cap" in field]
    assert page["price_low_24_usd"] <= page["today_open"] <= page["price_high_24_usd"]
    assert page["ath_usd"] >= page["last_price_usd"]
    assert page["socials"] == []
    for window in ("1H", "1D", "7D", "30D", "90D", "180D", "365D", "3Y", "5Y", "ALL", "YTD"):
        assert isinstance(page[f"price_change_{window}_percent"], (int, Decimal))
    assert (await get("/api/coincodex/get_coin/WISP"))["include_supply"] == "false"
    assert (await get("/api/coincodex/get_coin/VOID"))["last_price_usd"] is None
    await get("/api/coincodex/get_coin/NOSUCHCOIN", status=422)


async def test_all_coins_is_one_array_with_caps_and_categories(get, standin):
    rows = await get("/apps/coincodex/cache/all_coins.json")
    assert len(rows) == sum(coin.kind == "crypto" for coin in standin.market.coins)
    assert rows[0]["symbol"] == "BTC"
    assert isinstance(rows[0]["market_cap_usd"], (int, Decimal))
    assert rows[0]["display"] == "true"
    assert all(isinstance(number, int) for number in rows[0]["categories"])
    assert rows[0]["volume_rank"] >= 1


async def test_all_coins_is_big_in_the_usual_world():
    standin = CoinCodexStandIn(Market(clock=Hand()))
    url = await standin.start()
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(url + "/apps/coincodex/cache/all_coins.json") as response,
        ):
            body = await response.read()
    finally:
        await standin.stop()
    assert len(body) > 1_500_000
    assert len(json.loads(body)) > 2_500


# Histories


async def test_a_coin_history_has_four_columns_on_the_five_minute_grid(get):
    answer = await get("/api/coincodex/get_coin_history/eth/2025-01-01/2025-12-31/365")
    rows = answer["ETH"]
    assert 360 <= len(rows) <= 370
    assert {len(row) for row in rows} == {4}
    assert all(row[0] % 300 == 0 for row in rows)
    assert rows[0][0] == int(datetime(2025, 1, 1, tzinfo=UTC).timestamp())
    assert rows[-1][0] < int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    assert all(cap > volume > price for _, price, volume, cap in rows)


async def test_a_long_history_is_silently_thinned(get):
    rows = (await get("/api/coincodex/get_coin_history/BTC/2013-01-01/2026-11-21/50000"))["BTC"]
    assert len(rows) <= 1_001


async def test_history_ends_now_and_is_empty_for_the_future(get):
    rows = (await get("/api/coincodex/get_coin_history/BTC/2026-11-21/2026-11-30/500"))["BTC"]
    assert START - 300 <= rows[-1][0] <= START
    assert await get("/api/coincodex/get_coin_history/BTC/2027-01-01/2027-01-02") == {"BTC": []}


async def test_the_sum_of_all_caps_has_its_own_history(get):
    rows = (await get("/api/coincodex/get_coin_marketcap/SUM_ALL_COINS/2026-10-01/2026-11-20/50"))["SUM_ALL_COINS"]
    assert {len(row) for row in rows} == {4}
    assert all(row[1] > row[2] > 0 for row in rows)


async def test_the_first_page_shows_the_largest_coins(get):
    answer = await get("/api/coincodex/get_firstpage_history/7/5/3")
    assert list(answer) == ["BTC", "ETH", "USDT"]
    assert all(len(rows) >= 4 for rows in answer.values())


@pytest.mark.parametrize(
    "path",
    [
        "get_coin_history/BTC/2025-01-01/yesterday/5",
        "get_coin_history/BTC/2025-02-01/2025-01-01/5",
        "get_coin_history/BTC/2025-01-01/9999-12-31/0",
        "get_coin_history/SUM_ALL_COINS/2025-01-01/2025-02-01/5",
        "get_coin_history/NOSUCHCOIN/2025-01-01/2025-02-01/5",
        "get_coin_marketcap/BTC/2025-01-01/2025-02-01/5",
        "get_firstpage_history/week/5/5",
    ],
)
async def test_bad_history_paths_are_refused(get, path):
    await get("/api/coincodex/" + path, status=422)


@pytest.mark.parametrize("days", ["0001-01-01/9999-12-31", "1969-01-01/1969-12-31"])
async def test_days_at_the_ends_of_the_calendar_are_answered(get, days):
    await get(f"/api/coincodex/get_coin_history/BTC/{days}/5")


# Numbers that agree


async def test_cap_is_price_times_supply_wherever_both_are_told(get):
    for row in (await get(LIST, type="crypto", limit="400"))["data"]:
        if row["last_market_cap_usd"] is not None:
            assert abs(row["last_market_cap_usd"] - row["last_price_usd"] * row["supply"]) <= Decimal("0.01")
    rows = await get("/apps/coincodex/cache/all_coins.json")
    assert all(
        abs(row["market_cap_usd"] - row["last_price_usd"] * row["supply"]) <= Decimal("0.01")
        for row in rows
        if row["market_cap_usd"] is not None
    )


async def test_every_endpoint_tells_the_same_price(get):
    listed = (await get(LIST, type="crypto", select_bysymbol="ETH"))["data"][0]
    chart = await get(CHARTS, assets="ETH", charts="1D,ALL", samples="sm", include="market_cap")
    page = await get("/api/coincodex/get_coin/ETH")
    every = {row["symbol"]: row for row in await get("/apps/coincodex/cache/all_coins.json")}["ETH"]
    newest = [START, listed["last_price_usd"], listed["last_market_cap_usd"]]
    assert chart["ETH"]["1D"][-1] == chart["ETH"]["ALL"][-1] == newest
    assert page["last_price_usd"] == every["last_price_usd"] == listed["last_price_usd"]
    assert every["market_cap_usd"] == listed["last_market_cap_usd"]


async def test_the_change_of_a_day_is_what_the_prices_say(get):
    row = (await get(LIST, type="crypto", select_bysymbol="SOL"))["data"][0]
    history = (await get("/api/coincodex/get_coin_history/SOL/2026-11-20/2026-11-20/288"))["SOL"]
    day_ago = {at: price for at, price, *_ in history}[START - 86_400]
    assert abs(row["price_change_1D_percent"] - 100 * (row["last_price_usd"] / day_ago - 1)) <= Decimal("0.01")


async def test_the_sum_of_all_coins_is_the_sum_of_the_listing(get):
    rows = (await get(LIST, type="crypto", limit="5000"))["data"]
    caps = sum(row["last_market_cap_usd"] or 0 for row in rows)
    chart = await get(CHARTS, assets="SUM_ALL_COINS", charts="1D", samples="sm", include="market_cap")
    assert abs(chart["SUM_ALL_COINS"]["1D"][-1][-1] / caps - 1) < Decimal("0.002")


async def test_a_moved_price_is_told_at_once_within_the_same_second(get, standin):
    before = (await get(LIST, type="crypto", select_bysymbol="BTC"))["data"][0]["last_price_usd"]
    standin.market.move("BTC", 50)
    after = (await get(LIST, type="crypto", select_bysymbol="BTC"))["data"][0]["last_price_usd"]
    assert abs(after / before - Decimal("1.5")) < Decimal("0.000001")


# Manners


async def test_a_visitor_without_a_user_agent_meets_the_challenge_page(standin):
    async with aiohttp.ClientSession(skip_auto_headers=["User-Agent"]) as session:
        async with session.get(standin.url + CHARTS, params=BTC_DAY) as response:
            assert (response.status, response.content_type) == (403, "text/html")
        async with session.get(standin.url + CHARTS, params=BTC_DAY, headers={"User-Agent": "desk/1"}) as response:
            assert response.status == 200
    assert standin.requests[-1].user_agent == "desk/1"


async def test_calls_are_counted_by_path_and_the_log_is_bounded(get, standin):
    for _ in range(3):
        await get(CHARTS, **BTC_DAY)
    await get("/api/coincodex/get_coin/ETH")
    for number in range(520):
        await get(f"/nowhere/{number}", status=404)
    assert standin.calls[CHARTS] == 3
    assert standin.calls["/api/coincodex/get_coin/{symbol}"] == 1
    assert len(standin.calls) == 3
    assert len(standin.requests) == 500


async def test_the_same_question_in_one_second_gets_the_same_bytes(standin, get, hand):
    async def body():
        async with get.session.get(standin.url + CHARTS, params=BTC_DAY) as response:
            return await response.read()

    first, second = await body(), await body()
    assert first == second
    hand.now += 1
    assert await body() != first


# Faults


async def test_down_closes_the_connection_without_a_word(get, standin):
    standin.faults.set("down")
    # The client itself knocks twice on a GET, so the number of times is tried with an answer instead.
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await get(CHARTS, **BTC_DAY)
    standin.faults.clear("down")
    await get(CHARTS, **BTC_DAY)


async def test_a_fault_strikes_as_often_as_told_and_no_more(get, standin):
    standin.faults.set("error", times=2)
    await get(CHARTS, status=500, **BTC_DAY)
    await get(CHARTS, status=500, **BTC_DAY)
    await get(CHARTS, **BTC_DAY)
    assert standin.calls[CHARTS] == 3


async def test_a_fault_holds_until_cleared_when_no_number_is_given(get, standin):
    standin.faults.set("error", 503)
    for _ in range(3):
        await get(CHARTS, status=503, **BTC_DAY)
    standin.faults.clear("error")
    await get(CHARTS, **BTC_DAY)


async def test_a_fault_can_be_aimed_at_one_endpoint(get, standin):
    standin.faults.set("error", only="get_charts", times=1)
    await get(LIST, type="crypto", limit="1")
    await get(CHARTS, status=500, **BTC_DAY)
    await get(CHARTS, **BTC_DAY)


async def test_too_many_requests_say_when_to_come_back(get, standin):
    standin.faults.set("limited", 17)
    async with get.session.get(standin.url + CHARTS, params=BTC_DAY) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "17")


async def test_a_slow_answer_comes_after_the_patience_of_a_short_one(get, standin):
    standin.faults.set("slow", 30, times=1)
    with pytest.raises(TimeoutError):
        await get.session.get(standin.url + CHARTS, params=BTC_DAY, timeout=aiohttp.ClientTimeout(total=0.2))
    await get(CHARTS, **BTC_DAY)


async def test_html_comes_with_status_200(get, standin):
    standin.faults.set("html", times=1)
    async with get.session.get(standin.url + CHARTS, params=BTC_DAY) as response:
        assert (response.status, response.content_type) == (200, "text/html")
        assert (await response.text()).startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("kind", ["cut", "empty"])
async def test_a_cut_or_empty_body_is_complete_http_and_broken_json(get, standin, kind):
    standin.faults.set(kind, times=1)
    with pytest.raises(json.JSONDecodeError):
        await get(CHARTS, **BTC_DAY)


async def test_a_torn_body_breaks_the_transfer(get, standin):
    standin.faults.set("torn", times=1)
    with pytest.raises(aiohttp.ClientError):
        await get(CHARTS, **BTC_DAY)


async def test_a_huge_body_streams_and_survives_a_reader_who_leaves(get, standin):
    standin.faults.set("huge")
    async with get.session.get(standin.url + CHARTS, params=BTC_DAY) as response:
        size = 0
        async for chunk in response.content.iter_chunked(65_536):
            size += len(chunk)
            if size > 1_000_000:
                response.close()
                break
    standin.faults.set("huge", 2, times=1)
    rows = (await get(CHARTS, **BTC_DAY))["BTC"]["1D"]
    assert len(rows) > 50_000


@pytest.mark.parametrize("width", [2, 3, 4, 5])
async def test_a_wrong_width_keeps_the_asked_for_quantity_last(get, standin, width):
    params = BTC_DAY | {"include": "market_cap"}
    true = (await get(CHARTS, **params))["BTC"]["1D"]
    standin.faults.set("columns", width)
    rows = (await get(CHARTS, **params))["BTC"]["1D"]
    assert {len(row) for row in rows} == {width}
    assert [row[-1] for row in rows] == [row[2] for row in true]
    if width > 2:
        assert [row[1] for row in rows] == [row[1] for row in true]


async def test_numbers_can_come_in_quotes_and_still_say_the_same(get, standin):
    true = (await get(CHARTS, **BTC_DAY))["BTC"]["1D"]
    standin.faults.set("strings")
    rows = (await get(CHARTS, **BTC_DAY))["BTC"]["1D"]
    assert all(isinstance(value, (str, type(None))) for _, value in rows)
    assert [value and Decimal(value) for _, value in rows] == [value for _, value in true]
    assert isinstance((await get("/api/coincodex/get_coin/BTC"))["price_change_1D_percent"], str)


async def test_times_can_come_in_milliseconds(get, standin):
    standin.faults.set("milliseconds")
    assert (await get(CHARTS, **BTC_DAY))["BTC"]["1D"][-1][0] == START * 1000


@pytest.mark.parametrize("extra", ["market_cap", "volume"])
async def test_rows_with_names_name_what_they_hold(get, standin, extra):
    true = (await get(CHARTS, **BTC_DAY, include=extra))["BTC"]["1D"][-1]
    standin.faults.set("dicts")
    named = (await get(CHARTS, **BTC_DAY, include=extra))["BTC"]["1D"][-1]
    assert named == {"timestamp": true[0], "price": true[1], extra: true[2]}


async def test_histories_with_names_name_what_they_hold(get, standin):
    standin.faults.set("dicts")
    coin = (await get("/api/coincodex/get_coin_history/BTC/2026-11-01/2026-11-02/1"))["BTC"][0]
    total = (await get("/api/coincodex/get_coin_marketcap/SUM_ALL_COINS/2026-11-01/2026-11-02/1"))["SUM_ALL_COINS"][0]
    assert list(coin) == ["timestamp", "price", "volume", "market_cap"]
    assert list(total) == ["timestamp", "market_cap", "volume", "share"]
    assert coin["market_cap"] < total["market_cap"]


async def test_an_asset_can_be_missing_from_an_answer(get, standin):
    standin.faults.set("missing")
    assert list(await get(CHARTS, assets="BTC,ETH", charts="1D", samples="sm")) == ["ETH"]
    assert (await get(LIST, type="crypto", select_bysymbol="BTC"))["data"] == []


async def test_the_old_endpoints_can_be_gone_while_the_new_ones_live(get, standin):
    standin.faults.set("legacy")
    await get("/api/coincodex/get_coin/BTC", status=503)
    await get("/apps/coincodex/cache/all_coins.json", status=503)
    await get(CHARTS, **BTC_DAY)
    await get(LIST, limit="1")


@pytest.mark.parametrize(("kind", "value", "times"), [("fire", None, None), ("down", None, 0), ("columns", 6, None)])
def test_a_fault_that_cannot_be_is_refused(kind, value, times):
    standin = CoinCodexStandIn(Market(dust=0, clock=Hand()))
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        standin.faults.set(kind, value, times=times)
    assert not standin.faults.active


# The panel


async def test_the_panel_sets_a_fault_shows_it_and_sets_it_right(get, standin):
    panel = CoinCodexPanel(standin)
    await panel.flip("way", "500 error")
    assert _shown(panel)["way"] == "500 error"
    await get(CHARTS, status=500, **BTC_DAY)
    await panel.flip("way", "as it should")
    await get(CHARTS, **BTC_DAY)


async def test_the_panel_lets_a_fault_wear_off(get, standin):
    panel = CoinCodexPanel(standin)
    await panel.flip("times", "1")
    await panel.flip("shape", "4 columns")
    assert _shown(panel)["shape"] == "4 columns"
    assert len((await get(CHARTS, **BTC_DAY))["BTC"]["1D"][0]) == 4
    assert _shown(panel)["shape"] == "as it should"


async def test_every_choice_of_the_panel_can_be_made_and_cleared(standin):
    panel = CoinCodexPanel(standin)
    for switch in panel.switches():
        for option in switch["options"]:
            await panel.flip(switch["id"], option)
            assert _shown(panel)[switch["id"]] == option
    await panel.flip("legacy", value=True)
    await panel.flip("clear")
    assert not standin.faults.active


@pytest.mark.parametrize(
    ("ident", "value"), [("way", "meteor"), ("times", "1.5"), ("times", "-1"), ("legacy", "perhaps"), ("nosuch", "1")]
)
async def test_the_panel_refuses_nonsense_and_leaves_things_as_they_are(standin, ident, value):
    standin.faults.set("down")
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        await CoinCodexPanel(standin).flip(ident, value)
    assert list(standin.faults.active) == ["down"]


def _shown(panel):
    return {switch["id"]: switch["value"] for switch in panel.switches()}


# As a process of its own


async def test_the_command_says_its_url_and_stops_when_told():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.sandbox.coincodex", "--port", "0", "--dust", "0", stdout=asyncio.subprocess.PIPE
    )
    try:
        url = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))["url"]
        async with aiohttp.ClientSession() as session, session.get(url + CHARTS, params=BTC_DAY) as response:
            assert response.status == 200
            assert len((await response.json())["BTC"]["1D"]) > 250
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 10) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
