"""People, as an operator sees them, and as they see their own standing."""

from collections.abc import Collection, Sequence

from bot.domain.replies import Button, Reply
from bot.domain.users import Standing, User
from bot.texts import Texts
from bot.texts.names import label
from bot.views.keyboard import grid, keyboard, run


def access(user: User, *, may_use_money: bool, texts: Texts, can_ask: bool = True) -> Reply:
    """A person's own standing, and his id to give to an admin. `can_ask`: admins take requests on this desk."""
    key = "access.member" if may_use_money else f"access.{user.standing.value}"
    asking = can_ask and not may_use_money and user.standing is Standing.STRANGER
    text = texts("access.card", standing=texts(key, id=str(user.id)), id=str(user.id))
    return Reply(text, keyboard([ask(texts)] if asking else []))


def no_member(user: User, *, can_ask: bool, texts: Texts) -> Reply:
    """To who asked for what is for approved users. `can_ask`: as in access."""
    asking = can_ask and user.standing is Standing.STRANGER
    text = texts("error.head.not_allowed", text=texts("access.members_only"))
    return Reply(f"{text}\n{texts('access.your_id', id=str(user.id))}", keyboard([ask(texts)] if asking else []))


def ask(texts: Texts) -> Button | None:
    return run(texts.plain("button.ask_access"), "access", "ask")


def listed(
    users: Sequence[User], *, total: int, page: int, pages: int, texts: Texts, owners: Collection[int] = ()
) -> Reply:
    """One page, counted from 1. Whoever waits for an answer has buttons; each name leads to what can be decided."""
    lines = [
        texts("users.line", name=label(user.name), id=str(user.id), standing=_role(user, owners, texts))
        for user in users
    ]
    asking = [_asking(user, texts) for user in users if user.standing is Standing.ASKED]
    others = [_named(user) for user in users if user.standing is not Standing.ASKED and user.id not in owners]
    turns = [
        run(f"◀ {page - 1}", "users", str(page - 1), in_place=True) if page > 1 else None,
        run(f"{page + 1} ▶", "users", str(page + 1), in_place=True) if page < pages else None,
    ]
    return Reply("\n".join([texts.plural("users.head", total), *lines]), keyboard(*asking, *grid(others, 3), turns))


def person(user: User, *, owners: Collection[int], by_owner: bool, texts: Texts) -> Reply:
    """Who he is to the desk, and what this admin may decide. `by_owner`: an owner looks."""
    lines = [
        texts("users.line", name=label(user.name), id=str(user.id), standing=_role(user, owners, texts)),
        "" if user.reachable else texts("users.unreachable"),
        texts("users.private"),
    ]
    who, standing = str(user.id), user.standing
    fixed = user.id in owners or (standing is Standing.ADMIN and not by_owner)
    let_in = run(texts.plain("button.let_in"), "letin", who, in_place=True)
    block = run(texts.plain("button.block"), "block", who, in_place=True)
    decisions = [
        let_in if standing not in {Standing.MEMBER, Standing.ADMIN} else None,
        block if standing is not Standing.BLOCKED else None,
    ]
    role = None
    if by_owner and standing is Standing.ADMIN:
        role = run(texts.plain("button.demote"), "demote", who, in_place=True)
    elif by_owner and standing is not Standing.BLOCKED:
        role = run(texts.plain("button.promote"), "promote", who, in_place=True)
    back = run(f"◀ {texts.plain('button.people')}", "users", in_place=True)
    return Reply("\n".join(filter(None, lines)), keyboard(*([] if fixed else [decisions, [role]]), [back]))


def promotion(user: User, *, texts: Texts) -> Reply:
    """The question before somebody becomes an admin."""
    who = str(user.id)
    yes = run(texts.plain("button.promote"), "promote", who, "yes", in_place=True)
    back = run(f"◀ {texts.plain('button.back')}", "person", who, in_place=True)
    return Reply(texts("users.promote", name=label(user.name), id=who), keyboard([yes], [back]))


def _role(user: User, owners: Collection[int], texts: Texts) -> str:
    return texts("standing.owner" if user.id in owners else f"standing.{user.standing.value}")


def _named(user: User) -> Button | None:
    return run(label(user.name, 20), "person", str(user.id), in_place=True)


def _asking(user: User, texts: Texts) -> list[Button | None]:
    name = label(user.name, 20)
    return [
        run(f"{texts.plain('button.let_in')}: {name}", "letin", str(user.id), in_place=True),
        run(f"{texts.plain('button.block')}: {name}", "block", str(user.id), in_place=True),
    ]
