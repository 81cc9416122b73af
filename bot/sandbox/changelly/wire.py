"""How both JSON-RPC dialects and rest are read and written: money as text, moments in the unit of the place."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from aiohttp import web

from bot.sandbox.changelly.problems import invalid

AMOUNT = re.compile(r"\d{1,20}(\.\d{1,30})?", re.ASCII)
LONGEST_TEXT = 1_000


def parsed(body: bytes) -> Any:
    """ValueError for what is no JSON."""
    try:
        return json.loads(body, parse_float=Decimal)
    except RecursionError:
        raise ValueError("too deep") from None


def word(params: Mapping[str, Any], name: str) -> str:
    """A text that must be there. Raises Problem."""
    value = params.get(name)
    if not isinstance(value, str) or not value or len(value) > LONGEST_TEXT:
        raise invalid(name)
    return value


def ticker(params: Mapping[str, Any], name: str) -> str:
    """The same as the desk knows it: the vendor was seen to take upper case."""
    return word(params, name).lower()


def maybe(params: Mapping[str, Any], name: str) -> str:
    """Empty where it is missing, null or empty. Raises Problem."""
    return word(params, name) if params.get(name) not in (None, "") else ""


def amount(params: Mapping[str, Any], name: str, *, numbers: bool = False) -> Decimal:
    """More than nothing; JSON numbers only where `numbers` may be. Raises Problem."""
    value = params.get(name)
    if numbers and isinstance(value, int | Decimal) and not isinstance(value, bool):
        value = f"{value:f}"
    if not isinstance(value, str) or not AMOUNT.fullmatch(value) or not Decimal(value):
        raise invalid(name)
    return Decimal(value)


def answered(payload: Any, status: int = 200) -> web.Response:
    """JSON in ASCII: what was asked may come back, and a person may ask for half a letter."""
    body = json.dumps(payload, separators=(",", ":")).encode()
    return web.Response(body=body, status=status, content_type="application/json", charset="utf-8")


def iso(at: float) -> str:
    """`2023-10-27T10:00:00.000Z`."""
    return _stamp(at) + "Z"


def iso_offset(at: float) -> str:
    """`2024-09-17T02:51:54.173+00:00`."""
    return _stamp(at) + "+00:00"


def microseconds(at: float | None) -> int:
    """0: not yet."""
    return 0 if at is None else round(at * 1_000_000)


def seconds(at: float | None) -> int:
    """0: not yet."""
    return 0 if at is None else int(at)


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
