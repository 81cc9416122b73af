"""A swap that is asked for: its quote, and what became of asking. Values: see bot/services/swaps.py."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.domain.errors import UserMistake
from bot.domain.replies import Keyboard, Reply
from bot.domain.swap_pairs import told_bound
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.views import errors
from bot.views.keyboard import keyboard, run
from bot.views.order_words import decimal, exact, figure, number, word
from bot.views.swap_words import (
    Values,
    address,
    brief,
    copied,
    doubt,
    exchange_of,
    gets,
    grouped,
    intent_of,
    joined,
    memo_name,
    own_phrase,
    parted,
    side,
    ticker,
    until,
)

View = Callable[[Values, Texts, datetime], Reply]
_MOST_NOTES = 3


def swap_offered(values: Values, texts: Texts, now: datetime) -> Reply:
    """The card to press. What it shows is what is sent."""
    why = word(values, "why")
    head = [
        texts(f"swap.why.{why}") if why in {"moved", "expired"} else "",
        texts("swap.quote_fixed" if word(values, "rate_kind") == "fixed" else "swap.quote_float"),
        own_phrase(values, texts),
    ]
    small = [
        *_notes(values, texts),
        texts("swap.kyc", exchange=exchange_of(values)),
        _quota(values, texts),
        texts("swap.valid", until=until(values, "expires_at", texts, now), short=exact(word(values, "short"))),
    ]
    what = f"{word(values, 'amount')} {ticker(word(values, 'source'))}"
    create = run(f"✅ {label(texts.plain('button.swap', what=what), 50)}", "confirm", intent_of(values), in_place=True)
    change = run(texts.plain("button.change"), "swap", "change", intent_of(values), in_place=True)
    cancel = run(f"✖ {texts.plain('button.cancel')}", "dismiss", intent_of(values), in_place=True)
    return Reply(parted(head, _terms(values, texts), small), keyboard([create], [change, cancel]))


def swap_sending(values: Values, texts: Texts, _now: datetime) -> Reply:
    """Shown at once after the press; has no buttons, so that there is nothing to press again."""
    return Reply(joined([texts("swap.sending", exchange=exchange_of(values)), *brief(values, texts)]))


def swap_rejected(values: Values, texts: Texts, now: datetime) -> Reply:
    return _no("swap.rejected", values, texts, now)


def swap_refused(values: Values, texts: Texts, now: datetime) -> Reply:
    return _no("swap.refused", values, texts, now)


def swap_expired(values: Values, texts: Texts, _now: datetime) -> Reply:
    key = "swap.dismissed" if word(values, "reason") == "intent.dismissed" else "swap.offer_expired"
    return Reply(joined([texts(key), *brief(values, texts), texts("swap.nothing_made")]), _again(values, texts))


def swap_unknown(values: Values, texts: Texts, _now: datetime) -> Reply:
    return Reply(joined([texts("swap.undecided", exchange=exchange_of(values)), *brief(values, texts)]))


def swap_not_placed(values: Values, texts: Texts, _now: datetime) -> Reply:
    lines = [texts("swap.not_made", exchange=exchange_of(values)), *brief(values, texts)]
    return Reply(joined(lines), _again(values, texts))


def swap_needs_human(values: Values, texts: Texts, _now: datetime) -> Reply:
    reason = word(values, "reason")
    why = texts(reason) if reason in {"swap.two_found", "swap.cannot_look_up"} else texts("swap.no_answer")
    lines = [
        texts("swap.needs_human", exchange=exchange_of(values)),
        why,
        *brief(values, texts),
        texts("swap.needs_human_do"),
    ]
    return Reply(joined(lines))


VIEWS: dict[str, View] = {
    view.__name__: view
    for view in (
        swap_offered,
        swap_sending,
        swap_rejected,
        swap_refused,
        swap_expired,
        swap_unknown,
        swap_not_placed,
        swap_needs_human,
    )
}


# --- parts of a message -----------------------------------------------------------------------------------------------


def _terms(values: Values, texts: Texts) -> list[Html | str]:
    """Everything that is pressed."""
    memo, refund = word(values, "memo"), address(values, "refund_address")
    rate, book = figure(values, "rate"), word(values, "book")
    return [
        texts("swap.sends", amount=exact(word(values, "amount")), source=side(values, "source")),
        gets(values, texts),
        texts(
            "swap.rate",
            source=ticker(word(values, "source")),
            target=ticker(word(values, "target")),
            rate=texts.numbers.price(rate),
        )
        if rate
        else "",
        texts("swap.to_book", label=label(book, 24), address=grouped(address(values, "address")))
        if book
        else texts("swap.to", address=grouped(address(values, "address"))),
        doubt(word(values, "address_verdict"), texts),
        texts("swap.memo", name=memo_name(values, texts), memo=copied(memo)) if memo else "",
        texts("swap.refund_to", address=grouped(refund)) if refund else texts("swap.no_refund_address"),
        doubt(word(values, "refund_verdict"), texts),
        texts("swap.memo", name=texts("swap.memo_plain"), memo=copied(word(values, "refund_memo")))
        if word(values, "refund_memo")
        else "",
    ]


def _no(key: str, values: Values, texts: Texts, now: datetime) -> Reply:
    reason = str(values.get("reason") or "")
    why = _why(reason, values, texts, now) if texts.has(reason) else ""
    lines = [texts(key, exchange=exchange_of(values)), *brief(values, texts), why, texts("swap.nothing_made")]
    return Reply(joined(lines), (*_nearest(reason, values, texts), *_again(values, texts)))


def _nearest(reason: str, values: Values, texts: Texts) -> Keyboard:
    """The same swap with the nearest amount that is taken, where that is what was wrong."""
    told = values.get("reason_values")
    fits = decimal(told_bound(reason, told)) if isinstance(told, Mapping) else None
    if not fits:
        return ()
    what = f"{number(fits)} {ticker(word(values, 'source'))}"
    swap = run(label(texts.plain("button.swap", what=what), 50), "swap", "change", intent_of(values), number(fits))
    return keyboard([swap])


def _why(reason: str, values: Values, texts: Texts, now: datetime) -> str:
    filling = values.get("reason_values")
    told = filling if isinstance(filling, Mapping) else {}
    filled = {"exchange": exchange_of(values)} | {str(name): value for name, value in told.items() if name != "key"}
    return errors.of(UserMistake(reason, **filled), texts, now=now).html


def _notes(values: Values, texts: Texts) -> list[Html]:
    notes = values.get("notes")
    told = [label(str(note), 200) for note in notes if note] if isinstance(notes, list | tuple) else []
    return [texts("swap.note", note=note) for note in told[:_MOST_NOTES]]


def _quota(values: Values, texts: Texts) -> Html:
    left = figure(values, "left_today")
    return texts.plural("swap.left_today", int(left)) if left is not None and 0 <= left < 10 else Html()


def _again(values: Values, texts: Texts) -> Keyboard:
    return keyboard([run(texts.plain("button.again"), "again", intent_of(values))]) if intent_of(values) else ()
