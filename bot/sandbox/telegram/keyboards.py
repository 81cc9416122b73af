"""Reply markup: what Telegram accepts of a keyboard."""

import re
from typing import Any

import orjson

from bot.sandbox.telegram.refusals import bad
from bot.sandbox.telegram.spans import utf16_len

MOST_BUTTONS = 100
MOST_IN_A_ROW = 8
MOST_DATA_BYTES = 64
MOST_COPY_TEXT = 256
_URL = re.compile(r"(?:https?://|tg://|ton://)?[^\s/]+(?:\.[^\s/]+|:\d+)?\S*", re.IGNORECASE)
_ACTIONS = ("url", "callback_data", "switch_inline_query", "switch_inline_query_current_chat", "copy_text", "web_app",
            "login_url", "switch_inline_query_chosen_chat", "callback_game", "pay")  # fmt: skip


def checked(raw: Any) -> dict[str, Any] | None:
    """The markup as it will stand under the message; None for none. Raises Refusal."""
    if raw in (None, "", {}):
        return None
    markup = _decoded(raw)
    if "inline_keyboard" in markup:
        rows = [[_button(button) for button in _row(row)] for row in _rows(markup["inline_keyboard"])]
        rows = [row for row in rows if row]
        _count(rows)
        return {"inline_keyboard": rows} if rows else None
    if "keyboard" in markup:
        _count([_row(row) for row in _rows(markup["keyboard"])])
        return markup
    return markup if markup.get("remove_keyboard") or markup.get("force_reply") else None


def _decoded(raw: Any) -> dict[str, Any]:
    if isinstance(raw, str | bytes):
        try:
            raw = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise bad("can't parse reply keyboard markup JSON object") from None
    if not isinstance(raw, dict):
        raise bad("object expected as reply markup")
    return raw


def _rows(rows: Any) -> list[Any]:
    if not isinstance(rows, list):
        raise bad('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    return rows


def _row(row: Any) -> list[Any]:
    if not isinstance(row, list):
        raise bad('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    return row


def _count(rows: list[list[Any]]) -> None:
    if sum(map(len, rows)) > MOST_BUTTONS or any(len(row) > MOST_IN_A_ROW for row in rows):
        raise bad("reply markup is too long")


def _button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise bad("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if not isinstance(button.get("text"), str):
        raise bad("can't parse inline keyboard button: Can't find field \"text\"")
    if not button["text"].strip():
        raise bad("inline keyboard button text must be non-empty")
    if not any(button.get(action) not in (None, "") or (action.startswith("switch") and action in button)
               for action in _ACTIONS):  # fmt: skip
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(str(button.get("callback_data", "")).encode()) > MOST_DATA_BYTES:
        raise bad("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not (isinstance(url, str) and _URL.fullmatch(url) and _reachable(url)):
        raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    copied = button.get("copy_text")
    if copied is not None and not 1 <= utf16_len(str(copied.get("text", ""))) <= MOST_COPY_TEXT:
        raise bad("BUTTON_COPY_TEXT_INVALID")
    return button


def _reachable(url: str) -> bool:
    """Telegram wants a host with a dot, an address, or one of its own schemes; `http://localhost` is refused."""
    if url.startswith(("tg://", "ton://")):
        return True
    host = re.sub(r"^https?://", "", url, flags=re.IGNORECASE).split("/")[0].split("?")[0].rpartition("@")[2]
    return "." in host
