"""What is told without being asked, or stored with the change it tells of: by kind."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.notices import Notice
from bot.domain.replies import Reply
from bot.domain.users import Standing
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.views import (
    addresses,
    alerts,
    broadcasts,
    errors,
    guards,
    health,
    intents,
    keys,
    summaries,
    swap_stages,
    swaps,
    telling,
)
from bot.views.keyboard import keyboard, run
from bot.views.values import Values, told

View = Callable[[Values, Texts, datetime], Reply]
LONGEST_LINE = 160


def render(notice: Notice, texts: Texts, now: datetime) -> Reply:
    """KeyError for a kind that has no view."""
    return KINDS[notice.kind](notice.values, texts, now)


def access_asked(values: Values, texts: Texts, _now: datetime) -> Reply:
    """To the admins. `user_id`, `name`."""
    who = told(values, "user_id")
    buttons = [
        run(texts.plain("button.let_in"), "letin", who, in_place=True),
        run(texts.plain("button.block"), "block", who, in_place=True),
    ]
    return Reply(texts("notice.access_asked", name=_text(values, "name"), id=who), keyboard(buttons))


def access_pending(values: Values, texts: Texts, _now: datetime) -> Reply:
    """To who asked. `standing`: where he stands now; asking again changes nothing."""
    standing = told(values, "standing")
    if standing == Standing.ASKED:
        return Reply(texts("notice.access_pending"))
    return Reply(texts(f"access.{standing}", id=told(values, "user_id")))


def access_decided(values: Values, texts: Texts, _now: datetime) -> Reply:
    """To the admin who decided. `user_id`, `name`, `standing`."""
    standing = texts(f"standing.{told(values, 'standing')}")
    who = told(values, "user_id")
    return Reply(texts("notice.access_decided", name=_text(values, "name"), id=who, standing=standing))


def access_granted(_values: Values, texts: Texts, _now: datetime) -> Reply:
    return Reply(texts("notice.access_granted"), keyboard([run(texts.plain("button.all_commands"), "help")]))


def admin_named(_values: Values, texts: Texts, _now: datetime) -> Reply:
    return Reply(texts("notice.admin_named"), keyboard([run(texts.plain("button.all_commands"), "help")]))


def admin_ended(_values: Values, texts: Texts, _now: datetime) -> Reply:
    return Reply(texts("notice.admin_ended"))


def access_refused(_values: Values, texts: Texts, _now: datetime) -> Reply:
    return Reply(texts("notice.access_refused"))


def settings_saved(values: Values, texts: Texts, now: datetime) -> Reply:
    """`zone`: the reader's own, empty where he has chosen none. The language is his own by then."""
    buttons = keyboard([run(texts.plain("button.settings"), "settings", in_place=True)])
    zone = told(values, "zone")
    if not zone:
        return Reply(texts("notice.language_saved", language=texts.name), buttons)
    clock = texts.times.at(now, now=now, zone=zone)
    return Reply(texts("notice.settings_saved", language=texts.name, zone=zone, clock=clock), buttons)


def watch_saved(values: Values, texts: Texts, _now: datetime) -> Reply:
    """`tickers`: the list as it is now."""
    tickers = values.get("tickers")
    names = [label(str(ticker)) for ticker in tickers] if isinstance(tickers, list | tuple) else []
    if not names:
        return Reply(texts("notice.watch_cleared"))
    text = texts.plural("notice.watch_saved", len(names), names=", ".join(names))
    return Reply(text, keyboard([run(texts.plain("button.prices"), "price")]))


def picked(values: Values, texts: Texts, _now: datetime) -> Reply:
    """`ticker`, `name`; `command`: the line that was waiting for the choice."""
    ticker, line = told(values, "ticker"), told(values, "command").split()
    text = texts("notice.picked", ticker=label(ticker), name=_text(values, "name"))
    return Reply(text, keyboard([run(f"/{label(' '.join(line), 40)}", *line)] if line else []))


def answer_failed(values: Values, texts: Texts, _now: datetime) -> Reply:
    """`command`, `reference`."""
    return errors.given_up(told(values, "command"), _text(values, "reference"), texts)


def flood(values: Values, texts: Texts, _now: datetime) -> Reply:
    """`wait_s`."""
    wait_s = values.get("wait_s")
    return errors.flood(wait_s if isinstance(wait_s, int | float) else 1, texts)


def digest(values: Values, texts: Texts, now: datetime) -> Reply:
    """Many late ones as one. `items`: milliseconds since 1970, kind and values of each, oldest first; `more`: how many
    came before them; `zone`.
    """
    given = values.get("items")
    items = [each for each in given if len(each) == 3] if isinstance(given, list) else []
    phrase = next((phrase for _, _, told_of in items if (phrase := told(told_of, "phrase"))), "")
    earlier = int(told(values, "more") or 0)
    lines = [line(_moment(at), Notice(kind, told_of), texts, now, told(values, "zone")) for at, kind, told_of in items]
    parts = [
        texts.plural("delivery.digest", len(items) + earlier),
        texts("intent.phrase", phrase=label(phrase, 64)) if phrase else "",
        texts.plural("delivery.earlier", earlier) if earlier else "",
        *lines,
    ]
    buttons = [run(texts.plain("button.missed"), "missed"), run(texts.plain("button.orders"), "orders")]
    return Reply("\n".join(filter(None, parts)), keyboard(buttons))


def line(at: datetime, notice: Notice, texts: Texts, now: datetime, zone: str) -> Html:
    """The gist of a notice and when it was said, for a list."""
    try:
        said = render(Notice(notice.kind, {**notice.values, "phrase": ""}), texts, now).plain
    except Exception:  # noqa: BLE001  # one that has no words any more must not hide the others
        said = ""
    gist = " · ".join([each.strip() for each in said.splitlines() if each.strip()][:2])
    return texts("delivery.line", at=texts.times.at(at, now=now, zone=zone), gist=label(gist, LONGEST_LINE))


def late(reply: Reply, since_ms: int, texts: Texts, now: datetime, zone: str) -> Reply:
    """Says that it comes late, and of when it is: milliseconds since 1970."""
    moment = _moment(since_ms)
    age = texts.times.age((now - moment).total_seconds())
    head = texts("delivery.late", at=texts.times.at(moment, now=now, zone=zone), age=age)
    return replace(reply, html=f"{head}\n{reply.html}")


KINDS: Mapping[str, View] = (
    {
        view.__name__: view
        for view in (
            access_asked,
            access_pending,
            access_decided,
            access_granted,
            access_refused,
            admin_named,
            admin_ended,
            settings_saved,
            watch_saved,
            picked,
            answer_failed,
            flood,
            digest,
        )
    }
    | telling.VIEWS
    | intents.VIEWS
    | keys.VIEWS
    | guards.VIEWS
    | health.VIEWS
    | alerts.VIEWS
    | swaps.VIEWS
    | swap_stages.VIEWS
    | addresses.VIEWS
    | broadcasts.VIEWS
    | summaries.VIEWS
)


def _text(values: Values, name: str) -> str:
    return label(told(values, name))


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
