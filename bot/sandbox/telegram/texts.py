"""Texts and captions as a bot sends them: parsed, measured, refused in Telegram's words."""

from typing import Any

from bot.sandbox.telegram.entities import Unparsable, parse_html
from bot.sandbox.telegram.markdown import parse_markdown, parse_markdown_v2
from bot.sandbox.telegram.refusals import bad
from bot.sandbox.telegram.spans import Entity, finish, utf16_len
from bot.sandbox.telegram.wire import Call

Json = dict[str, Any]
LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
_PARSERS = {"html": parse_html, "markdownv2": parse_markdown_v2, "markdown": parse_markdown}


def parsed(source: str, parse_mode: str, entities: Any = None) -> tuple[str, list[Entity]]:
    """Raises Refusal for what the parse mode does not allow."""
    mode = (parse_mode or "").lower()
    if not mode or mode == "none":
        return finish(source, _given(entities))
    parser = _PARSERS.get(mode)
    if parser is None:
        raise bad("unsupported parse_mode")
    try:
        return finish(*parser(source))
    except Unparsable as error:
        raise bad(f"can't parse entities: {error}") from None


def _given(entities: Any) -> list[Entity]:
    if not entities:
        return []
    if not isinstance(entities, list) or not all(isinstance(e, dict) and "type" in e for e in entities):
        raise bad("can't parse entities: expected an Array of MessageEntity")
    return [dict(entity) for entity in entities if entity.get("length", 0) > 0]


def message_text(call: Call, *, editing: bool = False) -> Json:
    """`text` and `entities` of a message."""
    if not call.text("text").strip():
        raise bad("message text is empty")
    entities = call.decoded("entities") if "entities" in call.params else None
    text, found = parsed(call.text("text"), call.text("parse_mode"), entities)
    return _fitting(text, found, editing=editing)


def content_text(raw: Json) -> Json:
    """The text of an inline result's `input_message_content`."""
    source = raw.get("message_text")
    if not isinstance(source, str) or not source.strip():
        raise bad("MESSAGE_EMPTY")
    return _fitting(*parsed(source, raw.get("parse_mode") or "", raw.get("entities")))


def _fitting(text: str, entities: list[Entity], *, editing: bool = False) -> Json:
    if not text:
        raise bad("text must be non-empty")
    if utf16_len(text) > LONGEST_TEXT:
        raise bad("MESSAGE_TOO_LONG" if editing else "message is too long")
    return {"text": text, "entities": entities} if entities else {"text": text}


def caption(source: Any, parse_mode: Any, entities: Any = None) -> Json:
    """`caption` and `caption_entities`; empty where there is no caption."""
    if not source:
        return {}
    text, found = parsed(str(source), str(parse_mode or ""), entities)
    if utf16_len(text) > LONGEST_CAPTION:
        raise bad("message caption is too long")
    if not text:
        return {}
    return {"caption": text, "caption_entities": found} if found else {"caption": text}


def call_caption(call: Call) -> Json:
    entities = call.decoded("caption_entities") if "caption_entities" in call.params else None
    return caption(call.get("caption"), call.get("parse_mode"), entities)
