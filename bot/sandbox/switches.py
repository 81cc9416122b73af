"""The words between a world and the panel in the browser: what a switch is, and how its values are read."""

from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

# id, label, kind (toggle, choice, action, number, text), value (what holds now) and options (of a choice).
Switch: TypeAlias = dict[str, Any]


def toggle(ident: str, label: str, *, value: bool) -> Switch:
    """On or off."""
    return {"id": ident, "label": label, "kind": "toggle", "value": value, "options": []}


def choice(ident: str, label: str, value: str, options: list[str]) -> Switch:
    """One of several."""
    return {"id": ident, "label": label, "kind": "choice", "value": value, "options": options}


def number(ident: str, label: str, value: Decimal | int) -> Switch:
    """A number, as text so that no digit is lost."""
    return {"id": ident, "label": label, "kind": "number", "value": str(value), "options": []}


def text(ident: str, label: str, value: str) -> Switch:
    """Something to copy; it cannot be changed."""
    return {"id": ident, "label": label, "kind": "text", "value": value, "options": []}


def action(ident: str, label: str) -> Switch:
    """Something that is done once."""
    return {"id": ident, "label": label, "kind": "action", "value": None, "options": []}


def as_bool(value: Any) -> bool:
    """A browser sends true, "true", "on" or 1. ValueError for anything that is neither on nor off."""
    word = str(value).strip().lower()
    if word in ("true", "on", "1", "yes"):
        return True
    if word in ("false", "off", "0", "no", ""):
        return False
    raise ValueError(f"neither on nor off: {word[:40]}")


def as_number(value: Any) -> Decimal:
    """ValueError for what is no finite number."""
    try:
        read = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError(f"not a number: {str(value)[:40]}") from None
    if not read.is_finite():
        raise ValueError(f"not a number: {str(value)[:40]}")
    return read


def as_whole(value: Any, least: int, most: int) -> int:
    """A number of things; ValueError for a part of one, too few or too many."""
    read = as_number(value)
    if read != int(read) or not least <= read <= most:
        raise ValueError(f"not a whole number from {least} to {most}: {str(value)[:40]}")
    return int(read)


def as_option(value: Any, options: list[str]) -> str:
    """ValueError for what was not on offer."""
    if str(value) not in options:
        raise ValueError(f"not on offer: {str(value)[:40]}")
    return str(value)
