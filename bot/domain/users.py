"""People, and what they may do."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.assets import Symbol


class Standing(StrEnum):
    """Where a person stands with the operator. Prices are for everyone but the blocked; money needs MEMBER."""

    STRANGER = "stranger"
    ASKED = "asked"
    MEMBER = "member"
    BLOCKED = "blocked"


class Access(StrEnum):
    """Who may use money commands: those an admin lets in, everyone, or only the operator's own list (its admins)."""

    APPROVAL = "approval"
    OPEN = "open"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class User:
    """`language` and `timezone` are empty until chosen: then Telegram's word, or the operator's default, holds.

    `watch`: his own list for /price. `picks`: which of several coins a ticker means to him.
    """

    id: int
    name: str
    standing: Standing = Standing.STRANGER
    language: str = ""
    timezone: str = ""
    reachable: bool = True
    watch: tuple[Symbol, ...] = ()
    picks: tuple[tuple[str, Symbol], ...] = ()

    def pick(self, ticker: str) -> Symbol | None:
        return dict(self.picks).get(ticker)

    def may_use_money(self, access: Access, *, is_admin: bool) -> bool:
        """ACCESS=list: the admins alone. Whom the settings call an admin nobody can block."""
        if is_admin or self.standing is Standing.BLOCKED:
            return is_admin
        return access is Access.OPEN or (access is Access.APPROVAL and self.standing is Standing.MEMBER)
