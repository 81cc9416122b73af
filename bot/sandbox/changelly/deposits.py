"""The deposits card of the world panel: swaps that wait for their money, and where they go once it came."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from bot.sandbox.changelly.rows import plain
from bot.sandbox.changelly.server import ChangellyStandIn
from bot.sandbox.changelly.transactions import COURSES, STATUSES, UNPAID, Transaction
from bot.sandbox.switches import Switch, action, as_number, as_option, as_whole, choice, number, text

SHOWN = 25
NOTHING = "none yet: /swap makes one"
SLOWEST_S = 86_400


class DepositsPanel:
    """Pick a swap (the newest, if none is picked), pay for it, or put it where you want it."""

    name = "deposits"

    def __init__(self, standin: ChangellyStandIn) -> None:
        self._standin = standin
        self._picked = ""

    def switches(self) -> list[Switch]:
        """What can be done now."""
        swaps = self._swaps()
        progress = self._standin.engine.progress
        ways = [
            choice("course", "A deposit that comes …", progress.course, list(COURSES)),
            number("pace", "Each stage takes … s", Decimal(f"{progress.pace_s:g}")),
        ]
        if not swaps:
            return [text("swap", "Swaps", NOTHING), *ways]
        return [
            choice("swap", "Swap", _label(self._swap()), [_label(swap) for swap in swaps]),
            *self._paying(self._swap()),
            *ways,
        ]

    async def flip(self, ident: str, value: Any = None) -> None:
        """Turn one switch; ValueError with plain words where that makes no sense."""
        turns: Mapping[str, Callable[[Any], None]] = {
            "swap": self._pick,
            "pay": lambda _: self._pay(Decimal(1)),
            "pay_half": lambda _: self._pay(Decimal("0.5")),
            "pay_amount": self._pay_amount,
            "pay_twice": lambda _: self._pay_twice(),
            "lapse": lambda _: self._standin.let_pass(self._swap().id),
            "pay_late": lambda _: self._pay_late(),
            "status": self._put,
            "go_on": lambda _: self._go_on(),
            "course": self._choose_course,
            "pace": self._choose_pace,
        }
        if ident not in turns:
            raise ValueError(f"no such switch: {ident}")
        turns[ident](value)

    def _paying(self, swap: Transaction) -> list[Switch]:
        coin, due = swap.source.ticker.upper(), swap.expected_from
        statuses = list(dict.fromkeys([swap.status, *STATUSES]))
        shown = [number("pay_amount", f"Pay … {coin}", due), choice("status", "Put it to", swap.status, statuses)]
        if not swap.unpaid:
            return [action("pay", f"Pay once more: {plain(due)} {coin}"), *shown, action("go_on", "Let it go on")]
        payable = [
            action("pay", f"Pay: {plain(due)} {coin}"),
            action("pay_half", f"Pay too little: {plain(due / 2)} {coin}"),
            action("pay_twice", "Pay twice"),
        ]
        if swap.status == "waiting":
            payable += [action("pay_late", "Pay too late"), action("lapse", "Let its deadline pass")]
        return [*payable, *shown]

    def _swaps(self) -> list[Transaction]:
        """The newest first, as they stand now."""
        newest = list(self._standin.transactions.values())[: -SHOWN - 1 : -1]
        return [self._standin.engine.progress.read(swap, self._standin.engine.now()) for swap in newest]

    def _swap(self) -> Transaction:
        """The one picked, or else the newest."""
        found = self._standin.transactions.get(self._picked) or next(iter(self._swaps()), None)
        if found is None:
            raise ValueError("there is no swap")
        return found

    def _pick(self, value: Any) -> None:
        # By its id alone: the rest of the label may have changed since it was shown.
        ident = str(value).rpartition(" ")[2]
        self._picked = as_option(ident, [swap.id for swap in self._swaps()])

    def _pay(self, share: Decimal) -> None:
        swap = self._swap()
        self._standin.pay(swap.id, swap.expected_from * share)

    def _pay_amount(self, value: Any) -> None:
        amount = as_number(value)
        if amount <= 0:
            raise ValueError(f"not an amount to pay: {amount}")
        self._standin.pay(self._swap().id, amount)

    def _pay_twice(self) -> None:
        ident, due = self._swap().id, self._swap().expected_from
        for _ in range(2):
            self._standin.pay(ident, due)

    def _pay_late(self) -> None:
        self._standin.let_pass(self._swap().id)
        self._pay(Decimal(1))

    def _put(self, value: Any) -> None:
        swap = self._swap()
        self._standin.move(swap.id, as_option(value, [swap.status, *STATUSES]))

    def _go_on(self) -> None:
        swap = self._swap()
        if swap.status in UNPAID:
            raise ValueError(f"{swap.id} waits for its deposit")
        self._standin.move(swap.id, swap.status, goes_on=True)

    def _choose_course(self, value: Any) -> None:
        self._standin.engine.progress.course = as_option(value, list(COURSES))

    def _choose_pace(self, value: Any) -> None:
        self._standin.engine.progress.pace_s = float(as_whole(value, 0, SLOWEST_S))


def _label(swap: Transaction) -> str:
    return f"{plain(swap.expected_from)} {swap.source.ticker} → {swap.target.ticker} · {swap.status} · {swap.id}"
