"""Balances: what a person has at exchanges, and what that is worth."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import reduce

from bot.domain.errors import BotError
from bot.domain.money import EXACT
from bot.domain.orders import Holding, Wallet


@dataclass(frozen=True, slots=True)
class Worth:
    """So much of one asset. `usd`: what its total is worth, None where nobody says."""

    wallet: Wallet
    holding: Holding
    usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Statement:
    """One account, `wallets` of it, as heard `at`. Of greatest worth first, what has no price last."""

    title: str
    vendor: str
    label: str
    fingerprint: str
    wallets: tuple[Wallet, ...]
    lines: tuple[Worth, ...]
    at: datetime

    @property
    def usd(self) -> Decimal | None:
        """Of what has a price; None where nothing has one."""
        return total_usd(line.usd for line in self.lines)

    @property
    def unpriced(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(line.holding.asset for line in self.lines if line.usd is None))


@dataclass(frozen=True, slots=True)
class Silent:
    """An account that could not be read, and why."""

    title: str
    label: str
    error: BotError


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All accounts of a person: those that answered, and those that did not."""

    statements: tuple[Statement, ...]
    silent: tuple[Silent, ...]

    @property
    def usd(self) -> Decimal | None:
        return total_usd(statement.usd for statement in self.statements)

    def assets(self) -> list[tuple[str, Decimal, Decimal | None]]:
        """Each asset once: how much in all, what it is worth. An asset of one exchange is the same at the next."""
        amounts: dict[str, Decimal] = defaultdict(Decimal)
        worths: dict[str, list[Decimal | None]] = defaultdict(list)
        for line in (line for statement in self.statements for line in statement.lines):
            amounts[line.holding.asset] = EXACT.add(amounts[line.holding.asset], line.holding.total)
            worths[line.holding.asset].append(line.usd)
        sums = [(asset, amount, _if_all_known(worths[asset])) for asset, amount in amounts.items()]
        return sorted(sums, key=lambda one: by_worth(one[2], one[0]))


def by_worth(usd: Decimal | None, asset: str) -> tuple[bool, Decimal, str]:
    """Sorts the most valuable first, what has no price last."""
    return usd is None, -(usd or Decimal(0)), asset


def total_usd(values: Iterable[Decimal | None]) -> Decimal | None:
    """What is not known counts as nothing; None where none of them is known."""
    known = [value for value in values if value is not None]
    return reduce(EXACT.add, known) if known else None


def _if_all_known(values: Sequence[Decimal | None]) -> Decimal | None:
    return None if None in values else total_usd(values)
