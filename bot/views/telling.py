"""How a person is told, and when not. Values: bot/services/telling.py, `told_of`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.replies import Button, Reply
from bot.domain.telling import CHOSEN, Loudness, Topic
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.views.keyboard import grid, keyboard, run
from bot.views.values import Values, told

SIGNS = {Loudness.LOUD: "🔔", Loudness.SILENT: "🔈", Loudness.OFF: "🔕"}
HOURS = ("22:00-07:00", "23:00-07:00", "23:00-08:00")


def card(values: Values, texts: Texts) -> Reply:
    """Every topic and how it comes; a press takes it to the next."""
    chosen = {topic: _loudness(values, topic) for topic in CHOSEN}
    lines = [
        texts("notify.line", sign=SIGNS[loudness], topic=texts(f"topic.{topic}"), how=texts(f"loudness.{loudness}"))
        for topic, loudness in chosen.items()
    ]
    text = "\n".join([texts("notify.head"), *lines, "", _hours(values, texts), texts("notify.always")])
    buttons = [_turn(topic, loudness, texts) for topic, loudness in chosen.items()]
    more = [run(texts.plain("button.quiet"), "quiet", in_place=True), run(texts.plain("button.missed"), "missed")]
    return Reply(text, keyboard(*grid(buttons, 2), more))


def quiet_card(values: Values, texts: Texts) -> Reply:
    quiet = _quiet(values)
    lines = [texts("quiet.head"), _hours(values, texts), texts("notify.always"), texts("quiet.how")]
    hours = [run(each.replace("-", "–"), "quiet", each, in_place=True) for each in HOURS]
    modes = [run(texts.plain(f"button.quiet_{mode}"), "quiet", mode, in_place=True) for mode in ("silent", "hold")]
    off = run(texts.plain("button.quiet_off"), "quiet", "off", in_place=True)
    rest = [run(texts.plain("button.notify"), "notify", in_place=True), run(texts.plain("button.zone"), "settings")]
    return Reply("\n".join(lines), keyboard(hours, [*modes, off] if quiet else [], rest))


def notify_saved(values: Values, texts: Texts, _now: datetime) -> Reply:
    return _saved(card(values, texts), texts)


def quiet_saved(values: Values, texts: Texts, _now: datetime) -> Reply:
    return _saved(quiet_card(values, texts), texts)


VIEWS: dict[str, Callable[[Values, Texts, datetime], Reply]] = {
    "notify_saved": notify_saved,
    "quiet_saved": quiet_saved,
}


def _saved(reply: Reply, texts: Texts) -> Reply:
    return replace(reply, html=f"{texts('settings.saved')}\n\n{reply.html}")


def _hours(values: Values, texts: Texts) -> Html:
    quiet = _quiet(values)
    if not quiet:
        return texts("quiet.none")
    how = texts("quiet.holds" if quiet.get("holds") else "quiet.silent")
    hours = f"{label(told(quiet, 'start'))}–{label(told(quiet, 'end'))}"
    return texts("quiet.hours", hours=hours, zone=label(told(values, "zone")), how=how)


def _quiet(values: Values) -> Mapping[str, object]:
    quiet = values.get("quiet")
    return quiet if isinstance(quiet, Mapping) else {}


def _loudness(values: Values, topic: Topic) -> Loudness:
    chosen = values.get("loudness")
    named = chosen.get(topic.value) if isinstance(chosen, Mapping) else None
    return Loudness(named) if named in list(Loudness) else Loudness.LOUD


def _turn(topic: Topic, loudness: Loudness, texts: Texts) -> Button | None:
    order = list(Loudness)
    following = order[(order.index(loudness) + 1) % len(order)]
    text = f"{SIGNS[loudness]} {texts.plain(f'topic.{topic}')}"
    return run(text, "notify", topic.value, following.value, in_place=True)
