"""Whose money lies where, and what each key may do with it."""

import hashlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from bot.sandbox.exchange.orders import Fill, Order, Refused, Wallet

WALLETS: tuple[Wallet, ...] = ("spot", "margin", "funding")
REMEMBERED_ORDERS = 5_000
REMEMBERED_FILLS = 10_000
ZERO = Decimal(0)


class Login(NamedTuple):
    """What a person pastes."""

    key: str
    secret: str


@dataclass(slots=True)
class Key:
    """Rights may be changed at any time: the next call meets them as they are then. `ips` empty: from anywhere."""

    key: str
    secret: str
    account: "Account"
    trade: bool
    withdraw: bool
    ips: frozenset[str]
    expires_ms: int | None
    created_ms: int
    read: bool = True
    # For dialects whose calls carry a number that must grow.
    nonce: int = 0


class Holding(NamedTuple):
    """`used` is bound in open orders."""

    free: Decimal
    used: Decimal

    @property
    def total(self) -> Decimal:
        """Free and bound together."""
        return self.free + self.used


NOTHING = Holding(ZERO, ZERO)


@dataclass(slots=True, eq=False)
class Account:
    """One customer. A bottomless one (the other traders) may owe what it does not have, and pays no fees."""

    id: int
    name: str
    bottomless: bool = False
    wallets: dict[Wallet, dict[str, Holding]] = field(default_factory=lambda: {wallet: {} for wallet in WALLETS})
    # Borrowed in the margin wallet and not yet given back.
    debts: dict[str, Decimal] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    open: dict[int, Order] = field(default_factory=dict)
    # The latest order under each client id.
    named: dict[str, Order] = field(default_factory=dict)
    fills: deque[Fill] = field(default_factory=lambda: deque(maxlen=REMEMBERED_FILLS))

    def holding(self, wallet: Wallet, asset: str) -> Holding:
        """Nothing where there is nothing."""
        return self.wallets[wallet].get(asset, NOTHING)

    def held(self, wallet: Wallet) -> Mapping[str, Holding]:
        """Everything in one wallet that is not nothing."""
        return {asset: held for asset, held in self.wallets[wallet].items() if held.free or held.used}

    def give(self, wallet: Wallet, asset: str, amount: Decimal) -> None:
        """Adds to what is free."""
        held = self.holding(wallet, asset)
        self.wallets[wallet][asset] = held._replace(free=held.free + amount)

    def take(self, wallet: Wallet, asset: str, amount: Decimal) -> None:
        """Takes from what is free; Refused where it is not there."""
        held = self.holding(wallet, asset)
        if held.free < amount and not self.bottomless:
            raise Refused("insufficient")
        self.wallets[wallet][asset] = held._replace(free=held.free - amount)

    def bind(self, wallet: Wallet, asset: str, amount: Decimal) -> None:
        """From free to used; a negative amount sets free again. Refused where it is not there."""
        held = self.holding(wallet, asset)
        if held.free < amount and not self.bottomless:
            raise Refused("insufficient")
        self.wallets[wallet][asset] = Holding(held.free - amount, held.used + amount)

    def remember(self, order: Order) -> None:
        """The oldest finished orders are forgotten first, open ones never."""
        self.orders[order.id] = self.open[order.id] = order
        if order.wish.client_id:
            self.named[order.wish.client_id] = order
        if len(self.orders) > REMEMBERED_ORDERS + len(self.open):
            for past in list(self.orders.values())[: REMEMBERED_ORDERS // 10]:
                if past.id not in self.open:
                    self._forget(past)

    def _forget(self, order: Order) -> None:
        del self.orders[order.id]
        if self.named.get(order.wish.client_id) is order:
            del self.named[order.wish.client_id]


def made_up(seed: str, length: int) -> str:
    """A key or secret as venues write them: letters and digits, the same for the same seed."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    drawn = hashlib.shake_256(seed.encode()).digest(length)
    return "".join(letters[byte % len(letters)] for byte in drawn)
