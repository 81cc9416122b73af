"""A broadcast as its author sees it, at each stage; and the words that mark what was corrected or withdrawn."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bot.domain.broadcasts import Broadcast, State
from bot.domain.replies import Button, Reply
from bot.texts import Texts
from bot.texts.names import label
from bot.views.keyboard import keyboard, run
from bot.views.values import Values, told

PER_SECOND = 29
"""What Telegram takes, less a place kept for alerts: for a guess before anything was sent."""
SLOWEST = 0.05
"""Copies a second below which nobody can say how long it takes."""
DELETABLE_S = 48 * 3600
_CELLS = 12
_STATES = {
    State.DRAFT: "broadcast.draft",
    State.CANCELLED: "broadcast.cancelled",
    State.SCHEDULED: "broadcast.scheduled",
    State.MISSED: "broadcast.missed",
    State.SENDING: "broadcast.sending",
    State.CORRECTING: "broadcast.correcting",
    State.RECALLING: "broadcast.recalling",
    State.ENDED: "broadcast.ended",
}
_SHORT = {
    State.DRAFT: "broadcast.short.draft",
    State.CANCELLED: "broadcast.short.cancelled",
    State.SCHEDULED: "broadcast.short.scheduled",
    State.MISSED: "broadcast.short.missed",
    State.SENDING: "broadcast.short.sending",
    State.CORRECTING: "broadcast.short.sending",
    State.RECALLING: "broadcast.short.sending",
    State.ENDED: "broadcast.short.ended",
}
_REASONS = {
    "stopped": "broadcast.reason.stopped",
    "no_right": "broadcast.reason.no_right",
    "lost": "broadcast.reason.lost",
    "late": "broadcast.reason.late",
    "nobody": "broadcast.reason.nobody",
    "put_back": "broadcast.reason.put_back",
}
_ROLES = {"everyone": "broadcast.everyone", "members": "broadcast.members", "guests": "broadcast.guests"}


def card(values: Values, texts: Texts, now: datetime) -> Reply:
    """As _broadcast_cards tells it. `rate`: copies a second just now."""
    state = State(told(values, "state") or State.ENDED)
    head = texts(_STATES[state])
    if state in {State.DRAFT, State.SCHEDULED, State.MISSED}:
        return Reply(_lines(head, *_planned(values, state, texts, now)), _of_plan(values, state, texts))
    if state is State.CANCELLED:
        return Reply(head)
    if state is State.ENDED:
        return Reply(_lines(_ended(values, texts), *_report(values, texts)), _after(values, texts, now))
    buttons = keyboard([_button(values, texts, "button.stop", "stop")])
    return Reply(_lines(head, *_progress(values, state, texts)), buttons)


def asked(_values: Values, texts: Texts, _now: datetime) -> Reply:
    return Reply(texts("broadcast.ask"))


def when(_values: Values, texts: Texts, _now: datetime) -> Reply:
    return Reply(texts("broadcast.when"))


def typed(values: Values, texts: Texts, _now: datetime) -> Reply:
    """`people`; `wrong`: something else was typed before."""
    people = texts.numbers.count(_n(values, "people"))
    question = texts("broadcast.typed", people=people)
    return Reply(f"{texts('broadcast.typed_wrong')}\n{question}" if values.get("wrong") else question)


def started(values: Values, texts: Texts, _now: datetime) -> Reply:
    return Reply(texts.plural("broadcast.started", _n(values, "people")))


def amend(_values: Values, texts: Texts, _now: datetime) -> Reply:
    return Reply(texts("broadcast.amend"))


def correction(values: Values, texts: Texts, _now: datetime) -> Reply:
    """`id`, `copies`."""
    copies = _n(values, "copies")
    text = texts.plain("button.correct_copies", n=texts.numbers.count(copies))
    button = run(text, "broadcast", "correct", told(values, "id"), "yes", in_place=True)
    keep = run(texts.plain("button.leave"), "broadcast", "show", told(values, "id"), in_place=True)
    return Reply(texts.plural("broadcast.correction", copies), keyboard([button], [keep]))


def recall_asked(broadcast_id: str, *, texts: Texts) -> Reply:
    yes = run(texts.plain("button.recall_now"), "broadcast", "recall", broadcast_id, "yes", in_place=True)
    keep = run(texts.plain("button.leave"), "broadcast", "show", broadcast_id, in_place=True)
    return Reply(texts("broadcast.recall"), keyboard([yes], [keep]))


def mark(_values: Values, texts: Texts, _now: datetime) -> Reply:
    """The last line of a copy that was corrected."""
    return Reply(texts("broadcast.mark"))


def withdrawn(_values: Values, texts: Texts, _now: datetime) -> Reply:
    """In place of a copy that can be deleted no more."""
    return Reply(texts("broadcast.withdrawn"))


def listed(broadcasts: Sequence[Broadcast], *, now: datetime, texts: Texts, zone: str) -> Reply:
    """Newest first, a button each."""
    if not broadcasts:
        return Reply(texts("broadcast.none"))
    buttons = []
    for one in broadcasts:
        moment = datetime.fromtimestamp((one.due_at if one.state is State.SCHEDULED else one.created_at) / 1000, UTC)
        at = texts.times.at(moment, now=now, zone=zone)
        name = f"{texts.plain(_SHORT[one.state])} · {at} · {texts.numbers.count(one.reach.people)}"
        buttons.append([run(name, "broadcast", "show", one.id)])
    return Reply(texts.plural("broadcast.list", len(broadcasts)), keyboard(*buttons))


def _lines(*lines: str) -> str:
    return "\n".join(filter(None, lines))


def _planned(values: Values, state: State, texts: Texts, now: datetime) -> Iterable[str]:
    count, people = texts.numbers.count, _n(values, "people")
    if state is State.SCHEDULED:
        at = datetime.fromtimestamp(_n(values, "due_at") / 1000, UTC)
        zone = told(values, "zone")
        yield texts("broadcast.due", at=texts.times.until(at, now=now, zone=zone), zone=zone)
    if reason := _REASONS.get(told(values, "reason")):
        yield texts(reason)
    yield texts.plural(
        "broadcast.reach", people, muted=count(_n(values, "muted")), unreachable=count(_n(values, "unreachable")),
        time=texts.times.age(-(-people // PER_SECOND)),
    )  # fmt: skip
    yield texts("broadcast.audience", who=texts(_ROLES[told(values, "role") or "everyone"]), more=_more(values, texts))


def _more(values: Values, texts: Texts) -> str:
    """What else narrows it."""
    parts = [f" · {language}"] if (language := told(values, "language")) else []
    days = _n(values, "days")
    return "".join([*parts, f" · {texts.plural('broadcast.active', days)}" if days else ""])


def _of_plan(values: Values, state: State, texts: Texts) -> tuple[tuple[Button, ...], ...]:
    def act(key: str, verb: str, *, in_place: bool = True) -> Button | None:
        return run(texts.plain(key), "broadcast", verb, told(values, "id"), in_place=in_place)

    send = [act("button.send_now", "go"), act("button.schedule", "at", in_place=False)]
    cancel = [act("button.cancel_broadcast", "cancel")]
    if state is not State.DRAFT:
        return keyboard(send, cancel)
    language, days = told(values, "language"), _n(values, "days")
    active = texts.plain("button.active_days", n=str(days)) if days else texts.plain("button.any_time")
    who = [
        _turn(values, f"🌐 {language or texts.plain('button.any_language')}", "lang"),
        _turn(values, f"👥 {texts.plain(_ROLES[told(values, 'role') or 'everyone'])}", "who"),
    ]
    how = [
        _turn(values, f"🕓 {active}", "active"),
        act("button.silent" if values.get("silent") else "button.loud", "sound"),
    ]
    return keyboard([act("button.send_to_me", "me", in_place=False), *send], who, how, cancel)


def _turn(values: Values, text: str, verb: str) -> Button | None:
    return run(text, "broadcast", verb, told(values, "id"), in_place=True)


def _progress(values: Values, state: State, texts: Texts) -> Iterable[str]:
    count = texts.numbers.count
    if state is State.SENDING:
        through = sum(_n(values, name) for name in ("sent", "gone", "failed", "uncertain"))
        whole = through + _n(values, "waiting") + _n(values, "sending")
    else:
        through = _n(values, "done") + _n(values, "vain")
        whole = max(through, _n(values, "sent") + _n(values, "recalled"))
    yield f"{_bar(through, whole)} {100 * through // whole if whole else 100} %"
    yield texts("broadcast.so_far", n=count(through), of=count(whole))
    rate = values.get("rate")
    if isinstance(rate, int | float) and rate >= SLOWEST:
        left = texts.times.age((whole - through) / rate)
        yield texts("broadcast.rate", rate=f"{rate:.1f}", left=left)
    if state is State.SENDING:
        yield _failures(values, texts)


def _ended(values: Values, texts: Texts) -> str:
    reason = _REASONS.get(told(values, "reason"))
    if reason:
        return texts("broadcast.ended_early", reason=texts(reason))
    return texts("broadcast.ended_recalled" if values.get("recalled_at") else "broadcast.ended")


def _report(values: Values, texts: Texts) -> Iterable[str]:
    """Sent, failed, blocked, skipped, uncertain; then what became of the last change."""
    count = texts.numbers.count
    yield texts(
        "broadcast.report", sent=count(_n(values, "sent") + _n(values, "recalled")),
        muted=count(_n(values, "muted")), unreachable=count(_n(values, "unreachable")),
    )  # fmt: skip
    yield _failures(values, texts)
    if waiting := _n(values, "waiting"):
        yield texts("broadcast.left", n=count(waiting))
    if names := values.get("unsure"):
        listed_names = ", ".join(label(str(name), 24) for name in names) if isinstance(names, list) else ""
        more = _n(values, "uncertain") - (len(names) if isinstance(names, list) else 0)
        yield texts("broadcast.unsure", names=f"{listed_names} +{more}" if more > 0 else listed_names)
    if _n(values, "task"):
        key = "broadcast.recalled" if values.get("recalled_at") else "broadcast.corrected"
        yield texts(key, done=count(_n(values, "done")), vain=count(_n(values, "vain")))


def _failures(values: Values, texts: Texts) -> str:
    numbers = {name: texts.numbers.count(_n(values, name)) for name in ("gone", "failed", "uncertain")}
    return texts("broadcast.failures", **numbers)


def _after(values: Values, texts: Texts, now: datetime) -> tuple[tuple[Button, ...], ...]:
    if values.get("recalled_at"):
        return keyboard([_button(values, texts, "button.recall", "recall")]) if _n(values, "sent") else ()
    rows: list[list[Button | None]] = []
    count = texts.numbers.count
    if left := _n(values, "waiting"):
        text = texts.plain("button.send_rest", n=count(left))
        rows.append([run(text, "broadcast", "again", told(values, "id"), "rest", in_place=True)])
    if uncertain := _n(values, "uncertain"):
        text = texts.plain("button.send_again", n=count(uncertain))
        rows.append([run(text, "broadcast", "again", told(values, "id"), in_place=True)])
    if _n(values, "sent"):
        by_hand = told(values, "kind") != "summary"
        correct = _button(values, texts, "button.correct", "correct", in_place=False) if by_hand else None
        old_s = now.timestamp() - _n(values, "ended_at") / 1000
        recall = "button.recall" if old_s < DELETABLE_S else "button.withdraw"
        rows.append([correct, _button(values, texts, recall, "recall")])
    return keyboard(*rows)


def _button(values: Values, texts: Texts, key: str, verb: str, *, in_place: bool = True) -> Button | None:
    return run(texts.plain(key), "broadcast", verb, told(values, "id"), in_place=in_place)


def _bar(part: int, whole: int) -> str:
    full = _CELLS * part // whole if whole else _CELLS
    return "▰" * full + "▱" * (_CELLS - full)


def _n(values: Values, name: str) -> int:
    value = values.get(name, 0)
    return value if isinstance(value, int) else 0


VIEWS = {
    "broadcast_card": card,
    "broadcast_ask": asked,
    "broadcast_when": when,
    "broadcast_typed": typed,
    "broadcast_started": started,
    "broadcast_amend": amend,
    "broadcast_correction": correction,
    "broadcast_mark": mark,
    "broadcast_withdrawn": withdrawn,
}
