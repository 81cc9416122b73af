"""Price alerts: set, changed, deleted; and the sweep that finds those whose line was crossed, and tells them once.

Notices. All have `alert`, what `Alert.plain` says; `zone`, the reader's; `zone_chosen`.

  alert_set       the answer to a new or changed one: `value` and `at` (ms) of the figure now, '' and 0 where not known;
                  `source`; `changed`, true where it stood before
  alert_deleted   the answer
  alert_fired     `value`, `at` (ms) and `source` of the figure; of a move also `since`, the figure it counts from
  alert_ended     its time is over
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

import structlog

from bot.domain.alerts import MOST_EACH, Alert, Condition, Side, State, Way
from bot.domain.assets import WHOLE_MARKET, Asset, Symbol
from bot.domain.errors import Unavailable, UserMistake
from bot.domain.money import EXACT
from bot.domain.notices import Address, Lane, Mark, Notice
from bot.domain.ports import Clock
from bot.domain.prices import Field, MarketTotals, Quote
from bot.domain.users import Standing, User
from bot.services.prices import Prices
from storage.alerts import Subject
from storage.store import AlreadyAnswered, Store, Transaction

log = structlog.get_logger(__name__)

SUBJECTS_A_WRITE = 50
MOST_A_WRITE = 200
OLDEST = timedelta(hours=1)
"""A figure that its source made longer ago tells nobody anything."""

ASKED_AGAIN_S = 600
"""A coin that the source does not know, or knows no more, is asked for so often: each costs a call of its own."""

GRAINS_S = ((2 * 3600, 60), (26 * 3600, 900))
"""Moves within up to so many seconds are read from marks of so many seconds each."""

Place = tuple[Symbol, Field]


@dataclass(frozen=True, slots=True)
class Figure:
    """What something is worth now, in US dollars."""

    value: Decimal
    at: datetime
    source: str

    @property
    def plain(self) -> dict[str, object]:
        return {"value": f"{self.value:f}", "at": int(self.at.timestamp() * 1000), "source": self.source}


NOT_KNOWN: Mapping[str, object] = {"value": "", "at": 0, "source": ""}


class Alerts:
    """`zone`: of who has chosen none."""

    def __init__(self, store: Store, prices: Prices, clock: Clock, zone: str = "UTC") -> None:
        self._store = store
        self._zone = zone
        self._prices = prices
        self._clock = clock
        self._unknown: dict[Symbol, float] = {}
        self._swept_at: float | None = None

    # --- of one person ----------------------------------------------------------------------------------------------

    async def of(self, user: User) -> list[Alert]:
        """What he waits for: by coin, then oldest first."""
        return await self._store.read(lambda tx: tx.alerts.of_user(user.id))

    async def get(self, user: User, alert_id: int) -> Alert:
        """Raises UserMistake where he has none of this number."""
        return await self._store.read(lambda tx: _own(tx, user, alert_id))

    async def figure(self, asset: Asset, field: Field) -> Figure | None:
        """As it can be had now; None where it cannot, or is too old to go by."""
        found: Figure | None = None
        try:
            if asset.symbol == WHOLE_MARKET:
                found = _of_market((await self._prices.totals())[0])
            elif latest := await self._prices.latest([asset.symbol]):
                found = _of_quote(latest[0].quote, field)
        except Unavailable:
            return None
        return found if found and found.at >= self._clock.now() - OLDEST else None

    async def set(self, user: User, asset: Asset, wants: Condition, mark: Mark) -> None:
        """What holds already waits until it has been otherwise. Raises UserMistake where he has too many, and where
        that would be the only time: he may have meant the other side.
        """
        figure = await self.figure(asset, wants.field)
        rests = _holds(asset, wants, figure)

        def act(tx: Transaction) -> Notice:
            _require_room(tx, user)
            alert = tx.alerts.add(Alert(0, user.id, asset, wants, rests=rests, created_at=tx.now_ms))
            tx.alerts.trim(user.id, MOST_EACH)
            return self._set(tx, alert, figure)

        await self._answered(mark, act)

    async def change(self, user: User, alert_id: int, asset: Asset, wants: Condition, mark: Mark) -> None:
        """From now on this one, by the number it has. As `set`."""
        figure = await self.figure(asset, wants.field)
        rests = _holds(asset, wants, figure)

        def act(tx: Transaction) -> Notice:
            old = _own(tx, user, alert_id)
            if old.state is not State.ON:
                _require_room(tx, user)
            if asset.symbol != old.asset.symbol:
                raise UserMistake("alert.other_coin", ticker=old.asset.ticker)
            alert = replace(old, wants=wants, state=State.ON, rests=rests, due_at=0, ended_at=0)
            tx.alerts.save(alert)
            tx.dialogs.end(user.id, mark.address.chat_id)
            return self._set(tx, alert, figure, changed=True)

        await self._answered(mark, act)

    async def again(self, user: User, alert_id: int, mark: Mark) -> None:
        """Waits once more for the same. What holds right now is waited for once it has been otherwise."""
        old = await self.get(user, alert_id)
        figure = await self.figure(old.asset, old.wants.field)

        def act(tx: Transaction) -> Notice:
            alert = _own(tx, user, alert_id)
            if alert.state is not State.ON:
                _require_room(tx, user)
            wants = replace(alert.wants, until=_ahead(alert.wants.until, self._clock.now()))
            rests = not wants.way.moves and figure is not None and wants.holds(figure.value)
            due_at = tx.now_ms + wants.window_s * 1000 if alert.fired and wants.window_s else 0
            alert = replace(alert, wants=wants, state=State.ON, rests=rests, due_at=due_at, ended_at=0)
            tx.alerts.save(alert)
            return self._set(tx, alert, figure, changed=True)

        await self._answered(mark, act)

    async def delete(self, user: User, alert_id: int, mark: Mark) -> None:
        """Idempotent; kept for some days, so that it can be set again."""

        def act(tx: Transaction) -> Notice:
            alert = _own(tx, user, alert_id)
            if alert.state is State.ON:
                alert = replace(alert, state=State.ENDED, ended_at=tx.now_ms)
                tx.alerts.save(alert)
                tx.alerts.trim(user.id, MOST_EACH)
            return Notice("alert_deleted", self._said(tx, alert))

        await self._answered(mark, act)

    async def _answered(self, mark: Mark, act: Callable[[Transaction], Notice]) -> None:
        try:
            await self._store.write(lambda tx: tx.answer(mark, act(tx)))
        except AlreadyAnswered:
            return

    # --- of all -----------------------------------------------------------------------------------------------------

    async def check(self) -> None:
        """One sweep. What was crossed is told by the transaction that notes it: whenever it is cut off, the next one
        finds the rest, and nobody is told twice. A figure that cannot be had tells nothing and loses nothing.
        """
        while await self._store.write(self._end_overdue):
            pass
        subjects = await self._store.read(lambda tx: tx.alerts.subjects())
        seen = await self._look(subjects)
        known = [subject for subject in subjects if (subject.symbol, subject.field) in seen]
        for some in _chunks(known, SUBJECTS_A_WRITE):
            while await self._store.write(partial(self._sweep, subjects=some, seen=seen)):
                pass
        self._swept_at = self._clock.monotonic()

    async def figures(self) -> dict[str, float]:
        """How many wait, and the seconds since all were looked at; -1: not yet."""
        age_s = -1 if self._swept_at is None else self._clock.monotonic() - self._swept_at
        return {"alerts_waiting": await self._store.read(lambda tx: tx.alerts.count_on()), "alerts_age_seconds": age_s}

    async def _look(self, subjects: Sequence[Subject]) -> dict[Place, Figure]:
        """One call for all coins, and one for the whole market where somebody waits for that."""
        places = list(dict.fromkeys((subject.symbol, subject.field) for subject in subjects))
        found: dict[Place, Figure | None] = {}
        try:
            quotes = await self._quotes([symbol for symbol, _ in places if symbol != WHOLE_MARKET])
            for symbol, field in places:
                found[symbol, field] = _of_quote(quotes[symbol], field) if symbol in quotes else None
        except Unavailable as error:
            log.info("alerts.source_down", reason=error.key)
        if (WHOLE_MARKET, Field.CAP) in places:
            found[WHOLE_MARKET, Field.CAP] = await self._market()
        oldest = self._clock.now() - OLDEST
        return {place: figure for place, figure in found.items() if figure and figure.at >= oldest}

    async def _quotes(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Quote]:
        now = self._clock.monotonic()
        wanted = [symbol for symbol in dict.fromkeys(symbols) if self._unknown.get(symbol, now) <= now]
        if not wanted:
            return {}
        quotes = await self._prices.renewed(wanted)
        later = {symbol: at for symbol, at in self._unknown.items() if at > now}
        self._unknown = later | {symbol: now + ASKED_AGAIN_S for symbol in wanted if symbol not in quotes}
        return quotes

    async def _market(self) -> Figure | None:
        try:
            totals, stale = await self._prices.totals()
        except Unavailable:
            return None
        return None if stale else _of_market(totals)

    def _sweep(self, tx: Transaction, subjects: Sequence[Subject], seen: Mapping[Place, Figure]) -> bool:
        """Whether there may be more than one turn takes."""
        left = MOST_A_WRITE
        for subject in subjects:
            figure = seen[subject.symbol, subject.field]
            for side, size, since in _looked_at(tx, subject, figure.value):
                for alert in tx.alerts.reached(subject, size, side, tx.now_ms, left):
                    left -= 1
                    if alert.rests:
                        tx.alerts.save(alert.rested())
                    else:
                        self._tell(tx, alert, figure, since)
                if left <= 0:
                    return True
        return False

    def _tell(self, tx: Transaction, alert: Alert, figure: Figure, since: Decimal | None) -> None:
        owner = tx.users.get(alert.user_id)
        after = alert.told(tx.now_ms)
        if owner is None or owner.standing is Standing.BLOCKED:
            tx.alerts.save(replace(alert, state=State.ENDED, ended_at=tx.now_ms))
            return
        tx.alerts.save(after)
        values = self._said(tx, after) | figure.plain | {"since": f"{since:f}" if since else ""}
        _notify(tx, after, Notice("alert_fired", values), f"alert:{alert.id}:{after.fired}")

    def _end_overdue(self, tx: Transaction) -> bool:
        overdue = tx.alerts.out_of_time(tx.now_ms, MOST_A_WRITE)
        for alert in overdue:
            ended = replace(alert, state=State.ENDED, ended_at=tx.now_ms)
            tx.alerts.save(ended)
            _notify(tx, ended, Notice("alert_ended", self._said(tx, ended)), f"alert:{alert.id}:end:{tx.now_ms}")
        return len(overdue) == MOST_A_WRITE

    def _set(self, tx: Transaction, alert: Alert, figure: Figure | None, *, changed: bool = False) -> Notice:
        now = figure.plain if figure else NOT_KNOWN
        return Notice("alert_set", {**self._said(tx, alert), **now, "changed": changed})

    def _said(self, tx: Transaction, alert: Alert) -> dict[str, object]:
        owner = tx.users.get(alert.user_id)
        chosen = owner.timezone if owner else ""
        return {"alert": alert.plain, "zone": chosen or self._zone, "zone_chosen": bool(chosen)}


def _looked_at(tx: Transaction, subject: Subject, value: Decimal) -> Iterator[tuple[Side, Decimal, Decimal | None]]:
    """What is compared on which side; of a move, from where it counts."""
    if not subject.window_s:
        yield Side.UP, value, None
        yield Side.DOWN, value, None
        return
    grain_s = next(grain for window, grain in GRAINS_S if subject.window_s <= window)
    keep_ms = next(window for window, grain in GRAINS_S if grain == grain_s) * 1000
    tx.alerts.mark(subject, value, grain_s, tx.now_ms, keep_ms)
    marked = tx.alerts.marked(subject, grain_s, tx.now_ms - subject.window_s * 1000)
    if marked is None or not marked.low:
        return
    rise = EXACT.divide((value - marked.low) * 100, marked.low)
    fall = EXACT.divide((marked.high - value) * 100, marked.high)
    yield Side.UP, rise, marked.low
    yield Side.DOWN, fall, marked.high
    yield Side.EITHER, *max((rise, marked.low), (fall, marked.high))


def _notify(tx: Transaction, alert: Alert, notice: Notice, cause: str) -> None:
    tx.tell(cause, Lane.ALERT, alert.user_id, Address(alert.user_id), notice)


def _own(tx: Transaction, user: User, alert_id: int) -> Alert:
    """Another's is as unknown as none at all."""
    alert = tx.alerts.get(alert_id)
    if alert is None or alert.user_id != user.id:
        raise UserMistake("alert.unknown", id=alert_id, suggestions=(("/alerts", "alerts"),))
    return alert


def _require_room(tx: Transaction, user: User) -> None:
    if tx.alerts.count(user.id) >= MOST_EACH:
        raise UserMistake("alert.too_many", most=MOST_EACH, suggestions=(("/alerts", "alerts"),))


def _holds(asset: Asset, wants: Condition, figure: Figure | None) -> bool:
    """Whether it holds already. Raises UserMistake where it shall be told once."""
    if figure is None or wants.way.moves or not wants.holds(figure.value):
        return False
    if wants.repeat_s:
        return True
    above = wants.way is Way.ABOVE
    what = [f"={asset.symbol}", *(["cap"] if wants.field is Field.CAP else []), "<" if above else ">"]
    other = f"{what[-1]} {wants.target:f}", " ".join(["alert", *what, f"{wants.target:f}"])
    raise UserMistake(
        "alert.holds_above" if above else "alert.holds_below",
        ticker=asset.ticker,
        now=figure.value,
        target=wants.target,
        suggestions=(other,),
    )


def _ahead(until: datetime | None, now: datetime) -> datetime | None:
    return until if until and until > now else None


def _of_quote(quote: Quote, field: Field) -> Figure | None:
    value = quote.price if field is Field.PRICE else quote.cap if field is Field.CAP else quote.volume_24h
    return Figure(value, quote.at, quote.source) if value is not None and value.is_finite() and value > 0 else None


def _of_market(totals: MarketTotals) -> Figure | None:
    return Figure(totals.cap, totals.at, totals.source) if totals.cap else None


def _chunks(subjects: Sequence[Subject], size: int) -> Iterator[Sequence[Subject]]:
    return (subjects[start : start + size] for start in range(0, len(subjects), size))
