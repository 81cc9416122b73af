"""Seals and opens. AES-256-GCM: data keys, wrapped by a key-encryption key that never lies in the database.

A sealed value is bound to its owner and its place (associated data): moved to another person, row or field, or kept
beside a newer version of itself, it does not open. A wrapped key names its key-encryption key: nothing is ever tried
in turn. Random 96-bit nonces bear 2^32 seals a key. Data keys are opened anew each time, which costs 2 microseconds:
none is kept in memory, and so none outlives its row.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain.errors import Refused
from storage.keys import DataKey, Keys, RingKey

log = structlog.get_logger(__name__)

KEY_BYTES = 32
SYSTEM = 0
_AES_256_GCM = b"\x01"
_NONCE_BYTES = 12
_CHECK = b"changedesk"


class VaultError(Exception):
    """The key is missing, unfit or wrong: the desk must not start. The text is for the operator and holds no secret."""


class SealBroken(Refused):
    """A sealed value does not open: altered, moved, or sealed under another key. That value alone is lost."""

    def __init__(self, what: str) -> None:
        super().__init__("seal.broken")
        self.what = what


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where key-encryption keys are looked for, in this order.

    systemd credential, key file, environment, file beside the database (made there for a new database only). Each may
    hold several, one a line: the first is the one that a rotation makes primary, the others still open.
    """

    credentials_dir: Path | None
    file: Path | None
    value: str
    beside: Path

    def find(self) -> tuple[tuple[bytes, ...], str] | None:
        """The keys and where they came from. Raises VaultError where there is one that cannot be used."""
        credential = self.credentials_dir / "vault_key" if self.credentials_dir else None
        if credential and credential.is_file():
            return _decoded(_read(credential), "the systemd credential"), "credential"
        if self.file:
            return _decoded(_guarded(self.file), f"VAULT_KEY_FILE ({self.file})"), "file"
        if self.value:
            return _decoded(self.value, "VAULT_KEY"), "environment"
        if self.beside.exists():
            return _decoded(_guarded(self.beside), f"the key file {self.beside}"), "beside"
        return None

    def stamp(self) -> tuple[int, ...]:
        """Changes whenever a file that may hold keys does."""
        files = (self.file or self.beside, *([self.credentials_dir / "vault_key"] if self.credentials_dir else []))
        return tuple(number for file in files for number in _changed_at(file))

    def make(self) -> bytes:
        key = new_key()
        self.beside.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(self.beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())
        return base64.b64decode(key)


class Box:
    """One data key, open. `place` is where the value lies: table, row, field, and the row's version if it has one."""

    def __init__(self, key: bytes, owner: int, version: int, tally: "Tally | None" = None) -> None:
        self._cipher = AESGCM(key)
        self._digest_key = hmac.digest(key, b"changedesk-digest", "sha256")
        self._owner = owner
        self._version = version
        self._tally = tally or Tally()

    def seal(self, value: bytes, *place: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _AES_256_GCM + nonce + self._cipher.encrypt(nonce, value, self._bound_to(place))

    def open(self, sealed: bytes, *place: str) -> bytes:
        """Raises SealBroken, and counts it."""
        try:
            if sealed[:1] != _AES_256_GCM:
                raise InvalidTag
            return self._cipher.decrypt(sealed[1:13], sealed[13:], self._bound_to(place))
        except (InvalidTag, ValueError) as error:
            raise self._tally.broken("/".join(place[:1])) from error

    def digest(self, *parts: str) -> bytes:
        """32 bytes that name a value and tell nothing of it: a keyed hash, the same for as long as the database lives.

        The data key outlives every rotation of the key around it, and every backup of this database holds it.
        """
        return hmac.digest(self._digest_key, _bound(b"changedesk-digest\x01", *parts), "sha256")

    def _bound_to(self, place: tuple[str, ...]) -> bytes:
        return _bound(b"changedesk-value\x01", str(self._owner), str(self._version), *place)


class Tally:
    """How many sealed values, and keys, did not open."""

    def __init__(self) -> None:
        self.count = 0

    def broken(self, what: str) -> SealBroken:
        self.count += 1
        log.error("vault.seal_broken", what=what)
        return SealBroken(what)


class Vault:
    """The key-encryption keys at hand, by their ids, and the boxes they open."""

    def __init__(self, keks: Iterable[bytes]) -> None:
        self._keks = {key_id(kek): AESGCM(kek) for kek in keks}
        self.tally = Tally()

    def add(self, keks: Iterable[bytes]) -> None:
        """From now on these open too. Other threads may be using the vault meanwhile."""
        self._keks = self._keks | {key_id(kek): AESGCM(kek) for kek in keks}

    def box(self, keys: Keys, owner: int, now_ms: int) -> Box:
        """The owner's data key, made and stored at first use. Runs inside a write. Raises SealBroken."""
        if keys.data_key(owner) is None:
            fresh = DataKey(owner, keys.primary(), 1, b"")
            keys.add_data_key(self._wrapped(fresh, secrets.token_bytes(KEY_BYTES)), now_ms)
        return self.open_box(keys, owner)

    def open_box(self, keys: Keys, owner: int) -> Box:
        """Raises SealBroken where the owner has no data key, or one that does not open."""
        stored = keys.data_key(owner)
        if stored is None:
            raise self.tally.broken("no data key")
        return Box(self._unwrapped(stored), owner, stored.version, self.tally)

    def rewrapped(self, stored: DataKey, kek_id: str) -> DataKey:
        """The same data key under another key-encryption key. Raises SealBroken."""
        return self._wrapped(replace(stored, kek_id=kek_id), self._unwrapped(stored))

    def _wrapped(self, key: DataKey, data_key: bytes) -> DataKey:
        nonce = os.urandom(_NONCE_BYTES)
        return replace(key, wrapped=nonce + self._keks[key.kek_id].encrypt(nonce, data_key, _wrap_bound(key)))

    def _unwrapped(self, key: DataKey) -> bytes:
        kek = self._keks.get(key.kek_id)
        try:
            if kek is None:
                raise InvalidTag
            return kek.decrypt(key.wrapped[:_NONCE_BYTES], key.wrapped[_NONCE_BYTES:], _wrap_bound(key))
        except (InvalidTag, ValueError) as error:
            raise self.tally.broken("data key") from error


def check(ring: Sequence[RingKey], keks: Sequence[bytes]) -> None:
    """Raises VaultError where a database with `ring` does not open with these keys. A new one has none: any key fits.

    Every ring key that something is still sealed with must be given, and so must the primary one.
    """
    if ring and not keks:
        raise VaultError(
            "this database is sealed, and no vault key was given: set VAULT_KEY_FILE to the key it was made with"
        )
    given = {key_id(kek): kek for kek in keks}
    needed = [row for row in ring if row.in_use or row.status == "primary"]
    if ring and not any(row.kek_id in given for row in needed):
        raise VaultError("the vault key given is not the one this database was sealed with")
    if missing := [row.kek_id for row in needed if row.kek_id not in given]:
        raise VaultError(
            f"this database also needs the vault key named {', '.join(missing)}: add its line to the others"
        )
    if any(row.kek_id in given and not _opens(given[row.kek_id], row) for row in ring):
        raise VaultError("the check value of the vault key does not open: the database was altered")


def enrol(keks: Sequence[bytes], keys: Keys, now_ms: int) -> None:
    """Brings the ring in line with the keys at hand. Runs inside a write, after `check`; idempotent.

    The first key of a new database is its primary one; any other waits, enabled, for a rotation. What is no longer
    given, and not needed, is retired: its check value stays.
    """
    known = {row.kek_id: row for row in keys.ring()}
    for kek in keks:
        kek_id = key_id(kek)
        if kek_id not in known:
            status = "enabled" if keys.ring() else "primary"
            keys.add_ring_key(RingKey(kek_id, status, _check_value(kek, kek_id)), now_ms)
        elif known[kek_id].status == "retired":
            keys.set_status(kek_id, "enabled")
    given = set(map(key_id, keks))
    for row in known.values():
        if row.status == "enabled" and row.kek_id not in given and not row.in_use:
            keys.set_status(row.kek_id, "retired")


def key_id(kek: bytes) -> str:
    """Names a key without telling anything of it."""
    return hmac.new(kek, b"changedesk-key-id", hashlib.sha256).hexdigest()[:16]


def _check_value(kek: bytes, kek_id: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(kek).encrypt(nonce, _CHECK, _bound(b"changedesk-ring\x01", kek_id))


def _opens(kek: bytes, row: RingKey) -> bool:
    try:
        bound = _bound(b"changedesk-ring\x01", row.kek_id)
        return AESGCM(kek).decrypt(row.check_value[:12], row.check_value[12:], bound) == _CHECK
    except InvalidTag:
        return False


def _wrap_bound(key: DataKey) -> bytes:
    return _bound(b"changedesk-key\x01", str(key.owner), key.kek_id, str(key.version))


def _bound(domain: bytes, *parts: str) -> bytes:
    """Length-prefixed, never joined by a separator: no two lists of parts give the same bytes."""
    encoded = [part.encode() for part in parts]
    return domain + b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def _decoded(text: str, where: str) -> tuple[bytes, ...]:
    """The keys of a text, one a line; the same key twice is one."""
    return tuple(dict.fromkeys(_key(line, where) for line in text.split() or [""]))


def _key(line: str, where: str) -> bytes:
    try:
        key = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as error:
        raise VaultError(f"{where} is not base64") from error
    if len(key) != KEY_BYTES:
        raise VaultError(
            f"{where} holds {len(key)} bytes; a vault key has {KEY_BYTES}: python -m bot new-key prints one"
        )
    return key


def _changed_at(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0, 0
    return status.st_ino, status.st_mtime_ns, status.st_size


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
