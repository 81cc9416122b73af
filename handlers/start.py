"""/start, /help and /cancel: finding the way in, around and out."""

from collections.abc import Sequence

from bot.domain.errors import UserMistake
from bot.domain.replies import Answer, Reply
from bot.views import help as help_view
from bot.views import start as start_view
from handlers._call import Call, Command

DEEP_LINKS = {"price": 11, "chart": 4, "cap": 4, "export": 11, "help": 2, "alert": 2, "swap": 3}
"""What a link may open, and of how many words: only what shows or asks something. Whoever wrote the link chose them, so
no word of it may set an alert, or name an address.
"""


def unfolded(line: Sequence[str]) -> Sequence[str]:
    """A link's `start price_btc` is the line `price btc`; any other line stays as it is."""
    parts = [part for part in line[1].split("_") if part] if len(line) == 2 and line[0] == "start" else []
    return parts[: DEEP_LINKS[parts[0]]] if parts[:1] and parts[0] in DEEP_LINKS else line


def linked(line: Sequence[str]) -> Sequence[str]:
    """As much of a line as a link may open; nothing where it may open none of it."""
    return line[: DEEP_LINKS[line[0]]] if line[0] in DEEP_LINKS else []


async def start(call: Call) -> Answer:
    """Telegram sends it at the very first tap, so it changes nothing."""
    users = call.services.users
    may = users.may_use_money(call.user)
    return start_view.welcome(
        call.user, bot_name=call.bot_name, may_use_money=may, can_ask=users.takes_requests, texts=call.texts
    )


async def help_(call: Call) -> Reply:
    if not call.args:
        own = dict.fromkeys(c.name for c in call.commands.values() if not c.hidden and (call.admin or not c.admin))
        return help_view.overview(list(own), call.texts)
    command = call.commands.get(call.args[0].lower().removeprefix("/"))
    if command is None or command.hidden or (command.admin and not call.admin):
        raise UserMistake("help.unknown", typed=call.args[0][:32], suggestions=(("/help", "help"),))
    return help_view.one(command.name, call.texts)


async def cancel(call: Call) -> Reply:
    if not await call.services.dialogs.end(call.user.id, call.mark.address.chat_id):
        raise UserMistake("nothing.to_cancel")
    return Reply(call.texts("cancel.done"))


COMMANDS = (
    Command("start", start),
    Command("help", help_, aliases=("h",), groups=True),
    Command("cancel", cancel, express=True),
)
