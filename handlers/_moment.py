"""From typed words to a moment: a date, a time of the clock, a zone."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.errors import UserMistake
from bot.domain.schedules import WEEKDAYS, moment_of
from handlers import _parse as parse

_CLOCK = re.compile(r"(?P<hour>[01]?[0-9]|2[0-3])[:.](?P<minute>[0-5][0-9])", re.ASCII)
_DATE = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]", re.ASCII)
_DAYS = {"today": 0, "tomorrow": 1, "今天": 0, "明天": 1}


def read(words: Sequence[str], *, now: datetime, zone: str) -> tuple[datetime, str]:
    """`2026-11-24 09:00 Europe/Berlin`, `tomorrow 9:00`, `09:00`: when that is, UTC, and by whose clock.

    Without a date: the next time that the clock shows it. `zone`: where none is typed.
    """
    rest = list(words)
    day, at = _day(rest), clock(rest)
    place = parse.zone(" ".join(rest)) if rest else zone
    today = now.astimezone(ZoneInfo(place)).date()
    if isinstance(day, date):
        return moment_of(day, at, place), place
    when = moment_of(today + timedelta(days=day or 0), at, place)
    return (when if when > now or day is not None else moment_of(today + timedelta(days=1), at, place)), place


def clock(words: list[str]) -> time:
    """Removes the first word that is a time of the clock, and returns it. Raises UserMistake."""
    for at, word in enumerate(words):
        if match := _CLOCK.fullmatch(word):
            del words[at]
            return time(int(match["hour"]), int(match["minute"]))
    raise UserMistake("time.unreadable", typed=" ".join(words)[:40])


def weekday(words: list[str]) -> int | None:
    """Removes the first word that names a day of the week; 0 is Monday. None where there is none."""
    for at, word in enumerate(words):
        if word.isascii() and word.isalpha() and (name := word.lower()[:3]) in WEEKDAYS:
            del words[at]
            return WEEKDAYS.index(name)
    return None


def _day(words: list[str]) -> date | int | None:
    """A date, or how many days from today."""
    for at, word in enumerate(words):
        if word.lower() in _DAYS:
            del words[at]
            return _DAYS[word.lower()]
        if _DATE.fullmatch(word):
            del words[at]
            try:
                return date.fromisoformat(word)
            except ValueError:
                raise UserMistake("time.unreadable", typed=word) from None
    return None
