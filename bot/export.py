"""The shell's side of the wide table: the chat's words, the same source and the same table, written to a file."""

import argparse
import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

from bot import logs
from bot.charts import Charts, TableFormat, TableRequest, TableStats, parse_every
from bot.charts.requests import column_name, every_text
from bot.domain.assets import Asset, Symbol
from bot.domain.errors import BotError, Unavailable, UserMistake
from bot.domain.ports import PriceSource
from bot.domain.prices import Field, Period, Samples, Series, SeveralCoins, UnknownCoin, by_field, columns_of
from bot.domain.users import User
from bot.providers.prices import coincodex
from bot.scheduler import Nursery, SystemClock
from bot.services.prices import Prices
from bot.settings import Settings
from bot.texts import Catalogue, Texts
from bot.texts.names import label
from bot.views import charts as view
from bot.views import errors
from bot.views.keyboard import own_word
from handlers import _parse as parse

INCOMPLETE, USAGE = 1, 2
MOST_COINS = 1_000
NOBODY = User(0, "")
"""Who types in a shell has never picked which coin a ticker means."""

T = TypeVar("T")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed, read as the chat reads it. `fields` is empty where none were named."""

    coins: Sequence[str]
    period: Period
    fields: Sequence[Field]
    samples: Samples
    every: timedelta | None
    raw: bool
    format: TableFormat
    out: Path


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of it. `coins`: by the word that named each; `failure`: why the source did not give what is `left`."""

    coins: Mapping[str, Asset]
    unknown: Sequence[UnknownCoin]
    columns: tuple[tuple[Symbol, Field], ...]
    series: Sequence[Series]
    left: Sequence[tuple[Symbol, Field]] = ()
    failure: Unavailable | None = None

    def without(self, names: Sequence[str]) -> list[str]:
        """The words whose coins the source was asked for and has nothing of. `names`: of the columns that there are."""
        had = {symbol for symbol, field in self.columns if column_name(symbol, field) in names}
        had |= {symbol for symbol, _ in self.left}
        return [word for word, asset in self.coins.items() if asset.symbol not in had]


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Exit code 0; 1 where something has no data (the rest is written) or nothing could be written; 2 for usage."""
    logs.set_up("error", "text", settings.secrets())  # that the source does not serve is said in words here
    console, texts = Console(stderr=True), Catalogue.load().pick("en")
    # Lines stay whole: who reads them through a pipe looks for names in them.
    say: Say = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    try:
        wish = _read(arguments)
    except UserMistake as mistake:
        say(_words(mistake, texts))
        return USAGE
    try:
        return asyncio.run(_export(settings, wish, console, say, texts))
    except BotError as error:
        say(_words(error, texts))
    except OSError as error:
        say(f"{wish.out} cannot be written: {error.strerror}")
    return INCOMPLETE


def _read(arguments: argparse.Namespace) -> Wish:
    """Raises UserMistake."""
    suffix = arguments.out.suffix.removeprefix(".") or TableFormat.CSV.value
    fields = [_meant(parse.FIELDS, word, "field.unknown") for word in parse.words([arguments.fields])]
    return Wish(
        coins=parse.coins(arguments.coins, MOST_COINS, usage="export"),
        period=_meant(parse.PERIODS, arguments.period, "period.unknown"),
        fields=tuple(dict.fromkeys(fields)),
        samples=_meant(parse.SAMPLES, arguments.samples, "samples.unknown"),
        every=parse_every(arguments.every) if arguments.every else None,
        raw=arguments.raw,
        format=_meant({form.value: form for form in TableFormat}, suffix, "format.unknown"),
        out=arguments.out,
    )


def _meant(known: Mapping[str, T], typed: str, mistake: str) -> T:
    meant = known.get(typed.strip().lower())
    if meant is None:
        raise UserMistake(mistake, typed=typed)
    return meant


async def _export(settings: Settings, wish: Wish, console: Console, say: Say, texts: Texts) -> int:
    clock, nursery, charts = SystemClock(), Nursery(), Charts()
    source = coincodex.build(coincodex.CoinCodexSection(settings.coincodex_url, settings.proxy("coincodex"), clock))
    try:
        coins, unknown = await Prices(source, clock, nursery).find_all(wish.coins, NOBODY)
        taken = await _take(source, wish, coins, unknown, console)
        stats = await _write(charts, wish, taken)
    finally:
        await nursery.close()
        await charts.close()
        await source.close()
    _tell_table(stats, wish, texts, say)
    return _tell_missing(taken, stats, texts, say)


async def _take(
    source: PriceSource, wish: Wish, coins: Mapping[str, Asset], unknown: Sequence[UnknownCoin], console: Console
) -> Taken:
    """As many coins a call as the source takes. What came before it failed is kept; raises where that is nothing."""
    columns = columns_of(dict.fromkeys(asset.symbol for asset in coins.values()), wish.fields)
    size = coincodex.ASSETS_A_CALL[wish.samples]
    calls = [
        (field, symbols[start : start + size])
        for field, symbols in by_field(columns).items()
        for start in range(0, len(symbols), size)
    ]
    found: list[Series] = []
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("CoinCodex", total=len(columns))
        for done, (field, symbols) in enumerate(calls):
            try:
                found += (await source.series(symbols, wish.period, field, wish.samples)).values()
            except Unavailable as failure:
                if not found:
                    raise
                left = [(symbol, field) for field, symbols in calls[done:] for symbol in symbols]
                return Taken(coins, unknown, columns, found, left, failure)
            progress.advance(task, len(symbols))
    return Taken(coins, unknown, columns, found)


async def _write(charts: Charts, wish: Wish, taken: Taken) -> TableStats | None:
    """None where there is nothing to write."""
    if not any(series.values for series in taken.series):
        return None
    asked = tuple(column for column in taken.columns if column not in taken.left)
    request = TableRequest(taken.series, wish.every, wish.raw, wish.format, asked, view.coins(taken.coins))
    result = await charts.table(request)
    wish.out.write_bytes(result.content)
    return result.stats


def _tell_table(stats: TableStats | None, wish: Wish, texts: Texts, say: Say) -> None:
    if stats is None:
        say(f"{wish.out} is not written, as there is nothing to write:")
        return
    grid = f"every {every_text(stats.every)}" if stats.every else "the source's own times"
    span = f"{stats.first:%Y-%m-%d %H:%M} to {stats.last:%Y-%m-%d %H:%M} UTC"
    say(f"{wish.out}: {stats.rows} rows, {span}, {grid}")
    for coin in stats.coins:
        say(f"  {coin}")
    for name, share in stats.gaps:
        say(f"  {name}: {f'{view.share(share, texts)} gaps' if share else 'no gaps'}")
    if stats.missing:
        say(f"  left out, as there is nothing in them: {', '.join(stats.missing)}")
    say(f"  {stats.attribution}")


def _tell_missing(taken: Taken, stats: TableStats | None, texts: Texts, say: Say) -> int:
    """The exit code, and why it is not 0."""
    without = taken.without(stats.columns if stats else ())
    if without:
        say(f"  no data at all: {', '.join(without)}")
    for one in taken.unknown:
        say(f"  {_words(one, texts)}")
    if taken.failure:
        say(f"  not fetched: {', '.join(column_name(*column) for column in taken.left)}")
        say(f"  {_words(taken.failure, texts)}")
    return INCOMPLETE if without or taken.unknown or taken.failure else 0


def _words(error: BotError, texts: Texts) -> str:
    """What happened. What a chat adds to it, on money and on what to press, has no place in a shell."""
    if isinstance(error, SeveralCoins):
        # In quotes: some shells take a leading = for themselves.
        names = (f"'{own_word(quote.asset)}' ({label(quote.asset.name)})" for quote in error.candidates)
        return f"Several coins are called {error.ticker}. Say which one: {', '.join(names)}"
    return errors.of(error, texts).plain.partition("\n")[0]
