"""/ticker, /candles, /trades, /depth, /compare and /exchanges: what exchanges tell everybody."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.errors import UserMistake
from bot.domain.rates import Place
from bot.domain.replies import Reply
from bot.views import exchanges as view
from bot.views import pairs as closer
from handlers import _parse as parse
from handlers._call import Call, Command

DEFAULT_PAIR = "BTC"
STEPS = {
    **{f"{n}m": timedelta(minutes=n) for n in (1, 5, 15, 30)},
    **{f"{n}h": timedelta(hours=n) for n in (1, 4)},
    "1d": timedelta(days=1),
    "1w": timedelta(weeks=1),
}
WORDS_FOR_STEPS = {step: step for step in STEPS} | {
    "60m": "1h",
    "24h": "1d",
    "7d": "1w",
    "hour": "1h",
    "day": "1d",
    "week": "1w",
}
CANDLES, MOST_DRAWN, MOST_IN_A_FILE = 120, 300, 1000
TRADES, MOST_TRADES = 20, 100
CSV = {"csv": True}
FILLERS = {"on": None, "at": None}
_AGO = re.compile(r"(?P<count>[1-9][0-9]{0,3})(?P<unit>[hdw])", re.ASCII)
_DAY = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9](?:[Tt][0-2][0-9]:[0-5][0-9])?", re.ASCII)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


async def ticker(call: Call) -> Reply:
    """`ticker [exchange] btc/usdt eth-btc doge`: one pair's card, several as a table."""
    markets, typed, vendor = call.services.markets, *_words(call)
    found = await markets.find_all(typed or [DEFAULT_PAIR], vendor)
    places = [markets.place(name, market) for name, market in found]
    if len(places) == 1:
        place = places[0]
        return view.ticker(place, await markets.seen(place.traits.name, place.market.symbol), **call.shown)
    return view.tickers(list(zip(places, await markets.seen_at(places), strict=True)), **call.shown)


async def candles(call: Call) -> Reply:
    """`candles btc/usdt 1h [120] [2026-11-01 | 3d] [exchange] [csv]`, in any order."""
    typed, vendor = _words(call)
    table = bool(parse.take(typed, CSV))
    since_word = _after_since(typed)
    every = parse.take(typed, WORDS_FOR_STEPS) or "1h"
    since_word = since_word or _moment_in(typed)
    since = _since(since_word, call, STEPS[every]) if since_word else None
    count = _count(typed, CANDLES, MOST_IN_A_FILE if table else MOST_DRAWN)
    place = await _place(call, typed, vendor)
    found, stale = await call.services.markets.candles(place.traits.name, place.market.symbol, every, count, since)
    if not found:
        raise UserMistake("candles.none", symbol=place.market.symbol, exchange=place.traits.title)
    if table:
        return closer.candles_file(place, found, every, **call.shown)
    picture = await call.charts.candles(
        found, place.market, every=STEPS[every], title=f"{place.market.symbol} · {every}",
        source=place.traits.title, zone=call.zone,
    )  # fmt: skip
    return closer.candles(picture, place, found, every, count, since=since_word, stale=stale, **call.shown)


async def trades(call: Call) -> Reply:
    """`trades btc/usdt [20] [exchange]`: what anybody has traded last."""
    typed, vendor = _words(call)
    count = _count(typed, TRADES, MOST_TRADES)
    place = await _place(call, typed, vendor)
    found, stale = await call.services.markets.trades(place.traits.name, place.market.symbol, count)
    return closer.trades(place, found, count, stale=stale, **call.shown)


async def depth(call: Call) -> Reply:
    """`depth btc/usdt [exchange]`: the offers around the price, drawn and in figures."""
    place = await _place(call, *_words(call))
    book, stale = await call.services.markets.depth(place.traits.name, place.market.symbol)
    if not book.bids and not book.asks:
        raise UserMistake("depth.none", symbol=place.market.symbol, exchange=place.traits.title)
    picture = await call.charts.depth(
        book, place.market, title=place.market.symbol, source=place.traits.title, zone=call.zone
    )
    return closer.depth(picture, place, book, stale=stale, **call.shown)


async def compare(call: Call) -> Reply:
    """`compare btc/usdt`: every exchange that is on, side by side."""
    place = await _place(call, *_words(call))
    stands = await call.services.markets.compare(place.market.symbol)
    return view.compare(place.market.symbol, stands, now=call.now, texts=call.texts)


async def exchanges(call: Call) -> Reply:
    """What is on, what each can do, what could be added."""
    markets = call.services.markets
    return view.venues(markets.listed(), markets.could_add(), call.texts)


def _words(call: Call) -> tuple[list[str], str]:
    """The words of a line without the exchange among them, and that exchange; empty where none is named."""
    typed = parse.words(call.args)
    parse.take(typed, FILLERS)
    vendor = parse.take(typed, call.services.markets.names) or ""
    if len(typed) > 2 * parse.MOST_COINS or any(len(word) > parse.LONGEST_WORD for word in typed):
        raise UserMistake("symbols.too_many", most=parse.MOST_COINS)
    return typed, vendor


async def _place(call: Call, typed: list[str], vendor: str) -> Place:
    """Of the one pair that these words name."""
    markets = call.services.markets
    found = await markets.find_all(typed or [DEFAULT_PAIR], vendor)
    if len(found) > 1:
        raise UserMistake("pair.only_one", usage=call.commands[call.name].name)
    return markets.place(*found[0])


def _count(typed: list[str], usual: int, most: int) -> int:
    """The first word that is a number; it is taken out."""
    for at, word in enumerate(typed):
        if word.isdecimal():
            del typed[at]
            return parse.whole(word, 1, most)
    return min(usual, most)


def _after_since(typed: list[str]) -> str:
    """The word behind `since`, whatever it is; both are taken out."""
    word = parse.take_after(typed, "since", str)
    if word == "":
        raise UserMistake("since.unreadable", typed="since")
    return word or ""


def _moment_in(typed: list[str]) -> str:
    """`2026-11-01`, `2026-11-01T08:00` or `3d` (ago) without `since`; it is taken out."""
    word = next((each for each in typed if _AGO.fullmatch(each.lower()) or _DAY.fullmatch(each)), "")
    if word:
        typed.remove(word)
    return word


def _since(typed: str, call: Call, step: timedelta) -> datetime:
    """By the reader's own clock. Raises UserMistake for what is no moment of the past."""
    if ago := _AGO.fullmatch(typed.lower()):
        return _whole(call.now - int(ago["count"]) * _UNITS[ago["unit"]], step)
    try:
        at = datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(call.zone or "UTC")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UserMistake("since.unreadable", typed=typed[:40]) from None
    if at >= call.now:
        raise UserMistake("since.unreadable", typed=typed[:40])
    return at


def _whole(moment: datetime, step: timedelta) -> datetime:
    """When the candle began that holds it: who asks again for the last three days asks for the same candles."""
    step_s = min(step, timedelta(days=1)).total_seconds()
    return datetime.fromtimestamp(moment.timestamp() // step_s * step_s, UTC)


COMMANDS = (
    Command("ticker", ticker, aliases=("t",), groups=True),
    Command("candles", candles, aliases=("cs", "kline"), groups=True, action="upload_photo"),
    Command("trades", trades, groups=True),
    Command("depth", depth, aliases=("book",), groups=True, action="upload_photo"),
    Command("compare", compare, groups=True),
    Command("exchanges", exchanges, groups=True),
)
