"""A venue on loopback: one matching engine (`Engine`), and dialects that put a vendor's words around it."""

from bot.sandbox.exchange.accounts import Account, Holding, Key, Login
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.faults import Faults
from bot.sandbox.exchange.orders import Entry, Fill, Order, Refused, Wish
from bot.sandbox.exchange.pairs import Pair

__all__ = [
    "Account",
    "Engine",
    "Entry",
    "Faults",
    "Fill",
    "Holding",
    "Key",
    "Login",
    "Order",
    "Pair",
    "Refused",
    "Wish",
]
