"""People, and what they may do."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.assets import Symbol


class Standing(StrEnum):
    """Where a person stands with the operator. Prices are for everyone but the blocked; money needs MEMBER.

    ADMIN is named by an owner, who is one by the settings and whatever is stored of him.
    """

    STRANGER = "stranger"
    ASKED = "asked"
    MEMBER = "member"
    ADMIN = "admin"
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
        """ACCESS=list: the admins alone. Whom the settings call an owner nobody can block."""
        if is_admin or self.standing in {Standing.ADMIN, Standing.BLOCKED}:
            return is_admin or self.standing is Standing.ADMIN
        return access is Access.OPEN or (access is Access.APPROVAL and self.standing is Standing.MEMBER)
