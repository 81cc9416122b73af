"""A person's own guards: the lock, his limits, his phrase, his second step. Every change ends the update that asked."""

from collections.abc import Callable
from decimal import Decimal

from bot.domain.errors import NotAllowed, Refused, UserMistake
from bot.domain.guards import Enrolment, Guard, Limits
from bot.domain.notices import Mark, Notice
from bot.domain.users import User
from bot.services import second_step
from storage.store import AlreadyAnswered, Store, Transaction

LONGEST_PHRASE = 40


class Guards:
    """`most`: the operator's limits. `demanded`: who has no second step may not do what asks for one."""

    def __init__(self, store: Store, most: Limits, *, demanded: bool) -> None:
        self._store = store
        self.most = most
        self.demanded = demanded

    async def of(self, user_id: int) -> Guard:
        return await self._store.read(lambda tx: self._guard(tx, user_id))

    async def locked(self, user_id: int) -> bool:
        return await self._store.read(lambda tx: tx.guards.locked(user_id))

    async def limits(self, user_id: int) -> Limits:
        """Those that hold for this person: his own, within the operator's."""
        return await self._store.read(lambda tx: limits_of(tx, user_id, self.most))

    async def phrase(self, user_id: int) -> str:
        """What stands on every message about money, so that he knows it is from here; empty where he chose none."""
        return await self._store.read(lambda tx: phrase_of(tx, user_id))

    async def lock(self, user: User, mark: Mark) -> None:
        """At once, and whatever else is asked: idempotent, no second step."""

        def act(tx: Transaction) -> Notice:
            tx.guards.lock(user.id, tx.now_ms)
            tx.audit.add("locked", by=user.id, about=user.id)
            return Notice("locked", {})

        await self._answered(mark, act)

    async def unlock(self, user: User, code: str, mark: Mark) -> None:
        """Raises CodeNeeded where the person has a second step and `code` is empty."""

        def act(tx: Transaction) -> Notice:
            if not tx.guards.locked(user.id):
                return Notice("unlocked", {"was_locked": False})
            if wrong := second_step.passed(tx, mark, code, demanded=self.demanded):
                return wrong
            tx.guards.unlock(user.id)
            tx.audit.add("unlocked", by=user.id, about=user.id)
            return Notice("unlocked", {"was_locked": True})

        await self._answered(mark, act)

    async def set_limits(
        self, user: User, code: str, mark: Mark, *, per_order: Decimal | None = None, per_day: Decimal | None = None
    ) -> None:
        """None: stays as it is. To lower takes effect at once; to raise asks for the second step."""

        def act(tx: Transaction) -> Notice:
            old = limits_of(tx, user.id, self.most)
            day = per_day or old.per_day
            new = Limits(per_order or min(old.per_order, day), day)
            self._require_within(new)
            raises = new.per_order > old.per_order or new.per_day > old.per_day
            if raises and (wrong := second_step.passed(tx, mark, code, demanded=self.demanded)):
                return wrong
            tx.guards.set_limits(user.id, new.per_order, new.per_day)
            said = {"per_order": f"{new.per_order:f}", "per_day": f"{new.per_day:f}"}
            tx.audit.add("limits_set", by=user.id, about=user.id, **said)
            return Notice("limits_saved", {**said})

        await self._answered(mark, act)

    async def choose_phrase(self, user: User, phrase: str, mark: Mark) -> None:
        """Empty: none any more. Raises UserMistake where it is too long to stand on every card."""
        if len(phrase) > LONGEST_PHRASE:
            raise UserMistake("phrase.too_long", most=LONGEST_PHRASE)

        def act(tx: Transaction) -> Notice:
            tx.guards.set_phrase(user.id, tx.seal(user.id, phrase.encode(), "guards", "phrase") if phrase else b"")
            tx.dialogs.end(user.id, mark.address.chat_id)
            tx.audit.add("phrase_changed", by=user.id, about=user.id)
            return Notice("phrase_saved", {"phrase": phrase})

        await self._answered(mark, act)

    async def begin_second_step(self, user: User) -> Enrolment:
        """A new secret each time; none holds before `confirm_second_step`. Raises NotAllowed where one holds."""
        return await self._store.write(lambda tx: second_step.begun(tx, user.id, user.name))

    async def confirm_second_step(self, user: User, code: str, mark: Mark) -> None:
        def act(tx: Transaction) -> Notice:
            if wrong := second_step.confirmed(tx, mark, code):
                return wrong
            tx.audit.add("second_step_on", by=user.id, about=user.id)
            return Notice("second_step_on", {})

        await self._answered(mark, act)

    async def end_second_step(self, user: User, code: str, mark: Mark) -> None:
        """Raises CodeNeeded, and NotAllowed where the operator demands one."""
        if self.demanded:
            raise NotAllowed("second_step.stays")

        def act(tx: Transaction) -> Notice:
            if wrong := second_step.passed(tx, mark, code, demanded=False):
                return wrong
            tx.guards.end_second_step(user.id)
            tx.audit.add("second_step_off", by=user.id, about=user.id)
            return Notice("second_step_off", {})

        await self._answered(mark, act)

    async def _answered(self, mark: Mark, act: Callable[[Transaction], Notice]) -> None:
        try:
            await self._store.write(lambda tx: tx.answer(mark, act(tx)))
        except AlreadyAnswered:
            return

    def _guard(self, tx: Transaction, user_id: int) -> Guard:
        step = tx.guards.second_step(user_id)
        return Guard(
            locked=tx.guards.locked(user_id),
            second_step=bool(step and step.active),
            phrase=phrase_of(tx, user_id),
            limits=limits_of(tx, user_id, self.most),
        )

    def _require_within(self, limits: Limits) -> None:
        if limits.per_day > self.most.per_day:
            raise UserMistake("limits.per_day_too_large", most=self.most.per_day)
        if limits.per_order > limits.per_day:
            raise UserMistake("limits.per_order_too_large", most=limits.per_day)


def limits_of(tx: Transaction, user_id: int, most: Limits) -> Limits:
    """`most`: the operator's. No order may be larger than the day, and no day than the operator's."""
    per_order, per_day = tx.guards.limits(user_id)
    day = min(per_day or most.per_day, most.per_day)
    return Limits(min(per_order or most.per_order, day), day)


def phrase_of(tx: Transaction, user_id: int) -> str:
    """Empty where he chose none, and where it was tampered with: the vault tells of that, and he hears the rest."""
    sealed = tx.guards.phrase(user_id)
    try:
        return tx.open(user_id, sealed, "guards", "phrase").decode() if sealed else ""
    except Refused:
        return ""
