"""Times as people read them: ages in words, moments in the reader's own zone."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import DateTimePattern, get_timezone_location, parse_pattern

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400
_STEPS = ((_DAY_S * 2, _DAY_S, "days"), (_HOUR_S, _HOUR_S, "hours"), (_MINUTE_S, _MINUTE_S, "minutes"))


class Times:
    """Patterns compiled once from Babel's data for a language; the words come from its catalogue by `say`."""

    def __init__(self, locale: Locale, say: Callable[..., str]) -> None:
        self._locale = locale
        self._say = say
        joined = locale.datetime_formats["medium"]
        clock = locale.datetime_skeletons["Hm"].pattern
        self._today = parse_pattern(clock)
        self._this_year = _joined(joined, locale.datetime_skeletons["MMMd"].pattern, clock)
        self._ever = _joined(joined, locale.datetime_skeletons["yMMMd"].pattern, clock)

    def age(self, seconds: float) -> str:
        """A span in its largest fitting unit, rounded down: 14 s, 6 min, 3 h, 2 d. Below zero counts as zero."""
        whole = max(0, int(seconds))
        for least, unit_s, name in _STEPS:
            if whole >= least:
                return self._say(f"age.{name}", n=str(whole // unit_s))
        return self._say("age.seconds", n=str(whole))

    def left(self, seconds: float) -> str:
        """The same of what runs out: to the second below two minutes, of which a whole one would be lost."""
        whole = max(0, int(seconds))
        return self._say("age.seconds", n=str(whole)) if whole < 2 * _MINUTE_S else self.age(whole)

    def at(self, moment: datetime, *, now: datetime, zone: str = "") -> str:
        """The moment by the reader's clock; its date too where it is not today. "UTC" is said where he has no zone."""
        place = _zone(zone)
        local, today = moment.astimezone(place), now.astimezone(place)
        pattern = self._ever
        if local.date() == today.date():
            pattern = self._today
        elif local.year == today.year:
            pattern = self._this_year
        return self._written(local, pattern)

    def full(self, moment: datetime, *, zone: str = "") -> str:
        """The moment with its whole date, whatever today is."""
        return self._written(moment.astimezone(_zone(zone)), self._ever)

    def iso(self, moment: datetime, *, zone: str = "") -> str:
        """For a table: ISO 8601 to the second, with the offset that holds there then."""
        return moment.astimezone(_zone(zone)).isoformat(timespec="seconds")

    def until(self, moment: datetime, *, now: datetime, zone: str = "") -> str:
        """A deadline: by the reader's clock, and how long is left."""
        left = self.left((moment - now).total_seconds())
        return self._say("time.until", at=self.at(moment, now=now, zone=zone), left=left)

    def city(self, zone: str) -> str:
        """A zone's city in this language."""
        return get_timezone_location(zone, locale=self._locale, return_city=True)

    def _written(self, local: datetime, pattern: DateTimePattern) -> str:
        text = pattern.apply(local, self._locale)
        return f"{text} UTC" if local.tzinfo is UTC else text


def _zone(name: str) -> tzinfo:
    """A name that this machine's zone data has lost must not cost the reader his message: UTC then."""
    try:
        return ZoneInfo(name) if name and name != "UTC" else UTC
    except (KeyError, ValueError, OSError):
        return UTC


def _joined(template: str, date: str, clock: str) -> DateTimePattern:
    return parse_pattern(template.replace("{0}", clock).replace("{1}", date))
