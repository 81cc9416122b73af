"""Seals and opens. AES-256-GCM: data keys, wrapped by a key-encryption key that never lies in the database.

A sealed value is bound to its place (associated data): moved to another row or field it does not open. A wrapped key
names its key-encryption key: nothing is ever tried in turn. Random 96-bit nonces bear 2^32 seals a key.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.keys import DataKey, Keys, RingKey

log = structlog.get_logger(__name__)

KEY_BYTES = 32
SYSTEM = 0
_AES_256_GCM = b"\x01"
_NONCE_BYTES = 12
_CHECK = b"changedesk"


class VaultError(Exception):
    """The key is missing, unfit or wrong: the desk must not start. The text is for the operator and holds no secret."""


class SealBroken(Exception):
    """A sealed value does not open: altered, moved, or sealed under another key."""


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where a key-encryption key is looked for, in this order.

    systemd credential, key file, environment, file beside the database (made there for a new database only).
    """

    credentials_dir: Path | None
    file: Path | None
    value: str
    beside: Path

    def find(self) -> tuple[bytes, str] | None:
        """The key and where it came from. Raises VaultError where there is one that cannot be used."""
        credential = self.credentials_dir / "vault_key" if self.credentials_dir else None
        if credential and credential.is_file():
            return _decoded(_read(credential), "the systemd credential"), "credential"
        if self.file:
            return _decoded(_guarded(self.file), f"VAULT_KEY_FILE ({self.file})"), "file"
        if self.value:
            log.warning("vault.key_in_environment", advice="a file with mode 600 (VAULT_KEY_FILE) is the better place")
            return _decoded(self.value, "VAULT_KEY"), "environment"
        if self.beside.exists():
            return _decoded(_guarded(self.beside), f"the key file {self.beside}"), "beside"
        return None

    def make(self) -> bytes:
        key = new_key()
        self.beside.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(self.beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())
        return base64.b64decode(key)


class Box:
    """One data key, open. `place` is where the value lies: table, row, field."""

    def __init__(self, key: bytes, owner: int, version: int) -> None:
        self._cipher = AESGCM(key)
        self._owner = owner
        self._version = version

    def seal(self, value: bytes, *place: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _AES_256_GCM + nonce + self._cipher.encrypt(nonce, value, self._bound_to(place))

    def open(self, sealed: bytes, *place: str) -> bytes:
        """Raises SealBroken."""
        try:
            if sealed[:1] != _AES_256_GCM:
                raise InvalidTag
            return self._cipher.decrypt(sealed[1:13], sealed[13:], self._bound_to(place))
        except (InvalidTag, ValueError) as error:
            raise SealBroken("/".join(place[:1])) from error

    def _bound_to(self, place: tuple[str, ...]) -> bytes:
        return _bound(b"changedesk-value\x01", str(self._owner), str(self._version), *place)


class Vault:
    """The ring, checked, and the boxes it opens."""

    def __init__(self, kek: bytes, kek_id: str) -> None:
        self._kek = AESGCM(kek)
        self.kek_id = kek_id

    def box(self, keys: Keys, owner: int, now_ms: int) -> Box:
        """The owner's data key, made and stored at first use. Runs inside a write."""
        stored = keys.data_key(owner)
        if stored is None:
            data_key = secrets.token_bytes(KEY_BYTES)
            nonce = os.urandom(_NONCE_BYTES)
            wrapped = nonce + self._kek.encrypt(nonce, data_key, self._wrap_bound(owner, 1))
            keys.add_data_key(DataKey(owner, self.kek_id, 1, wrapped), now_ms)
            return Box(data_key, owner, 1)
        try:
            bound = self._wrap_bound(stored.owner, stored.version)
            return Box(self._kek.decrypt(stored.wrapped[:12], stored.wrapped[12:], bound), owner, stored.version)
        except InvalidTag as error:
            raise VaultError("a data key of the database does not open with this vault key") from error

    def _wrap_bound(self, owner: int, version: int) -> bytes:
        return _bound(b"changedesk-key\x01", str(owner), self.kek_id, str(version))


def check(ring: list[RingKey], kek: bytes | None) -> None:
    """Raises VaultError where a database with `ring` does not open with this key. A new one has none: any key fits."""
    if not ring:
        return
    if kek is None:
        raise VaultError(
            "this database is sealed, and no vault key was given: set VAULT_KEY_FILE to the key it was made with"
        )
    row = next((row for row in ring if row.kek_id == key_id(kek) and row.status != "retired"), None)
    if row is None or not _opens(kek, row):
        raise VaultError("the vault key given is not the one this database was sealed with")


def enrol(kek: bytes, keys: Keys, now_ms: int) -> Vault:
    """Makes `kek` the primary key of a new ring. Runs inside a write; idempotent."""
    kek_id = key_id(kek)
    if not keys.ring():
        nonce = os.urandom(_NONCE_BYTES)
        check_value = nonce + AESGCM(kek).encrypt(nonce, _CHECK, _bound(b"changedesk-ring\x01", kek_id))
        keys.add_ring_key(RingKey(kek_id, "primary", check_value), now_ms)
    return Vault(kek, kek_id)


def key_id(kek: bytes) -> str:
    """Names a key without telling anything of it."""
    return hmac.new(kek, b"changedesk-key-id", hashlib.sha256).hexdigest()[:16]


def _opens(kek: bytes, row: RingKey) -> bool:
    try:
        bound = _bound(b"changedesk-ring\x01", row.kek_id)
        return AESGCM(kek).decrypt(row.check_value[:12], row.check_value[12:], bound) == _CHECK
    except InvalidTag:
        return False


def _bound(domain: bytes, *parts: str) -> bytes:
    """Length-prefixed, never joined by a separator: no two lists of parts give the same bytes."""
    encoded = [part.encode() for part in parts]
    return domain + b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise VaultError(f"{where} is not base64") from error
    if len(key) != KEY_BYTES:
        raise VaultError(
            f"{where} holds {len(key)} bytes; a vault key has {KEY_BYTES}: python -m bot new-key prints one"
        )
    return key


def _guarded(path: Path) -> str:
    try:
        status = path.stat()
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise VaultError(f"{path} can be read by others on this machine: chmod 600")
        if status.st_uid not in {os.getuid(), 0}:
            raise VaultError(f"{path} belongs to another user of this machine")
    except OSError as error:
        raise VaultError(f"{path} cannot be read ({type(error).__name__})") from error
    return _read(path)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise VaultError(f"{path} cannot be read ({type(error).__name__})") from error
