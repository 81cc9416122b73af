"""What went wrong, in four parts: what happened, whether money is touched, what to do, and a reference."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from bot.domain.errors import BotError, NotAllowed, NotOffered, Refused, Unavailable, Unsure, UserMistake
from bot.domain.prices import SeveralCoins, UnknownCoin
from bot.domain.rates import UnknownPair
from bot.domain.replies import Button, Keyboard, Reply
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.views import exchanges, prices
from bot.views.keyboard import grid, keyboard, run
from bot.views.swap_words import network, ticker

_LONGEST_VALUE = 80
_SAID = {"ticker": ticker, "network": network}
"""Names that providers write in small letters."""
_MOST_LISTED = 8


def of(
    error: BotError,
    texts: Texts,
    *,
    now: datetime | None = None,
    zone: str = "",
    reference: str = "",
    command: str = "price",
    private: bool = True,
) -> Reply:
    """`now` lets it say when to try again. `reference` is what the log calls this. A coin that was not understood is
    asked for; the answer then runs `command`. `private`: nobody else reads it, or presses its buttons.
    """
    if isinstance(error, SeveralCoins):
        return prices.picker(error.ticker, error.candidates, command, texts=texts, private=private)
    if isinstance(error, UnknownPair):
        return exchanges.unknown(error, texts, command)
    if isinstance(error, UnknownCoin):
        return prices.unknown(error.typed, error.closest, texts=texts, command=command)
    values = _values(error.values, texts, now=now, zone=zone)
    parts = [
        texts(_HEADS[_kind(error)], text=texts(error.key, **values)),
        *_rest(error, texts, now=now, zone=zone),
        texts("error.reference", reference=reference) if reference else "",
    ]
    return Reply("\n".join(filter(None, parts)), _suggestions(error))


def bug(reference: str, texts: Texts) -> Reply:
    """Our own fault. The reference is in the log."""
    return Reply("\n".join([texts("error.bug"), texts("error.reference", reference=reference)]))


def unknown_command(typed: str, likely: Sequence[Sequence[str]], texts: Texts) -> Reply:
    """`likely`: lines that may have been meant, closest first; of one too long for a button the command alone."""
    name = label(typed.lstrip("/"), 32)
    if not likely:
        return Reply(texts("error.unknown_command", typed=name))
    rows = [[_line(line) or _line(line[:1])] for line in likely[:3]]
    return Reply(texts("error.unknown_command_likely", typed=name, likely=likely[0][0]), keyboard(*rows))


def _line(words: Sequence[str]) -> Button | None:
    button = run(label(f"/{' '.join(words)}", 40), *words)
    return button if button and button.fits else None


def flood(wait_s: float, texts: Texts) -> Reply:
    """More than one person may ask at once; `wait_s` until the next is taken."""
    return Reply(texts("error.flood", wait=texts.times.age(max(1, wait_s))))


def given_up(command: str, reference: str, texts: Texts) -> Reply:
    """A command that kept failing and is not tried again. `command`: its first name, empty where it is not known."""
    key = "error.given_up" if command else "error.given_up_unnamed"
    text = texts(key, **({"command": label(command.lstrip("/"), 32)} if command else {}))
    return Reply("\n".join([text, texts("error.reference", reference=reference)]))


def storage_down(texts: Texts) -> Reply:
    """Needs no storage itself: for the moment when there is none."""
    return of(Unavailable("storage.down"), texts)


_HEADS = {
    UserMistake: "error.head.mistake",
    NotAllowed: "error.head.not_allowed",
    Unavailable: "error.head.unavailable",
    Refused: "error.head.refused",
    Unsure: "error.head.unsure",
    BotError: "error.head.mistake",
}


def _kind(error: BotError) -> type[BotError]:
    return next(kind for kind in _HEADS if isinstance(error, kind))


def _rest(error: BotError, texts: Texts, *, now: datetime | None, zone: str) -> list[str]:
    """Whether money is touched and what to do: by the kind of error. A mistake's own text says what to do."""
    if isinstance(error, Unavailable):
        return [texts("error.untouched"), _again(error.retry_at, texts, now=now, zone=zone)]
    if isinstance(error, NotOffered):
        return [texts("intent.nothing_sent")]
    if isinstance(error, Refused):
        return [texts("error.untouched")]
    if isinstance(error, Unsure):
        return [texts("error.unsure"), texts("error.reference", reference=error.intent)]
    return []


def _again(retry_at: datetime | None, texts: Texts, *, now: datetime | None, zone: str) -> str:
    if retry_at is None or now is None or retry_at <= now:
        return texts("error.again_soon")
    return texts("error.again_at", until=texts.times.until(retry_at, now=now, zone=zone))


def _suggestions(error: BotError) -> Keyboard:
    if not isinstance(error, UserMistake):
        return ()
    buttons = [run(label(text, 40), *line.lstrip("/").split()) for text, line in error.suggestions[:_MOST_LISTED]]
    return keyboard(*grid(buttons, 3))


def _values(values: Mapping[str, object], texts: Texts, *, now: datetime | None, zone: str) -> dict[str, str]:
    written = {name: _written(value, texts, now=now, zone=zone) for name, value in values.items()}
    written |= {name: said(str(values[name])) for name, said in _SAID.items() if name in values}
    usage = f"usage.{values.get('usage')}"
    return written | ({"usage": texts(usage)} if texts.has(usage) else {})


def _written(value: object, texts: Texts, *, now: datetime | None, zone: str) -> str:
    """A value as a person reads it. Text is taken for what somebody typed or named."""
    if isinstance(value, Html):
        return value
    if isinstance(value, Decimal):
        return texts.numbers.amount(value)
    if isinstance(value, int):
        return texts.numbers.count(value)
    if isinstance(value, datetime):
        return texts.times.at(value, now=now or value, zone=zone)
    if isinstance(value, list | tuple):
        return ", ".join(_written(each, texts, now=now, zone=zone) for each in value[:_MOST_LISTED])
    return label(str(value), _LONGEST_VALUE)
