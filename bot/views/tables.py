"""Coins as lines of a fixed-width font."""

from collections.abc import Sequence
from html import escape

from bot.domain.assets import Asset
from bot.domain.prices import Quote
from bot.texts import Html, Texts
from bot.texts.names import cells, column, label

_TICKER_CELLS = 10


def rows(quotes: Sequence[Quote], texts: Texts, *, ranked: bool = False) -> Html:
    """Ticker, price, change, one coin a line. The arrow stands last: its width differs between fonts, and there it
    moves nothing.
    """
    heads = [_head(quote.asset, ranked=ranked) for quote in quotes]
    prices = [texts.numbers.price_short(quote.price) for quote in quotes]
    changes = [_arrow_last(texts.numbers.percent(quote.change_24h)) for quote in quotes]
    head = max(map(cells, heads), default=0)
    price = max(map(len, prices), default=0)
    change = max((len(figure) for figure, _ in changes), default=0)
    lines = (
        f"{column(name, head)}  {cost:>{price}}  {figure:>{change}} {arrow}".rstrip()
        for name, cost, (figure, arrow) in zip(heads, prices, changes, strict=True)
    )
    return Html(f"<pre>{escape(chr(10).join(lines), quote=False)}</pre>")


def rank(asset: Asset) -> str:
    return f"#{asset.rank}" if asset.rank else "#—"


def _head(asset: Asset, *, ranked: bool) -> str:
    ticker = label(asset.ticker)
    ticker = ticker if cells(ticker) <= _TICKER_CELLS else column(ticker, _TICKER_CELLS).rstrip()
    return f"{asset.rank or '—':>3}  {ticker}" if ranked else ticker


def _arrow_last(percent: str) -> tuple[str, str]:
    arrow, _, figure = percent.partition("\u00a0")
    return (figure, arrow) if figure else (percent, "")
