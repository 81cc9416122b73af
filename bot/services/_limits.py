"""What may not move now: a lock, a halt, a limit. Asked inside the transactions that confirm and that send."""

from decimal import Decimal

from bot.domain.errors import NotOffered
from bot.domain.guards import Limits
from bot.domain.intents import Action
from bot.domain.sizing import CENT
from bot.services.guards import limits_of
from storage.store import Transaction

_LOOK = (("/limits", "limits"),)


def forbidden(tx: Transaction, user_id: int, action: Action) -> str:
    """Why no money of this person moves now; empty where it may. A halt does not keep anyone from taking risk away."""
    if tx.guards.locked(user_id):
        return "order.locked"
    if action is Action.CANCEL or not tx.desk.halted():
        return ""
    return "order.put_back" if tx.desk.put_back_since() else "order.halted"


def check_limits_of(tx: Transaction, user_id: int, usd: Decimal, counted: Decimal, most: Limits) -> None:
    """Raises NotOffered where this is too large, by itself or with what is `counted` toward the day already.

    `most`: the operator's limits.
    """
    limits = limits_of(tx, user_id, most)
    if usd > limits.per_order:
        raise NotOffered("order.over_limit", usd=_cents(usd), most=limits.per_order, suggestions=_LOOK)
    if counted + usd > limits.per_day:
        values = {"usd": _cents(usd), "used": _cents(counted), "most": limits.per_day}
        raise NotOffered("order.over_day", **values, suggestions=_LOOK)


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT)
