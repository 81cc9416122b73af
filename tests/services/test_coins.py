"""From what is typed to the coin that is meant."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.prices import SeveralCoins
from bot.domain.users import User
from bot.services._coins import Coins
from tests.price_shelf import COINS, quote
from tests.still_clock import StillClock

ANN = User(1, "Ann")


@pytest.fixture
def coins() -> Coins:
    clock = StillClock()
    return Coins(
        [*(quote(clock, *row) for row in COINS), quote(clock, "XBT", "XBT", "Extra", "1", "1", aliases=("Xtra Coin",))]
    )


def found(coins, typed, user=ANN):
    asset = coins.find(typed, user)
    return asset and asset.symbol


@pytest.mark.parametrize(
    ("typed", "symbol"),
    [
        ("btc", "BTC"), ("$btc", "BTC"), (" Btc ", "BTC"), ("bitcoin", "BTC"), ("BITCOIN", "BTC"), ("=uni", "UNI"),
        ("unicorn-ledger", "UNICORN"), ("UNICORN", "UNICORN"), ("xtra coin", "XBT"), ("nova", "NOVAPRO"),
        ("nva", "NOVA"), ("=NOVA", "NOVA"), ("ＢＴＣ", "BTC"), ("\u202ebtc\u200b", "BTC"),
        ("Ｕｎｉｃｏｒｎ Ledger", "UNICORN"), ("=ｎｏｖａ", "NOVA"),
        ("nosuch", None), ("=nosuch", None), ("", None), ("=", None), ("$", None),
    ],
)  # fmt: skip
def test_a_coin_goes_by_ticker_name_alias_and_symbol(coins, typed, symbol):
    assert found(coins, typed) == symbol


def test_of_several_with_one_ticker_those_of_like_size_are_asked_about(coins):
    with pytest.raises(SeveralCoins) as asked:
        coins.find("uni", ANN)
    assert [each.asset.symbol for each in asked.value.candidates] == ["UNI", "UNICORN"]


def test_a_far_smaller_namesake_is_no_rival():
    clock = StillClock()
    far = Coins([quote(clock, "A", "A", "A", "1", "100"), quote(clock, "A2", "A", "A two", "1", "9.99")])
    near = Coins([quote(clock, "A", "A", "A", "1", "100"), quote(clock, "A2", "A", "A two", "1", "10")])
    assert found(far, "a") == "A"
    with pytest.raises(SeveralCoins):
        near.find("a", ANN)


def test_namesakes_without_a_cap_are_no_rivals():
    clock = StillClock()
    coins = Coins([quote(clock, "A", "A", "A", "1", None), quote(clock, "A2", "A", "A two", "1", None)])
    assert found(coins, "a") == "A"


def test_a_choice_made_before_holds_for_its_ticker_only(coins):
    user = User(1, "Ann", picks=(("UNI", "UNICORN"),))
    assert found(coins, "uni", user) == "UNICORN"
    assert found(coins, "uniswap", user) == "UNI"
    assert found(coins, "=UNI", user) == "UNI"
    assert found(coins, "btc", user) == "BTC"


@pytest.mark.parametrize(
    ("typed", "first"), [("bitcon", "BTC"), ("ETHH", "ETH"), ("etherium", "ETH"), ("uniswop", "UNI")]
)
def test_a_slip_of_the_pen_gets_the_closest(coins, typed, first):
    assert coins.closest(typed)[0].asset.symbol == first
    assert len(coins.closest(typed)) <= 3


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("binance", "BNB"), ("binance coin", "BNB"), ("binance-con", "BNB"), ("ledger", "UNICORN"), ("btcusdt", "BTC"),
        ("ＢＩＴＣＯＮ", "BTC"), ("sloana", "SOL"),
    ],
)  # fmt: skip
def test_parts_and_other_spellings_of_ticker_name_and_slug_find_it(typed, first):
    clock = StillClock()
    rows = [*COINS, ("BNB", "BNB", "BNB", "600", "90000"), ("SOL", "SOL", "Solana", "150", "80000")]
    listed = [quote(clock, *row) for row in rows]
    bnb = replace(listed[-2], asset=replace(listed[-2].asset, slug="binance-coin"))
    assert Coins([*listed[:-2], bnb, listed[-1]]).closest(typed)[0].asset.symbol == first


@given(st.text("abcdefghijklmnopqrstuvwxyz 0123456789", max_size=40))
def test_a_word_that_shares_a_letter_with_three_coins_gets_three(typed):
    listed = [quote(StillClock(), *row) for row in COINS]
    alike = [each for each in listed if set(typed[:32].strip()) & set(f"{each.asset.ticker}{each.asset.name}".lower())]
    closest = Coins(listed).closest(typed)
    assert len(closest) == min(3, len(alike))
    assert len({each.asset.symbol for each in closest}) == len(closest)


def test_of_equally_alike_the_larger_comes_first(coins):
    assert [each.asset.symbol for each in coins.closest("un")] == ["UNI", "UNICORN", "UNIVERSE"]


@pytest.mark.parametrize("typed", ["qqqqqq", "", "🚀" * 5000, "\u200b"])
def test_what_shares_no_letter_with_any_gets_none(coins, typed):
    assert not coins.closest(typed)


def test_words_that_are_a_name_together_become_the_one_that_means_its_coin(coins):
    assert coins.joined(["nova", "protocol", "unicorn", "Ｌedger"]) == ["=NOVAPRO", "=UNICORN"]
    assert coins.joined(["btc", "nova", "btc", "xtra", "COIN"]) == ["btc", "nova", "btc", "=XBT"]
    assert coins.joined(["nova,", "protocol"]) == ["nova,", "protocol"]
    assert coins.joined([]) == []


def test_a_small_coin_that_calls_itself_by_the_tickers_of_larger_ones_is_not_meant_by_them():
    clock = StillClock()
    rows = [*COINS, ("JUNK", "JUNK", "BTC ETH", "1", "5"), ("BTCUNI", "BTCUNI", "Btc Unheard", "1", "5")]
    coins = Coins([quote(clock, *row) for row in rows])
    assert coins.joined(["btc", "eth"]) == ["btc", "eth"]
    assert coins.joined(["btc", "unheard"]) == ["=BTCUNI"]


@given(st.lists(st.sampled_from(["nova", "protocol", "btc", "universe", "island", "eth", "x"]), max_size=8))
def test_who_is_not_named_by_several_words_stays_as_typed(typed):
    coins = Coins([quote(StillClock(), *row) for row in COINS])
    found = coins.joined(typed)
    spelled = {"=NOVAPRO": ["nova", "protocol"], "=UNIVERSE": ["universe", "island"]}
    assert [word for each in found for word in spelled.get(each, [each])] == typed


def test_a_search_finds_heads_of_tickers_then_parts_of_names(coins):
    assert [each.asset.symbol for each in coins.matching("uni", 10)] == ["UNI", "UNICORN", "UNIVERSE"]
    assert [each.asset.symbol for each in coins.matching("nova", 10)] == ["NOVAPRO", "NOVA"]
    assert [each.asset.symbol for each in coins.matching("", 2)] == ["BTC", "ETH"]
    assert coins.matching("zzz", 5) == []
