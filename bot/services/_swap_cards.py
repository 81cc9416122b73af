"""What is told of a swap, made from its rows alone: so it can be told again at any time, and never told twice."""

from collections.abc import Mapping
from decimal import Decimal

from bot.domain.intents import Intent, State
from bot.domain.notices import Address, Lane, Notice
from bot.domain.sizing import CENT, percent
from bot.domain.swap_log import SwapRow
from bot.services._signs import phrase, short
from storage.store import Transaction

_SHOWN_AS = {State.CONFIRMED: State.SENDING, State.PREPARED: State.SENDING}


def card(tx: Transaction, intent: Intent) -> Notice:
    """How an intent stands; one that came to a swap, how that stands."""
    if intent.state is State.ACCEPTED and (row := tx.swaps.of_intent(intent.id)):
        return swap_card(tx, row)
    return Notice(f"swap_{_SHOWN_AS.get(intent.state, intent.state).value}", _values(tx, intent))


def swap_card(tx: Transaction, row: SwapRow, kind: str = "swap_card", **more: object) -> Notice:
    return Notice(kind, values_of(tx, row) | more)


def values_of(tx: Transaction, row: SwapRow) -> dict[str, object]:
    intent = tx.intents.get(row.intent_id)
    shown = _values(tx, intent) if intent else {}
    return shown | {
        "swap": row.id,
        "stage": row.stage.value,
        "raw_stage": row.raw_stage,
        "amount": row.amount,
        "payin_address": "" if row.withheld else row.payin_address,
        "payin_memo": "" if row.withheld else row.payin_memo,
        "withheld": row.withheld,
        "net": row.quoted or str(shown.get("net", "")),
        "pay_till": row.pay_till,
        "track_url": row.track_url,
        "created_at": row.created_at,
        "stage_at": row.stage_at,
        "seen_at": row.seen_at,
        "refund_address": row.refund_address,
        "amount_in": row.amount_in,
        "amount_out": row.paid_out,
        "drift": drift(row),
        "payin_hash": row.payin_hash,
        "payout_hash": row.payout_hash,
        "refund_hash": row.refund_hash,
        "payin_link": _link(shown, "source", row.payin_hash),
        "payout_link": row.payout_link or _link(shown, "target", row.payout_hash),
        "refund_link": row.refund_link or _link(shown, "source", row.refund_hash),
        "confirmations": row.confirmations,
    }


def drift(row: SwapRow) -> str:
    """What was paid out against what was quoted, signed percent; '' where one of them is not known."""
    if not row.paid_out or not row.quoted or not Decimal(row.quoted):
        return ""
    return f"{percent(Decimal(row.paid_out), Decimal(row.quoted)).quantize(CENT):f}"


def tell_card(tx: Transaction, row: SwapRow) -> None:
    """In place of the card; silent."""
    if row.message_id:
        to = Address(row.chat_id, 0, row.message_id)
        tx.tell(f"swap:{row.id}:{row.changes}", Lane.MONEY, row.user_id, to, swap_card(tx, row))


def tell(tx: Transaction, row: SwapRow, cause: str, kind: str, **more: object) -> None:
    """A message of its own, in answer to the card."""
    to = Address(row.chat_id, row.message_id)
    tx.tell(f"swap:{row.id}:{cause}", Lane.MONEY, row.user_id, to, swap_card(tx, row, kind, **more))


def alert(tx: Transaction, admins: frozenset[int], why: str, cause: str, row: SwapRow, exchange: str) -> None:
    values: dict[str, object] = {
        "why": why,
        "intent": row.intent_id,
        "short": short(row.intent_id),
        "user_id": row.user_id,
        "exchange": exchange,
        "swap": row.id,
        "raw_stage": row.raw_stage,
        "source": row.source,
        "target": row.target,
    }
    for admin in sorted(admins):
        tx.tell(f"{cause}:{admin}", Lane.ALERT, admin, Address(admin), Notice("swap_alert", values))


def alert_of_word(tx: Transaction, admins: frozenset[int], row: SwapRow, exchange: str) -> None:
    """Each word once, whichever swap has it first."""
    alert(tx, admins, "unknown_stage", f"swap:word:{row.raw_stage[:40]}", row, exchange)


def alert_of_intent(tx: Transaction, admins: frozenset[int], intent: Intent) -> None:
    """Nobody here can say what became of it."""
    shown = _values(tx, intent)
    values: dict[str, object] = {
        "why": "needs_human",
        "intent": intent.id,
        "short": short(intent.id),
        "user_id": intent.user_id,
        "exchange": shown.get("exchange", intent.vendor),
        "swap": "",
        "raw_stage": "",
        "source": shown.get("source", ""),
        "target": shown.get("target", ""),
    }
    for admin in sorted(admins):
        cause = f"intent:{intent.id}:alert:{admin}"
        tx.tell(cause, Lane.ALERT, admin, Address(admin), Notice("swap_alert", values))


def _values(tx: Transaction, intent: Intent) -> dict[str, object]:
    shown = intent.offer.get("shown")
    values: dict[str, object] = dict(shown) if isinstance(shown, dict) else {}
    return values | {
        "intent": intent.id,
        "short": short(intent.id),
        "expires_at": intent.expires_at,
        "phrase": phrase(tx, intent.user_id),
        "reason": str(intent.reason.get("key", "")),
        "reason_values": intent.reason.get("values", {}),
    }


def _link(shown: Mapping[str, object], side: str, transaction: str) -> str:
    url = str(shown.get(f"{side}_link", ""))
    return url.replace("%1$s", transaction) if url and transaction else ""
