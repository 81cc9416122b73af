"""How a person wants to be told what he did not ask for: which kind of notice is loud, and when he sleeps.

A new kind of notice is sorted in TOPICS. What is not named there is an answer, or asks for an act: it is always said,
at once and aloud, whatever its reader chose.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.notices import Notice


class Topic(StrEnum):
    """What a person may make loud, silent or off. DIGEST is the desk's own word for several of them at once."""

    FILLS = "fills"
    SWAPS = "swaps"
    SWAP_ENDS = "swapends"
    ALERTS = "alerts"
    SUMMARIES = "summaries"
    BROADCASTS = "broadcasts"
    NEWS = "news"
    DIGEST = "digest"


CHOSEN = tuple(topic for topic in Topic if topic is not Topic.DIGEST)


class Loudness(StrEnum):
    LOUD = "loud"
    SILENT = "silent"
    OFF = "off"


UNCHOSEN: Mapping[Topic, Loudness] = {
    Topic.SWAPS: Loudness.SILENT,
    Topic.SUMMARIES: Loudness.SILENT,
    Topic.BROADCASTS: Loudness.SILENT,
}
"""Before a person has chosen; what is not named is loud."""


def _of_order(values: Mapping[str, object]) -> Topic | None:
    """An order that did not end as its owner meant it to wants a look."""
    return Topic.FILLS if values.get("state") in {"filled", "canceled"} else None


def _of_swap(values: Mapping[str, object]) -> Topic | None:
    """A swap that failed, is held or was not paid in time wants its owner."""
    return Topic.SWAP_ENDS if values.get("stage") in {"finished", "refunded"} else None


def _of_card(values: Mapping[str, object]) -> Topic | None:
    """A card that asks for a deposit, or tells of an end, never stays as it was: somebody might still pay by it."""
    return Topic.SWAPS if values.get("stage") in {"confirming", "exchanging", "sending"} else None


TOPICS: Mapping[str, Topic | Callable[[Mapping[str, object]], Topic | None]] = {
    "order_changed": Topic.FILLS,
    "order_ended": _of_order,
    "swap_card": _of_card,
    "swap_stalled": Topic.SWAPS,
    "swap_told": _of_swap,
    "access_granted": Topic.NEWS,
    "access_refused": Topic.NEWS,
    "alert_fired": Topic.ALERTS,
    "alert_ended": Topic.ALERTS,
    "digest": Topic.DIGEST,
}
"""By kind of notice. Where its values decide, a function of them; None: it asks for an act."""


def topic_of(notice: Notice) -> Topic | None:
    found = TOPICS.get(notice.kind)
    return found(notice.values) if callable(found) else found


@dataclass(frozen=True, slots=True)
class Quiet:
    """From one reading of the reader's clock to another, over midnight where `end` is earlier; the end is outside.

    `holds`: what is no act waits until the end. Else it comes without a sound.
    """

    start: time
    end: time
    holds: bool = False

    def at(self, moment: datetime, zone: str) -> bool:
        """Whether the clocks of `zone` show a quiet time. An hour they show twice is quiet twice."""
        shown = moment.astimezone(_zone(zone)).time()
        if self.start <= self.end:
            return self.start <= shown < self.end
        return shown >= self.start or shown < self.end

    def ends(self, moment: datetime, zone: str) -> datetime:
        """The first instant, not before `moment`, at which those clocks show no quiet time; in UTC."""
        if not self.at(moment, zone):
            return moment.astimezone(UTC)
        today = moment.astimezone(_zone(zone)).date()
        days = (today + timedelta(days=n) for n in (0, 1, 2))
        ends = (datetime.combine(day, self.end, _zone(zone)).replace(fold=fold) for day in days for fold in (0, 1))
        found = min(end for each in ends if (end := each.astimezone(UTC)) > moment and not self.at(end, zone))
        if moment.astimezone(_zone(zone)).utcoffset() == found.astimezone(_zone(zone)).utcoffset():
            return found
        # The clocks are set in between, and may skip the end, or go back to before the start.
        minute = moment.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
        while self.at(minute, zone):
            minute += _MINUTE
        return minute


_MINUTE = timedelta(minutes=1)


def _zone(name: str) -> tzinfo:
    """One that this machine's zone data has lost must not keep a message back: UTC then."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one person chose; `zone` is the one that holds for him."""

    zone: str = "UTC"
    loudness: Mapping[Topic, Loudness] = field(default_factory=dict)
    quiet: Quiet | None = None

    def of(self, topic: Topic) -> Loudness:
        return self.loudness.get(topic) or UNCHOSEN.get(topic, Loudness.LOUD)


@dataclass(frozen=True, slots=True)
class Say:
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """Not before `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Mute:
    """He does not want it. It is listed under what he missed."""


def way(topic: Topic | None, wishes: Wishes, now: datetime) -> Say | Hold | Mute:
    """How to tell something new on this topic now. None: it asks for an act, and is said aloud at any hour."""
    if topic is None:
        return Say()
    loudness, quiet = wishes.of(topic), wishes.quiet
    if loudness is Loudness.OFF:
        return Mute()
    asleep = quiet is not None and quiet.at(now, wishes.zone)
    if asleep and quiet and quiet.holds:
        return Hold(quiet.ends(now, wishes.zone))
    return Say(silent=asleep or loudness is Loudness.SILENT)


@dataclass(frozen=True, slots=True)
class Untold:
    """What did not reach its reader as a message of its own. `state`: digested, muted, gone or failed."""

    at: datetime
    state: str
    notice: Notice
