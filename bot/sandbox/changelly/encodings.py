"""The alphabets and checksums that addresses are written in: base58, bech32, Stellar's base32, Keccak."""

import base64
import hashlib
from collections.abc import Sequence

BITCOIN = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32_TAIL, BECH32M_TAIL = 1, 0x2BC830A3
BECH32_STEPS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
CHECK_BYTES, CHECK_SIGNS = 4, 6
KECCAK_RATE, KECCAK_ROUNDS, LANE = 136, 24, (1 << 64) - 1
LONGEST = 128


def base58(data: bytes, alphabet: str = BITCOIN) -> str:
    """Big-endian; each leading zero byte is one first sign of the alphabet."""
    number, signs = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        signs = alphabet[rest] + signs
    return alphabet[0] * (len(data) - len(data.lstrip(b"\0"))) + signs


def from_base58(text: str, alphabet: str = BITCOIN) -> bytes:
    """ValueError for a sign of another alphabet."""
    if len(text) > LONGEST:
        raise ValueError("too long")
    number = 0
    for sign in text:
        number = number * 58 + alphabet.index(sign)
    zeros = len(text) - len(text.lstrip(alphabet[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def base58_check(payload: bytes, alphabet: str = BITCOIN) -> str:
    """With the first four bytes of a double SHA-256 behind it."""
    return base58(payload + _twice(payload), alphabet)


def from_base58_check(text: str, alphabet: str = BITCOIN) -> bytes:
    """The payload; ValueError where the checksum is another."""
    data = from_base58(text, alphabet)
    payload, check = data[:-CHECK_BYTES], data[-CHECK_BYTES:]
    if check != _twice(payload):
        raise ValueError("checksum")
    return payload


def bech32(prefix: str, version: int, program: bytes) -> str:
    """A segwit address; version 0 with the old tail, later ones with the new (BIP-173, BIP-350)."""
    words = [version, *_regrouped(program, 8, 5)]
    mixed = _mixed([*_spread(prefix), *words, *[0] * CHECK_SIGNS]) ^ (BECH32M_TAIL if version else BECH32_TAIL)
    words += [mixed >> 5 * (CHECK_SIGNS - 1 - step) & 31 for step in range(CHECK_SIGNS)]
    return f"{prefix}1{''.join(BECH32[word] for word in words)}"


def from_bech32(text: str, prefix: str) -> tuple[int, bytes]:
    """Version and program; ValueError for a mixed case, another prefix, a wrong tail, a length that cannot be."""
    if text not in (text.lower(), text.upper()) or not text.lower().startswith(prefix + "1") or len(text) > LONGEST:
        raise ValueError("not of this network")
    words = [BECH32.index(sign) for sign in text.lower().removeprefix(prefix + "1")]
    version, program = words[0], bytes(_regrouped(words[1:-CHECK_SIGNS], 5, 8))
    if _mixed([*_spread(prefix), *words]) != (BECH32M_TAIL if version else BECH32_TAIL):
        raise ValueError("checksum")
    if bech32(prefix, version, program) != text.lower():
        raise ValueError("padding")
    return version, program


def stellar(key: bytes) -> str:
    """An account id: version byte, key, CRC-16 (XModem) little end first, in base32 (SEP-23)."""
    payload = bytes([6 << 3]) + key
    return base64.b32encode(payload + _crc16(payload).to_bytes(2, "little")).decode()


def from_stellar(text: str) -> bytes:
    """The key; ValueError for anything else."""
    data = base64.b32decode(text)
    if len(data) != 35 or stellar(data[1:-2]) != text:
        raise ValueError("checksum")
    return data[1:-2]


def keccak256(data: bytes) -> bytes:
    """Keccak with its first padding, as Ethereum and Monero use it; hashlib's SHA-3 pads otherwise."""
    padded = bytearray(data + b"\x01" + bytes(-(len(data) + 1) % KECCAK_RATE))
    padded[-1] |= 0x80
    lanes = [0] * 25
    for start in range(0, len(padded), KECCAK_RATE):
        for lane in range(KECCAK_RATE // 8):
            at = start + 8 * lane
            lanes[lane] ^= int.from_bytes(padded[at : at + 8], "little")
        lanes = _permuted(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _permuted(lanes: list[int]) -> list[int]:
    """Keccak-f[1600]; lane x, y lies at x + 5y."""
    register = 1
    for _ in range(KECCAK_ROUNDS):
        parity = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        lanes = [lane ^ parity[(at - 1) % 5] ^ _turned(parity[(at + 1) % 5], 1) for at, lane in enumerate(lanes)]
        lanes = _moved(lanes)
        lanes = [
            lane ^ (~lanes[at - at % 5 + (at + 1) % 5] & lanes[at - at % 5 + (at + 2) % 5])
            for at, lane in enumerate(lanes)
        ]
        for step in range(7):
            register = (register << 1 ^ (register >> 7) * 0x71) % 256
            if register & 2:
                lanes[0] ^= 1 << ((1 << step) - 1)
    return lanes


def _moved(lanes: Sequence[int]) -> list[int]:
    moved, x, y = list(lanes), 1, 0
    for step in range(KECCAK_ROUNDS):
        x, y, come = y, (2 * x + 3 * y) % 5, lanes[x + 5 * y]
        moved[x + 5 * y] = _turned(come, (step + 1) * (step + 2) // 2 % 64)
    return moved


def _turned(lane: int, bits: int) -> int:
    return (lane << bits | lane >> (64 - bits)) & LANE


def _twice(payload: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:CHECK_BYTES]


def _crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return crc


def _spread(prefix: str) -> list[int]:
    return [ord(sign) >> 5 for sign in prefix] + [0] + [ord(sign) & 31 for sign in prefix]


def _mixed(words: Sequence[int]) -> int:
    check = 1
    for word in words:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ word
        for bit, step in enumerate(BECH32_STEPS):
            check ^= step if top >> bit & 1 else 0
    return check


def _regrouped(words: Sequence[int], before: int, after: int) -> list[int]:
    """Groups of so many bits, from groups of others; what is left over is filled up only toward signs."""
    number, bits = 0, 0
    made = []
    for word in words:
        number, bits = number << before | word, bits + before
        while bits >= after:
            bits -= after
            made.append(number >> bits & ((1 << after) - 1))
    return [*made, number << (after - bits) & ((1 << after) - 1)] if after < before and bits else made
