"""The market summary: made of live data, sent on schedules to who subscribed, once for each local date.

summary            one, to a reader: the values of bot.domain.summaries, and his `zone`
summary_schedules  what is on the clock: rows of id, weekday (-1: every day), at, zone, due_at (milliseconds)
summary_skipped    to admins: one was not sent in time; day, at, zone
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
import structlog

from bot.domain.assets import WHOLE_MARKET
from bot.domain.broadcasts import Audience, Broadcast, Kind, Reach, State
from bot.domain.errors import Unavailable, UserMistake
from bot.domain.notices import Address, Lane, Mark, Notice
from bot.domain.ports import Clock
from bot.domain.prices import Field, Period, Series
from bot.domain.schedules import Occurrence, Schedule, after, due
from bot.domain.summaries import Summary, as_values, summary_of
from bot.domain.users import User
from bot.services.broadcasts import DESK, Rules, begin
from bot.services.prices import Prices
from storage.store import AlreadyAnswered, Store, Transaction

log = structlog.get_logger(__name__)

LATE = timedelta(hours=6)
"""A missed one is sent late, once, within this time; then it is let go."""
TRIED_EVERY_S = 60.0
COUNTED = 100
MOST_SCHEDULES = 20

Draw = Callable[[Series], Awaitable[bytes]]
"""A series as a PNG. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A summary and the picture that goes with it; None where there is none to be had."""

    summary: Summary
    picture: bytes | None

    @property
    def values(self) -> dict[str, object]:
        return as_values(self.summary)


class Summaries:
    def __init__(self, store: Store, prices: Prices, draw: Draw, rules: Rules, clock: Clock) -> None:
        self._store = store
        self._prices = prices
        self._draw = draw
        self._rules = rules
        self._clock = clock
        self._rests_until = 0.0

    async def now(self) -> Ready:
        """Of this moment. Raises Unavailable."""
        totals, stale = await self._prices.totals()
        largest = await self._prices.top(COUNTED)
        stale = stale or any(one.stale for one in largest)
        return Ready(summary_of(totals, [one.quote for one in largest], stale=stale), await self._picture())

    async def _picture(self) -> bytes | None:
        """Words without a picture are still a summary."""
        try:
            series, _ = await self._prices.series(WHOLE_MARKET, Period.WEEK, Field.CAP)
            return await self._draw(series)
        except Unavailable:
            return None

    # --- schedules --------------------------------------------------------------------------------------------------

    async def schedule(self, user: User, wanted: Schedule, mark: Mark) -> None:
        """Raises UserMistake where there is one just like it, or too many."""
        first = after(wanted, self._clock.now())

        def unit(tx: Transaction) -> Notice:
            if len(tx.schedules.all()) >= MOST_SCHEDULES:
                raise UserMistake("summary.too_many", most=MOST_SCHEDULES)
            if tx.schedules.add(wanted.weekday, wanted.at, wanted.zone, _ms(first.at)) is None:
                raise UserMistake("summary.same")
            tx.audit.add("summary_scheduled", by=user.id, about=0, at=f"{wanted.at:%H:%M}", zone=wanted.zone)
            return _listed(tx)

        await self._answered(mark, unit)

    async def drop(self, user: User, schedule_id: int, mark: Mark) -> None:
        def unit(tx: Transaction) -> Notice:
            if tx.schedules.drop(schedule_id):
                tx.audit.add("summary_dropped", by=user.id, about=0, id=schedule_id)
            return _listed(tx)

        await self._answered(mark, unit)

    async def schedules(self) -> Notice:
        return await self._store.read(_listed)

    async def run_due(self) -> None:
        """Sends what is due, once for each schedule and local date, also after a restart or a change of clocks."""
        now = self._clock.now()
        waiting = [one for one in await self._store.read(lambda tx: tx.schedules.all()) if one[1] <= now]
        if not waiting or self._clock.monotonic() < self._rests_until:
            return
        try:
            ready: Ready | None = await self.now()
        except Unavailable:
            ready = None
            self._rests_until = self._clock.monotonic() + TRIED_EVERY_S
        for schedule, first in waiting:
            last, following = due(schedule, first, now)
            late = now - last.at > LATE
            if ready or late:  # else the source may be back in time
                await self._store.write(self._serving(schedule, first, last, following, None if late else ready))

    def _serving(
        self, schedule: Schedule, first: datetime, last: Occurrence, following: Occurrence, ready: Ready | None
    ) -> Callable[[Transaction], None]:
        """The unit of work that serves one date, or lets it go: whichever process does it first."""

        def unit(tx: Transaction) -> None:
            if not tx.schedules.serve(schedule.id, last.day, first, following.at):
                return
            audience = Audience(subscribers=True)
            reach = tx.broadcasts.reach(audience, tx.now_ms)
            if ready is None:
                self._skip(tx, schedule, last)
            elif reach.people:
                self._send(tx, audience, reach, ready)

        return unit

    def _send(self, tx: Transaction, audience: Audience, reach: Reach, ready: Ready) -> None:
        new_id = secrets.token_hex(4)
        with_file = ready.picture is not None
        made = Broadcast(new_id, DESK, Kind.SUMMARY, State.DRAFT, audience, has_file=with_file, created_at=tx.now_ms)
        tx.broadcasts.add(made, tx.seal(DESK, orjson.dumps(ready.values), "broadcasts", new_id), ready.picture)
        begin(tx, made, reach, DESK)

    def _skip(self, tx: Transaction, schedule: Schedule, last: Occurrence) -> None:
        log.warning("summary.skipped", schedule=schedule.id, day=last.day.isoformat())
        values: dict[str, object] = {"day": last.day.isoformat(), "at": f"{schedule.at:%H:%M}", "zone": schedule.zone}
        for admin in self._rules.admins():
            cause = f"summary:{schedule.id}:{last.day}:{admin}"
            tx.tell(cause, Lane.ALERT, admin, Address(admin), Notice("summary_skipped", values))

    async def _answered(self, mark: Mark, act: Callable[[Transaction], Notice]) -> None:
        try:
            await self._store.write(lambda tx: tx.answer(mark, act(tx)))
        except AlreadyAnswered:
            return


def _listed(tx: Transaction) -> Notice:
    rows = [
        [one.id, -1 if one.weekday is None else one.weekday, f"{one.at:%H:%M}", one.zone, _ms(at)]
        for one, at in tx.schedules.all()
    ]
    return Notice("summary_schedules", {"rows": rows})


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
