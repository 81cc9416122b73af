"""One swap as the vendor keeps it, and the stages it goes through once its deposit was seen."""

import secrets
import string
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias

from bot.sandbox.changelly.coins import SwapCoin

Kind: TypeAlias = Literal["float", "fixed"]

ENDED = {"finished", "refunded", "failed", "overdue", "expired"}
UNPAID = {"new", "waiting", "overdue", "expired"}
# What follows "confirming", stage by stage; the last one stays.
COURSES: Mapping[str, tuple[str, ...]] = {
    "is paid out": ("exchanging", "sending", "finished"),
    "is held until released": ("exchanging", "hold"),
    "is held, then paid out": ("exchanging", "hold", "exchanging", "sending", "finished"),
    "fails": ("exchanging", "failed"),
    "fails, then is refunded": ("exchanging", "failed", "refunded"),
    "says a word nobody knows, then is paid out": ("exchanging", "cancelled", "sending", "finished"),
    "steps back, then is paid out": ("exchanging", "confirming", "exchanging", "sending", "finished"),
    "is paid out at once": ("finished",),
    "is refunded": ("refunded",),
    "stays in confirming": (),
}
USUAL = next(iter(COURSES))
STATUSES = (
    "waiting", "confirming", "exchanging", "sending", "finished", "hold", "failed", "refunded", "overdue", "expired",
    "cancelled",
)  # fmt: skip
LETTERS = string.ascii_lowercase + string.digits


@dataclass(slots=True, eq=False, kw_only=True)
class Transaction:
    """Moments are seconds; a dialect writes them in its own units. `expected_to` is gross of the network fee."""

    id: str
    owner: str
    kind: Kind
    source: SwapCoin
    target: SwapCoin
    created_at: float
    payin_address: str
    payin_memo: str | None
    payout_address: str
    payout_memo: str | None
    refund_address: str | None
    refund_memo: str | None
    expected_from: Decimal
    expected_to: Decimal
    rate: Decimal
    network_fee: Decimal
    pay_till: float
    status: str = "new"
    changed_at: float = 0.0
    # Where the status goes by itself next, and when.
    course: deque[str] = field(default_factory=deque)
    next_at: float | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    received_at: float | None = None
    sent_at: float | None = None
    payin_hash: str | None = None
    payout_hash: str | None = None
    refund_hash: str | None = None
    # For dialects in which the client says what it expects.
    told_expected_to: str | None = None
    confirming_since: float = 0.0
    confirming_for_s: float = 0.0

    def confirmations(self, now: float) -> int:
        """Grow while the deposit is being confirmed; complete afterwards."""
        if self.received_at is None:
            return 0
        if self.status != "confirming" or not self.confirming_for_s:
            return self.source.confirmations
        share = (now - self.confirming_since) / self.confirming_for_s
        return min(self.source.confirmations, int(self.source.confirmations * share))

    @property
    def unpaid(self) -> bool:
        """No deposit was ever seen."""
        return self.received_at is None


def made_up(length: int = 16, letters: str = LETTERS) -> str:
    """An id or a memo nobody has had."""
    return "".join(secrets.choice(letters) for _ in range(length))


def made_up_hash(coin: SwapCoin) -> str:
    """A transaction's hash as that network writes it, near enough."""
    return ("0x" if coin.network in {"ethereum", "binance_smart_chain"} else "") + secrets.token_hex(32)
