"""How one is told: /notify (how loudly), /quiet (when not), /missed (what did not come)."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import time

from bot.domain.errors import UserMistake
from bot.domain.replies import STORED, Answer, Reply
from bot.domain.telling import CHOSEN, Loudness, Quiet, Topic
from bot.services.telling import LONGEST_PAUSE_H, told_of
from bot.views import missed as missed_view
from bot.views import telling as view
from handlers import _parse as parse
from handlers._call import Call, Command

TOPICS: Mapping[str, Topic] = {topic.value: topic for topic in CHOSEN} | {
    "orders": Topic.FILLS,
    "swap": Topic.SWAPS,
    "alert": Topic.ALERTS,
    "summary": Topic.SUMMARIES,
    "broadcast": Topic.BROADCASTS,
}
LOUDNESS: Mapping[str, Loudness] = {each.value: each for each in Loudness} | {"on": Loudness.LOUD}
MODES = {"hold": True, "silent": False}
_HOURS = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|—|to|\s)\s*(\d{1,2})(?:[:.](\d{2}))?", re.ASCII)


async def notify(call: Call) -> Answer:
    """Alone: how it all stands. `fills silent`; `alerts off 8h`: for so long."""
    telling, words = call.services.telling, [word.lower() for word in call.args]
    if not words:
        return view.card(told_of(await telling.wishes(call.user.id)), call.texts)
    topic, loudness = parse.take(words, TOPICS), parse.take(words, LOUDNESS)
    if topic is None or loudness is None or len(words) > (loudness is Loudness.OFF):
        raise UserMistake("notify.unreadable", typed=" ".join(call.args), usage="notify")
    if words:
        await telling.pause(call.user, topic, _hours(words[0]), call.mark)
    else:
        await telling.choose(call.user, topic, loudness, call.mark)
    return STORED


async def quiet(call: Call) -> Answer:
    """Alone: how it stands. `23:00-07:00`, and `hold` or `silent`; `off`."""
    telling, words = call.services.telling, [word.lower() for word in call.args]
    wishes = await telling.wishes(call.user.id)
    if not words:
        return view.quiet_card(told_of(wishes), call.texts)
    if words == ["off"]:
        await telling.choose_quiet(call.user, None, call.mark)
        return STORED
    holds = parse.take(words, MODES)
    hours = _read(" ".join(words), call) if words or not wishes.quiet else wishes.quiet
    kept = wishes.quiet.holds if wishes.quiet else False
    await telling.choose_quiet(call.user, replace(hours, holds=kept if holds is None else holds), call.mark)
    return STORED


async def missed(call: Call) -> Reply:
    """`2`: its second page."""
    page = parse.whole(call.args[0], 1, 10_000) - 1 if call.args else 0
    rows, count = await call.services.telling.missed(call.user.id, missed_view.PAGE, page)
    return missed_view.page(rows, count, page, **call.shown)


def _read(typed: str, call: Call) -> Quiet:
    """Raises UserMistake, also for hours from a time to the same: nobody can tell whether that is all day or never."""
    found = _HOURS.fullmatch(typed)
    try:
        if found:
            start, end = _time(found[1], found[2]), _time(found[3], found[4])
            if start != end:
                return Quiet(start, end)
    except ValueError:
        pass
    raise UserMistake("quiet.unreadable", typed=" ".join(call.args), usage="quiet")


def _time(hour: str, minute: str | None) -> time:
    """Raises ValueError. 24 is midnight."""
    return time(0 if hour == "24" and not int(minute or 0) else int(hour), int(minute or 0))


def _hours(typed: str) -> int:
    number, unit = typed[:-1], typed[-1:]
    if unit not in {"h", "d"}:
        raise UserMistake("notify.pause_unreadable", typed=typed, usage="notify")
    each = 24 if unit == "d" else 1
    return parse.whole(number, 1, LONGEST_PAUSE_H // each) * each


COMMANDS = (
    Command("notify", notify, aliases=("notifications",)),
    Command("quiet", quiet),
    Command("missed", missed),
)
