"""Prices as they are read: the layouts by example, and no quote whatever that breaks a message."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.assets import Asset, Symbol
from bot.domain.prices import MarketTotals, UnknownCoin
from bot.texts.names import cells
from bot.views import prices

from .odd import BTC, EN, ETH, NOW, PEPE, ZH, assets, figures, names, quotes, some, texts, totals, zones
from .wire import check, data, labels, read

SHOWN = {"now": NOW, "texts": EN, "zone": ""}
SHOWN_ZH = {"now": NOW, "texts": ZH, "zone": ""}
TOTALS = MarketTotals(
    cap=Decimal("3.1E+12"),
    cap_change_24h=Decimal("-1.2"),
    volume_24h=Decimal("1.2E+11"),
    dominance={"ETH": Decimal("12.04"), "BTC": Decimal("54.32")},
    at=NOW - timedelta(seconds=14),
    fetched_at=NOW,
    source="CoinCodex",
)


# --- the card of one coin -------------------------------------------------------------------------------------------


def tied(line: str) -> str:
    """With `~` where no line may break."""
    return line.replace("~", "\N{NO-BREAK SPACE}")


def test_a_card_says_name_price_changes_range_cap_and_source():
    reply = prices.card(BTC, **SHOWN)
    assert read(reply.html).splitlines() == [
        "Bitcoin · BTC · #1",
        "$67,412.38   ▲ +2.14% (24h)",
        tied("1h~▲ +0.21%   7d~▼ -1.05%   30d~▲ +6.30%"),
        "24h range   65,880.00 – 67,950.10",
        "Cap $1.33T · Vol $28.4B",
        "Data: CoinCodex · 14 s old",
    ]
    assert "<b>$67,412.38</b>" in reply.html
    assert '<a href="https://coincodex.com">CoinCodex</a>' in reply.html


def test_a_card_in_chinese():
    assert read(prices.card(BTC, **SHOWN_ZH).html).splitlines() == [
        "Bitcoin · BTC · #1",
        "$67,412.38   ▲ +2.14%（24 小时）",
        tied("1~小时~▲ +0.21%   7~天~▼ -1.05%   30~天~▲ +6.30%"),
        "24 小时区间   65,880.00 – 67,950.10",
        "市值 $1.33万亿 · 成交额 $284亿",
        "数据：CoinCodex · 14 秒前",
    ]


def test_a_card_has_only_buttons_that_work():
    reply = prices.card(BTC, **SHOWN)
    assert data(reply) == [["!price BTC", "chart BTC 7d", "alert BTC"]]
    assert labels(prices.card(BTC, **SHOWN_ZH)) == [["🔄 刷新", "📈 走势图", "🔔 提醒"]]


def test_a_stale_card_says_so_and_a_fresh_one_does_not():
    old = replace(BTC, at=NOW - timedelta(minutes=6, seconds=20))
    stale = read(prices.card(old, stale=True, **SHOWN).html)
    assert stale.endswith("Data: CoinCodex · ⚠️ 6 min old, the source is not answering")
    assert read(prices.card(old, stale=True, **SHOWN_ZH).html).endswith("⚠️ 6 分钟前的数据，数据源暂无响应")
    assert "⚠️" not in prices.card(old, **SHOWN).html


def test_an_old_card_says_from_when_by_the_readers_clock():
    old = replace(BTC, at=NOW - timedelta(hours=3))
    assert read(prices.card(old, now=NOW, texts=EN, zone="Asia/Tokyo").html).endswith("3 h old, from 18:00")
    assert read(prices.card(old, now=NOW, texts=EN).html).endswith("3 h old, from 09:00 UTC")


def test_a_tiny_price_counts_its_zeros_and_gives_the_full_figure_to_copy():
    markup = prices.card(PEPE, **SHOWN).html
    assert "<b>$0.0₆1834</b>" in markup
    assert "<code>0.00000018341</code>" in markup


def test_an_ordinary_price_is_not_written_twice():
    assert "<code>" not in prices.card(BTC, **SHOWN).html


def test_what_the_source_does_not_know_is_a_dash():
    bare = replace(
        ETH, price=None, change_24h=None, cap=None, volume_24h=None, asset=replace(ETH.asset, rank=None, slug="")
    )
    assert read(prices.card(bare, **SHOWN).html).splitlines()[:5] == [
        "Ethereum · ETH · #—",
        "—   — (24h)",
        tied("1h~—   7d~—   30d~—"),
        "24h range   — – —",
        "Cap — · Vol —",
    ]


def test_buttons_find_the_same_coin_again():
    namesake = replace(BTC, asset=Asset(Symbol("UNI7"), "UNI", "Unicorn", "unicorn"))
    assert data(prices.card(namesake, **SHOWN)) == [["!price =UNI7", "chart =UNI7 7d", "alert =UNI7"]]
    worded = data(prices.card(namesake, typed="unicorn", **SHOWN))
    assert worded == [["!price unicorn", "chart unicorn 7d", "alert unicorn"]]


@pytest.mark.parametrize("symbol", ["X" * 60, "TWO WORDS", ""])
def test_a_button_that_would_not_work_is_left_out(symbol):
    odd = replace(BTC, asset=replace(BTC.asset, symbol=Symbol(symbol), ticker="T", slug=""))
    assert data(prices.card(odd, **SHOWN)) == []


def test_a_hostile_name_stays_a_name():
    odd = replace(BTC, asset=replace(BTC.asset, name="</b><a href='tg://x'>\nfree money"))
    assert read(prices.card(odd, **SHOWN).html).splitlines()[0] == "</b><a href='tg://x'> free money · BTC · #1"


@some
@given(quotes, texts, zones, st.booleans())
def test_no_quote_whatever_breaks_a_card(quote, language, zone, stale):
    for view in (prices.card, prices.cap_card):
        seen = check(view(quote, now=NOW, texts=language, zone=zone, stale=stale))
        assert len(seen.splitlines()) <= 9


# --- several --------------------------------------------------------------------------------------------------------


def test_a_table_is_aligned():
    reply = prices.table([BTC, ETH, PEPE], **SHOWN)
    assert read(reply.html).splitlines() == [
        "BTC   67,412.38   +2.14% ▲",
        "ETH    3,480.50    0.00%",
        "PEPE   0.0₆1834  -12.50% ▼",
        "Data: CoinCodex · 20 s old",
    ]
    assert reply.html.startswith("<pre>")
    assert data(reply) == [["!price BTC ETH =PEPE2"]]


def test_a_wide_ticker_does_not_break_a_table():
    wide = replace(ETH, asset=replace(ETH.asset, ticker="比特币比特币比特币"))
    long = replace(ETH, asset=replace(ETH.asset, ticker="A" * 40))
    lines = read(prices.table([BTC, wide, long], **SHOWN).html).splitlines()[:3]
    ends = [cells(line[: line.index("%") + 1]) for line in lines]
    assert len(set(ends)) == 1
    assert "…" in lines[1]


def test_a_word_that_names_nobody_is_told_beside_the_table():
    reply = prices.table([BTC], unknown=[UnknownCoin("ETHH", [ETH])], **SHOWN)
    assert "I do not know ETHH. Closest: Ethereum (ETH)" in read(reply.html)
    assert data(reply) == [["!price BTC"], ["price ETH"]]


def test_a_watch_list_is_drawn_anew_by_its_own_command():
    assert data(prices.table([BTC], again="price", **SHOWN)) == [["!price"]]


def test_a_table_of_unlike_ages_tells_the_oldest():
    old = replace(ETH, at=NOW - timedelta(minutes=9))
    assert read(prices.table([BTC, old], **SHOWN).html).endswith("up to 9 min old")


@some
@given(st.lists(quotes, max_size=4), st.lists(st.tuples(names, st.lists(quotes, max_size=2)), max_size=2), texts)
def test_no_quotes_whatever_break_a_table(several, strangers, language):
    unknown = [UnknownCoin(typed, closest) for typed, closest in strangers]
    if several or unknown:
        check(prices.table(several, unknown=unknown, now=NOW, texts=language))


# --- the market -----------------------------------------------------------------------------------------------------


def test_the_market_at_a_glance():
    reply = prices.overview(TOTALS, [BTC, ETH], pages=7, **SHOWN)
    assert read(reply.html).splitlines() == [
        "The whole market",
        "$3.10T   ▼ -1.20% (24h)",
        "Dominance   BTC 54.3% · ETH 12.0%",
        "Vol $120B (24h)",
        "  1  BTC  67,412.38  +2.14% ▲",
        "  2  ETH   3,480.50   0.00%",
        "Data: CoinCodex · 20 s old",
    ]
    assert data(reply) == [["!cap", "!cap top 2 2"]]


def test_the_market_in_chinese():
    assert read(prices.overview(TOTALS, [BTC], pages=1, **SHOWN_ZH).html).splitlines()[:4] == [
        "加密货币总市场",
        "$3.10万亿   ▼ -1.20%（24 小时）",
        "市值占比   BTC 54.3% · ETH 12.0%",
        "24 小时成交额 $1200亿",
    ]


@pytest.mark.parametrize(
    ("page", "pages", "expected"),
    [
        (1, 1, ["!cap top 10 1"]),
        (1, 3, ["!cap top 10 1", "!cap top 10 2"]),
        (2, 3, ["!cap top 10 1", "!cap top 10 2", "!cap top 10 3"]),
        (3, 3, ["!cap top 10 2", "!cap top 10 3"]),
    ],
)
def test_pages_turn_both_ways_and_not_past_an_end(page, pages, expected):
    assert data(prices.top([BTC], size=10, page=page, pages=pages, **SHOWN)) == [expected]


@some
@given(totals, st.lists(quotes, max_size=4), st.integers(1, 10**6), texts)
def test_no_market_whatever_breaks_its_card(market, several, pages, language):
    check(prices.overview(market, several, pages=pages, now=NOW, texts=language))
    check(prices.top(several, size=25, page=pages, pages=pages, now=NOW, texts=language))


def test_a_cap_card_says_what_a_coin_is_worth_in_all():
    reply = prices.cap_card(BTC, **SHOWN)
    assert read(reply.html).splitlines() == [
        "Bitcoin · BTC · #1",
        "Cap $1.33T",
        "Fully diluted $1.42T",
        "Vol $28.4B (24h), 2.1% of the cap",
        "Supply 19.8M of 21.0M",
        "▰▰▰▰▰▰▰▰▰▱ 94.2%",
        "Price $67,412.38   ▲ +2.14% (24h)",
        "Data: CoinCodex · 14 s old",
    ]
    assert data(reply) == [["!cap BTC", "price BTC", "chart BTC 30d cap"]]


def test_a_coin_without_a_maximum_has_no_bar():
    seen = read(prices.cap_card(ETH, **SHOWN).html)
    assert "Supply 120M, no known maximum" in seen
    assert "Fully diluted —" in seen
    assert "▰" not in seen


def test_a_cap_of_nothing_is_not_divided_by():
    assert "— of the cap" in read(prices.cap_card(replace(BTC, cap=Decimal(0)), **SHOWN).html)


# --- which coin -----------------------------------------------------------------------------------------------------

UNISWAP = replace(ETH, asset=Asset(Symbol("UNI"), "UNI", "Uniswap", "uniswap", (), 24), cap=Decimal("6.1E+9"))
LONG = Asset(Symbol("UNICORN-LEDGER"), "UNI", "Unicorn", "unicorn", (), 80)
UNICORN = replace(ETH, asset=Asset(Symbol("UNI7"), "UNI", "Unicorn", "unicorn", (), 80), cap=Decimal("1.2E+9"))


@pytest.mark.parametrize(
    ("line", "first", "second"),
    [
        ("price UNI", "!price =UNI", "!pick UNI UNI price UNI"),
        ("price", "!price =UNI", "!pick UNI UNI price"),
        ("chart uni 30d", "!chart =UNI 30d", "!pick UNI UNI chart uni 30d"),
        ("price $uni", "!price =UNI", "!pick UNI UNI price $uni"),
        ("calc 5 UNI BTC", "!calc 5 =UNI BTC", "!pick UNI UNI calc 5 UNI BTC"),
        ("price btc uni", "!price btc =UNI", "!pick UNI UNI price btc uni"),
        ("export uni,btc,unix 1y", "!export =UNI,btc,unix 1y", "!pick UNI UNI export uni,btc,unix 1y"),
        ("price uni/usd btc", "!price =UNI/usd btc", "!pick UNI UNI price uni/usd btc"),
    ],
)
def test_a_picker_runs_the_line_for_the_coin_or_remembers_it_first(line, first, second):
    reply = prices.picker("UNI", [UNISWAP, UNICORN], line, texts=EN)
    assert read(reply.html).startswith("Which UNI?")
    assert data(reply)[0] == [first, second]
    assert labels(reply)[0] == ["Uniswap · #24 · $6.10B", "📌"]
    assert data(reply)[1][0].split()[-1] != "UNI"


def test_what_no_button_has_room_for_is_told_to_be_typed():
    line = f"export {'btc,' * 12}uni every 1d"
    reply = prices.picker("UNI", [UNISWAP, UNICORN], line, texts=EN)
    assert reply.buttons == ()
    assert read(reply.html).splitlines() == [
        "Which UNI? Several coins use this ticker, and your line is too long for a button.",
        "Type it again with one of these in its place: =UNI (Uniswap), =UNI7 (Unicorn)",
    ]


def test_where_some_buttons_fit_only_the_others_are_told_to_be_typed():
    line = f"export {'btc,' * 9}uni every 1d"
    reply = prices.picker("UNI", [UNISWAP, replace(UNICORN, asset=LONG)], line, texts=ZH)
    assert [row[0].split(",")[-1] for row in data(reply)] == ["=UNI every 1d"]
    assert "=UNICORN-LEDGER (Unicorn)" in read(reply.html)
    assert "Uniswap" not in read(reply.html)


def test_a_picker_does_not_lead_back_to_itself():
    for row in data(prices.picker("UNI", [UNISWAP, UNICORN], "price UNI", texts=EN)):
        assert row[0] != "!price UNI"


def test_in_a_group_a_picker_remembers_nothing():
    reply = prices.picker("UNI", [UNISWAP, UNICORN], "price UNI", texts=EN, private=False)
    assert [len(row) for row in data(reply)] == [1, 1]


def test_an_unknown_word_gets_three_suggestions():
    reply = prices.unknown("BTCC", [BTC, ETH, PEPE, UNISWAP], texts=EN)
    assert read(reply.html) == "I do not know BTCC. Closest: Bitcoin (BTC) · Ethereum (ETH) · Pepe & Co (PEPE)"
    assert data(reply) == [["price BTC", "price ETH", "price =PEPE2"]]


def test_a_suggestion_completes_the_line_it_was_missing_from():
    assert data(prices.unknown("BTCC", [BTC], texts=EN, command="calc 1 ETH btcc")) == [["calc 1 ETH BTC"]]
    assert data(prices.unknown("BTCC", [BTC], texts=EN, command="cap ｂｔｃｃ\u200b")) == [["cap BTC"]]


def test_an_unknown_word_like_no_other_gets_none():
    reply = prices.unknown("<script>", [], texts=ZH)
    assert read(reply.html).startswith("没有找到 <script>")
    assert reply.buttons == ()


@some
@given(names, st.lists(quotes, max_size=4), st.sampled_from(["price", "chart UNI 7d", "price uni"]), texts)
def test_no_namesakes_whatever_break_the_questions(typed, several, line, language):
    check(prices.picker(typed, several, line, texts=language))
    check(prices.unknown(typed, several, texts=language, command=line))


# --- sums -----------------------------------------------------------------------------------------------------------


def test_a_sum_shows_its_way_through_dollars():
    reply = prices.calc(Decimal("1.50"), "ETH", "BTC", Decimal("0.07744497"), [ETH, BTC], **SHOWN)
    assert read(reply.html).splitlines() == [
        "1.50 ETH",
        "≈ 0.0774449 BTC",
        "1 ETH ≈ 0.0516299 BTC",
        "1 ETH = $3,480.50 · 20 s old",
        "1 BTC = $67,412.38 · 14 s old",
        "Data: CoinCodex · 20 s old",
    ]
    assert data(reply) == [["!calc 1.50 ETH BTC", "!calc 1.50 BTC ETH"]]


@some
@given(figures, names, names, figures, st.lists(quotes, max_size=2), texts)
def test_no_sum_whatever_breaks_its_card(amount, have, want, result, several, language):
    check(prices.calc(amount or Decimal(0), have, want, result, several, now=NOW, texts=language))


# --- a person's own list --------------------------------------------------------------------------------------------


def test_a_list_tells_how_it_is_changed():
    reply = prices.watch([BTC.asset, PEPE.asset], texts=EN)
    assert read(reply.html).startswith("Your list, 2 coins: BTC, PEPE")
    assert data(reply) == [["price"], ["!watch drop BTC", "!watch drop =PEPE2"]]
    assert read(prices.watch([BTC.asset], texts=EN).html).startswith("Your list, 1 coin: BTC")


def test_an_empty_list_tells_how_it_is_begun():
    reply = prices.watch([], texts=EN)
    assert "/watch BTC ETH SOL" in reply.html
    assert reply.buttons == ()


@some
@given(st.lists(assets, max_size=6), names, texts)
def test_no_list_whatever_breaks_its_message(several, what, language):
    check(prices.watch(several, texts=language))
    check(prices.waiting(what, texts=language))


WIDEST = replace(
    BTC,
    asset=Asset(Symbol("S" * 20), "名" * 60, "&" * 200, "s" * 20, (), 10**9),
    price=Decimal("9" * 39),
    change_24h=Decimal("-9E+38"),
    source="<" * 80,
)


@pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])
def test_the_widest_lists_fit_a_message(language):
    shown = {"now": NOW, "texts": language}
    check(prices.table([WIDEST] * 10, unknown=[UnknownCoin("?" * 200, [WIDEST] * 3)] * 10, **shown))
    check(prices.top([WIDEST] * 25, size=25, page=2, pages=3, **shown))
    check(prices.overview(TOTALS, [WIDEST] * 10, pages=3, **shown))
    check(prices.picker("名" * 60, [WIDEST] * 20, "price", texts=language))
    check(prices.watch([WIDEST.asset] * 40, texts=language))
