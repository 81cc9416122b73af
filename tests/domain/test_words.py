"""Words from any keyboard: the same sign in another dress is that sign, and nothing else is touched."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.words import legible

UNSEEN = "\u200b\u200d\u202e\u2066\u2069\ufeff\u00ad"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ＢＴＣ", "BTC"), ("\u202ebtc", "btc"), ("BTC\u200b", "BTC"), ("１，５００．５", "1,500.5"), ("𝐁𝐓𝐂", "BTC"),
        ("ｂｔｃ＞７０ｋ", "btc>70k"), (UNSEEN, ""), ("ｶﾞｽ", "ガス"), ("cafe\u0301", "café"),
        ("10²", "10²"), ("½", "½"), ("①", "①"), ("٣", "٣"), ("比特币", "比特币"),
    ],
)  # fmt: skip
def test_only_the_dress_of_a_sign_is_taken_off(typed: str, meant: str):
    assert legible(typed) == meant


@given(st.text(st.characters(codec="ascii")))
def test_what_is_plain_stays_as_it_is(typed: str):
    assert legible(typed) == typed


@given(st.text())
def test_what_was_read_once_reads_the_same_again_and_shows_all_it_holds(typed: str):
    read = legible(typed)
    assert legible(read) == read
    assert not any(unicodedata.category(sign) == "Cf" for sign in read)


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E)), st.lists(st.sampled_from(UNSEEN), max_size=5))
def test_every_plain_word_can_be_typed_full_width_with_unseen_signs_in_it(word: str, unseen: list[str]):
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in word)
    assert legible("".join(unseen).join([wide, ""])) == word
