"""A person's address book, as he sees it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from bot.domain.addresses import Saved
from bot.domain.replies import Button, Reply
from bot.domain.swaps import SwapCoin
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.views.keyboard import grid, keyboard, run
from bot.views.swap_words import Values, address, copied, grouped, instant, network, place

_LONGEST_LABEL = 24


def listed(book: Sequence[Saved], texts: Texts, *, now: datetime) -> Reply:
    """One line an address, whole, in groups of four."""
    add = run(f"➕ {texts.plain('button.address_add')}", "addresses", "add", in_place=True)
    if not book:
        return Reply(texts("addresses.none"), keyboard([add]))
    shown = book[:20]
    lines = [_line(saved, texts, now=now) for saved in shown]
    looks = [run(f"📒 {_label(saved.label)}", "addresses", saved.id, in_place=True) for saved in book]
    more = texts.plural("addresses.more", len(book) - len(shown)) if len(book) > len(shown) else Html()
    return Reply("\n\n".join(filter(None, [texts("addresses.head"), *lines, more])), keyboard(*grid(looks, 2), [add]))


def card(saved: Saved, *, now: datetime, texts: Texts, zone: str) -> Reply:
    waits = saved.trusted_at > now
    lines = [
        texts("address.card", label=_label(saved.label), network=network(saved.network)),
        grouped(saved.address),
        copied(label(saved.address, 128)),
        texts("swap.memo", name=texts("swap.memo_plain"), memo=copied(label(saved.memo, 64))) if saved.memo else "",
        texts("address.waits_until", until=texts.times.until(saved.trusted_at, now=now, zone=zone))
        if waits
        else texts("address.is_trusted"),
    ]
    return Reply("\n".join(filter(None, lines)), keyboard(*_of_one(saved.id, texts, waits=waits)))


def which(coins: Sequence[str], texts: Texts) -> Reply:
    """The coin first: it says which network the address is of."""
    buttons = [run(name.upper(), "addresses", "add", name, in_place=True) for name in coins]
    return Reply(texts("addresses.ask_coin"), keyboard(*grid(buttons, 4), [_back(texts)]))


def asked(key: str, coin: SwapCoin, texts: Texts) -> Reply:
    """The next line answers it."""
    name = label(coin.memo_name, 24) if coin.memo_name else texts("swap.memo_plain")
    return Reply(texts(key, coin=place(coin), name=name), keyboard([_back(texts)]))


def drop(saved: Saved, texts: Texts) -> Reply:
    """Asks for the second press."""
    sure = run(texts.plain("button.address_drop_sure", label=_label(saved.label)), "addresses", "drop", saved.id, "yes")
    text = texts("address.drop", label=_label(saved.label), address=grouped(saved.address))
    return Reply(text, keyboard([sure], [_back(texts, saved.id)]))


# --- notices ----------------------------------------------------------------------------------------------------------


def address_saved(values: Values, texts: Texts, now: datetime) -> Reply:
    lines = [_told("address.saved", values, texts), grouped(address(values, "address")), _waits(values, texts, now)]
    return _of(values, lines, texts, now)


def address_waits(values: Values, texts: Texts, now: datetime) -> Reply:
    """More was to go there than may go to a new address. It is in the book now, and its day runs."""
    lines = [
        _told("address.waits", values, texts, most=texts.numbers.usd(_amount(values, "most"))),
        grouped(address(values, "address")),
        _waits(values, texts, now),
    ]
    set_up = run(texts.plain("button.second_step"), "secondstep")
    return Reply("\n".join(filter(None, lines)), keyboard([set_up], [_back(texts)]))


def address_trusted(values: Values, texts: Texts, now: datetime) -> Reply:
    return _of(values, [_told("address.trusted", values, texts), grouped(address(values, "address"))], texts, now)


def address_renamed(values: Values, texts: Texts, now: datetime) -> Reply:
    was = _label(str(values.get("was") or ""))
    return _of(values, [_told("address.renamed", values, texts, was=was)], texts, now)


def address_dropped(values: Values, texts: Texts, _now: datetime) -> Reply:
    return Reply(_told("address.dropped", values, texts), keyboard([_back(texts)]))


VIEWS: dict[str, Callable[[Values, Texts, datetime], Reply]] = {
    view.__name__: view for view in (address_saved, address_waits, address_trusted, address_renamed, address_dropped)
}


# --- parts ------------------------------------------------------------------------------------------------------------


def _line(saved: Saved, texts: Texts, *, now: datetime) -> Html:
    waits = texts("address.new") if saved.trusted_at > now else Html()
    where = grouped(saved.address)
    return texts("address.line", label=_label(saved.label), network=network(saved.network), address=where, new=waits)


def _of(values: Values, lines: Sequence[str], texts: Texts, now: datetime) -> Reply:
    name = str(values.get("id") or "")
    since = instant(values, "trusted_at")
    buttons = _of_one(name, texts, waits=since is None or since > now) if name else [[_back(texts)]]
    return Reply("\n".join(filter(None, lines)), keyboard(*buttons))


def _of_one(name: str, texts: Texts, *, waits: bool) -> list[list[Button | None]]:
    trust = run(texts.plain("button.address_trust"), "addresses", "trust", name) if waits else None
    rename = run(texts.plain("button.address_name"), "addresses", "name", name)
    forget = run(texts.plain("button.address_drop"), "addresses", "drop", name, in_place=True)
    return [[trust], [rename, forget], [_back(texts)]]


def _told(key: str, values: Values, texts: Texts, **more: str) -> Html:
    shown = {"label": _label(str(values.get("label") or "")), "network": network(str(values.get("network") or ""))}
    return texts(key, **shown, **more)


def _waits(values: Values, texts: Texts, now: datetime) -> Html:
    since = instant(values, "trusted_at")
    return texts("address.waits_until", until=texts.times.until(since, now=now)) if since and since > now else Html()


def _back(texts: Texts, name: str = "") -> Button | None:
    return run(f"◀ {texts.plain('button.back')}", "addresses", *([name] if name else []), in_place=True)


def _label(text: str) -> str:
    return label(text, _LONGEST_LABEL)


def _amount(values: Values, name: str) -> Decimal | None:
    try:
        return Decimal(str(values.get(name)))
    except InvalidOperation:
        return None
