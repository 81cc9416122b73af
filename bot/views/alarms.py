"""Warnings about secrets that were typed where they must not stand."""

from bot.domain.replies import Reply
from bot.texts import Texts
from bot.views.keyboard import keyboard, run


def warning(kind: str, *, gone: bool, private: bool, texts: Texts) -> Reply:
    """`kind` of secret; whether the message could be deleted; nothing of what it said."""
    seen = ("tripwire.gone" if private else "tripwire.gone_group") if gone else "tripwire.stays"
    parts = [texts(f"tripwire.{kind}"), texts(seen), texts(f"tripwire.rotate.{kind}")]
    keys = [run(texts.plain("button.keys"), "keys")] if private and kind == "exchange_key" else []
    return Reply("\n\n".join(parts), keyboard(keys))


def stays(texts: Texts) -> Reply:
    """In answer to a message with a secret that was asked for, and cannot be deleted."""
    return Reply(texts("tripwire.stays"))
