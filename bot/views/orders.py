"""Orders and trades as lists, one order as a card, and trades as a table to take away."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from html import escape

from bot.domain.balances import Silent
from bot.domain.order_lists import Done, Listed, OrderSheet, Place, TradeSheet
from bot.domain.orders import Order, OrderState, Trade
from bot.domain.replies import Button, Document, Reply
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.texts.numbers import UNKNOWN, known
from bot.views import errors
from bot.views.keyboard import grid, keyboard, run
from bot.views.order_words import amount, exact, number, of_order, progress, side, state

_MOST_IN_LIST = 20
_MOST_BUTTONS = 12
_LONGEST_RAW = 3_000
_COLUMNS = (
    "time_utc", "exchange", "symbol", "side", "price", "amount", "cost", "fee", "fee_asset", "order_id", "trade_id",
)  # fmt: skip


def listed(
    sheet: OrderSheet, *, title: str, none: str, again: Sequence[str], now: datetime, texts: Texts, zone: str = ""
) -> Reply:
    """`title`: the key of the head, with its plural; `none`: that of no rows. `again`: the line that draws it anew."""
    rows = sheet.rows[:_MOST_IN_LIST]
    lines = [_row(number, row, now=now, texts=texts, zone=zone) for number, row in enumerate(rows, 1)]
    head = texts.plural(title, sheet.total) if sheet.total else texts(none)
    more = texts("orders.more", n=texts.numbers.count(sheet.total - len(rows))) if sheet.total > len(rows) else ""
    looks = [_look(number, row) for number, row in enumerate(rows[:_MOST_BUTTONS], 1)]
    refresh = [run(texts.plain("button.refresh"), *again, in_place=True)]
    text = "\n".join(filter(None, [head, *lines, more, *missing(sheet.silent, texts, now=now)]))
    return Reply(text, keyboard(*grid(looks, 6), refresh))


def card(row: Listed, *, now: datetime, texts: Texts, zone: str = "") -> Reply:
    """One order as its exchange tells it at this moment."""
    order, place = row.order, row.place
    where = (order.id, order.symbol, place.vendor)
    lines = [
        texts("orders.card", state=state(order.state, texts), exchange=_where(place), symbol=label(order.symbol)),
        of_order(order, texts),
        texts("orders.filled", filled=progress(order.filled, order.amount, texts), left=amount(_left(order))),
        texts("orders.average", average=amount(order.average), cost=amount(order.cost)),
        texts("orders.fee", fee=amount(order.fee), asset=label(order.fee_asset)) if known(order.fee) else "",
        texts("orders.at", at=texts.times.at(order.at, now=now, zone=zone) if order.at else UNKNOWN),
        texts("intent.order_id", id=exact(label(order.id, 64))),
    ]
    first = [
        run(texts.plain("button.refresh"), "order", *where, in_place=True),
        run(texts.plain("button.raw"), "order", *where, "raw"),
    ]
    cancel = run(f"✖ {texts.plain('button.cancel_order')}", "cancelorder", *where) if _may_cancel(order) else None
    return Reply("\n".join(filter(None, lines)), keyboard(first, [cancel]))


def raw(row: Listed, *, texts: Texts) -> Reply:
    """The vendor's own answer, as it came."""
    told = json.dumps(row.order.raw, indent=1, ensure_ascii=False, default=str, sort_keys=True)
    cut = told if len(told) <= _LONGEST_RAW else told[:_LONGEST_RAW] + "\n…"
    head = texts("orders.raw", exchange=row.place.title, id=exact(label(row.order.id, 64)))
    return Reply(f"{head}\n<pre>{escape(_visible(cut), quote=False)}</pre>")


def trades(sheet: TradeSheet, *, again: Sequence[str], now: datetime, texts: Texts, zone: str = "") -> Reply:
    rows = sheet.rows[:_MOST_IN_LIST]
    lines = [_trade(row, now=now, texts=texts, zone=zone) for row in rows]
    head = texts.plural("trades.head", sheet.total) if sheet.total else texts("trades.none")
    more = texts("orders.more", n=texts.numbers.count(sheet.total - len(rows))) if sheet.total > len(rows) else ""
    text = "\n".join(filter(None, [head, *lines, more, *missing(sheet.silent, texts, now=now)]))
    buttons = [
        run(texts.plain("button.refresh"), *again, in_place=True),
        run("CSV", *again, "csv") if rows else None,
    ]
    return Reply(text, keyboard(buttons))


def table(sheet: TradeSheet, *, now: datetime, texts: Texts) -> Reply:
    """All of them as CSV: exact figures, times in UTC."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    writer.writerows(_cells(row) for row in reversed(sheet.rows))
    document = Document(text.getvalue().encode(), f"trades-{now:%Y%m%d}.csv")
    head = texts.plural("trades.head", len(sheet.rows))
    return Reply("\n".join([head, *missing(sheet.silent, texts, now=now)]), document=document)


def missing(silent: Sequence[Silent], texts: Texts, *, now: datetime) -> list[str]:
    """Who did not answer, and why: what he would have told is not in the figures."""
    return [
        texts(
            "silent.line",
            exchange=_named(one.title, one.label),
            why=Html(errors.of(one.error, texts, now=now).html.partition("\n")[0]),
        )
        for one in silent[:_MOST_IN_LIST]
    ]


def cancel_where(
    groups: Mapping[tuple[str, str, str], int], *, silent: Sequence[Silent], now: datetime, texts: Texts
) -> Reply:
    """Open orders of several pairs: one press, and one card, for each. By vendor, title and symbol."""
    buttons = [
        [run(f"✖ {label(symbol, 24)} · {label(title, 16)} ({count})", "cancelorder", "all", symbol, vendor)]
        for (vendor, title, symbol), count in list(groups.items())[:_MOST_IN_LIST]
    ]
    head = texts.plural("cancel.which", sum(groups.values()))
    return Reply("\n".join([head, *missing(silent, texts, now=now)]), keyboard(*buttons))


def _row(number: int, row: Listed, *, now: datetime, texts: Texts, zone: str) -> Html:
    order = row.order
    return texts(
        "orders.row",
        number=str(number),
        what=of_order(order, texts, listed=True),
        state=state(order.state, texts),
        filled=progress(order.filled, order.amount, texts),
        exchange=_where(row.place),
        at=texts.times.at(order.at, now=now, zone=zone) if order.at else UNKNOWN,
    )


def _look(number: int, row: Listed) -> Button | None:
    return run(str(number), "order", row.order.id, row.order.symbol, row.place.vendor)


def _trade(row: Done, *, now: datetime, texts: Texts, zone: str) -> Html:
    trade = row.trade
    base, _, quote = trade.symbol.partition(":")[0].partition("/")
    fee = (
        texts("trades.fee", fee=number(trade.fee) or UNKNOWN, asset=label(trade.fee_asset)) if known(trade.fee) else ""
    )
    return texts(
        "trades.row",
        side=side(trade.side or "", texts),
        amount=number(trade.amount) or UNKNOWN,
        base=label(base),
        price=number(trade.price) or UNKNOWN,
        quote=label(quote),
        fee=fee,
        exchange=_where(row.place),
        at=texts.times.at(trade.at, now=now, zone=zone),
    )


def _cells(row: Done) -> list[str]:
    trade = row.trade
    figures = [trade.price, trade.amount, _cost(trade), trade.fee]
    return [
        f"{trade.at:%Y-%m-%dT%H:%M:%SZ}",
        *map(_harmless, (row.place.title, trade.symbol, trade.side or "")),
        *("" if not known(figure) else f"{figure:f}" for figure in figures),
        *map(_harmless, (trade.fee_asset, trade.order_id, trade.id)),
    ]


def _harmless(text: str) -> str:
    """A spreadsheet must not take a name from outside for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _cost(trade: Trade) -> Decimal | None:
    return trade.price * trade.amount if known(trade.price) and known(trade.amount) else None


def _left(order: Order) -> Decimal | None:
    return order.amount - order.filled if known(order.amount) and known(order.filled) else None


def _may_cancel(order: Order) -> bool:
    return order.state in {OrderState.OPEN, OrderState.UNKNOWN}


def _where(place: Place) -> str:
    return _named(place.title, place.label, place.vendor)


def _named(title: str, name: str, vendor: str = "") -> str:
    plain = not name or name.lower() in {vendor, title.lower()}
    return label(title) if plain else f"{label(title)} “{label(name, 24)}”"


def _visible(text: str) -> str:
    """Without signs that turn or hide text; lines stay lines."""
    return "".join(sign for sign in text if sign == "\n" or sign.isprintable())
