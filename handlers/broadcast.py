"""/broadcast for admins: one message to many, from its draft to its recall."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from bot.domain.broadcasts import Broadcast, Original, Role
from bot.domain.errors import UserMistake
from bot.domain.replies import STORED, Answer, Reply
from bot.views import broadcasts as view
from bot.views import summaries as summary_view
from handlers import _moment as moment
from handlers import _parse as parse
from handlers._call import Call, Command
from handlers._tripwire import secret_in

LISTED = 10
ACTIVE = (0, 7, 30)
LATEST_S = 10**11
T = TypeVar("T")


async def broadcast(call: Call) -> Answer:
    """Alone: the next message is what is sent. In answer to a message: that one. `list`: those there were.

    All else is said by buttons, and by questions that wait.
    """
    verb, words = (call.args[0].lower(), call.args[1:]) if call.args else ("take", ())
    act = ACTS.get(verb)
    if act is None:
        raise UserMistake("broadcast.how", usage="broadcast")
    return await act(call, words)


async def _take(call: Call, _: Sequence[str]) -> Answer:
    """A line that begins with a slash asks; any other message answers."""
    original = call.replied if _is_command(call) else call.original
    if original is None:
        await call.services.broadcasts.ask(call.user, call.mark)
    else:
        await call.services.broadcasts.draft(call.user, _clean(original), call.mark)
    return STORED


async def _list(call: Call, _: Sequence[str]) -> Reply:
    return view.listed(await call.services.broadcasts.latest(LISTED), now=call.now, texts=call.texts, zone=call.zone)


async def _show(call: Call, words: Sequence[str]) -> Answer:
    await call.services.broadcasts.show(_id(words), call.mark)
    return STORED


async def _language(call: Call, words: Sequence[str]) -> Answer:
    return await _turned(call, words, "language", ("", *call.catalogue.languages))


async def _role(call: Call, words: Sequence[str]) -> Answer:
    return await _turned(call, words, "role", tuple(Role))


async def _active(call: Call, words: Sequence[str]) -> Answer:
    return await _turned(call, words, "active_days", ACTIVE)


async def _sound(call: Call, words: Sequence[str]) -> Answer:
    await call.services.broadcasts.change(_id(words), call.mark, lambda found: replace(found, silent=not found.silent))
    return STORED


async def _turned(call: Call, words: Sequence[str], part: str, ways: Sequence[T]) -> Answer:
    """The next of the ways that this part of the audience can be."""

    def turned(found: Broadcast) -> Broadcast:
        audience = found.audience
        return replace(found, audience=replace(audience, **{part: _next(ways, getattr(audience, part))}))

    await call.services.broadcasts.change(_id(words), call.mark, turned)
    return STORED


async def _try_out(call: Call, words: Sequence[str]) -> Answer:
    ready = await call.services.broadcasts.try_out(call.user, _id(words))
    if ready is None:
        return Reply(call.texts("broadcast.tried"))
    values, picture = ready
    return summary_view.with_picture(values | {"zone": call.zone}, picture, now=call.now, texts=call.texts)


async def _go(call: Call, words: Sequence[str]) -> Answer:
    """`ID`, and where the question for the number was asked: the number, and what was typed."""
    shown, typed = _typed(words[1:])
    await call.services.broadcasts.send(call.user, _id(words), call.mark, typed, shown)
    return STORED


async def _at(call: Call, words: Sequence[str]) -> Answer:
    """`ID`: a question. `ID 2026-11-24 09:00 Europe/Berlin`: scheduled for then."""
    if len(words) < 2:
        await call.services.broadcasts.ask_when(call.user, _id(words), call.mark)
        return STORED
    when, zone = moment.read(words[1:], now=call.now, zone=call.zone)
    await call.services.broadcasts.schedule(call.user, _id(words), when, zone, call.mark)
    return STORED


async def _plan(call: Call, words: Sequence[str]) -> Answer:
    """`ID SECONDS ZONE NUMBER TYPED`: the answer to the question for the number."""
    if len(words) < 3:
        raise UserMistake("broadcast.how", usage="broadcast")
    when = datetime.fromtimestamp(parse.whole(words[1], 0, LATEST_S), UTC)
    shown, typed = _typed(words[3:])
    await call.services.broadcasts.schedule(call.user, _id(words), when, parse.zone(words[2]), call.mark, typed, shown)
    return STORED


async def _amend(call: Call, words: Sequence[str]) -> Answer:
    if call.original is None or _is_command(call):
        raise UserMistake("broadcast.how", usage="broadcast")
    word = call.texts.plain("broadcast.mark")
    await call.services.broadcasts.amend(call.user, _id(words), _clean(call.original), word, call.mark)
    return STORED


async def _correct(call: Call, words: Sequence[str]) -> Answer:
    """`ID`: the next message is the correction. `ID yes`: what was shown takes the place of each copy."""
    services = call.services.broadcasts
    done = services.correct if tuple(words[1:]) == ("yes",) else services.ask_correction
    await done(call.user, _id(words), call.mark)
    return STORED


async def _recall(call: Call, words: Sequence[str]) -> Answer:
    """`ID`: a question. `ID yes`: done."""
    if tuple(words[1:]) != ("yes",):
        return view.recall_asked(_id(words), texts=call.texts)
    await call.services.broadcasts.recall(call.user, _id(words), call.mark)
    return STORED


async def _again(call: Call, words: Sequence[str]) -> Answer:
    """`ID`: to the uncertain. `ID rest`: to who was left when it was stopped."""
    rest = tuple(words[1:]) == ("rest",)
    await call.services.broadcasts.again(call.user, _id(words), call.mark, all_left=rest)
    return STORED


async def _stop(call: Call, words: Sequence[str]) -> Answer:
    await call.services.broadcasts.stop(call.user, _id(words), call.mark)
    return STORED


async def _cancel(call: Call, words: Sequence[str]) -> Answer:
    await call.services.broadcasts.cancel(call.user, _id(words), call.mark)
    return STORED


ACTS: Mapping[str, Callable[[Call, Sequence[str]], Awaitable[Answer]]] = {
    "take": _take,
    "list": _list,
    "show": _show,
    "lang": _language,
    "who": _role,
    "active": _active,
    "sound": _sound,
    "me": _try_out,
    "go": _go,
    "at": _at,
    "plan": _plan,
    "amend": _amend,
    "correct": _correct,
    "recall": _recall,
    "again": _again,
    "stop": _stop,
    "cancel": _cancel,
}


def _id(words: Sequence[str]) -> str:
    if not words or len(words[0]) > 16:
        raise UserMistake("broadcast.no_such")
    return words[0]


def _typed(words: Sequence[str]) -> tuple[int, str]:
    """The number that was shown, and what was typed for it: a separator of thousands is no mistake."""
    if not words:
        return 0, ""
    return parse.whole(words[0], 0, 10**9), "".join(words[1:]).replace(",", "").replace(".", "")[:20]


def _is_command(call: Call) -> bool:
    return call.original is None or str(call.original.content.get("text", "")).startswith("/")


def _clean(original: Original) -> Original:
    """What is typed for it has been looked at; what it points to may be from long ago."""
    if secret_in({"message": {**original.content, "document": {}}}):
        raise UserMistake("broadcast.secret")
    return original


def _next(ways: Sequence[T], now: T) -> T:
    return ways[(ways.index(now) + 1) % len(ways)] if now in ways else ways[0]


COMMANDS = (Command("broadcast", broadcast, admin=True, takes_message=True),)
