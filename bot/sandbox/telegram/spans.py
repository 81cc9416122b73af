"""Text with its entities: UTF-16 arithmetic, what Telegram finds by itself (commands, links), trimming and nesting."""

import re
from typing import Any

Entity = dict[str, Any]

MOST_ENTITIES = 100
_SOLID = {"code", "pre"}  # hold nothing and are part of nothing
_QUOTES = {"blockquote", "expandable_blockquote"}
_NO_DETECTION_IN = _SOLID | {"text_link", "text_mention"}
_HINTS = re.compile(r"[/@#$.]")
_FOUND = re.compile(
    r"(?P<url>(?:https?|tg)://[^\s<>\"]+[^\s<>\".,;:!?)\]']|(?<![\w@./-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|me|app|dev)\b(?:/[^\s<>\"]*[^\s<>\".,;:!?)\]'])?)"
    r"|(?P<email>(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<bot_command>(?<![\w/@<>#.-])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/@]))"
    r"|(?P<mention>(?<![\w@/.])@[A-Za-z0-9_]{3,32}\b)"
    r"|(?P<hashtag>(?<![\w#&])#(?=\w*[^\W\d])\w{1,256})"
    r"|(?P<cashtag>(?<![\w$])\$(?:1INCH|[A-Z]{1,8})(?![\w$]))",
    re.IGNORECASE,
)


def utf16_len(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def piece(text: str, entity: Entity) -> str:
    """The part of the text an entity covers."""
    raw = text.encode("utf-16-le", "surrogatepass")
    begin = entity["offset"] * 2
    return raw[begin : begin + entity["length"] * 2].decode("utf-16-le", "surrogatepass")


def detect(text: str) -> list[Entity]:
    if not _HINTS.search(text):
        return []
    found: list[Entity] = []
    for match in _FOUND.finditer(text):
        kind = match.lastgroup
        if kind == "cashtag" and match[0] != match[0].upper():
            continue
        found.append({"type": kind, "offset": utf16_len(text[: match.start()]), "length": utf16_len(match[0])})
    return found


def finish(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """What Telegram makes of parsed text: trimmed, nested legally, sorted, with its own finds, at most 100 entities."""
    text, entities = _trim(text, entities)
    if entities:
        entities = _nest(entities)
    closed = [entity for entity in entities if entity["type"] in _NO_DETECTION_IN]
    entities += [found for found in detect(text) if not any(_overlap(found, other) for other in closed)]
    if len(entities) > 1:
        entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return text, entities[:MOST_ENTITIES]


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    kept = text.strip(" \t\r\n\v\f\x00")
    if len(kept) == len(text):
        return text, entities
    lead = len(text) - len(text.lstrip(" \t\r\n\v\f\x00"))
    size = utf16_len(kept)
    moved = []
    for entity in entities:
        begin = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, size)
        if end > begin:
            moved.append({**entity, "offset": begin, "length": end - begin})
    return kept, moved


def _nest(entities: list[Entity]) -> list[Entity]:
    solid: list[Entity] = []
    for entity in sorted((e for e in entities if e["type"] in _SOLID), key=lambda e: -e["length"]):
        if not any(_overlap(entity, other) for other in solid):
            solid.append(entity)
    kept = list(solid)
    for entity in entities:
        if entity["type"] in _QUOTES:
            kept.append(entity)
        elif entity["type"] not in _SOLID:
            kept += _around(entity, solid)
    return kept


def _around(entity: Entity, solid: list[Entity]) -> list[Entity]:
    """The entity without the parts that code covers."""
    parts, at, end = [], entity["offset"], entity["offset"] + entity["length"]
    for hole in sorted(solid, key=lambda other: int(other["offset"])):
        hole_end = hole["offset"] + hole["length"]
        if hole_end <= at or hole["offset"] >= end:
            continue
        if hole["offset"] > at:
            parts.append({**entity, "offset": at, "length": hole["offset"] - at})
        at = hole_end
    if at < end:
        parts.append({**entity, "offset": at, "length": end - at})
    return parts


def _overlap(one: Entity, other: Entity) -> bool:
    return bool(one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"])
