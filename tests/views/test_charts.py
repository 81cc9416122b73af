"""What stands under a chart and beside a table."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.assets import WHOLE_MARKET, Asset, Symbol
from bot.domain.prices import Field, Period, Point, Series
from bot.domain.replies import Document, Picture
from bot.views import charts

from .odd import EN, NOW, ZH, figures, moments, names, some, texts
from .wire import check, data, labels, read

PNG = Picture(b"png")
VALUES = [Decimal(text) for text in ("65000", "64000.5", "70000", "67412.38")]


def series(values, symbol="BTC", source="CoinCodex"):
    points = [Point(NOW - timedelta(hours=len(values) - at), value) for at, value in enumerate(values)]
    return Series(Symbol(symbol), Period.WEEK, Field.PRICE, points, NOW - timedelta(seconds=5), source)


def stats(**changed):
    usual = {
        "columns": ("BTC_price", "ETH_price"),
        "rows": 1234,
        "first": datetime(2025, 11, 21, tzinfo=UTC),
        "last": datetime(2026, 11, 21, tzinfo=UTC),
        "every": timedelta(hours=6),
        "gaps": (("BTC_price", 0.0), ("ETH_price", 0.125)),
        "missing": ("XYZ_price",),
        "coins": (),
    }
    return SimpleNamespace(**(usual | changed))


def test_a_chart_says_what_it_shows():
    reply = charts.card(PNG, series([VALUES[0], None, *VALUES[1:]]), Period.WEEK, Field.PRICE, "BTC", now=NOW, texts=EN)
    assert read(reply.html).splitlines() == [
        "BTC · price, 7 days",
        "$65,000.00 → $67,412.38   ▲ +3.71%",
        "Low $64,000.50 · High $70,000.00",
        "Data: CoinCodex · 5 s old",
    ]
    assert reply.picture is PNG


def test_a_chart_in_chinese():
    reply = charts.card(PNG, series(VALUES), Period.WEEK, Field.PRICE, "BTC", now=NOW, texts=ZH)
    assert read(reply.html).splitlines() == [
        "BTC · 价格，7 天",
        "$65,000.00 → $67,412.38   ▲ +3.71%",
        "最低 $64,000.50 · 最高 $70,000.00",
        "数据：CoinCodex · 5 秒前",
    ]


def test_every_period_and_field_can_be_switched_to_and_what_is_shown_is_marked():
    reply = charts.card(PNG, series(VALUES), Period.MONTH, Field.CAP, "BTC", now=NOW, texts=EN)
    assert data(reply) == [
        [f"!chart BTC {period} cap" for period in ("1d", "7d", "30d", "3m", "1y", "all")],
        [f"!chart BTC 30d {field}" for field in ("price", "cap", "volume")],
    ]
    assert [text for row in labels(reply) for text in row if "✓" in text] == ["✓30d", "✓cap"]


def test_a_field_that_a_subject_does_not_have_is_not_offered():
    reply = charts.card(PNG, series(VALUES, WHOLE_MARKET), Period.MONTH, Field.CAP, "TOTAL", now=NOW, texts=EN)
    assert data(reply)[1:] == [[f"!chart SUM_ALL_COINS 30d {field}" for field in ("cap", "volume")]]


def test_switching_keeps_to_the_coin_that_was_meant():
    shown = series(VALUES, symbol="UNI7")
    told = {"now": NOW, "texts": EN}
    assert data(charts.card(PNG, shown, Period.DAY, Field.PRICE, "UNI", **told))[0][0] == "!chart UNI7 1d price"
    named = charts.card(PNG, shown, Period.DAY, Field.PRICE, "UNI", name="unicorn", **told)
    assert data(named)[0][0] == "!chart unicorn 1d price"


@some
@given(st.lists(figures, max_size=5), names, names, names, st.sampled_from(Field), st.sampled_from(Period), texts)
def test_no_series_whatever_breaks_a_caption(values, symbol, ticker, source, field, period, language):
    shown = series(values, symbol, source)
    check(charts.card(PNG, shown, period, field, ticker, now=NOW, texts=language))


def test_a_table_says_how_large_how_fine_and_how_full_it_is():
    reply = charts.export_done(Document(b"csv", "t.csv"), stats(), texts=EN, now=NOW)
    assert read(reply.html).splitlines() == [
        "✅ 1,234 rows, 2 columns and the time",
        "One row every 6 h",
        "From Nov 21, 2025, 00:00 UTC to Nov 21, 2026, 00:00 UTC, 12 h ago",
        "Gaps (share of rows without a value): ETH_price 12.5%",
        "No data at all, left out: XYZ_price",
        "Data: CoinCodex",
    ]
    assert reply.document == Document(b"csv", "t.csv")


def test_a_table_without_gaps_says_that_too():
    full = stats(gaps=(("BTC_price", 0.0),), missing=(), every=None, rows=1, columns=("BTC_price",))
    assert read(charts.export_done(Document(b"", "t.csv"), full, texts=ZH, now=NOW).html).splitlines() == [
        "✅ 1 行，1 列，另有时间列",
        "保留数据源的原始时间，未对齐",
        "从 2025年11月21日 00:00 UTC 到 2026年11月21日 00:00 UTC（12 小时前）",
        "没有缺失值",
        "数据：CoinCodex",
    ]


def asset(symbol, ticker, name):
    return Asset(Symbol(symbol), ticker, name)


def test_a_column_that_is_not_called_as_was_typed_is_explained():
    found = {
        "BTC": asset("BTC", "BTC", "Bitcoin"), "NVA": asset("NOVA", "NVA", "Novarium"),
        "=NOVA": asset("NOVA", "NVA", "Novarium"), "$NOVA": asset("NOVAPRO", "NOVA", "Nova Protocol"),
        "ETHER": asset("ETH", "ETH", "Ethereum"), "SUM_ALL_COINS": asset("SUM_ALL_COINS", "TOTAL", "All coins"),
        "=ORB": asset("ORB", "ORB", "Orbis"),
    }  # fmt: skip
    lines = charts.coins(found)
    assert lines == ("NVA = Novarium (NOVA)", "NOVA = Nova Protocol (NOVAPRO)", "ETHER = Ethereum (ETH)")
    seen = read(charts.export_done(Document(b"", "t.csv"), stats(coins=lines[:2]), texts=EN, now=NOW).html)
    assert "In the columns: NVA = Novarium (NOVA), NOVA = Nova Protocol (NOVAPRO)" in seen.splitlines()


def test_a_gap_too_small_to_show_is_still_told():
    seen = read(charts.export_done(Document(b"", "t.csv"), stats(gaps=(("A", 0.0001),)), texts=EN, now=NOW).html)
    assert "A < 0.1%" in seen


@some
@given(
    st.lists(st.tuples(names, st.floats(0, 1)), max_size=12).map(tuple),
    st.lists(names, max_size=12).map(tuple),
    st.integers(0, 10**7),
    moments,
    moments,
    texts,
)
def test_no_table_whatever_breaks_a_caption(gaps, missing, rows, first, last, language):
    odd = stats(gaps=gaps, missing=missing, rows=rows, first=first, last=last, columns=tuple(name for name, _ in gaps))
    check(charts.export_done(Document(b"", "t.csv"), odd, texts=language, now=NOW))


def test_the_longest_table_fits_its_caption():
    names_ = tuple(f"{'名' * 60}{at}" for at in range(200))
    lines = charts.coins({name: asset(f"{name}_", "T", name) for name in names_})
    longest = stats(gaps=tuple((name, 0.5) for name in names_), missing=names_, columns=names_, rows=10**9, coins=lines)
    check(charts.export_done(Document(b"", "t.csv"), longest, texts=EN, now=NOW))
