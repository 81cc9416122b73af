"""One currency in another, with the way it was found; and the word that sources disagree."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.domain.money import EXACT
from bot.domain.rates import Doubt, Rate, Step
from bot.domain.replies import Keyboard, Reply
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.texts.numbers import known
from bot.views import sources
from bot.views.keyboard import keyboard, run


def pair(rate: Rate, *, now: datetime, texts: Texts, zone: str = "", typed: tuple[str, str] = ("", "")) -> Reply:
    """What one of the first costs in the second. `typed`: the words that found the two (the buttons use them)."""
    have, want = typed[0] or rate.have, typed[1] or rate.want
    text = texts(
        "rate.card",
        have=label(rate.have, 20),
        want=label(rate.want, 20),
        price=texts.numbers.price_short(rate.value),
        approx=texts.numbers.approx(rate.value),
    )
    buttons = [
        run(texts.plain("button.refresh"), "price", f"{have}/{want}", in_place=True),
        run(_turned(rate), "price", f"{want}/{have}", in_place=True),
    ]
    return Reply(_with_way(text, rate, now, texts, zone), _closer(rate, keyboard(buttons), texts))


def listed(
    table: Reply | None,
    told: Sequence[Rate | str],
    *,
    again: Sequence[str],
    now: datetime,
    texts: Texts,
    zone: str = "",  # noqa: ARG001  # as every view of prices takes it
) -> Reply:
    """Pairs, one line each, below a table of coins. `told`: a rate, or HTML that says why there is none. `again`: the
    words as typed.
    """
    lines = [one if isinstance(one, str) else _summed_up(one, now, texts) for one in told]
    refresh = run(texts.plain("button.refresh"), "price", *again, in_place=True)
    rest = table.buttons[1:] if table else ()
    html = "\n".join([*([table.html] if table else []), *lines])
    return Reply(html, (*keyboard([refresh]), *rest))


def calc(
    amount: Decimal, rate: Rate, *, now: datetime, texts: Texts, zone: str = "", typed: tuple[str, str] = ("", "")
) -> Reply:
    """So much of the first in the second. `typed` as in `pair`."""
    have, want = typed[0] or rate.have, typed[1] or rate.want
    countable = known(amount) and known(rate.value)
    text = texts(
        "calc.card",
        amount=texts.numbers.amount(amount),
        have=label(rate.have, 20),
        want=label(rate.want, 20),
        result=texts.numbers.approx(EXACT.multiply(amount, rate.value) if countable else None),
        rate=texts.numbers.approx(rate.value),
    )
    exact = texts.numbers.amount(amount)
    buttons = [
        run(texts.plain("button.refresh"), "calc", exact, have, want, in_place=True),
        run(_turned(rate), "calc", exact, want, have, in_place=True),
    ]
    return Reply(_with_way(text, rate, now, texts, zone), keyboard(buttons))


def banner(doubt: Doubt, texts: Texts) -> Html:
    """Under a price that other sources see differently."""
    return texts(
        "price.doubt",
        percent=texts.numbers.share(doubt.percent),
        exchanges=", ".join(label(name, 20) for name in doubt.exchanges),
        price=texts.numbers.price_short(doubt.price),
        dollars="/".join(label(name, 8) for name in doubt.dollars),
    )


def _turned(rate: Rate) -> str:
    return f"⇄ {label(rate.want, 16)} → {label(rate.have, 16)}"


def _closer(rate: Rate, buttons: Keyboard, texts: Texts) -> Keyboard:
    """Where it is one exchange's own pair, that pair."""
    if len(rate.steps) != 1 or (rate.steps[0].base, rate.steps[0].quote) != (rate.have, rate.want):
        return buttons
    symbol = f"{rate.have}/{rate.want}"
    word = texts.plain("button.ticker"), texts.plain("button.candles")
    return (*buttons, *keyboard([run(word[0], "ticker", symbol), run(word[1], "candles", symbol, "1h")]))


def _with_way(text: Html, rate: Rate, now: datetime, texts: Texts, zone: str) -> str:
    steps = [_step(step, now, texts) for step in rate.steps]
    names = ", ".join(dict.fromkeys(sources.link(step.source) for step in rate.steps))
    via = [texts("rate.via", via=" → ".join(label(name, 12) for name in rate.via), sources=Html(names))]
    oldest = min((step.at for step in rate.steps), default=now)
    stale = rate.steps and rate.stale
    last = sources.line(oldest, _names(rate), now=now, texts=texts, zone=zone, stale=True) if stale else ""
    return "\n".join(filter(None, [text, *steps, *(via if rate.via else []), last]))


def _summed_up(rate: Rate, now: datetime, texts: Texts) -> Html:
    """All its steps in one; as old as the oldest."""
    oldest = min((step.at for step in rate.steps), default=now)
    return texts(
        "rate.step",
        base=label(rate.have, 12),
        quote=label(rate.want, 12),
        price=texts.numbers.price_short(rate.value),
        source=Html(", ".join(dict.fromkeys(sources.link(step.source) for step in rate.steps))),
        age=texts.times.age((now - oldest).total_seconds()),
    )


def _names(rate: Rate) -> str:
    return ", ".join(dict.fromkeys(step.source for step in rate.steps))


def _step(step: Step, now: datetime, texts: Texts) -> Html:
    return texts(
        "rate.step",
        base=label(step.base, 12),
        quote=label(step.quote, 12),
        price=texts.numbers.price_short(step.price),
        source=sources.link(step.source),
        age=texts.times.age((now - step.at).total_seconds()),
    )
