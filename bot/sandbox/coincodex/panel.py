"""CoinCodex's switches in the world panel: what goes wrong on the way, and in which shape rows come."""

from typing import Any

from bot.sandbox.coincodex.server import CoinCodexStandIn
from bot.sandbox.switches import Switch, action, as_bool, as_number, as_option, choice, number, toggle

FINE = "as it should"
# What a person reads, and the fault it stands for with its value.
WAY: dict[str, tuple[str, int | None]] = {
    "does not answer": ("down", None),
    "slow, 5 s": ("slow", 5),
    "slow, 30 s": ("slow", 30),
    "429 too many requests": ("limited", None),
    "500 error": ("error", 500),
    "challenge page (HTML)": ("html", None),
    "half of the JSON": ("cut", None),
    "breaks off": ("torn", None),
    "empty body": ("empty", None),
    "30 MB body": ("huge", None),
}
SHAPE: dict[str, tuple[str, int | None]] = {
    "2 columns": ("columns", 2),
    "3 columns": ("columns", 3),
    "4 columns": ("columns", 4),
    "5 columns": ("columns", 5),
    "numbers as strings": ("strings", None),
    "milliseconds": ("milliseconds", None),
    "first asset missing": ("missing", None),
    "rows with names": ("dicts", None),
}
TOTAL_PRICES = ["leader", "cap", "none"]
MOST_TIMES = 1_000_000


class CoinCodexPanel:
    """Switches over one stand-in. `times` is how often the next fault strikes; 0 means until it is set right."""

    name = "coincodex"

    def __init__(self, standin: CoinCodexStandIn) -> None:
        self._standin = standin
        self._times = 0

    def switches(self) -> list[Switch]:
        """What holds now; a fault that has worn off shows as right again."""
        active = self._standin.faults.active
        return [
            choice("way", "Answers", _shown(WAY, active), [FINE, *WAY]),
            choice("shape", "Rows", _shown(SHAPE, active), [FINE, *SHAPE]),
            number("times", "The next fault strikes … times (0: until set right)", self._times),
            toggle("legacy", "Old endpoints are gone (503)", value="legacy" in active),
            choice("total_price", "Price column of the total", self._standin.answers.total_price, TOTAL_PRICES),
            action("clear", "Everything as it should"),
        ]

    async def flip(self, ident: str, value: Any = None) -> None:
        """Turn one switch; ValueError with plain words where that makes no sense."""
        if ident in ("way", "shape"):
            self._choose(WAY if ident == "way" else SHAPE, str(value))
        elif ident == "times":
            self._times = _times(value)
        elif ident == "legacy":
            self._turn_legacy(gone=as_bool(value))
        elif ident == "total_price":
            self._standin.answers.total_price = as_option(value, TOTAL_PRICES)
        elif ident == "clear":
            self._standin.faults.clear()
        else:
            raise ValueError(f"no such switch: {ident}")

    def _choose(self, table: dict[str, tuple[str, int | None]], chosen: str) -> None:
        as_option(chosen, [FINE, *table])
        for kind, _ in table.values():
            self._standin.faults.clear(kind)
        if chosen != FINE:
            kind, value = table[chosen]
            self._standin.faults.set(kind, value, times=self._times or None)

    def _turn_legacy(self, *, gone: bool) -> None:
        if gone:
            self._standin.faults.set("legacy")
        else:
            self._standin.faults.clear("legacy")


def _shown(table: dict[str, tuple[str, int | None]], active: Any) -> str:
    for label, (kind, value) in table.items():
        if kind in active and value in (None, active[kind]):
            return label
    return FINE


def _times(value: Any) -> int:
    times = as_number(value)
    if times != int(times) or not 0 <= times <= MOST_TIMES:
        raise ValueError(f"not a number of times: {value}")
    return int(times)
