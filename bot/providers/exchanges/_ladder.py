"""What went wrong at an exchange, said in the desk's own words. No text of a vendor's, and no address, leaves here.

An order counts as refused only where the exchange answered no in its own well-formed words, and as not sent only where
it never had a line to leave by. Everything else is not known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum, auto

from bot.domain.errors import BotError, Refused, Unavailable, Unsure
from bot.providers.exchanges._pace import Crowded
from bot.providers.exchanges._wire import Flight, Garbled, Lost, NotSent

_RATE_STATUSES = frozenset({418, 429})


class Cause(StrEnum):
    """Why an exchange said no. The value is the text's key."""

    FUNDS = "exchange.refused.funds"
    MINIMUM = "exchange.refused.minimum"
    MAXIMUM = "exchange.refused.maximum"
    PRECISION = "exchange.refused.precision"
    PRICE = "exchange.refused.price"
    RULES = "exchange.refused.rules"
    SYMBOL = "exchange.refused.symbol"
    CLOSED = "exchange.refused.closed"
    KEY = "exchange.refused.key"
    RIGHTS = "exchange.refused.rights"
    CLOCK = "exchange.refused.clock"
    RATE = "exchange.refused.rate"
    NO_ORDER = "exchange.refused.no_order"
    NO_ACCOUNT = "exchange.refused.no_account"
    UNDECIDED = "exchange.unsure"
    """Said of an order that may yet have been taken: the exchange's own time-outs, and an id that it has seen."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """An exchange's well-formed no. `text` is for matching only, in lower case."""

    code: str
    text: str


class Answered(Exception):
    """The exchange answered with an error. `kinds`: names of the classes that ccxt takes it for, nearest first."""

    def __init__(self, status: int, cause: Cause | None, kinds: tuple[str, ...]) -> None:
        super().__init__(status)
        self.status = status
        self.cause = cause
        self.kinds = kinds


class Altered(Exception):
    """What was about to leave is not what was confirmed. Nothing has left."""


class How(Enum):
    """How far it got."""

    NOT_SENT = auto()
    CROWDED = auto()
    LOST = auto()
    GARBLED = auto()
    ANSWERED = auto()
    OURS = auto()


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception without its words. `name`: its class, for the log."""

    how: How
    name: str
    cause: Cause | None = None
    status: int = 0

    @property
    def figures(self) -> dict[str, str]:
        """For the log."""
        cause = self.cause.name if self.cause else ""
        return {"how": self.how.name, "why": self.name, "cause": cause, "status": str(self.status)}

    @property
    def refusal(self) -> Cause | None:
        return None if self.cause is Cause.UNDECIDED else self.cause

    @property
    def worth_another_try(self) -> bool:
        """Of a read."""
        if self.refusal is not None:
            return False
        return self.how in {How.NOT_SENT, How.LOST, How.GARBLED} or (self.how is How.ANSWERED and self.status >= 500)


_HOW: Mapping[type[Exception], How] = {NotSent: How.NOT_SENT, Crowded: How.CROWDED, Lost: How.LOST}

_BY_CLASS = {
    "Altered": Cause.PRECISION,
    "InsufficientFunds": Cause.FUNDS,
    "OrderNotFound": Cause.NO_ORDER,
    "DuplicateOrderId": Cause.UNDECIDED,
    "InvalidOrder": Cause.RULES,
    "PermissionDenied": Cause.RIGHTS,
    "AuthenticationError": Cause.KEY,
    "BadSymbol": Cause.SYMBOL,
    "DDoSProtection": Cause.RATE,
    "RateLimitExceeded": Cause.RATE,
    "InvalidNonce": Cause.CLOCK,
    "BadRequest": Cause.RULES,
    "ArgumentsRequired": Cause.RULES,
    "NotSupported": Cause.RULES,
}
"""For what an exchange's own table leaves out."""


def cause_by_class(kinds: tuple[str, ...]) -> Cause | None:
    return next((_BY_CLASS[kind] for kind in kinds if kind in _BY_CLASS), None)


def failure(error: Exception) -> Failure:
    name = type(error).__name__
    if isinstance(error, Garbled | Answered):
        how = How.GARBLED if isinstance(error, Garbled) else How.ANSWERED
        cause = error.cause if isinstance(error, Answered) else None
        return Failure(how, name, Cause.RATE if error.status in _RATE_STATUSES else cause, error.status)
    if type(error) in _HOW:
        return Failure(_HOW[type(error)], name)
    return Failure(How.OURS, name, cause_by_class(tuple(each.__name__ for each in type(error).__mro__)))


def of_read(failed: Failure, source: str, retry_at: datetime | None) -> BotError:
    """Unavailable where nothing could be learnt; Refused where the exchange says no for good."""
    if failed.how is How.CROWDED or failed.cause is Cause.RATE:
        return Unavailable("source.busy", source=source, retry_at=retry_at)
    if failed.refusal is not None:
        return Refused(failed.refusal.value, source=source)
    key = "source.garbled" if failed.how in {How.GARBLED, How.OURS} and failed.status < 500 else "source.down"
    return Unavailable(key, source=source, retry_at=retry_at)


def of_money(failed: Failure, flight: Flight, source: str, intent: str, retry_at: datetime | None) -> BotError:
    """Refused: explicitly not taken. Unavailable: it surely never left. Unsure: all else."""
    if not flight.left:
        return of_read(failed, source, retry_at)
    if failed.how in {How.ANSWERED, How.GARBLED} and failed.refusal is not None:
        return Refused(failed.refusal.value, source=source)
    return Unsure(Cause.UNDECIDED.value, source=source, intent=intent)
