"""What a person chose for his own safety."""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Limits:
    """In USD: the largest order, and the largest sum of one day (UTC)."""

    per_order: Decimal
    per_day: Decimal


@dataclass(frozen=True, slots=True)
class Guard:
    """`second_step`: a code from his app is asked for. `limits`: those that hold, within the operator's."""

    locked: bool
    second_step: bool
    phrase: str = field(repr=False)
    limits: Limits


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs, shown once."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
