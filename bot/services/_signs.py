"""By what an intent is called, and by what its owner knows that a card is from here."""

from decimal import Decimal

from bot.domain.orders import plain
from bot.services.guards import phrase_of
from storage.store import Transaction


def phrase(tx: Transaction, user_id: int) -> str:
    """One that cannot be opened any more must not keep the truth from its owner."""
    try:
        return phrase_of(tx, user_id)
    except Exception:  # noqa: BLE001  # whatever is wrong with it
        return ""


def short(intent_id: str) -> str:
    return intent_id[:4].upper()


def text(value: Decimal | None) -> str:
    """Without an exponent; '' for what is not known."""
    return "" if value is None else f"{plain(value):f}"
