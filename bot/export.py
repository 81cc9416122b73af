"""The shell's side of the wide table: the same source, the same table as in the chat, written to a file."""

import argparse
import asyncio
from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

from bot import logs
from bot.charts import Charts, TableFormat, TableRequest, TableStats, parse_every
from bot.domain.assets import Symbol
from bot.domain.errors import BotError, UserMistake
from bot.domain.prices import Field, Period, Samples, Series
from bot.providers.prices import coincodex
from bot.scheduler import SystemClock
from bot.settings import Settings
from bot.texts import Catalogue
from bot.views import errors

INCOMPLETE = 1
Word = TypeVar("Word", bound=StrEnum)


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Exit code 0, or 1 where a coin has no data (the rest is written) or nothing could be written."""
    logs.set_up("warning", "text", settings.secrets())
    console = Console(stderr=True)
    try:
        stats = asyncio.run(_export(settings, arguments, console))
    except BotError as error:
        words = errors.of(error, Catalogue.load().pick("en"), now=SystemClock().now()).plain
        console.print(words, markup=False, highlight=False)
        return INCOMPLETE
    except OSError as error:
        console.print(f"{arguments.out} cannot be written: {error.strerror}", markup=False, highlight=False)
        return INCOMPLETE
    without = [coin for coin in _coins(arguments) if not any(name.startswith(f"{coin}_") for name in stats.columns)]
    _report(stats, arguments, without, console)
    return INCOMPLETE if without else 0


async def _export(settings: Settings, arguments: argparse.Namespace, console: Console) -> TableStats:
    symbols, fields = _coins(arguments), _fields(arguments.fields)
    period, samples = (
        _one_of(Period, "period.unknown", arguments.period),
        _one_of(Samples, "samples.unknown", arguments.samples),
    )
    form = _one_of(TableFormat, "format.unknown", arguments.out.suffix.removeprefix(".") or "csv")
    every = parse_every(arguments.every) if arguments.every else None
    clock = SystemClock()
    source = coincodex.build(coincodex.CoinCodexSection(settings.coincodex_url, settings.proxy("coincodex"), clock))
    charts = Charts()
    try:
        found: list[Series] = []
        with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
            task = progress.add_task("CoinCodex", total=len(fields) * len(symbols))
            for field in fields:
                for symbol in symbols:
                    found += (await source.series([symbol], period, field, samples)).values()
                    progress.advance(task)
        request = TableRequest(found, every, arguments.raw, form, tuple(symbols), tuple(fields))
        result = await charts.table(request)
        arguments.out.write_bytes(result.content)
        return result.stats
    finally:
        await charts.close()
        await source.close()


def _coins(arguments: argparse.Namespace) -> list[Symbol]:
    return list(dict.fromkeys(Symbol(coin) for word in arguments.coins for coin in word.upper().split(",") if coin))


def _fields(text: str) -> Sequence[Field]:
    return [_one_of(Field, "field.unknown", name.strip()) for name in text.split(",") if name.strip()]


def _one_of(kind: type[Word], mistake: str, typed: str) -> Word:
    try:
        return kind(typed.lower())
    except ValueError:
        raise UserMistake(mistake, typed=typed) from None


def _report(stats: TableStats, arguments: argparse.Namespace, without: Sequence[str], console: Console) -> None:
    grid = f"every {stats.every}" if stats.every else "the source's own times"
    span = f"{stats.first:%Y-%m-%d %H:%M} to {stats.last:%Y-%m-%d %H:%M} UTC"
    console.print(f"{arguments.out}: {stats.rows} rows, {span}, {grid}", highlight=False)
    for name, share in stats.gaps:
        console.print(f"  {name}: {share:.1%} gaps", highlight=False)
    if stats.missing:
        console.print(f"  left out, as there is nothing in them: {', '.join(stats.missing)}", highlight=False)
    if without:
        console.print(f"  no data at all: {', '.join(without)}", style="bold red", highlight=False)
    console.print(f"  {stats.attribution}", style="dim")
