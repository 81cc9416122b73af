"""What looks like a secret, wherever it was typed: an exchange key, a private key, a seed phrase, a bot token."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

SHORTEST = 24
"""No secret is shorter, and most of what people say is: so looking costs them nothing."""


class Secret(StrEnum):
    EXCHANGE_KEY = "exchange_key"
    PRIVATE_KEY = "private_key"
    SEED = "seed"
    BOT_TOKEN = "bot_token"  # noqa: S105  # the name of a kind


def secret_in(raw: Mapping[str, Any]) -> Secret | None:
    """In a message's words, its caption or its file's name, also where it was edited."""
    message = message_in(raw)
    named = _part(message, "document").get("file_name", "")
    said = "\n".join(str(message.get(part, "")) for part in ("text", "caption"))
    return secret_of(said) or (Secret.PRIVATE_KEY if _KEY_FILE.search(str(named)) else None)


def message_in(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was said or changed; empty for a press, and for all else."""
    return _part(raw, "message") or _part(raw, "edited_message")


def is_own_file(raw: Mapping[str, Any]) -> bool:
    """Sent in a private chat, where perhaps a key was asked for."""
    message = message_in(raw)
    return ("document" in message or "photo" in message) and _part(message, "chat").get("type") == "private"


def secret_of(said: str) -> Secret | None:
    """What kind of secret stands in these words, if any.

    Transactions' ids, addresses, links and ordinary sentences are none. 64 hexadecimal digits may be a private key as
    well as a transaction: then the word beside them tells.
    """
    if len(said) < SHORTEST:
        return None
    text = _ADDRESS_OF_PAGE.sub(" ", said)
    if _BOT_TOKEN.search(text):
        return Secret.BOT_TOKEN
    if any(shape.search(text) for shape in _PRIVATE_KEYS):
        return Secret.PRIVATE_KEY
    if _is_seed(text):
        return Secret.SEED
    if _is_exchange_key(text):
        return Secret.EXCHANGE_KEY
    return _by_its_name(text)


_ADDRESS_OF_PAGE = re.compile(r"\bhttps?://\S+")
_BOT_TOKEN = re.compile(r"(?<![\w:])[0-9]{8,12}:[A-Za-z0-9_-]{35}(?![\w-])", re.ASCII)
_KEY_FILE = re.compile(r"(?i)\.(pem|key|p12|pfx|keystore|wallet)$|^id_(rsa|ed25519|ecdsa)$|^wallet\.dat$|^utc--|^\.env")
_PRIVATE_KEYS = (
    re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY"),
    re.compile(r"\b[xyzt]prv[1-9A-HJ-NP-Za-km-z]{100,112}\b"),  # BIP 32
    re.compile(
        r"(?<![\w/+=])(?:5[HJK][1-9A-HJ-NP-Za-km-z]{49}|[KL][1-9A-HJ-NP-Za-km-z]{51})(?![\w/+=])", re.ASCII
    ),  # WIF
    re.compile(r"(?<!\w)S[A-Z2-7]{55}(?!\w)", re.ASCII),  # Stellar's seed
    re.compile(r"\b3082[0-9a-f]{600,}\b", re.IGNORECASE),  # PKCS #8 in hexadecimal
    re.compile(r"\"kdfparams\"\s*:"),  # an Ethereum key file
)

_LONE = r"(?<![\w/.@+-])%s(?![\w/.@+-])"
_GROUPS_OF_HTX = re.compile(_LONE % r"[0-9a-z]{8,10}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{5}", re.ASCII)
_UUID = re.compile(_LONE % r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_HEX_32 = re.compile(_LONE % r"(?:[0-9A-F]{32}|[0-9a-f]{32})", re.ASCII)
_MIXED = re.compile(_LONE % r"[A-Za-z0-9]{40,128}", re.ASCII)
_NOT_BASE58 = re.compile(r"[0OIl]")
_OF_TON = re.compile(r"[EUk0]Q[A-Za-z0-9]{46}")
_BINANCE_SIGNS = 64
"""No address and no transaction in base 58 is as long."""


def _is_exchange_key(text: str) -> bool:
    if _GROUPS_OF_HTX.search(text) or (_UUID.search(text) and _HEX_32.search(text)):
        return True
    return any(_is_random(match[0]) for match in _MIXED.finditer(text))


def _is_random(word: str) -> bool:
    """Digits, small and large letters all mixed. Addresses and transactions in base 58 avoid 0, O, I and l; among the
    signs of a key there almost surely is one of them.
    """
    mixed = all(re.search(signs, word) for signs in ("[a-z]", "[A-Z]", "[0-9]")) and len(set(word)) >= 16
    if not mixed or re.fullmatch(r"(?:0x)?[0-9a-fA-F]+", word) or _OF_TON.fullmatch(word):
        return False
    return len(word) == _BINANCE_SIGNS or bool(_NOT_BASE58.search(word))


_NAMES = re.compile(
    r"(?i)\b(?:private[ _-]?key|priv[ _-]?key|secret[ _-]?(?:key|phrase)?|api[ _-]?(?:key|secret)|seed[ _-]?(?:hex)?|"
    r"mnemonic)\b|私钥|密钥|助记词|种子"
)
_LONG_WORD = re.compile(_LONE % r"(?:0x)?[A-Za-z0-9_+/-]{31,128}={0,2}", re.ASCII)


def _by_its_name(text: str) -> Secret | None:
    """A long word that is called a secret beside it."""
    name = _NAMES.search(text)
    spread = _ASSIGNED.sub(" ", text)
    if not name or not any(re.search("[0-9]", match[0]) for match in _LONG_WORD.finditer(spread)):
        return None
    called = name[0].lower()
    return Secret.EXCHANGE_KEY if called.startswith("api") or "密" in called else Secret.PRIVATE_KEY


_ASSIGNED = re.compile(r"[=:：\"',]")

_SEED_LENGTHS = frozenset({12, 15, 18, 21, 24})
_SEED_WORD = re.compile(r"[a-z]{3,8}", re.ASCII)
_VOWEL = re.compile(r"[aeiouy]")
_COUNTED = re.compile(r"(?m)^\s*[0-9]{1,2}[.):]\s*|(?<=\s)[0-9]{1,2}[.):]\s*")
_COMMON = (
    "the and for are was not but from his her him how who has had were been their would could should which your its "
    "did does out let get got with than our she per via why see"
)
_OF_SENTENCES = frozenset(_COMMON.split())
"""No seed phrase has one of these, and hardly a sentence does without."""
_LEAST_MEAN = 4.0
"""Letters a word on average: seed phrases have more than five, lists of tickers less than four."""


def _is_seed(text: str) -> bool:
    words = re.split(r"[\s,;]+", _COUNTED.sub(" ", text.casefold()).strip())
    return _reads_as_seed(words) or _reads_as_seed(_after_a_name(words))


def _reads_as_seed(words: list[str]) -> bool:
    if len(words) not in _SEED_LENGTHS or not all(_SEED_WORD.fullmatch(word) and _VOWEL.search(word) for word in words):
        return False
    return not _OF_SENTENCES & set(words) and sum(map(len, words)) >= _LEAST_MEAN * len(words)


def _after_a_name(words: list[str]) -> list[str]:
    """`my seed: twelve words`: what comes behind the colon."""
    last = max((at for at, word in enumerate(words) if word.endswith((":", "："))), default=-1)
    return words[last + 1 :]


def _part(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = of.get(name)
    return part if isinstance(part, Mapping) else {}
