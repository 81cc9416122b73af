"""Whether orders leave: the question before they do again."""

from bot.domain.replies import Reply
from bot.texts import Texts
from bot.views.keyboard import keyboard, run


def asked(*, halted: bool, unknown: int | None, texts: Texts) -> Reply:
    """`unknown`: of how many intents nobody knows what became of them; None: the desk is not held by a restore."""
    if not halted:
        return Reply(texts("halt.none"))
    question = texts("halt.ask") if unknown is None else texts.plural("halt.ask_put_back", unknown)
    return Reply(question, keyboard([run(texts.plain("button.resume"), "resume", "yes", in_place=True)]))
