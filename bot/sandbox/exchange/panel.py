"""A venue's switches in the world panel: keys to paste, money, the other traders, and what goes wrong on the way."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from bot.sandbox.exchange.accounts import Key, Login
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.faults import Calls, Faults
from bot.sandbox.exchange.orders import Order, Refused, Wallet
from bot.sandbox.switches import Switch, action, as_bool, as_number, as_option, choice, number, text, toggle


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
FINE = "as it should"
# What a person reads, and the fault it stands for with its value.
WAY: Mapping[str, tuple[str, int | None]] = {
    "lost on the way there": ("lost_before", None),
    "done, the answer is lost": ("lost_after", None),
    "done, answered with a page (200)": ("html", None),
    "not done, answered with a page (200)": ("html_before", None),
    "done, answered with nothing": ("empty", None),
    "done, answered with 502": ("error", 502),
    "not done, answered with 503": ("error_before", 503),
    "done, the answer breaks off": ("cut", None),
    "done, half of the JSON": ("half", None),
    "done, answered after 15 s": ("slow", 15),
    "done only after 15 s": ("late", 15),
    "too many (429)": ("limited", None),
}
CALLS: Mapping[str, Calls] = {
    "orders and cancels": "orders",
    "orders": "place",
    "cancels": "cancel",
    "lookups of one's own": "private",
    "all lookups": "reads",
    "everything": "all",
}
MOST_TIMES = 1_000_000
MOST_SKEW_S = 86_400


class Venue(Protocol):
    """What a panel needs of a stand-in."""

    name: str
    engine: Engine
    faults: Faults


class ExchangePanel:
    """Switches over one venue. `times` is how often the next fault strikes; 0 means until it is set right."""

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
        self._calls, self._times = next(iter(CALLS)), 0
        self._given = Decimal(1000)

    def login(self, owner: str, rights: str) -> Login:
        """The key that the panel shows for this owner and these rights."""
        return self._logins[owner, rights]

    def switches(self) -> list[Switch]:
        """What can be done to the venue now."""
        return [*self._key_switches(), *self._money_switches(), *self._trading_switches(), *self._fault_switches()]

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
            "way": self._choose_way,
            "calls": self._choose_calls,
            "times": self._choose_times,
            "blind": self._blind,
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

    def _fault_switches(self) -> list[Switch]:
        active = self._faults.active
        way = next(
            (label for label, (kind, value) in WAY.items() if kind in active and value in (None, active[kind].value)),
            FINE,
        )
        return [
            choice("way", "Calls are …", way, [FINE, *WAY]),
            choice("calls", "Which calls (of the next fault)", self._calls, list(CALLS)),
            number("times", "The next fault strikes … times (0: until set right)", self._times),
            toggle("blind", "Lookups do not know new orders", value="blind" in active),
            number("skew", "Its clock is ahead by … s", self._faults.skew_s),
            action("clear", "Everything as it should"),
        ]

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

    def _choose_way(self, value: Any) -> None:
        chosen = as_option(value, [FINE, *WAY])
        for kind, _ in WAY.values():
            self._faults.clear(kind)
        if chosen != FINE:
            kind, amount = WAY[chosen]
            self._faults.set(kind, amount, times=self._times or None, calls=CALLS[self._calls])

    def _choose_calls(self, value: Any) -> None:
        self._calls = as_option(value, list(CALLS))

    def _choose_times(self, value: Any) -> None:
        self._times = _whole(value, 0, MOST_TIMES)

    def _blind(self, value: Any) -> None:
        if as_bool(value):
            self._faults.set("blind")
        else:
            self._faults.clear("blind")

    def _skew(self, value: Any) -> None:
        self._faults.skew_s = _whole(value, -MOST_SKEW_S, MOST_SKEW_S)


def _whole(value: Any, least: int, most: int) -> int:
    number_ = as_number(value)
    if number_ != int(number_) or not least <= number_ <= most:
        raise ValueError(f"not a whole number from {least} to {most}: {str(value)[:40]}")
    return int(number_)
