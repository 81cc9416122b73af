"""From typed words to values; what cannot be read is a UserMistake with the key of its text."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TypeVar
from zoneinfo import available_timezones

from bot.domain.errors import UserMistake
from bot.domain.prices import Field, Period, Samples
from bot.domain.words import legible

T = TypeVar("T")

MOST_COINS = 10
LONGEST_WORD = 64
LONGEST_REPEATED = 32

PERIODS = {period.value: period for period in Period} | {
    "24h": Period.DAY,
    "1w": Period.WEEK,
    "week": Period.WEEK,
    "1m": Period.MONTH,
    "month": Period.MONTH,
    "90d": Period.QUARTER,
    "365d": Period.YEAR,
    "12m": Period.YEAR,
    "year": Period.YEAR,
    "max": Period.ALL,
}
FIELDS = {field.value: field for field in Field} | {
    "mc": Field.CAP,
    "mcap": Field.CAP,
    "market_cap": Field.CAP,
    "vol": Field.VOLUME,
}
_LIKE_A_PERIOD = re.compile(r"[0-9]{1,4}(?:min|mo|[mhdwy]|分钟|小时|天|日|周|个?月|年)", re.ASCII | re.IGNORECASE)
SAMPLES = {samples.value: samples for samples in Samples}


def words(args: Sequence[str]) -> list[str]:
    """Commas part words as spaces do: `BTC,ETH` and `btc, eth` are the same."""
    return [word for part in parts(args) for word in part]


def parts(args: Sequence[str]) -> list[list[str]]:
    """The words before, between and behind commas: a name of several words stands in one part."""
    return [part.split() for part in legible(" ".join(args)).split(",")]


def coins(args: Sequence[str], most: int = MOST_COINS, *, usage: str = "price") -> list[str]:
    """At least one, each once, in the order typed. `usage`: the command whose line is shown where there is none."""
    typed = list(dict.fromkeys(word.upper() for word in words(args)))
    if not typed:
        raise UserMistake("symbol.none", usage=usage)
    if len(typed) > most:
        raise UserMistake("symbols.too_many", most=most)
    if any(len(word) > LONGEST_WORD for word in typed):
        raise UserMistake("symbol.unknown", typed=max(typed, key=len)[:LONGEST_WORD])
    return typed


def no_periods(typed: Sequence[str]) -> list[str]:
    """Words that read like a period and are none that there is. There are coins with such tickers, too."""
    return [word for word in typed if _LIKE_A_PERIOD.fullmatch(word) and word.lower() not in PERIODS]


def again(typed: str) -> str:
    """What a button repeats to find the same coin; empty where it would leave the button no room."""
    return typed if len(typed.encode()) <= LONGEST_REPEATED else ""


def take(typed: list[str], known: Mapping[str, T]) -> T | None:
    """Removes the first word that `known` knows, and returns what it means."""
    for at, word in enumerate(typed):
        if word.lower() in known:
            del typed[at]
            return known[word.lower()]
    return None


def take_all(typed: list[str], known: Mapping[str, T]) -> list[T]:
    """Removes every word that `known` knows."""
    found = []
    while (value := take(typed, known)) is not None:
        found.append(value)
    return list(dict.fromkeys(found))


def take_after(typed: list[str], name: str, read: Callable[[str], T]) -> T | None:
    """Removes `name` and the word behind it, and returns what that word means: `every 1d`."""
    lower = [word.lower() for word in typed]
    if name not in lower:
        return None
    at = lower.index(name)
    value = read(typed[at + 1] if at + 1 < len(typed) else "")
    del typed[at : at + 2]
    return value


def zone(typed: str) -> str:
    """An IANA zone in any case, or the last part of its name: `berlin` is Europe/Berlin."""
    wanted = typed.strip().lower().replace(" ", "_")
    names = _zones()
    by_lower = {name.lower(): name for name in names}
    if wanted in by_lower:
        return by_lower[wanted]
    cities = sorted(name for name in names if name.lower().rpartition("/")[2] == wanted)
    if not wanted or not cities:
        raise UserMistake("zone.unknown", typed=typed[:LONGEST_WORD])
    return cities[0]


@cache
def _zones() -> frozenset[str]:
    """Read once: it walks through a folder of some hundred files."""
    return frozenset(available_timezones())


def whole(typed: str, least: int, most: int) -> int:
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 19 and least <= int(typed) <= most):
        raise UserMistake("number.unreadable", typed=typed[:LONGEST_WORD], least=least, most=most)
    return int(typed)
