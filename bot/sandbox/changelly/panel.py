"""Changelly's switches in the world panel: keys to paste, coins and limits, and what goes wrong on the way."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, TypeAlias

from bot.sandbox.changelly.accounts import Login
from bot.sandbox.changelly.coins import catalogue
from bot.sandbox.changelly.pricing import LIMITS
from bot.sandbox.changelly.server import ChangellyStandIn
from bot.sandbox.exchange.fault_switches import FINE, FaultSwitches
from bot.sandbox.exchange.faults import Calls
from bot.sandbox.switches import Switch, action, as_bool, as_option, as_whole, choice, number, text, toggle

CALLS: Mapping[str, Calls] = {
    "creations": "place",
    "lookups of swaps": "private",
    "all lookups": "reads",
    "everything": "all",
}
CREATIONS = {
    FINE: "",
    "refused: no address could be made": "address",
    "refused: too many fixed ones": "fixed_limit",
    "refused: too little liquidity": "liquidity",
    "Internal Error, nothing was made": "internal",
    "Internal Error, but it was made": "internal_done",
}
COIN_SWITCHES: Mapping[str, str] = {
    "enabled": "It is there",
    "pays_in": "It can be sent",
    "pays_out": "It can be received",
    "fixed": "It has a fixed rate",
}
Window: TypeAlias = Literal["rate_life_s", "fixed_window_s", "float_window_s"]
WINDOWS: Mapping[Window, str] = {
    "rate_life_s": "A fixed rate holds for … s",
    "fixed_window_s": "A fixed swap waits … s for its deposit",
    "float_window_s": "A floating swap waits … s for its deposit",
}
OWNERS = ["alice", "bob", "admin"]
LONGEST_S = 10_000_000


class ChangellyPanel:
    """Switches over the whole desk; those over single swaps are in DepositsPanel.

    People's private keys are made afresh, save for those that are given.
    """

    name = "changelly"

    def __init__(self, standin: ChangellyStandIn, private_keys: Mapping[str, str] | None = None) -> None:
        self._standin, self._engine = standin, standin.engine
        self._on_the_way = FaultSwitches(standin.faults, CALLS, things="swaps")
        self._coin = next(iter(standin.engine.coins))
        self._owner = OWNERS[0]
        given = private_keys or {}
        # Made when somebody wants to see it: a private key takes its time.
        self.login = cache(lambda owner: standin.add_account(owner, given.get(owner, "")))

    def switches(self) -> list[Switch]:
        """What can be done now."""
        return [
            *self._key_switches(),
            *self._coin_switches(),
            choice("limits", "Least and most", self._engine.pricing.limits_mood, list(LIMITS)),
            *(number(name, label, int(getattr(self._engine, name))) for name, label in WINDOWS.items()),
            choice("creations", "New swaps are …", self._creations(), list(CREATIONS)),
            *self._on_the_way.switches(),
            toggle("locked", "All keys are refused (401)", value=self._standin.accounts.locked),
            toggle(
                "shut_out", "This machine is not on their list (403, rest only)", value=self._standin.accounts.shut_out
            ),
            toggle("plain_words", "rest refuses keys in plain text, too", value=self._standin.rest.plain_words),
            toggle("whole_truth", "rest tells what its document lacks", value=self._standin.rest.whole_truth),
            action("clear", "Everything as it should"),
        ]

    async def flip(self, ident: str, value: Any = None) -> None:
        """Turn one switch; ValueError with plain words where that makes no sense."""
        turns: dict[str, Callable[[Any], None]] = {
            "owner": self._choose_owner,
            "coin": self._choose_coin,
            "limits": self._choose_limits,
            "creations": self._choose_creations,
            **self._on_the_way.turns(),
            "locked": self._lock,
            "shut_out": self._shut,
            "plain_words": self._say_plainly,
            "whole_truth": self._tell,
            "clear": lambda _: self._clear(),
        }
        if ident in COIN_SWITCHES:
            setattr(self._engine.coins[self._coin], ident, as_bool(value))
        elif ident in WINDOWS:
            setattr(self._engine, ident, float(as_whole(value, 0, LONGEST_S)))
        elif ident in turns:
            turns[ident](value)
        else:
            raise ValueError(f"no such switch: {ident}")

    def _key_switches(self) -> list[Switch]:
        login: Login = self.login(self._owner)
        return [
            choice("owner", "Keys of", self._owner, OWNERS),
            text("private_key", "Private key (v2)", login.private_key),
            text("key", "API key (v1, rest)", login.key),
            text("secret", "Secret (v1, rest)", login.secret),
        ]

    def _coin_switches(self) -> list[Switch]:
        coin = self._engine.coins[self._coin]
        return [
            choice("coin", "Coin", self._coin, list(self._engine.coins)),
            *(toggle(name, label, value=getattr(coin, name)) for name, label in COIN_SWITCHES.items()),
        ]

    def _creations(self) -> str:
        return next(label for label, name in CREATIONS.items() if name == self._engine.trouble)

    def _choose_owner(self, value: Any) -> None:
        self._owner = as_option(value, OWNERS)

    def _choose_coin(self, value: Any) -> None:
        self._coin = as_option(value, list(self._engine.coins))

    def _choose_limits(self, value: Any) -> None:
        self._engine.pricing.limits_mood = as_option(value, list(LIMITS))

    def _choose_creations(self, value: Any) -> None:
        trouble = CREATIONS[as_option(value, list(CREATIONS))]
        self._engine.clear_troubles()
        if trouble:
            self._engine.set_trouble(trouble, self._on_the_way.times or None)

    def _lock(self, value: Any) -> None:
        self._standin.accounts.locked = as_bool(value)

    def _shut(self, value: Any) -> None:
        self._standin.accounts.shut_out = as_bool(value)

    def _say_plainly(self, value: Any) -> None:
        self._standin.rest.plain_words = as_bool(value)

    def _tell(self, value: Any) -> None:
        self._standin.rest.whole_truth = as_bool(value)

    def _clear(self) -> None:
        """Faults, troubles, limits, locks and coins; not the windows of time, and no swap."""
        self._standin.faults.clear()
        self._engine.clear_troubles()
        self._engine.pricing.limits_mood = LIMITS[0]
        self._standin.accounts.locked = self._standin.accounts.shut_out = self._standin.rest.plain_words = False
        for ticker, fresh in catalogue().items():
            for name in COIN_SWITCHES:
                setattr(self._engine.coins[ticker], name, getattr(fresh, name))
