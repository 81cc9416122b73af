"""How the desk is, on one card for an admin; and what a restore holds back."""

from collections.abc import Mapping
from datetime import UTC, datetime

from bot.domain.figures import Condition, VendorState
from bot.domain.replies import Reply
from bot.texts import Texts
from bot.texts.names import label
from bot.texts.numbers import UNKNOWN
from bot.views.keyboard import keyboard, run

Values = Mapping[str, object]


def card(condition: Condition, *, texts: Texts) -> Reply:
    figures = condition.figures
    faults = [f"🔴 {label(fault, 120)}" for fault in condition.faults]
    lines = [
        texts("health.head", version=condition.version, python=condition.python, sqlite=condition.sqlite),
        *(faults or [texts("health.ready")]),
        texts("health.up", up=texts.times.age(condition.up_s)),
        texts(
            "health.queues", inbox=_whole(figures, "inbox_waiting"), outbox=_whole(figures, "outbox_waiting"),
            oldest=texts.times.age(figures["outbox_oldest_seconds"]),
        ),
        _heard(figures, texts),
        texts("health.intents", unknown=_whole(figures, "intents_unknown"), orders=_whole(figures, "orders_followed")),
        texts("health.disk", free=_room(figures["disk_free_bytes"]), used=_room(figures["database_bytes"])),
        _backup(figures, texts),
        texts("health.vendors", vendors=" · ".join(_vendor(vendor, texts) for vendor in condition.vendors)),
    ]  # fmt: skip
    if figures["held"]:
        lines.insert(1, texts("health.held"))
    again = run(texts.plain("button.refresh"), "health", in_place=True)
    return Reply("\n".join(lines), keyboard([again]))


def put_back(values: Values, texts: Texts, now: datetime) -> Reply:
    """To the admins, once after a restore. `since` (ms), `unknown`."""
    return Reply(texts.plural("put_back.told", _number(values, "unknown"), since=_moment(values, texts, now)))


def put_back_over(values: Values, texts: Texts, now: datetime) -> Reply:
    """To the admins, when all is asked for."""
    return Reply(texts("put_back.over", since=_moment(values, texts, now)))


def swap_key_refused(values: Values, texts: Texts, now: datetime) -> Reply:
    """To the admins. `exchange`, `since` (ms)."""
    exchange = label(str(values.get("exchange") or UNKNOWN), 32)
    return Reply(texts("health.swap_key_refused", exchange=exchange, since=_moment(values, texts, now)))


VIEWS = {view.__name__: view for view in (put_back, put_back_over, swap_key_refused)}


def _heard(figures: Mapping[str, float], texts: Texts) -> str:
    age_s = figures["poll_age_seconds"]
    return texts("health.heard", age=texts.times.age(age_s)) if age_s >= 0 else texts("health.heard_never")


def _backup(figures: Mapping[str, float], texts: Texts) -> str:
    age_s = figures["backup_age_seconds"]
    return texts("health.backup", age=texts.times.age(age_s)) if age_s >= 0 else texts("health.backup_never")


def _vendor(vendor: VendorState, texts: Texts) -> str:
    if vendor.age_s is None:
        return f"⚪ {vendor.name}"
    if not vendor.trouble:
        return f"🟢 {vendor.name}"
    return f"🔴 {vendor.name}: {texts(f'health.{vendor.trouble}')}"


def _whole(figures: Mapping[str, float], name: str) -> str:
    return f"{int(figures[name])}"


def _room(size: float) -> str:
    return f"{size / 2**30:,.1f} GiB" if size >= 2**30 else f"{size / 2**20:,.0f} MiB"


def _number(values: Values, name: str) -> int:
    value = values.get(name)
    return value if isinstance(value, int) else 0


def _moment(values: Values, texts: Texts, now: datetime) -> str:
    at = datetime.fromtimestamp(_number(values, "since") / 1000, UTC)
    return texts.times.at(at, now=now, zone="UTC")
