"""What comes again each day or week at a time of the clock: when it is due, whatever summer time does."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """`weekday`: 0 is Monday, None is every day. `at`: by the clock in `zone`, to the minute."""

    id: int
    weekday: int | None
    at: time
    zone: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`day`: the local date it belongs to, which has no other."""

    day: date
    at: datetime


def moment_of(day: date, at: time, zone: str) -> datetime:
    """When the clock in `zone` shows this, UTC. Shown twice: the first time. Never shown: as much later as the clock
    was moved, so 02:30 of a night that leaves out the hour from 02:00 is 03:30.
    """
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def after(schedule: Schedule, moment: datetime) -> Occurrence:
    """The first one later than `moment`."""
    return next(one for one in _from(schedule, moment) if one.at > moment)


def due(schedule: Schedule, first: datetime, now: datetime) -> tuple[Occurrence, Occurrence]:
    """Of those from `first` to `now` the last one, and the one that comes then. What was missed before is let go."""
    last = Occurrence(first.astimezone(ZoneInfo(schedule.zone)).date(), first)
    for one in _from(schedule, first):
        if one.at > now:
            return last, one
        if one.at >= first:
            last = one
    raise AssertionError("there is always another day")


def _from(schedule: Schedule, moment: datetime) -> Iterator[Occurrence]:
    """From the day before `moment`, by time. Days that begin at one moment, as at the date line, count as the first."""
    day, before = moment.astimezone(ZoneInfo(schedule.zone)).date() - _DAY, None
    while True:
        if schedule.weekday in {None, day.weekday()}:
            at = moment_of(day, schedule.at, schedule.zone)
            if at != before:
                yield Occurrence(day, at)
            before = at
        day += _DAY
