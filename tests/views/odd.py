"""Quotes as no honest source sends them: gaps, extremes, names that mean harm. And a few honest ones."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import Phase, settings
from hypothesis import strategies as st

from bot.domain.assets import Asset, Symbol
from bot.domain.prices import MarketTotals, Quote
from bot.texts import Catalogue

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CATALOGUE = Catalogue.load()
# Large values shrink for minutes under the explaining phase.
some = settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink])
EN, ZH = CATALOGUE.pick("en"), CATALOGUE.pick("zh")

HOSTILE = (
    "<b>bold</b>",
    "</pre><a href='x'>",
    "&lt;",
    "{name}",
    "%s%n",
    "עברית\u202e",
    "🚀" * 30,
    "Z̴̡͖a̵l̷g̶o" * 10,
    "名" * 60,
    "a\nb\r\nc\x00",
    "",
    " ",
    "-1",
    "=SUM(A1)",
)
names = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60))
figures = st.one_of(
    st.none(),
    st.decimals(),
    st.decimals(min_value=0, max_value=Decimal("1E+15"), allow_nan=False),
    st.sampled_from(
        [Decimal(text) for text in ("0", "-0", "1E-30", "1E+39", "1E+5000", "1E-5000", "0E-5000", "NaN", "sNaN")]
    ),
    st.sampled_from([Decimal("1." + "1" * 500), Decimal("-" + "9" * 39)]),
)
moments = st.integers(-3600, 400 * 86_400).map(lambda age_s: NOW - timedelta(seconds=age_s))
ranks = st.one_of(st.none(), st.integers(1, 10**7))
assets = st.builds(Asset, names.map(Symbol), names, names, names, st.just(()), ranks)
quotes = st.builds(
    Quote,
    assets,
    figures,
    moments,
    st.just(NOW),
    names,
    *(figures for _ in range(10)),
)
totals = st.builds(
    MarketTotals,
    figures,
    figures,
    figures,
    st.dictionaries(names, figures.map(lambda figure: figure or Decimal(0)), max_size=5),
    moments,
    st.just(NOW),
    names,
)
texts = st.sampled_from([EN, ZH])
zones = st.sampled_from(["", "Europe/Berlin", "Asia/Kathmandu", "No/Where"])

BTC = Quote(
    asset=Asset(Symbol("BTC"), "BTC", "Bitcoin", "bitcoin", (), 1),
    price=Decimal("67412.38"),
    at=NOW - timedelta(seconds=14),
    fetched_at=NOW,
    source="CoinCodex",
    change_1h=Decimal("0.21"),
    change_24h=Decimal("2.14"),
    change_7d=Decimal("-1.05"),
    change_30d=Decimal("6.3"),
    low_24h=Decimal(65880),
    high_24h=Decimal("67950.1"),
    cap=Decimal(1330123456789),
    volume_24h=Decimal(28400000000),
    supply=Decimal(19780000),
    max_supply=Decimal(21000000),
)
ETH = Quote(
    asset=Asset(Symbol("ETH"), "ETH", "Ethereum", "ethereum", (), 2),
    price=Decimal("3480.5"),
    at=NOW - timedelta(seconds=20),
    fetched_at=NOW,
    source="CoinCodex",
    change_24h=Decimal("-0.004"),
    cap=Decimal(419000000000),
    volume_24h=Decimal(15000000000),
    supply=Decimal(120400000),
)
PEPE = Quote(
    asset=Asset(Symbol("PEPE2"), "PEPE", "Pepe & Co", "pepe", (), 40),
    price=Decimal("0.00000018341"),
    at=NOW - timedelta(seconds=9),
    fetched_at=NOW,
    source="CoinCodex",
    change_24h=Decimal("-12.5"),
)
