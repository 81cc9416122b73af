"""Exchanges as they are told: one pair, several, one pair everywhere, and which exchanges there are."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from html import escape

from bot.domain.orders import Ticker, Traits, Wallet, plain
from bot.domain.rates import Listed, Place, Seen, Stand, UnknownPair, apart, median_price, price_of, prices_of, sound
from bot.domain.replies import Keyboard, Reply
from bot.texts import Html, Texts
from bot.texts.names import cells, column, label
from bot.texts.numbers import UNKNOWN, known
from bot.views import sources
from bot.views.keyboard import grid, keyboard, run

_MOST_NAMED = 40
_MOST_LIKE = 3
_LONGEST_FIGURE = 24
_OLD = timedelta(minutes=1)
_VIEWS = {"candles": "button.candles", "depth": "button.depth", "ticker": "button.ticker", "trades": "button.trades"}
_WALLETS = {Wallet.SPOT: "wallet.spot", Wallet.MARGIN: "wallet.margin", Wallet.FUNDING: "wallet.funding"}
_SECRETS = {
    "key": "exchanges.secret.key",
    "secret": "exchanges.secret.secret",
    "password": "exchanges.secret.password",
}


def ticker(place: Place, seen: Seen, *, now: datetime, texts: Texts, zone: str = "") -> Reply:
    """One pair at one exchange."""
    one, write, market = seen.ticker, texts.numbers, place.market
    text = texts(
        "ticker.card",
        symbol=label(market.symbol),
        exchange=label(place.traits.title),
        contract=texts("ticker.contract") if market.contract else "",
        price=write.price_short(price_of(one)),
        quote=label(market.quote, 12),
        base=label(market.base, 12),
        day=write.percent(one.change_24h),
        bid=exact(one.bid, texts),
        ask=exact(one.ask, texts),
        spread=spread(one.bid, one.ask, texts),
        low=write.price_short(one.low_24h),
        high=write.price_short(one.high_24h),
        volume=write.compact(one.volume_base),
        turnover=write.compact(one.volume_quote),
        source=source(place.traits, one, now=now, texts=texts, zone=zone, stale=seen.stale),
    )
    return Reply(text, switches("ticker", place, texts))


def tickers(found: Sequence[tuple[Place, Seen | None]], *, now: datetime, texts: Texts, zone: str = "") -> Reply:
    """Several pairs, one a line; None for one whose price its exchange does not tell."""
    write, many = texts.numbers, len({place.traits.name for place, _ in found}) > 1
    lines = [
        (
            f"{label(place.market.symbol, 20)}{f' {label(place.traits.title, 10)}' if many else ''}",
            write.price_short(price_of(seen.ticker) if seen else None),
            *_arrow_last(write.percent(seen.ticker.change_24h if seen else None)),
        )
        for place, seen in found
    ]
    told = [seen for _, seen in found if seen]
    oldest = min(told, key=lambda seen: _at(seen.ticker), default=None)
    titles = ", ".join(dict.fromkeys(place.traits.title for place, _ in found))
    last = (
        sources.line(_at(oldest.ticker), titles, now=now, texts=texts, zone=zone, stale=any(s.stale for s in told))
        if oldest
        else texts("source.plain", source=label(titles))
    )
    vendors = {place.traits.name for place, _ in found}
    words = [place.market.symbol for place, _ in found] + (sorted(vendors) if len(vendors) == 1 else [])
    refresh = run(texts.plain("button.refresh"), "ticker", *words, in_place=True)
    return Reply("\n".join([table(lines), last]), keyboard([refresh]))


def compare(symbol: str, stands: Sequence[Stand], *, now: datetime, texts: Texts) -> Reply:
    """One pair, exchange by exchange: offers, how far they lie apart, who is stale or silent."""
    lines = [_stand_line(stand, now, texts) for stand in stands]
    fresh = [stand for stand in stands if stand.seen and not _is_stale(stand.seen, now)]
    parts = [
        texts("compare.head", symbol=label(symbol)),
        table([(texts.plain("compare.exchange"), texts.plain("compare.bid"), texts.plain("compare.ask"), ""), *lines]),
        *_apart(symbol, fresh, texts),
    ]
    names = [(stand.traits.title, stand.traits.name) for stand in stands if stand.seen]
    buttons = [run(f"📈 {label(title, 20)}", "candles", symbol, "1h", name) for title, name in names]
    refresh = run(texts.plain("button.refresh"), "compare", symbol, in_place=True)
    return Reply("\n".join(filter(None, parts)), keyboard([refresh], *grid(buttons, 2)))


def venues(listed: Sequence[Listed], others: Sequence[str], texts: Texts) -> Reply:
    """What is on and can do what; `others`: what the library knows beside."""
    blocks = [_venue(each, first=n == 0, texts=texts) for n, each in enumerate(listed)] or [texts("exchanges.none")]
    named = [label(other, 24) for other in others[:_MOST_NAMED]]
    more = f"{', '.join(named)}{' …' if len(others) > _MOST_NAMED else ''}"
    add = texts("exchanges.more", count=texts.numbers.count(len(others)), names=more) if others else ""
    buttons = [run(f"BTC · {label(each.traits.title, 20)}", "ticker", "BTC", each.traits.name) for each in listed]
    return Reply("\n\n".join(filter(None, [texts("exchanges.head"), *blocks, add])), keyboard(*grid(buttons, 2)))


def unknown(error: UnknownPair, texts: Texts, command: str) -> Reply:
    """`command`: the line as typed; a button runs it for a pair that may have been meant."""
    typed, where = label(error.typed, 32), label(error.exchange)
    text = texts(error.key, typed=typed, exchange=where) if error.exchange else texts("pair.nowhere", typed=typed)
    first, *words = command.split()
    same = [word for word in words if word.upper() != error.typed.upper()]
    again = same if len(same) < len(words) else []
    buttons = [run(label(symbol, 32), first, symbol, *again) for symbol in error.closest[:_MOST_LIKE]]
    return Reply(text, keyboard(buttons))


def switches(here: str, place: Place, texts: Texts, *, every: str = "1h", again: Sequence[str] = ()) -> Keyboard:
    """The same pair anew, seen otherwise, and at other exchanges. `again`: the words behind the symbol, as they were
    asked for.
    """
    symbol, name = place.market.symbol, place.traits.name
    more = {"candles": [every]}
    refresh = run(texts.plain("button.refresh"), here, symbol, *again, name, in_place=True)
    other = [
        run(texts.plain(word), view, symbol, *more.get(view, []), name, in_place=True)
        for view, word in _VIEWS.items()
        if view != here
    ]
    elsewhere = [
        run(label(each.title, 20), here, symbol, *again, each.name, in_place=True) for each in place.others[:3]
    ]
    side = [run(texts.plain("button.compare"), "compare", symbol)] if place.others else []
    return keyboard([refresh], other, [*elsewhere, *side])


def source(traits: Traits, one: Ticker, *, now: datetime, texts: Texts, zone: str = "", stale: bool = False) -> Html:
    return sources.line(_at(one), traits.title, now=now, texts=texts, zone=zone, stale=stale)


def exact(value: Decimal | None, texts: Texts) -> str:
    """As the exchange wrote it, without idle zeros: where a step of the price counts, nothing may be rounded."""
    if not known(value):
        return UNKNOWN
    full = texts.numbers.amount(plain(value))
    if len(full) <= _LONGEST_FIGURE:
        return full
    return texts.numbers.price_short(value) if value.adjusted() < _LONGEST_FIGURE else UNKNOWN


def spread(bid: Decimal | None, ask: Decimal | None, texts: Texts) -> str:
    """The gap between the best two offers, in percent; as small as it may be."""
    low, high = sound(bid), sound(ask)
    if low is None or high is None or not known(low) or not known(high):
        return UNKNOWN
    return percent_apart(low, high, low, texts)


def percent_apart(low: Decimal, high: Decimal, of: Decimal, texts: Texts) -> str:
    """Unsigned, two decimals: 2.31%; what rounds to nothing is said to be less than the least."""
    share = abs(apart(low, high, of))
    least = Decimal("0.01")
    text = texts.numbers.percent(max(share, least)).partition("\u00a0")[2].lstrip("+")
    return f"< {text}" if 0 < share < least else text if share else "0%"


def table(lines: Sequence[tuple[str, ...]]) -> Html:
    """The first column to the left, the last as it comes, those between to the right."""
    widths = [max(map(cells, part)) for part in zip(*lines, strict=True)]
    rows = (
        "  ".join(
            [column(first, widths[0]), *(f"{part:>{width}}" for part, width in zip(middle, widths[1:-1], strict=True)),
             last]
        ).rstrip()
        for first, *middle, last in lines
    )  # fmt: skip
    return Html(f"<pre>{escape(chr(10).join(rows), quote=False)}</pre>")


def _at(one: Ticker) -> datetime:
    return one.at or one.fetched_at


def _arrow_last(percent: str) -> tuple[str, str]:
    arrow, _, figure = percent.partition("\u00a0")
    return (figure, arrow) if figure else (percent, "")


def _stand_line(stand: Stand, now: datetime, texts: Texts) -> tuple[str, str, str, str]:
    title = label(stand.traits.title, 12)
    if stand.seen is None:
        return title, UNKNOWN, UNKNOWN, texts.plain(stand.fault or "compare.silent")
    one = stand.seen.ticker
    age = texts.times.age((now - _at(one)).total_seconds())
    return title, exact(one.bid or one.last, texts), exact(one.ask or one.last, texts), (
        f"⚠️ {age}" if _is_stale(stand.seen, now) else age
    )  # fmt: skip


def _is_stale(seen: Seen, now: datetime) -> bool:
    """Also where the exchange answers, and itself calls its price old."""
    return seen.stale or now - _at(seen.ticker) > _OLD


def _apart(symbol: str, fresh: Sequence[Stand], texts: Texts) -> list[Html]:
    """Over those that answer: the middle, the farthest apart, and where it is best to sell and to buy."""
    tickers_ = [(stand.traits.title, stand.seen.ticker) for stand in fresh if stand.seen]
    prices, middle = prices_of(one for _, one in tickers_), median_price(one for _, one in tickers_)
    if len(prices) < 2 or middle is None:
        return [texts("compare.one")] if prices else []
    quote = label(symbol.partition("/")[2].partition(":")[0], 12)
    bids = [(bid, title) for title, one in tickers_ if (bid := sound(one.bid))]
    asks = [(ask, title) for title, one in tickers_ if (ask := sound(one.ask))]
    lines = [
        texts(
            "compare.apart",
            median=texts.numbers.price_short(middle),
            quote=quote,
            apart=percent_apart(min(prices), max(prices), middle, texts),
        )
    ]
    if bids and asks:
        (bid, sell), (ask, buy) = max(bids), min(asks)
        best = {"bid": exact(bid, texts), "sell": label(sell), "ask": exact(ask, texts), "buy": label(buy)}
        lines.append(texts("compare.best", **best))
    return lines


def _venue(each: Listed, *, first: bool, texts: Texts) -> Html:
    traits, count = each.traits, texts.numbers.count
    wallets = ", ".join(texts.plain(_WALLETS[wallet]) for wallet in traits.wallets)
    pairs = (
        texts("exchanges.pairs", pairs=count(each.pairs), contracts=count(each.contracts), margin=count(each.margin))
        if each.pairs is not None
        else texts("exchanges.not_asked")
    )
    can = [texts.plain("exchanges.market_data"), texts.plain("exchanges.orders")]
    can += [texts.plain("exchanges.by_cost")] if traits.buys_by_cost else []
    can += [texts.plain("exchanges.margin")] if Wallet.MARGIN in traits.wallets else []
    return texts(
        "exchanges.one",
        title=label(traits.title),
        first=texts("exchanges.first") if first else "",
        names=", ".join((traits.name, *traits.aliases)),
        pairs=pairs,
        can=" · ".join(can),
        wallets=wallets,
        secrets=", ".join(texts.plain(_SECRETS[secret]) for secret in traits.secrets),
    )
