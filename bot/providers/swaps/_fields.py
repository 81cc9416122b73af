"""Single fields of Changelly's answers. Whatever stands there: what cannot be read is not known, and nothing raises."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.money import EXACT
from bot.domain.orders import plain

Row = Mapping[str, Any]

LONGEST_TEXT = 300
_NUMBER = re.compile(r"[0-9]{1,30}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
_MILLISECONDS_FROM = 10**11
_MICROSECONDS_FROM = 10**14
"""Of a count since 1970: the year 5138 in seconds, 1973 in milliseconds; what is larger is the next finer unit."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def text(value: object) -> str:
    """One line that can be shown and sent as it is; empty for all else."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.isprintable() or len(value) > LONGEST_TEXT:
        return ""
    return value.strip()


def word(value: object) -> str:
    """Without a space in it: an address, a hash, an id."""
    found = text(value)
    return "" if " " in found else found


def number(value: object) -> Decimal | None:
    """A sum of money, zero or more, given as text or as a number; without an exponent."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal) or not _NUMBER.fullmatch(str(value)):
        return None
    return plain(EXACT.create_decimal(str(value)))


def positive(value: object) -> Decimal | None:
    """For columns that hold zero as long as nothing has happened."""
    return number(value) or None


def count(value: object) -> int | None:
    found = number(value)
    return int(found) if found is not None and found == int(found) and found < 10**9 else None


def instant(value: object) -> datetime | None:
    """ISO 8601 with or without an offset, or seconds, milliseconds or microseconds since 1970; zero is never."""
    try:
        return _iso(value) if isinstance(value, str) and not value.isdigit() else _since_1970(value)
    except (ValueError, OverflowError):
        return None


def _iso(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _since_1970(value: object) -> datetime | None:
    # Nearly all are whole numbers, and there are four in each row that is looked at.
    found = value if isinstance(value, int) and not isinstance(value, bool) else number(value)
    if not found or found < 0:
        return None
    units = 1_000_000 if found < _MILLISECONDS_FROM else 1000 if found < _MICROSECONDS_FROM else 1
    return _EPOCH + timedelta(microseconds=int(found * units))


def link(value: object) -> str:
    found = word(value)
    return found if found.startswith("https://") else ""


def rows(content: object) -> list[Row] | None:
    """What of a list is a row; None where it is no list."""
    return [row for row in content if isinstance(row, Mapping)] if isinstance(content, list) else None
