"""The first message a person gets."""

from bot.domain.replies import Reply
from bot.domain.users import Standing, User
from bot.texts import Texts
from bot.texts.names import label
from bot.views.keyboard import keyboard, run
from bot.views.users import ask


def welcome(user: User, *, bot_name: str, may_use_money: bool, texts: Texts, can_ask: bool = False) -> Reply:
    """`bot_name` without the @. Every button works at once, without an account anywhere. `can_ask`: as in users."""
    text = texts("start.welcome", access=_access(user, texts, may_use_money=may_use_money), bot=label(bot_name))
    if user.standing is Standing.BLOCKED:
        return Reply(text)
    return Reply(
        text,
        keyboard(
            [
                run(texts.plain("button.price_of", ticker="BTC"), "price", "BTC"),
                run(texts.plain("button.market"), "cap"),
            ],
            [run(texts.plain("button.chart"), "chart", "BTC", "7d"), run(texts.plain("button.settings"), "settings")],
            [
                run(texts.plain("button.help"), "help"),
                ask(texts) if can_ask and not may_use_money and user.standing is Standing.STRANGER else None,
            ],
        ),
    )


def _access(user: User, texts: Texts, *, may_use_money: bool) -> str:
    if may_use_money:
        return texts("access.member")
    return texts(f"access.{user.standing.value}", id=str(user.id))
