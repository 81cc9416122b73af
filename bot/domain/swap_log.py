"""Swaps as the desk keeps them: what a person wished for, the swap he has, its flight record, and what is usual."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from bot.domain.swaps import RateKind, Stage


@dataclass(frozen=True, slots=True)
class SwapWish:
    """What a person asks for. Tickers are the provider's own; `book`: what he calls the address, for his card."""

    source: str
    target: str
    amount: Decimal
    address: str
    kind: RateKind = RateKind.FLOAT
    memo: str = ""
    refund_address: str = ""
    refund_memo: str = ""
    book: str = ""


@dataclass(frozen=True, slots=True)
class SwapRow:
    """One swap. Money is text, '' where it is not known; instants are milliseconds since 1970, 0 is never.

    `account_id`: '' is the operator's key. `expected` is the quoted amount before, `quoted` after the network fee.
    `withheld`: why the deposit address is shown to nobody; '' where it may be. `stage_at`: since when it stands so by
    our own clock. `seen_at`: when the provider last told of it. `changes` counts what the card showed, `stalls` how
    often it was said that this stage takes long. `every_s`: how often it is looked after; `due_at`: when next.
    `done_at`: nobody looks any more.
    """

    id: str
    intent_id: str
    user_id: int
    account_id: str
    vendor: str
    source: str
    target: str
    kind: RateKind
    amount: str
    payin_address: str
    payout_address: str
    chat_id: int
    created_at: int
    stage_at: int
    payin_memo: str = ""
    payout_memo: str = ""
    refund_address: str = ""
    refund_memo: str = ""
    expected: str = ""
    quoted: str = ""
    network_fee: str = ""
    fee_ticker: str = ""
    amount_in: str = ""
    amount_out: str = ""
    payin_hash: str = ""
    payout_hash: str = ""
    refund_hash: str = ""
    payout_link: str = ""
    refund_link: str = ""
    track_url: str = ""
    pay_till: int = 0
    confirmations: int = -1
    stage: Stage = Stage.NEW
    raw_stage: str = "new"
    withheld: str = ""
    message_id: int = 0
    changes: int = 0
    stalls: int = 0
    nudged: int = 0
    seen_at: int = 0
    every_s: int = 0
    due_at: int = 0
    done_at: int = 0

    @property
    def paid_out(self) -> str:
        """`amount_out` at the end; until then it is what the provider means to pay, and a refund leaves it standing."""
        return self.amount_out if self.stage is Stage.FINISHED else ""


@dataclass(frozen=True, slots=True)
class StageNote:
    """One line of a swap's flight record: the provider's word, and when we first heard it. `told`: loudly."""

    stage: Stage
    raw: str
    at: int
    told: bool = False


@dataclass(frozen=True, slots=True)
class SwapStatus:
    """A swap with its flight record, oldest first. `values`: those of the notice `swap_card`.

    `minutes`: of each line of the record; the last one's until now, or until it was done.
    `support`: what may be copied to the provider's support: ids, stages and times, hashes; no address, no name.
    `stale`: the provider did not answer just now.
    """

    row: SwapRow
    values: Mapping[str, object]
    record: tuple[StageNote, ...]
    minutes: tuple[int, ...]
    support: str = field(default="")
    stale: bool = False


USUAL_MINUTES: Mapping[Stage, int] = MappingProxyType(
    {Stage.CONFIRMING: 30, Stage.EXCHANGING: 15, Stage.SENDING: 15, Stage.UNKNOWN: 60}
)
"""What takes longer is said. Waiting takes as long as the person does; a hold has its own message."""

LOUD = frozenset({Stage.FINISHED, Stage.FAILED, Stage.REFUNDED, Stage.HOLD, Stage.OVERDUE, Stage.EXPIRED})
"""Stages that a person must not miss."""
