"""How a key comes in: by a one-time invitation, tried out at its exchange, kept only if it cannot take money out."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.domain.accounts import Health, Held, Invitation, KeyState
from bot.domain.errors import Refused, UserMistake
from bot.domain.notices import Address, Lane, Mark, Notice
from bot.domain.orders import Credentials, Permissions, Traits
from bot.domain.ports import Clock, KeyVendor
from bot.domain.users import User
from bot.services import second_step
from bot.services._keys import (
    MOST_KEYS,
    credentials_of,
    fingerprint,
    free_label,
    hashed,
    key_is_dead,
    require_unlocked,
    sealed,
    told,
)
from bot.services.accounts import Accounts
from bot.services.guards import phrase_of
from storage.store import AlreadyAnswered, Store, Transaction

LINK_LIVES = timedelta(minutes=5)
_MS = timedelta(milliseconds=1)


class Handover:
    """`page`: the root of the desk's public side; empty where it has none, and keys come by the chat.

    `demanded`: a second step is asked of everybody.
    """

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        vendors: Mapping[str, KeyVendor],
        clock: Clock,
        *,
        page: str,
        demanded: bool,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._vendors = vendors
        self._clock = clock
        self._page = page
        self._demanded = demanded

    async def invite(self, user: User, vendor: str, label: str, code: str, mark: Mark, *, replaces: str = "") -> None:
        """One chance to hand over a key, by the page or in this chat. Raises CodeNeeded where a code has to come first.

        `label` empty: a free one. `replaces`: the id of a key of his; its vendor and label stay.
        """
        old = await self._accounts.get(user.id, replaces) if replaces else None
        name = old.vendor if old else self._accounts.vendor(vendor)
        traits, token = self._accounts.traits(name), secrets.token_urlsafe(32)

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

        try:
            await self._store.write(lambda tx: tx.answer(mark, act(tx)))
        except AlreadyAnswered:
            return

    async def invitation(self, token: str) -> tuple[Invitation, str] | None:
        """As long as it holds, and its owner's language. Looking spends nothing."""

        def unit(tx: Transaction) -> tuple[Invitation, str] | None:
            found = tx.accounts.invitation(hashed(token), tx.now_ms)
            user = tx.users.get(found.user_id) if found else None
            return (found, user.language if user else "") if found else None

        return await self._store.read(unit)

    async def fields(self, token: str) -> Sequence[str]:
        """What a key at this exchange consists of, by names of Credentials. Raises UserMistake as `take` does."""
        found = await self.invitation(token)
        if found is None:
            raise UserMistake("key.link_over", suggestions=(("/keys", "keys"),))
        return self._accounts.traits(found[0].vendor).secrets

    async def take(self, token: str, given: Mapping[str, str], mark: Mark | None = None) -> Held:
        """Tries a key out and keeps it, sealed; its owner is told: by `mark`'s answer, or by a message of its own.

        Only success spends the invitation; there are a few tries. Raises UserMistake where the invitation is over, a
        field is missing, the key does not work or may do too much; Unavailable where its exchange does not answer.
        """
        wanted = await self.invitation(token)
        if wanted is None or (mark and wanted[0].user_id != mark.user_id):
            raise UserMistake("key.link_over", suggestions=(("/keys", "keys"),))
        traits = self._accounts.traits(wanted[0].vendor)
        credentials = credentials_of(given, traits)
        invitation = await self._store.write(lambda tx: tx.accounts.take_try(hashed(token), tx.now_ms))
        if invitation is None:
            raise UserMistake("key.link_over", suggestions=(("/keys", "keys"),))
        said = await self._tried(invitation, credentials)
        return await self._kept(token, invitation, credentials, said, mark)

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
            said = await self._vendors[invitation.vendor].account(trial, credentials).permissions()
        except Refused as error:
            key = "key.not_working" if key_is_dead(error) else "key.not_verified"
            raise UserMistake(key, exchange=self._accounts.title(invitation.vendor)) from None
        if said.withdraw is None:
            raise UserMistake("key.not_verified", exchange=self._accounts.title(invitation.vendor))
        if said.withdraw:
            raise UserMistake("key.withdraws", exchange=self._accounts.title(invitation.vendor))
        return said

    async def _kept(
        self, token: str, invitation: Invitation, credentials: Credentials, said: Permissions, mark: Mark | None
    ) -> Held:
        def unit(tx: Transaction) -> Held:
            if not tx.accounts.spend(hashed(token), tx.now_ms):
                raise UserMistake("key.link_over")
            held = self._stored(tx, invitation, credentials, said)
            notice = Notice(
                "key_stored", told(held, self._accounts.title(held.vendor)) | {"phrase": phrase_of(tx, held.user_id)}
            )
            tx.dialogs.end(invitation.user_id, invitation.chat_id)
            act, exchange = "key_replaced" if invitation.account_id else "key_added", self._accounts.title(held.vendor)
            tx.audit.add(act, by=held.user_id, about=held.user_id, label=held.label, exchange=exchange)
            if mark:
                tx.answer(mark, notice)
            else:
                cause = f"key:{held.id}:{held.version}"
                tx.tell(cause, Lane.ANSWER, held.user_id, Address(invitation.chat_id), notice)
            return held

        try:
            return await self._store.write(unit)
        except AlreadyAnswered:
            raise UserMistake("key.link_over") from None

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
