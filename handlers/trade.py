"""/buy, /sell and /trade: an order, typed in one line or put together step by step; and the buttons of its card."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.accounts import Held
from bot.domain.errors import UserMistake
from bot.domain.orders import Market, Side
from bot.domain.replies import STORED, Answer
from handlers import _draft, _order_line
from handlers._call import Call, Command


async def buy(call: Call) -> Answer:
    """`0.01 BTC/USDT`, `100 usdt BTC/USDT @ 60000`, `25% eth/usdt on bitfinex margin`."""
    return await _offer(call, Side.BUY)


async def sell(call: Call) -> Answer:
    return await _offer(call, Side.SELL)


async def _offer(call: Call, side: Side) -> Answer:
    line = _order_line.read(side.value, call.args, call.services.markets.names)
    held = await call.services.accounts.of(call.user.id, line.vendor)
    market, unit = await _meant(call, line.words, held)
    size = replace(line.size, unit=line.size.unit or unit.upper())
    wallet = _order_line.wallet(line, held.vendor)
    wish = _order_line.wish(side, market, held, size, line.price, wallet)
    await call.services.trading.offer(call.user, wish, call.mark)
    return STORED


async def _meant(call: Call, words: Sequence[str], held: Held) -> tuple[Market, str]:
    """The pair, and the word that says in which of its assets the number counts, if one does: `btc/usdt`, `btc usdt`;
    `usdt btc/usdt`, `usdt btc usdt`, `usdt btc`.
    """
    markets, vendor = call.services.markets, held.vendor
    unit, pair = "", "/".join(words)
    if len(words) == 3:
        unit, pair = words[0], "/".join(words[1:])
    elif len(words) == 2 and not await markets.knows(pair, vendor):
        unit, pair = words
        turned = f"{pair}/{unit}"
        pair = turned if await markets.knows(turned, vendor) else pair
    return (await markets.find(pair, vendor))[1], unit


async def trade(call: Call) -> Answer:
    """Each step is a line with one more word: what is known so far stands in its buttons and in the question."""
    return await _draft.next_step(call)


async def confirm(call: Call) -> Answer:
    await call.services.trading.confirm(call.user, _intent(call), call.mark)
    return STORED


async def dismiss(call: Call) -> Answer:
    await call.services.trading.dismiss(call.user, _intent(call), call.mark)
    return STORED


async def again(call: Call) -> Answer:
    await call.services.trading.again(call.user, _intent(call), call.mark)
    return STORED


def _intent(call: Call) -> str:
    if len(call.args) != 1 or len(call.args[0]) > 40:
        raise UserMistake("intent.no_such")
    return call.args[0]


COMMANDS = (
    Command("buy", buy, money=True, fresh=True),
    Command("sell", sell, money=True, fresh=True),
    Command("trade", trade, money=True, fresh=True),
    Command("confirm", confirm, hidden=True, money=True, fresh=True, express=True),
    Command("dismiss", dismiss, hidden=True, money=True, express=True),
    Command("again", again, hidden=True, money=True, fresh=True),
)
