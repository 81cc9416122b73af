"""Changelly on loopback: `ChangellyStandIn`, which speaks all three dialects, and two panels of switches over it."""

from bot.sandbox.changelly.accounts import Login, fresh_private_key
from bot.sandbox.changelly.deposits import DepositsPanel
from bot.sandbox.changelly.panel import ChangellyPanel
from bot.sandbox.changelly.server import ChangellyStandIn
from bot.sandbox.changelly.transactions import COURSES, STATUSES, Transaction

__all__ = [
    "COURSES",
    "STATUSES",
    "ChangellyPanel",
    "ChangellyStandIn",
    "DepositsPanel",
    "Login",
    "Transaction",
    "fresh_private_key",
]
