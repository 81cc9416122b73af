"""The metrics page in Prometheus's text form, and the one table of what is on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

PREFIX = "changedesk_"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Family:
    """One name. `about` is what stands in the README, too."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    about: str


FAMILIES = (
    Family("updates_accepted_total", "counter", "updates stored since the start"),
    Family("updates_in_memory", "gauge", "of those, waiting or running now"),
    Family("inbox_waiting", "gauge", "updates without an answer yet, on disk"),
    Family("outbox_waiting", "gauge", "messages that wait to be sent"),
    Family("outbox_oldest_seconds", "gauge", "how long the oldest message that is due has waited"),
    Family("outbox_withheld_total", "counter", "messages that did not go out one by one as they came, by why"),
    Family("poll_age_seconds", "gauge", "since Telegram last answered the long poll; -1: not yet, or a webhook"),
    Family("poll_conflict", "gauge", "1: another process asks for updates with the same token"),
    Family("telegram_sends_total", "counter", "messages by what came of them"),
    Family("telegram_429_total", "counter", "times Telegram asked to wait"),
    Family("intents", "gauge", "orders, cancels and swaps on record, by where they stand"),
    Family("intents_unknown", "gauge", "of those, how many may have been sent and are not known"),
    Family("intents_oldest_unknown_seconds", "gauge", "how long the oldest of these has been under way"),
    Family("orders_followed", "gauge", "open orders that are looked after"),
    Family("swaps_watched", "gauge", "swaps that are looked after"),
    Family("swap_poll_lag_seconds", "gauge", "how late the swap is that has waited longest to be looked at"),
    Family("alerts_waiting", "gauge", "price alerts that wait for their line"),
    Family("alerts_age_seconds", "gauge", "since all of them were last looked at; -1: not yet"),
    Family("vendor_call_seconds", "histogram", "how long vendors take to answer"),
    Family("vendor_errors_total", "counter", "calls to vendors that failed, by how"),
    Family("vault_opens_failed_total", "counter", "sealed values, and keys, that did not open: any is worth a look"),
    Family("key_rows", "gauge", "data keys by the vault key that wraps them"),
    Family("database_answers", "gauge", "0: it cannot be read, and what is counted in it is not on this page"),
    Family("database_put_back", "gauge", "1: at its start the database was older than what the desk had done"),
    Family("held", "gauge", "1: no order leaves, by an admin or until all is asked for after a restore"),
    Family("backup_age_seconds", "gauge", "since the last backup by this desk's own command; -1: never"),
    Family("database_bytes", "gauge", "size of the database with its log"),
    Family("disk_free_bytes", "gauge", "what is left where the database lies"),
    Family("loop_lag_seconds", "gauge", "how late the event loop was at worst, within the last half minute"),
    Family("up_seconds", "gauge", "since the start"),
)


def page(figures: Mapping[str, float]) -> str:
    """Grouped by family, in the table's order. A figure without a row is shown all the same, without a word on it."""
    lines = []
    for family in FAMILIES:
        if own := [name for name in figures if _belongs(name, family)]:
            lines += [f"# HELP {PREFIX}{family.name} {family.about}", f"# TYPE {PREFIX}{family.name} {family.kind}"]
            lines += [_line(name, figures[name]) for name in own]
    lines += [_line(name, figures[name]) for name in sorted(unnamed(figures))]
    return "".join(f"{line}\n" for line in lines)


def unnamed(figures: Iterable[str]) -> set[str]:
    """Figures that no row of the table is about."""
    return {name for name in figures if not any(_belongs(name, family) for family in FAMILIES)}


def _belongs(name: str, family: Family) -> bool:
    parts = ("_bucket", "_count", "_sum") if family.kind == "histogram" else ("",)
    return name.partition("{")[0] in {family.name + part for part in parts}


def _line(name: str, value: float) -> str:
    return f"{PREFIX}{name} {value!r}" if isinstance(value, float) else f"{PREFIX}{name} {int(value)}"
