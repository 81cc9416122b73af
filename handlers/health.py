"""/health for admins: how the desk is."""

from bot.domain.replies import Reply
from bot.views import health as view
from handlers._call import Call, Command


async def health(call: Call) -> Reply:
    return view.card(await call.services.health.look(), texts=call.texts)


COMMANDS = (Command("health", health, admin=True),)
