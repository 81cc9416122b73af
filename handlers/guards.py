"""What guards a person: /guard, /lock, /unlock, /limits, /phrase, /secondstep, and the line with a code."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bot.domain import money
from bot.domain.errors import NotAllowed, UserMistake
from bot.domain.replies import STORED, Answer, Reply
from bot.views import guards as view
from handlers import _second_step as second_step
from handlers._call import Call, Command
from handlers._swap_line import is_number
from handlers.swap import pair_limits

_CODED = frozenset({"keys", "key", "unlock", "limits", "secondstep", "2fa", "swap", "addresses"})


async def guard(call: Call) -> Reply:
    """How it all stands, with buttons."""
    return view.card(await call.services.guards.of(call.user.id), call.texts)


async def lock(call: Call) -> Answer:
    """At once and without a question."""
    await call.services.guards.lock(call.user, call.mark)
    return STORED


async def unlock(call: Call) -> Answer:
    return await second_step.asked(call, call.services.guards.unlock(call.user, call.code, call.mark))


async def limits(call: Call) -> Answer:
    """Alone: what holds. `order 500`, `day 2000`: US dollars. Two coins: how much a swap of them takes."""
    guards = call.services.guards
    if not call.args:
        return view.limits(await guards.of(call.user.id), guards.most, call.texts)
    which = call.args[0].lower()
    if which not in {"order", "day"} and _name_coins(call.args):
        return await pair_limits(call, call.args)
    if which not in {"order", "day"}:
        raise UserMistake("limits.which", typed=which)
    amount = _usd(" ".join(call.args[1:]))
    per_order, per_day = (amount, None) if which == "order" else (None, amount)
    changing = guards.set_limits(call.user, call.code, call.mark, per_order=per_order, per_day=per_day)
    return await second_step.asked(call, changing)


async def phrase(call: Call) -> Answer:
    """Words of one's own; `off`: none. Alone: what it is, and the next line is a new one."""
    guards, words = call.services.guards, " ".join(call.args)
    if not words:
        await call.services.dialogs.ask(call.user.id, call.mark.address.chat_id, "phrase")
        return view.phrase(await guards.phrase(call.user.id), call.texts)
    await guards.choose_phrase(call.user, "" if words.lower() == "off" else words, call.mark)
    return STORED


async def secondstep(call: Call) -> Answer:
    """`on`: begins to set it up, and the next line is its first code. `off`: ends it."""
    guards, verb = call.services.guards, call.args[0].lower() if call.args else ""
    if verb == "on":
        enrolment = await guards.begin_second_step(call.user)
        await call.services.dialogs.ask(call.user.id, call.mark.address.chat_id, "code secondstep confirm :")
        return view.enrolment(enrolment, call.texts)
    if verb == "confirm":
        await guards.confirm_second_step(call.user, call.code, call.mark)
        return STORED
    if verb == "off":
        return await second_step.asked(call, guards.end_second_step(call.user, call.code, call.mark))
    return view.second_step(await guards.of(call.user.id), demanded=guards.demanded, texts=call.texts)


async def code(call: Call) -> Answer:
    """A line that waited for a code, and the code: `limits day 2000 : 123 456`."""
    line = list(call.args)
    if second_step.ENDS not in line:
        raise UserMistake("second_step.nothing_waits")
    ends = len(line) - 1 - line[::-1].index(second_step.ENDS)
    (name, *args), typed = line[:ends] or [""], "".join(line[ends + 1 :])
    if name not in _CODED:
        raise UserMistake("second_step.nothing_waits")
    if not (len(typed) == 6 and typed.isascii() and typed.isdecimal()):
        raise UserMistake("second_step.unfit")
    command = call.commands[name]
    if command.money and not call.services.users.may_use_money(call.user):
        raise NotAllowed("access.members_only")
    return await command.run(replace(call, name=name, args=tuple(args), code=typed))


def _name_coins(words: Sequence[str]) -> bool:
    return "/" in words[0] or (len(words) > 1 and not is_number(words[-1]))


def _usd(typed: str) -> Decimal:
    return money.typed(typed).quantize(Decimal("0.01"))


COMMANDS = (
    Command("guard", guard),
    Command("lock", lock, express=True),
    Command("unlock", unlock),
    Command("limits", limits),
    Command("phrase", phrase),
    Command("secondstep", secondstep, aliases=("2fa",)),
    Command("code", code, hidden=True, secret=True),
)
