"""One pair of one exchange, closer: its candles, its book, what was traded."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.domain.money import EXACT, percent_change
from bot.domain.orders import Candle, Depth, Side, Trade, plain
from bot.domain.rates import Place, apart, sound
from bot.domain.replies import Button, Document, Picture, Reply
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.texts.numbers import UNKNOWN, known
from bot.views import sources
from bot.views.exchanges import exact, spread, switches, table
from bot.views.keyboard import grid, keyboard, run

STEPS = ("5m", "15m", "1h", "4h", "1d", "1w")
_LEVELS = 5
_MOST_TRADES = 30


def candles(
    picture: Picture,
    place: Place,
    found: Sequence[Candle],
    every: str,
    count: int,
    *,
    now: datetime,
    texts: Texts,
    zone: str = "",
    since: str = "",
    stale: bool = False,
) -> Reply:
    """`count`: how many were asked for; `since`: the word that said from when, which the buttons repeat."""
    write, quote = texts.numbers, label(place.market.quote, 12)
    first, last = found[0], found[-1]
    text = texts(
        "candles.card",
        symbol=label(place.market.symbol),
        exchange=label(place.traits.title),
        every=every,
        count=write.count(len(found)),
        first=write.price_short(first.open),
        last=write.price_short(last.close),
        quote=quote,
        change=write.percent(_change(first.open, last.close)),
        low=write.price_short(_least([each.low for each in found])),
        high=write.price_short(_most([each.high for each in found])),
        volume=write.compact(_sum([each.volume for each in found])),
        base=label(place.market.base, 12),
        span=_span(found, now=now, texts=texts, zone=zone),
        source=sources.line(last.at, place.traits.title, now=now, texts=texts, zone=zone, stale=True)
        if stale
        else texts("source.plain", source=label(place.traits.title)),
    )
    again = [every, str(count), *([since] if since else [])]
    symbol, name = place.market.symbol, place.traits.name
    steps = [_step(each, every, [symbol, each, str(count), name]) for each in STEPS]
    table_ = run(texts.plain("button.csv"), "candles", symbol, *again, name, "csv")
    rows = switches("candles", place, texts, every=every, again=again)
    return Reply(text, keyboard(*grid(steps, 6), *rows, [table_]), picture=picture)


def candles_file(
    place: Place,
    found: Sequence[Candle],
    every: str,
    *,
    now: datetime,
    texts: Texts,
    zone: str = "",
) -> Reply:
    """The table; its times have the reader's own offset, and so they are told here."""
    text = texts(
        "candles.file",
        symbol=label(place.market.symbol),
        exchange=label(place.traits.title),
        every=every,
        count=texts.numbers.count(len(found)),
        span=_span(found, now=now, texts=texts, zone=zone),
        zone=label(zone or "UTC"),
    )
    pair = re.sub(r"[^A-Z0-9]+", "-", place.market.symbol)
    return Reply(text, document=Document(_csv(found, texts, zone), f"{pair}_{every}_{place.traits.name}.csv"))


def trades(
    place: Place,
    found: Sequence[Trade],
    count: int,
    *,
    now: datetime,
    texts: Texts,
    zone: str = "",
    stale: bool = False,
) -> Reply:
    """Newest first, as many as fit."""
    head = {"symbol": label(place.market.symbol), "exchange": label(place.traits.title)}
    if not found:
        return Reply(texts("tape.none", **head), switches("trades", place, texts, again=[str(count)]))
    shown = list(reversed(found))[:_MOST_TRADES]
    lines = [_trade_line(each, now, texts) for each in shown]
    parts = [
        texts("tape.head", count=texts.numbers.count(len(found)), **head),
        table(lines),
        _sums(place, found, texts),
        sources.line(found[-1].at, place.traits.title, now=now, texts=texts, zone=zone, stale=stale),
    ]
    return Reply("\n".join(filter(None, parts)), switches("trades", place, texts, again=[str(count)]))


def depth(
    picture: Picture,
    place: Place,
    book: Depth,
    *,
    now: datetime,
    texts: Texts,
    zone: str = "",
    stale: bool = False,
) -> Reply:
    """The book drawn, and its best offers in figures."""
    bid, ask = (side[0][0] if side else None for side in (book.bids, book.asks))
    text = texts(
        "depth.card",
        symbol=label(place.market.symbol),
        exchange=label(place.traits.title),
        bid=exact(bid, texts),
        ask=exact(ask, texts),
        quote=label(place.market.quote, 12),
        spread=spread(bid, ask, texts),
        bids=_side(book.bids, place, texts),
        asks=_side(book.asks, place, texts),
        levels=_levels(book, texts),
        source=sources.line(book.fetched_at, place.traits.title, now=now, texts=texts, zone=zone, stale=stale),
    )
    return Reply(text, switches("depth", place, texts), picture=picture)


def _csv(found: Sequence[Candle], texts: Texts, zone: str) -> bytes:
    """Figures exactly as the exchange told them; what is no figure stays empty."""
    text = io.StringIO()
    write = csv.writer(text)
    write.writerow(("time", "open", "high", "low", "close", "volume"))
    for each in found:
        figures = (each.open, each.high, each.low, each.close, each.volume)
        row = (f"{plain(value):f}" if known(value) else "" for value in figures)
        write.writerow((texts.times.iso(each.at, zone=zone), *row))
    return text.getvalue().encode()


def _step(step: str, here: str, words: Sequence[str]) -> Button | None:
    return run(f"✓{step}" if step == here else step, "candles", *words, in_place=True)


def _span(found: Sequence[Candle], *, now: datetime, texts: Texts, zone: str) -> Html:
    ends = [texts.times.at(each.at, now=now, zone=zone) for each in (found[0], found[-1])]
    return texts("candles.span", first=ends[0], last=ends[1])


def _change(before: Decimal, after: Decimal) -> Decimal | None:
    return percent_change(before, after) if known(before) and known(after) else None


def _least(values: Sequence[Decimal]) -> Decimal | None:
    return min(filter(known, values), default=None)


def _most(values: Sequence[Decimal]) -> Decimal | None:
    return max(filter(known, values), default=None)


def _sum(values: Sequence[Decimal]) -> Decimal:
    total = Decimal(0)
    for value in filter(known, values):
        total = EXACT.add(total, value)
    return total


def _trade_line(each: Trade, now: datetime, texts: Texts) -> tuple[str, str, str, str]:
    age = texts.times.age((now - each.at).total_seconds())
    sign = {Side.BUY: "▲", Side.SELL: "▼", None: ""}[each.side]
    return age, exact(each.price, texts), exact(each.amount, texts), sign


def _sums(place: Place, found: Sequence[Trade], texts: Texts) -> Html:
    """How much of it was bought, and at what price on the average."""
    whole = [each for each in found if known(each.price) and known(each.amount) and each.amount > 0]
    total = _sum([each.amount for each in whole])
    if not total:
        return Html()
    bought = _sum([each.amount for each in whole if each.side is Side.BUY])
    paid = _sum([EXACT.multiply(each.price, each.amount) for each in whole])
    return texts(
        "tape.sums",
        amount=texts.numbers.compact(total),
        base=label(place.market.base, 12),
        average=texts.numbers.price_short(EXACT.divide(paid, total)),
        quote=label(place.market.quote, 12),
        bought=texts.numbers.share(EXACT.divide(bought * 100, total)) if any(each.side for each in whole) else UNKNOWN,
    )


def _side(offers: Sequence[tuple[Decimal, Decimal]], place: Place, texts: Texts) -> Html:
    """All of one side that is seen: how much, down or up to which price."""
    whole = [(price, amount) for price, amount in offers if sound(price) and known(price) and known(amount)]
    if not whole:
        return Html(UNKNOWN)
    best, last = whole[0][0], whole[-1][0]
    return texts(
        "depth.side",
        amount=texts.numbers.compact(_sum([amount for _, amount in whole])),
        base=label(place.market.base, 12),
        price=exact(last, texts),
        far=texts.numbers.percent(apart(best, last, best)).replace("▲\u00a0", "").replace("▼\u00a0", ""),
    )


def _levels(book: Depth, texts: Texts) -> Html:
    """The best few of both sides, one beside the other; what is missing stays empty."""

    def figure(value: Decimal) -> str:
        return exact(plain(value) if known(value) else None, texts)

    rows = []
    for n in range(_LEVELS):
        bid = [figure(value) for value in reversed(book.bids[n])] if n < len(book.bids) else ["", ""]
        ask = [figure(value) for value in book.asks[n]] if n < len(book.asks) else ["", ""]
        if any((*bid, *ask)):
            rows.append((*bid, *ask))
    return table(rows) if rows else Html()
