"""Between python-telegram-bot and the handlers: update -> Call, Answer -> Telegram; rights, language, flood.

Every update comes through the inbox and is run by `Edge.run`; the library's Application picks the handler.
"""

import difflib
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from telegram.ext import Application, BaseHandler, CallbackContext

from bot.charts import Charts
from bot.domain.errors import BotError, NotAllowed, Unavailable, UserMistake
from bot.domain.notices import Address, Mark
from bot.domain.ports import Clock
from bot.domain.replies import Answer, Reply, Stored
from bot.domain.updates import ANSWERED, ENDED_BY_WRITE, Ending, Incoming
from bot.domain.users import Standing, User
from bot.scheduler import Nursery
from bot.services import Services
from bot.telegram.sending import Gone, Later, Moved, Outcome, Rejected, Sender, Uncertain
from bot.texts import Catalogue, Texts
from bot.views import alarms, errors, start, users
from handlers._alarm import alarm
from handlers._asked import (
    Asked,
    Person,
    Turn,
    chat_of,
    command_in,
    for_nobody,
    guessed,
    in_message,
    in_press,
    is_wordless,
    may_answer,
    moved_in,
    named,
    original_of,
    person_of,
    typed_in,
)
from handlers._call import Call, Command
from handlers._flood import Flood
from handlers._tripwire import Secret, secret_in
from handlers._waiting import Waiting
from handlers.inline import inline
from handlers.start import linked, unfolded

log = structlog.get_logger(__name__)

MOST_TRIES = 3
STORAGE_PAUSE_S = 5.0
LONGEST_PAUSE_S = 60.0
FRESH_S = 120.0
"""A command that moves money is not run when it was typed longer ago: the market, and its writer, have moved on."""

App = Application[Any, Any, Any, Any, Any, Any]
Context = CallbackContext[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the edge works with."""

    services: Services
    charts: Charts
    catalogue: Catalogue
    sender: Sender
    deliver: Callable[[Mark], Awaitable[None]]
    clock: Clock
    nursery: Nursery
    zone: ZoneInfo
    flood: Flood


class Edge:
    def __init__(self, parts: Parts, families: Sequence[ModuleType]) -> None:
        self._parts = parts
        self.commands: Mapping[str, Command] = command_table(families)
        self.express = {name for name, command in self.commands.items() if command.express}
        self.application: App | None = None

    def fill(self, application: App) -> App:
        """Gives the library's Application its handlers, made from the families' tables."""
        application.add_handler(_For("message", self._on_message))
        application.add_handler(_For("edited_message", self._on_edit))
        application.add_handler(_For("callback_query", self._on_press))
        application.add_handler(_For("inline_query", self._on_inline))
        application.add_handler(_For("my_chat_member", self._on_membership))
        # Without this the library would log the error and forget the update.
        application.add_error_handler(_hand_back)
        self.application = application
        return application

    def fault(self) -> str:
        """Before Telegram has told the bot's name nothing can be answered."""
        try:
            return "" if self.application and self.application.bot.username else "no application"
        except RuntimeError:
            return "Telegram has not answered yet"

    async def run(self, incoming: Incoming) -> Ending:
        """Answers one update. Raises nothing: what fails comes again, and is given up with a word in the end."""
        if self.application is None:
            raise RuntimeError("the edge has no application yet")
        turn, moved = Turn(incoming), moved_in(incoming.raw)
        if for_nobody(incoming.raw) and not (moved or may_answer(incoming.raw) or secret_in(incoming.raw)):
            return ANSWERED
        try:
            if moved:
                await self._parts.services.telling.chat_moved(*moved)
                return ANSWERED
            if not await self._admitted(incoming):
                return ANSWERED
            await self.application.process_update(turn)
        except Exception as error:  # noqa: BLE001  # an update that cannot be read
            turn.error = error
        return await self._failed(turn) if turn.error else turn.ending

    # --- what the library calls -------------------------------------------------------------------------------------

    async def _on_message(self, turn: Turn, context: Context) -> None:
        """A command; or a line without one: the answer to a question, or a coin's name."""
        message = turn.incoming.raw["message"]
        line = await self._line(message, typed_in(turn.incoming.raw).split(), str(context.bot.username))
        command = self.commands.get(line[0]) if line else None
        kind = secret_in(turn.incoming.raw)
        wanted = command is not None and command.takes_key and not is_wordless(turn.incoming.raw)
        plain = "text" in message and "forward_origin" not in message
        if (kind or wanted) and not (wanted and plain):
            await self._warn(turn, message, kind or Secret.EXCHANGE_KEY)
        elif line and ("text" in message or (command and command.takes_message)):
            await self._ask(turn, await self._wiped(message, line, command))

    async def _line(self, message: Mapping[str, Any], words: list[str], bot_name: str) -> list[str]:
        """The command line that a message is; empty where it is for nobody here."""
        private = message["chat"]["type"] == "private"
        if words and words[0].startswith("/"):
            name, called = command_in(words[0], bot_name)
            # In a group an unknown command without a name is some other bot's.
            return [name, *words[1:]] if name is not None and (name in self.commands or called or private) else []
        if not private or "via_bot" in message:
            return []
        pending = await self._parts.services.dialogs.pending(message["from"]["id"], message["chat"]["id"])
        return [*pending.split(), *words] if pending else list(guessed(words) if words else [])

    async def _on_edit(self, turn: Turn, _: Context) -> None:
        """A changed message is no new command; a secret in it is one all the same."""
        if kind := secret_in(turn.incoming.raw):
            await self._warn(turn, turn.incoming.raw["edited_message"], kind)

    async def _warn(self, turn: Turn, message: Mapping[str, Any], kind: Secret) -> None:
        user, texts = await self._met(named(message["from"]))
        if not self._shut_out(user):
            turn.ending = _ending(await alarm(self._parts.sender, message, kind, texts), turn.incoming.tries)

    async def _wiped(self, message: Mapping[str, Any], line: Sequence[str], command: Command | None) -> Asked:
        asked = in_message(message, unfolded(line))
        if command is None or not command.secret:
            return asked
        if not await self._parts.sender.delete(asked.address.chat_id, message["message_id"]):
            _, texts = await self._met(asked.person)
            await self._parts.sender.send(Address(asked.address.chat_id, message["message_id"]), alarms.stays(texts))
        return replace(asked, secret=True)

    async def _on_press(self, turn: Turn, _: Context) -> None:
        if asked := in_press(turn.incoming.raw["callback_query"]):
            await self._ask(turn, asked)

    async def _on_inline(self, turn: Turn, context: Context) -> None:
        query = turn.incoming.raw["inline_query"]
        person = named(query["from"])
        user, texts = await self._met(person)
        if self._shut_out(user):
            return
        asked = Asked(["inline", *str(query["query"]).split()], person, Address(user.id), private=True)
        try:
            cards = await inline(self._call(turn, asked, user, texts, str(context.bot.username)))
        except BotError as error:
            log.info("inline.unanswered", key=error.key)
            return
        await self._parts.sender.answer_inline(str(query["id"]), cards)

    async def _on_membership(self, turn: Turn, _: Context) -> None:
        change = turn.incoming.raw["my_chat_member"]
        if change["chat"]["type"] == "private":
            here = change["new_chat_member"]["status"] not in {"kicked", "left"}
            await self._parts.services.users.set_reachable(change["chat"]["id"], reachable=here)

    # --- one command ------------------------------------------------------------------------------------------------

    async def _ask(self, turn: Turn, asked: Asked) -> None:
        user, texts = await self._met(asked.person)
        if self._shut_out(user):
            return
        readers = self._parts.services.readers
        if asked.private and not readers.knows(user.id, texts.code):
            await readers.see(user.id, texts.code)  # before anything is told him: it is worded in that language
        if not user.reachable and asked.private:
            await self._parts.services.users.set_reachable(user.id, reachable=True)
        call = self._call(turn, asked, user, texts, str(self.application.bot.username) if self.application else "")
        waiting = Waiting(self._parts.sender, self._parts.nursery, asked, call, turn.incoming.on_wait)
        try:
            answer = await self._answered(call, asked)
        except BotError as error:
            answer = errors.of(
                error, call.texts, now=call.now, zone=call.zone, command=asked.shown, private=call.private
            )
            if error.key == "storage.down":
                turn.ending = Ending(again_in_s=STORAGE_PAUSE_S)
        except BaseException:
            await waiting.withdrawn()
            raise
        finally:
            waiting.over()
        if turn.ending.again_in_s and turn.incoming.tries:
            await waiting.withdrawn()  # that the storage is down was said at the first try
        else:
            await self._give(turn, call, asked, answer, waiting)

    async def _answered(self, call: Call, asked: Asked) -> Answer:
        command = self.commands.get(call.name)
        if command is None:
            likely = difflib.get_close_matches(call.name, _typable(self.commands, admin=call.admin), 3)
            lines = [(name, *(call.args if self.commands[name].repeatable else ())) for name in likely]
            return errors.unknown_command(call.name, lines, call.texts)
        if command.admin and not call.admin:
            raise NotAllowed("access.admins_only")
        if command.owner and not call.owner:
            raise NotAllowed("access.owners_only")
        if not call.private and not command.groups:
            line = linked([command.name, *call.args])
            return start.in_private(line, bot_name=call.bot_name, texts=call.texts)
        if command.money and not self._parts.services.users.may_use_money(call.user):
            return users.no_member(call.user, can_ask=self._parts.services.users.takes_requests, texts=call.texts)
        if command.fresh and asked.typed_at is not None:
            _require_fresh(asked.line, call.now.timestamp() - asked.typed_at)
        if command.takes_message:
            replied = original_of(asked.message.get("reply_to_message", {}))
            call = replace(call, original=original_of(asked.message), replied=replied)
        return await command.run(call)

    async def _give(self, turn: Turn, call: Call, asked: Asked, answer: Answer, waiting: Waiting) -> None:
        if asked.query:
            self._parts.nursery.start(self._parts.sender.acknowledge(asked.query), "telegram.acknowledge")
        if isinstance(answer, Stored):
            turn.ending = ENDED_BY_WRITE
            await self._parts.deliver(call.mark)
            await waiting.withdrawn()
        elif isinstance(answer, Reply):
            address = await waiting.replaced(asked.address)
            outcome = await self._sent(address, answer, asked, call)
            if turn.ending is ANSWERED:
                turn.ending = _ending(outcome, turn.incoming.tries)
                if turn.ending.again_in_s:
                    await waiting.withdrawn()  # the next try writes a message of its own

    async def _sent(self, address: Address, reply: Reply, asked: Asked, call: Call) -> Outcome:
        sender = self._parts.sender
        outcome = await sender.send(address, reply, over_media=asked.over_media)
        if isinstance(outcome, Moved):
            await self._parts.services.telling.chat_moved(address.chat_id, outcome.chat_id)
            outcome = await sender.send(Address(outcome.chat_id), reply)
        if isinstance(outcome, Rejected):
            reference = _reference()
            log.error("telegram.rejected", reason=outcome.reason, reference=reference, command=call.name)
            await sender.send(Address(asked.address.chat_id), errors.bug(reference, call.texts))
        if isinstance(outcome, Gone) and call.private:
            await self._parts.services.users.set_reachable(call.user.id, reachable=False)
        return outcome

    async def _failed(self, turn: Turn) -> Ending:
        """Run it again. Our own mistake is given up after some tries, with a reference to find it in the log by."""
        incoming = turn.incoming
        if turn.ending.stored:
            log.error("answer.not_sent_at_once", exc_info=turn.error)
            return turn.ending
        if isinstance(turn.error, Unavailable):
            return Ending(again_in_s=STORAGE_PAUSE_S)
        reference = _reference()
        log.error("update.failed", reference=reference, tries=incoming.tries, exc_info=turn.error)
        if incoming.tries + 1 < MOST_TRIES:
            return Ending(again_in_s=2.0 * (incoming.tries + 1))
        if chat_id := chat_of(incoming.raw).get("id"):
            texts = self._parts.catalogue.pick(str(person_of(incoming.raw).get("language_code", "")))
            command = typed_in(incoming.raw).split()[:1]
            word = errors.given_up(command[0] if command else "", reference, texts)
            await self._parts.sender.send(Address(chat_id), word)
        return ANSWERED

    # --- who asks ---------------------------------------------------------------------------------------------------

    async def _admitted(self, incoming: Incoming) -> bool:
        person, flood = person_of(incoming.raw), self._parts.flood
        person_id = int(person.get("id", 0))
        message = incoming.raw.get("message")
        sent_at = (message or {}).get("date") or incoming.received_at.timestamp()
        if incoming.tries or flood.admits(person_id, float(sent_at)):
            return True
        if message and flood.shall_tell(person_id):
            name, language = str(person.get("first_name", "")), str(person.get("language_code", ""))
            user, texts = await self._texts(person_id, name, language)
            if not self._shut_out(user):
                await self._parts.sender.send(Address(message["chat"]["id"]), errors.flood(flood.wait_s(), texts))
        return False

    def _shut_out(self, user: User) -> bool:
        """Whom the settings call an owner nobody can shut out."""
        return user.standing is Standing.BLOCKED and not self._parts.services.users.is_owner(user.id)

    async def _met(self, person: Person) -> tuple[User, Texts]:
        return await self._texts(person.id, person.name, person.language)

    async def _texts(self, person_id: int, name: str, telegrams: str) -> tuple[User, Texts]:
        user = await self._parts.services.users.meet(person_id, name)
        return user, self._parts.catalogue.pick(user.language or telegrams)

    def _call(self, turn: Turn, asked: Asked, user: User, texts: Texts, bot_name: str) -> Call:
        incoming, parts = turn.incoming, self._parts
        return Call(
            name=asked.line[0].lower() if asked.line else "",
            args=tuple(asked.line[1:]),
            user=user,
            texts=texts,
            zone=user.timezone or parts.zone.key,
            now=parts.clock.now(),
            services=parts.services,
            charts=parts.charts,
            catalogue=parts.catalogue,
            commands=self.commands,
            bot_name=bot_name,
            mark=Mark(incoming.seq, incoming.update_id, user.id, asked.address),
            private=asked.private,
            admin=parts.services.users.is_admin(user.id),
            owner=parts.services.users.is_owner(user.id),
        )


def command_table(families: Sequence[ModuleType]) -> dict[str, Command]:
    """Every name and alias. Raises ValueError where two commands claim one name."""
    table: dict[str, Command] = {}
    for command in (command for family in families for command in family.COMMANDS):
        for name in command.names:
            if name in table:
                raise ValueError(f"/{name} is declared twice")
            table[name] = command
    return table


def _require_fresh(line: Sequence[str], age_s: float) -> None:
    if age_s > FRESH_S:
        words = " ".join(line)
        raise UserMistake("command.skipped", line=words, minutes=int(age_s // 60), suggestions=((words, words),))


def _ending(outcome: Outcome, tries: int) -> Ending:
    """Not sent, or perhaps not: again, ever more slowly. An answer may arrive twice; it must not be lost."""
    match outcome:
        case Later(after_s):
            return Ending(again_in_s=max(after_s, _pause_s(tries)))
        case Uncertain():
            return Ending(again_in_s=max(2.0, _pause_s(tries)))
        case _:
            return ANSWERED


def _pause_s(tries: int) -> float:
    return min(LONGEST_PAUSE_S, 2.0 ** min(tries, 10))


def _typable(commands: Mapping[str, Command], *, admin: bool) -> list[str]:
    return [name for name, command in commands.items() if not command.hidden and (admin or not command.admin)]


def _reference() -> str:
    return secrets.token_hex(3).upper()


class _For(BaseHandler[Turn, Context, None]):
    """The handler of one kind of update. It is given Telegram's own JSON: the library takes updates of any type, and
    to build its objects from each would cost as much as to answer it.
    """

    def __init__(self, kind: str, callback: Callable[[Turn, Context], Coroutine[Any, Any, None]]) -> None:
        super().__init__(callback)
        self._kind = kind

    def check_update(self, update: object) -> bool:
        return isinstance(update, Turn) and self._kind in update.incoming.raw


async def _hand_back(update: object, context: Context) -> None:
    if isinstance(update, Turn):
        update.error = context.error
