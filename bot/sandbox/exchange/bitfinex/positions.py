"""Margin as Bitfinex shows it: positions, and a wallet of collateral that they leave alone until they are closed.

The engine lends and keeps what was bought in the margin wallet. Taking out of it what belongs to open positions leaves
the collateral, with the gains and losses of closed ones.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from bot.sandbox.exchange.accounts import ZERO, Account
from bot.sandbox.exchange.margin import LEVERAGE, equity
from bot.sandbox.exchange.orders import Fill
from bot.sandbox.exchange.pairs import GRAIN

Worth = Callable[[str], Decimal]


@dataclass(slots=True)
class Position:
    """`amount` of base, negative when short; `paid` in quote for it, negative for what was received. Never flat."""

    id: int
    symbol: str
    amount: Decimal
    paid: Decimal
    opened_ms: int
    updated_ms: int

    @property
    def price(self) -> Decimal:
        """The average that it was opened at, fees included."""
        return (self.paid / self.amount).quantize(GRAIN)


class Held(NamedTuple):
    """One line of the margin wallet."""

    balance: Decimal
    available: Decimal


@dataclass(slots=True)
class Positions:
    """The open positions of one account, by pair; brought up to date from its fills whenever they are looked at."""

    account: Account
    _open: dict[str, Position] = field(default_factory=dict)
    _seen: int = 0

    def open(self) -> list[Position]:
        """Everything that is not closed."""
        for fill in self._unseen():
            self._add(fill)
            self._seen = fill.id
        return list(self._open.values())

    def wallet(self, worth: Worth) -> dict[str, Held]:
        """What is there without the positions, and how much of it is not needed as their collateral."""
        held = {asset: holding.total for asset, holding in self.account.held("margin").items()}
        for asset, owed in self.account.debts.items():
            held[asset] = held.get(asset, ZERO) - owed
        for position in self.open():
            base, quote = position.symbol.split("/")
            held[base] = held.get(base, ZERO) - position.amount
            held[quote] = held.get(quote, ZERO) + position.paid
        free = self._free_share(worth)
        return {asset: Held(total, (total * free).quantize(GRAIN)) for asset, total in held.items() if total}

    def _free_share(self, worth: Worth) -> Decimal:
        limit = equity(self.account, worth) * LEVERAGE
        taken = sum((abs(position.amount) * worth(position.symbol.split("/")[0]) for position in self.open()), ZERO)
        waiting = [order for order in self.account.open.values() if order.wish.wallet == "margin"]
        taken += sum((order.left * worth(order.pair.base) for order in waiting), ZERO)
        return max(1 - taken / limit, ZERO) if limit > 0 else ZERO

    def _unseen(self) -> list[Fill]:
        unseen = []
        for fill in reversed(self.account.fills):
            if fill.id <= self._seen:
                break
            if fill.wallet == "margin":
                unseen.append(fill)
        return unseen[::-1]

    def _add(self, fill: Fill) -> None:
        """Fees belong to what is received: they make a long smaller and a short cheaper."""
        if fill.side == "buy":
            amount, paid = fill.amount - fill.fee, fill.cost
        else:
            amount, paid = -fill.amount, fill.fee - fill.cost
        old = self._open.get(fill.symbol)
        if old is None:
            self._open[fill.symbol] = Position(fill.id, fill.symbol, amount, paid, fill.at_ms, fill.at_ms)
            return
        total = old.amount + amount
        if total * old.amount <= 0:
            # Closed, or turned round: what is over opens a new one at this fill's price.
            del self._open[fill.symbol]
            if total:
                self._open[fill.symbol] = Position(
                    fill.id, fill.symbol, total, (paid * total / amount).quantize(GRAIN), fill.at_ms, fill.at_ms
                )
            return
        growing = amount * old.amount > 0
        old.paid = old.paid + paid if growing else (old.paid * total / old.amount).quantize(GRAIN)
        old.amount, old.updated_ms = total, fill.at_ms
