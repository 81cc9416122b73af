"""Swaps: /swap in one line or step by step, /rate, /limits of a pair, /coins, /swaps, /status."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

from bot.domain import money
from bot.domain.errors import BotError, Refused, UserMistake
from bot.domain.replies import Answer, Reply
from bot.domain.swap_pairs import candidates, put_right
from bot.domain.swaps import RateKind, SwapCoin, SwapLimits
from bot.views import swap_lists as view
from bot.views import swap_stages as cards
from handlers import _swap_draft as draft
from handlers._call import Call, Command
from handlers._swap_line import is_number


async def swap(call: Call) -> Answer:
    """`0.1 btc eth 0x28C6…`; what is missing is asked for. `change <intent> [amount]`, `qr <swap>`: buttons of its
    cards.
    """
    match call.args:
        case ("change", intent, *amount) if len(amount) <= 1:
            return await draft.change(call, await call.services.swaps.wish(call.user, intent), *amount)
        case ("qr", swap_id):
            found = await call.services.swaps.status(call.user, swap_id)
            return cards.swap_code(found.values, call.texts, call.now)
    return await draft.next_step(call)


async def rate(call: Call) -> Reply:
    """Both ways: what so much of one brings of the other, and of the other, of the one.

    Why there is no rate at all comes up with the first: the way back may be closed for itself.
    """
    words = list(call.args)
    amount = money.typed(words.pop(0)) if words and is_number(words[0]) else Decimal(1)
    source, target = await pair(call, words, "rate")
    try:
        there = await call.services.swaps.rate(call.user, source.ticker, target.ticker, amount)
    except Refused as error:
        raise put_right(error, lambda fits: f"rate {fits} ={source.ticker} ={target.ticker}") from None
    return view.rate(amount, source, target, there, await _back(call, source, target, amount), call.texts)


async def pair_limits(call: Call, words: Sequence[str]) -> Reply:
    """How much of the first coin a swap takes, floating and fixed. Why it takes none comes up with the first kind."""
    source, target = await pair(call, words, "limits")
    swaps = call.services.swaps
    found: dict[RateKind, SwapLimits | None] = {}
    for kind in RateKind if swaps.traits and swaps.traits.fixed else (RateKind.FLOAT,):
        try:
            found[kind] = await swaps.limits(call.user, source.ticker, target.ticker, kind)
        except Refused:
            if kind is RateKind.FLOAT:
                raise
            found[kind] = None
    return view.limits(source, target, found, call.texts)


async def coins(call: Call) -> Reply:
    search = " ".join(call.args)
    return view.coins(await call.services.swaps.coins(search), search, call.texts)


async def swaps(call: Call) -> Reply:
    if call.args[:1] == ("csv",):
        # Ten thousand rows take 130 ms to write.
        return await asyncio.to_thread(view.table, await call.services.swaps.export(call.user), call.texts)
    return view.listed(await call.services.swaps.list(call.user), **call.shown)


async def status(call: Call) -> Reply:
    """The latest swap, or the one whose id begins so."""
    found = await call.services.swaps.status(call.user, call.args[0] if call.args else "")
    return view.status(found, **call.shown)


async def pair(call: Call, words: Sequence[str], usage: str) -> tuple[SwapCoin, SwapCoin]:
    """Raises UserMistake where a word is no coin, or a coin on several networks: then with a button for each."""
    named = [word for word in words if word.lower() not in {"to", "in", "/"}]
    if len(named) == 1:
        named = named[0].replace("/", " ").replace("-", " ").split()
    if len(named) != 2:
        raise UserMistake("swap.how", usage=usage)
    return await _one(call, named, 0), await _one(call, named, 1)


async def _one(call: Call, words: Sequence[str], at: int) -> SwapCoin:
    found = candidates(words[at], await call.services.swaps.coins())
    if len(found) > 1:
        lines = [[*words[:at], f"={coin.ticker}", *words[at + 1 :]] for coin in found]
        choices = tuple((line[at][1:].upper(), " ".join([call.name, *line])) for line in lines)
        raise UserMistake("swap.which_network", coin=words[at].upper(), suggestions=choices)
    return found[0] if found else await call.services.swaps.coin(words[at].removeprefix("="))


async def _back(call: Call, source: SwapCoin, target: SwapCoin, amount: Decimal) -> Decimal | None:
    try:
        return await call.services.swaps.rate(call.user, source.ticker, target.ticker, amount, reverse=True)
    except BotError:
        return None


COMMANDS = (
    Command("swap", swap, money=True, fresh=True),
    Command("rate", rate),
    Command("coins", coins),
    Command("swaps", swaps, money=True),
    Command("status", status, money=True),
)
