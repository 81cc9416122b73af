"""Replies: what a button can hold, and the text behind the markup."""

import html

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.replies import Button, Reply


def test_a_button_holds_64_bytes_and_not_one_more():
    assert Button("x", "x" * 64).fits
    assert not Button("x", "x" * 65).fits
    assert not Button("x", "名" * 22).fits


@given(st.text())
def test_whatever_was_escaped_reads_as_it_was_written(text):
    assert Reply(f'<b>{html.escape(text)}</b> <a href="x">y</a>').plain == f"{text} y"
