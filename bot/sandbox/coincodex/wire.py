"""How CoinCodex writes things: JSON numbers as a browser would, UTC times without a zone."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson

# JavaScript writes smaller numbers with an exponent, and so does this vendor.
SMALLEST_PLAIN = -6


class Refusal(Exception):
    """Answered with this status and words; CoinCodex knows 400, 401, 403, 409, 422, 423 and 500."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def encode(payload: Any) -> bytes:
    """JSON bytes; a Decimal becomes a number with exactly its digits."""
    return orjson.dumps(payload, default=_number)


def plain(value: Decimal) -> str:
    """The digits of a number, without needless zeros."""
    value = value.normalize()
    if value and value.adjusted() < SMALLEST_PLAIN:
        return f"{value:e}"
    return f"{value:f}"


def utc(at: int | None) -> str | None:
    """`YYYY-MM-DD HH:MM:SS`, as the vendor writes moments."""
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _number(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(plain(value).encode())
    raise TypeError(f"{type(value).__name__} has no place in an answer")
