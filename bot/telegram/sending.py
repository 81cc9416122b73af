"""A Reply on its way to a chat, and what came of it."""

from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

import structlog
from telegram.error import NetworkError

from bot.domain.figures import labelled
from bot.domain.notices import Address
from bot.domain.replies import Button, InlineReply, Keyboard, Reply
from bot.telegram.api import BotApi, Refusal
from bot.telegram.transport import NotSent

log = structlog.get_logger(__name__)

MOST_TEXT = 4096
MOST_CAPTION = 1024


@dataclass(frozen=True, slots=True)
class Sent:
    """Telegram has it. `message_id` is 0 where it does not say."""

    message_id: int = 0


@dataclass(frozen=True, slots=True)
class Later:
    """Not sent; Telegram asks to wait, or was not reached."""

    after_s: float


@dataclass(frozen=True, slots=True)
class Gone:
    """Nobody there to read it: blocked, left, deleted. Final."""

    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The group became a supergroup; nothing was sent."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The answer never came: it may have arrived."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Telegram will not have this message, however often it is sent."""

    reason: str


Outcome = Sent | Later | Gone | Moved | Uncertain | Rejected
_OUTCOMES = ("sent", "later", "gone", "moved", "uncertain", "rejected", "plain")

_GONE = (
    "blocked by the user",
    "user is deactivated",
    "chat not found",
    "bot was kicked",
    "bot is not a member",
    "have no rights to send",
    "not enough rights",
    "can't initiate conversation",
    "need administrator rights",
    "chat_write_forbidden",
    "group chat was deactivated",
)
_UNREADABLE = ("can't parse entities", "message is too long", "caption is too long", "entity_bounds")


class Sender:
    """Sends, and says what came of it; raises nothing. `counts` tells how often each outcome was."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self.counts: Counter[str] = Counter()

    def figures(self) -> dict[str, float]:
        return {labelled("telegram_sends_total", outcome=name): self.counts[name] for name in _OUTCOMES}

    async def send(self, to: Address, reply: Reply, *, over_media: bool = False) -> Outcome:
        """`over_media`: the message to edit is a picture or a document."""
        outcome = await self._outcome(to, reply, over_media=over_media)
        self.counts[type(outcome).__name__.lower()] += 1
        return outcome

    async def busy(self, chat_id: int, action: str) -> None:
        """Shows that something is being made; nobody waits for it, and nothing hangs on it."""
        try:
            await self._api.call("sendChatAction", {"chat_id": chat_id, "action": action})
        except (Refusal, NetworkError):
            log.debug("telegram.action_lost")

    async def acknowledge(self, query_id: str, text: str = "") -> None:
        """Stops a pressed button's clock. Too late is no fault."""
        try:
            await self._api.call("answerCallbackQuery", {"callback_query_id": query_id, "text": text[:200] or None})
        except (Refusal, NetworkError):
            log.debug("telegram.acknowledge_lost")

    async def delete(self, chat_id: int, message_id: int) -> bool:
        """Whether the message is gone; one that was gone already is."""
        try:
            await self._api.call("deleteMessage", {"chat_id": chat_id, "message_id": message_id})
        except Refusal as refusal:
            return refusal.says("message to delete not found")
        except NetworkError:
            log.debug("telegram.delete_lost")
            return False
        return True

    async def answer_inline(self, query_id: str, answer: InlineReply) -> Outcome:
        results = [
            {
                "type": "article",
                "id": card.key,
                "title": card.title,
                "description": card.description,
                "input_message_content": {"message_text": card.html, "parse_mode": "HTML", **NO_PREVIEW},
            }
            for card in answer.cards
        ]
        # Personal: the next one who types the same may read another language.
        params = {
            "inline_query_id": query_id,
            "results": results,
            "cache_time": answer.cache_s,
            "is_personal": True,
        }
        return await outcome_of(self._api.call("answerInlineQuery", params))

    async def _outcome(self, to: Address, reply: Reply, *, over_media: bool) -> Outcome:
        if to.edits:
            outcome = await self._edit(to, reply, over_media=over_media)
            if not isinstance(outcome, Rejected):
                return outcome
            to = Address(to.chat_id, to.reply_to)
        outcome = await outcome_of(self._new(to, reply, html_mode=True))
        return await outcome_of(self._new(to, reply, html_mode=False)) if self._is_unreadable(outcome) else outcome

    def _is_unreadable(self, outcome: Outcome) -> bool:
        """Then it is sent plain: our own markup must not keep a message from its reader."""
        if not (isinstance(outcome, Rejected) and any(phrase in outcome.reason for phrase in _UNREADABLE)):
            return False
        self.counts["plain"] += 1
        log.error("telegram.unreadable", reason=outcome.reason)
        return True

    async def _new(self, to: Address, reply: Reply, *, html_mode: bool) -> Any:
        params: dict[str, Any] = {
            "chat_id": to.chat_id,
            "reply_markup": keyboard_of(reply.buttons),
            "disable_notification": reply.silent or None,
        }
        if to.reply_to:
            params["reply_parameters"] = {"message_id": to.reply_to, "allow_sending_without_reply": True}
        if media := reply.picture or reply.document:
            method, part = ("sendPhoto", "photo") if reply.picture else ("sendDocument", "document")
            params |= _text("caption", reply, html_mode=html_mode)
            return await self._api.upload(method, params, {part: (media.name, media.content)})
        return await self._api.call("sendMessage", params | _text("text", reply, html_mode=html_mode) | NO_PREVIEW)

    async def _edit(self, to: Address, reply: Reply, *, over_media: bool) -> Outcome:
        """Rejected where this message cannot take the reply's place: then it is sent anew."""
        if over_media and not (reply.picture or reply.document):
            return Rejected("text does not replace a picture")
        outcome = await outcome_of(self._replace(to, reply, html_mode=True))
        if self._is_unreadable(outcome):
            outcome = await outcome_of(self._replace(to, reply, html_mode=False))
        if isinstance(outcome, Rejected) and "message is not modified" in outcome.reason:
            return Sent(to.edits)
        return outcome

    async def _replace(self, to: Address, reply: Reply, *, html_mode: bool) -> Any:
        where = {"chat_id": to.chat_id, "message_id": to.edits, "reply_markup": keyboard_of(reply.buttons)}
        if media := reply.picture or reply.document:
            caption = _text("caption", reply, html_mode=html_mode)
            described = {"type": "photo" if reply.picture else "document", "media": "attach://file"} | caption
            return await self._api.upload(
                "editMessageMedia", where | {"media": described}, {"file": (media.name, media.content)}
            )
        words = _text("text", reply, html_mode=html_mode)
        return await self._api.call("editMessageText", where | words | NO_PREVIEW)


async def outcome_of(call: Awaitable[Any]) -> Outcome:
    """What came of a call that is awaited here; raises nothing of Telegram's."""
    try:
        result = await call
    except Refusal as refusal:
        return _refused(refusal)
    except NotSent:
        return Later(2.0)
    except NetworkError:
        return Uncertain()
    return Sent(result.get("message_id", 0) if isinstance(result, dict) else 0)


NO_PREVIEW: dict[str, Any] = {"link_preview_options": {"is_disabled": True}}


def _refused(refusal: Refusal) -> Outcome:
    if refusal.code == 429:
        return Later(max(1, refusal.retry_after_s))
    if refusal.moved_to:
        return Moved(refusal.moved_to)
    if refusal.says(*_GONE) or refusal.code == 403:
        return Gone(refusal.description)
    return Rejected(refusal.description.lower())


def keyboard_of(buttons: Keyboard) -> dict[str, Any] | None:
    if not buttons:
        return None
    return {"inline_keyboard": [[_button(button) for button in row] for row in buttons]}


def _button(button: Button) -> dict[str, Any]:
    if button.url:
        return {"text": button.text, "url": button.url}
    if button.copy:
        return {"text": button.text, "copy_text": {"text": button.copy}}
    return {"text": button.text, "callback_data": button.data}


def _text(field: str, reply: Reply, *, html_mode: bool) -> dict[str, Any]:
    if html_mode:
        return {field: reply.html, "parse_mode": "HTML"}
    most = MOST_TEXT if field == "text" else MOST_CAPTION
    return {field: _cut(reply.plain, most)}


def _cut(plain: str, most: int) -> str:
    """At most so many UTF-16 units: so Telegram counts."""
    units = plain.encode("utf-16-le", "ignore")
    return plain if len(units) <= 2 * most else units[: 2 * (most - 1)].decode("utf-16-le", "ignore") + "…"
