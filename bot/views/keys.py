"""A person's keys: the list, one key's card of health, how to hand one over. Never any part of a key."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.accounts import Health, Held
from bot.domain.orders import Traits
from bot.domain.replies import Button, Reply
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.views.keyboard import grid, keyboard, run
from bot.views.values import Values, told

SKEW_WORTH_TELLING = timedelta(seconds=1)
SOON = timedelta(days=14)


def listed(held: Sequence[Held], titles: Mapping[str, str], texts: Texts) -> Reply:
    """One line a key: where, which, how it is. `titles` of the exchanges that are on."""
    connect = run(texts.plain("button.key_connect"), "keys", "add", in_place=True)
    guard = run(texts.plain("button.guard"), "guard")
    if not held:
        return Reply(texts("keys.none"), keyboard([connect], [guard]))
    lines = [_line(each, titles.get(each.vendor, ""), texts) for each in held]
    looks = [run(f"🔑 {label(each.label, 24)}", "keys", each.id, in_place=True) for each in held]
    return Reply("\n".join([texts("keys.head"), *lines]), keyboard(*grid(looks, 2), [connect, guard]))


def which(vendors: Sequence[Traits], texts: Texts) -> Reply:
    buttons = [run(traits.title, "keys", "add", traits.name, in_place=True) for traits in vendors]
    return Reply(texts("keys.which"), keyboard(*grid(buttons, 2), [_back(texts)]))


def card(held: Held, title: str, *, now: datetime, texts: Texts, zone: str) -> Reply:
    """What the exchange last said of this key."""
    lines = [
        texts("key.head", exchange=label(title), label=label(held.label)),
        texts("key.fingerprint", fingerprint=held.fingerprint),
        *_health(held.health, texts, now=now),
        texts("key.checked", at=texts.times.at(held.checked_at, now=now, zone=zone)),
    ]
    return Reply("\n".join(lines), _of_one(held.id, texts))


def drop(held: Held, title: str, *, watched: int, texts: Texts) -> Reply:
    """Asks for the second press. `watched`: orders the desk could not follow any more."""
    parts = [texts("key.drop", exchange=label(title), label=label(held.label))]
    parts += [texts.plural("key.drop_watched", watched)] if watched else []
    sure = run(texts.plain("button.key_drop_sure", label=label(held.label, 20)), "keys", "drop", held.id, "yes")
    return Reply("\n\n".join(parts), keyboard([sure], [_back(texts, held.id)]))


# --- notices ----------------------------------------------------------------------------------------------------------


def key_wanted(values: Values, texts: Texts, _now: datetime) -> Reply:
    """`exchange`, `label`, `secrets`, `key_page`, `phrase`, `minutes`; `url` of the page, or empty: in this chat."""
    exchange, url = label(told(values, "exchange")), told(values, "url")
    parts = [
        *_phrase(values, texts),
        texts("key.wanted", exchange=exchange, label=label(told(values, "label"))),
        texts("key.boxes", exchange=exchange),
    ]
    buttons = []
    if url:
        parts.append(texts("key.by_page", minutes=told(values, "minutes")))
        buttons.append(Button(texts.plain("button.key_page"), url=url))
    else:
        parts.append(texts("key.in_chat", fields=fields(values.get("secrets"), texts), minutes=told(values, "minutes")))
    if page := told(values, "key_page"):
        buttons.append(Button(texts.plain("button.exchange_keys", exchange=exchange), url=page))
    return Reply("\n\n".join(parts), keyboard(*([button] for button in buttons)))


def key_stored(values: Values, texts: Texts, now: datetime) -> Reply:
    """`id`, `exchange`, `label`, `fingerprint`, `version`, `health`, `phrase`."""
    head = "key.stored" if values.get("version") == 1 else "key.replaced"
    lines = [
        *_phrase(values, texts),
        texts(head, exchange=label(told(values, "exchange")), label=label(told(values, "label"))),
        texts("key.fingerprint", fingerprint=told(values, "fingerprint")),
        *_health(_read(values), texts, now=now),
    ]
    return Reply("\n".join(lines), _of_one(told(values, "id"), texts))


def key_frozen(values: Values, texts: Texts, _now: datetime) -> Reply:
    """As key_stored; `health` has the trouble."""
    trouble = _read(values).trouble or "refused"
    text = texts(f"key.frozen_{trouble}", exchange=label(told(values, "exchange")), label=label(told(values, "label")))
    return Reply("\n".join([*_phrase(values, texts), text]), _of_one(told(values, "id"), texts))


def key_renamed(values: Values, texts: Texts, _now: datetime) -> Reply:
    """`id`, `was`, `label`."""
    name = label(told(values, "label"), 24)
    text = texts("key.renamed", was=label(told(values, "was")), label=name)
    return Reply(text, keyboard([run(f"🔑 {name}", "keys", told(values, "id")), _back(texts)]))


def key_dropped(values: Values, texts: Texts, _now: datetime) -> Reply:
    """`exchange`, `label`."""
    text = texts("key.dropped", exchange=label(told(values, "exchange")), label=label(told(values, "label")))
    return Reply(text, keyboard([_back(texts)]))


VIEWS: dict[str, Callable[[Values, Texts, datetime], Reply]] = {
    view.__name__: view for view in (key_wanted, key_stored, key_frozen, key_renamed, key_dropped)
}


# --- parts ------------------------------------------------------------------------------------------------------------


def fields(names: object, texts: Texts) -> str:
    """What a key consists of, in words."""
    known = names if isinstance(names, list | tuple) else ()
    return ", ".join(texts(f"key.field.{name}") for name in known)


def facts(health: Health, texts: Texts, *, now: datetime) -> list[Html]:
    """What the exchange said of a key, best first, one line each. What it did not say is not told."""
    rights = "key.trades" if health.trade else ("key.reads_only" if health.trade is False else "key.trade_unknown")
    lines = [texts(rights), texts("key.no_withdrawal")]
    if health.margin is not None:
        lines.append(texts("key.margin" if health.margin else "key.no_margin"))
    if health.ip_bound is not None:
        lines.append(texts("key.ip_bound" if health.ip_bound else "key.ip_open"))
    if health.expires_at is not None:
        lines.append(_expiry(health.expires_at - now, texts))
    if health.skew is not None and abs(health.skew) >= SKEW_WORTH_TELLING:
        lines.append(texts("key.skew", seconds=texts.numbers.amount(abs(_seconds(health.skew)))))
    if health.warnings:
        lines.append(texts("key.wide", rights=", ".join(_right(name, texts) for name in health.warnings)))
    return lines


def _health(health: Health, texts: Texts, *, now: datetime) -> list[Html]:
    if health.trouble:
        return [texts(f"key.trouble.{health.trouble}")]
    return facts(health, texts, now=now)


def _line(held: Held, title: str, texts: Texts) -> Html:
    if held.frozen:
        state = texts(f"key.short.{held.health.trouble or 'refused'}")
    elif not title:
        state = texts("key.short.off")
    else:
        state = texts("key.short.reads_only" if held.health.trade is False else "key.short.trades")
    exchange = label(title or held.vendor)
    return texts("keys.line", exchange=exchange, label=label(held.label), fingerprint=held.fingerprint, state=state)


def _of_one(account_id: str, texts: Texts) -> tuple[tuple[Button, ...], ...]:
    def act(verb: str, *, in_place: bool = True) -> Button | None:
        return run(texts.plain(f"button.key_{verb}"), "keys", verb, account_id, in_place=in_place)

    return keyboard(
        [act("check"), act("name", in_place=False)],
        [act("replace", in_place=False), act("drop")],
        [_back(texts)],
    )


def _back(texts: Texts, account_id: str = "") -> Button | None:
    return run(f"◀ {texts.plain('button.back')}", "keys", *([account_id] if account_id else []), in_place=True)


def _expiry(left: timedelta, texts: Texts) -> Html:
    if left <= timedelta(0):
        return texts("key.expired")
    return texts.plural("key.expires_soon" if left <= SOON else "key.expires", max(1, left.days))


def _right(name: str, texts: Texts) -> str:
    return texts(f"key.right.{name}") if texts.has(f"key.right.{name}") else label(name, 40)


def _seconds(skew: timedelta) -> Decimal:
    return Decimal(skew // timedelta(milliseconds=100)) / 10


def _read(values: Values) -> Health:
    health = values.get("health")
    return Health.read(health) if isinstance(health, Mapping) else Health()


def _phrase(values: Values, texts: Texts) -> list[Html]:
    phrase = told(values, "phrase")
    return [texts("guard.phrase_line", phrase=label(phrase, 40))] if phrase else []
