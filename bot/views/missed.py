"""What did not come as a message of its own, one line each."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.replies import Reply
from bot.domain.telling import Untold
from bot.texts import Texts
from bot.views import notices
from bot.views.keyboard import keyboard, run

PAGE = 10
_SIGNS = {"digested": "🗂", "muted": "🔕", "gone": "📪", "failed": "❌"}


def page(rows: Sequence[Untold], count: int, number: int, *, now: datetime, texts: Texts, zone: str) -> Reply:
    """`number` from 0; `count` of all there are."""
    notify = run(texts.plain("button.notify"), "notify")
    if not rows:
        return Reply(texts("missed.none"), keyboard([notify]))
    lines = [f"{_SIGNS.get(row.state, '')} {notices.line(row.at, row.notice, texts, now, zone)}" for row in rows]
    signs = {row.state for row in rows}
    why = [f"{sign} {texts(f'missed.{state}')}" for state, sign in _SIGNS.items() if state in signs]
    head = texts.plural("missed.head", count)
    before = run(f"◀ {number}", "missed", str(number), in_place=True) if number else None
    after = run(f"{number + 2} ▶", "missed", str(number + 2), in_place=True) if count > (number + 1) * PAGE else None
    return Reply("\n".join([head, *lines, "", *why]), keyboard([before, after], [notify]))
