"""What a handler is given, and how a command is declared."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

from bot.charts import Charts
from bot.domain.broadcasts import Original
from bot.domain.notices import Mark
from bot.domain.replies import Answer
from bot.domain.users import User
from bot.services import Services
from bot.texts import Catalogue, Texts


class Shown(TypedDict):
    """What every view needs of the reader."""

    now: datetime
    texts: Texts
    zone: str


@dataclass(frozen=True, slots=True)
class Call:
    """One command of one person, typed or pressed.

    `name` is the word that was used, an alias perhaps; `args` the words after it. `zone` is an IANA name.
    A write hands `mark` to its service, which ends the update together with the change. `code`: of the second step.
    `original`: the message itself, `replied` the one it answers; for a command that `takes_message` only.
    """

    name: str
    args: tuple[str, ...]
    user: User
    texts: Texts
    zone: str
    now: datetime
    services: Services
    charts: Charts
    catalogue: Catalogue
    commands: "Mapping[str, Command]"
    bot_name: str
    mark: Mark
    private: bool = True
    admin: bool = False
    owner: bool = False
    code: str = field(default="", repr=False)
    original: Original | None = field(default=None, repr=False)
    replied: Original | None = field(default=None, repr=False)

    @property
    def shown(self) -> Shown:
        return {"now": self.now, "texts": self.texts, "zone": self.zone}


Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Command:
    """One line of a family's table.

    `admin`, `owner`: for those alone; owners are whom the settings name. `groups`: also in groups. `hidden`: works,
    and is in no menu. `express`: does not wait behind the person's other commands. `action`: what Telegram shows while
    it is being made. `money`: only for those who may use money.
    `fresh`: moves money, so a line typed long ago, and heard only now, is not run. `secret`: what is typed for it must
    not stand in a chat, so the message goes before anything else is done. `takes_key`: a key is what it waits for;
    anywhere else one sets off the alarm. `takes_message`: what answers its question may be a picture or a document.
    """

    name: str
    run: Handler
    aliases: tuple[str, ...] = ()
    admin: bool = False
    owner: bool = False
    groups: bool = False
    hidden: bool = False
    express: bool = False
    action: str = "typing"
    money: bool = False
    fresh: bool = False
    secret: bool = False
    takes_key: bool = False
    takes_message: bool = False

    @property
    def repeatable(self) -> bool:
        """Whether a line of it, mistyped, may stand put right on a button: it moves no money and holds no secret."""
        return not (self.money or self.fresh or self.secret or self.admin or self.takes_message)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)
