"""The audit in words: who did what, when."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.domain.audit import Line
from bot.domain.replies import Reply
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.views.keyboard import keyboard, run

_LONGEST = 40


def listed(
    lines: Sequence[Line],
    *,
    whole: bool,
    reader: int,
    page: int,
    pages: int,
    now: datetime,
    texts: Texts,
    zone: str = "",
) -> Reply:
    """One page, counted from 1, newest first. `whole`: everybody's. `reader`: whose own acts need no name."""
    if not lines:
        return Reply(texts("audit.none"))
    head = texts("audit.head_all" if whole else "audit.head", page=str(page), pages=str(pages))
    rows = [_line(line, reader, now=now, texts=texts, zone=zone) for line in lines]
    all_ = ["all"] if whole else []
    turns = [
        run(f"◀ {page - 1}", "audit", *all_, str(page - 1), in_place=True) if page > 1 else None,
        run(f"{page + 1} ▶", "audit", *all_, str(page + 1), in_place=True) if page < pages else None,
    ]
    return Reply("\n".join([head, *rows]), keyboard(turns))


def _line(line: Line, reader: int, *, now: datetime, texts: Texts, zone: str) -> Html:
    at = texts.times.at(datetime.fromtimestamp(line.at_ms / 1000, UTC), now=now, zone=zone)
    # What somebody did for himself is nobody else's to know in detail, not even an owner's.
    his_own = line.by_id == line.user_id != reader
    values = {name: "…" if his_own else label(str(value), _LONGEST) for name, value in line.details.items()}
    act = f"audit.act.{line.act}"
    what = texts(act, **values) if texts.has(act) else texts("audit.other", act=label(line.act, _LONGEST))
    by = _name(line.by, line.by_id, reader, texts)
    if line.user_id in {0, line.by_id}:
        return texts("audit.line", at=at, by=by, what=what)
    about = _name(line.about, line.user_id, reader, texts)
    return texts("audit.line_about", at=at, by=by, what=what, about=about)


def _name(name: str, user_id: int, reader: int, texts: Texts) -> str:
    if user_id == reader:
        return texts.plain("audit.you")
    if not user_id:
        return texts.plain("audit.forgotten")
    return f"{label(name, _LONGEST)} ({user_id})" if name else str(user_id)
