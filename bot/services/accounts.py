"""People's keys at exchanges: found, used late and seldom, checked again, renamed, dropped."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import NoReturn

import structlog

from bot.domain.accounts import Health, Held, KeyState
from bot.domain.errors import NotAllowed, Refused, Unavailable, UserMistake
from bot.domain.notices import Address, Lane, Mark, Notice
from bot.domain.orders import Credentials, Traits
from bot.domain.ports import Account, Clock, Exchange, KeyVendor
from bot.domain.users import User
from bot.services._keys import (
    free_label,
    frozen,
    key_is_dead,
    require_usable,
    told,
    unsealed,
)
from bot.services.guards import phrase_of
from storage.store import AlreadyAnswered, Store, Transaction

__all__ = ["Accounts", "Held"]
log = structlog.get_logger(__name__)

LINK_LIVES = timedelta(minutes=5)
CHECKED_EVERY = timedelta(days=7)
CHECKED_AT_ONCE = 20
_MS = timedelta(milliseconds=1)


class Accounts:
    """`exchanges`: by name, the default one first. `others`: vendors of something else, whose keys are kept alike."""

    def __init__(
        self,
        store: Store,
        exchanges: Mapping[str, Exchange],
        clock: Clock,
        others: Mapping[str, KeyVendor] = MappingProxyType({}),
    ) -> None:
        self._store = store
        self._exchanges = exchanges
        self._others = others
        self._clock = clock

    @property
    def _vendors(self) -> Mapping[str, KeyVendor]:
        return {**self._exchanges, **self._others}

    # --- which one --------------------------------------------------------------------------------------------------

    async def all_of(self, user_id: int) -> list[Held]:
        """Oldest first, those of exchanges that are off included."""
        return await self._store.read(lambda tx: tx.accounts.of_user(user_id))

    async def of(self, user_id: int, vendor: str = "", label: str = "") -> Held:
        """The key that is meant. `vendor`: an exchange by any of its names, or a label; empty: the default exchange's,
        or the only key there is. Raises UserMistake where there is none, or more than one.
        """
        own = [held for held in await self.all_of(user_id) if held.vendor in self._exchanges]
        if not vendor:
            return self._one(own, label, "") if len(own) < 2 or label else self._of_default(own)
        name = self.vendor(vendor, known=False)
        if not name and any(held.label.casefold() == vendor.casefold() for held in own):
            return self._one(own, vendor, "")
        name = name or self.vendor(vendor)
        return self._one([held for held in own if held.vendor == name], label, name)

    async def get(self, user_id: int, account_id: str) -> Held:
        """One of his own, by its id. Raises UserMistake("account.unknown")."""
        held = await self.by_id(account_id)
        if held is None or held.user_id != user_id:
            raise UserMistake("account.unknown", suggestions=(("/keys", "keys"),))
        return held

    async def by_id(self, account_id: str) -> Held | None:
        """Anybody's: for what goes on without its owner. None where it was dropped."""
        return await self._store.read(lambda tx: tx.accounts.get(account_id))

    def vendor(self, typed: str, *, known: bool = True) -> str:
        """Today's name of a vendor. Raises UserMistake where there is no such one; `known=False`: empty instead."""
        wanted = typed.lower()
        for name, exchange in self._vendors.items():
            if wanted in {name, *exchange.traits.aliases}:
                return name
        if known:
            choices = tuple((exchange.traits.title, f"keys add {name}") for name, exchange in self._vendors.items())
            raise UserMistake("vendor.unknown", typed=typed, suggestions=choices[:3])
        return ""

    def traits(self, vendor: str) -> Traits:
        """Raises UserMistake where this vendor is off."""
        if vendor not in self._vendors:
            raise UserMistake("vendor.off", vendor=vendor)
        return self._vendors[vendor].traits

    @property
    def vendors(self) -> Sequence[Traits]:
        """All whose keys are kept: exchanges that are on, the default one first, then others."""
        return [exchange.traits for exchange in self._vendors.values()]

    def title(self, vendor: str) -> str:
        """A vendor as it calls itself."""
        return self._vendors[vendor].traits.title if vendor in self._vendors else vendor

    @property
    def titles(self) -> Mapping[str, str]:
        """Of all that are on, by name."""
        return {name: exchange.traits.title for name, exchange in self._vendors.items()}

    # --- used -------------------------------------------------------------------------------------------------------

    async def opened(self, held: Held, *, settling: bool = False) -> Account:
        """The account at its exchange, unsealed now. Raises as `credentials` does."""
        now, credentials = await self.credentials(held, settling=settling)
        return self._exchanges[held.vendor].account(name_of(now), credentials)

    async def credentials(self, held: Held, *, settling: bool = False) -> tuple[Held, Credentials]:
        """Unsealed now. Raises NotAllowed where the key is frozen or its owner has locked, UserMistake where it is gone
        or its vendor is off. `settling`: only to find out, or to end, what was begun before: also then.
        """
        self.traits(held.vendor)

        def unit(tx: Transaction) -> tuple[Held, Credentials]:
            now = tx.accounts.get(held.id)
            if now is None:
                raise UserMistake("account.unknown", suggestions=(("/keys", "keys"),))
            if not settling:
                require_usable(tx, now)
            return now, unsealed(tx, now)

        return await self._store.read(unit)

    async def checked_today(self, held: Held) -> Held:
        """What it may do, asked again before the first order of a day (UTC). Raises NotAllowed where it may not order,
        and where it has gained the right to withdraw: then it is frozen, and its owner told.
        """
        if held.checked_at.date() != self._clock.now().date():
            held = await self.check(held)
        if held.frozen:
            raise frozen(held)
        if held.health.trade is False:
            raise NotAllowed("account.read_only", label=held.label)
        return held

    async def check(self, held: Held) -> Held:
        """Asks the exchange what this key may do, and keeps the answer. A frozen key that is sound again thaws.

        Raises Unavailable where nothing could be learnt; the key stays as it was.
        """
        try:
            now, credentials = await self.credentials(held, settling=True)
            said = await self._vendors[held.vendor].account(name_of(now), credentials).permissions()
        except Refused as error:
            if not (key_is_dead(error) or error.key == "seal.broken"):
                raise Unavailable("account.unverified", label=held.label) from None
            return await self._noted(held, replace(held.health, trouble="refused"))
        if said.withdraw is None:
            raise Unavailable("account.unverified", label=held.label)
        return await self._noted(held, Health.of(said, "withdraw" if said.withdraw else ""))

    async def check_due(self) -> None:
        """Keys that nobody asked about for a week. An exchange that does not answer is left for the next run."""
        before_ms = self._store.now_ms() - CHECKED_EVERY // _MS
        await self._store.write(lambda tx: tx.accounts.tidy(tx.now_ms))
        due = await self._store.read(lambda tx: tx.accounts.due(before_ms, CHECKED_AT_ONCE))
        silent: set[str] = set()
        for held in due:
            if held.vendor in silent or held.vendor not in self._vendors:
                continue
            try:
                await self.check(held)
            except Unavailable as error:
                # That the exchange did not say enough of one key says nothing of the next.
                silent |= set() if error.key == "account.unverified" else {held.vendor}
                log.warning("key_check.unanswered", vendor=held.vendor, reason=error.key)

    # --- changed ----------------------------------------------------------------------------------------------------

    async def rename(self, user: User, account_id: str, label: str, mark: Mark) -> None:
        held = await self.get(user.id, account_id)

        def act(tx: Transaction) -> Notice:
            others = [each for each in tx.accounts.of_user(user.id) if each.id != account_id]
            wanted = free_label(others, held.vendor, label)
            tx.accounts.rename(account_id, wanted)
            tx.dialogs.end(user.id, mark.address.chat_id)
            return Notice("key_renamed", {"id": account_id, "was": held.label, "label": wanted})

        await self._answered(mark, act)

    async def drop(self, user: User, account_id: str, mark: Mark) -> None:
        """Gone at once. Refused while an order of it is undecided: without the key that would never be known."""
        held = await self.get(user.id, account_id)

        def act(tx: Transaction) -> Notice:
            if count := tx.accounts.undecided(account_id):
                raise NotAllowed("account.undecided", count=count)
            tx.accounts.drop(account_id)
            tx.audit.add("key_dropped", by=user.id, about=user.id, label=held.label, exchange=self.title(held.vendor))
            values: dict[str, object] = {"label": held.label, "exchange": self.title(held.vendor)}
            return Notice("key_dropped", values)

        await self._answered(mark, act)
        self.let_go([held])

    def let_go(self, held: Sequence[Held]) -> None:
        """Nothing of these keys is kept in memory any longer."""
        for one in held:
            if one.vendor in self._vendors:
                self._vendors[one.vendor].release(name_of(one))

    async def watched(self, account_id: str) -> int:
        """How many orders and swaps of this key the desk follows: without the key it cannot."""
        return await self._store.read(lambda tx: tx.accounts.watched(account_id))

    # --- inside -----------------------------------------------------------------------------------------------------

    def _of_default(self, own: Sequence[Held]) -> Held:
        first = next((name for name in self._exchanges if any(held.vendor == name for held in own)), "")
        default = next(iter(self._exchanges), "")
        return (
            self._one([held for held in own if held.vendor == first], "", first) if first == default else _several(own)
        )

    def _one(self, own: Sequence[Held], label: str, vendor: str) -> Held:
        fit = [held for held in own if not label or held.label.casefold() == label.casefold()]
        if not fit:
            wanted = vendor or next(iter(self._exchanges), "")
            line = f"keys add {wanted}"
            raise UserMistake("account.none", exchange=self.title(wanted), suggestions=((f"/{line}", line),))
        return fit[0] if len(fit) == 1 else _several(fit)

    async def _noted(self, held: Held, health: Health) -> Held:
        state = KeyState.FROZEN if health.trouble else KeyState.ACTIVE
        now = replace(held, health=health, state=state, checked_at=self._clock.now())

        def unit(tx: Transaction) -> None:
            known = tx.accounts.note_health(held, health, state, tx.now_ms)
            if known and now.frozen and not held.frozen:
                values = self._told(now) | {"phrase": phrase_of(tx, held.user_id)}
                cause = f"frozen:{held.id}:{held.version}:{tx.now_ms}"
                tx.tell(cause, Lane.MONEY, held.user_id, Address(held.user_id), Notice("key_frozen", values))

        await self._store.write(unit)
        return now

    def _told(self, held: Held) -> dict[str, object]:
        return told(held, self.title(held.vendor))

    async def _answered(self, mark: Mark, act: Callable[[Transaction], Notice]) -> None:
        try:
            await self._store.write(lambda tx: tx.answer(mark, act(tx)))
        except AlreadyAnswered:
            return


def _several(fit: Sequence[Held]) -> NoReturn:
    raise UserMistake("account.several", labels=[held.label for held in fit], suggestions=(("/keys", "keys"),))


def name_of(held: Held) -> str:
    """What its exchange calls it: another, once the key is replaced."""
    return f"{held.id}:{held.version}"
