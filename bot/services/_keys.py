"""What a key is on its way in and out: its fields, its label, its seal, and what may be told of it."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from bot.domain.accounts import Held
from bot.domain.errors import NotAllowed, Refused, UserMistake
from bot.domain.orders import Credentials, Traits
from storage.store import Transaction

LONGEST_LABEL = 24
LONGEST_SECRET = 4_000
"""A private key in hex is some 2,400 signs."""
MOST_KEYS = 20


def free_label(own: Sequence[Held], vendor: str, label: str) -> str:
    """The one wanted; none: the vendor's name, with a number where that is taken. Raises UserMistake."""
    taken = {held.label.casefold() for held in own}
    if label:
        if len(label) > LONGEST_LABEL or not label.isprintable():
            raise UserMistake("label.unfit", most=LONGEST_LABEL)
        if label.casefold() in taken:
            raise UserMistake("label.taken", label=label)
        return label
    names = (vendor if number == 1 else f"{vendor} {number}" for number in range(1, len(own) + 2))
    return next(name for name in names if name not in taken)


def credentials_of(given: Mapping[str, str], traits: Traits) -> Credentials:
    """Raises UserMistake where a field is empty, or can be no such thing."""
    values = {name: given.get(name, "").strip() for name in traits.secrets}
    for name, value in values.items():
        fits = value.isascii() and value.isprintable() and len(value) <= LONGEST_SECRET
        if not value or not fits or (name != "password" and " " in value):
            raise UserMistake(f"key.unfit_{name}")
    return Credentials(**{"key": "", "secret": "", **values})


def fingerprint(tx: Transaction, user_id: int, vendor: str, credentials: Credentials) -> str:
    """Tells a person's keys apart; the same key of another person has another one."""
    return tx.digest("fingerprint", str(user_id), vendor, credentials.key or credentials.secret).hex()[:8]


def sealed(tx: Transaction, held: Held, credentials: Credentials) -> bytes:
    fields = {"key": credentials.key, "secret": credentials.secret, "password": credentials.password}
    return tx.seal(held.user_id, json.dumps(fields).encode(), *_place(held))


def unsealed(tx: Transaction, held: Held) -> Credentials:
    """Raises SealBroken where the row was altered."""
    return Credentials(**json.loads(tx.open(held.user_id, tx.accounts.sealed(held.id) or b"", *_place(held))))


def told(held: Held, exchange: str) -> dict[str, object]:
    """As a notice's values."""
    return {
        "id": held.id,
        "exchange": exchange,
        "label": held.label,
        "fingerprint": held.fingerprint,
        "version": held.version,
        "health": held.health.values(),
    }


def require_usable(tx: Transaction, held: Held) -> None:
    """Raises NotAllowed where its owner has locked, or it is frozen."""
    require_unlocked(tx, held.user_id)
    if held.frozen:
        raise frozen(held)


def require_unlocked(tx: Transaction, user_id: int) -> None:
    if tx.guards.locked(user_id):
        raise NotAllowed("locked.now")


def frozen(held: Held) -> NotAllowed:
    return NotAllowed(f"account.frozen_{held.health.trouble or 'refused'}", label=held.label)


def hashed(token: str) -> str:
    """A plain hash will do: the token has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def _place(held: Held) -> tuple[str, ...]:
    return ("accounts", held.id, held.vendor, str(held.version))


def key_is_dead(error: Refused) -> bool:
    """The vendor does not take this key, at least not from here. Any other no says nothing of the key."""
    return error.key in _DEAD


_DEAD = frozenset(("exchange.refused.key", "exchange.refused.rights", "swap.refused.key", "swap.refused.allow_list"))
