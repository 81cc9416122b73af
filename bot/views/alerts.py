"""Price alerts: how they are set, the list, and what is told. Values of notices: see bot/services/alerts.py."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from html import escape

from bot.domain.alerts import MOST_EACH, Alert, Condition, State, Way, of_plain
from bot.domain.assets import WHOLE_MARKET, Asset
from bot.domain.money import EXACT, percent_change
from bot.domain.prices import Field
from bot.domain.replies import Button, Reply
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.texts.numbers import UNKNOWN, known
from bot.views import sources
from bot.views.keyboard import grid, keyboard, run, word
from bot.views.order_words import figure

Values = Mapping[str, object]

_THREE = Context(prec=3, rounding=ROUND_HALF_EVEN)
_FOUR = Context(prec=4, rounding=ROUND_HALF_EVEN)
_STEPS = ("-10", "-5", "-2", "2", "5", "10")
_SIGNS = {Way.ABOVE: ">", Way.BELOW: "<"}
_HOUR_S = 3600


def how(texts: Texts) -> Reply:
    buttons = [run(ticker, "alert", ticker, in_place=True) for ticker in ("BTC", "ETH", "SOL")]
    market = run(texts.plain("button.market"), "alert", "total", in_place=True)
    return Reply(texts("alert.how", usage=texts("usage.alert")), keyboard([*buttons, market], [_list(texts)]))


def choices(asset: Asset, field: Field, value: Decimal | None, *, texts: Texts) -> Reply:
    """Lines around what it is worth now, each a button. Nothing is set yet."""
    name, cap = _word(asset), ["cap"] if field is Field.CAP else []
    levels = [_level(name, value, step, texts) for step in _STEPS] if known(value) and value > 0 else []
    moves = [
        run(f"±{percent}% / {texts.times.age(hours * _HOUR_S)}", "alert", name, *cap, f"{percent}%", f"{hours}h")
        for percent, hours in ((5, 1), (10, 24))
    ]
    now = _money(value, field, texts) if known(value) else UNKNOWN
    text = texts("alert.choose", what=_what(asset, field, texts), now=now, example=f"/alert {_example(asset, value)}")
    return Reply(text, keyboard(*grid(levels, 3), moves, [_list(texts)]))


def listed(
    alerts: Sequence[Alert], *, total: int, page: int, pages: int, now: datetime, texts: Texts, zone: str = ""
) -> Reply:
    """One page, counted from 1; `total`: how many this person has."""
    if not alerts:
        new = run(texts.plain("button.new_alert"), "alert")
        return Reply(texts("alert.none", most=str(MOST_EACH)), keyboard([new]))
    lines = [_line(alert, now=now, texts=texts, zone=zone) for alert in alerts]
    turns = [
        run(f"◀ {page - 1}", "alerts", str(page - 1), in_place=True) if page > 1 else None,
        run(texts.plain("button.new_alert"), "alert"),
        run(f"{page + 1} ▶", "alerts", str(page + 1), in_place=True) if page < pages else None,
    ]
    pairs = [button for alert in alerts for button in (_edit(alert), _delete(alert))]
    head = texts.plural("alert.head", total, most=str(MOST_EACH))
    return Reply("\n".join([head, *lines]), keyboard(*grid(pairs, 4), turns))


def edit(alert: Alert, *, now: datetime, texts: Texts, zone: str = "") -> Reply:
    """The question for the new line."""
    line = _line(alert, now=now, texts=texts, zone=zone)
    text = texts("alert.edit", line=line, example=line_of(alert), short=f"{_short(alert.wants.target):f}")
    return Reply(text, keyboard([_delete(alert, texts), _list(texts)]))


def line_of(alert: Alert) -> str:
    """What is typed to set it anew, without its end."""
    wants = alert.wants
    cap = ["cap"] if wants.field is Field.CAP and alert.asset.symbol != WHOLE_MARKET else []
    if wants.way.moves:
        sign = {Way.RISE: "+", Way.FALL: "-"}.get(wants.way, "")
        what = [f"{sign}{wants.target:f}%", _span(wants.window_s)]
    else:
        what = [_SIGNS[wants.way], f"{wants.target:f}"]
    repeat = ["repeat", _span(wants.repeat_s)] if wants.repeat_s else []
    return " ".join([_word(alert.asset), *cap, *what, *repeat])


# --- notices ----------------------------------------------------------------------------------------------------------


def alert_set(values: Values, texts: Texts, now: datetime) -> Reply:
    """How it will be from now on, and how far off that is."""
    alert, zone = _of(values), _zone(values)
    if alert is None:
        return Reply(texts("alert.gone"))
    lines = [
        texts("alert.changed" if values.get("changed") else "alert.set", what=_condition(alert.wants, alert, texts)),
        _away(alert, figure(values, "value"), texts),
        _source(values, texts, now, zone),
        _future(alert, now=now, texts=texts, zone=zone, fresh=True),
    ]
    # Where a time was said by a clock he never chose, he can choose one: by a button, not by a question in his way.
    unsaid = alert.wants.until and not values.get("zone_chosen", True)
    zones = [run(texts.plain("button.time_zone"), "settings", "zone")] if unsaid else []
    return Reply(_joined(lines), keyboard([_edit(alert, texts), _delete(alert, texts), _list(texts)], zones))


def alert_deleted(values: Values, texts: Texts, _now: datetime) -> Reply:
    alert = _of(values)
    if alert is None:
        return Reply(texts("alert.gone"))
    text = texts("alert.deleted", what=_condition(alert.wants, alert, texts), id=str(alert.id))
    undo = run(texts.plain("button.undo"), "alerts", "again", str(alert.id), in_place=True)
    return Reply(text, keyboard([undo, _list(texts)]))


def alert_fired(values: Values, texts: Texts, now: datetime) -> Reply:
    """What everybody waited for: the figure, whose it is, how old, how this was set, and what comes next."""
    alert, zone, value = _of(values), _zone(values), figure(values, "value")
    if alert is None:
        return Reply(texts("alert.gone"))
    lines = [
        texts("alert.fired", what=_condition(alert.wants, alert, texts)),
        _worth(alert, value, figure(values, "since"), texts),
        _source(values, texts, now, zone),
        _future(alert, now=now, texts=texts, zone=zone),
        texts("alert.was_set", id=str(alert.id), at=_at(alert.created_at, now, texts, zone), line=line_of(alert)),
    ]
    again = _again(alert, texts) if alert.state is State.ENDED else _edit(alert, texts)
    return Reply(_joined(lines), keyboard([again, _delete(alert, texts)], [_chart(alert, texts), _list(texts)]))


def alert_ended(values: Values, texts: Texts, _now: datetime) -> Reply:
    alert = _of(values)
    if alert is None:
        return Reply(texts("alert.gone"))
    text = texts("alert.ended", what=_condition(alert.wants, alert, texts), id=str(alert.id))
    return Reply(text, keyboard([_again(alert, texts), _list(texts)]), silent=True)


VIEWS: dict[str, Callable[[Values, Texts, datetime], Reply]] = {
    view.__name__: view for view in (alert_set, alert_deleted, alert_fired, alert_ended)
}


# --- parts ------------------------------------------------------------------------------------------------------------


def _of(values: Values) -> Alert | None:
    told = values.get("alert")
    return of_plain(told) if isinstance(told, Mapping) else None


def _zone(values: Values) -> str:
    return str(values.get("zone") or "")


def _line(alert: Alert, *, now: datetime, texts: Texts, zone: str) -> Html:
    until = alert.wants.until
    parts = [
        texts("alert.repeats", span=texts.times.age(alert.wants.repeat_s)) if alert.wants.repeat_s else "",
        texts("alert.until", at=texts.times.at(until, now=now, zone=zone)) if until else "",
        texts("alert.rests") if alert.rests else "",
    ]
    what = _condition(alert.wants, alert, texts)
    return texts("alert.line", id=str(alert.id), what=what, more=Html("".join(f" · {part}" for part in parts if part)))


def _condition(wants: Condition, alert: Alert, texts: Texts) -> Html:
    """`BTC above $70,000`, `BTC up 5% within 1 h`."""
    what = _what(alert.asset, wants.field, texts)
    if wants.way.moves:
        percent = f"{wants.target.normalize():f}%"
        return texts(f"alert.says.{wants.way.value}", what=what, size=percent, window=texts.times.age(wants.window_s))
    return texts(f"alert.says.{wants.way.value}", what=what, target=_money(wants.target, wants.field, texts))


def _what(asset: Asset, field: Field, texts: Texts) -> Html:
    if asset.symbol == WHOLE_MARKET:
        return texts("alert.total_cap")
    name = label(asset.ticker)
    return texts("alert.cap_of", ticker=name) if field is Field.CAP else Html(escape(name, quote=False))


def _money(value: Decimal, field: Field, texts: Texts) -> str:
    """A line as it was drawn, with every digit of it; a figure of trillions in short where that says it all."""
    if field is Field.CAP and _THREE.plus(value) == value:
        return texts.numbers.cap(value)
    if value == value.to_integral_value():
        return f"${texts.numbers.count(int(value))}"
    return f"${texts.numbers.amount(value)}"


def _worth(alert: Alert, value: Decimal | None, since: Decimal | None, texts: Texts) -> Html:
    now = _now(alert, value, texts)
    if not (known(value) and known(since) and since):
        return texts("alert.now", now=now)
    change = texts.numbers.percent(percent_change(since, value))
    return texts("alert.moved", now=now, since=_now(alert, since, texts), change=change)


def _now(alert: Alert, value: Decimal | None, texts: Texts) -> str:
    return texts.numbers.cap(value) if alert.wants.field is Field.CAP else texts.numbers.usd(value)


def _away(alert: Alert, value: Decimal | None, texts: Texts) -> Html:
    """How far it is from here to the line."""
    if not known(value) or not value:
        return texts("alert.now_unknown")
    if alert.wants.way.moves:
        return texts("alert.now", now=_now(alert, value, texts))
    away = texts.numbers.percent(percent_change(value, alert.wants.target))
    return texts("alert.away", now=_now(alert, value, texts), away=away)


def _source(values: Values, texts: Texts, now: datetime, zone: str) -> Html:
    at, source = values.get("at"), str(values.get("source") or "")
    if not isinstance(at, int) or not at or not source:
        return Html()
    return sources.line(datetime.fromtimestamp(at / 1000, UTC), source, now=now, texts=texts, zone=zone)


def _future(alert: Alert, *, now: datetime, texts: Texts, zone: str, fresh: bool = False) -> Html:
    """Whether, when and after what it will be told (again)."""
    wants, back = alert.wants, _now(alert, alert.wants.back, texts)
    lines = []
    if alert.state is State.ENDED:
        lines.append(texts("alert.told_once"))
    elif alert.rests:
        lines.append(texts("alert.after_below" if wants.way is Way.ABOVE else "alert.after_above", back=back))
    elif fresh and not wants.repeat_s:
        lines.append(texts("alert.once"))
    if wants.repeat_s and alert.state is State.ON:
        lines.append(texts("alert.pause", span=texts.times.age(wants.repeat_s)))
    if wants.until and alert.state is State.ON:
        lines.append(texts("alert.ends", until=texts.times.until(wants.until, now=now, zone=zone)))
    return Html("\n".join(lines))


def _at(ms: int, now: datetime, texts: Texts, zone: str) -> str:
    return texts.times.at(datetime.fromtimestamp(ms / 1000, UTC), now=now, zone=zone)


def _word(asset: Asset) -> str:
    return "total" if asset.symbol == WHOLE_MARKET else word(asset)


def _level(name: str, value: Decimal, step: str, texts: Texts) -> Button | None:
    target = _short(EXACT.multiply(value, 1 + Decimal(step) / 100))
    sign = ">" if Decimal(step) > 0 else "<"
    shown = texts.numbers.compact(target) if target >= 10**9 else texts.numbers.amount(target)
    return run(f"{sign} {shown} ({Decimal(step):+}%)", "alert", name, sign, f"{target:f}")


def _example(asset: Asset, value: Decimal | None) -> str:
    target = _short(EXACT.multiply(value, Decimal("1.03"))) if known(value) and value > 0 else Decimal(100)
    return f"{_word(asset)} > {target:f} repeat 1h until fri"


def _short(value: Decimal) -> Decimal:
    """Four digits: a line somebody would draw."""
    return _FOUR.plus(value).normalize()


def _span(seconds: int) -> str:
    """As it is typed."""
    sizes = ((86_400, "d"), (3600, "h"), (60, "m"))
    return next(f"{seconds // size}{unit}" for size, unit in sizes if seconds % size == 0 or size == 60)


def _edit(alert: Alert, texts: Texts | None = None) -> Button | None:
    text = texts.plain("button.change") if texts else f"✏️ {alert.id}"
    return run(text, "alerts", "edit", str(alert.id))


def _delete(alert: Alert, texts: Texts | None = None) -> Button | None:
    text = texts.plain("button.delete") if texts else f"✖ {alert.id}"
    return run(text, "delalert", str(alert.id), in_place=texts is None)


def _again(alert: Alert, texts: Texts) -> Button | None:
    return run(texts.plain("button.alert_again"), "alerts", "again", str(alert.id))


def _chart(alert: Alert, texts: Texts) -> Button | None:
    coin = "=SUM_ALL_COINS" if alert.asset.symbol == WHOLE_MARKET else word(alert.asset)
    cap = ["cap"] if alert.wants.field is Field.CAP else []
    return run(texts.plain("button.chart"), "chart", coin, "1d", *cap)


def _list(texts: Texts) -> Button | None:
    return run(texts.plain("button.alerts"), "alerts", in_place=True)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(filter(None, lines))
