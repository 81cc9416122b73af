"""Methods that answer presses and inline queries."""

from typing import Any

from bot.sandbox.telegram import keyboards, texts
from bot.sandbox.telegram.bots import Query
from bot.sandbox.telegram.refusals import bad
from bot.sandbox.telegram.spans import utf16_len
from bot.sandbox.telegram.state import Telegram
from bot.sandbox.telegram.wire import Call

Json = dict[str, Any]
PRESS_LIFE_S = 15
INLINE_LIFE_S = 10
_MOST_RESULTS = 50
_LONGEST_ANSWER = 200
_LONGEST_ID = 64
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def answer_press(tg: Telegram, call: Call) -> bool:
    query = _query(tg, call, "callback_query_id")
    text = call.text("text")
    if utf16_len(text) > _LONGEST_ANSWER:
        raise bad("MESSAGE_TOO_LONG")
    query.answer = {"text": text, "show_alert": call.flag("show_alert"), "url": call.text("url")}
    tg.feed.publish("answer", chat=query.chat, bot=call.bot.id, person=query.person, query_id=query.id, **query.answer)
    return True


def answer_inline(tg: Telegram, call: Call) -> bool:
    query = _query(tg, call, "inline_query_id")
    raw = call.decoded("results")
    if not isinstance(raw, list):
        raise bad("can't parse inline query results: expected an Array")
    if len(raw) > _MOST_RESULTS:
        raise bad("RESULTS_TOO_MUCH")
    results = [_result(item) for item in raw]
    if len({item["id"] for item in results}) < len(results):
        raise bad("RESULT_ID_DUPLICATE")
    if len(call.text("next_offset").encode()) > _LONGEST_ID:
        raise bad("NEXT_OFFSET_INVALID")
    query.answer = {"results": results, "next_offset": call.text("next_offset"), "button": call.decoded("button")}
    tg.feed.stir()
    return True


def _query(tg: Telegram, call: Call, name: str) -> Query:
    query = call.bot.queries.get(call.text(name))
    if query is None or query.expires_at < tg.clock.now():
        raise bad(_TOO_OLD)
    return query


def _result(item: Any) -> Json:
    """A result as people see it, its message parsed and measured beforehand as Telegram does."""
    if not isinstance(item, dict) or not item.get("type"):
        raise bad("can't parse inline query result: Can't find field \"type\"")
    if not 1 <= len(str(item.get("id", "")).encode()) <= _LONGEST_ID:
        raise bad("RESULT_ID_INVALID")
    kept = {name: value for name, value in item.items() if name not in ("input_message_content", "reply_markup")}
    if item["type"] == "article" and not item.get("title"):
        raise bad("ARTICLE_TITLE_EMPTY")
    content = item.get("input_message_content")
    if isinstance(content, dict):
        message = texts.content_text(content)
    elif item["type"] == "article":
        raise bad("MESSAGE_EMPTY")
    else:
        message = texts.caption(item.get("caption"), item.get("parse_mode"), item.get("caption_entities"))
    return kept | {
        "id": str(item["id"]),
        "message": message,
        "reply_markup": keyboards.checked(item.get("reply_markup")),
    }
