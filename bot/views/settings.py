"""A person's own settings."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.replies import Button, Reply
from bot.domain.users import User
from bot.texts import Texts
from bot.texts.names import label
from bot.views.keyboard import grid, keyboard, run

ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Istanbul",
    "Asia/Dubai",
    "Asia/Hong_Kong",
    "Asia/Singapore",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "America/New_York",
    "America/Los_Angeles",
)


def card(user: User, *, languages: Mapping[str, str], zone: str, now: datetime, texts: Texts) -> Reply:
    """`languages`: code to own name. `zone`: the one that holds for this person, chosen or the operator's."""
    text = texts(
        "settings.card",
        language=texts.name,
        zone=label(zone),
        chosen="" if user.timezone else texts("settings.not_chosen"),
        clock=texts.times.at(now, now=now, zone=zone),
    )
    spoken = [_language(code, name, texts) for code, name in languages.items()]
    zones = [_zone(each, zone, texts) for each in ZONES]
    return Reply(text, keyboard(*grid(spoken, 3), *grid(zones, 3)))


def saved(user: User, *, languages: Mapping[str, str], zone: str, now: datetime, texts: Texts) -> Reply:
    """After a change: the card again, in the language that holds now."""
    shown = card(user, languages=languages, zone=zone, now=now, texts=texts)
    return replace(shown, html=f"{texts('settings.saved')}\n\n{shown.html}")


def _language(code: str, name: str, texts: Texts) -> Button | None:
    return run(_marked(name, here=code == texts.code), "settings", "language", code, in_place=True)


def _zone(name: str, current: str, texts: Texts) -> Button | None:
    return run(_marked(texts.times.city(name), here=name == current), "settings", "zone", name, in_place=True)


def _marked(text: str, *, here: bool) -> str:
    return f"✓ {text}" if here else text
