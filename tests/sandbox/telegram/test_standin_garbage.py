"""Whatever is sent, the server answers in Telegram's envelope and lives."""

import logging
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standin_api import TOKEN

from bot.sandbox.telegram import TelegramStandIn
from bot.sandbox.telegram.calls import Calls
from bot.sandbox.telegram.methods import METHODS
from bot.sandbox.telegram.wire import decoded_body, form

NAMES = [
    "chat_id",
    "message_id",
    "message_ids",
    "text",
    "caption",
    "parse_mode",
    "entities",
    "caption_entities",
    "photo",
    "document",
    "media",
    "reply_markup",
    "reply_parameters",
    "reply_to_message_id",
    "from_chat_id",
    "action",
    "reaction",
    "callback_query_id",
    "inline_query_id",
    "inline_message_id",
    "results",
    "commands",
    "scope",
    "language_code",
    "name",
    "user_id",
    "file_id",
    "show_alert",
    "description",
    "next_offset",
    "button",
]
LIKELY = [1001, "1001", -5001, 1, 2, "HTML", "MarkdownV2", "<b>x</b>", "*x*", "[", '{"a":1}', "attach://x", "photo"]
KEYS = [
    "type", "id", "text", "inline_keyboard", "media", "command", "message_id", "offset", "length", "callback_data",
    "input_message_content", "chat_id", "emoji", "copy_text",
]  # fmt: skip
PLAIN = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(allow_nan=False) | st.text(max_size=20)
VALUES = st.recursive(
    PLAIN | st.sampled_from(LIKELY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=6,
)


@pytest.fixture
def calls(caplog: pytest.LogCaptureFixture) -> Calls:
    caplog.set_level(logging.CRITICAL, "bot.sandbox.telegram.calls")
    standin = TelegramStandIn(tokens=[TOKEN])
    standin.person("alice").send("/start")
    standin.add_group("Coins", ["alice"])
    return standin.calls


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(method=st.sampled_from(sorted(METHODS)), params=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6))
def test_no_parameters_break_a_method(calls: Calls, method: str, params: dict[str, Any]) -> None:
    answer = calls.at_once(f"{TOKEN}/{method}", {"chat_id": 1001, "message_id": 1, **params})
    assert answer is not None
    assert answer.status in (200, 400, 403), answer.body


@given(st.binary(max_size=60))
def test_no_body_breaks_the_reading_of_forms(body: bytes) -> None:
    assert isinstance(decoded_body("application/x-www-form-urlencoded", body), dict)


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=5))
def test_forms_are_read_as_they_were_written(fields: dict[str, str]) -> None:
    assert form(urlencode(fields)) == fields


async def test_the_log_stays_small_whatever_is_sent(calls: Calls) -> None:
    calls.at_once(f"{TOKEN}/sendMessage", {"chat_id": 1001, "text": "x" * 1_000_000})
    assert len(calls.log[-1].params["text"]) == 100
    calls.at_once(f"{TOKEN}/sendMessage", {"chat_id": 1001, "text": "short"})
    assert calls.log[-1].params["text"] == "short"
