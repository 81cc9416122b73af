"""People, as an operator sees them, and as they see their own standing."""

from collections.abc import Sequence

from bot.domain.replies import Button, Reply
from bot.domain.users import Standing, User
from bot.texts import Texts
from bot.texts.names import label
from bot.views.keyboard import keyboard, run


def access(user: User, *, may_use_money: bool, texts: Texts, can_ask: bool = True) -> Reply:
    """A person's own standing, and his id to give to an admin. `can_ask`: admins take requests on this desk."""
    key = "access.member" if may_use_money else f"access.{user.standing.value}"
    asking = can_ask and not may_use_money and user.standing is Standing.STRANGER
    text = texts("access.card", standing=texts(key, id=str(user.id)), id=str(user.id))
    return Reply(text, keyboard([ask(texts)] if asking else []))


def ask(texts: Texts) -> Button | None:
    return run(texts.plain("button.ask_access"), "access", "ask")


def listed(users: Sequence[User], *, total: int, page: int, pages: int, texts: Texts) -> Reply:
    """One page, counted from 1. Whoever waits for an answer has buttons."""
    lines = [
        texts("users.line", name=label(user.name), id=str(user.id), standing=texts(f"standing.{user.standing.value}"))
        for user in users
    ]
    asking = [_asking(user, texts) for user in users if user.standing is Standing.ASKED]
    turns = [
        run(f"◀ {page - 1}", "users", str(page - 1), in_place=True) if page > 1 else None,
        run(f"{page + 1} ▶", "users", str(page + 1), in_place=True) if page < pages else None,
    ]
    return Reply("\n".join([texts.plural("users.head", total), *lines]), keyboard(*asking, turns))


def _asking(user: User, texts: Texts) -> list[Button | None]:
    name = label(user.name, 20)
    return [
        run(f"{texts.plain('button.let_in')}: {name}", "letin", str(user.id), in_place=True),
        run(f"{texts.plain('button.block')}: {name}", "block", str(user.id), in_place=True),
    ]
