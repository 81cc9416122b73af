"""Addresses per network: drawn at random with true checksums, and recognised."""

import secrets
import string
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.sandbox.changelly.encodings import (
    BITCOIN,
    RIPPLE,
    base58,
    base58_check,
    bech32,
    from_base58,
    from_base58_check,
    from_bech32,
    from_stellar,
    keccak256,
    stellar,
)

HASH_BYTES = 20
KEY_BYTES = 32
SEGWIT_LENGTHS = {0: (20, 32), 1: (32,)}
# Monero writes blocks of eight bytes as eleven signs, and what is left (five of 69) as seven.
MONERO_BLOCK, MONERO_SIGNS, MONERO_REST = 8, 11, {5: 7}
MONERO_MAIN, MONERO_KINDS = 18, {18: 65, 42: 65, 19: 73}
MONERO_RESTS = {95: 69, 106: 77}


class Network(NamedTuple):
    """How its addresses are made, and which texts are one."""

    draw: Callable[[], str]
    valid: Callable[[str], bool]


def draw(network: str) -> str:
    """A fresh address that nobody owns."""
    return NETWORKS[network].draw()


@lru_cache(maxsize=4096)
def valid(network: str, address: str) -> bool:
    """Whether this is an address of that network, by its form and its checksum."""
    try:
        return NETWORKS[network].valid(address)
    except (ValueError, IndexError, OverflowError):
        return False


def checksummed(address: str) -> str:
    """An Ethereum address with the case of each letter as EIP-55 has it; takes any case."""
    plain = address.removeprefix("0x").lower()
    digest = keccak256(plain.encode()).hex()
    return "0x" + "".join(
        sign.upper() if int(nibble, 16) > 7 else sign for sign, nibble in zip(plain, digest, strict=False)
    )


def _ethereum(address: str) -> bool:
    body = address.removeprefix("0x")
    if len(address) != 42 or len(body) != 40:
        return False
    if not set(body) <= set(string.hexdigits):
        return False
    return body in (body.lower(), body.upper()) or checksummed(address) == address


def _versioned(*versions: int, alphabet: str = BITCOIN) -> Callable[[str], bool]:
    def check(address: str) -> bool:
        payload = from_base58_check(address, alphabet)
        return len(payload) == 1 + HASH_BYTES and payload[0] in versions

    return check


def _segwit(prefix: str, *versions: int) -> Network:
    old = _versioned(*versions)

    def check(address: str) -> bool:
        if not address.lower().startswith(prefix + "1"):
            return old(address)
        version, program = from_bech32(address, prefix)
        return len(program) in SEGWIT_LENGTHS.get(version, ())

    return Network(lambda: bech32(prefix, 0, secrets.token_bytes(HASH_BYTES)), check)


def _hashed(*versions: int, alphabet: str = BITCOIN) -> Network:
    return Network(
        lambda: base58_check(bytes([versions[0]]) + secrets.token_bytes(HASH_BYTES), alphabet),
        _versioned(*versions, alphabet=alphabet),
    )


def _public_key() -> bytes:
    # A true point of the curve: careful readers check that it is one.
    return Ed25519PrivateKey.generate().public_key().public_bytes_raw()


def _monero() -> str:
    payload = bytes([MONERO_MAIN]) + _public_key() + _public_key()
    return _blocks(payload + keccak256(payload)[:4])


def _blocks(data: bytes) -> str:
    blocks = (data[at : at + MONERO_BLOCK] for at in range(0, len(data), MONERO_BLOCK))
    return "".join(
        base58(block.lstrip(b"\0")).rjust(MONERO_REST.get(len(block), MONERO_SIGNS), BITCOIN[0]) for block in blocks
    )


def _is_monero(address: str) -> bool:
    data = b""
    left = MONERO_RESTS.get(len(address), 0)
    for at in range(0, len(address), MONERO_SIGNS):
        size = min(MONERO_BLOCK, left - len(data))
        data += _number(address[at : at + MONERO_SIGNS]).to_bytes(max(size, 0), "big") if size > 0 else b""
    payload = data[:-4]
    return bool(left) and MONERO_KINDS.get(data[0]) == len(payload) and keccak256(payload)[:4] == data[-4:]


def _number(block: str) -> int:
    number = 0
    for sign in block:
        number = number * 58 + BITCOIN.index(sign)
    return number


NETWORKS = {
    "bitcoin": _segwit("bc", 0x00, 0x05),
    "litecoin": _segwit("ltc", 0x30, 0x32, 0x05),
    "dogecoin": _hashed(0x1E, 0x16),
    "dash": _hashed(0x4C, 0x10),
    "tron": _hashed(0x41),
    "ripple": _hashed(0x00, alphabet=RIPPLE),
    "ethereum": Network(lambda: checksummed(secrets.token_hex(HASH_BYTES)), _ethereum),
    "binance_smart_chain": Network(lambda: checksummed(secrets.token_hex(HASH_BYTES)), _ethereum),
    "solana": Network(lambda: base58(_public_key()), lambda address: len(from_base58(address)) == KEY_BYTES),
    "stellar": Network(lambda: stellar(_public_key()), lambda address: bool(from_stellar(address))),
    "monero": Network(_monero, _is_monero),
}
