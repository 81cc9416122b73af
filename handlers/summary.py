"""/summary: the market in a few lines, now or by the clock; /subscribe: who gets it, and how often."""

from collections.abc import Sequence

from bot.domain.errors import NotAllowed, UserMistake
from bot.domain.readers import Pace
from bot.domain.replies import STORED, Answer
from bot.domain.schedules import Schedule
from bot.domain.telling import Loudness
from bot.views import summaries as view
from handlers import _moment as moment
from handlers import _parse as parse
from handlers._call import Call, Command

OF_ADMINS = {"daily", "weekly", "list", "drop", "all"}


async def summary(call: Call) -> Answer:
    """`now`: for anyone. `daily 09:00 Europe/Berlin`, `weekly mon 09:00`, `list`, `drop 3`; `all`: a draft of it."""
    verb, *words = [word.lower() for word in call.args] or ["now"]
    if verb in OF_ADMINS and not call.admin:
        raise NotAllowed("summary.admins")
    match verb:
        case "now":
            ready = await call.services.summaries.now()
            return view.on_request(ready.values, ready.picture, admin=call.admin, **call.shown)
        case "daily" | "weekly":
            await _schedule(call, verb, call.args[1:])
        case "list":
            return view.schedules((await call.services.summaries.schedules()).values, call.texts, call.now)
        case "drop":
            number = parse.whole(words[0] if words else "", 1, 10**9)
            await call.services.summaries.drop(call.user, number, call.mark)
        case "all":
            await _draft(call)
        case _:
            raise UserMistake("summary.how", usage="summary")
    return STORED


async def _schedule(call: Call, verb: str, words: Sequence[str]) -> None:
    rest = list(words)
    at, weekday = moment.clock(rest), moment.weekday(rest) if verb == "weekly" else None
    if verb == "weekly" and weekday is None:
        raise UserMistake("summary.how", usage="summary")
    zone = parse.zone(" ".join(rest)) if rest else call.zone
    await call.services.summaries.schedule(call.user, Schedule(0, weekday, at, zone), call.mark)


async def _draft(call: Call) -> None:
    ready = await call.services.summaries.now()
    shown = view.with_picture(ready.values | {"zone": call.zone}, ready.picture, now=call.now, texts=call.texts)
    await call.services.broadcasts.draft_summary(call.user, ready.values, ready.picture, shown, call.mark)


async def subscribe(call: Call) -> Answer:
    """Alone, or `each`: every summary. `weekly`: one a week. `fewer`. `off`. `mute`: nothing for 24 hours. `news off`:
    of what admins send to all.
    """
    readers, words = call.services.readers, [word.lower() for word in call.args] or [Pace.EACH]
    match words:
        case ["fewer"]:
            await readers.fewer(call.user, call.mark)
        case ["mute"]:
            await readers.mute(call.user, call.mark)
        case ["news", loudness] if loudness in set(Loudness):
            await readers.choose_broadcasts(call.user, Loudness(loudness), call.mark)
        case [pace] if pace in set(Pace):
            await readers.subscribe(call.user, Pace(pace), call.mark)
        case _:
            raise UserMistake("subscribe.how", usage="subscribe")
    return STORED


COMMANDS = (
    Command("summary", summary, action="upload_photo"),
    Command("subscribe", subscribe),
)
