"""A person's address book, and whether an address may be paid to: its shape, a bait beside a saved one, how new it is.

Notices: address_saved, address_renamed, address_dropped, address_trusted, address_waits. Values of all:

  id, label, network, address, memo, trusted_at (ms)     was: the label before (address_renamed)
  most                                                   US dollars that may go there until then (address_waits)
"""

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from bot.domain.addresses import Saved, Verdict, looks_like
from bot.domain.errors import Refused, UserMistake
from bot.domain.notices import Mark, Notice
from bot.domain.ports import Clock
from bot.domain.swaps import SwapCoin
from bot.domain.users import User
from bot.services import second_step
from bot.services._address_checks import checked, network_of, networks_of
from bot.services._keys import require_unlocked
from storage.store import AlreadyAnswered, Store, Transaction

LONGEST_LABEL = 24
LONGEST_MEMO = 64
MOST_SAVED = 50
COOLS_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Fit:
    """What is to be said of an address. `known`: it is in the book. `bait`: one of the book that it only looks like."""

    verdict: Verdict
    known: Saved | None = None
    bait: Saved | None = None


class Addresses:
    """`most_new`: the largest swap, in US dollars, to an address that is not trusted yet."""

    def __init__(self, store: Store, clock: Clock, *, most_new: Decimal, demanded: bool) -> None:
        self._store = store
        self._clock = clock
        self.most_new = most_new
        self._demanded = demanded

    # --- looked up ----------------------------------------------------------------------------------------------------

    async def all_of(self, user_id: int) -> list[Saved]:
        """Oldest first."""
        return await self._store.read(lambda tx: _book(tx, user_id))

    async def get(self, user_id: int, address_id: str) -> Saved:
        """One of his own. Raises UserMistake("address.unknown")."""
        return _of([saved for saved in await self.all_of(user_id) if saved.id == address_id])

    async def meant(self, user_id: int, coin: SwapCoin, word: str) -> Saved | None:
        """The line of his book that a word names, by its id behind `@` or by its label; only where it is good."""
        network, name = network_of(coin), word.removeprefix("@").casefold()
        own = [saved for saved in await self.all_of(user_id) if saved.same(network, saved.address, saved.memo)]
        return next((saved for saved in own if name in {saved.id, saved.label.casefold()}), None)

    async def usable(self, user_id: int, coin: SwapCoin) -> list[Saved]:
        """Those of his book where this coin may go, oldest first."""
        network = network_of(coin)
        return [saved for saved in await self.all_of(user_id) if saved.same(network, saved.address, saved.memo)]

    async def fit(self, user_id: int, coin: SwapCoin, address: str) -> Fit:
        """Raises UserMistake("address.unfit") where it can be no address of this network."""
        network = network_of(coin)
        verdict = await asyncio.to_thread(checked, network, address)
        if verdict is Verdict.UNFIT:
            likely = await asyncio.to_thread(networks_of, address)
            key = "address.unfit_but" if likely else "address.unfit"
            raise UserMistake(key, network=_titled(network), likely=[_titled(name) for name in likely[:4]])
        book = await self.all_of(user_id)
        known = next((saved for saved in book if saved.same(network, address, saved.memo)), None)
        bait = None if known else next((saved for saved in book if looks_like(address, saved.address)), None)
        return Fit(verdict, known, bait)

    # --- changed ------------------------------------------------------------------------------------------------------

    async def save(self, user: User, coin: SwapCoin, address: str, memo: str, label: str, mark: Mark) -> None:
        """Trusted a day from now, or by a code. `label` empty: a free one. Raises UserMistake as `fit` does, and for
        one that is in the book, or only looks like one of it.
        """
        fit = await self.fit(user.id, coin, address)
        if fit.bait:
            raise UserMistake("address.bait", label=fit.bait.label)

        def act(tx: Transaction) -> Notice:
            saved = self._added(tx, user.id, network_of(coin), address, memo, label)
            tx.audit.add("address_added", by=user.id, about=user.id, network=saved.network)
            tx.dialogs.end(user.id, mark.address.chat_id)
            return _told("address_saved", saved)

        await self._answered(mark, act)

    async def rename(self, user: User, address_id: str, label: str, mark: Mark) -> None:
        def act(tx: Transaction) -> Notice:
            book = _book(tx, user.id)
            old = _of([saved for saved in book if saved.id == address_id])
            others = [saved for saved in book if saved.id != address_id]
            new = replace(old, label=_free_label(others, old.network, label), version=old.version + 1)
            tx.addresses.replace(new, _sealed(tx, new))
            tx.dialogs.end(user.id, mark.address.chat_id)
            return _told("address_renamed", new, was=old.label)

        await self._answered(mark, act)

    async def drop(self, user: User, address_id: str, mark: Mark) -> None:
        def act(tx: Transaction) -> Notice:
            saved = _of([saved for saved in _book(tx, user.id) if saved.id == address_id])
            tx.addresses.drop(user.id, address_id)
            tx.audit.add("address_dropped", by=user.id, about=user.id, network=saved.network)
            return _told("address_dropped", saved)

        await self._answered(mark, act)

    async def trust(self, user: User, address_id: str, code: str, mark: Mark) -> None:
        """At once, by a code of the second step. Raises CodeNeeded, and UserMistake where he has no second step."""

        def act(tx: Transaction) -> Notice:
            saved = _of([saved for saved in _book(tx, user.id) if saved.id == address_id])
            require_unlocked(tx, user.id)
            if not _has_second_step(tx, user.id):
                raise UserMistake("address.no_second_step", suggestions=(("/secondstep", "secondstep"),))
            if wrong := second_step.passed(tx, mark, code, demanded=self._demanded):
                return wrong
            tx.addresses.trust(saved.id, tx.now_ms)
            return _told("address_trusted", replace(saved, trusted_at=self._clock.now()))

        await self._answered(mark, act)

    async def admit(
        self, user: User, coin: SwapCoin, address: str, memo: str, usd: Decimal, code: str, mark: Mark
    ) -> bool:
        """Whether so much may go there now. One that is not trusted takes a code, and is kept in the book with it.

        False: not now, and the update is answered. Raises CodeNeeded. Run again after a kill, it asks no second code.
        """
        if usd <= self.most_new:
            return True
        network = network_of(coin)

        def unit(tx: Transaction) -> bool:
            known = next((one for one in _book(tx, user.id) if one.same(network, address, memo)), None)
            if known and known.trusted_at <= self._clock.now():
                return True
            if not _has_second_step(tx, user.id):
                saved = known or self._added(tx, user.id, network, address, memo, "")
                tx.dialogs.end(user.id, mark.address.chat_id)
                tx.answer(mark, _told("address_waits", saved, most=f"{self.most_new:f}"))
                return False
            if wrong := second_step.passed(tx, mark, code, demanded=self._demanded):
                tx.answer(mark, wrong)
                return False
            saved = known or self._added(tx, user.id, network, address, memo, "")
            tx.addresses.trust(saved.id, tx.now_ms)
            return True

        try:
            return await self._store.write(unit)
        except AlreadyAnswered:
            return False

    def _added(self, tx: Transaction, user_id: int, network: str, address: str, memo: str, label: str) -> Saved:
        book, now = _book(tx, user_id), self._clock.now()
        if len(memo) > LONGEST_MEMO or not memo.isprintable():
            raise UserMistake("address.memo_unfit", most=LONGEST_MEMO)
        if same := next((saved for saved in book if saved.same(network, address, memo)), None):
            raise UserMistake("address.known", label=same.label)
        if len(book) >= MOST_SAVED:
            raise UserMistake("address.too_many", most=MOST_SAVED)
        saved = Saved(
            id=secrets.token_hex(4),
            user_id=user_id,
            network=network,
            label=_free_label(book, network, label),
            trusted_at=now + COOLS_FOR,
            created_at=now,
            address=address,
            memo=memo,
        )
        tx.addresses.add(saved, _sealed(tx, saved))
        return saved

    async def _answered(self, mark: Mark, act: Callable[[Transaction], Notice]) -> None:
        try:
            await self._store.write(lambda tx: tx.answer(mark, act(tx)))
        except AlreadyAnswered:
            return


def book_label(tx: Transaction, user_id: int, coin: SwapCoin, address: str, memo: str) -> str:
    """What he calls this address; empty where it is not in his book."""
    found = (saved for saved in _book(tx, user_id) if saved.same(network_of(coin), address, memo))
    return next((saved.label for saved in found), "")


def _book(tx: Transaction, user_id: int) -> list[Saved]:
    """Without lines that were tampered with: the vault tells of those."""
    return [opened for saved, sealed in tx.addresses.of_user(user_id) if (opened := _opened(tx, saved, sealed))]


def _opened(tx: Transaction, saved: Saved, sealed: bytes) -> Saved | None:
    try:
        return replace(saved, **json.loads(tx.open(saved.user_id, sealed, *_place(saved))))
    except Refused:
        return None


def _sealed(tx: Transaction, saved: Saved) -> bytes:
    said = {name: getattr(saved, name) for name in ("network", "label", "address", "memo")}
    return tx.seal(saved.user_id, json.dumps(said).encode(), *_place(saved))


def _place(saved: Saved) -> tuple[str, ...]:
    return ("addresses", saved.id, str(saved.version))


def _of(found: list[Saved]) -> Saved:
    if not found:
        raise UserMistake("address.unknown", suggestions=(("/addresses", "addresses"),))
    return found[0]


def _free_label(book: list[Saved], network: str, label: str) -> str:
    """The one wanted; none: the network's name, with a number where that is taken. Raises UserMistake."""
    taken = {saved.label.casefold() for saved in book}
    if label:
        if len(label) > LONGEST_LABEL or not label.isprintable() or label.startswith("@"):
            raise UserMistake("label.unfit", most=LONGEST_LABEL)
        if label.casefold() in taken:
            raise UserMistake("label.taken", label=label)
        return label
    names = (network if number == 1 else f"{network} {number}" for number in range(1, len(book) + 2))
    return next(name for name in (each[:LONGEST_LABEL] for each in names) if name.casefold() not in taken)


def _has_second_step(tx: Transaction, user_id: int) -> bool:
    step = tx.guards.second_step(user_id)
    return step is not None and step.active


def _told(kind: str, saved: Saved, **more: object) -> Notice:
    values: dict[str, object] = {
        "id": saved.id,
        "label": saved.label,
        "network": saved.network,
        "address": saved.address,
        "memo": saved.memo,
        "trusted_at": int(saved.trusted_at.timestamp() * 1000),
    }
    return Notice(kind, values | more)


def _titled(network: str) -> str:
    return network.replace("_", " ").upper()
