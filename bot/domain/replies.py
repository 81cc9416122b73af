"""What the desk says back: plain values, free of any messenger's types."""

import html
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Button:
    """Pressing it runs `data`, a command line as a person would type it, without the slash (`chart BTC 7d`).

    With a leading `!` the answer takes the place of the message the button hangs on. At most 64 bytes: `fits` tells.
    A forged press can therefore do no more than its sender could have typed. Or `url` opens, or `copy` is copied.
    """

    text: str
    data: str = ""
    url: str = ""
    copy: str = ""

    @property
    def fits(self) -> bool:
        return len(self.data.encode()) <= 64


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG."""

    content: bytes
    name: str = "chart.png"


@dataclass(frozen=True, slots=True)
class Document:
    content: bytes
    name: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One message. `html` is already escaped; with a picture or a document it is the caption.

    `silent`: no sound at the reader's.
    """

    html: str = ""
    buttons: Keyboard = ()
    picture: Picture | None = None
    document: Document | None = None
    silent: bool = False

    @property
    def plain(self) -> str:
        """The text without its markup."""
        return html.unescape(re.sub(r"<[^>]*>", "", self.html))


@dataclass(frozen=True, slots=True)
class InlineCard:
    """One answer to an inline query: what is listed, and the message it sends."""

    key: str
    title: str
    description: str
    html: str


@dataclass(frozen=True, slots=True)
class InlineReply:
    """All answers to an inline query; Telegram may keep them for `cache_s` seconds."""

    cards: tuple[InlineCard, ...]
    cache_s: int = 15


@dataclass(frozen=True, slots=True)
class Stored:
    """The answer already lies in the outbox, stored with the change it tells of; the edge only lets it go at once."""


STORED = Stored()
Answer = Reply | InlineReply | Stored
