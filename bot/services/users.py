"""People: what they chose, and where they stand. Every change ends the update that asked for it, in one transaction."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace

import structlog

from bot.domain.assets import Asset, Symbol
from bot.domain.errors import NotAllowed, UserMistake
from bot.domain.notices import Address, Lane, Mark, Notice
from bot.domain.users import Access, Standing, User
from storage.store import AlreadyAnswered, Store, Transaction

log = structlog.get_logger(__name__)
WatchChange = Callable[[tuple[Symbol, ...]], Iterable[Symbol]]
MOST_IN_MEMORY = 20_000
MOST_WATCHED = 10
MOST_PICKS = 50
FOLDS = 3


class Users:
    """`owners`: whom the settings name. They name the other admins, and nobody takes their right away."""

    def __init__(self, store: Store, access: Access, owners: frozenset[int]) -> None:
        self._store = store
        self.access = access
        self.owners = owners
        self._named: frozenset[int] = frozenset()
        self._known: OrderedDict[int, User] = OrderedDict()

    async def recover(self) -> None:
        """Before the first update of a start: who is an admin."""
        self._named = frozenset(await self._store.read(lambda tx: tx.users.standing(Standing.ADMIN)))

    @property
    def admins(self) -> frozenset[int]:
        """Owners, and whom they named, at this moment."""
        return self.owners | self._named

    def is_admin(self, user_id: int) -> bool:
        return user_id in self.owners or user_id in self._named

    def is_owner(self, user_id: int) -> bool:
        return user_id in self.owners

    async def meet(self, user_id: int, name: str) -> User:
        """The person as stored; stored now if he never was. The only thing that a first word changes."""
        if user := self._known.get(user_id):
            self._known.move_to_end(user_id)
            return user
        new = User(user_id, name)
        user = await self._store.write(lambda tx: tx.users.add(new, tx.now_ms))
        return self._remember(user)

    @property
    def takes_requests(self) -> bool:
        """Whether there is an admin who may let people in, and need to."""
        return self.access is Access.APPROVAL and bool(self.admins)

    def may_use_money(self, user: User) -> bool:
        return user.may_use_money(self.access, is_admin=self.is_admin(user.id))

    async def choose_language(self, user: User, code: str, mark: Mark) -> None:
        await self._change(user.id, lambda u: replace(u, language=code), mark, "settings_saved")

    async def choose_timezone(self, user: User, zone: str, mark: Mark) -> None:
        """Also ends the question for it, if one was open."""
        await self._change(user.id, lambda u: replace(u, timezone=zone), mark, "settings_saved")

    async def watch(self, user: User, change: WatchChange, known: Iterable[Asset], mark: Mark) -> None:
        """Changes the person's own list as it is stored by then: another change may have come in between.

        `known` gives the names of coins for the answer. Raises UserMistake where the list grows too long.
        """
        tickers = {asset.symbol: asset.ticker for asset in known}

        def changed(u: User) -> User:
            watched = tuple(dict.fromkeys(change(u.watch)))
            if len(watched) > MOST_WATCHED:
                raise UserMistake("watch.full", most=MOST_WATCHED)
            return replace(u, watch=watched)

        def told(u: User) -> dict[str, object]:
            return {"tickers": [tickers.get(symbol, symbol) for symbol in u.watch]}

        await self._change(user.id, changed, mark, "watch_saved", told)

    async def remember_pick(self, user: User, ticker: str, asset: Asset, command: str, mark: Mark) -> None:
        """From now on this ticker means this coin to him. The oldest of many such words is forgotten.

        `command` is the line that led to the question: it is offered again.
        """

        def picked(u: User) -> User:
            others = [pair for pair in u.picks if pair[0] != ticker]
            return replace(u, picks=(*others, (ticker, asset.symbol))[-MOST_PICKS:])

        told: dict[str, object] = {"ticker": ticker, "name": asset.name, "command": command}
        await self._change(user.id, picked, mark, "picked", lambda _: told)

    async def ask_access(self, user: User, mark: Mark) -> None:
        """Tells every admin, once. Asking again changes nothing."""

        def unit(tx: Transaction) -> User | None:
            asked = tx.users.move_standing(user.id, Standing.ASKED, unless=_DECIDED)
            for admin in self.admins if asked else ():
                notice = Notice("access_asked", {"user_id": user.id, "name": user.name})
                tx.tell(f"access:{mark.update_id}:{admin}", Lane.ALERT, admin, Address(admin), notice)
            standing = (asked or tx.users.get(user.id) or user).standing
            tx.answer(mark, Notice("access_pending", {"standing": standing, "user_id": user.id}))
            return asked

        await self._write(unit)

    async def decide_access(self, user_id: int, standing: Standing, mark: Mark) -> None:
        """An admin lets a person in or blocks him, an owner also makes him an admin and ends that; he hears of it.

        Raises UserMistake("user.unknown"), and NotAllowed about owners, and where only an owner may.
        """
        if self.is_owner(user_id):
            raise NotAllowed("access.is_admin")

        def unit(tx: Transaction) -> User | None:
            known = tx.users.get(user_id)
            if known is None:
                raise UserMistake("user.unknown", typed=str(user_id))
            self._require_right(tx, mark.user_id, only_owners=Standing.ADMIN in {known.standing, standing})
            moved = tx.users.move_standing(user_id, standing, unless=frozenset({standing}))
            if moved:
                kind = _told_as(known.standing, standing)
                tx.tell(f"access:{mark.update_id}:told", Lane.ALERT, user_id, Address(user_id), Notice(kind, {}))
                tx.audit.add(kind, by=mark.user_id, about=user_id)
            decided = {"user_id": user_id, "name": known.name, "standing": standing}
            tx.answer(mark, Notice("access_decided", decided))
            return moved

        await self._write(unit)

    def _require_right(self, tx: Transaction, by: int, *, only_owners: bool) -> None:
        """As it is stored now: it may have been taken away while this waited."""
        if self.is_owner(by):
            return
        actor = tx.users.get(by)
        if only_owners or actor is None or actor.standing is not Standing.ADMIN:
            raise NotAllowed("access.owners_only" if only_owners else "access.admins_only")

    async def set_reachable(self, user_id: int, *, reachable: bool) -> None:
        """Idempotent. Who blocked the desk is not written to of its own accord until he writes again: then he is told
        what he would have been told meanwhile.
        """
        known = self._known.get(user_id)
        if known and known.reachable == reachable:
            return

        def unit(tx: Transaction) -> User | None:
            user = tx.users.set_reachable(user_id, reachable=reachable)
            if user and reachable:
                tx.revive(user_id)
            return user

        if user := await self._store.write(unit):
            self._remember(user)

    async def get(self, user_id: int) -> User | None:
        return self._known.get(user_id) or await self._store.read(lambda tx: tx.users.get(user_id))

    async def forget(self, user: User, mark: Mark) -> None:
        """Every row of his goes, from the files too; the update that asks is answered by its caller, not by a row.

        Idempotent: run again after a kill it forgets whoever was met anew by that. Raises UserMistake while an order or
        a swap of his is open or not known.
        """

        def unit(tx: Transaction) -> None:
            bound = tx.people.unfinished(user.id)
            if bound.intents:
                raise UserMistake("forget.unknown_orders", suggestions=(("/orders", "orders"),))
            if bound.orders:
                raise UserMistake("forget.open_orders", n=bound.orders, suggestions=(("/orders", "orders"),))
            if bound.swaps:
                raise UserMistake("forget.open_swaps", n=bound.swaps, suggestions=(("/swaps", "swaps"),))
            tx.forget(user.id, mark.seq)

        await self._store.write(unit)
        self._known.pop(user.id, None)
        self._named -= {user.id}
        for _ in range(FOLDS):
            if await self._store.fold():
                return
        log.warning("forget.log_not_folded", reason="something reads on; the next tidying folds it")

    async def page(self, size: int, offset: int) -> tuple[list[User], int]:
        """People, those who wait for an answer first, then the newest; and how many there are in all."""
        return await self._store.read(lambda tx: (tx.users.page(size, offset), tx.users.count()))

    async def _change(
        self,
        user_id: int,
        change: Callable[[User], User],
        mark: Mark,
        kind: str,
        told: Callable[[User], dict[str, object]] = lambda _: {},
    ) -> None:
        def unit(tx: Transaction) -> User | None:
            before = tx.users.get(user_id)
            if before is None:
                raise UserMistake("user.unknown", typed=str(user_id))
            after = change(before)
            tx.users.save(after)
            tx.dialogs.end(user_id, mark.address.chat_id)
            choices = {"language": after.language, "zone": after.timezone}
            tx.answer(mark, Notice(kind, choices | told(after)))
            return after

        await self._write(unit)

    async def _write(self, unit: Callable[[Transaction], User | None]) -> None:
        try:
            user = await self._store.write(unit)
        except AlreadyAnswered:
            return
        if user:
            self._remember(user)

    def _remember(self, user: User) -> User:
        named = self._named | {user.id} if user.standing is Standing.ADMIN else self._named - {user.id}
        self._named = named
        self._known[user.id] = user
        self._known.move_to_end(user.id)
        if len(self._known) > MOST_IN_MEMORY:
            self._known.popitem(last=False)
        return user


_DECIDED = frozenset(Standing) - {Standing.STRANGER}


def _told_as(before: Standing, after: Standing) -> str:
    """The kind of notice by which a person hears of it."""
    if after is Standing.ADMIN:
        return "admin_named"
    if after is Standing.BLOCKED:
        return "access_refused"
    return "admin_ended" if before is Standing.ADMIN else "access_granted"
