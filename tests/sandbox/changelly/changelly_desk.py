"""A Changelly stand-in whose clock stands still, and a caller that signs by hand as each dialect's document says."""

import base64
import hashlib
import hmac
import json
from decimal import Decimal
from functools import cache
from typing import Any

import aiohttp
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from bot.sandbox.changelly import ChangellyStandIn, Login, fresh_private_key
from bot.sandbox.market import Market

NOON = 1_795_262_400.0  # Saturday 21 November 2026, 12:00 UTC
PACE_S = 10.0
# Published by their owners, or in the documents of their networks.
PLACES = {
    "btc": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    "eth": "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045",
    "usdtrx": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
    "sol": "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV",
    "xrp": "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
    "xlm": "GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN",
    "ltc": "LTpYZG19YmfvY2bBDYtCKpunVRw7nVgRHW",
    "doge": "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L",
    "xmr": "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
}


class Clock:
    """Seconds since 1970, moved by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@cache
def private_key(owner: str = "operator") -> str:  # noqa: ARG001  # one for each, the same in all tests of a run
    return fresh_private_key()


@cache
def loaded_key(text: str) -> Any:
    """Reading a key checks it, which takes its time."""
    return serialization.load_der_private_key(bytes.fromhex(text), None)


@cache
def still_market() -> Market:
    """In which it is always noon."""
    return Market(invented=5, dust=0, clock=lambda: NOON)


def standin(clock: Clock, market: Market | None = None, **kwargs: Any) -> ChangellyStandIn:
    made = ChangellyStandIn(market or still_market(), clock=clock, **kwargs)
    made.engine.progress.pace_s = PACE_S
    return made


class Caller:
    """`v1` and `v2` return what stands in `result`, or the error object; `rest` returns status and payload."""

    def __init__(self, url: str, session: aiohttp.ClientSession, login: Login) -> None:
        self.url, self.session, self.login = url, session, login
        self.nonce = 1_000
        loaded = loaded_key(login.private_key)
        self.sign_rsa = lambda body: base64.b64encode(loaded.sign(body, padding.PKCS1v15(), hashes.SHA256())).decode()
        der = loaded.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
        self.rsa_id = base64.b64encode(hashlib.sha256(der).digest()).decode()

    def hmac(self, body: bytes) -> str:
        return hmac.new(self.login.secret.encode(), body, hashlib.sha512).hexdigest()

    def headers(self, version: str, body: bytes) -> dict[str, str]:
        if version == "v2":
            return {"X-Api-Key": self.rsa_id, "X-Api-Signature": self.sign_rsa(body)}
        if version == "v1":
            return {"api-key": self.login.key, "sign": self.hmac(body)}
        self.nonce += 1
        return {"X-API-Key": self.login.key, "X-Nonce": str(self.nonce), "X-Sign": self.hmac(body)}

    async def v2(self, method: str, params: Any = None, /, **envelope: Any) -> Any:
        return await self._called("v2", method, params, envelope)

    async def v1(self, method: str, params: Any = None, /, **envelope: Any) -> Any:
        return await self._called("v1", method, params, envelope)

    async def rest(self, verb: str, path: str, asked: Any = None, **changed: str) -> tuple[int, Any]:
        """Headers may be `changed`, or left out when empty."""
        body = b"" if asked is None else json.dumps(asked, separators=(",", ":")).encode()
        headers = self.headers("rest", body) | {name.replace("_", "-"): value for name, value in changed.items()}
        headers = {name: value for name, value in headers.items() if value}
        url = f"{self.url}/api/v1/{path}"
        async with self.session.request(verb, url, data=body or None, headers=headers) as answer:
            return answer.status, json.loads(await answer.read(), parse_float=Decimal)

    async def raw(self, version: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text, signed unless other headers are given."""
        path = "/v2" if version == "v2" else "/"
        headers = self.headers(version, body) if headers is None else headers
        async with self.session.post(self.url + path, data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def _called(self, version: str, method: str, params: Any, envelope: dict[str, Any]) -> Any:
        asked = {"jsonrpc": "2.0", "id": "q1", "method": method, "params": params} | envelope
        body = json.dumps({name: value for name, value in asked.items() if value is not None}).encode()
        status, text = await self.raw(version, body)
        told = json.loads(text, parse_float=Decimal)
        assert (status, told["jsonrpc"], told["id"]) == (200, "2.0", asked["id"])
        assert len(told) == 3
        return told["result"] if "result" in told else told["error"]
