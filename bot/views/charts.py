"""Charts and tables to take away: what stands under the picture, and beside the file."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Protocol

from bot.domain.assets import Asset
from bot.domain.money import percent_change
from bot.domain.prices import Field, Period, Series, fields_of
from bot.domain.replies import Button, Document, Keyboard, Picture, Reply
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.texts.numbers import known
from bot.views import sources
from bot.views.keyboard import grid, keyboard, run

_MOST_NAMED = 8
_LONGEST_NAME = 24
_LONGEST_COINS = 300
_PER_ROW = 6


class Stats(Protocol):
    """What a table says about itself. `gaps`: share of rows without a value, 0 to 1, by column. `coins`: see below."""

    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def rows(self) -> int: ...
    @property
    def first(self) -> datetime: ...
    @property
    def last(self) -> datetime: ...
    @property
    def every(self) -> timedelta | None: ...
    @property
    def gaps(self) -> tuple[tuple[str, float], ...]: ...
    @property
    def missing(self) -> tuple[str, ...]: ...
    @property
    def coins(self) -> tuple[str, ...]: ...


def card(
    picture: Picture,
    series: Series,
    period: Period,
    field: Field,
    ticker: str,
    *,
    now: datetime,
    texts: Texts,
    zone: str = "",
    name: str = "",
    stale: bool = False,
) -> Reply:
    """One series drawn. `name`: the word that finds this coin again; the source's own id where it is not given."""
    write = texts.numbers.usd if field is Field.PRICE else texts.numbers.cap
    values = [value for value in series.values if known(value)]
    text = texts(
        "chart.card",
        ticker=label(ticker),
        field=texts(f"field.{field.value}"),
        period=texts(f"period.{period.value}"),
        first=write(values[0] if values else None),
        last=write(values[-1] if values else None),
        change=texts.numbers.percent(_change(values)),
        low=write(min(values, default=None)),
        high=write(max(values, default=None)),
        source=sources.line(series.fetched_at, series.source, now=now, texts=texts, zone=zone, stale=stale),
    )
    switches = _switches(name or series.symbol, period, field, fields_of(series.symbol), texts)
    return Reply(text, switches, picture=picture)


def coins(found: Mapping[str, Asset]) -> tuple[str, ...]:
    """By what was typed: who stands behind a column that is called otherwise, as by the source's own id, which may be
    another coin's ticker: `NVA = Novarium (NOVA)`.
    """
    typed = ((asset.ticker if word.startswith("=") else word.removeprefix("$"), asset) for word, asset in found.items())
    lines = (
        f"{label(name, 20)} = {label(asset.name, 28)} ({label(asset.symbol, 20)})"
        for name, asset in typed
        if name.upper() != asset.symbol
    )
    return tuple(dict.fromkeys(lines))


def export_done(document: Document, stats: Stats, *, texts: Texts, now: datetime, source: str = "CoinCodex") -> Reply:
    """A table ready to be worked with. Times in it are UTC, and so they are here."""
    every = texts.times.age(stats.every.total_seconds()) if stats.every else ""
    lines = [
        texts.plural("export.rows", stats.rows, columns=texts.plural("export.columns", len(stats.columns))),
        texts("export.every", every=every) if every else texts("export.raw"),
        _span(stats, texts, now),
        texts("export.coins", names=_fitting(stats.coins)) if stats.coins else "",
        _gaps(stats.gaps, texts),
        texts("export.missing", names=_named(stats.missing)) if stats.missing else "",
        texts("source.plain", source=sources.link(source)),
    ]
    return Reply("\n".join(filter(None, lines)), document=document)


def share(part: float, texts: Texts) -> str:
    """Of 1, in percent. A gap too small for a decimal is still a gap."""
    percent = Decimal(repr(part)) * 100
    least = Decimal("0.1")
    return f"< {texts.numbers.share(least)}" if 0 < percent < least else texts.numbers.share(percent)


def _change(values: Sequence[Decimal]) -> Decimal | None:
    return percent_change(values[0], values[-1]) if values else None


def _switches(name: str, period: Period, field: Field, fields: Sequence[Field], texts: Texts) -> Keyboard:
    """Periods, then `fields`; what is shown now is marked, and pressing it draws it anew."""

    def switch(text: str, to: Period, of: Field) -> Button | None:
        here = to is period and of is field
        return run(f"✓{text}" if here else text, "chart", name, to.value, of.value, in_place=True)

    periods = [switch(texts.plain(f"period.short.{each.value}"), each, field) for each in Period]
    others = [switch(texts.plain(f"field.{each.value}"), period, each) for each in fields]
    return keyboard(*grid(periods, _PER_ROW), others)


def _span(stats: Stats, texts: Texts, now: datetime) -> Html:
    first, last = texts.times.full(stats.first), texts.times.full(stats.last)
    return texts("export.span", first=first, last=last, age=texts.times.age((now - stats.last).total_seconds()))


def _gaps(gaps: Sequence[tuple[str, float]], texts: Texts) -> Html:
    """The columns with the most gaps first, and how many more there are."""
    holed = sorted((gap for gap in gaps if gap[1] > 0), key=lambda gap: -gap[1])
    if not holed:
        return texts("export.no_gaps")
    parts = ", ".join(f"{label(name, _LONGEST_NAME)} {share(part, texts)}" for name, part in holed[:_MOST_NAMED])
    more = len(holed) - _MOST_NAMED
    return texts("export.gaps", parts=f"{parts} +{more}" if more > 0 else parts)


def _fitting(lines: Sequence[str]) -> str:
    """As many as a caption has room for, and how many more there are."""
    ends = accumulate(len(line) + 2 for line in lines)
    kept = [line for line, end in zip(lines, ends, strict=True) if end <= _LONGEST_COINS]
    more = len(lines) - len(kept)
    return f"{', '.join(kept)} +{more}" if more else ", ".join(kept)


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    listed = ", ".join(label(name, _LONGEST_NAME) for name in names[:_MOST_NAMED])
    return f"{listed} +{more}" if more > 0 else listed
