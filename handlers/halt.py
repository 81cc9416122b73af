"""/halt and /resume for admins: whether orders leave at all."""

from bot.domain.replies import STORED, Answer
from bot.views import halt as view
from handlers._call import Call, Command


async def halt(call: Call) -> Answer:
    """At once: who halts has no time for questions."""
    await call.services.trading.halt(call.user, call.mark)
    return STORED


async def resume(call: Call) -> Answer:
    """Alone: a question. `yes`: orders leave again."""
    if call.args[:1] == ("yes",):
        await call.services.trading.resume(call.user, call.mark)
        return STORED
    halted, unknown = await call.services.trading.halted(), await call.services.put_back.unknown()
    return view.asked(halted=halted, unknown=unknown, texts=call.texts)


COMMANDS = (
    Command("halt", halt, admin=True, express=True),
    Command("resume", resume, admin=True),
)
