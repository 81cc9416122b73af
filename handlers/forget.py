"""/forget: everything the desk has of a person goes."""

from datetime import timedelta

from bot.domain.replies import Answer, Reply
from bot.views import forget as view
from handlers._call import Call, Command

BUTTON_LIVES = timedelta(minutes=2)


async def forget(call: Call) -> Answer:
    """Alone: what will happen, and a button. `yes` with the moment it was offered at: it happens. `no`: it does not."""
    if call.args[:1] == ("no",):
        return Reply(call.texts("forget.kept"))
    accounts = call.services.accounts
    held = await accounts.all_of(call.user.id)
    if not _pressed_in_time(call):
        titles = sorted({accounts.title(one.vendor) for one in held})
        return view.card(titles, now=call.now, texts=call.texts)
    await call.services.users.forget(call.user, call.mark)
    accounts.let_go(held)
    # Not by the outbox: the row of the answer would be a trace of him.
    return Reply(call.texts("forget.done"))


def _pressed_in_time(call: Call) -> bool:
    match call.args:
        case ("yes", moment) if moment.isdecimal():
            age_s = call.now.timestamp() - int(moment)
            return -1 <= age_s <= BUTTON_LIVES.total_seconds()
    return False


COMMANDS = (Command("forget", forget),)
