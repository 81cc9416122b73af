"""/keys: a person's keys at exchanges. Connect, look at, check, rename, replace, disconnect."""

from collections.abc import Awaitable, Callable, Mapping

from bot.domain.errors import UserMistake
from bot.domain.replies import STORED, Answer, Reply
from bot.views import keys as view
from handlers import _second_step as second_step
from handlers._call import Call, Command


async def keys(call: Call) -> Answer:
    """Alone: the list. An id: that key. `add`, `check`, `name`, `replace`, `drop`, or as a button says it: that."""
    verb, rest = (call.args[0].lower(), call.args[1:]) if call.args else ("", ())
    if not verb:
        accounts = call.services.accounts
        return view.listed(await accounts.all_of(call.user.id), accounts.titles, call.texts)
    if run := _VERBS.get(verb):
        return await run(call, *rest)
    return await _look(call, verb)


async def keyin(call: Call) -> Answer:
    """The line with a key, after it was asked for in the chat: the token of the invitation, then the key's parts."""
    handover, (token, *words) = call.services.handover, call.args or ("",)
    wanted = await handover.fields(token)
    if len(words) != len(wanted):
        raise UserMistake("keyin.parts", count=len(wanted), given=len(words))
    await handover.take(token, dict(zip(wanted, words, strict=True)), call.mark)
    return STORED


async def _add(call: Call, vendor: str = "", *label: str) -> Answer:
    if not vendor:
        return view.which(call.services.accounts.vendors, call.texts)
    inviting = call.services.handover.invite(call.user, vendor, " ".join(label), call.code, call.mark)
    return await second_step.asked(call, inviting)


async def _replace(call: Call, account_id: str = "") -> Answer:
    inviting = call.services.handover.invite(call.user, "", "", call.code, call.mark, replaces=account_id or "-")
    return await second_step.asked(call, inviting)


async def _look(call: Call, account_id: str = "") -> Reply:
    accounts = call.services.accounts
    held = await accounts.get(call.user.id, account_id)
    return view.card(held, accounts.title(held.vendor), **call.shown)


async def _check(call: Call, account_id: str = "") -> Reply:
    accounts = call.services.accounts
    held = await accounts.check(await accounts.get(call.user.id, account_id))
    return view.card(held, accounts.title(held.vendor), **call.shown)


async def _name(call: Call, account_id: str = "", *label: str) -> Answer:
    accounts = call.services.accounts
    held = await accounts.get(call.user.id, account_id)
    if not label:
        await call.services.dialogs.ask(call.user.id, call.mark.address.chat_id, f"keys name {held.id}")
        return Reply(call.texts("keys.ask_name", label=held.label))
    await accounts.rename(call.user, held.id, " ".join(label), call.mark)
    return STORED


async def _drop(call: Call, account_id: str = "", sure: str = "") -> Answer:
    accounts = call.services.accounts
    held = await accounts.get(call.user.id, account_id)
    if sure != "yes":
        watched = await accounts.watched(held.id)
        return view.drop(held, accounts.title(held.vendor), watched=watched, texts=call.texts)
    await accounts.drop(call.user, held.id, call.mark)
    return STORED


_VERBS: Mapping[str, Callable[..., Awaitable[Answer]]] = {
    "add": _add,
    "connect": _add,
    "check": _check,
    "name": _name,
    "rename": _name,
    "replace": _replace,
    "drop": _drop,
    "disconnect": _drop,
}

COMMANDS = (
    Command("keys", keys, aliases=("key",), money=True),
    Command("keyin", keyin, money=True, hidden=True, secret=True, takes_key=True),
)
