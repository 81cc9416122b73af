"""Changelly's switches in the world panel: deposits to pay, what becomes of them, and what goes wrong on the way."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.changelly.server import ChangellyStandIn
from bot.sandbox.changelly.transactions import COURSES, Transaction
from bot.sandbox.coincodex.wire import plain
from bot.sandbox.switches import Switch, action, as_option, choice, text

SHOWN = 25
NOTHING = "no swap yet"


class ChangellyPanel:
    """Pick a swap, then pay its deposit or put it where you want it."""

    name = "changelly"

    def __init__(self, standin: ChangellyStandIn) -> None:
        self._standin = standin
        self._picked = ""

    def switches(self) -> list[Switch]:
        """What can be done now."""
        swaps = self._swaps()
        if not swaps:
            return [text("swap", "Swap", NOTHING), self._course()]
        picked = self._swap()
        due = f"{plain(picked.expected_from)} {picked.source.ticker.upper()}"
        return [
            choice("swap", "Swap", _label(picked), [_label(swap) for swap in swaps]),
            action("pay", f"Pay its deposit: {due}"),
            self._course(),
        ]

    async def flip(self, ident: str, value: Any = None) -> None:
        """Turn one switch; ValueError with plain words where that makes no sense."""
        turns: Mapping[str, Callable[[Any], None]] = {
            "swap": self._pick,
            "pay": lambda _: self._pay(),
            "course": self._choose_course,
        }
        if ident not in turns:
            raise ValueError(f"no such switch: {ident}")
        turns[ident](value)

    def _course(self) -> Switch:
        return choice("course", "What is paid …", self._standin.engine.progress.course, list(COURSES))

    def _swaps(self) -> list[Transaction]:
        """The newest first."""
        return list(self._standin.transactions.values())[: -SHOWN - 1 : -1]

    def _swap(self) -> Transaction:
        """The one picked, or else the newest."""
        swaps = self._swaps()
        if not swaps:
            raise ValueError(NOTHING)
        return self._standin.transactions.get(self._picked, swaps[0])

    def _pick(self, value: Any) -> None:
        labels = {_label(swap): swap.id for swap in self._swaps()}
        self._picked = labels[as_option(value, list(labels))]

    def _pay(self) -> None:
        self._standin.pay(self._swap().id)

    def _choose_course(self, value: Any) -> None:
        self._standin.engine.progress.course = as_option(value, list(COURSES))


def _label(swap: Transaction) -> str:
    return f"{swap.id} · {plain(swap.expected_from)} {swap.source.ticker} → {swap.target.ticker} · {swap.status}"
