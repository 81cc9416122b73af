"""From typed words to values: anything may be typed."""

from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import UserMistake
from bot.domain.prices import Period
from handlers import _parse as parse

typed_words = st.lists(st.text(max_size=80), max_size=14)


@given(typed_words)
def test_coins_are_a_few_short_distinct_words_or_a_mistake(args):
    try:
        found = parse.coins(args)
    except UserMistake:
        return
    assert 0 < len(found) <= parse.MOST_COINS
    assert len(set(found)) == len(found)
    assert all(word and "," not in word and len(word) <= parse.LONGEST_WORD for word in found)


@given(typed_words)
def test_commas_part_words_as_spaces_do(args):
    assert parse.words([",".join(args)]) == parse.words(args)


@given(st.lists(st.text("abcxyz019", min_size=1, max_size=6), max_size=5), st.sampled_from("\u200b\u202e\ufeff"))
def test_words_are_the_same_from_another_keyboard(args, unseen):
    wide = ["".join(chr(ord(sign) + 0xFEE0) for sign in word) for word in args]
    assert parse.words(["，".join(wide)]) == parse.words([unseen + word for word in args]) == args
    assert parse.words([unseen, ","]) == []


@given(st.integers(0, 9999), st.sampled_from(["m", "h", "D", "w", "y", "min", "mo", "天", "小时", "个月", "月", "年"]))
def test_a_number_and_a_unit_read_like_a_period_unless_they_are_one(count, unit):
    typed = f"{count}{unit}"
    assert parse.no_periods([typed, "BTC", "1INCH", "d"]) == ([] if typed.lower() in parse.PERIODS else [typed])


def test_the_order_typed_is_kept():
    assert parse.coins(["eth,btc", "ETH", "sol"]) == ["ETH", "BTC", "SOL"]


@given(st.lists(st.sampled_from(["btc", "7D", "1y", "max", "x"]), max_size=6))
def test_a_word_is_taken_once_and_the_rest_stays_in_order(args):
    rest = list(args)
    found = parse.take(rest, parse.PERIODS)
    at = next((n for n, word in enumerate(args) if word.lower() in parse.PERIODS), None)
    assert found == (None if at is None else parse.PERIODS[args[at].lower()])
    assert rest == (args if at is None else args[:at] + args[at + 1 :])


def test_all_words_of_a_kind_are_taken_each_meaning_once():
    rest = ["btc", "mc", "price", "cap"]
    assert parse.take_all(rest, parse.FIELDS) == ["cap", "price"]
    assert rest == ["btc"]


def test_a_word_behind_another_is_taken_with_it():
    rest = ["btc", "EVERY", "1d", "eth"]
    assert parse.take_after(rest, "every", str.upper) == "1D"
    assert rest == ["btc", "eth"]
    assert parse.take_after(rest, "every", str.upper) is None
    assert parse.take_after(["every"], "every", lambda word: word) == ""


def test_every_period_has_its_own_word():
    assert set(parse.PERIODS.values()) == set(Period)


@given(st.text(max_size=40))
def test_a_zone_is_one_that_there_is_or_a_mistake(text):
    try:
        found = parse.zone(text)
    except UserMistake:
        return
    assert ZoneInfo(found).key == found


@given(st.sampled_from(sorted(available_timezones())))
def test_every_zone_is_found_by_its_name_in_any_case(name):
    assert parse.zone(name.lower()).lower() == name.lower()


@given(st.one_of(st.text(max_size=25), st.integers().map(str)))
def test_a_whole_number_is_within_its_bounds_or_a_mistake(text):
    try:
        number = parse.whole(text, 1, 100)
    except UserMistake as mistake:
        wrong = mistake
    else:
        assert 1 <= number <= 100
        assert set(text) <= set("0123456789")
        return
    assert (wrong.key, wrong.values["least"], wrong.values["most"]) == ("number.unreadable", 1, 100)


@pytest.mark.parametrize("text", ["٣", "１", "²", "+1", " 1", "1_0", "1e1", "0x1"])
def test_what_only_looks_like_a_number_is_none(text):
    with pytest.raises(UserMistake):
        parse.whole(text, 0, 100)
