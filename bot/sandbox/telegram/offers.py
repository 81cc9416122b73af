"""Inline mode from the person's side: asking a bot from any chat, and sending what it offers."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram.answering import INLINE_LIFE_S
from bot.sandbox.telegram.bots import Bot, Query
from bot.sandbox.telegram.history import Entry, Key
from bot.sandbox.telegram.people import Group, User
from bot.sandbox.telegram.state import Telegram

Json = dict[str, Any]
LONGEST_QUERY = 256


@dataclass(slots=True, frozen=True)
class Offer:
    query_id: str
    query: str
    results: list[Json]
    next_offset: str
    button: Json | None

    def wire(self) -> Json:
        return {
            "query_id": self.query_id,
            "results": self.results,
            "next_offset": self.next_offset,
            "button": self.button,
        }


async def ask(
    tg: Telegram, bot: Bot, person: User, chat: User | Group, text: str, offset: str, timeout_s: float
) -> Offer:
    """Raises ValueError for an overlong query, TimeoutError where the bot does not answer."""
    if len(text) > LONGEST_QUERY:
        raise ValueError(f"an inline query holds {LONGEST_QUERY} characters")
    query = Query(str(next(tg.query_ids)), person.id, chat.id, tg.clock.now() + INLINE_LIFE_S, text)
    bot.ask(query)
    kind = "sender" if isinstance(chat, User) else chat.type
    event = {"id": query.id, "from": person.wire, "query": text, "offset": offset, "chat_type": kind}
    bot.updates.put("inline_query", event, person.id)
    await tg.feed.until(lambda: query.answer, timeout_s)
    return offered(bot, query.id)


def offered(bot: Bot, query_id: str) -> Offer:
    """What the bot has answered to a query. Raises ValueError where that is not known (any more)."""
    query = bot.queries.get(query_id)
    if query is None or query.answer is None or "results" not in query.answer:
        raise ValueError(f"the bot has not answered a query {query_id}")
    return Offer(query.id, query.text, query.answer["results"], query.answer["next_offset"], query.answer["button"])


@dataclass(slots=True, frozen=True)
class Chosen:
    """What is sent; `inline_id` is empty without buttons, as Telegram gives none then."""

    result_id: str
    content: Json
    markup: Json | None
    inline_id: str


def chosen(bot: Bot, offer: Offer, result_id: str | None) -> Chosen:
    """Raises ValueError."""
    found = next((item for item in offer.results if result_id in (None, item["id"])), None)
    if found is None:
        raise ValueError(f"there is no result {result_id}" if offer.results else f"{bot.username} offers nothing")
    content = found["message"] or {"text": str(found.get("title") or found.get("photo_url") or found["type"])}
    inline_id = f"AQAA{offer.query_id}x{found['id']}" if found["reply_markup"] else ""
    return Chosen(found["id"], content, found["reply_markup"], inline_id)


def report(tg: Telegram, bot: Bot, person: User, offer: Offer, choice: Chosen, entry: Entry, key: Key) -> None:
    """Makes the message editable by its inline id and tells the bot what was chosen."""
    event = {"result_id": choice.result_id, "from": person.wire, "query": offer.query}
    if choice.inline_id:
        entry.inline_id = choice.inline_id
        tg.remember_inline(choice.inline_id, key, entry.id)
        event["inline_message_id"] = choice.inline_id
    if bot.inline_feedback:
        bot.updates.put("chosen_inline_result", event, person.id)
