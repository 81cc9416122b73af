"""Exchanges as they are read: the layouts by example, and no figure whatever that breaks a message."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.orders import Candle, Depth, Market, Side, Ticker, Trade, Traits, Wallet
from bot.domain.rates import Doubt, Listed, Place, Rate, Seen, Stand, Step, UnknownPair
from bot.domain.replies import Picture
from bot.views import errors, exchanges, pairs, rates

from .odd import EN, NOW, ZH, figures, moments, names, some, texts, zones
from .wire import check, data, labels, read

SHOWN = {"now": NOW, "texts": EN, "zone": ""}
BINANCE = Traits("binance", "Binance")
BITFINEX = Traits("bitfinex", "Bitfinex", wallets=(Wallet.SPOT, Wallet.MARGIN), buys_by_cost=False)
BTC = Market("BTC/USDT", "BTC", "USDT", Decimal("0.00001"))
PLACE = Place(BINANCE, BTC, (BITFINEX,))
TICKER = Ticker(
    "binance", "BTC/USDT", NOW, Decimal("67412.38"), Decimal("67412.30"), Decimal("67412.40"), Decimal(68000),
    Decimal(66000), Decimal("-1.2"), Decimal("28123.4"), Decimal(1890000000), NOW - timedelta(seconds=3),
)  # fmt: skip
PNG = Picture(b"\x89PNG")

traits = st.builds(Traits, st.sampled_from(["binance", "okx"]), names)
markets = st.builds(Market, names, names, names, st.just(Decimal(1)), settle=st.sampled_from(["", "USDT"]))
places = st.builds(Place, traits, markets, st.lists(traits, max_size=4).map(tuple))
tickers = st.builds(
    Ticker, st.just("binance"), names, st.just(NOW), *(figures for _ in range(8)), at=st.none() | moments
)
seen = st.builds(Seen, tickers, st.booleans())
values = figures.map(lambda value: Decimal(1) if value is None else value)
candles = st.builds(Candle, moments, values, values, values, values, values)
trades = st.builds(Trade, names, moments, st.sampled_from([None, *Side]), values, values)
offers = st.lists(st.tuples(values, values), max_size=8).map(tuple)
books = st.builds(Depth, names, offers, offers, st.just(NOW))
stands = st.builds(Stand, traits, st.none() | seen, st.sampled_from(["compare.silent", "compare.not_listed"]))
steps = st.builds(Step, names, names, names, values, moments)
odd_rates = st.builds(Rate, names, names, values, st.lists(steps, max_size=4).map(tuple), st.booleans())


def lines(reply) -> list[str]:
    return read(reply.html).replace("\u00a0", " ").splitlines()


# --- by example -----------------------------------------------------------------------------------------------------


def test_a_ticker_says_price_offers_range_volume_source():
    reply = exchanges.ticker(PLACE, Seen(TICKER), **SHOWN)
    assert lines(reply) == [
        "BTC/USDT · Binance",
        "67,412.35 USDT   ▼ -1.20% (24h)",
        "Bid 67412.3 · Ask 67412.4 · spread < 0.01%",
        "24h range   66,000.00 – 68,000.00",
        "Vol 28.1K BTC · 1.89B USDT (24h)",
        "Data: Binance · 3 s old",
    ]
    assert data(reply) == [
        ["!ticker BTC/USDT binance"],
        ["!candles BTC/USDT 1h binance", "!depth BTC/USDT binance", "!trades BTC/USDT binance"],
        ["!ticker BTC/USDT bitfinex", "compare BTC/USDT"],
    ]


def test_a_ticker_in_chinese():
    reply = exchanges.ticker(PLACE, Seen(TICKER), now=NOW, texts=ZH)
    assert lines(reply)[1:3] == ["67,412.35 USDT   ▼ -1.20%（24 小时）", "买一 67412.3 · 卖一 67412.4 · 价差 < 0.01%"]
    assert labels(reply)[0] == ["🔄 刷新"]


def test_what_the_exchange_does_not_say_is_a_dash_and_crossed_offers_have_no_price_between():
    bare = Ticker("binance", "BTC/USDT", NOW, None)
    assert lines(exchanges.ticker(PLACE, Seen(bare), **SHOWN))[1:3] == ["— USDT   — (24h)", "Bid — · Ask — · spread —"]
    crossed = replace(TICKER, bid=Decimal(70000))
    assert lines(exchanges.ticker(PLACE, Seen(crossed), **SHOWN))[1].startswith("67,412.38 USDT")


def test_a_stale_ticker_says_so_and_a_fresh_one_does_not():
    assert "not answering" in read(exchanges.ticker(PLACE, Seen(TICKER, stale=True), **SHOWN).html)
    assert "not answering" not in read(exchanges.ticker(PLACE, Seen(TICKER), **SHOWN).html)


def test_several_tickers_name_their_exchanges_only_where_these_differ():
    other = replace(PLACE, traits=BITFINEX)
    same = exchanges.tickers([(PLACE, Seen(TICKER)), (PLACE, None)], **SHOWN)
    assert lines(same)[:2] == ["BTC/USDT  67,412.35  -1.20%  ▼", "BTC/USDT          —       —"]
    assert lines(exchanges.tickers([(PLACE, Seen(TICKER)), (other, Seen(TICKER))], **SHOWN))[1].startswith(
        "BTC/USDT Bitfinex"
    )


def test_a_comparison_leaves_stale_and_silent_ones_out_of_its_sums():
    far = replace(TICKER, bid=Decimal(70000), ask=Decimal(70010))
    told = [
        Stand(BINANCE, Seen(TICKER)),
        Stand(BITFINEX, Seen(far, stale=True)),
        Stand(BITFINEX, None, "compare.silent"),
    ]
    reply = lines(exchanges.compare("BTC/USDT", told, now=NOW, texts=EN))
    assert reply[3].endswith("⚠️ 3 s")
    assert reply[4].endswith("no answer")
    assert reply[5].startswith("Only one of them answers")


def test_an_exchange_that_answers_with_an_old_price_is_stale_and_one_a_minute_old_is_not():
    told = [Stand(BINANCE, Seen(replace(TICKER, at=NOW - timedelta(seconds=age_s)))) for age_s in (60, 61)]
    reply = lines(exchanges.compare("BTC/USDT", told, now=NOW, texts=EN))
    assert ("⚠️" in reply[2], "⚠️" in reply[3]) == (False, True)


def test_an_exchange_is_told_with_what_it_can_do_and_nothing_it_cannot():
    text = read(exchanges.venues([Listed(BINANCE, 50, 20, 10), Listed(BITFINEX)], ["kraken"], EN).html)
    first, second = text.split("\n\n")[1:3]
    assert "meant where none is named" in first
    assert "meant where none is named" not in second
    assert ("buying for a given cost" in first, "buying for a given cost" in second) == (True, False)
    assert "Not asked yet" in second
    assert "1 more" in text
    assert "switched none on" in read(exchanges.venues([], [], EN).html)


def test_a_pair_nobody_has_is_answered_with_buttons_that_run_the_same_line():
    error = UnknownPair("btx/usdt", "Binance", ["BTC/USDT"])
    reply = errors.of(error, EN, command="candles btx/usdt 4h binance")
    assert data(reply) == [["candles BTC/USDT 4h binance"]]
    assert data(errors.of(error, EN, command="ticker btx usdt")) == [["ticker BTC/USDT"]]
    assert read(errors.of(UnknownPair("x", ""), EN).html) == "No exchange that is on, and answers, has a pair x."


def test_a_book_shows_best_offers_side_by_side_and_how_far_it_goes():
    book = Depth("BTC/USDT", ((Decimal(99), Decimal(2)), (Decimal(98), Decimal(1))), ((Decimal(101), Decimal(3)),), NOW)
    assert lines(pairs.depth(PNG, PLACE, book, **SHOWN)) == [
        "BTC/USDT · Binance",
        "Bid 99 · Ask 101 USDT · spread 2.02%",
        "Bids 3.00 BTC, as far as 98 (-1.01%)",
        "Asks 3.00 BTC, as far as 101 (0.00%)",
        "2  99  101  3",
        "1  98",
        "Data: Binance · 0 s old",
    ]


def test_the_way_of_a_rate_is_told_step_by_step():
    way = (Step("Binance", "DOGE", "USDT", Decimal("0.1"), NOW), Step("Binance", "BTC", "USDT", Decimal(50000), NOW))
    rate = Rate("DOGE", "BTC", Decimal("0.000002"), way)
    assert lines(rates.pair(rate, **SHOWN)) == [
        "DOGE/BTC",
        "0.0₅2000 BTC",
        "1 DOGE ≈ 0.000002 BTC",
        "1 DOGE = 0.1000 USDT · Binance · 0 s old",
        "1 BTC = 50,000.00 USDT · Binance · 0 s old",
        "Way: via USDT, Binance",
    ]


# --- whatever comes -------------------------------------------------------------------------------------------------


@some
@given(places, seen, texts, zones)
def test_no_ticker_breaks_its_card(place, one, words, zone):
    check(exchanges.ticker(place, one, now=NOW, texts=words, zone=zone))


@some
@given(st.lists(st.tuples(places, st.none() | seen), min_size=1, max_size=10), texts)
def test_no_tickers_break_their_table(found, words):
    check(exchanges.tickers(found, now=NOW, texts=words))


@some
@given(names, st.lists(stands, max_size=4), texts)
def test_no_exchanges_break_their_comparison(symbol, told, words):
    check(exchanges.compare(symbol, told, now=NOW, texts=words))


@some
@given(st.lists(st.builds(Listed, traits, st.none() | st.integers(0, 9999)), max_size=4), st.lists(names), texts)
def test_no_names_break_the_list_of_exchanges(listed, others, words):
    check(exchanges.venues(listed, others, words))


@some
@given(places, st.lists(candles, min_size=1, max_size=5), texts, zones)
def test_no_candles_break_their_card_or_their_table(place, found, words, zone):
    check(pairs.candles(PNG, place, found, "1h", 5, now=NOW, texts=words, zone=zone))
    reply = pairs.candles_file(place, found, "1h", now=NOW, texts=words, zone=zone)
    check(reply)
    assert len(reply.document.content.decode().splitlines()) == len(found) + 1


@some
@given(places, st.lists(trades, max_size=5), texts)
def test_no_trades_break_their_card(place, found, words):
    check(pairs.trades(place, found, 20, now=NOW, texts=words))


@some
@given(places, books, texts)
def test_no_book_breaks_its_card(place, book, words):
    check(pairs.depth(PNG, place, book, now=NOW, texts=words))


@some
@given(odd_rates, values, names, names, texts)
def test_no_rate_breaks_its_card(rate, amount, have, want, words):
    check(rates.pair(rate, now=NOW, texts=words, typed=(have, want)))
    check(rates.calc(amount, rate, now=NOW, texts=words, typed=(have, want)))


@some
@given(values, values, st.lists(names, max_size=4).map(tuple), texts)
def test_no_doubt_breaks_its_banner(percent, price, exchanges_, words):
    assert read(rates.banner(Doubt(percent, price, ("USDT",), exchanges_), words))


@some
@given(names, names, st.lists(names, max_size=3), texts)
def test_no_unknown_pair_breaks_its_answer(typed, exchange, closest, words):
    check(errors.of(UnknownPair(typed, exchange, closest), words, command="ticker a b"))
