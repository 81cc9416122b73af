"""The line under every figure: whose it is, how old it is, and whether the source still answers."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Protocol

from bot.texts import Html, Texts
from bot.texts.names import label

_LINKS = {"coincodex": "https://coincodex.com"}
_DATED_AFTER_S = 3600
_MIXED_AFTER_S = 60


class Sourced(Protocol):
    """A quote, or the market's totals: made `at`, told by `source`."""

    @property
    def at(self) -> datetime: ...
    @property
    def source(self) -> str: ...


def link(source: str) -> Html:
    """The source's name, leading to the page its terms ask us to name."""
    name = escape(label(source), quote=False)
    address = _LINKS.get(source.lower())
    return Html(f'<a href="{address}">{name}</a>' if address else name)


def line(
    at: datetime, source: str, *, now: datetime, texts: Texts, zone: str = "", stale: bool = False, mixed: bool = False
) -> Html:
    """`stale`: the source was asked again and did not answer. `mixed`: some figures above are younger than this."""
    age_s = (now - at).total_seconds()
    dated = texts("source.at", at=texts.times.at(at, now=now, zone=zone)) if age_s >= _DATED_AFTER_S else ""
    key = "source.stale" if stale else "source.mixed" if mixed else "source.fresh"
    return texts(key, source=link(source), age=texts.times.age(age_s), at=dated)


def line_of(things: Iterable[Sourced], *, now: datetime, texts: Texts, zone: str = "", stale: bool = False) -> Html:
    """One line for several: the oldest speaks for all. Empty for none."""
    sorted_ = sorted(things, key=lambda thing: thing.at)
    if not sorted_:
        return Html()
    oldest, newest = sorted_[0], sorted_[-1]
    mixed = (newest.at - oldest.at).total_seconds() > _MIXED_AFTER_S
    source = ", ".join(dict.fromkeys(thing.source for thing in sorted_))
    return line(oldest.at, source, now=now, texts=texts, zone=zone, stale=stale, mixed=mixed)
