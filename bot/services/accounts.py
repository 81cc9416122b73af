"""People's keys at exchanges: handed over, looked at, used late and seldom, checked again, dropped."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import structlog

from bot.domain.accounts import Health, Held, Invitation, KeyState
from bot.domain.errors import NotAllowed, Refused, Unavailable, UserMistake
from bot.domain.notices import Address, Lane, Mark, Notice
from bot.domain.orders import Credentials, Permissions, Traits
from bot.domain.ports import Account, Clock, Exchange
from bot.domain.users import User
from bot.services import second_step
from bot.services._keys import (
    MOST_KEYS,
    credentials_of,
    fingerprint,
    free_label,
    frozen,
    hashed,
    require_unlocked,
    require_usable,
    sealed,
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
    """`exchanges`: by name, the default one first. `page`: the root of the desk's public side, empty where it has none.

    `demanded`: a second step is asked of everybody who hands over a key.
    """

    def __init__(
        self, store: Store, exchanges: Mapping[str, Exchange], clock: Clock, *, page: str = "", demanded: bool = False
    ) -> None:
        self._store = store
        self._exchanges = exchanges
        self._clock = clock
        self._page = page
        self._demanded = demanded

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
        """Today's name of an exchange. Raises UserMistake where there is no such one; `known=False`: empty instead."""
        wanted = typed.lower()
        for name, exchange in self._exchanges.items():
            if wanted in {name, *exchange.traits.aliases}:
                return name
        if known:
            choices = tuple((exchange.traits.title, f"keys add {name}") for name, exchange in self._exchanges.items())
            raise UserMistake("vendor.unknown", typed=typed, suggestions=choices[:3])
        return ""

    def traits(self, vendor: str) -> Traits:
        """Raises UserMistake where this exchange is off."""
        if vendor not in self._exchanges:
            raise UserMistake("vendor.off", vendor=vendor)
        return self._exchanges[vendor].traits

    @property
    def vendors(self) -> Sequence[Traits]:
        """Exchanges that are on, the default one first."""
        return [exchange.traits for exchange in self._exchanges.values()]

    # --- used -------------------------------------------------------------------------------------------------------

    async def opened(self, held: Held, *, settling: bool = False) -> Account:
        """The account at its exchange, unsealed now. Raises NotAllowed where the key is frozen or its owner has locked.

        `settling`: only to find out, or to end, what was begun before: also then. Raises UserMistake where it is gone.
        """
        traits = self.traits(held.vendor)

        def unit(tx: Transaction) -> tuple[Held, Credentials]:
            now = tx.accounts.get(held.id)
            if now is None:
                raise UserMistake("account.unknown", suggestions=(("/keys", "keys"),))
            if not settling:
                require_usable(tx, now)
            return now, unsealed(tx, now)

        now, credentials = await self._store.read(unit)
        return self._exchanges[traits.name].account(f"{now.id}:{now.version}", credentials)

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
        account = await self.opened(held, settling=True)
        try:
            said = await account.permissions()
        except Refused:
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
            if held.vendor in silent or held.vendor not in self._exchanges:
                continue
            try:
                await self.check(held)
            except Unavailable as error:
                silent.add(held.vendor)
                log.warning("key_check.unanswered", vendor=held.vendor, reason=error.key)

    # --- handed over ------------------------------------------------------------------------------------------------

    async def invite(self, user: User, vendor: str, label: str, code: str, mark: Mark, *, replaces: str = "") -> None:
        """One chance to hand over a key, by the page or in this chat. Raises CodeNeeded where a code has to come first.

        `label` empty: a free one. `replaces`: the id of a key of his; its vendor and label stay.
        """
        old = await self.get(user.id, replaces) if replaces else None
        name = old.vendor if old else self.vendor(vendor)
        traits, token = self.traits(name), secrets.token_urlsafe(32)

        def act(tx: Transaction) -> Notice:
            require_unlocked(tx, user.id)
            own = tx.accounts.of_user(user.id)
            wanted = old.label if old else free_label(own, name, label)
            if wrong := second_step.passed(tx, mark, code, demanded=self._demanded):
                return wrong
            until = self._clock.now() + LINK_LIVES
            invitation = Invitation(user.id, mark.address.chat_id, name, wanted, replaces, until, 0)
            tx.accounts.invite(hashed(token), invitation)
            if not self._page:
                tx.dialogs.ask(user.id, mark.address.chat_id, f"keyin {token}", tx.now_ms + LINK_LIVES // _MS)
            return Notice("key_wanted", self._wanted(traits, wanted, token, phrase_of(tx, user.id)))

        await self._answered(mark, act)

    async def invitation(self, token: str) -> tuple[Invitation, str] | None:
        """As long as it holds, and its owner's language. Looking spends nothing."""

        def unit(tx: Transaction) -> tuple[Invitation, str] | None:
            found = tx.accounts.invitation(hashed(token), tx.now_ms)
            user = tx.users.get(found.user_id) if found else None
            return (found, user.language if user else "") if found else None

        return await self._store.read(unit)

    async def take(self, token: str, given: Mapping[str, str], mark: Mark | None = None) -> Held:
        """Tries a key out and keeps it, sealed; its owner is told: by `mark`'s answer, or by a message of its own.

        Only success spends the invitation; there are a few tries. Raises UserMistake where the invitation is over, a
        field is missing, the key does not work or may do too much; Unavailable where its exchange does not answer.
        """
        wanted = await self.invitation(token)
        if wanted is None or (mark and wanted[0].user_id != mark.user_id):
            raise UserMistake("key.link_over", suggestions=(("/keys", "keys"),))
        traits = self.traits(wanted[0].vendor)
        credentials = credentials_of(given, traits)
        invitation = await self._store.write(lambda tx: tx.accounts.take_try(hashed(token), tx.now_ms))
        if invitation is None:
            raise UserMistake("key.link_over", suggestions=(("/keys", "keys"),))
        said = await self._tried(invitation, credentials)
        return await self._kept(token, invitation, credentials, said, mark)

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
            values: dict[str, object] = {"label": held.label, "exchange": self._title(held.vendor)}
            return Notice("key_dropped", values)

        await self._answered(mark, act)

    async def watched(self, account_id: str) -> int:
        """Orders of this key that the desk follows: with the key it stops to."""
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
            raise UserMistake("account.none", exchange=self._title(wanted), suggestions=((f"/{line}", line),))
        return fit[0] if len(fit) == 1 else _several(fit)

    def _title(self, vendor: str) -> str:
        return self._exchanges[vendor].traits.title if vendor in self._exchanges else vendor

    def _wanted(self, traits: Traits, label: str, token: str, phrase: str) -> dict[str, object]:
        return {
            "exchange": traits.title,
            "vendor": traits.name,
            "label": label,
            "secrets": list(traits.secrets),
            "key_page": traits.key_page,
            "url": f"{self._page}/keys/{token}" if self._page else "",
            "minutes": LINK_LIVES // timedelta(minutes=1),
            "phrase": phrase,
        }

    async def _tried(self, invitation: Invitation, credentials: Credentials) -> Permissions:
        """An id of its own each time: the client of a wrong key must not be found again for a right one."""
        trial = f"trial:{secrets.token_hex(8)}"
        try:
            said = await self._exchanges[invitation.vendor].account(trial, credentials).permissions()
        except Refused:
            raise UserMistake("key.not_working", exchange=self._title(invitation.vendor)) from None
        if said.withdraw is None:
            raise UserMistake("key.not_verified", exchange=self._title(invitation.vendor))
        if said.withdraw:
            raise UserMistake("key.withdraws", exchange=self._title(invitation.vendor))
        return said

    async def _kept(
        self, token: str, invitation: Invitation, credentials: Credentials, said: Permissions, mark: Mark | None
    ) -> Held:
        def unit(tx: Transaction) -> Held:
            if not tx.accounts.spend(hashed(token), tx.now_ms):
                raise UserMistake("key.link_over")
            held = self._stored(tx, invitation, credentials, said)
            notice = Notice("key_stored", self._told(held) | {"phrase": phrase_of(tx, held.user_id)})
            tx.dialogs.end(invitation.user_id, invitation.chat_id)
            if mark:
                tx.answer(mark, notice)
            else:
                cause = f"key:{held.id}:{held.version}"
                tx.tell(cause, Lane.ANSWER, held.user_id, Address(invitation.chat_id), notice)
            return held

        return await self._store.write(unit)

    def _stored(self, tx: Transaction, invitation: Invitation, credentials: Credentials, said: Permissions) -> Held:
        now, own = self._clock.now(), tx.accounts.of_user(invitation.user_id)
        own_print = fingerprint(tx, invitation.user_id, invitation.vendor, credentials)
        if same := next((h for h in own if h.fingerprint == own_print and h.id != invitation.account_id), None):
            raise UserMistake("key.known", label=same.label)
        if invitation.account_id:
            return self._put_in_place(tx, invitation.account_id, own_print, credentials, said)
        if len(own) >= MOST_KEYS:
            raise UserMistake("account.too_many", most=MOST_KEYS)
        held = Held(
            id=secrets.token_hex(6),
            user_id=invitation.user_id,
            vendor=invitation.vendor,
            label=free_label(own, invitation.vendor, invitation.label),
            version=1,
            fingerprint=own_print,
            state=KeyState.ACTIVE,
            health=Health.of(said),
            checked_at=now,
            created_at=now,
        )
        tx.accounts.add(held, sealed(tx, held, credentials))
        return held

    def _put_in_place(
        self, tx: Transaction, account_id: str, own_print: str, credentials: Credentials, said: Permissions
    ) -> Held:
        old = tx.accounts.get(account_id)
        if old is None:
            raise UserMistake("account.unknown")
        held = replace(
            old,
            version=old.version + 1,
            fingerprint=own_print,
            state=KeyState.ACTIVE,
            health=Health.of(said),
            checked_at=self._clock.now(),
        )
        tx.accounts.replace(held, sealed(tx, held, credentials), old.version)
        return held

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
        return told(held, self._title(held.vendor))

    async def _answered(self, mark: Mark, act: Callable[[Transaction], Notice]) -> None:
        try:
            await self._store.write(lambda tx: tx.answer(mark, act(tx)))
        except AlreadyAnswered:
            return


def _several(fit: Sequence[Held]) -> NoReturn:
    raise UserMistake("account.several", labels=[held.label for held in fit], suggestions=(("/keys", "keys"),))
