"""The first message a person gets."""

import re
from collections.abc import Sequence

from bot.domain.replies import Button, Reply
from bot.domain.users import Standing, User
from bot.texts import Texts
from bot.texts.names import label
from bot.views.keyboard import keyboard, run
from bot.views.users import ask

FIRST_COIN = "BTC"
_LINKED = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def welcome(user: User, *, bot_name: str, may_use_money: bool, texts: Texts, can_ask: bool = False) -> Reply:
    """`bot_name` without the @. Three ways in; the first works at once, without an account anywhere. `can_ask`: as in
    users.
    """
    text = texts("start.welcome", access=_access(user, texts, may_use_money=may_use_money), bot=label(bot_name))
    if user.standing is Standing.BLOCKED:
        return Reply(text)
    return Reply(
        text,
        keyboard(
            [run(texts.plain("button.start_prices"), "price", *(() if user.watch else [FIRST_COIN]))],
            [
                run(texts.plain("button.start_exchange"), "keys"),
                run(texts.plain("button.start_swap"), "swap"),
            ],
            [ask(texts) if can_ask and not may_use_money and user.standing is Standing.STRANGER else None],
        ),
    )


def in_private(line: Sequence[str], *, bot_name: str, texts: Texts) -> Reply:
    """In a group, to who asked there for what belongs into the private chat: the way to it, with his line."""
    text = texts("error.head.not_allowed", text=texts("access.groups"))
    return Reply(text, keyboard([link(line, bot_name=bot_name, texts=texts)]))


def link(line: Sequence[str], *, bot_name: str, texts: Texts) -> Button | None:
    """A button that opens the private chat with this line; with no line where a link cannot carry it."""
    folded = "_".join(word.removeprefix("=") for word in line)
    carried = f"?start={folded}" if _LINKED.fullmatch(folded) else ""
    return Button(texts.plain("button.in_private"), url=f"https://t.me/{bot_name}{carried}") if bot_name else None


def _access(user: User, texts: Texts, *, may_use_money: bool) -> str:
    if may_use_money:
        return texts("access.member")
    return texts(f"access.{user.standing.value}", id=str(user.id))
