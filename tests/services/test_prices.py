"""Prices as a use case: who is meant, what it costs, what that makes."""

import asyncio
from decimal import Decimal

import pytest

from bot.domain.assets import WHOLE_MARKET, Symbol
from bot.domain.errors import Unavailable, UserMistake
from bot.domain.prices import Field, Period, SeveralCoins, UnknownCoin, columns_of
from bot.domain.users import User
from bot.services.prices import QUOTE_FRESH_S, Prices

ANN = User(1, "Ann")


@pytest.fixture
def prices(shelf, still, nursery):
    return Prices(shelf, still, nursery)


async def symbol_of(prices, typed, user=ANN):
    return (await prices.find(typed, user)).symbol


async def test_a_thousand_who_ask_at_once_make_one_call(prices, shelf, still):
    async def card():
        asset = await prices.find("btc", ANN)
        return (await prices.latest([asset.symbol]))[0].quote.price

    await prices.warm()
    assert set(await asyncio.gather(*(card() for _ in range(1000)))) == {Decimal(60000)}
    assert shelf.calls("quotes") == []  # the listing brought the quotes with it
    still.advance(QUOTE_FRESH_S)
    await asyncio.gather(*(card() for _ in range(1000)))
    assert shelf.calls("quotes") == [("BTC",)]


async def test_below_the_listings_end_the_source_is_asked_and_a_blank_is_remembered(prices, shelf):
    assert await symbol_of(prices, "dust") == "DUST"
    for _ in range(3):
        with pytest.raises(UnknownCoin):
            await prices.find("nosuch", ANN)
    assert shelf.calls("quotes") == [("DUST",), ("NOSUCH",)]


async def test_an_unknown_word_comes_with_its_closest(prices):
    with pytest.raises(UnknownCoin) as told:
        await prices.find("bitcon", ANN)
    assert told.value.closest[0].asset.symbol == "BTC"


async def test_without_a_listing_a_plain_ticker_still_finds_its_coin(prices, shelf):
    shelf.fault = Unavailable("source.down")
    with pytest.raises(Unavailable):
        await prices.find("btc", ANN)
    shelf.fault = None
    assert await symbol_of(prices, "btc") == "BTC"


async def test_a_choice_holds_below_the_listings_end_too(prices):
    assert await symbol_of(prices, "uni", User(1, "Ann", picks=(("UNI", Symbol("DUST")),))) == "DUST"
    assert await symbol_of(prices, "=uni", User(1, "Ann", picks=(("UNI", Symbol("DUST")),))) == "UNI"


async def test_of_several_words_each_is_a_coin_and_a_strange_one_is_named(prices):
    assets, unknown = await prices.find_all(["btc", "=uni", "nosuch", "nva"], ANN)
    assert {word: asset.symbol for word, asset in assets.items()} == {"btc": "BTC", "=uni": "UNI", "nva": "NOVA"}
    assert [one.typed for one in unknown] == ["nosuch"]


async def test_of_several_words_an_ambiguous_one_is_asked_for_as_if_it_were_alone(prices):
    for words in (["uni"], ["btc", "uni"], ["nosuch", "uni", "btc"]):
        with pytest.raises(SeveralCoins) as asked:
            await prices.find_all(words, ANN)
        assert asked.value.ticker == "UNI"


async def test_a_conversion_goes_through_dollars_both_ways(prices):
    done = await prices.convert(Decimal("1.5"), "btc", "eth", ANN)
    assert (done.result.value, done.result.asset, done.rate) == (Decimal(30), "ETH", Decimal(20))
    back = await prices.convert(Decimal(30), "eth", "btc", ANN)
    assert back.result.value == Decimal("1.5")
    dollars = await prices.convert(Decimal(2), "btc", "$", ANN)
    assert (dollars.result.value, dollars.result.asset, dollars.target) == (Decimal(120000), "USD", None)


async def test_a_coin_without_a_price_converts_into_nothing(prices, shelf):
    shelf.coins.append(("NIL", "NIL", "Nil", None, None))
    with pytest.raises(UserMistake) as told:
        await prices.convert(Decimal(1), "nil", "btc", ANN)
    assert told.value.key == "price.none"


async def test_the_whole_market_is_summed_up_with_shares_that_fit(prices, shelf):
    shelf.coins[0] = ("BTC", "BTC", "Bitcoin", "60000", "600")
    await prices.warm()
    totals, stale = await prices.totals()
    assert (totals.cap, totals.volume_24h, stale) == (Decimal(1000), Decimal(1000), False)
    assert totals.dominance == {"BTC": Decimal(60)}  # ether's cap is above the sum: no share at all
    assert await symbol_of(prices, "sum_all_coins") == WHOLE_MARKET


async def test_a_series_that_is_not_there_is_said_so(prices):
    with pytest.raises(Unavailable) as told:
        await prices.series(WHOLE_MARKET, Period.DAY, Field.PRICE)
    assert told.value.key == "chart.no_data"
    series, stale = await prices.series(Symbol("BTC"), Period.DAY, Field.PRICE)
    assert (len(series.points), stale) == (25, False)


async def test_a_table_asks_once_a_field(prices, shelf):
    symbols = [Symbol("BTC"), Symbol("ETH")]
    found = await prices.history(columns_of(symbols, [Field.PRICE, Field.CAP]), Period.DAY, "md")
    assert len(found) == 4
    assert len(shelf.calls("series")) == 2


def test_where_no_field_is_named_a_coin_is_told_by_its_price_and_the_whole_market_by_its_cap():
    symbols = [Symbol("BTC"), WHOLE_MARKET]
    assert columns_of(symbols, []) == (("BTC", Field.PRICE), (WHOLE_MARKET, Field.CAP))
    assert columns_of(symbols, [Field.VOLUME]) == (("BTC", Field.VOLUME), (WHOLE_MARKET, Field.VOLUME))
