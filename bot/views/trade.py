"""The steps of /trade: what is known, what is asked, and buttons that answer."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from bot.domain.orders import Market, Side, Ticker
from bot.domain.replies import Button, Reply
from bot.texts import Texts
from bot.texts.names import label
from bot.views.keyboard import grid, keyboard, run

_SHARES = ("10%", "25%", "50%", "all")


def exchanges(titles: Mapping[str, str], *, texts: Texts) -> Reply:
    """`titles` by the exchange's own name."""
    choices = [_step(label(title, 24), (), vendor) for vendor, title in titles.items()]
    return Reply(texts("trade.exchange"), keyboard(*grid(choices, 2), [_leave(texts)]))


def pairs(line: Sequence[str], exchange: str, usual: Iterable[str], *, texts: Texts) -> Reply:
    choices = [_step(pair, line, pair) for pair in usual]
    return Reply(texts("trade.pair", exchange=label(exchange)), keyboard(*grid(choices, 3), _last(line, texts)))


def sides(
    line: Sequence[str],
    exchange: str,
    market: Market,
    ticker: Ticker,
    *,
    margin: bool,
    now: datetime,
    texts: Texts,
    zone: str = "",
) -> Reply:
    del zone
    text = texts(
        "trade.side",
        exchange=label(exchange),
        symbol=label(market.symbol),
        quote=label(market.quote),
        bid=texts.numbers.price(ticker.bid),
        ask=texts.numbers.price(ticker.ask),
        last=texts.numbers.price(ticker.last),
        age=texts.times.age((now - ticker.fetched_at).total_seconds()),
    )
    base = label(market.base, 16)
    spot = [
        _step(texts.plain("button.buy", what=base), line, "buy"),
        _step(texts.plain("button.sell", what=base), line, "sell"),
    ]
    on_margin = [
        _step(texts.plain("button.buy_on_margin", what=base), line, "buy", "margin"),
        _step(texts.plain("button.sell_on_margin", what=base), line, "sell", "margin"),
    ]
    return Reply(text, keyboard(spot, on_margin if margin else [], _last(line, texts)))


def amounts(line: Sequence[str], market: Market, side: Side, *, texts: Texts) -> Reply:
    """Shares are of what is free: of the quote for a buy, of the base for a sell."""
    text = texts(
        "trade.amount_buy" if side is Side.BUY else "trade.amount_sell",
        base=label(market.base, 16),
        quote=label(market.quote, 16),
    )
    shares = [_step(texts.plain("button.all") if share == "all" else share, line, share) for share in _SHARES]
    return Reply(text, keyboard(shares, _last(line, texts, 2 if line[-1:] == ["margin"] else 1)))


def prices(
    line: Sequence[str], market: Market, side: Side, ticker: Ticker, *, now: datetime, texts: Texts, zone: str = ""
) -> Reply:
    """At the market, or at a limit: the best offer of one's own side, and a little better than that."""
    del zone
    best = ticker.bid if side is Side.BUY else ticker.ask
    text = texts(
        "trade.price",
        symbol=label(market.symbol),
        quote=label(market.quote),
        bid=texts.numbers.price(ticker.bid),
        ask=texts.numbers.price(ticker.ask),
        age=texts.times.age((now - ticker.fetched_at).total_seconds()),
    )
    steps = (Decimal(0), Decimal(1), Decimal(3))
    sign = -1 if side is Side.BUY else 1
    limits = [market.price(best * (100 + sign * step) / 100, side) for step in steps] if best else []
    choices = [_step(f"{limit:f}", line, f"{limit:f}") for limit in dict.fromkeys(limits)]
    at_market = _step(texts.plain("button.at_market"), line, "market")
    return Reply(text, keyboard([at_market], choices, _last(line, texts)))


def _step(text: str, line: Sequence[str], *more: str) -> Button | None:
    return run(text, "trade", *line, *more, in_place=True)


def _last(line: Sequence[str], texts: Texts, words: int = 1) -> list[Button | None]:
    """One step back, and out."""
    back = run(f"◀ {texts.plain('button.back')}", "trade", *line[:-words], in_place=True) if len(line) > 1 else None
    return [back, _leave(texts)]


def _leave(texts: Texts) -> Button | None:
    return run(f"✖ {texts.plain('button.cancel')}", "cancel", in_place=True)
