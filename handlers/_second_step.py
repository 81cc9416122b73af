"""The question for a code of the second step: asked in the chat, its answer completes the command."""

from collections.abc import Awaitable

from bot.domain.replies import STORED, Answer, Reply
from bot.services.second_step import CodeNeeded
from handlers._call import Call

ENDS = ":"
"""Stands between the command and the code that is typed for it."""


async def asked(call: Call, act: Awaitable[None]) -> Answer:
    """STORED once `act` is done; where it needs a code first, the question for one."""
    try:
        await act
    except CodeNeeded:
        line = " ".join(["code", call.name, *call.args, ENDS])
        await call.services.dialogs.ask(call.user.id, call.mark.address.chat_id, line)
        return Reply(call.texts("second_step.ask"))
    return STORED
