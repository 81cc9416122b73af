"""Logs: whoever speaks, no secret is written."""

import json
import logging
from io import StringIO

import pytest
import structlog

from bot import logs

TOKEN = "123456:tests-token-abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def written():
    root, paper = logging.getLogger(), StringIO()
    before, level = root.handlers[:], root.level
    logs.set_up("debug", "json", [TOKEN, "hidden-word", "short"])
    root.handlers[0].setStream(paper)
    yield paper.getvalue
    root.handlers[:] = before
    root.setLevel(level)


def test_a_secret_is_hidden_wherever_it_stands(written):
    log = structlog.get_logger("ours")
    log.warning("called", url=f"https://api.telegram.org/bot{TOKEN}/getMe", word="a hidden-word b")
    logging.getLogger("theirs").warning("calling %s", TOKEN)
    try:
        raise ValueError(f"https://x/bot{TOKEN}/x")
    except ValueError:
        log.exception("failed")
    text = written()
    assert "called" in text
    assert "calling" in text
    assert "ValueError" in text
    assert TOKEN not in text
    assert "hidden-word" not in text


@pytest.mark.parametrize(
    "line", ["987654321:AAabcdefghijklmnopqrstuvwxyz012345678", "https://x/?a=1&signature=0abc1&b=2", "apiKey=0abc1"]
)
def test_what_looks_like_a_secret_is_hidden_too(written, line):
    logging.getLogger("theirs").error(line)
    text = written()
    assert logs.HIDDEN in text
    assert "0abc1" not in text
    assert "AAabc" not in text


def test_what_is_none_is_left(written):
    structlog.get_logger("ours").info("ready", at="12:30:59", note="short")
    assert json.loads(written())["at"] == "12:30:59"


def test_a_trace_holds_no_locals(written):
    def failing(typed):
        raise ValueError(len(typed))

    try:
        failing("what-" + "somebody-typed")
    except ValueError:
        structlog.get_logger("ours").exception("failed")
    assert "failing" in written()
    assert "what-somebody-typed" not in written()


@pytest.mark.parametrize("name", ["httpx", "telegram", "aiohttp.access"])
def test_who_prints_addresses_is_silent(written, name):
    logging.getLogger(name).info("GET https://x")
    assert written() == ""
