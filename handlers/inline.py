"""`@bot btc` in any chat: cards to choose from."""

from bot.domain.replies import InlineReply
from bot.views import inline as view
from handlers._call import Call

MOST_CARDS = 10


async def inline(call: Call) -> InlineReply:
    """What was typed so far is the whole of `args`."""
    found = await call.services.prices.matching(" ".join(call.args)[:64], MOST_CARDS)
    stale = any(one.stale for one in found)
    return view.reply([one.quote for one in found], stale=stale, **call.shown)


COMMANDS = ()
