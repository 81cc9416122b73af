"""Swaps: what is asked of a swap provider, and what it says becomes of it. Money is Decimal, instants aware and UTC."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.money import EXACT

LONGEST_MEMO = 100
"""Signs of the second part of an address."""


class RateKind(StrEnum):
    """FIXED holds for exactly the quoted amount and until a deadline; FLOAT is what the market gives on the way."""

    FLOAT = "float"
    FIXED = "fixed"


class Stage(StrEnum):
    """Where a swap stands. The provider's words that we do not know are UNKNOWN, which is never an end."""

    NEW = "new"
    WAITING = "waiting"
    CONFIRMING = "confirming"
    EXCHANGING = "exchanging"
    SENDING = "sending"
    FINISHED = "finished"
    FAILED = "failed"
    REFUNDED = "refunded"
    HOLD = "hold"
    OVERDUE = "overdue"
    EXPIRED = "expired"
    UNKNOWN = "unknown"

    @property
    def final(self) -> bool:
        """Nothing comes after it."""
        return self in {Stage.FINISHED, Stage.REFUNDED}

    @property
    def ended(self) -> bool:
        """Over for now: after a failure, or a deadline, a late deposit or a refund may still move it."""
        return self.final or self in {Stage.FAILED, Stage.OVERDUE, Stage.EXPIRED}

    @property
    def awaits_deposit(self) -> bool:
        """The only time at which one may be sent."""
        return self in {Stage.NEW, Stage.WAITING}

    @property
    def brings(self) -> bool:
        """What was quoted has come, or is still on its way."""
        return self is Stage.FINISHED or not self.ended

    @property
    def rank(self) -> int | None:
        """How far along the usual way, 0 upward; every end is last. None: it has no place there (HOLD, UNKNOWN)."""
        if self.ended:
            return len(_WAY)
        return _WAY.index(self) if self in _WAY else None


_WAY = (Stage.NEW, Stage.WAITING, Stage.CONFIRMING, Stage.EXCHANGING, Stage.SENDING)


@dataclass(frozen=True, slots=True)
class SwapCoin:
    """One coin on one network. `ticker` is the provider's own, lower case and unique; `network` empty: not told.
    `runs_on`: what people are shown then, where the ticker gives it away; nothing is recognised by it.

    `pays_in`: one may send it; `pays_out`: one may receive it. `memo_name`: what its second address part is called,
    empty where it has none, None where the dialect cannot know. The URLs hold `%1$s` for the address or the hash.
    `fixed_time`: how long a fixed swap waits for its deposit. `notes`: the provider's warnings, its own words.
    """

    ticker: str
    name: str
    network: str = ""
    protocol: str = ""
    contract: str = ""
    pays_in: bool = True
    pays_out: bool = True
    fixed: bool = False
    memo_name: str | None = None
    address_url: str = ""
    transaction_url: str = ""
    confirmations: int | None = None
    fixed_time: timedelta | None = None
    notes: tuple[str, ...] = ()
    runs_on: str = ""


@dataclass(frozen=True, slots=True)
class SwapLimits:
    """Of the amount that is sent. None: not known."""

    least: Decimal | None = None
    most: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SwapQuote:
    """What `amount` of `source` would bring in `target`.

    `gross` is before, `net` after the network fee, which is in `target`; each None where the dialect cannot know it.
    `rate`: target per source, before the network fee. `rate_id` and `expires_at`: of a fixed quote only.
    """

    source: str
    target: str
    kind: RateKind
    amount: Decimal
    fetched_at: datetime
    gross: Decimal | None = None
    network_fee: Decimal | None = None
    net: Decimal | None = None
    rate: Decimal | None = None
    limits: SwapLimits = SwapLimits()
    rate_id: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SwapRequest:
    """One swap as it goes out: these very texts are shown, confirmed and sent. Empty: there is none.

    `amount` of `source` is to be sent; `expected` of `target` is what the quote said would come (only some dialects
    send it). `rate_id`: of a fixed quote.
    """

    source: str
    target: str
    kind: RateKind
    amount: str
    address: str
    memo: str = ""
    refund_address: str = ""
    refund_memo: str = ""
    rate_id: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Swap:
    """A swap as its provider tells it. None and empty where it does not say.

    `payin_memo`: empty for none, None where the dialect cannot know. `raw_stage` is the provider's own word.
    `target_expected` is before the network fee; `amount_out` is what was paid out, after it. `fee_ticker`: the coin
    of `network_fee`. `received_at`: when the deposit came; `sent_at`: when the payout left.
    """

    id: str
    source: str
    target: str
    stage: Stage
    raw_stage: str
    kind: RateKind | None = None
    payin_address: str = ""
    payin_memo: str | None = None
    payout_address: str = ""
    payout_memo: str = ""
    refund_address: str = ""
    amount_expected: Decimal | None = None
    target_expected: Decimal | None = None
    amount_in: Decimal | None = None
    amount_out: Decimal | None = None
    network_fee: Decimal | None = None
    fee_ticker: str = ""
    track_url: str = ""
    pay_till: datetime | None = None
    created_at: datetime | None = None
    received_at: datetime | None = None
    sent_at: datetime | None = None
    payin_hash: str = ""
    payout_hash: str = ""
    refund_hash: str = ""
    payout_link: str = ""
    refund_link: str = ""
    confirmations: int | None = None

    @property
    def net_expected(self) -> Decimal | None:
        """`target_expected` after the network fee; None where that is not known."""
        if self.target_expected is None or self.network_fee is None or self.fee_ticker != self.target:
            return None
        return EXACT.subtract(self.target_expected, self.network_fee)


@dataclass(frozen=True, slots=True)
class SwapTraits:
    """What a provider is and can do in the dialect it is spoken to.

    `fixed`: has fixed quotes. `batch`: ids a look-up takes. `finds`: swaps can be looked up by their payout address.
    `memos`: tells the memo a deposit needs. `refunds`: takes a refund address. `validates`: checks addresses.
    `secrets`: the fields of Credentials it needs.
    """

    name: str
    title: str
    dialect: str
    fixed: bool = True
    batch: int = 1
    finds: bool = True
    memos: bool = True
    refunds: bool = True
    validates: bool = True
    secrets: tuple[str, ...] = ("key", "secret")
