"""Intents: what shall be done with money, written down before it is done, and the only ways it may go."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from bot.domain.orders import Kind, OrderRequest, Side, Wallet


class Action(StrEnum):
    PLACE = "place"
    CANCEL = "cancel"
    SWAP = "swap"


class State(StrEnum):
    """Where an intent stands. `final`: nothing leads on from there."""

    OFFERED = "offered"
    EXPIRED = "expired"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    PREPARED = "prepared"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    NOT_PLACED = "not_placed"
    NEEDS_HUMAN = "needs_human"

    @property
    def final(self) -> bool:
        return not MOVES[self]


MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.OFFERED: frozenset({State.CONFIRMED, State.EXPIRED}),
        State.EXPIRED: frozenset(),
        State.CONFIRMED: frozenset({State.PREPARED, State.REFUSED}),
        State.REFUSED: frozenset(),
        State.PREPARED: frozenset({State.SENDING, State.REFUSED}),
        State.SENDING: frozenset({State.ACCEPTED, State.REJECTED, State.NOT_PLACED, State.UNKNOWN}),
        State.ACCEPTED: frozenset(),
        State.REJECTED: frozenset(),
        State.UNKNOWN: frozenset({State.ACCEPTED, State.NOT_PLACED, State.NEEDS_HUMAN}),
        State.NOT_PLACED: frozenset(),
        State.NEEDS_HUMAN: frozenset({State.ACCEPTED, State.NOT_PLACED}),
    }
)
"""All there is. SENDING is entered once, and nothing leads back to it: so nothing is sent twice."""

RESERVING = frozenset(
    {State.CONFIRMED, State.PREPARED, State.SENDING, State.ACCEPTED, State.UNKNOWN, State.NEEDS_HUMAN}
)
"""What counts toward the day's limit: done, under way, or perhaps done."""

UNSENT = frozenset({State.CONFIRMED, State.PREPARED})
OPEN = frozenset({State.UNKNOWN, State.NEEDS_HUMAN})
"""Sent, and not known what became of it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for. `symbol` as typed: `btc/usdt`, `BTCUSDT`, `btc`.

    Exactly one of `amount` (in the base asset), `cost` (in the quote) and `share` (of what is free, above 0, up to 1).
    No `price`: at the market. `vendor` and `label` empty: his default account.
    """

    side: Side
    symbol: str
    amount: Decimal | None = None
    cost: Decimal | None = None
    share: Decimal | None = None
    price: Decimal | None = None
    vendor: str = ""
    label: str = ""
    wallet: Wallet = Wallet.SPOT


@dataclass(frozen=True, slots=True)
class Intent:
    """One row. Instants are milliseconds since 1970; 0 is never.

    `request`: the exact texts that are sent: an OrderRequest, a SwapRequest, or `{"orders": [ids]}` to cancel. `offer`:
    what was shown. `usd`, `day`: what it counts toward which day's limit. `absent`: clean answers that no such order is
    known, the first of them at `absent_since`. `order_id`: the vendor's, of an order or a swap. `account_id`: empty
    where it goes under the operator's key. `chat_id`, `message_id`: the card.
    """

    id: str
    user_id: int
    account_id: str
    vendor: str
    action: Action
    state: State
    symbol: str
    request: Mapping[str, object]
    offer: Mapping[str, object]
    usd: Decimal
    chat_id: int
    created_at: int
    expires_at: int
    day: str = ""
    client_id: str | None = None
    order_id: str = ""
    reason: Mapping[str, object] = field(default_factory=dict)
    message_id: int = 0
    sent_at: int = 0
    settled_at: int = 0
    due_at: int = 0
    absent: int = 0
    absent_since: int = 0


def may_move(before: State, after: State) -> bool:
    return after in MOVES[before]


def client_id_of(intent_id: str, *, integer: bool = False) -> str:
    """Ours, to find the order by; the same for the same intent, and nothing of the intent can be read from it.

    `b` and 20 of a-z and 2-7 (100 bits), which every exchange takes; or where it wants a number, one below 2^45.
    """
    mac = hmac.digest(b"changedesk order", intent_id.encode(), "sha256")
    if integer:
        return str(int.from_bytes(mac, "big") >> (256 - 45))
    return "b" + base64.b32encode(mac)[:20].decode().lower()


def digest_of(request: Mapping[str, object], shown: Mapping[str, object]) -> str:
    """Of what was shown and what is to be sent: whatever of it changes, this changes."""
    told = json.dumps([request, shown], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(told.encode()).hexdigest()


def as_sent(request: Mapping[str, object]) -> OrderRequest:
    """The stored texts, as they go out."""
    texts = {name: str(value) for name, value in request.items()}
    return OrderRequest(
        symbol=texts["symbol"],
        side=Side(texts["side"]),
        kind=Kind(texts["kind"]),
        wallet=Wallet(texts["wallet"]),
        amount=texts["amount"],
        cost=texts["cost"],
        price=texts["price"],
        client_id=texts["client_id"],
        client_day=texts["client_day"],
    )


def day_of(moment: date) -> str:
    return f"{moment:%Y-%m-%d}"
