"""The audit in words, in every language, whatever stands in it."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.audit import Line
from bot.views import audit

from .odd import CATALOGUE, EN, NOW, names, some, texts, zones
from .wire import check

ROOT = Path(__file__).parents[2]
NOW_MS = int(NOW.timestamp() * 1000)
TOLD_BY_NAME = {"place_sent", "cancel_sent", "swap_sent", "key_added", "key_replaced", "resumed", "halted"} | {
    "access_granted", "access_refused", "admin_named", "admin_ended", "broadcast_corrected", "broadcast_recalled",
}  # fmt: skip


def written() -> set[str]:
    """Every act that the code names where it notes it."""
    noting = (text for path in (ROOT / "bot").rglob("*.py") if "audit.add(" in (text := path.read_text("utf-8")))
    calls = (
        node
        for text in noting
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("audit.add")
    )
    return {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}


@pytest.mark.parametrize("act", sorted(written() | TOLD_BY_NAME))
@pytest.mark.parametrize("code", CATALOGUE.languages)
def test_every_act_has_words(act, code):
    assert CATALOGUE.pick(code).has(f"audit.act.{act}")


def test_an_act_without_words_is_told_by_its_name():
    line = Line(1, NOW_MS, "of_tomorrow", 1, 1, {})
    seen = check(audit.listed([line], whole=False, reader=1, page=1, pages=1, now=NOW, texts=EN))
    assert seen.splitlines()[1] == "12:00 UTC · you: of_tomorrow"


def test_what_somebody_did_for_himself_is_told_to_others_without_its_details():
    line = Line(1, NOW_MS, "place_sent", 7, 7, {"symbol": "BTC/USDT", "id": "K2Q9"}, "Bob", "Bob")
    seen = check(audit.listed([line], whole=True, reader=1, page=1, pages=1, now=NOW, texts=EN))
    assert seen.splitlines()[1] == "12:00 UTC · Bob (7): order sent: … · …"
    assert "BTC/USDT" in check(audit.listed([line], whole=False, reader=7, page=1, pages=1, now=NOW, texts=EN))


def test_who_was_forgotten_has_no_name():
    line = Line(1, NOW_MS, "access_granted", 0, 7, {}, "", "Bob")
    seen = check(audit.listed([line], whole=True, reader=1, page=1, pages=1, now=NOW, texts=EN))
    assert seen.splitlines()[1] == "12:00 UTC · somebody who was forgotten → Bob (7): let in"


lines = st.builds(
    Line, st.integers(1, 99), st.integers(0, NOW_MS), st.sampled_from(sorted(written() | TOLD_BY_NAME)),
    st.integers(0, 3), st.integers(0, 3), st.dictionaries(names, names, max_size=3), names, names,
)  # fmt: skip


@some
@given(st.lists(lines, max_size=12), st.booleans(), texts, zones)
def test_no_lines_whatever_break_it(several, whole, language, zone):
    check(audit.listed(several, whole=whole, reader=1, page=2, pages=3, now=NOW, texts=language, zone=zone))
