"""Prices and the market: one coin, several, all of them; sums; and the question which coin was meant."""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.domain.assets import Asset
from bot.domain.money import EXACT
from bot.domain.prices import MarketTotals, Quote, UnknownCoin
from bot.domain.rates import Doubt
from bot.domain.replies import Button, Reply
from bot.domain.words import legible
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.texts.numbers import UNKNOWN, has_many_zeros, known
from bot.views import rates, sources, start
from bot.views.keyboard import grid, keyboard, own_word, run, word
from bot.views.tables import rank, rows

_MOST_SUGGESTIONS = 3
_MOST_CANDIDATES = 8
_LONGEST_FIGURE = 64
_BAR_CELLS = 10
_LONGEST_LABEL = 60
_SEAMS = re.compile("([,/])")
"""What parts the coins of one word: `BTC,UNI`, `UNI/BTC`."""


def card(
    quote: Quote,
    *,
    now: datetime,
    texts: Texts,
    zone: str = "",
    stale: bool = False,
    typed: str = "",
    doubt: Doubt | None = None,
    group_of: str = "",
) -> Reply:
    """One coin. `stale`: the source was asked again and did not answer. `typed`: the word that found this coin, where
    its ticker would not (the buttons use it). `doubt`: what other sources say, where they disagree.
    `group_of`: in a group, the bot's name: what is for the private chat leads there.
    """
    name = typed or word(quote.asset)
    buttons = [
        run(texts.plain("button.refresh"), "price", name, in_place=True),
        run(texts.plain("button.chart"), "chart", name, "7d"),
        start.link(["alert", name], bot_name=group_of, texts=texts)
        if group_of
        else run(texts.plain("button.alert"), "alert", name),
    ]
    text = html(quote, now=now, texts=texts, zone=zone, stale=stale)
    return Reply(f"{text}\n{rates.banner(doubt, texts)}" if doubt else text, keyboard(buttons))


def html(quote: Quote, *, now: datetime, texts: Texts, zone: str = "", stale: bool = False) -> Html:
    """The text of the card alone, for an inline answer."""
    write, asset = texts.numbers, quote.asset
    return texts(
        "price.card",
        name=label(asset.name),
        ticker=label(asset.ticker),
        rank=rank(asset),
        price=write.usd(quote.price),
        exact=_exact(quote.price, texts),
        day=write.percent(quote.change_24h),
        hour=write.percent(quote.change_1h),
        week=write.percent(quote.change_7d),
        month=write.percent(quote.change_30d),
        low=write.price_short(quote.low_24h),
        high=write.price_short(quote.high_24h),
        cap=write.cap(quote.cap),
        volume=write.cap(quote.volume_24h),
        source=sources.line(quote.at, quote.source, now=now, texts=texts, zone=zone, stale=stale),
    )


def table(
    quotes: Sequence[Quote],
    *,
    now: datetime,
    texts: Texts,
    zone: str = "",
    unknown: Sequence[UnknownCoin] = (),
    stale: bool = False,
    again: str = "",
) -> Reply:
    """Up to ten coins, and the words that named none. `again`: the command that draws this table anew, where it is not
    simply the coins' names (a watch list: `price`).
    """
    parts = [
        rows(quotes, texts) if quotes else "",
        *(_not_known(one.typed, one.closest, texts) for one in unknown),
        sources.line_of(quotes, now=now, texts=texts, zone=zone, stale=stale),
    ]
    refresh = again.split() or ["price", *(word(quote.asset) for quote in quotes)]
    first = [run(texts.plain("button.refresh"), *refresh, in_place=True)] if quotes else []
    return Reply(
        "\n".join(filter(None, parts)), keyboard(first, *(suggested(one.typed, one.closest) for one in unknown))
    )


def picker(ticker: str, candidates: Sequence[Quote], command: str, *, texts: Texts, private: bool = True) -> Reply:
    """Several coins answer to `ticker`. `command` is the line as typed (`price UNI`, or just `price`): a button runs it
    for its coin, the pin beside it remembers the choice first; in a group, where all may press it, there is no pin.
    What no button has room for is told to be typed.
    """
    choices = [(quote, _choice(ticker, quote, command, texts)) for quote in candidates[:_MOST_CANDIDATES]]
    rows = [(quote, keyboard(row if private else row[:1])) for quote, row in choices]
    left = [f"{own_word(quote.asset)} ({label(quote.asset.name, 28)})" for quote, row in rows if not row]
    asked = {"ticker": label(ticker)}
    text = texts("price.which_typed", **asked, names=", ".join(left)) if left else texts("price.which", **asked)
    return Reply(text, tuple(each for _, row in rows for each in row))


def unknown(typed: str, closest: Sequence[Quote], *, texts: Texts, command: str = "price") -> Reply:
    """No coin has this name. `command` as for the picker: a button runs it for a coin of a like name."""
    return Reply(_not_known(typed, closest, texts), keyboard(suggested(typed, closest, command)))


def suggested(typed: str, closest: Sequence[Quote], command: str = "price") -> list[Button | None]:
    assets = [quote.asset for quote in closest[:_MOST_SUGGESTIONS]]
    return [run(label(asset.ticker, 20), *_for(typed, word(asset), command.split())) for asset in assets]


def calc(
    amount: Decimal,
    have: str,
    want: str,
    result: Decimal | None,
    quotes: Sequence[Quote],
    *,
    now: datetime,
    texts: Texts,
    zone: str = "",
    stale: bool = False,
    typed: tuple[str, str] = ("", ""),
) -> Reply:
    """`have` and `want`: tickers, or USD. `quotes`: the prices it went by, none for USD. `typed`: the words that found
    these two, where their tickers would not (the buttons use them).
    """
    write = texts.numbers
    text = texts(
        "calc.card",
        amount=write.amount(amount),
        have=label(have),
        want=label(want),
        result=write.approx(result),
        rate=write.approx(_quotient(result, amount)),
    )
    lines = [_rate_line(quote, now=now, texts=texts) for quote in quotes]
    source = sources.line_of(quotes, now=now, texts=texts, zone=zone, stale=stale)
    exact, source_word, target_word = write.amount(amount), typed[0] or have, typed[1] or want
    buttons = keyboard(
        [
            run(texts.plain("button.refresh"), "calc", exact, source_word, target_word, in_place=True),
            run(f"⇄ {label(want, 16)} → {label(have, 16)}", "calc", exact, target_word, source_word, in_place=True),
        ]
    )
    return Reply("\n".join(filter(None, [text, *lines, source])), buttons)


def waiting(what: str, *, texts: Texts) -> Reply:
    """Shown while the source is slow; the caller puts the whole answer in its place."""
    return Reply(texts("price.waiting", what=label(what)))


def watch(assets: Sequence[Asset], *, texts: Texts) -> Reply:
    """A person's own list, and how it is changed."""
    if not assets:
        return Reply(texts("watch.empty"))
    names = ", ".join(label(asset.ticker, 20) for asset in assets)
    drops = [run(f"✖ {label(asset.ticker, 20)}", "watch", "drop", word(asset), in_place=True) for asset in assets[:24]]
    show = [run(texts.plain("button.prices"), "price")]
    return Reply(texts.plural("watch.list", len(assets), names=names), keyboard(show, *grid(drops, 4)))


def overview(
    totals: MarketTotals,
    quotes: Sequence[Quote],
    *,
    pages: int,
    now: datetime,
    texts: Texts,
    zone: str = "",
    stale: bool = False,
) -> Reply:
    """The whole market, and the first page of its coins."""
    write = texts.numbers
    text = texts(
        "market.card",
        cap=write.cap(totals.cap),
        change=write.percent(totals.cap_change_24h),
        volume=write.cap(totals.volume_24h),
        dominance=" · ".join(f"{name} {write.share(part)}" for name, part in _dominant(totals)) or UNKNOWN,
    )
    source = sources.line_of([totals, *quotes], now=now, texts=texts, zone=zone, stale=stale)
    parts = [text, rows(quotes, texts, ranked=True) if quotes else "", source]
    return Reply("\n".join(filter(None, parts)), keyboard(_pages(len(quotes) or 10, 1, pages, texts, here="cap")))


def top(
    quotes: Sequence[Quote],
    *,
    size: int,
    page: int,
    pages: int,
    now: datetime,
    texts: Texts,
    zone: str = "",
    stale: bool = False,
) -> Reply:
    """One page, counted from 1, of the largest coins; `size` coins a page."""
    source = sources.line_of(quotes, now=now, texts=texts, zone=zone, stale=stale)
    head = texts("market.top", page=texts.numbers.count(page), pages=texts.numbers.count(pages))
    table_ = rows(quotes, texts, ranked=True) if quotes else texts("market.top_empty")
    return Reply("\n".join(filter(None, [head, table_, source])), keyboard(_pages(size, page, pages, texts)))


def cap_card(
    quote: Quote, *, now: datetime, texts: Texts, zone: str = "", stale: bool = False, typed: str = ""
) -> Reply:
    """What a coin is worth in all, how much of it there is, how much of that changes hands. `typed` as in card."""
    write, asset = texts.numbers, quote.asset
    text = texts(
        "cap.card",
        name=label(asset.name),
        ticker=label(asset.ticker),
        rank=rank(asset),
        cap=write.cap(quote.cap),
        price=write.usd(quote.price),
        day=write.percent(quote.change_24h),
        diluted=write.cap(_product(quote.price, quote.max_supply)),
        volume=write.cap(quote.volume_24h),
        turnover=write.share(_percent_of(quote.volume_24h, quote.cap)),
        supply=_supply(quote, texts),
        bar=_bar(_percent_of(quote.supply, quote.max_supply), texts),
        source=sources.line(quote.at, quote.source, now=now, texts=texts, zone=zone, stale=stale),
    )
    name = typed or word(asset)
    buttons = [
        run(texts.plain("button.refresh"), "cap", name, in_place=True),
        run(texts.plain("button.price"), "price", name),
        run(texts.plain("button.chart"), "chart", name, "30d", "cap"),
    ]
    return Reply(text, keyboard(buttons))


def _exact(price: Decimal | None, texts: Texts) -> Html:
    """The full figure, to be copied, where the price above it counts its zeros."""
    if not has_many_zeros(price):
        return Html()
    full = texts.numbers.amount(price)
    return Html(f"\n<code>{full if len(full) <= _LONGEST_FIGURE else texts.numbers.price(price)}</code>")


def _not_known(typed: str, closest: Sequence[Quote], texts: Texts) -> Html:
    assets = [quote.asset for quote in closest[:_MOST_SUGGESTIONS]]
    if not assets:
        return texts("symbol.unknown", typed=label(typed, 32))
    names = " · ".join(f"{label(asset.name, 24)} ({label(asset.ticker, 12)})" for asset in assets)
    return texts("symbol.unknown_but", typed=label(typed, 32), closest=names)


def _choice(ticker: str, quote: Quote, command: str, texts: Texts) -> list[Button | None]:
    asset = quote.asset
    text = label(f"{label(asset.name, 28)} · {rank(asset)} · {texts.numbers.cap(quote.cap)}", _LONGEST_LABEL)
    return [
        run(text, *_for(ticker, own_word(asset), command.split()), in_place=True),
        run(texts.plain("button.remember"), "pick", ticker, asset.symbol, *command.split(), in_place=True),
    ]


def _for(typed: str, chosen: str, command: Sequence[str]) -> list[str]:
    """The line with the coin in place of what was typed, or behind the command where the line did not name it."""
    names = {typed.upper(), f"${typed.upper()}"}
    words = [_SEAMS.split(word) for word in command[1:]]
    if not any(legible(part).upper() in names for word in words for part in word):
        return [*command[:1], chosen, *command[1:]]
    found = ("".join(chosen if legible(part).upper() in names else part for part in word) for word in words)
    return [*command[:1], *found]


def _rate_line(quote: Quote, *, now: datetime, texts: Texts) -> Html:
    age_s = (now - quote.at).total_seconds()
    ticker = label(quote.asset.ticker)
    return texts("calc.rate", ticker=ticker, price=texts.numbers.usd(quote.price), age=texts.times.age(age_s))


def _dominant(totals: MarketTotals) -> list[tuple[str, Decimal]]:
    """The two largest shares, as a rule Bitcoin's and Ether's."""
    shares = ((label(name, 20), part) for name, part in totals.dominance.items() if known(part))
    return sorted(shares, key=lambda share: -share[1])[:2]


def _pages(size: int, page: int, pages: int, texts: Texts, here: str = "") -> list[Button | None]:
    """Back, this page anew, forward."""

    def turn(text: str, to: int) -> Button | None:
        return run(text, "cap", "top", str(size), str(to), in_place=True) if 1 <= to <= pages else None

    again = texts.plain("button.refresh")
    return [
        turn("◀ " + str(page - 1), page - 1),
        run(again, here, in_place=True) if here else turn(again, page),
        turn(f"{page + 1} ▶", page + 1),
    ]


def _product(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return EXACT.multiply(one, other) if known(one) and known(other) else None


def _percent_of(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    share = _quotient(part, whole)
    return share * 100 if share is not None else None


def _quotient(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """Not by zero, and not by what is below it, which no cap and no supply is."""
    return EXACT.divide(one, other) if known(one) and known(other) and other > 0 else None


def _supply(quote: Quote, texts: Texts) -> Html:
    supply = texts.numbers.compact(quote.supply)
    if not known(quote.max_supply):
        return texts("cap.supply_open", supply=supply)
    return texts("cap.supply", supply=supply, most=texts.numbers.compact(quote.max_supply))


def _bar(percent: Decimal | None, texts: Texts) -> Html:
    if percent is None:
        return Html()
    full = min(_BAR_CELLS, max(0, int(percent * _BAR_CELLS / 100)))
    return Html(f"\n{'▰' * full}{'▱' * (_BAR_CELLS - full)} {texts.numbers.share(percent)}")
