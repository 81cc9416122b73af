"""Telegram's HTML parse mode: the tags it knows, its refusals word for word, entities in UTF-16 units."""

import re
from dataclasses import dataclass, field

from bot.sandbox.telegram.spans import Entity, utf16_len

_PLAIN = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler",
}  # fmt: skip
_TAGS = {*_PLAIN, "a", "pre", "code", "blockquote", "tg-emoji"}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_CHARACTER = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot));?")
_SPECIAL = re.compile(r"[<&]")
_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE = re.compile(r"""[^\s=>/"']*""")
_TOKEN = re.compile(r"[A-Za-z0-9.\-]*")
_SPACE = re.compile(r"[\s/]*")


class Unparsable(Exception):
    """The text breaks the parse mode's rules; the message is Telegram's own."""


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    offset: int
    part: int


@dataclass(slots=True)
class _Html:
    source: str
    at: int = 0
    length: int = 0
    parts: list[str] = field(default_factory=list)
    opened: list[_Open] = field(default_factory=list)
    found: list[Entity] = field(default_factory=list)

    def parse(self) -> tuple[str, list[Entity]]:
        while match := _SPECIAL.search(self.source, self.at):
            self._put(self.source[self.at : match.start()])
            self.at = match.start()
            if match[0] == "&":
                self._put(self._character())
            elif self.source.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        self._put(self.source[self.at :])
        if self.opened:
            raise Unparsable(f'Can\'t find end tag corresponding to start tag "{self.opened[-1].tag}"')
        return "".join(self.parts), self.found

    def _put(self, text: str) -> None:
        if text:
            self.parts.append(text)
            self.length += utf16_len(text)

    def _character(self) -> str:
        match = _CHARACTER.match(self.source, self.at)
        if match is None:
            self.at += 1
            return "&"
        self.at = match.end()
        return _decoded(match)

    def _bytes(self, position: int) -> int:
        return len(self.source[:position].encode("utf-8", "surrogatepass"))

    def _start_tag(self) -> None:
        begin = self.at
        name = _NAME.match(self.source, begin + 1)
        end = name.end() if name else begin + 1
        if end == len(self.source):
            raise Unparsable(f"Unclosed start tag at byte offset {self._bytes(begin)}")
        tag = self.source[begin + 1 : end].lower()
        if tag not in _TAGS:
            raise Unparsable(f'Unsupported start tag "{tag}" at byte offset {self._bytes(begin)}')
        self.at = end
        argument = self._attributes(tag, begin)
        if tag == "span" and argument != "spoiler":
            raise Unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {self._bytes(begin)}')
        self.opened.append(_Open(tag, argument, self.length, len(self.parts)))

    def _attributes(self, tag: str, begin: int) -> str:
        argument = ""
        while True:
            self._skip(_SPACE)
            if self.source.startswith(">", self.at):
                self.at += 1
                return argument
            name = self._skip(_ATTRIBUTE)
            if not name and self.at < len(self.source):
                raise Unparsable(f'Empty attribute name in the tag "{tag}" at byte offset {self._bytes(begin)}')
            self._skip(_SPACE)
            value = ""
            if self.source.startswith("=", self.at):
                self.at += 1
                self._skip(_SPACE)
                value = self._value()
            if self.at >= len(self.source):
                raise Unparsable(f"Unclosed start tag at byte offset {self._bytes(begin)}")
            argument = _argument(tag, name.lower(), value) or argument

    def _value(self) -> str:
        quote = self.source[self.at : self.at + 1]
        if quote in ('"', "'"):
            end = self.source.find(quote, self.at + 1)
            if end < 0:
                self.at = len(self.source)
                return ""
            raw, self.at = self.source[self.at + 1 : end], end + 1
            return _CHARACTER.sub(_decoded, raw)
        begin = self.at
        token = self._skip(_TOKEN).lower()
        if self.at < len(self.source) and not re.match(r"[\s>]", self.source[self.at]):
            raise Unparsable(f"Unexpected end of name token at byte offset {self._bytes(begin)}")
        return token

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.source, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match[0]

    def _end_tag(self) -> None:
        begin = self.at
        if not self.opened:
            raise Unparsable(f"Unexpected end tag at byte offset {self._bytes(begin)}")
        self.at += 2
        name = self._skip(_NAME).lower()
        self._skip(_SPACE)
        if not self.source.startswith(">", self.at):
            raise Unparsable(f"Unclosed end tag at byte offset {self._bytes(begin)}")
        self.at += 1
        last = self.opened.pop()
        if name and name != last.tag:
            raise Unparsable(
                f'Unmatched end tag at byte offset {self._bytes(begin)}, expected "</{last.tag}>", found "</{name}>"'
            )
        if self.length > last.offset:
            self._close(last)

    def _close(self, tag: _Open) -> None:
        entity: Entity = {
            "type": _PLAIN.get(tag.tag, tag.tag),
            "offset": tag.offset,
            "length": self.length - tag.offset,
        }
        if tag.tag == "a":
            link = link_entity(tag.argument or "".join(self.parts[tag.part :]))
            if link is None:
                return
            entity |= link
        elif tag.tag == "blockquote" and tag.argument:
            entity["type"] = "expandable_blockquote"
        elif tag.tag == "tg-emoji":
            entity |= {"type": "custom_emoji", "custom_emoji_id": tag.argument}
        elif tag.tag in ("pre", "code"):
            entity = self._code(entity, tag.argument)
        self.found.append(entity)

    def _code(self, entity: Entity, language: str) -> Entity:
        """`<pre><code class="language-x">` is one entity of kind pre with a language."""
        inner = self.found[-1] if self.found else None
        same = inner and (inner["offset"], inner["length"]) == (entity["offset"], entity["length"])
        if inner and same and {inner["type"], entity["type"]} == {"pre", "code"}:
            self.found.pop()
            language = language or inner.get("language", "")
            entity["type"] = "pre"
        return entity | {"language": language} if language else entity


def _decoded(match: re.Match[str]) -> str:
    """The sign a character reference stands for; the reference itself where it stands for none."""
    if match[3]:
        return _NAMED[match[3]]
    code = int(match[1], 16) if match[1] else int(match[2])
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else match[0]


def _argument(tag: str, name: str, value: str) -> str:
    if tag == "a" and name == "href":
        return value
    if tag == "code" and name == "class" and value.startswith("language-"):
        return value.removeprefix("language-")
    if tag == "span" and name == "class" and value.startswith("tg-"):
        return value.removeprefix("tg-")
    if tag == "tg-emoji" and name == "emoji-id":
        return value
    return "1" if tag == "blockquote" and name == "expandable" else ""


def link_entity(url: str) -> Entity | None:
    """A link or a mention of a person by id; None where Telegram drops the link as no address."""
    if match := re.fullmatch(r"tg:(?://)?user\?id=(\d+)", url):
        return {"type": "text_mention", "user": {"id": int(match[1]), "is_bot": False, "first_name": match[1]}}
    url = url.strip()
    if re.match(r"(?:https?|tg|ton|ftp)://\S+$", url, re.IGNORECASE):
        return {"type": "text_link", "url": url}
    if re.fullmatch(r"[\w-]+(\.[\w-]+)+([/?#:]\S*)?", url):
        return {"type": "text_link", "url": f"http://{url}"}
    return None


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Raises Unparsable with Telegram's sentence."""
    text, entities = _Html(source).parse()
    for entity in entities:
        if entity["type"] == "code":
            entity.pop("language", None)
    return text, entities
