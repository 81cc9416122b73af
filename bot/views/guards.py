"""What guards a person, as he sees it."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from bot.domain.guards import Enrolment, Guard, Limits
from bot.domain.replies import Button, Reply
from bot.texts import Texts
from bot.texts.names import label
from bot.views.keyboard import keyboard, run
from bot.views.values import Values, told


def card(guard: Guard, texts: Texts) -> Reply:
    """All of it on one page."""
    lines = [
        texts("guard.head"),
        texts("guard.locked" if guard.locked else "guard.open"),
        texts("guard.limits", **_limits(guard.limits, texts)),
        texts("guard.phrase_line", phrase=label(guard.phrase, 40)) if guard.phrase else texts("guard.no_phrase"),
        texts("guard.second_step" if guard.second_step else "guard.no_second_step"),
    ]
    lock = run(texts.plain("button.unlock" if guard.locked else "button.lock"), "unlock" if guard.locked else "lock")
    return Reply(
        "\n".join(lines),
        keyboard(
            [lock, run(texts.plain("button.limits"), "limits", in_place=True)],
            [run(texts.plain("button.phrase"), "phrase"), _second(texts)],
            [run(texts.plain("button.keys"), "keys")],
        ),
    )


def limits(guard: Guard, most: Limits, texts: Texts) -> Reply:
    text = texts("limits.card", **_limits(guard.limits, texts), most=texts.numbers.usd(most.per_day))
    order, day = _choices("order", guard.limits.per_order, texts), _choices("day", guard.limits.per_day, texts)
    return Reply(text, keyboard(order, day, [_back(texts)]))


def phrase(current: str, texts: Texts) -> Reply:
    """The question for a new one."""
    now = [texts("guard.phrase_line", phrase=label(current, 40))] if current else []
    off = [run(texts.plain("button.phrase_off"), "phrase", "off")] if current else []
    return Reply("\n".join([*now, texts("phrase.ask")]), keyboard(off))


def second_step(guard: Guard, *, demanded: bool, texts: Texts) -> Reply:
    if guard.second_step:
        off = [] if demanded else [run(texts.plain("button.second_step_off"), "secondstep", "off")]
        return Reply(texts("second_step.is_on"), keyboard(off, [_back(texts)]))
    on = run(texts.plain("button.second_step_on"), "secondstep", "on")
    return Reply(texts("second_step.about"), keyboard([on], [_back(texts)]))


def enrolment(enrolment: Enrolment, texts: Texts) -> Reply:
    """The secret and its address, to be copied; the next line is the first code."""
    secret = " ".join(enrolment.secret[at : at + 4] for at in range(0, len(enrolment.secret), 4))
    buttons = [
        Button(texts.plain("button.copy_secret"), copy=enrolment.secret),
        Button(texts.plain("button.copy_uri"), copy=enrolment.uri),
    ]
    return Reply(texts("second_step.enrol", secret=secret), keyboard(buttons))


# --- notices ----------------------------------------------------------------------------------------------------------


def locked(_values: Values, texts: Texts, _now: datetime) -> Reply:
    return Reply(texts("notice.locked"), keyboard([run(texts.plain("button.unlock"), "unlock")]))


def unlocked(values: Values, texts: Texts, _now: datetime) -> Reply:
    """`was_locked`."""
    return Reply(texts("notice.unlocked" if values.get("was_locked") else "notice.not_locked"))


def limits_saved(values: Values, texts: Texts, _now: datetime) -> Reply:
    """`per_order`, `per_day` in US dollars."""
    now = Limits(Decimal(told(values, "per_order") or 0), Decimal(told(values, "per_day") or 0))
    return Reply(texts("notice.limits_saved", **_limits(now, texts)), keyboard([_back(texts)]))


def phrase_saved(values: Values, texts: Texts, _now: datetime) -> Reply:
    """`phrase`, empty for none."""
    phrase = told(values, "phrase")
    return Reply(texts("notice.phrase_saved", phrase=label(phrase, 40)) if phrase else texts("notice.phrase_ended"))


def second_step_on(_values: Values, texts: Texts, _now: datetime) -> Reply:
    return Reply(texts("notice.second_step_on"))


def second_step_off(_values: Values, texts: Texts, _now: datetime) -> Reply:
    return Reply(texts("notice.second_step_off"))


def code_wrong(values: Values, texts: Texts, _now: datetime) -> Reply:
    """`left` tries; with none left, `minutes` to wait."""
    left = values.get("left")
    if isinstance(left, int) and left:
        return Reply(texts.plural("notice.code_wrong", left))
    return Reply(texts("notice.codes_barred", minutes=str(values.get("minutes", ""))))


VIEWS: dict[str, Callable[[Values, Texts, datetime], Reply]] = {
    view.__name__: view
    for view in (locked, unlocked, limits_saved, phrase_saved, second_step_on, second_step_off, code_wrong)
}


def _second(texts: Texts) -> Button | None:
    return run(texts.plain("button.second_step"), "secondstep", in_place=True)


def _back(texts: Texts) -> Button | None:
    return run(f"◀ {texts.plain('button.back')}", "guard", in_place=True)


def _limits(limits: Limits, texts: Texts) -> dict[str, str]:
    return {"per_order": texts.numbers.usd(limits.per_order), "per_day": texts.numbers.usd(limits.per_day)}


def _choices(which: str, current: Decimal, texts: Texts) -> list[Button | None]:
    """Half and double of what holds, in whole dollars."""
    amounts = [each for each in (current / 2 // 1, current * 2) if each >= 1]
    return [
        run(texts.plain(f"button.limit_{which}", amount=texts.numbers.usd(each)), "limits", which, f"{each:f}")
        for each in amounts
    ]
