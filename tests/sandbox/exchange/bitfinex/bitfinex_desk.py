"""A Bitfinex stand-in whose clock stands still, ccxt's own class that talks to it, and a caller without any library."""

import hashlib
import hmac
import json
from decimal import Decimal
from typing import Any

import aiohttp
import ccxt.async_support as ccxt

from bot.sandbox.exchange.accounts import Login
from bot.sandbox.exchange.bitfinex import BitfinexStandIn, venue
from bot.sandbox.market import Market

NOON = 1_795_262_400.0  # Saturday 21 November 2026, 12:00 UTC


class Clock:
    """Seconds since 1970, moved by hand; without a move the other traders do nothing."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def standin(clock: Clock) -> BitfinexStandIn:
    market = Market(invented=5, dust=0, clock=clock)
    return BitfinexStandIn(venue(market, clock=clock))


def client(url: str, session: aiohttp.ClientSession, login: Login | None = None, **options: Any) -> ccxt.bitfinex:
    """ccxt's own class; only its addresses are different, and it does not hold itself back."""
    keys = {"apiKey": login.key, "secret": login.secret} if login else {}
    made = ccxt.bitfinex({"session": session, "enableRateLimit": False, "number": Decimal, **keys, **options})
    made.urls["api"] = dict.fromkeys(("v1", "public", "private"), url)
    made.timeout_on_exit = 0
    return made


class Caller:
    """Signs as the vendor's documentation says, by hand."""

    def __init__(self, url: str, session: aiohttp.ClientSession, login: Login) -> None:
        self.url, self.session, self.login = url, session, login
        self.nonce = 1_000

    async def post(self, path: str, body: bytes | dict[str, Any] = b"{}", **changed: str) -> tuple[int, Any]:
        """The next nonce, unless `changed` names a header: apikey, nonce, signature."""
        raw = json.dumps(body).encode() if isinstance(body, dict) else body
        self.nonce += 1
        nonce = changed.get("nonce", str(self.nonce))
        signed = hmac.new(self.login.secret.encode(), f"/api/v2/{path}{nonce}".encode() + raw, hashlib.sha384)
        headers = {"apikey": self.login.key, "nonce": nonce, "signature": signed.hexdigest()} | changed
        async with self.session.post(
            f"{self.url}/v2/{path}", data=raw, headers={f"bfx-{name}": value for name, value in headers.items()}
        ) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.session.get(f"{self.url}/v2/{path}") as answer:
            return answer.status, await answer.json()
