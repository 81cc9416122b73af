"""What happens to an order from outside: deposits that come, deadlines that pass, stages that follow each other."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from bot.sandbox.changelly.pricing import EIGHT, Pricing
from bot.sandbox.changelly.transactions import COURSES, UNPAID, USUAL, Transaction, made_up, made_up_hash

ZERO = Decimal(0)


class Progress:
    """`pace_s`: how long a stage takes. `course`: what becomes of deposits from now on, a name of COURSES.

    `changed` is called after each new swap and each new status.
    """

    def __init__(self, pricing: Pricing, keep: Callable[[Transaction], None]) -> None:
        self._pricing = pricing
        self._keep = keep
        self.changed: Callable[[], None] = lambda: None
        self.pace_s = 6.0
        self.course = USUAL

    def advance(self, swap: Transaction, now: float) -> Transaction:
        """Through all that is due by now; the same swap."""
        while swap.next_at is not None and now >= swap.next_at:
            at = swap.next_at
            if swap.course:
                self._enter(swap, swap.course.popleft(), at)
            elif swap.status == "waiting":
                self._enter(swap, "overdue" if swap.kind == "float" else "expired", at)
            swap.next_at = at + self.pace_s if swap.course else None
        return swap

    def read(self, swap: Transaction, now: float) -> Transaction:
        """The same, by somebody who asks: an order is new only in the answer that made it."""
        if swap.status == "new":
            swap.status = "waiting"
        return self.advance(swap, now)

    def pay(self, swap: Transaction, amount: Decimal, now: float) -> Transaction:
        """A deposit came; returns the swap it counts for: a new one where this one had its deposit already."""
        self.read(swap, now)
        if swap.status not in UNPAID:
            swap = self._second(swap, amount, now)
        late = swap.status in {"overdue", "expired"}
        self._receive(swap, amount, now)
        self._enter(swap, "confirming", now)
        swap.course = deque(self._fate(swap, amount, late=late))
        swap.next_at = now + self.pace_s if swap.course else None
        return swap

    def move(self, swap: Transaction, status: str, now: float, *, goes_on: bool = False) -> None:
        """To this status by hand, any word; there it stays, unless it `goes_on` along the usual way."""
        self.read(swap, now)
        if status not in UNPAID and swap.unpaid:
            self._receive(swap, swap.expected_from, now)
        self._enter(swap, status, now)
        way = ("confirming", *COURSES[USUAL])
        left = way[way.index(status) + 1 :] if status in way else COURSES[USUAL] if status == "hold" else ()
        swap.course = deque(left if goes_on else ())
        swap.next_at = now + self.pace_s if swap.course else None

    def let_pass(self, swap: Transaction, now: float) -> None:
        """Its deadline is over. ValueError where it was paid."""
        if self.read(swap, now).status != "waiting":
            raise ValueError(f"{swap.id} does not wait for a deposit")
        swap.pay_till = swap.next_at = now
        self.advance(swap, now)

    def _fate(self, swap: Transaction, amount: Decimal, *, late: bool) -> tuple[str, ...]:
        """A fixed order takes its exact amount in time or gives it back; a floating one what is worth sending."""
        if swap.kind == "fixed" and (late or amount != swap.expected_from):
            return COURSES["is refunded"]
        if amount < self._pricing.limits(swap.source, swap.target, fixed=False).least:
            return ("failed",)
        return COURSES[self.course]

    def _receive(self, swap: Transaction, amount: Decimal, now: float) -> None:
        swap.amount_from, swap.received_at = amount, now
        swap.payin_hash = made_up_hash(swap.source)
        swap.confirming_since, swap.confirming_for_s = now, self.pace_s

    def _second(self, swap: Transaction, amount: Decimal, now: float) -> Transaction:
        """The vendor takes it for a new floating order to the same payout address."""
        made = replace(
            swap, id=made_up(), kind="float", created_at=now, expected_from=amount, status="waiting", amount_from=None,
            amount_to=None, received_at=None, sent_at=None, payin_hash=None, payout_hash=None, refund_hash=None,
            course=deque(), next_at=None,
        )  # fmt: skip
        made.expected_to = self._gross(made, amount)
        self._keep(made)
        return made

    def _enter(self, swap: Transaction, status: str, now: float) -> None:
        swap.status, swap.changed_at = status, now
        if status in {"exchanging", "sending", "finished"}:
            swap.amount_to = swap.amount_to or self._gross(swap, swap.amount_from or ZERO) - swap.network_fee
        if status in {"sending", "finished"}:
            swap.payout_hash = swap.payout_hash or made_up_hash(swap.target)
        if status == "refunded":
            swap.refund_hash, swap.amount_to = made_up_hash(swap.source), ZERO
        if status == "finished":
            swap.sent_at = now
        self.changed()

    def _gross(self, swap: Transaction, amount: Decimal) -> Decimal:
        if swap.kind == "fixed":
            return swap.expected_to
        return self._pricing.estimate(swap.source, swap.target, amount).gross.quantize(EIGHT, ROUND_DOWN)
