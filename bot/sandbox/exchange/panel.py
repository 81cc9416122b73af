"""A venue's switches in the world panel: keys to paste, money, the other traders, and what goes wrong on the way."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from bot.sandbox.exchange.accounts import Key, Login
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.fault_switches import FaultSwitches
from bot.sandbox.exchange.faults import Calls, Faults
from bot.sandbox.exchange.orders import Order, Refused, Wallet
from bot.sandbox.switches import Switch, action, as_bool, as_number, as_option, as_whole, choice, number, text, toggle


class Rights(NamedTuple):
    trade: bool = True
    withdraw: bool = False
    ip_bound: bool = False


OWNERS = ["alice", "bob", "admin"]
RIGHTS: Mapping[str, Rights] = {
    "may trade": Rights(),
    "may trade, from here only": Rights(ip_bound=True),
    "may trade and withdraw": Rights(withdraw=True),
    "may only look": Rights(trade=False),
}
WALLETS: dict[str, Wallet] = {"exchange": "spot", "margin": "margin", "funding": "funding"}
CALLS: Mapping[str, Calls] = {
    "orders and cancels": "orders",
    "orders": "place",
    "cancels": "cancel",
    "lookups of one's own": "private",
    "all lookups": "reads",
    "everything": "all",
}
MOST_SKEW_S = 86_400


class Venue(Protocol):
    """What a panel needs of a stand-in."""

    name: str
    engine: Engine
    faults: Faults


class ExchangePanel:
    """Switches over one venue."""

    def __init__(self, venue: Venue) -> None:
        self.name = venue.name
        self._engine, self._faults = venue.engine, venue.faults
        self._logins = {
            (owner, rights): self._engine.add_account(owner, **given._asdict())
            for owner in OWNERS
            for rights, given in RIGHTS.items()
        }
        self._owner, self._rights = OWNERS[0], next(iter(RIGHTS))
        self._wallet, self._asset = "exchange", "USDT"
        self._fault_switches = FaultSwitches(self._faults, CALLS, things="orders")
        self._given = Decimal(1000)

    def login(self, owner: str, rights: str) -> Login:
        """The key that the panel shows for this owner and these rights."""
        return self._logins[owner, rights]

    def switches(self) -> list[Switch]:
        """What can be done to the venue now."""
        return [
            *self._key_switches(),
            *self._money_switches(),
            *self._trading_switches(),
            *self._fault_switches.switches(),
            number("skew", "Its clock is ahead by … s", self._faults.skew_s),
            action("clear", "Everything as it should"),
        ]

    async def flip(self, ident: str, value: Any = None) -> None:
        """Turn one switch; ValueError with plain words where that makes no sense."""
        turns: Mapping[str, Callable[[Any], None]] = {
            "owner": self._choose_owner,
            "rights": self._choose_rights,
            "gains": self._gain,
            "wallet": self._choose_wallet,
            "asset": self._choose_asset,
            "give": self._give,
            "pause": self._pause,
            "fill_half": lambda _: self._fill(Decimal("0.5")),
            "fill": lambda _: self._fill(Decimal(1)),
            **self._fault_switches.turns(),
            "skew": self._skew,
            "clear": lambda _: self._faults.clear(),
        }
        if ident not in turns:
            raise ValueError(f"no such switch: {ident}")
        turns[ident](value)

    def _key_switches(self) -> list[Switch]:
        login = self.login(self._owner, self._rights)
        return [
            choice("owner", "Keys of", self._owner, OWNERS),
            choice("rights", "A key that …", self._rights, list(RIGHTS)),
            text("key", "API key", login.key),
            text("secret", "Secret", login.secret),
            toggle("gains", "This key may withdraw", value=self._key().withdraw),
        ]

    def _money_switches(self) -> list[Switch]:
        wallet = WALLETS[self._wallet]
        held = self._engine.accounts[self._owner].holding(wallet, self._asset)
        return [
            choice("wallet", "Wallet to fill", self._wallet, list(WALLETS)),
            choice("asset", "With", self._asset, self._assets()),
            number("give", f"Give {self._owner} … {self._asset} (free now: {held.free.normalize():f})", self._given),
        ]

    def _trading_switches(self) -> list[Switch]:
        shown: list[Switch] = [toggle("pause", "Other traders stand still", value=self._engine.crowd.paused)]
        if waiting := self._waiting():
            wish = waiting.wish
            words = (
                f"{wish.side} {waiting.left.normalize():f} {wish.symbol} @ {(wish.price or Decimal(0)).normalize():f}"
            )
            shown += [action("fill_half", f"Fill half of: {words}"), action("fill", f"Fill: {words}")]
        return shown

    def _key(self) -> Key:
        return self._engine.keys[self.login(self._owner, self._rights).key]

    def _assets(self) -> list[str]:
        quotes = {pair.quote: None for pair in self._engine.pairs}
        return list(quotes | {pair.base: None for pair in self._engine.pairs})

    def _waiting(self) -> Order | None:
        """The order that came last of those that wait."""
        waiting = (order for account in self._engine.accounts.values() for order in account.open.values())
        return max(waiting, key=lambda order: order.id, default=None)

    def _choose_owner(self, value: Any) -> None:
        self._owner = as_option(value, OWNERS)

    def _choose_rights(self, value: Any) -> None:
        self._rights = as_option(value, list(RIGHTS))

    def _gain(self, value: Any) -> None:
        self._key().withdraw = as_bool(value)

    def _choose_wallet(self, value: Any) -> None:
        self._wallet = as_option(value, list(WALLETS))

    def _choose_asset(self, value: Any) -> None:
        self._asset = as_option(value, self._assets())

    def _give(self, value: Any) -> None:
        amount = as_number(value)
        try:
            self._engine.deposit(self._engine.accounts[self._owner], WALLETS[self._wallet], self._asset, amount)
        except Refused:
            raise ValueError(f"not an amount to give: {amount}") from None
        self._given = amount

    def _pause(self, value: Any) -> None:
        self._engine.crowd.paused = as_bool(value)

    def _fill(self, share: Decimal) -> None:
        if (waiting := self._waiting()) is None:
            raise ValueError("no order waits")
        self._engine.fill(waiting, share)

    def _skew(self, value: Any) -> None:
        self._faults.skew_s = as_whole(value, -MOST_SKEW_S, MOST_SKEW_S)
