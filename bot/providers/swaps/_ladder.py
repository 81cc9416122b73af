"""What went wrong at Changelly, said in the desk's own words. No text of the vendor's, and no address, leaves here.

A creation counts as refused only where the vendor answered no in its own well-formed words, and as not sent only where
it never had a line to leave by. Everything else is not known. One code means several things and the words drift between
versions, so that fragments of the words, and what came with them, decide before the code does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum, StrEnum, auto

from bot.domain.errors import BotError, Refused, Unavailable, Unsure
from bot.domain.swaps import SwapLimits
from bot.providers.swaps._fields import number


class Cause(StrEnum):
    """Why Changelly said no. The value is the text's key."""

    BELOW = "swap.below"
    ABOVE = "swap.above"
    TOO_LITTLE = "swap.refused.too_little"
    TOO_MUCH = "swap.refused.too_much"
    COIN = "swap.refused.coin"
    PAUSED = "swap.refused.paused"
    INPUT = "swap.refused.input"
    OUTPUT = "swap.refused.output"
    NO_FIXED = "swap.refused.fixed"
    PAIR = "swap.refused.pair"
    ADDRESS = "swap.refused.address"
    REFUND = "swap.refused.refund"
    MEMO = "swap.refused.memo"
    RATE_GONE = "swap.refused.rate_gone"
    FIXED_CROWD = "swap.refused.fixed_crowd"
    LATER = "swap.refused.later"
    KEY = "swap.refused.key"
    ALLOW_LIST = "swap.refused.allow_list"
    RATE = "swap.refused.busy"
    NONCE = "swap.refused.nonce"
    REQUEST = "swap.refused.request"
    NO_SWAP = "swap.refused.no_swap"
    MEMO_UNTOLD = "swap.refused.memo_untold"
    NO_LIST = "swap.refused.no_list"
    UNDECIDED = "swap.unsure"
    """Said of a swap that may yet have been made."""


_UNTOLD = SwapLimits()


@dataclass(frozen=True, slots=True)
class Complaint:
    """A well-formed no. `values` go to the text; `limits` where it told them."""

    cause: Cause
    values: Mapping[str, object] = field(default_factory=dict)
    limits: SwapLimits = _UNTOLD


class How(Enum):
    """How far a call got."""

    NOT_SENT = auto()
    CROWDED = auto()
    LOST = auto()
    GARBLED = auto()
    ANSWERED = auto()


@dataclass(frozen=True, slots=True)
class Failure:
    """A call without a usable answer. `complaint` where it is ANSWERED; `likely`: what its status alone stands for,
    enough to tell who only wanted to read.
    """

    how: How
    status: int = 0
    complaint: Complaint | None = None
    cut: bool = False
    likely: Cause | None = None

    @property
    def cause(self) -> Cause | None:
        return self.complaint.cause if self.complaint else None

    @property
    def figures(self) -> dict[str, str]:
        """For the log."""
        return {"how": self.how.name, "cause": self.cause.name if self.cause else "", "status": str(self.status)}

    @property
    def refusal(self) -> Cause | None:
        """The explicit no, where there is one."""
        return None if self.status >= 500 or self.cause is Cause.UNDECIDED else self.cause

    @property
    def of_key(self) -> bool:
        """It is the key that was turned away."""
        return (self.likely or self.refusal) in {Cause.KEY, Cause.ALLOW_LIST}

    @property
    def worth_another_try(self) -> bool:
        """Of a read."""
        if self.how is How.ANSWERED:
            return self.refusal in {None, Cause.RATE, Cause.NONCE, Cause.LATER}
        return self.how in {How.NOT_SENT, How.LOST} or self.status >= 500 or self.cut

    @property
    def vendors_fault(self) -> bool:
        """It says something of the vendor's health."""
        return self.how is not How.CROWDED and self.refusal in {None, Cause.LATER}

    def of_read(self, source: str, retry_at: datetime | None) -> BotError:
        """Unavailable where nothing could be learnt; Refused where the vendor says no for good."""
        if self.how is How.CROWDED or self.refusal in {Cause.RATE, Cause.NONCE}:
            return Unavailable("source.busy", source=source, retry_at=retry_at)
        if self.likely is not None:
            return Refused(self.likely.value, source=source)
        if self.complaint is not None and self.refusal not in {None, Cause.LATER}:
            return Refused(self.complaint.cause.value, **{"source": source, **self.complaint.values})
        garbled = self.how is How.GARBLED and self.status < 500
        return Unavailable("source.garbled" if garbled else "source.down", source=source, retry_at=retry_at)

    def of_money(self, source: str, intent: str, retry_at: datetime | None, *, left: bool) -> BotError:
        """Refused: explicitly not made. Unavailable: it surely never left. Unsure: all else."""
        if not left:
            return self.of_read(source, retry_at)
        if self.complaint is not None and self.refusal is not None:
            return Refused(self.refusal.value, **{"source": source, **self.complaint.values})
        return Unsure(Cause.UNDECIDED.value, source=source, intent=intent)


# --- what the words mean ----------------------------------------------------------------------------------------------

_WORDS: tuple[tuple[Cause, tuple[str, ...]], ...] = (
    (Cause.RATE, ("limit", "rps")),
    (Cause.RATE, ("too many requests",)),
    (Cause.FIXED_CROWD, ("creating fix", "limit")),
    (Cause.LATER, ("address generation",)),
    (Cause.RATE_GONE, ("rateid",)),
    (Cause.RATE_GONE, ("rate id",)),
    (Cause.NO_FIXED, ("disabled", "fix rate")),
    (Cause.NO_FIXED, ("disabled", "fixed")),
    (Cause.INPUT, ("disabled", "as input")),
    (Cause.OUTPUT, ("disabled", "as output")),
    (Cause.PAUSED, ("disabled",)),
    (Cause.BELOW, ("minimal amount",)),
    (Cause.BELOW, ("minimum amount",)),
    (Cause.ABOVE, ("maximal amount",)),
    (Cause.ABOVE, ("maximum amount",)),
    (Cause.ABOVE, ("max amount",)),
    (Cause.ABOVE, ("liquidity",)),
    (Cause.COIN, ("currency", "not found")),
    (Cause.COIN, ("invalid currency",)),
    (Cause.COIN, ("parameter from is",)),
    (Cause.COIN, ("parameter to is",)),
    (Cause.PAIR, ("pair",)),
    (Cause.REFUND, ("refund", "address")),
    (Cause.MEMO, ("extraid",)),
    (Cause.MEMO, ("extra id",)),
    (Cause.MEMO, ("memo",)),
    (Cause.ADDRESS, ("address", "valid")),
    (Cause.NONCE, ("nonce",)),
    (Cause.KEY, ("unauthorized",)),
)
"""In this order; all fragments of a row have to be there."""
INVALID_PARAMS = -32602
_NOT_CARRIED_OUT = frozenset({-32700, -32600, -32601, INVALID_PARAMS})
"""By which JSON-RPC says so; other codes leave it open, unless the words are as clear as these."""
_CLEAR = frozenset({Cause.RATE, Cause.FIXED_CROWD, Cause.LATER, Cause.RATE_GONE})
_LIMIT = re.compile(r"\b(?:min|max)\w*\s+amount\b.{0,60}?\bis\s+(?P<value>[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?)")
_COIN = re.compile(r"\bcurrency:?\s+(?P<ticker>[a-z0-9]{1,20})\b|^(?:error:\s*)?(?P<first>[a-z0-9]{1,20}) is temporar")
_PARAMETER = re.compile(r"\bparameter (?P<name>[a-z]{1,30}) is\b")


def complaint(code: object, message: str, data: object, info: object = None) -> Complaint:
    """What an error of Changelly's means. `data` and `info` are what came with it, v2's and v1's."""
    text = message.lower()
    limits = _limits(text, data, info)
    cause = next((cause for cause, words in _WORDS if all(word in text for word in words)), Cause.REQUEST)
    ranged = cause in {Cause.BELOW, Cause.ABOVE} and limits != _UNTOLD
    if code not in _NOT_CARRIED_OUT and cause not in _CLEAR and not ranged:
        cause = Cause.UNDECIDED
    if cause is Cause.BELOW and limits.least is None:
        cause = Cause.TOO_LITTLE
    if cause is Cause.ABOVE and limits.most is None:
        cause = Cause.TOO_MUCH
    return Complaint(cause, _values(cause, text, limits), limits)


def _values(cause: Cause, text: str, limits: SwapLimits) -> dict[str, object]:
    if cause in {Cause.BELOW, Cause.ABOVE}:
        return {"least": limits.least, "most": limits.most}
    if (named := _COIN.search(text)) is not None:
        return {"ticker": named["ticker"] or named["first"]}
    parameter = _PARAMETER.search(text)
    return {"field": parameter["name"]} if parameter else {}


def _limits(text: str, data: object, info: object) -> SwapLimits:
    """From what came with the error, else from its words, which tell one side."""
    told = _inner(data, "limits")
    least, most = number(_inner(told, "min", "from")), number(_inner(told, "max", "from"))
    least = least or number(_inner(info, "minimalAmountFrom"))
    most = most or number(_inner(info, "maximalAmountFrom"))
    found = _LIMIT.search(text)
    if found is not None and found[0].startswith("min"):
        least = least or _positive(found["value"])
    elif found is not None:
        most = most or _positive(found["value"])
    return SwapLimits(least, most)


def _positive(text: str) -> Decimal | None:
    return number(text) or None


def _inner(value: object, *names: str) -> object:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
