"""The market summary as a reader gets it; its schedules; and what a reader wants to be sent."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.domain.prices import Quote
from bot.domain.readers import Pace
from bot.domain.replies import Button, Picture, Reply
from bot.domain.summaries import Summary, from_values
from bot.domain.telling import Loudness
from bot.texts import Texts
from bot.texts.names import label
from bot.texts.numbers import UNKNOWN
from bot.views import sources
from bot.views.keyboard import keyboard, run
from bot.views.tables import rows
from bot.views.values import Values, told

_WEEKDAYS = (
    "weekday.mon", "weekday.tue", "weekday.wed", "weekday.thu", "weekday.fri", "weekday.sat", "weekday.sun",
)  # fmt: skip
_PACES = {Pace.EACH: "button.pace_each", Pace.WEEKLY: "button.pace_weekly", Pace.OFF: "button.pace_off"}
_LOUD = {Loudness.LOUD: "button.news_loud", Loudness.SILENT: "button.news_silent", Loudness.OFF: "button.news_off"}


_PACE_WORDS = {Pace.EACH: "reader.each", Pace.WEEKLY: "reader.weekly", Pace.OFF: "reader.none"}
_LOUD_WORDS = {Loudness.LOUD: "reader.loud", Loudness.SILENT: "reader.silent", Loudness.OFF: "reader.none"}


def summary(values: Values, texts: Texts, now: datetime) -> Reply:
    """To a reader. `zone`: his own."""
    buttons = [
        run(texts.plain("button.fewer"), "subscribe", "fewer"),
        run(texts.plain("button.mute_day"), "subscribe", "mute"),
        run(texts.plain("button.pace_off"), "subscribe", "off"),
    ]
    return Reply(_text(values, texts, now), keyboard(buttons), silent=True)


def with_picture(values: Values, picture: bytes | None, *, now: datetime, texts: Texts) -> Reply:
    """As `summary`, with its picture."""
    reply = summary(values, texts, now)
    return Reply(reply.html, reply.buttons, picture=_picture(picture), silent=True)


def on_request(values: Values, picture: bytes | None, *, admin: bool, now: datetime, texts: Texts, zone: str) -> Reply:
    """To who asked. An admin may send it to all."""
    own = [
        run(texts.plain("button.refresh"), "summary", "now", in_place=True),
        run(texts.plain("button.subscribe"), "subscribe"),
    ]
    more = [
        run(texts.plain("button.send_to_all"), "summary", "all"),
        run(texts.plain("button.schedules"), "summary", "list"),
    ]
    text = _text({**values, "zone": zone}, texts, now)
    return Reply(text, keyboard(own, more if admin else []), picture=_picture(picture))


def schedules(values: Values, texts: Texts, now: datetime) -> Reply:
    """`rows`: id, weekday (-1: every day), at, zone, due_at."""
    found = values.get("rows")
    if not isinstance(found, list) or not found:
        return Reply(texts("summary.no_schedules"))
    lines, drops = [texts("summary.schedules")], []
    for number, weekday, at, zone, due_at in found:
        day = texts(_WEEKDAYS[weekday]) if weekday >= 0 else texts("weekday.every")
        due = texts.times.until(datetime.fromtimestamp(due_at / 1000, UTC), now=now, zone=zone)
        lines.append(texts("summary.schedule", day=day, at=str(at), zone=str(zone), due=due))
        drops.append([run(f"✖ {day} {at} {zone}", "summary", "drop", str(number), in_place=True)])
    return Reply("\n".join(lines), keyboard(*drops))


def skipped(values: Values, texts: Texts, _now: datetime) -> Reply:
    """`day`, `at`, `zone`."""
    text = texts("summary.skipped", day=told(values, "day"), at=told(values, "at"), zone=told(values, "zone"))
    return Reply(text, keyboard([run(texts.plain("button.send_to_all"), "summary", "all")]))


def reader(values: Values, texts: Texts, now: datetime) -> Reply:
    """`pace`, `broadcasts`, `muted_until`."""
    pace, loudness = Pace(told(values, "pace") or Pace.OFF), Loudness(told(values, "broadcasts") or Loudness.SILENT)
    muted = values.get("muted_until")
    parts = [texts("reader.card", pace=texts(_PACE_WORDS[pace]), broadcasts=texts(_LOUD_WORDS[loudness]))]
    if isinstance(muted, int) and muted:
        until = texts.times.until(datetime.fromtimestamp(muted / 1000, UTC), now=now)
        parts.append(texts("reader.muted", until=until))
    return Reply(
        "\n".join(parts),
        keyboard(
            [_choice(texts, key, each.value, here=each is pace) for each, key in _PACES.items()],
            [_choice(texts, key, "news", each.value, here=each is loudness) for each, key in _LOUD.items()],
            [run(texts.plain("button.mute_day"), "subscribe", "mute", in_place=True)],
        ),
    )


def _choice(texts: Texts, key: str, *words: str, here: bool) -> Button | None:
    text = texts.plain(key)
    return run(f"✓ {text}" if here else text, "subscribe", *words, in_place=True)


def _text(values: Values, texts: Texts, now: datetime) -> str:
    """Fits a caption: a picture goes with it."""
    found, zone, write = from_values(values), told(values, "zone"), texts.numbers
    totals = found.totals
    shares = [f"{label(name, 12)} {write.share(part)}" for name, part in totals.dominance.items()]
    text = texts(
        "summary.card",
        at=texts.times.at(totals.at, now=now, zone=zone),
        cap=write.cap(totals.cap),
        change=write.percent(totals.cap_change_24h),
        volume=write.cap(totals.volume_24h),
        dominance=" · ".join(shares) or UNKNOWN,
    )
    source = sources.line_of([totals, *found.majors], now=now, texts=texts, zone=zone, stale=found.stale)
    majors = rows(found.majors, texts) if found.majors else ""
    return "\n".join(filter(None, [text, majors, *_moves(found, texts), source]))


def _moves(found: Summary, texts: Texts) -> list[str]:
    lines: list[str] = []
    if found.best:
        lines.append(texts("summary.best", coins=_named(found.best, texts)))
    if found.worst:
        lines.append(texts("summary.worst", coins=_named(found.worst, texts)))
    if found.counted:
        count = texts.numbers.count
        lines.append(texts("summary.breadth", risers=count(found.risers), counted=count(found.counted)))
    return lines


def _named(quotes: Sequence[Quote], texts: Texts) -> str:
    return " · ".join(f"{label(one.asset.ticker, 12)}\u00a0{texts.numbers.percent(one.change_24h)}" for one in quotes)


def _picture(content: bytes | None) -> Picture | None:
    return Picture(content, "market.png") if content else None


VIEWS = {
    "summary": summary,
    "summary_schedules": schedules,
    "summary_skipped": skipped,
    "reader_card": reader,
}
