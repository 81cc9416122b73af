"""How Bitfinex writes: arrays instead of objects, numbers as numbers, and complaints as arrays too."""

import json
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from aiohttp import web

from bot.sandbox.coincodex.wire import encode
from bot.sandbox.exchange.pairs import GRAIN

MOST_INT45 = 2**45 - 1
MOST_DIGITS = 16


class Complaint(Exception):
    """Answered as `["error", code, text]`; nearly all of them come with status 500, rates with 429."""

    def __init__(self, code: int, text: str, status: int = 500) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = status


def answered(payload: Any, status: int = 200) -> web.Response:
    """A Decimal becomes a number with exactly its digits."""
    return web.Response(body=encode(payload), status=status, content_type="application/json")


def refused(complaint: Complaint) -> web.Response:
    """The same for what went wrong."""
    return answered(["error", complaint.code, complaint.text], complaint.status)


def notice(kind: str, at: int, data: Any, text: str) -> list[Any]:
    """What every call that changes something answers with."""
    return [at, kind, None, None, data, None, "SUCCESS", text]


def asked(body: bytes) -> dict[str, Any]:
    """What a signed call asks for; nothing where the body is empty."""
    try:
        read = json.loads(body or b"{}", parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Complaint(10020, "payload: invalid") from None
    if not isinstance(read, dict):
        raise Complaint(10020, "payload: invalid")
    return read


def number(value: Any, field: str) -> Decimal:
    """An amount or a price: text or number, finite, to eight decimals."""
    try:
        read = Decimal(str(value)).quantize(GRAIN, ROUND_HALF_UP)
    except InvalidOperation:
        raise Complaint(10020, f"{field}: invalid") from None
    if not read.is_finite():
        raise Complaint(10020, f"{field}: invalid")
    return read


def whole(value: Any, field: str, least: int = 0, most: int = MOST_INT45) -> int:
    """A whole number, perhaps in quotes."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS) or not least <= int(text) <= most:
        raise Complaint(10020, f"{field}: invalid")
    return int(text)


def wholes(value: Any, field: str) -> set[int]:
    """One whole number or a list of them."""
    return {whole(one, field) for one in (value if isinstance(value, list) else [value])}
