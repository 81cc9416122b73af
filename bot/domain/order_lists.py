"""Orders and trades of one person, from several accounts side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.balances import Silent
from bot.domain.orders import Order, Trade

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """The account at which something happened: the exchange's title and own name, the account's label."""

    title: str
    vendor: str
    label: str


@dataclass(frozen=True, slots=True)
class Listed:
    place: Place
    order: Order


@dataclass(frozen=True, slots=True)
class Done:
    place: Place
    trade: Trade


@dataclass(frozen=True, slots=True)
class OrderSheet:
    """Newest first; `total` of them were found, those at hand are the first. `silent`: who could not be read."""

    rows: tuple[Listed, ...]
    total: int
    silent: tuple[Silent, ...]


@dataclass(frozen=True, slots=True)
class TradeSheet:
    rows: tuple[Done, ...]
    total: int
    silent: tuple[Silent, ...]


def order_sheet(rows: Sequence[Listed], silent: Sequence[Silent], most: int) -> OrderSheet:
    newest = sorted(rows, key=lambda one: one.order.at or _LONG_AGO, reverse=True)
    return OrderSheet(tuple(newest[:most]), len(newest), tuple(silent))


def trade_sheet(rows: Sequence[Done], silent: Sequence[Silent], most: int) -> TradeSheet:
    newest = sorted(rows, key=lambda one: one.trade.at, reverse=True)
    return TradeSheet(tuple(newest[:most]), len(newest), tuple(silent))
