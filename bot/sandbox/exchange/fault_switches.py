"""Switches over what can go wrong on the way to one server: the part that all panels with such faults share."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.exchange.faults import Calls, Faults
from bot.sandbox.switches import Switch, as_bool, as_option, as_whole, choice, number, toggle

FINE = "as it should"
# What a person reads, and the fault it stands for with its value.
WAY: Mapping[str, tuple[str, int | None]] = {
    "lost on the way there": ("lost_before", None),
    "done, the answer is lost": ("lost_after", None),
    "done, answered with a page (200)": ("html", None),
    "not done, answered with a page (200)": ("html_before", None),
    "done, answered with nothing": ("empty", None),
    "done, answered with 502": ("error", 502),
    "not done, answered with 503": ("error_before", 503),
    "done, the answer breaks off": ("cut", None),
    "done, half of the JSON": ("half", None),
    "done, answered after 15 s": ("slow", 15),
    "done only after 15 s": ("late", 15),
    "too many (429)": ("limited", None),
}
MOST_TIMES = 1_000_000


class FaultSwitches:
    """`times` is how often the next fault strikes; 0 means until it is set right."""

    def __init__(self, faults: Faults, calls: Mapping[str, Calls], *, things: str) -> None:
        self._faults = faults
        self._things = things
        self._groups = calls
        self._calls = next(iter(calls))
        self.times = 0

    def switches(self) -> list[Switch]:
        """As they stand now."""
        return [
            choice("way", "Calls are …", self._way(), [FINE, *WAY]),
            choice("calls", "Which calls (of the next fault)", self._calls, list(self._groups)),
            number("times", "The next fault strikes … times (0: until set right)", self.times),
            toggle("blind", f"Lookups do not know new {self._things}", value="blind" in self._faults.active),
        ]

    def turns(self) -> Mapping[str, Callable[[Any], None]]:
        """What turns each of them; ValueError with plain words where that makes no sense."""
        return {
            "way": self._choose_way,
            "calls": self._choose_calls,
            "times": self._choose_times,
            "blind": self._blind,
        }

    def _way(self) -> str:
        active = self._faults.active
        return next(
            (label for label, (kind, value) in WAY.items() if kind in active and value in (None, active[kind].value)),
            FINE,
        )

    def _choose_way(self, value: Any) -> None:
        chosen = as_option(value, [FINE, *WAY])
        for kind, _ in WAY.values():
            self._faults.clear(kind)
        if chosen != FINE:
            kind, amount = WAY[chosen]
            self._faults.set(kind, amount, times=self.times or None, calls=self._groups[self._calls])

    def _choose_calls(self, value: Any) -> None:
        self._calls = as_option(value, list(self._groups))

    def _choose_times(self, value: Any) -> None:
        self.times = as_whole(value, 0, MOST_TIMES)

    def _blind(self, value: Any) -> None:
        if as_bool(value):
            self._faults.set("blind")
        else:
            self._faults.clear("blind")
