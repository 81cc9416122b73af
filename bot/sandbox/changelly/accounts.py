"""Who may ask: an account has one pair for each way of signing, and each is checked over the very bytes that came."""

import base64
import hashlib
import hmac
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

LARGEST_NONCE = 2**64 - 1
RATE_LIMIT, RATE_WINDOW_S = 10, 1.0


class Login(NamedTuple):
    """What a person pastes: `key` and `secret` for v1 and rest, `private_key` (PKCS#8 DER in hex) for v2.

    `public_id` is what v2 calls its API key: it follows from the private key.
    """

    key: str
    secret: str
    private_key: str
    public_id: str


class Stranger(Exception):
    """Nobody we know, or not signed by him; `reason` is for those dialects that tell one."""

    def __init__(self, reason: str, status: int = 401) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


@dataclass(slots=True, eq=False)
class Account:
    """One partner. `locked`: every call is turned away."""

    name: str
    login: Login
    public_key: rsa.RSAPublicKey
    locked: bool = False
    nonce: int = 0
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=RATE_LIMIT))

    def too_often(self, now: float) -> bool:
        """Counts this call, unless it is one too many. `now`: seconds of a clock that never goes back."""
        if len(self.recent) == RATE_LIMIT and now - self.recent[0] < RATE_WINDOW_S:
            return True
        self.recent.append(now)
        return False


class Accounts:
    """All partners, found by what their calls carry.

    `locked`: all are turned away. `shut_out`: they are on this machine, which no list allows (only rest has lists).
    """

    def __init__(self) -> None:
        self.locked = self.shut_out = False
        self._by_key: dict[str, Account] = {}
        self._by_public_id: dict[str, Account] = {}

    def add(self, name: str, private_key: str = "", pair: tuple[str, str] = ("", "")) -> Login:
        """Credentials made afresh, save for what is given: a private key (PKCS#8 DER in hex), a key and its secret."""
        private_key = private_key or fresh_private_key()
        public = _public(private_key)
        key, secret = pair
        login = Login(key or secrets.token_hex(16), secret or secrets.token_hex(32), private_key, _public_id(public))
        account = Account(name, login, public)
        self._by_key[login.key] = self._by_public_id[login.public_id] = account
        return login

    def of(self, login: Login) -> Account:
        """KeyError for somebody else's."""
        return self._by_key[login.key]

    def v2(self, headers: Mapping[str, str], body: bytes) -> Account:
        """RSA PKCS#1 v1.5 over SHA-256 of the body, in base64. Raises Stranger."""
        account = self._known(self._by_public_id, headers.get("X-Api-Key", ""))
        try:
            signature = base64.b64decode(headers.get("X-Api-Signature", ""), validate=True)
            account.public_key.verify(signature, body, padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, ValueError):
            raise Stranger("bad signature") from None
        return account

    def v1(self, headers: Mapping[str, str], body: bytes) -> Account:
        """HMAC-SHA512 of the body in hex, the secret taken as text. Raises Stranger."""
        account = self._known(self._by_key, headers.get("api-key", ""))
        _check_hmac(account, headers.get("sign", ""), body)
        return account

    def rest(self, headers: Mapping[str, str], body: bytes) -> Account:
        """The same signature in another header, and a number that must grow; a right one is spent by the call."""
        account = self._known(self._by_key, headers.get("X-API-Key", ""))
        if self.shut_out:
            raise Stranger("This IP address is not on the allow-list of the key", 403)
        _check_hmac(account, headers.get("X-Sign", ""), body)
        nonce = headers.get("X-Nonce", "")
        if not (nonce.isascii() and nonce.isdigit() and len(nonce) <= 20) or int(nonce) > LARGEST_NONCE:
            raise Stranger("X-Nonce is missing or not a number", 400)
        if int(nonce) <= account.nonce:
            raise Stranger("X-Nonce must be greater than the last one")
        account.nonce = int(nonce)
        return account

    def _known(self, accounts: Mapping[str, Account], key: str) -> Account:
        account = accounts.get(key)
        if account is None or account.locked or self.locked:
            raise Stranger("API key is unknown or disabled")
        return account


def fresh_private_key() -> str:
    """2048 bits, PKCS#8 DER in hex, as the vendor hands it out."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).hex()


@lru_cache(maxsize=64)
def _public(private_key: str) -> rsa.RSAPublicKey:
    loaded = serialization.load_der_private_key(bytes.fromhex(private_key), None)
    if not isinstance(loaded, rsa.RSAPrivateKey):
        raise TypeError("not an RSA key")
    return loaded.public_key()


def _public_id(public: rsa.RSAPublicKey) -> str:
    # PKCS#1, not the usual X.509 form: the two have different hashes.
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


def _check_hmac(account: Account, sign: str, body: bytes) -> None:
    expected = hmac.new(account.login.secret.encode(), body, hashlib.sha512).hexdigest()
    if not hmac.compare_digest(expected.encode(), sign.encode()):
        raise Stranger("bad signature")
