"""Markets as a use case: which pair is meant, how fresh it is, one call for many, and others where one is down."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Unavailable, UserMistake
from bot.domain.orders import Side, Ticker
from bot.domain.rates import UnknownPair, median_price, price_of, rate_of, sound
from bot.services._pairs import Pairs
from bot.services._venue import TICKER_FRESH_S
from bot.services.markets import MONEY_FRESH, Markets, Patience
from tests.exchange_shelf import PRICES, ExchangeShelf, market
from tests.still_clock import START


@pytest.fixture
def binance(still):
    return ExchangeShelf(still, wallets=())


@pytest.fixture
def bitfinex(still):
    shelf = ExchangeShelf(still, "bitfinex", "Bitfinex", aliases=("bitfinex2",))
    shelf.prices = {"BTC/USD": Decimal(60300), "BTC/USDT": Decimal(60600), "XMR/USD": Decimal(150)}
    return shelf


@pytest.fixture
def markets(binance, bitfinex, still, nursery):
    return Markets({"binance": binance, "bitfinex": bitfinex}, still, nursery)


@pytest.fixture
def hurried(binance, bitfinex, still, nursery):
    """Somebody who waits hardly at all."""
    return Markets({"binance": binance, "bitfinex": bitfinex}, still, nursery, patience=Patience(0.1, 0.05, 0.01))


# --- which exchange, which pair -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "name"),
    [("", "binance"), ("Bitfinex", "bitfinex"), ("BITFINEX2", "bitfinex"), ("binance", "binance")],
)
def test_an_exchange_goes_by_its_name_its_former_name_or_none(markets, typed, name):
    assert markets.vendor(typed) == name


def test_one_that_is_not_on_is_named_with_those_that_are(markets, still, nursery):
    with pytest.raises(UserMistake) as told:
        markets.vendor("okx")
    assert told.value.values["known"] == ("Binance", "Bitfinex")
    with pytest.raises(Unavailable):
        Markets({}, still, nursery).vendor()


@pytest.mark.parametrize(
    "typed", ["btc/usdt", "BTC-USDT", "btc_usdt", "btcusdt", "btc usdt", " BTC.USDT ", "btc", "$BTC"]
)
async def test_a_pair_is_found_as_people_write_it(markets, typed):
    assert (await markets.find(typed))[1].symbol == "BTC/USDT"


@pytest.mark.parametrize("typed", ["BTC/USDT:USDT", "btcusdt:usdt", "BTCUSDT.P", "btc-usdt-swap", "btcusdt perp"])
async def test_a_contract_is_found_by_its_own_names_and_never_by_the_pairs(markets, typed):
    assert (await markets.find(typed))[1].contract


@given(st.sampled_from(sorted(PRICES)), st.sampled_from(["/", "-", "_", " ", ""]), st.booleans())
def test_every_pair_is_found_however_its_halves_are_joined(symbol, joint, lower):
    pairs = Pairs({each: market(each) for each in PRICES})
    typed = symbol.replace("/", joint)
    assert [found.symbol for found in pairs.find(typed.lower() if lower else typed)] == [symbol]


def test_a_pair_is_found_from_another_keyboard():
    pairs = Pairs({each: market(each) for each in PRICES})
    assert [found.symbol for found in pairs.find("ｂｔｃ／ｕｓｄｔ\u200b")] == ["BTC/USDT"]
    assert pairs.of_base("\u202eＢＴＣ") == pairs.of_base("btc")


@given(st.text(max_size=40))
def test_no_text_at_all_breaks_the_search(typed):
    pairs = Pairs({each: market(each) for each in PRICES})
    pairs.find(typed)
    pairs.of_base(typed)
    assert len(pairs.closest(typed)) <= 3


def test_what_reads_as_two_pairs_is_both_and_with_a_slash_one():
    pairs = Pairs({each: market(each) for each in ("ABC/DUSD", "ABCD/USD")})
    assert len(pairs.find("abcdusd")) == 2
    assert [found.symbol for found in pairs.find("abc/dusd")] == ["ABC/DUSD"]


def test_what_is_traded_no_more_is_found_only_where_nothing_else_is():
    alive, gone = market("AB/CUSD"), market("ABC/USD", active=False)
    assert Pairs({m.symbol: m for m in (alive, gone)}).find("abcusd") == [alive]
    assert Pairs({gone.symbol: gone}).find("abc/usd") == [gone]


async def test_the_first_exchange_that_has_it_is_taken_and_a_named_one_only(markets):
    assert (await markets.find("xmr"))[0] == "bitfinex"
    with pytest.raises(UnknownPair):
        await markets.find("xmr", "binance")


async def test_while_the_first_is_down_the_next_answers_and_a_named_one_is_down(markets, binance):
    binance.down()
    assert (await markets.find("btc/usdt"))[0] == "bitfinex"
    with pytest.raises(Unavailable):
        await markets.find("btc/usdt", "binance")


async def test_one_that_hangs_is_left_for_the_next(hurried, binance):
    markets = hurried
    binance.open.clear()
    assert (await markets.find("btc/usdt"))[0] == "bitfinex"
    with pytest.raises(Unavailable):
        await markets.find("btc/usdt", "binance")
    binance.open.set()


async def test_two_words_are_one_pair_only_where_they_are(markets):
    found = await markets.find_all(["btc", "usdt", "eth", "btc", "doge", "btc", "usd"])
    assert [(name, each.symbol) for name, each in found] == [
        ("binance", "BTC/USDT"), ("binance", "ETH/BTC"), ("binance", "DOGE/USDT"), ("bitfinex", "BTC/USD"),
    ]  # fmt: skip


# --- how fresh ------------------------------------------------------------------------------------------------------


async def test_a_thousand_who_ask_at_once_make_one_call_cold_and_again_when_aged(markets, binance, still):
    async def card():
        name, found = await markets.find("btc/usdt")
        return (await markets.seen(name, found.symbol)).ticker.last

    for calls in (1, 2):
        assert set(await asyncio.gather(*(card() for _ in range(1000)))) == {Decimal(60000)}
        assert len(binance.calls("tickers")) == calls
        still.advance(TICKER_FRESH_S)
    assert len(binance.calls("markets")) == 1


async def test_an_old_price_is_shown_as_stale_and_is_none_for_an_order(markets, binance, still):
    await markets.seen("binance", "BTC/USDT")
    binance.down()
    still.advance(MONEY_FRESH.total_seconds())
    assert (await markets.seen("binance", "BTC/USDT")).stale
    assert (await markets.ticker("binance", "BTC/USDT")).last == 60000
    still.advance(1)
    with pytest.raises(Unavailable):
        await markets.ticker("binance", "BTC/USDT")
    assert (await markets.seen("binance", "BTC/USDT")).ticker.fetched_at == START


async def test_candles_trades_and_books_are_kept_apart(markets, binance):
    for _ in range(3):
        assert len((await markets.candles("binance", "BTC/USDT", "1h", 5))[0]) == 5
        assert len((await markets.candles("binance", "BTC/USDT", "1h", 6))[0]) == 6
        trades, stale = await markets.trades("binance", "BTC/USDT", 4)
        book, _ = await markets.depth("binance", "BTC/USDT")
    assert [trades[0].side, stale, len(book.bids)] == [Side.BUY, False, 100]
    assert [len(binance.calls(what)) for what in ("candles", "trades", "depth")] == [2, 1, 1]


# --- several exchanges ----------------------------------------------------------------------------------------------


async def test_the_median_is_over_those_that_answer_and_takes_what_is_fresh_without_a_call(markets, bitfinex, binance):
    assert await markets.median("BTC", "USDT") == Decimal(60300)
    assert await markets.median("BTC", "USDT") == Decimal(60300)
    assert [len(each.calls("tickers")) for each in (binance, bitfinex)] == [1, 1]
    assert await markets.median("XMR", "USD") == 150
    assert await markets.median("XMR", "EUR") is None


async def test_the_median_leaves_out_who_is_down_and_what_is_old(markets, bitfinex, still):
    await markets.median("BTC", "USDT")
    bitfinex.down()
    still.advance(MONEY_FRESH.total_seconds() + 1)
    assert await markets.median("BTC", "USDT") == Decimal(60000)


async def test_in_a_comparison_one_that_hangs_is_silent_and_the_others_are_there(hurried, bitfinex):
    bitfinex.open.clear()
    first, second = await hurried.compare("BTC/USDT")
    assert (first.seen.ticker.last, second.seen, second.fault) == (Decimal(60000), None, "compare.silent")
    bitfinex.open.set()


async def test_a_way_is_the_most_direct_one_of_the_first_exchange_that_has_any(markets):
    direct = await markets.rate("BTC", "EUR")
    assert (direct.value, direct.via, [step.source for step in direct.steps]) == (Decimal(55000), (), ["Binance"])
    back = await markets.rate("EUR", "DOGE")
    assert back.via == ("BTC", "USDT")
    assert (await markets.rate("USD", "XMR")).steps[0].source == "Bitfinex"
    assert await markets.rate("EUR", "NOSUCH") is None


async def test_without_any_exchange_there_is_no_rate_and_with_all_down_that_is_said(
    markets, binance, bitfinex, still, nursery
):
    assert await Markets({}, still, nursery).rate("BTC", "EUR") is None
    binance.down()
    bitfinex.down()
    with pytest.raises(Unavailable):
        await markets.rate("BTC", "EUR")


async def test_an_opinion_is_had_of_exchanges_in_use_and_no_other(markets, bitfinex):
    assert await markets.opinion("BTC") == []
    await markets.find("btc/usdt")
    assert [ticker.exchange for ticker in await markets.opinion("BTC")] == ["binance"]
    assert bitfinex.asked == []


# --- the sums behind it ---------------------------------------------------------------------------------------------

numbers = st.none() | st.decimals() | st.decimals(Decimal("1E-12"), Decimal("1E+12"))


def told(last, bid=None, ask=None):
    return Ticker("binance", "BTC/USDT", START, last, bid, ask)


@given(numbers, numbers, numbers)
def test_a_price_is_above_zero_or_none_whatever_an_exchange_tells(last, bid, ask):
    price = price_of(told(last, bid, ask))
    assert price is None or sound(price) is not None


@given(st.lists(st.decimals(Decimal("0.0001"), 10**9, allow_nan=False), min_size=1, max_size=9))
def test_a_median_lies_among_its_prices_whatever_their_order(prices):
    middle = median_price([told(price) for price in prices])
    assert min(prices) <= middle <= max(prices)
    assert middle == median_price([told(price) for price in reversed(prices)])


async def test_there_and_back_is_where_one_began(markets):
    there = await markets.rate("DOGE", "EUR")
    back = rate_of("EUR", "DOGE", tuple(reversed(there.steps)))
    assert abs(there.value * back.value - 1) < Decimal("1E-25")
    assert there.steps[0].at - START == timedelta(0)
