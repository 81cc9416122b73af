"""Telegram's MarkdownV2 parse mode and the older Markdown."""

import re
from dataclasses import dataclass, field

from bot.sandbox.telegram.entities import Unparsable, link_entity
from bot.sandbox.telegram.spans import Entity, utf16_len

_RESERVED = set("_*[]()~`>#+-=|{}.!\n")
_SIGNS = (("```", "pre"), ("__", "underline"), ("||", "spoiler"), ("![", "custom_emoji"), ("*", "bold"),
          ("_", "italic"), ("~", "strikethrough"), ("`", "code"), ("[", "text_link"))  # fmt: skip
_ENDS = {"pre": "```", "underline": "__", "spoiler": "||", "custom_emoji": "]", "bold": "*", "italic": "_",
         "strikethrough": "~", "code": "`", "text_link": "]"}  # fmt: skip
_NAMES = {"pre": "Pre", "underline": "Underline", "spoiler": "Spoiler", "custom_emoji": "CustomEmoji", "bold": "Bold",
          "italic": "Italic", "strikethrough": "Strikethrough", "code": "Code", "text_link": "TextUrl",
          "blockquote": "BlockQuote"}  # fmt: skip
_LANGUAGE = re.compile(r"([^\s`]+)(?=\s)|")
_ONE_BREAK = re.compile(r"\r\n|\n\r|\n|\r|")


@dataclass(slots=True)
class _Open:
    kind: str
    offset: int
    position: int
    part: int
    language: str = ""


@dataclass(slots=True)
class _Markdown:
    source: str
    at: int = 0
    length: int = 0
    quoting: bool = False
    parts: list[str] = field(default_factory=list)
    opened: list[_Open] = field(default_factory=list)
    found: list[Entity] = field(default_factory=list)

    def parse(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            self._step()
        if self.opened and self.opened[-1].kind == "blockquote":
            self._close("")
        if self.opened:
            raise self._endless()
        return "".join(self.parts), self.found

    def _step(self) -> None:
        sign = self.source[self.at]
        following = self.source[self.at + 1 : self.at + 2]
        inside = self.opened[-1].kind if self.opened else ""
        if sign == "\\" and following and 0 < ord(following) <= 126:
            self._put(following, 2)
        elif sign not in (("`",) if inside in ("code", "pre") else _RESERVED):
            self._put(sign, 1)
        elif self.quoting and self._quote_ends():
            self._close_quote()
        elif inside in _ENDS and self._ends(inside):
            self._close(_ENDS[inside])
        else:
            self._open()

    def _put(self, text: str, taken: int) -> None:
        self.parts.append(text)
        self.length += utf16_len(text)
        self.at += taken

    def _ends(self, kind: str) -> bool:
        if kind == "italic" and self.source.startswith("__", self.at):
            return False
        return self.source.startswith(_ENDS[kind], self.at)

    def _bytes(self, position: int) -> int:
        return len(self.source[:position].encode("utf-8", "surrogatepass"))

    def _endless(self) -> Unparsable:
        last = self.opened[-1]
        name = "PreCode" if last.language else _NAMES[last.kind]
        return Unparsable(f"Can't find end of {name} entity at byte offset {self._bytes(last.position)}")

    def _reserved(self) -> Unparsable:
        sign = self.source[self.at]
        return Unparsable(f"Character '{sign}' is reserved and must be escaped with the preceding '\\'")

    def _open(self) -> None:
        if self.source[self.at] == "\n":
            self._put("\n", 1)
            if self.source.startswith(">", self.at):
                self._quote(1)
            return
        at_line_start = self.at == 0 or self.source[self.at - 1] == "\n"
        for mark in (">", "**>"):
            if at_line_start and self.source.startswith(mark, self.at):
                self._quote(len(mark))
                return
        for mark, kind in _SIGNS:
            if self.source.startswith(mark, self.at):
                opened = _Open(kind, self.length, self.at, len(self.parts))
                self.at += len(mark)
                if kind == "pre":
                    opened.language = self._skip(_LANGUAGE)
                    self._skip(_ONE_BREAK)
                self.opened.append(opened)
                return
        raise self._reserved()

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.source, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match[0]

    def _quote(self, taken: int) -> None:
        if not self.quoting:
            self.quoting = True
            self.opened.append(_Open("blockquote", self.length, self.at, len(self.parts)))
        self.at += taken

    def _quote_ends(self) -> bool:
        """At a line break that no `>` follows, or at `||` that closes a folded quotation."""
        rest = self.source[self.at : self.at + 3]
        return (rest[:1] == "\n" and rest[1:2] != ">") or (self._folded() and self.opened[-1].kind == "blockquote")

    def _folded(self) -> bool:
        rest = self.source[self.at : self.at + 3]
        return rest[:2] == "||" and rest[2:3] in ("", "\n") and self.source[self.at + 3 : self.at + 4] != ">"

    def _close_quote(self) -> None:
        if self.opened[-1].kind != "blockquote":
            raise self._endless()
        folded = self._folded()
        self._close("||" if folded else "")
        if folded and self.found:
            self.found[-1]["type"] = "expandable_blockquote"
        if self.source.startswith("\n", self.at):
            self._put("\n", 1)

    def _close(self, mark: str) -> None:
        last = self.opened.pop()
        self.at += len(mark)
        entity: Entity = {"type": last.kind, "offset": last.offset, "length": self.length - last.offset}
        if last.kind == "blockquote":
            self.quoting = False
        if last.kind in ("text_link", "custom_emoji"):
            link = self._link(last)
            if link is None:
                return
            entity |= link
        if last.language:
            entity["language"] = last.language
        if entity["length"]:
            self.found.append(entity)

    def _link(self, last: _Open) -> Entity | None:
        if not self.source.startswith("(", self.at):
            if last.kind == "custom_emoji":
                raise Unparsable("Custom emoji entity must contain a tg://emoji URL")
            return link_entity("".join(self.parts[last.part :]))
        begin = self.at + 1
        match = re.compile(r"((?:\\[\x01-\x7e]|[^)])*)\)", re.DOTALL).match(self.source, begin)
        if match is None:
            raise Unparsable(f"Can't find end of a URL at byte offset {self._bytes(begin)}")
        self.at = match.end()
        url = re.sub(r"\\([\x01-\x7e])", r"\1", match[1])
        if last.kind == "custom_emoji":
            return {"custom_emoji_id": url.rpartition("id=")[2]}
        return link_entity(url)


def parse_markdown_v2(source: str) -> tuple[str, list[Entity]]:
    """Raises Unparsable with Telegram's sentence."""
    return _Markdown(source).parse()


_OLD = re.compile(
    r"\\([_*`\[])|```(?:([^\s`]+)\s)?(.*?)```|([_*`])(.*?)\4|\[(.*?)\](?:\(([^)]*)\))?|([_*`\[])", re.DOTALL
)


def parse_markdown(source: str) -> tuple[str, list[Entity]]:
    """The older mode: no nesting. Raises Unparsable with Telegram's sentence."""
    parts: list[str] = []
    found: list[Entity] = []
    at = length = 0
    for match in _OLD.finditer(source):
        if match[8]:
            begin = len(source[: match.start()].encode())
            raise Unparsable(f"Can't find end of the entity starting at byte offset {begin}")
        before, inner, entity = source[at : match.start()], *_old_entity(match)
        parts += [before, inner]
        length += utf16_len(before)
        if entity and inner:
            found.append({**entity, "offset": length, "length": utf16_len(inner)})
        length += utf16_len(inner)
        at = match.end()
    parts.append(source[at:])
    return "".join(parts), found


def _old_entity(match: re.Match[str]) -> tuple[str, Entity | None]:
    if match[1]:
        return match[1], None
    if match[3] is not None:
        language = {"language": match[2]} if match[2] else {}
        return match[3].removeprefix("\n"), {"type": "pre", **language}
    if match[4]:
        return match[5], {"type": {"_": "italic", "*": "bold", "`": "code"}[match[4]]}
    return match[6], link_entity(match[7] or match[6])
