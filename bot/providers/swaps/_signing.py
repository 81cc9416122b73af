"""Changelly's two ways to sign a body, and what names the key on the wire.

v2: RSASSA-PKCS1-v1_5 with SHA-256, base64; the key is named by the base64 SHA-256 of its public part in PKCS#1 DER.
v1 and rest: HMAC-SHA512 in hex, under the secret's text bytes.
"""

import base64
import hashlib
import hmac
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

from bot.domain.orders import Credentials

_FEWEST_BITS, _MOST_BITS = 2048, 4096
_TRIAL = b"{}"

Nonces = Callable[[str], Awaitable[int]]
"""The next nonce of a key, by its id: larger than any before, over restarts and steps of the clock too."""


class BadKey(ValueError):
    """These credentials cannot sign. Says nothing of them."""


class Signer(Protocol):
    key_id: str
    """Tells keys apart and tells nothing of them; the same for the same key."""

    async def headers(self, body: bytes) -> Mapping[str, str]:
        """For exactly these bytes. With a nonce each result is good once, and in the order of their making."""
        ...


class RsaSigner:
    """v2. `private_key`: PKCS#8 DER in hex, as Changelly hands it out. Raises BadKey."""

    def __init__(self, private_key: str) -> None:
        self._key = _loaded(private_key)
        public = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
        self.api_key = base64.b64encode(hashlib.sha256(public).digest()).decode()
        self.key_id = _id_of(self.api_key)

    async def headers(self, body: bytes) -> Mapping[str, str]:
        return {"X-Api-Key": self.api_key, "X-Api-Signature": base64.b64encode(_signed(self._key, body)).decode()}


class HmacSigner:
    """v1."""

    def __init__(self, key: str, secret: str) -> None:
        self._key, self._secret = _words(key, secret)
        self.key_id = _id_of(key)

    async def headers(self, body: bytes) -> Mapping[str, str]:
        return {"api-key": self._key, "sign": _hmac(self._secret, body)}


class NonceSigner:
    """rest. The nonce is not under the signature; a call without a body signs the empty one."""

    def __init__(self, key: str, secret: str, nonces: Nonces) -> None:
        self._key, self._secret = _words(key, secret)
        self._nonces = nonces
        self.key_id = _id_of(key)

    async def headers(self, body: bytes) -> Mapping[str, str]:
        nonce = await self._nonces(self.key_id)
        return {"X-API-Key": self._key, "X-Nonce": str(nonce), "X-Sign": _hmac(self._secret, body)}


def require_private_key(private_key: str) -> None:
    """Raises BadKey where it is none that v2 could sign with."""
    _loaded(private_key)


def signer(dialect: str, credentials: Credentials, nonces: Nonces) -> Signer:
    """Raises BadKey. In v2 `credentials.key` may be empty; otherwise it must be the private key's own."""
    if dialect == "v1":
        return HmacSigner(credentials.key, credentials.secret)
    if dialect == "rest":
        return NonceSigner(credentials.key, credentials.secret, nonces)
    rsa = RsaSigner(credentials.secret)
    if credentials.key and credentials.key != rsa.api_key:
        raise BadKey("the API key does not belong to the private key")
    return rsa


def _id_of(api_key: str) -> str:
    return hashlib.sha256(api_key.encode()).hexdigest()[:16]


def _words(key: str, secret: str) -> tuple[str, bytes]:
    """As they go into a header and into the HMAC."""
    if not key or not secret or not (key.isascii() and key.isprintable()):
        raise BadKey("an API key and a secret")
    return key, secret.encode()


def _hmac(secret: bytes, body: bytes) -> str:
    return hmac.new(secret, body, hashlib.sha512).hexdigest()


def _signed(key: RSAPrivateKey, body: bytes) -> bytes:
    return key.sign(body, PKCS1v15(), SHA256())


def _loaded(private_key: str) -> RSAPrivateKey:
    # None of the library's words go on: an error of parsing may quote what it read.
    try:
        key = load_der_private_key(bytes.fromhex(private_key), None, unsafe_skip_rsa_key_validation=True)
        sound = isinstance(key, RSAPrivateKey) and _MOST_BITS >= key.key_size >= _FEWEST_BITS and _consistent(key)
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature):
        sound = False
    if not sound or not isinstance(key, RSAPrivateKey):
        raise BadKey("an RSA private key: PKCS#8 DER in hex")
    return key


def _consistent(key: RSAPrivateKey) -> bool:
    """The library's own check also proves both factors prime: 50 ms in which the event loop stands still.

    Without it a key only a fool could have made passes; every other damage is seen here.
    """
    numbers = key.private_numbers()
    p, q, d, public = numbers.p, numbers.q, numbers.d, numbers.public_numbers
    if min(p, q, d, public.e) < 3 or p * q != public.n or p % 2 == 0 or q % 2 == 0:
        return False
    if (public.e * d) % math.lcm(p - 1, q - 1) != 1 or (numbers.iqmp * q) % p != 1:
        return False
    if numbers.dmp1 != d % (p - 1) or numbers.dmq1 != d % (q - 1):
        return False
    key.public_key().verify(_signed(key, _TRIAL), _TRIAL, PKCS1v15(), SHA256())
    return True
