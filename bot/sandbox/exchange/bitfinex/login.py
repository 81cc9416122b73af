"""Who asks: Bitfinex's signature over the very bytes of the body, a number that must grow, and what the key may do."""

import hashlib
import hmac
from collections.abc import Mapping

from bot.sandbox.exchange.accounts import Key
from bot.sandbox.exchange.bitfinex.wire import MOST_DIGITS, Complaint
from bot.sandbox.exchange.engine import Engine

# What a number can be in JavaScript without losing digits.
LARGEST_NONCE = 2**53 - 1


def signature(secret: str, path: str, nonce: str, body: bytes) -> str:
    """HMAC-SHA384 in hex, as the vendor's documentation has it; `path` begins with /v2."""
    return hmac.new(secret.encode(), f"/api{path}{nonce}".encode() + body, hashlib.sha384).hexdigest()


def admitted(engine: Engine, path: str, headers: Mapping[str, str], body: bytes, *, came_from: str) -> Key:
    """The key that signed this; its nonce is spent by that. Complaint where it may not come in."""
    key = engine.keys.get(headers.get("bfx-apikey", ""))
    if key is None or _shut(key, came_from, engine.now_ms()):
        raise Complaint(10100, "apikey: invalid")
    nonce = headers.get("bfx-nonce", "")
    if not (nonce.isascii() and nonce.isdigit() and len(nonce) <= MOST_DIGITS) or int(nonce) > LARGEST_NONCE:
        raise Complaint(10114, "nonce: invalid")
    if headers.get("bfx-signature") != signature(key.secret, path, nonce, body):
        raise Complaint(10100, "apikey: digest invalid")
    if int(nonce) <= key.nonce:
        raise Complaint(10114, "nonce: small")
    key.nonce = int(nonce)
    return key


def permissions(key: Key) -> list[list[str | int]]:
    """Rows of scope, read, write."""
    reads, trades = int(key.read), int(key.trade)
    return [
        ["account", reads, 0],
        ["history", reads, 0],
        ["orders", reads, trades],
        ["positions", reads, trades],
        ["funding", reads, 0],
        ["settings", reads, 0],
        ["wallets", reads, 0],
        ["withdraw", 0, int(key.withdraw)],
        ["ui_withdraw", 0, 0],
    ]


def may(key: Key, *, write: bool) -> None:
    """Complaint where the key has no right to change orders, or to see anything."""
    if not (key.trade if write else key.read):
        raise Complaint(10001, "api_key: permission invalid")


def _shut(key: Key, came_from: str, now_ms: int) -> bool:
    expired = key.expires_ms is not None and now_ms >= key.expires_ms
    return expired or bool(key.ips and came_from not in key.ips)
