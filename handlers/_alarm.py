"""What is done about a secret that nobody asked for."""

from collections.abc import Mapping
from typing import Any

import structlog

from bot.domain.notices import Address
from bot.telegram.sending import Outcome, Sender
from bot.texts import Texts
from bot.views import alarms
from handlers._tripwire import Secret

log = structlog.get_logger(__name__)


async def alarm(sender: Sender, message: Mapping[str, Any], kind: Secret, texts: Texts) -> Outcome:
    """The message goes where that is allowed; one word of warning, which repeats nothing of it."""
    chat, message_id = message["chat"], message["message_id"]
    gone = await sender.delete(chat["id"], message_id)
    log.warning("tripwire", kind=kind.value, gone=gone)
    word = alarms.warning(kind, gone=gone, private=chat["type"] == "private", texts=texts)
    return await sender.send(Address(chat["id"], 0 if gone else message_id), word)
