"""What money is asked to do, from the card with its button to the truth about it. Values: see bot/services/trading.py.

Each message says what happened, whether money is touched, what to do, and by which four signs it can be talked of.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from bot.domain.errors import UserMistake
from bot.domain.replies import Button, Reply
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.texts.numbers import UNKNOWN
from bot.views import errors
from bot.views.keyboard import keyboard, run
from bot.views.order_words import Values, exact, figure, progress, sentence, state, word

View = Callable[[Values, Texts, datetime], Reply]

_MOST_LISTED = 20
_ENDS = {"filled", "canceled", "rejected", "expired"}


def intent_offered(values: Values, texts: Texts, now: datetime) -> Reply:
    """The card. What it shows is what is sent."""
    if _cancels(values):
        return _cancel_card(values, texts, now)
    margin = word(values, "wallet") == "margin"
    lines = [
        _moved(values, texts),
        _head(values, texts, live=True),
        sentence(values, texts),
        texts("intent.margin") if margin else "",
        _cost(values, texts),
        _reference(values, texts),
        _far(values, texts),
        texts("intent.after", after=exact(word(values, "after")), asset=word(values, "after_asset"))
        if word(values, "after")
        else "",
        _expiry(values, texts, now),
    ]
    first = run(f"✅ {_verb(values, texts)}", "confirm", word(values, "intent"), in_place=True)
    second = [_edit(values, texts), _dismiss(values, texts, "button.cancel")]
    return Reply(_joined(lines), keyboard([first], second))


def intent_sending(values: Values, texts: Texts, _now: datetime) -> Reply:
    """Shown at once after the press; has no buttons, so that there is nothing to press again."""
    key = "intent.canceling" if _cancels(values) else "intent.sending"
    return Reply(_joined([texts(key), _head(values, texts), _what(values, texts), _reference_line(values, texts)]))


def intent_accepted(values: Values, texts: Texts, _now: datetime) -> Reply:
    if _cancels(values):
        return Reply(_joined([texts("intent.canceled"), _head(values, texts), _what(values, texts)]))
    ended = word(values, "state") in _ENDS
    lines = [
        _stands(values, texts) if ended else texts("intent.placed"),
        _head(values, texts),
        sentence(values, texts),
        _stand(values, texts, whole=figure(values, "order_amount") or figure(values, "amount")),
        texts("intent.order_id", id=exact(word(values, "order_id"))) if word(values, "order_id") else "",
        _reference_line(values, texts),
    ]
    return Reply(_joined(lines), _order_buttons(values, texts))


def intent_rejected(values: Values, texts: Texts, now: datetime) -> Reply:
    """The exchange's no, in our words."""
    return _no("intent.rejected", values, texts, now)


def intent_refused(values: Values, texts: Texts, now: datetime) -> Reply:
    """Ours: it never left."""
    return _no("intent.refused", values, texts, now)


def intent_expired(values: Values, texts: Texts, _now: datetime) -> Reply:
    dismissed = word(values, "reason") == "intent.dismissed"
    lines = [
        texts("intent.dismissed" if dismissed else "intent.expired"),
        _head(values, texts),
        _what(values, texts),
        texts("intent.nothing_sent"),
    ]
    return Reply(_joined(lines), keyboard([_again(values, texts)]))


def intent_unknown(values: Values, texts: Texts, _now: datetime) -> Reply:
    key = "intent.undecided_cancel" if _cancels(values) else "intent.undecided"
    head = texts(key, exchange=word(values, "exchange") or UNKNOWN)
    lines = [head, _head(values, texts), _what(values, texts), texts("intent.checking"), _reference_line(values, texts)]
    return Reply(_joined(lines))


def intent_not_placed(values: Values, texts: Texts, _now: datetime) -> Reply:
    exchange = word(values, "exchange") or UNKNOWN
    if not _cancels(values):
        lines = [texts("intent.not_placed", exchange=exchange), _head(values, texts), sentence(values, texts)]
        return Reply(_joined([*lines, _reference_line(values, texts)]), keyboard([_again(values, texts)]))
    told = values.get("left")
    left = [label(str(order)) for order in told] if isinstance(told, list | tuple) else []
    open_ids = Html(", ".join(exact(order) for order in left[:_MOST_LISTED]))
    lines = [
        texts("intent.not_canceled", exchange=exchange),
        _head(values, texts),
        texts("intent.left", ids=open_ids) if left else Html(),
        _reference_line(values, texts),
    ]
    return Reply(_joined(lines), keyboard([_again(values, texts)]))


def intent_needs_human(values: Values, texts: Texts, _now: datetime) -> Reply:
    lines = [
        texts("intent.needs_human", exchange=word(values, "exchange") or UNKNOWN),
        _head(values, texts),
        _what(values, texts),
        texts("intent.look_yourself", exchange=word(values, "exchange") or UNKNOWN),
        _reference_line(values, texts),
    ]
    return Reply(_joined(lines))


def intent_alert(values: Values, texts: Texts, _now: datetime) -> Reply:
    """To an admin: something of somebody's is not known and will not become known by itself."""
    sent = figure(values, "sent_at")
    text = texts(
        "intent.alert",
        id=word(values, "user_id") or UNKNOWN,
        exchange=word(values, "exchange") or UNKNOWN,
        symbol=word(values, "symbol") or UNKNOWN,
        action=texts.plain("intent.action.cancel" if _cancels(values) else "intent.action.place"),
        client=exact(word(values, "client_id")),
        short=exact(word(values, "short")),
        sent=texts.times.full(_moment(sent)) if sent and 0 < sent < Decimal(2) ** 45 else UNKNOWN,
    )
    return Reply(text)


def order_changed(values: Values, texts: Texts, _now: datetime) -> Reply:
    """The card of a followed order as it stands now. It replaces the card before, and makes no sound."""
    ended = word(values, "state") in _ENDS
    lines = [
        _stands(values, texts),
        _head(values, texts),
        sentence(values, texts),
        _stand(values, texts, whole=figure(values, "amount")),
        texts("intent.order_id", id=exact(word(values, "order_id"))) if word(values, "order_id") else "",
        _reference_line(values, texts),
    ]
    return Reply(_joined(lines), () if ended else _order_buttons(values, texts), silent=True)


def order_ended(values: Values, texts: Texts, _now: datetime) -> Reply:
    """Loud, and a message of its own."""
    ending = word(values, "state")
    lines = [
        _phrase(values, texts),
        texts(f"order.ended.{ending if ending in _ENDS else 'unknown'}", exchange=word(values, "exchange") or UNKNOWN),
        sentence(values, texts),
        _stand(values, texts, whole=figure(values, "amount")),
        texts("intent.order_id", id=exact(word(values, "order_id"))) if word(values, "order_id") else "",
    ]
    buttons = [
        run(texts.plain("button.balance"), "balance", word(values, "vendor")) if word(values, "vendor") else None,
        run(texts.plain("button.orders"), "orders"),
    ]
    return Reply(_joined(lines), keyboard(buttons))


def halt_changed(values: Values, texts: Texts, _now: datetime) -> Reply:
    key = "halt.on" if values.get("halted") else "halt.off"
    return Reply(texts(key, name=word(values, "by") or UNKNOWN, id=word(values, "by_id") or UNKNOWN))


VIEWS: dict[str, View] = {
    view.__name__: view
    for view in (
        intent_offered,
        intent_sending,
        intent_accepted,
        intent_rejected,
        intent_refused,
        intent_expired,
        intent_unknown,
        intent_not_placed,
        intent_needs_human,
        intent_alert,
        order_changed,
        order_ended,
        halt_changed,
    )
}


# --- parts of a message ---------------------------------------------------------------------------------------------


def _cancel_card(values: Values, texts: Texts, now: datetime) -> Reply:
    """Which orders, and what of each is filled already and so stays bought or sold."""
    orders = _rows(values, "orders")
    lines = [
        _head(values, texts, live=True),
        texts.plural("cancel.ask", len(orders), symbol=word(values, "symbol") or UNKNOWN),
        _orders(values, texts),
        texts("cancel.filled_stays") if any(figure(order, "filled") for order in orders) else "",
        _expiry(values, texts, now),
    ]
    verb = texts.plural("button.cancel_orders", len(orders))
    go = run(f"✅ {verb}", "confirm", word(values, "intent"), in_place=True)
    return Reply(_joined(lines), keyboard([go], [_dismiss(values, texts, "button.keep_orders")]))


def _no(key: str, values: Values, texts: Texts, now: datetime) -> Reply:
    exchange = word(values, "exchange") or UNKNOWN
    lines = [texts(key, exchange=exchange), _head(values, texts), _what(values, texts)]
    rest = [_why(values, texts, now) or texts("intent.nothing_sent"), _reference_line(values, texts)]
    return Reply(_joined([*lines, *rest]), keyboard([_again(values, texts)]))


def _why(values: Values, texts: Texts, now: datetime) -> str:
    """The reason, and that no money is touched; empty where there is none, or none that has words."""
    reason, filling = str(values.get("reason") or ""), values.get("reason_values")
    if not texts.has(reason):
        return ""
    told = filling if isinstance(filling, Mapping) else {}
    filled = {"exchange": word(values, "exchange") or UNKNOWN} | {str(k): v for k, v in told.items() if k != "key"}
    return "\n".join([errors.of(UserMistake(reason, **filled), texts, now=now).html, texts("error.untouched")])


def _head(values: Values, texts: Texts, *, live: bool = False) -> Html:
    """Where, by which key, and the person's own phrase, which no forger knows; `live`: this is real money."""
    name = word(values, "label")
    head = texts(
        "intent.head_live" if live else "intent.head",
        exchange=word(values, "exchange") or UNKNOWN,
        label=f" “{name}”" if name and name.lower() != word(values, "vendor") else "",
        by=texts("intent.key", fingerprint=word(values, "fingerprint")) if word(values, "fingerprint") else "",
    )
    return Html(_joined([head, _phrase(values, texts)]))


def _phrase(values: Values, texts: Texts) -> Html:
    phrase = str(values.get("phrase") or "")
    return texts("intent.phrase", phrase=label(phrase, 64)) if phrase else Html()


def _what(values: Values, texts: Texts) -> Html:
    if not _cancels(values):
        return sentence(values, texts)
    return _orders(values, texts)


def _orders(values: Values, texts: Texts) -> Html:
    """The orders to be cancelled, one a line."""
    common = {name: values.get(name) for name in ("base", "quote", "wallet")}
    rows = _rows(values, "orders")
    lines = [
        texts(
            "cancel.line",
            what=sentence(common | dict(order), texts, listed=True),
            filled=progress(figure(order, "filled"), figure(order, "amount"), texts),
            id=exact(word(order, "id")),
        )
        for order in rows[:_MOST_LISTED]
    ]
    return Html("\n".join(lines))


def _moved(values: Values, texts: Texts) -> Html:
    return texts("intent.moved") if word(values, "why") == "moved" else Html()


def _cost(values: Values, texts: Texts) -> Html:
    total, fee, quote = word(values, "total"), word(values, "fee"), word(values, "quote")
    if not total:
        return Html()
    key = "intent.cost_fee" if fee else "intent.cost"
    key = key if word(values, "side") != "sell" else key.replace("cost", "proceeds")
    about = "≈ " if not word(values, "price") and not word(values, "cost") else ""
    asset = word(values, "fee_asset") or quote
    return texts(key, total=exact(total), quote=quote, about=about, fee=exact(fee), fee_asset=asset)


def _reference(values: Values, texts: Texts) -> Html:
    """This exchange's price now, and how far from it the order is."""
    reference, away = figure(values, "reference"), figure(values, "away")
    if reference is None:
        return Html()
    parts = {"price": texts.numbers.price(reference), "quote": word(values, "quote")}
    if away is None or not word(values, "price"):
        return texts("intent.price_now", **parts)
    where = "at" if not round(away, 2) else "below" if away < 0 else "above"
    return texts(f"intent.price_{where}", away=f"{abs(away):.2f}", **parts)


def _far(values: Values, texts: Texts) -> Html:
    median, sources = figure(values, "median"), figure(values, "sources")
    if not values.get("far"):
        return Html()
    return texts(
        "intent.far",
        median=texts.numbers.price(median),
        sources=texts.numbers.count(int(sources or 0)),
        quote=word(values, "quote"),
    )


def _expiry(values: Values, texts: Texts, now: datetime) -> Html:
    until = figure(values, "expires_at")
    left_s = max(0, int(until / 1000 - Decimal(now.timestamp()))) if until else 0
    return texts("intent.expires", left=texts.times.left(left_s), short=exact(word(values, "short")))


def _reference_line(values: Values, texts: Texts) -> Html:
    return texts("intent.reference", short=exact(word(values, "short"))) if word(values, "short") else Html()


def _stand(values: Values, texts: Texts, whole: Decimal | None) -> Html:
    """How much is filled, at what average, by the exchange's last word."""
    filled, average = figure(values, "filled"), figure(values, "average")
    if filled is None:
        return Html()
    key = "order.stand_average" if average else "order.stand"
    price, quote = exact(word(values, "average")), word(values, "quote")
    return texts(key, filled=progress(filled, whole, texts), base=word(values, "base"), average=price, quote=quote)


def _verb(values: Values, texts: Texts) -> str:
    """`Buy 0.010 BTC`: the button says what pressing it does."""
    size, cost = word(values, "amount"), word(values, "cost")
    key = f"button.{'sell' if word(values, 'side') == 'sell' else 'buy'}{'_on_margin' if _on_margin(values) else ''}"
    if size or not cost:
        return label(texts.plain(key, what=f"{size or UNKNOWN} {word(values, 'base')}"), 60)
    what = texts.plain("button.for_cost", base=word(values, "base"), cost=cost, quote=word(values, "quote"))
    return label(texts.plain(key, what=what), 60)


def _on_margin(values: Values) -> bool:
    return word(values, "wallet") == "margin"


def _edit(values: Values, texts: Texts) -> Button | None:
    """Back into the dialogue, where amount and price are asked for."""
    parts = [word(values, name) for name in ("vendor", "symbol", "side")]
    margin = ["margin"] if _on_margin(values) else []
    return run(f"✏️ {texts.plain('button.edit')}", "trade", *parts, *margin, in_place=True) if all(parts) else None


def _dismiss(values: Values, texts: Texts, key: str) -> Button | None:
    return run(f"✖ {texts.plain(key)}", "dismiss", word(values, "intent"), in_place=True)


def _again(values: Values, texts: Texts) -> Button | None:
    if _cancels(values) and not _rows(values, "orders"):
        return None
    return run(texts.plain("button.again"), "again", word(values, "intent")) if word(values, "intent") else None


def _order_buttons(values: Values, texts: Texts) -> tuple[tuple[Button, ...], ...]:
    """Of an order that may still be open."""
    order_id, symbol, vendor = (word(values, name) for name in ("order_id", "symbol", "vendor"))
    if not (order_id and symbol and vendor):
        return ()
    where = [order_id, symbol, vendor]
    ended = word(values, "state") in _ENDS
    cancel = run(f"✖ {texts.plain('button.cancel_order')}", "cancelorder", *where)
    return keyboard([run(texts.plain("button.order"), "order", *where), None if ended else cancel])


def _stands(values: Values, texts: Texts) -> Html:
    return texts("order.card", state=state(word(values, "state"), texts), sign=_sign(values))


def _sign(values: Values) -> str:
    signs = {"open": "⏳", "filled": "✅", "canceled": "✖", "rejected": "❌", "expired": "⌛"}
    return signs.get(word(values, "state"), "❓")


def _cancels(values: Values) -> bool:
    return values.get("action") == "cancel"


def _rows(values: Values, name: str) -> Sequence[Values]:
    rows = values.get(name)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list | tuple) else []


def _moment(milliseconds: Decimal) -> datetime:
    return datetime.fromtimestamp(int(milliseconds / 1000), UTC)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(filter(None, lines))
