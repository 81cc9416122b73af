"""Lending in the margin wallet: as far as leverage goes, given back from whatever comes in."""

from collections.abc import Callable
from decimal import Decimal

from bot.sandbox.exchange.accounts import ZERO, Account
from bot.sandbox.exchange.orders import Refused

LEVERAGE = Decimal(5)
Worth = Callable[[str], Decimal]


def lend(account: Account, lender: Account, asset: str, needed: Decimal, worth: Worth) -> None:
    """What is missing to `needed`. `worth`: of one unit, in any one measure. Refused beyond LEVERAGE."""
    missing = needed - account.holding("margin", asset).free
    if missing <= 0:
        return
    owed = sum((debt * worth(owed_asset) for owed_asset, debt in account.debts.items()), ZERO)
    if owed + missing * worth(asset) > equity(account, worth) * (LEVERAGE - 1):
        raise Refused("insufficient")
    lender.take("margin", asset, missing)
    account.give("margin", asset, missing)
    account.debts[asset] = account.debts.get(asset, ZERO) + missing


def repay(account: Account, lender: Account, asset: str) -> None:
    """As much of this asset's debt as is free."""
    paid = min(account.debts.get(asset, ZERO), account.holding("margin", asset).free)
    if paid <= 0:
        return
    account.take("margin", asset, paid)
    lender.give("margin", asset, paid)
    account.debts[asset] -= paid
    if not account.debts[asset]:
        del account.debts[asset]


def equity(account: Account, worth: Worth) -> Decimal:
    """What the margin wallet is worth without what is owed."""
    held = sum((held.total * worth(asset) for asset, held in account.held("margin").items()), ZERO)
    return held - sum((debt * worth(asset) for asset, debt in account.debts.items()), ZERO)
