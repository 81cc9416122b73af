"""Price alerts: what is waited for, and what comes after it has come."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from enum import StrEnum

from bot.domain.assets import Asset, Symbol
from bot.domain.money import EXACT
from bot.domain.prices import Field

MOST_EACH = 50
"""Alerts that one person may have waiting."""

BACK = Decimal("0.005")
"""So far a figure must have come back, as a part of the line, before crossing it counts again."""

SHORTEST_WINDOW_S, USUAL_WINDOW_S, LONGEST_WINDOW_S = 15 * 60, 3600, 24 * 3600
SHORTEST_REPEAT_S, USUAL_REPEAT_S, LONGEST_REPEAT_S = 5 * 60, 3600, 30 * 86_400
LARGEST = Decimal(10) ** 27
FINEST = Decimal(10) ** -18


class Way(StrEnum):
    """To stand on one side of a line, or to have moved by so many percent within a time."""

    ABOVE = "above"
    BELOW = "below"
    RISE = "rise"
    FALL = "fall"
    MOVE = "move"

    @property
    def moves(self) -> bool:
        return self in {Way.RISE, Way.FALL, Way.MOVE}


class Side(StrEnum):
    """What a row waits for: a level at or above its edge, or one at or below it; a move at least as large."""

    UP = "up"
    DOWN = "down"
    EITHER = "either"


class State(StrEnum):
    """ENDED: told once, out of time, or deleted by its owner; kept a while so that it can be set again."""

    ON = "on"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Condition:
    """`target`: US dollars; for a move, percent. `window_s` is 0 for a level. `field`: price or cap.

    `repeat_s`: 0 for once, else the least time between two. `until`: None for as long as its owner likes.
    """

    field: Field
    way: Way
    target: Decimal
    window_s: int = 0
    repeat_s: int = 0
    until: datetime | None = None

    def holds(self, level: Decimal) -> bool:
        """Of a level alone."""
        return level >= self.target if self.way is Way.ABOVE else level <= self.target

    @property
    def back(self) -> Decimal:
        """The level on the other side that makes crossing the line count again."""
        factor = 1 - BACK if self.way is Way.ABOVE else 1 + BACK
        return EXACT.multiply(self.target, factor).quantize(FINEST, ROUND_FLOOR, EXACT)


@dataclass(frozen=True, slots=True)
class Alert:
    """One person's. `rests`: it was told, or set while it held already, and waits for the figure to come back first.

    `due_at`: not told before, ms since 1970. `fired`: how often it was told.
    """

    id: int
    user_id: int
    asset: Asset
    wants: Condition
    state: State = State.ON
    rests: bool = False
    due_at: int = 0
    fired: int = 0
    fired_at: int = 0
    created_at: int = 0
    ended_at: int = 0

    @property
    def side(self) -> Side:
        match self.wants.way:
            case Way.RISE:
                return Side.UP
            case Way.FALL:
                return Side.DOWN
            case Way.MOVE:
                return Side.EITHER
            case way:
                return Side.UP if (way is Way.ABOVE) is not self.rests else Side.DOWN

    @property
    def edge(self) -> Decimal:
        """What is compared with the figure, or with the size of the move."""
        return self.wants.back if self.rests else self.wants.target

    def told(self, now_ms: int) -> "Alert":
        """What it is once it has been told. A move counts anew: none is told twice, so its window must pass."""
        after = replace(self, fired=self.fired + 1, fired_at=now_ms)
        if not self.wants.repeat_s:
            return replace(after, state=State.ENDED, ended_at=now_ms)
        if self.wants.way.moves:
            return replace(after, due_at=now_ms + max(self.wants.repeat_s, self.wants.window_s) * 1000)
        return replace(after, rests=True, due_at=0)

    def rested(self) -> "Alert":
        """What it is once the figure has come back: crossing the line counts again, when the pause is over."""
        return replace(self, rests=False, due_at=self.fired_at + self.wants.repeat_s * 1000 if self.fired else 0)

    @property
    def plain(self) -> dict[str, object]:
        """As a notice carries it."""
        asset, wants = self.asset, self.wants
        return {
            "id": self.id,
            "coin": [asset.symbol, asset.ticker, asset.name],
            "wants": [wants.field, wants.way, f"{wants.target:f}", wants.window_s, wants.repeat_s],
            "until": int(wants.until.timestamp() * 1000) if wants.until else 0,
            "state": self.state,
            "rests": self.rests,
            "due_at": self.due_at,
            "fired": self.fired,
            "created_at": self.created_at,
        }


def of_plain(values: Mapping[str, object]) -> Alert | None:
    """What `plain` said; None where a notice says nothing of the kind."""
    match values:
        case {
            "id": int(number),
            "coin": [str(symbol), str(ticker), str(name)],
            "wants": [str(field), str(way), str(target), int(window_s), int(repeat_s)],
            "until": int(until),
            "state": str(state),
            "rests": bool(rests),
            "due_at": int(due_at),
            "fired": int(fired),
            "created_at": int(created_at),
        }:
            ends = datetime.fromtimestamp(until / 1000, UTC) if until else None
            try:
                wants = Condition(Field(field), Way(way), Decimal(target), window_s, repeat_s, ends)
                standing = State(state)
            except (ValueError, InvalidOperation):
                return None
            asset = Asset(Symbol(symbol), ticker, name)
            return Alert(number, 0, asset, wants, standing, rests, due_at=due_at, fired=fired, created_at=created_at)
    return None
