"""An order put together step by step. A draft is a command line that grows by a word a step: buttons and the question
for the next line carry it, so a restart forgets nothing.

    trade [exchange [pair [buy|sell [margin] [amount [unit] [price|market]]]]]
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.domain.accounts import Held
from bot.domain.errors import UserMistake
from bot.domain.orders import Market, Side, Wallet
from bot.domain.replies import STORED, Answer, Reply
from bot.views import trade as view
from handlers import _order_line
from handlers import _parse as parse
from handlers._call import Call

USUAL_PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT", "BTC/USD", "ETH/USD", "XRP/USDT")
SIDES = {side.value: side for side in Side}


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known so far; `line` are the words that say so."""

    line: tuple[str, ...]
    held: Held
    market: Market | None = None
    side: Side | None = None
    wallet: Wallet = Wallet.SPOT
    size: _order_line.Size | None = None
    priced: bool = False
    price: Decimal | None = None


async def next_step(call: Call) -> Answer:
    """Asks for what is missing; with nothing missing, the order is offered."""
    words = list(call.args)
    if not words:
        own = await _vendors(call)
        if len(own) != 1:
            return await _asked(call, (), view.exchanges(own, texts=call.texts))
        words = list(own)
    draft = await _read(call, words)
    if draft.market is None:
        return await _asked(call, draft.line, await _pairs(call, draft))
    if draft.side is None:
        return await _asked(call, draft.line, await _sides(call, draft, draft.market))
    if draft.size is None:
        return await _asked(call, draft.line, view.amounts(draft.line, draft.market, draft.side, texts=call.texts))
    if not draft.priced:
        return await _asked(call, draft.line, await _prices(call, draft, draft.market))
    wish = _order_line.wish(draft.side, draft.market, draft.held, draft.size, draft.price, draft.wallet)
    await call.services.trading.offer(call.user, wish, call.mark)
    await call.services.dialogs.end(call.user.id, call.mark.address.chat_id)
    return STORED


async def _asked(call: Call, line: Sequence[str], reply: Reply) -> Reply:
    """Also a typed line answers the step."""
    await call.services.dialogs.ask(call.user.id, call.mark.address.chat_id, " ".join(["trade", *line]))
    return reply


async def _vendors(call: Call) -> dict[str, str]:
    """His exchanges, by their own names, with their titles. Raises UserMistake where he has no key."""
    on = call.services.markets.traits
    own = [held for held in await call.services.accounts.all_of(call.user.id) if held.vendor in on]
    if not own:
        await call.services.accounts.of(call.user.id)  # its own words for having none
    return {held.vendor: on[held.vendor].title for held in own}


async def _read(call: Call, words: list[str]) -> Draft:
    """Raises UserMistake at the first word that does not fit its step."""
    wallet = parse.take(words, {"margin": Wallet.MARGIN}) or Wallet.SPOT
    held = await call.services.accounts.of(call.user.id, words.pop(0))
    draft = Draft((held.vendor,), held, wallet=wallet)
    if not words:
        return draft
    sides = [at for at, word in enumerate(words) if word.lower() in SIDES]
    upto = sides[0] if sides else len(words)
    _, market = await call.services.markets.find("/".join(words[:upto]), held.vendor)
    draft = replace(draft, market=market, line=(*draft.line, market.symbol))
    if not sides:
        return draft
    side = SIDES[words[upto].lower()]
    on_margin = ("margin",) if wallet is Wallet.MARGIN else ()
    return _sized(replace(draft, side=side, line=(*draft.line, side.value, *on_margin)), market, words[upto + 1 :])


def _sized(draft: Draft, market: Market, words: list[str]) -> Draft:
    """`0.01`, `100 usdt`, `25%`, and behind it the price."""
    if not words:
        return draft
    size, *rest = words
    found = _order_line.size(size, " ".join(["trade", *draft.line, *words]))
    line = (*draft.line, size)
    if rest and rest[0].upper() in {market.base, market.quote}:
        unit = rest.pop(0).upper()
        found, line = replace(found, unit=unit), (*line, unit)
    draft = replace(draft, size=found, line=line)
    rest = [word for word in rest if word != "@"]
    if not rest:
        return draft
    if len(rest) > 1:
        raise UserMistake("order.how", usage="trade")
    if rest[0].lower() in {"market", "now"}:
        return replace(draft, priced=True)
    price = _order_line.number(rest[0], " ".join(["trade", *draft.line, *rest]))
    return replace(draft, priced=True, price=price)


async def _pairs(call: Call, draft: Draft) -> Reply:
    known = [pair for pair in USUAL_PAIRS if await call.services.markets.knows(pair, draft.held.vendor)]
    title = call.services.markets.traits[draft.held.vendor].title
    return view.pairs(draft.line, title, known, texts=call.texts)


async def _sides(call: Call, draft: Draft, market: Market) -> Reply:
    traits = call.services.markets.traits[draft.held.vendor]
    ticker = await call.services.markets.ticker(draft.held.vendor, market.symbol)
    margin = market.margin and Wallet.MARGIN in traits.wallets
    return view.sides(draft.line, traits.title, market, ticker, margin=margin, **call.shown)


async def _prices(call: Call, draft: Draft, market: Market) -> Reply:
    ticker = await call.services.markets.ticker(draft.held.vendor, market.symbol)
    return view.prices(draft.line, market, draft.side or Side.BUY, ticker, **call.shown)
