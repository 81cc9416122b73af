"""Broadcasts: drafted from a message, shown as it will be, sent once to each, corrected and recalled.

What is told of them: _broadcast_cards.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from bot.domain.broadcasts import Audience, Broadcast, Kind, Original, Reach, State
from bot.domain.errors import Unavailable, UserMistake
from bot.domain.notices import Address, Lane, Mark, Notice
from bot.domain.replies import Reply
from bot.domain.users import User
from bot.services._broadcast_cards import card
from bot.telegram.copying import Copier, fits, marked
from bot.telegram.sending import Outcome, Sent
from storage.broadcasts import stored_audience
from storage.store import AlreadyAnswered, Store, Transaction

QUESTION_LIVES_MS = 15 * 60 * 1000
LATE_MS = 6 * 3_600_000
"""A scheduled one that was missed is sent late, once, within this time. After it an admin is asked."""
DESK = 0
"""Author of what is sent by the clock; and whose key words are sealed with: any admin may let another's draft go."""
UNSENT = (State.DRAFT, State.SCHEDULED, State.MISSED)


@dataclass(frozen=True, slots=True)
class Rules:
    """`admins`: who they are at this moment. `typed_above`: for more people than this their number is typed first."""

    admins: Callable[[], frozenset[int]]
    typed_above: int = 100

    def may(self, user_id: int) -> bool:
        return user_id in self.admins()


class Broadcasts:
    def __init__(self, store: Store, copier: Copier, rules: Rules) -> None:
        self._store = store
        self._copier = copier
        self._rules = rules

    async def ask(self, user: User, mark: Mark) -> None:
        """The person's next message is the draft."""
        await self._question(user, mark, "broadcast take", Notice("broadcast_ask", {}))

    async def draft(self, user: User, original: Original, mark: Mark) -> None:
        """Shown to its author exactly as it will be: what is sent later is a copy of that, which nobody can change."""
        if not original.content:
            raise UserMistake("broadcast.kind")
        if original.of_album:
            raise UserMistake("broadcast.album")
        chat_id = mark.address.chat_id
        shown = _arrived(await self._copier.copy(chat_id, original.chat_id, original.message_id, silent=True))
        await self._add(
            Broadcast(
                _new_id(), user.id, Kind.COPY, State.DRAFT, Audience(),
                chat_id=chat_id, source_id=shown, has_file=original.has_file,
            ),
            mark,
        )  # fmt: skip

    async def draft_summary(
        self, user: User, values: Mapping[str, object], picture: bytes | None, shown: Reply, mark: Mark
    ) -> None:
        """Of figures as they are now: they are sent, however late. `shown`: how its author reads them."""
        chat_id = mark.address.chat_id
        with_file = picture is not None
        if with_file:
            _arrived((await self._copier.picture(chat_id, shown, ""))[0])
        else:
            _arrived(await self._copier.post(chat_id, {"text": shown.html, "parse_mode": "HTML"}, silent=True))
        draft = Broadcast(
            _new_id(), user.id, Kind.SUMMARY, State.DRAFT, Audience(), chat_id=chat_id, has_file=with_file
        )
        await self._add(draft, mark, orjson.dumps(values), picture)

    async def show(self, broadcast_id: str, mark: Mark) -> None:
        await self._answered(mark, lambda tx: card(tx, self._of(tx, broadcast_id)))

    async def latest(self, limit: int) -> list[Broadcast]:
        return await self._store.read(lambda tx: tx.broadcasts.latest(limit))

    async def change(self, broadcast_id: str, mark: Mark, alter: Callable[[Broadcast], Broadcast]) -> None:
        """Its audience and its sound, while it is a draft."""

        def unit(tx: Transaction) -> Notice:
            changed = alter(self._of(tx, broadcast_id))
            audience, silent = stored_audience(changed.audience), int(changed.silent)
            tx.broadcasts.move(broadcast_id, [State.DRAFT], audience=audience, silent=silent, **_place(mark))
            return card(tx, self._of(tx, broadcast_id))

        await self._answered(mark, unit)

    async def try_out(self, user: User, broadcast_id: str) -> tuple[dict[str, object], bytes | None] | None:
        """The author's own copy, as a reader gets it. Of a summary: its figures and its picture, for the caller."""
        found = await self._store.read(lambda tx: self._of(tx, broadcast_id))
        if found.kind is Kind.SUMMARY:
            return await self._store.read(lambda tx: (content_of(tx, found), tx.broadcasts.content(found.id)[1]))
        _arrived(await self._copier.copy(user.id, found.chat_id, found.source_id, silent=found.silent))
        return None

    async def send(self, user: User, broadcast_id: str, mark: Mark, typed: str = "", shown: int = 0) -> None:
        """Once, however often it is pressed. For many people only after their number, as it was `shown`, is typed."""

        def unit(tx: Transaction) -> Notice:
            found = self._of(tx, broadcast_id)
            if found.state not in UNSENT:
                return card(tx, found)
            if question := self._to_be_typed(tx, user, found, mark, f"broadcast go {found.id}", typed, shown):
                return question
            self._begin(tx, found, user.id, **_place(mark))
            begun = self._of(tx, broadcast_id)
            started = Notice("broadcast_started", {"people": begun.reach.people})
            return card(tx, begun) if mark.address.edits else started

        await self._answered(mark, unit)

    async def ask_when(self, user: User, broadcast_id: str, mark: Mark) -> None:
        """The person's next line is when it is to be sent."""
        await self._question(user, mark, f"broadcast at {broadcast_id}", Notice("broadcast_when", {}))

    async def schedule(
        self, user: User, broadcast_id: str, when: datetime, zone: str, mark: Mark, typed: str = "", shown: int = 0
    ) -> None:
        """For a moment that is to come. `zone`: by whose clock that was said."""
        due_at = int(when.timestamp() * 1000)

        def unit(tx: Transaction) -> Notice:
            found = self._of(tx, broadcast_id)
            if due_at <= tx.now_ms:
                raise UserMistake("broadcast.past")
            if found.state not in UNSENT:
                return card(tx, found)
            line = f"broadcast plan {found.id} {due_at // 1000} {zone}"
            if question := self._to_be_typed(tx, user, found, mark, line, typed, shown):
                return question
            tx.broadcasts.move(found.id, UNSENT, state=State.SCHEDULED, due_at=due_at, zone=zone, author=user.id)
            tx.dialogs.end(user.id, mark.address.chat_id)
            tx.audit.add("broadcast_scheduled", by=user.id, about=0, id=found.id)
            return card(tx, self._of(tx, broadcast_id))

        await self._answered(mark, unit)

    async def cancel(self, user: User, broadcast_id: str, mark: Mark) -> None:
        """Before it is sent. After that it can be stopped."""

        def unit(tx: Transaction) -> Notice:
            tx.dialogs.end(user.id, mark.address.chat_id)
            tx.broadcasts.move(broadcast_id, UNSENT, state=State.CANCELLED, **_place(mark))
            return card(tx, self._of(tx, broadcast_id))

        await self._answered(mark, unit)

    async def stop(self, user: User, broadcast_id: str, mark: Mark) -> None:
        """What is on its way arrives; nothing else leaves."""

        def unit(tx: Transaction) -> Notice:
            at_work = (State.SENDING, State.CORRECTING, State.RECALLING)
            if tx.broadcasts.move(
                broadcast_id, at_work, state=State.ENDED, reason="stopped", ended_at=tx.now_ms, **_place(mark)
            ):
                tx.audit.add("broadcast_stopped", by=user.id, about=0, id=broadcast_id)
            return card(tx, self._of(tx, broadcast_id))

        await self._answered(mark, unit)

    async def again(self, user: User, broadcast_id: str, mark: Mark, *, all_left: bool) -> None:
        """To the uncertain, who may get it twice by that; or to those who were left when it was stopped."""

        def unit(tx: Transaction) -> Notice:
            found = self._of(tx, broadcast_id)
            if found.state is State.ENDED and not found.recalled_at:
                some = tx.broadcasts.count_open(found.id, None) if all_left else tx.broadcasts.send_again(found.id)
                if some:
                    self._work(tx, found, State.SENDING, mark, user, "broadcast_resumed")
            return card(tx, self._of(tx, broadcast_id))

        await self._answered(mark, unit)

    # --- after it was sent ------------------------------------------------------------------------------------------

    async def ask_correction(self, user: User, broadcast_id: str, mark: Mark) -> None:
        """The person's next message takes the place of what was sent."""
        found = await self._store.read(lambda tx: self._of(tx, broadcast_id))
        _require_correctable(found)
        await self._question(user, mark, f"broadcast amend {broadcast_id}", Notice("broadcast_amend", {}))

    async def amend(self, user: User, broadcast_id: str, original: Original, word: str, mark: Mark) -> None:
        """Shows the corrected message as its readers will see it. `word`: what marks it, in its author's language."""
        found = await self._store.read(lambda tx: self._of(tx, broadcast_id))
        _require_correctable(found)
        if not original.content or original.of_album or (original.has_file and not found.has_file):
            raise UserMistake("broadcast.correct_kind")
        content = marked(original.content, word)
        if not fits(content) or (found.has_file and not fits({"document": "", "caption": content.get("text", "")})):
            raise UserMistake("broadcast.too_long")
        shown = await self._corrected(found, original, content, mark.address.chat_id)

        def unit(tx: Transaction) -> Notice:
            body = orjson.dumps({"content": original.content, "shown": shown})
            sealed = tx.seal(DESK, body, "broadcasts", found.id)
            tx.broadcasts.move(found.id, [State.ENDED], body=sealed)
            tx.dialogs.end(user.id, mark.address.chat_id)
            copies = tx.broadcasts.tally(found.id).get("sent", 0)
            return Notice("broadcast_correction", {"id": found.id, "copies": copies})

        await self._answered(mark, unit)

    async def _corrected(
        self, found: Broadcast, original: Original, content: Mapping[str, object], chat_id: int
    ) -> int:
        """As its readers will see it: new words go under the file that was sent."""
        if found.has_file and not original.has_file:
            source = found.chat_id, found.source_id
            return _arrived(await self._copier.copy(chat_id, *source, silent=True, words=content))
        return _arrived(await self._copier.post(chat_id, content, silent=True))

    async def correct(self, user: User, broadcast_id: str, mark: Mark) -> None:
        """What was amended takes the place of each delivered copy."""

        def unit(tx: Transaction) -> Notice:
            found = self._of(tx, broadcast_id)
            if found.state is State.ENDED:
                _require_correctable(found)
                body = content_of(tx, found)
                source = {"chat_id": mark.address.chat_id, "source_id": int(str(body["shown"]))}
                self._work(
                    tx, found, State.CORRECTING, mark, user, "broadcast_corrected",
                    task=found.task + 1, corrected_at=tx.now_ms, **source,
                )  # fmt: skip
            return card(tx, self._of(tx, broadcast_id))

        await self._answered(mark, unit)

    async def recall(self, user: User, broadcast_id: str, mark: Mark) -> None:
        """Takes the delivered copies away; where Telegram lets them go no more, a word stands in their place."""

        def unit(tx: Transaction) -> Notice:
            found = self._of(tx, broadcast_id)
            if found.state is State.ENDED:
                self._work(
                    tx, found, State.RECALLING, mark, user, "broadcast_recalled",
                    task=found.task + 1, recalled_at=tx.now_ms,
                )  # fmt: skip
            return card(tx, self._of(tx, broadcast_id))

        await self._answered(mark, unit)

    # --- by the clock -----------------------------------------------------------------------------------------------

    async def start_due(self) -> None:
        """Begins what is scheduled for now, if its author still may. Idempotent."""

        def unit(tx: Transaction) -> None:
            for found in tx.broadcasts.due(tx.now_ms):
                if not self._rules.may(found.author):
                    self._miss(tx, found, "no_right")
                elif tx.now_ms - found.due_at > LATE_MS:
                    self._miss(tx, found, "late")
                elif not tx.broadcasts.reach(found.audience, tx.now_ms).people:
                    self._miss(tx, found, "nobody")
                else:
                    self._begin(tx, found, found.author, card_id=0)

        if await self._store.read(lambda tx: bool(tx.broadcasts.due(tx.now_ms))):
            await self._store.write(unit)

    def _miss(self, tx: Transaction, found: Broadcast, reason: str) -> None:
        tx.broadcasts.move(found.id, [State.SCHEDULED], state=State.MISSED, reason=reason)
        notice = card(tx, self._of(tx, found.id))
        for admin in self._rules.admins():
            tx.tell(f"broadcast:{found.id}:missed:{found.due_at}:{admin}", Lane.ALERT, admin, Address(admin), notice)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _begin(self, tx: Transaction, found: Broadcast, by: int, **place: int) -> None:
        """Every copy's row, and the state that lets them go: in the caller's transaction."""
        reach = tx.broadcasts.reach(found.audience, tx.now_ms)
        if not reach.people:
            raise UserMistake("broadcast.nobody")
        begin(tx, found, reach, by, **place)

    def _work(
        self, tx: Transaction, found: Broadcast, state: State, mark: Mark, user: User, act: str, **more: object
    ) -> None:
        changes = {"state": state, "started_at": tx.now_ms, "ended_at": 0, "reason": "", "author": user.id}
        if tx.broadcasts.move(found.id, [State.ENDED], **(changes | more | _place(mark))):
            tx.audit.add(act, by=user.id, about=0, id=found.id)

    def _to_be_typed(
        self, tx: Transaction, user: User, found: Broadcast, mark: Mark, line: str, typed: str, shown: int
    ) -> Notice | None:
        """The question for the number of people, where it is needed and was not answered rightly."""
        people = tx.broadcasts.reach(found.audience, tx.now_ms).people
        if people <= self._rules.typed_above or (shown and typed == str(shown)):
            return None
        tx.broadcasts.move(found.id, UNSENT, **_place(mark)) if mark.address.edits else None
        tx.dialogs.ask(user.id, mark.address.chat_id, f"{line} {people}", tx.now_ms + QUESTION_LIVES_MS)
        return Notice("broadcast_typed", {"people": people, "wrong": bool(typed)})

    def _of(self, tx: Transaction, broadcast_id: str) -> Broadcast:
        found = tx.broadcasts.get(broadcast_id)
        if found is None:
            raise UserMistake("broadcast.no_such")
        return found

    async def _add(self, draft: Broadcast, mark: Mark, body: bytes | None = None, picture: bytes | None = None) -> None:
        def unit(tx: Transaction) -> Notice:
            made = replace(draft, created_at=tx.now_ms)
            sealed = tx.seal(DESK, body, "broadcasts", made.id) if body else None
            tx.broadcasts.add(made, sealed, picture)
            tx.dialogs.end(made.author, mark.address.chat_id)
            return card(tx, made)

        await self._answered(mark, unit)

    async def _question(self, user: User, mark: Mark, line: str, notice: Notice) -> None:
        def unit(tx: Transaction) -> Notice:
            tx.dialogs.ask(user.id, mark.address.chat_id, line, tx.now_ms + QUESTION_LIVES_MS)
            return notice

        await self._answered(mark, unit)

    async def _answered(self, mark: Mark, act: Callable[[Transaction], Notice]) -> None:
        try:
            await self._store.write(lambda tx: tx.answer(mark, act(tx)))
        except AlreadyAnswered:
            return


def begin(tx: Transaction, found: Broadcast, reach: Reach, by: int, **place: int) -> None:
    """In one transaction: it is being sent, and everybody's row is there. Nothing where somebody was first."""
    begun = tx.broadcasts.move(
        found.id, UNSENT, state=State.SENDING, started_at=tx.now_ms, author=by, reason="",
        people=reach.people, muted=reach.muted, unreachable=reach.unreachable, **place,
    )  # fmt: skip
    if begun:
        tx.broadcasts.address(found.id, found.audience, tx.now_ms)
        tx.dialogs.end(by, found.chat_id)
        if found.kind is Kind.SUMMARY:
            tx.readers.note_summary(found.id, tx.now_ms)
        if by != DESK:
            tx.audit.add("broadcast_sent", by=by, about=0, id=found.id, people=reach.people)


def content_of(tx: Transaction, found: Broadcast) -> dict[str, object]:
    """Its own words: a summary's figures, or a correction. Raises UserMistake where it has none, SealBroken."""
    sealed, _ = tx.broadcasts.content(found.id)
    if sealed is None:
        raise UserMistake("broadcast.no_such")
    content: dict[str, object] = orjson.loads(tx.open(DESK, sealed, "broadcasts", found.id))
    return content


def _require_correctable(found: Broadcast) -> None:
    if found.kind is not Kind.COPY or found.state is not State.ENDED or found.recalled_at:
        raise UserMistake("broadcast.not_correctable")


def _arrived(outcome: Outcome) -> int:
    """The message's number. Raises Unavailable, UserMistake where it cannot be shown."""
    if isinstance(outcome, Sent):
        return outcome.message_id
    if hasattr(outcome, "reason"):
        raise UserMistake("broadcast.unshowable")
    raise Unavailable("broadcast.not_shown")


def _place(mark: Mark) -> dict[str, int]:
    """The card stands where it was pressed."""
    return {"card_id": mark.address.edits} if mark.address.edits else {}


def _new_id() -> str:
    return secrets.token_hex(4)
