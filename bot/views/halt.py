"""Whether orders leave: the question before they do again."""

from bot.domain.replies import Reply
from bot.texts import Texts
from bot.views.keyboard import keyboard, run


def asked(*, halted: bool, texts: Texts) -> Reply:
    if not halted:
        return Reply(texts("halt.none"))
    return Reply(texts("halt.ask"), keyboard([run(texts.plain("button.resume"), "resume", "yes", in_place=True)]))
