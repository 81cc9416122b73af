"""One request as it came: its parameters, read strictly, and who sent it."""

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import parse_qsl

from bot.sandbox.exchange.accounts import Account, Key
from bot.sandbox.exchange.binance.refusals import Refusal, illegal, missing

SYMBOL, CLIENT_ID, WHOLE, NUMBER = (
    r"^[A-Z0-9-_.]{1,20}$",
    r"^[a-zA-Z0-9-_]{1,36}$",
    r"^[0-9]{1,20}$",
    r"^([0-9]{1,20})(\.[0-9]{1,20})?$",
)
KEY = re.compile(r"[A-Za-z0-9]{64}")
DIGITS = 8
RECV_WINDOW_MS, LONGEST_RECV_WINDOW_MS, EARLY_MS = 5_000, 60_000, 1_000
NO_KEY = Refusal(-2014, "API-key format invalid.", 401)
BAD_KEY = Refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401)


@dataclass(frozen=True, slots=True)
class Raw:
    """The bytes that are signed."""

    query: bytes
    body: bytes

    def pairs(self) -> list[tuple[str, str]]:
        """Name and value of everything, in turn."""
        found = []
        for part in (self.query, self.body):
            found += parse_qsl(part.decode("utf-8", "replace"), keep_blank_values=True)
        return found

    def signed(self) -> tuple[bytes, str]:
        """What was signed, and the signature it came with (empty for none)."""
        signature, kept = b"", []
        for part in (self.query, self.body):
            words = part.split(b"&") if part else []
            signature = next((word[10:] for word in words if word.startswith(b"signature=")), signature)
            kept.append(b"&".join(word for word in words if not word.startswith(b"signature=")))
        return b"".join(kept), signature.decode("ascii", "replace")


class Asked:
    """Parameters by name. Each reader raises the vendor's Refusal for what it would refuse."""

    def __init__(self, pairs: list[tuple[str, str]], key: Key | None = None) -> None:
        self.given: Mapping[str, str] = dict(pairs)
        self._key = key
        if len(self.given) < len(pairs):
            raise Refusal(-1101, "Duplicate values for a parameter detected.")

    @property
    def key(self) -> Key:
        """Who signed."""
        if self._key is None:
            raise NO_KEY
        return self._key

    @property
    def account(self) -> Account:
        """Whose key signed."""
        return self.key.account

    def text(self, name: str, legal: str = r"^.{1,100}$") -> str | None:
        """None where it was not sent."""
        if (value := self.given.get(name)) is None:
            return None
        if not value:
            raise Refusal(-1105, f"Parameter '{name}' was empty.")
        if not re.fullmatch(legal, value, re.ASCII):
            raise illegal(name, legal)
        return value

    def needed(self, name: str, legal: str = r"^.{1,100}$") -> str:
        """The same where it must be there."""
        if (value := self.text(name, legal)) is None:
            raise missing(name)
        return value

    def whole(self, name: str) -> int | None:
        value = self.text(name, WHOLE)
        return None if value is None else int(value)

    def limit(self, usual: int, most: int) -> int:
        """How many rows; more than there may be is taken as the most."""
        limit = self.whole("limit")
        if limit == 0:
            raise illegal("limit", f"1 to {most}")
        return min(limit or usual, most)

    def number(self, name: str) -> Decimal | None:
        """An amount or a price, above zero, with eight decimals at most."""
        if (value := self.text(name, NUMBER)) is None:
            return None
        number = Decimal(value)
        if len(value.partition(".")[2].rstrip("0")) > DIGITS:
            raise Refusal(-1111, f"Parameter '{name}' has too much precision.")
        if not number:
            raise Refusal(-1013, "Invalid quantity." if name == "quantity" else f"Invalid {name}.")
        return number

    def choice(self, name: str, allowed: Mapping[str, str], code: int, words: str) -> str | None:
        """What the word stands for; None where it was not sent."""
        if (value := self.text(name)) is None:
            return None
        if value not in allowed:
            raise Refusal(code, words)
        return allowed[value]

    def symbols(self) -> list[str] | None:
        """From `symbol` or `symbols`; None for all."""
        if "symbol" in self.given and "symbols" in self.given:
            raise Refusal(-1128, "Combination of optional parameters invalid.")
        if (one := self.text("symbol", SYMBOL)) is not None:
            return [one]
        if (listed := self.text("symbols", r"^\[.{0,20000}\]$")) is None:
            return None
        try:
            names = [str(name) for name in json.loads(listed)]
        except (ValueError, RecursionError):
            names = []
        if not names or not all(re.fullmatch(SYMBOL, name, re.ASCII) for name in names):
            raise illegal("symbols", '^\\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\\]$')
        return names

    def allow_only(self, names: frozenset[str]) -> None:
        """The vendor does not overlook what it does not know."""
        unread = self.given.keys() - names
        if unread:
            sent = len(self.given)
            raise Refusal(
                -1104,
                f"Not all sent parameters were read; read '{sent - len(unread)}' parameter(s) but was sent '{sent}'.",
            )


def known_key(keys: Mapping[str, Key], header: str | None, remote: str, now_ms: int) -> Key:
    """The key of this header, if it may be used from there and now."""
    if header is None or not KEY.fullmatch(header):
        raise NO_KEY
    key = keys.get(header)
    if key is None or (key.ips and remote not in key.ips) or (key.expires_ms is not None and now_ms >= key.expires_ms):
        raise BAD_KEY
    return key


def check_signature(key: Key, raw: Raw) -> None:
    """HMAC-SHA256 of the raw query and body."""
    signed, signature = raw.signed()
    if not signature:
        raise missing("signature")
    true = hmac.new(key.secret.encode(), signed, "sha256").hexdigest()
    if not hmac.compare_digest(true.encode(), signature.lower().encode()):
        raise Refusal(-1022, "Signature for this request is not valid.")


def check_time(asked: Asked, now_ms: int) -> None:
    """Not from the future, and not older than the caller allows."""
    at = asked.whole("timestamp")
    if at is None:
        raise missing("timestamp")
    window = asked.whole("recvWindow") or RECV_WINDOW_MS
    if window > LONGEST_RECV_WINDOW_MS:
        raise Refusal(-1131, "recvWindow must be less than 60000.")
    if at >= now_ms + EARLY_MS:
        raise Refusal(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    if now_ms - at > window:
        raise Refusal(-1021, "Timestamp for this request is outside of the recvWindow.")
