"""The seeded market: the same for everybody, lively now, consistent with itself, and moved only by hand."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.coins import DAY_S
from bot.sandbox.market import Market
from bot.sandbox.market_panel import MarketPanel

START = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp())


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
def market(hand):
    return Market(dust=20, clock=hand)


def test_the_same_seed_makes_the_same_market(market):
    other = Market(dust=20, clock=Hand())
    assert [coin.symbol for coin in market.coins] == [coin.symbol for coin in other.coins]
    for symbol in ("BTC", "USDT", "PICO", market.coins[-1].symbol):
        for back in (0, 61, 86_400, 40_000_000):
            assert market.price(symbol, START - back) == other.price(symbol, START - back)
    assert market.total(START - 5) == other.total(START - 5)


def test_another_seed_makes_another_market(market):
    other = Market("elsewhere", dust=20, clock=Hand())
    assert market.price("BTC") != other.price("BTC")
    assert [coin.symbol for coin in market.coins[-20:]] != [coin.symbol for coin in other.coins[-20:]]


@settings(max_examples=40, deadline=None)
@given(back=st.integers(0, 12 * 365 * DAY_S), turned=st.integers(0, 400 * DAY_S))
def test_the_past_stays_what_it_was_however_late_one_asks(back, turned):
    hand = Hand()
    market = Market(dust=0, clock=hand)
    before = market.price("BTC", START - back)
    hand.now += turned
    assert market.price("BTC", START - back) == before


def test_internal_symbols_are_unique_though_display_symbols_are_not(market):
    symbols = [coin.symbol for coin in market.coins]
    displays = [coin.display for coin in market.coins if coin.kind == "crypto"]
    assert len(set(symbols)) == len(symbols)
    assert displays.count("UNI") == 3
    assert displays.count("ORB") == 2
    assert len({coin.slug for coin in market.coins}) == len(market.coins)


def test_one_namesake_leads_clearly_and_another_pair_is_close(market):
    cap = {s: market.market_cap(market.find(s), START) for s in ("UNI", "UNICORN", "UNIVERSE", "ORB", "ORBIT")}
    assert cap["UNI"] > 100 * cap["UNICORN"]
    assert cap["UNIVERSE"] is None
    assert abs(cap["ORB"] / cap["ORBIT"] - 1) < Decimal("0.15")


def test_prices_are_decimals_with_at_most_ten_digits(market):
    for coin in market.coins:
        price = market.quote(coin, START)
        if price is not None:
            assert isinstance(price, Decimal)
            assert price > 0
            assert len(price.normalize().as_tuple().digits) <= 10


def test_market_cap_is_price_times_supply(market):
    counted = 0
    for coin in market.coins:
        cap = market.market_cap(coin, START - 777)
        if cap is not None:
            counted += 1
            assert abs(cap - market.quote(coin, START - 777) * market.supply(coin, START - 777)) <= Decimal("0.005")
    assert counted > 250


def test_the_total_is_the_sum_of_the_caps_and_plausible(market):
    for back in (0, 3_600, 40 * DAY_S, 4 * 365 * DAY_S):
        coins = [coin for coin in market.coins if coin.kind == "crypto"]
        caps = [cap for coin in coins if (cap := market.market_cap(coin, START - back)) is not None]
        volumes = [market.volume(c, START - back) for c in coins if market.market_cap(c, START - back) is not None]
        assert abs(market.total(START - back).market_cap / sum(caps) - 1) < Decimal("0.002")
        assert abs(market.total(START - back).volume / sum(volumes) - 1) < Decimal("0.02")
    total = market.total(START).market_cap
    assert Decimal("3.1e12") < total < Decimal("3.7e12")
    assert Decimal("0.55") < market.market_cap(market.find("BTC"), START) / total < Decimal("0.61")


def test_the_last_seconds_move_visibly_for_a_coin_and_hardly_for_a_stable_one(market):
    seen = {market.price("BTC", START - back) for back in range(60)}
    assert len(seen) == 60
    assert max(seen) - min(seen) > 10
    stable = [market.price("USDT", START - back) for back in range(0, 365 * DAY_S, DAY_S)]
    assert max(stable) - min(stable) < Decimal("0.02")


@pytest.mark.parametrize(("seconds", "low", "high"), [(60, 0.0002, 0.002), (86_400, 0.008, 0.05)])
def test_bitcoin_swings_as_much_as_a_market_does(market, seconds, low, high):
    ends = [START - step * seconds for step in range(201)]
    changes = [math.log(market.price("BTC", b) / market.price("BTC", a)) for b, a in pairwise(ends)]
    assert low < math.sqrt(sum(change**2 for change in changes) / len(changes)) < high


def test_a_wrapped_coin_stays_near_what_it_wraps(market):
    for back in range(0, 300 * DAY_S, 30 * DAY_S):
        assert abs(market.price("WBTC", START - back) / market.price("BTC", START - back) - 1) < Decimal("0.01")


def test_nothing_is_known_before_the_listing_or_without_data(market):
    fresh = market.find("FRESH")
    assert market.quote(fresh, START) is not None
    assert market.quote(fresh, fresh.listed) is not None
    assert market.quote(fresh, fresh.listed - 1) is None
    assert START - fresh.listed < 3 * DAY_S
    void = market.find("void")
    assert market.quote(void, START) is market.volume(void, START) is market.updated_at(void, START) is None
    assert market.price("NOSUCH") is None


def test_a_coin_without_supply_has_a_price_and_no_cap(market):
    wisp = market.find("WISP")
    assert market.quote(wisp, START) is not None
    assert market.market_cap(wisp, START) is None
    assert market.volume(wisp, START) > 0


def test_a_move_holds_from_now_on_and_not_before(market, hand):
    hand.now += 10
    untouched = Market(dust=20, clock=Hand())
    market.move("BTC", Decimal("12.5"))
    for later in (0, 1, 3_600):
        ratio = market.price("BTC", START + 10 + later) / untouched.price("BTC", START + 10 + later)
        assert abs(ratio - Decimal("1.125")) < Decimal("0.0000001")
    assert market.price("BTC", START + 9) == untouched.price("BTC", START + 9)
    assert market.price("ETH", START + 10) == untouched.price("ETH", START + 10)


def test_moves_add_up(market, hand):
    calm = market.price("ETH", START + 20)
    market.move("ETH", 100)
    hand.now += 20
    market.move("ETH", -75)
    assert abs(market.price("ETH") / calm - Decimal("0.5")) < Decimal("0.0000001")


def test_many_moves_are_kept_within_bounds_and_their_sum_stays(market, hand):
    calm = Market(dust=0, clock=Hand()).price("SOL", START + 1_000)
    for _ in range(500):
        market.move("SOL", 25)
        market.move("SOL", -20)
        hand.now += 1
    assert abs(market.price("SOL", START + 1_000) / calm - 1) < Decimal("0.000001")
    assert len(market._moves["SOL"]._times) <= 200


def test_a_moved_small_coin_shows_in_the_total(market):
    small = next(coin for coin in market.coins if coin.supply and coin.worth_usd < 5e7 and coin.symbol != "FRESH")
    before, cap = market.total(START), market.market_cap(small, START)
    market.move(small.symbol, 10_000)
    grown = market.total(START).market_cap - before.market_cap
    assert abs(grown / (100 * cap) - 1) < Decimal("0.2")


def test_a_small_coin_touched_by_hand_is_not_counted_twice(market):
    small = next(coin for coin in market.coins if coin.supply and 1e8 < coin.worth_usd < 5e8)
    before = market.total(START).market_cap
    market.move(small.symbol, 0)
    assert abs(market.total(START).market_cap - before) < market.market_cap(small, START) / 2


@pytest.mark.parametrize("percent", ["-100", "-150", "NaN", "Infinity", "lots", "1e40"])
def test_an_impossible_move_is_refused_and_changes_nothing(market, percent):
    before = market.price("BTC"), market.version
    with pytest.raises(ValueError, match=r"%|percent"):
        market.move("BTC", percent)
    assert (market.price("BTC"), market.version) == before


@pytest.mark.parametrize("symbol", ["NOSUCH", "VOID"])
def test_what_has_no_price_cannot_be_moved(market, symbol):
    with pytest.raises(ValueError, match="no price"):
        market.move(symbol, 5)


def test_frozen_prices_and_their_times_stand_still_until_thawed(market, hand):
    market.freeze()
    still = market.price("BTC")
    hand.now += 300
    assert market.price("BTC") == still
    assert market.updated_at(market.find("BTC"), market.now()) == START
    market.thaw()
    assert market.price("BTC") != still
    assert market.updated_at(market.find("BTC"), market.now()) == START + 300
    assert market.price("BTC", START + 299) == still


def test_a_frozen_price_can_still_be_moved_and_says_when(market, hand):
    market.freeze()
    still = market.price("BTC")
    hand.now += 60
    market.move("BTC", 10)
    assert abs(market.price("BTC") / still - Decimal("1.1")) < Decimal("0.0000001")
    assert market.updated_at(market.find("BTC"), market.now()) == START + 60


def test_freezing_and_thawing_twice_is_the_same_as_once(market, hand):
    market.freeze()
    hand.now += 10
    market.freeze()
    assert market.updated_at(market.find("BTC"), market.now()) == START
    market.thaw()
    market.thaw()
    assert not market.frozen


async def test_the_panel_pushes_the_chosen_asset_and_no_other(market):
    panel = MarketPanel(market)
    bitcoin, ether = market.price("BTC"), market.price("ETH")
    await panel.flip("asset", "ETH")
    await panel.flip("push", "-20")
    await panel.flip("up")
    assert abs(market.price("ETH") / ether - Decimal("0.84")) < Decimal("0.0000001")
    assert market.price("BTC") == bitcoin


async def test_the_panel_shows_what_it_was_told(market):
    panel = MarketPanel(market)
    await panel.flip("freeze", value=True)
    shown = {switch["id"]: switch["value"] for switch in panel.switches()}
    assert shown["freeze"] is True
    await panel.flip("freeze", "false")
    assert not market.frozen


@pytest.mark.parametrize(
    ("ident", "value"),
    [("asset", "NOSUCH"), ("push", "much"), ("push", "-100"), ("freeze", "maybe"), ("nosuch", 1)],
)
async def test_the_panel_refuses_nonsense_in_words(market, ident, value):
    before = market.version
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        await MarketPanel(market).flip(ident, value)
    assert market.version == before
