"""Names from outside: they cannot break a line, turn it around, or widen a table."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts.names import cells, column, label


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Bitcoin", "Bitcoin"),
        ("比特币", "比特币"),
        ("two\nlines\t here", "two lines here"),
        ("abc\u202edcba", "abcdcba"),
        ("nul\x00\x07l", "null"),
        ("zero\u200bwidth", "zerowidth"),
        ("", "—"),
        ("\u202e\n", "—"),
        ("x" * 100, "x" * 47 + "…"),
        ("👩‍🚀 Coin", "👩‍🚀 Coin"),
    ],
)
def test_a_name_is_one_bounded_line_without_tricks(raw, clean):
    assert label(raw) == clean


def test_a_name_from_right_to_left_is_kept_to_itself():
    assert label("ביטקוין") == "\u2068ביטקוין\u2069"


def test_a_name_from_left_to_right_is_not_wrapped():
    assert "\u2068" not in label("Ünïcödé 币")


@given(st.text(max_size=300))
def test_no_name_whatever_holds_a_control_or_an_override(raw):
    clean = label(raw)
    inner = clean.strip("\u2068\u2069")
    assert 0 < len(inner) <= 48
    assert not [sign for sign in inner if unicodedata.category(sign)[0] == "C" and sign != "\u200d"]
    assert len(clean.splitlines()) == 1


@given(st.text(max_size=60), st.integers(2, 20))
def test_a_column_is_exactly_as_wide_as_asked(raw, width):
    assert cells(column(label(raw), width)) == width


def test_wide_signs_take_two_cells_and_hanging_ones_none():
    assert [cells(text) for text in ("BTC", "比特币", "é", "ＢＴＣ")] == [3, 6, 1, 6]
