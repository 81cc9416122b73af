"""Before a person is forgotten: what goes, what stays elsewhere, and two buttons."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.replies import Reply
from bot.texts import Texts
from bot.texts.names import label
from bot.views.keyboard import keyboard, run


def card(exchanges: Sequence[str], *, now: datetime, texts: Texts) -> Reply:
    """`exchanges`: where he has keys. The button holds for as long as the handler takes the moment in it for fresh."""
    keys = texts("forget.revoke", exchanges=", ".join(map(label, exchanges))) if exchanges else ""
    text = "\n\n".join(filter(None, [texts("forget.card"), keys, texts("forget.sure")]))
    yes = run(texts.plain("button.forget"), "forget", "yes", str(int(now.timestamp())), in_place=True)
    return Reply(text, keyboard([yes, run(texts.plain("button.keep"), "forget", "no", in_place=True)]))
