"""/orders, /order, /history, /mytrades: what became of orders; /cancelorder and /coo: calling them off."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.errors import UserMistake
from bot.domain.replies import STORED, Answer, Reply
from bot.views import orders as view
from handlers import _parse as parse
from handlers._call import Call, Command

USUAL = 10
MOST = 20
MOST_IN_TABLE = 500
MOST_OPEN = 1_000
LONGEST_ID = 40


@dataclass(frozen=True, slots=True)
class Typed:
    """`[PAIR] [n] [on EXCHANGE]`, in any order; and the words again, for a button."""

    pair: str
    most: int
    vendor: str
    line: tuple[str, ...]


async def orders(call: Call) -> Reply:
    """Open ones."""
    typed = _typed(call, call.args)
    sheet = await call.services.orders.open(call.user, typed.pair, typed.vendor, typed.most)
    return view.listed(sheet, title="orders.head", none="orders.none", again=("orders", *typed.line), **call.shown)


async def history(call: Call) -> Reply:
    """Open and ended ones."""
    typed = _typed(call, call.args)
    sheet = await call.services.orders.history(call.user, typed.pair, typed.vendor, typed.most)
    return view.listed(sheet, title="history.head", none="history.none", again=("history", *typed.line), **call.shown)


async def mytrades(call: Call) -> Reply:
    """`csv`: as a table."""
    words = list(call.args)
    as_table = bool(parse.take(words, {"csv": True}))
    typed = _typed(call, words)
    most = MOST_IN_TABLE if as_table else typed.most
    sheet = await call.services.orders.trades(call.user, typed.pair, typed.vendor, most)
    if as_table and sheet.rows:
        return view.table(sheet, now=call.now, texts=call.texts)
    return view.trades(sheet, again=("mytrades", *typed.line), **call.shown)


async def order(call: Call) -> Reply:
    """One, by the exchange's id. `raw`: the exchange's own answer."""
    words = list(call.args)
    as_raw = bool(parse.take(words, {"raw": True}))
    order_id, typed = _id(words, "order"), _typed(call, words[1:])
    row = await call.services.orders.one(call.user, order_id, typed.pair, typed.vendor)
    return view.raw(row, texts=call.texts) if as_raw else view.card(row, **call.shown)


async def cancelorder(call: Call) -> Answer:
    """`ID [PAIR]`, or `all PAIR`. A card is shown first."""
    words = list(call.args)
    order_id = _id(words, "cancelorder")
    if order_id.lower() == "all":
        return await _cancel_all(call, words[1:])
    typed = _typed(call, words[1:])
    row = await call.services.orders.one(call.user, order_id, typed.pair, typed.vendor)
    where = {"symbol": row.order.symbol, "vendor": row.place.vendor, "label": row.place.label}
    await call.services.trading.offer_cancel(call.user, [row.order.id], call.mark, **where)
    return STORED


async def coo(call: Call) -> Answer:
    """All open orders, or all of a pair."""
    return await _cancel_all(call, call.args)


async def _cancel_all(call: Call, words: Sequence[str]) -> Answer:
    """A card is of one pair at one exchange; where there are several, each has its button."""
    typed = _typed(call, words)
    sheet = await call.services.orders.open(call.user, typed.pair, typed.vendor, MOST_OPEN)
    groups = Counter((row.place.vendor, row.place.label, row.order.symbol) for row in sheet.rows)
    if not groups:
        raise UserMistake("cancel.none")
    if len(groups) > 1:
        titles = {row.place.vendor: row.place.title for row in sheet.rows}
        by_pair: Counter[tuple[str, str, str]] = Counter()
        for (vendor, _, symbol), count in groups.items():
            by_pair[vendor, titles[vendor], symbol] += count
        return view.cancel_where(by_pair, silent=sheet.silent, now=call.now, texts=call.texts)
    ((vendor, label, symbol),) = groups
    await call.services.trading.offer_cancel(call.user, [], call.mark, symbol=symbol, vendor=vendor, label=label)
    return STORED


def _id(words: Sequence[str], usage: str) -> str:
    if not words or len(words[0]) > LONGEST_ID or not words[0].isascii() or not words[0].isprintable():
        raise UserMistake("order.how", usage=usage)
    return words[0]


def _typed(call: Call, args: Sequence[str]) -> Typed:
    words = list(args)
    vendor = parse.take_after(words, "on", str) or parse.take(words, call.services.markets.names) or ""
    numbers = [word for word in words if word.isascii() and word.isdecimal()]
    pairs = [word for word in words if word not in numbers]
    if len(numbers) > 1 or len(pairs) > 2 or any(len(word) > parse.LONGEST_WORD for word in pairs):
        raise UserMistake("order.how", usage=call.name if call.name in call.commands else "orders")
    most = parse.whole(numbers[0], 1, MOST) if numbers else USUAL
    pair = "/".join(pairs)
    line = (*([pair] if pair else []), *numbers, *([vendor] if vendor else []))
    return Typed(pair, most, vendor, line)


COMMANDS = (
    Command("orders", orders, aliases=("oo",), money=True),
    Command("order", order, money=True),
    Command("history", history, aliases=("th",), money=True),
    Command("mytrades", mytrades, money=True, action="upload_document"),
    Command("cancelorder", cancelorder, money=True, fresh=True),
    Command("coo", coo, money=True, fresh=True),
)
