"""One message to many, by reference: copied, rewritten, taken away; and what came of each."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from bot.domain.replies import Reply
from bot.telegram.api import BotApi
from bot.telegram.sending import MOST_CAPTION, MOST_TEXT, NO_PREVIEW, Outcome, Rejected, Sent, keyboard_of, outcome_of

Content = Mapping[str, object]
"""A message's words or its file as Telegram tells them: `text` with `entities`; or `photo` or `document`, a file's id,
with `caption` and `caption_entities`.
"""
_FILES = ("photo", "document")


class Copier:
    """Each method says what came of it, and raises nothing. `counts`: how often each outcome was, of all messages."""

    def __init__(self, api: BotApi, counts: Counter[str]) -> None:
        self._api = api
        self._counts = counts

    async def copy(
        self, to_chat: int, chat_id: int, message_id: int, *, silent: bool, words: Content | None = None
    ) -> Outcome:
        """The message as it stands there, entities and file included, without saying whose it was. `words`: in place
        of those under its file.
        """
        source = {"from_chat_id": chat_id, "message_id": message_id, "disable_notification": silent or None}
        params = {"chat_id": to_chat, **source, **(_captioned(words) if words else {})}
        return self._counted(await outcome_of(self._api.call("copyMessage", params)))

    async def post(self, to_chat: int, content: Content, *, silent: bool) -> Outcome:
        """A new message of this content."""
        kind = next((name for name in _FILES if name in content), "")
        method = {"photo": "sendPhoto", "document": "sendDocument"}.get(kind, "sendMessage")
        params = {"chat_id": to_chat, "disable_notification": silent or None, **content}
        return self._counted(await outcome_of(self._api.call(method, params if kind else params | NO_PREVIEW)))

    async def rewrite(self, chat_id: int, message_id: int, content: Content, *, has_file: bool) -> Outcome:
        """This content in place of the message's own. `has_file`: the message has one; new words are its caption."""
        where = {"chat_id": chat_id, "message_id": message_id}
        kind = next((name for name in _FILES if name in content), "")
        if kind:
            described = {"type": kind, "media": content[kind], **_captioned(content)}
            call = self._api.call("editMessageMedia", where | {"media": described})
        elif has_file:
            call = self._api.call("editMessageCaption", where | _captioned(content))
        else:
            call = self._api.call("editMessageText", {**where, **content, **NO_PREVIEW})
        outcome = await outcome_of(call)
        same = isinstance(outcome, Rejected) and "message is not modified" in outcome.reason
        return self._counted(Sent(message_id) if same else outcome)

    async def remove(self, chat_id: int, message_id: int) -> Outcome:
        """Rejected where Telegram does not let it go any more: after 48 hours. One that was gone already is gone."""
        outcome = await outcome_of(self._api.call("deleteMessage", {"chat_id": chat_id, "message_id": message_id}))
        gone = isinstance(outcome, Rejected) and "message to delete not found" in outcome.reason
        return self._counted(Sent() if gone else outcome)

    async def picture(self, to_chat: int, reply: Reply, file_id: str) -> tuple[Outcome, str]:
        """A picture with its words, and the id by which Telegram knows it from then on; empty where it has none.

        `file_id`: where it is known already: then the picture itself is not sent again.
        """
        params: dict[str, Any] = {
            "chat_id": to_chat,
            "caption": reply.html,
            "parse_mode": "HTML",
            "reply_markup": keyboard_of(reply.buttons),
            "disable_notification": reply.silent or None,
        }
        learnt: list[str] = []

        async def sent() -> Any:
            if file_id or reply.picture is None:
                return await self._api.call("sendPhoto", params | {"photo": file_id})
            result = await self._api.upload("sendPhoto", params, {"photo": (reply.picture.name, reply.picture.content)})
            learnt.extend(str(size["file_id"]) for size in result.get("photo", ())[-1:])
            return result

        return self._counted(await outcome_of(sent())), file_id or next(iter(learnt), "")

    def _counted(self, outcome: Outcome) -> Outcome:
        self._counts[type(outcome).__name__.lower()] += 1
        return outcome


def marked(content: Content, mark: str) -> dict[str, object]:
    """With a last line of ours; entities before it stay where they are."""
    field = "caption" if any(name in content for name in _FILES) else "text"
    words = str(content.get(field, ""))
    return {**content, field: f"{words}\n\n{mark}" if words else mark}


def fits(content: Content) -> bool:
    """Whether Telegram takes as many words: counted as it counts, in UTF-16."""
    field, most = ("caption", MOST_CAPTION) if any(name in content for name in _FILES) else ("text", MOST_TEXT)
    return len(str(content.get(field, "")).encode("utf-16-le", "ignore")) <= 2 * most


def _captioned(content: Content) -> dict[str, object]:
    words = content.get("caption", content.get("text", ""))
    entities = content.get("caption_entities", content.get("entities"))
    return {"caption": words} | ({"caption_entities": entities} if entities else {})
