"""What is told of an intent and of an order, made from their rows alone: so it can be told again at any time."""

from decimal import Decimal

from bot.domain.intents import Action, Intent, State
from bot.domain.notices import Address, Lane, Mark, Notice
from bot.services import _swap_cards
from bot.services._signs import phrase, short, text
from storage.orders import Followed
from storage.store import AlreadyAnswered, Transaction

__all__ = ["alert", "answer", "card", "order_card", "phrase", "short", "tell", "text", "told_sending"]
_SHOWN_AS = {State.CONFIRMED: State.SENDING, State.PREPARED: State.SENDING}
QUIET_MS = 60_000
"""Who pressed so long ago does not look at the card any more: he is told by a message of its own as well."""


def card(tx: Transaction, intent: Intent) -> Notice:
    """How it stands."""
    if intent.action is Action.SWAP:
        return _swap_cards.card(tx, intent)
    shown = intent.offer.get("shown")
    followed = tx.orders.of_intent(intent.id) if intent.action is Action.PLACE else None
    values: dict[str, object] = dict(shown) if isinstance(shown, dict) else {}
    values |= {
        "intent": intent.id,
        "short": short(intent.id),
        "action": intent.action.value,
        "expires_at": intent.expires_at,
        "phrase": phrase(tx, intent.user_id),
        "reason": str(intent.reason.get("key", "")),
        "reason_values": intent.reason.get("values", {}),
        "left": intent.reason.get("left", []),
        "order_id": intent.order_id,
        "state": followed.state if followed else "",
        "filled": followed.filled if followed else "",
        "average": followed.average if followed else "",
        "order_amount": followed.amount if followed else "",
    }
    return Notice(f"intent_{_SHOWN_AS.get(intent.state, intent.state).value}", values)


def order_card(tx: Transaction, row: Followed, kind: str) -> Notice:
    base, _, quote = row.symbol.partition("/")
    intent = tx.intents.get(row.intent_id)
    shown = intent.offer.get("shown") if intent else None
    named = (
        {name: shown.get(name, "") for name in ("exchange", "label", "fingerprint")} if isinstance(shown, dict) else {}
    )
    values: dict[str, object] = {
        "order": row.id,
        "order_id": row.order_id,
        "intent": row.intent_id,
        "short": short(row.intent_id),
        "vendor": row.vendor,
        "exchange": row.vendor,
        "symbol": row.symbol,
        "base": base,
        "quote": quote,
        "side": row.side,
        "kind": row.kind,
        "wallet": row.wallet,
        "amount": row.amount,
        "price": row.price,
        "state": row.state,
        "filled": row.filled,
        "average": row.average,
        "cost": text(Decimal(row.filled) * Decimal(row.average)) if row.filled and row.average else "",
        "phrase": phrase(tx, row.user_id),
    }
    return Notice(kind, values | named)


def answer(tx: Transaction, mark: Mark, intent: Intent) -> None:
    """Ends the update with how the intent stands. Where the update had ended before, it is told all the same."""
    notice = card(tx, intent)
    try:
        tx.answer(mark, notice)
    except AlreadyAnswered:
        tell(tx, intent)


def tell(tx: Transaction, intent: Intent) -> None:
    """Unasked, once a state: in place of the card; and loud, where the press is long ago."""
    notice, cause = card(tx, intent), f"intent:{intent.id}:{intent.state}"
    to = Address(intent.chat_id, 0, intent.message_id)
    tx.tell(cause, Lane.MONEY, intent.user_id, to, notice)
    late = intent.sent_at and tx.now_ms - intent.sent_at > QUIET_MS
    if late and intent.message_id:
        tx.tell(f"{cause}:loud", Lane.MONEY, intent.user_id, Address(intent.chat_id), notice)


def told_sending(tx: Transaction, intent: Intent, after_ms: int) -> None:
    """Only if it takes long: what comes of it takes this one's place."""
    if intent.message_id:
        to = Address(intent.chat_id, 0, intent.message_id)
        cause = f"intent:{intent.id}:sending"
        tx.tell(cause, Lane.ANSWER, intent.user_id, to, card(tx, intent), after_ms=after_ms)


def alert(tx: Transaction, intent: Intent, admins: frozenset[int]) -> None:
    if intent.action is Action.SWAP:
        _swap_cards.alert_of_intent(tx, admins, intent)
        return
    shown = intent.offer.get("shown")
    values: dict[str, object] = {
        "intent": intent.id,
        "short": short(intent.id),
        "action": intent.action.value,
        "user_id": intent.user_id,
        "vendor": intent.vendor,
        "exchange": shown.get("exchange", intent.vendor) if isinstance(shown, dict) else intent.vendor,
        "symbol": intent.symbol,
        "client_id": intent.client_id or "",
        "sent_at": intent.sent_at,
    }
    for admin in sorted(admins):
        cause = f"intent:{intent.id}:alert:{admin}"
        tx.tell(cause, Lane.ALERT, admin, Address(admin), Notice("intent_alert", values))
