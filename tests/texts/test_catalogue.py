"""Catalogues: picking a language, filling texts, and what happens where one is missing."""

import logging

import pytest
from babel.messages.pofile import PoFileError

from bot.texts import Catalogue, Html

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {forms};\\n"\n\n'
TWO = "nplurals=2; plural=(n != 1)"
ONE = "nplurals=1; plural=0"


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue.load()


@pytest.fixture
def gappy(tmp_path):
    """An English with three texts and a Chinese with one."""
    english = (
        'msgid "a"\nmsgstr "A {name}"\n\nmsgid "b"\nmsgstr "B"\n\n'
        'msgid "c"\nmsgid_plural "c"\nmsgstr[0] "{n} coin"\nmsgstr[1] "{n} coins"\n'
    )
    (tmp_path / "en.po").write_text(HEAD.format(forms=TWO) + english, encoding="utf-8")
    (tmp_path / "zh.po").write_text(HEAD.format(forms=ONE) + 'msgid "a"\nmsgstr "甲 {name}"\n', encoding="utf-8")
    return Catalogue.load(tmp_path)


@pytest.mark.parametrize("code", ["zh", "zh-hans", "zh-CN", "zh_TW", "ZH", "zh-Hans-CN"])
def test_picks_chinese_for_every_kind_of_chinese(catalogue, code):
    assert catalogue.pick(code).code == "zh"


@pytest.mark.parametrize("code", ["", "fr", "zhx", "x-zh", "en-GB"])
def test_does_not_pick_chinese_for_what_is_not(catalogue, code):
    assert catalogue.pick(code).code == "en"


def test_falls_to_the_operators_language_where_he_chose_one():
    assert Catalogue.load(default="zh").pick("fr").code == "zh"
    assert Catalogue.load(default="zh").pick("en-US").code == "en"


def test_a_default_nobody_speaks_is_refused_at_the_start():
    with pytest.raises(KeyError):
        Catalogue.load(default="xx")


def test_languages_are_called_what_they_call_themselves(catalogue):
    assert catalogue.languages == {"en": "English", "zh": "中文"}


def test_a_value_is_escaped(gappy):
    assert gappy.pick("en")("a", name="<b>&co") == "A &lt;b&gt;&amp;co"


def test_html_is_not_escaped_again(gappy):
    texts = gappy.pick("en")
    assert texts("a", name=texts("a", name="<")) == "A A &lt;"
    assert texts("a", name=Html("<b>x</b>")) == "A <b>x</b>"


def test_plain_text_is_not_escaped(gappy):
    assert gappy.pick("en").plain("a", name="R&D") == "A R&D"


def test_a_value_that_looks_like_a_blank_stays_what_it_is(gappy):
    assert gappy.pick("en")("a", name="{name.__class__}") == "A {name.__class__}"


def test_plurals_follow_the_number(gappy):
    english = gappy.pick("en")
    assert [english.plural("c", n) for n in (0, 1, 2, 1234)] == ["0 coins", "1 coin", "2 coins", "1,234 coins"]


def test_a_missing_text_is_taken_from_english_and_logged_once(gappy, caplog):
    chinese = gappy.pick("zh")
    with caplog.at_level(logging.ERROR):
        assert [chinese("b"), chinese("b"), chinese("a", name="x")] == ["B", "B", "甲 x"]
    assert len(caplog.records) == 1


def test_a_missing_plural_is_taken_from_english_and_logged_once(gappy, caplog):
    with caplog.at_level(logging.ERROR):
        assert [gappy.pick("zh").plural("c", n) for n in (1, 2)] == ["1 coin", "2 coins"]
    assert len(caplog.records) == 1


def test_a_text_no_language_has_is_its_own_key(gappy, caplog):
    with caplog.at_level(logging.ERROR):
        assert gappy.pick("zh")("no.such") == "no.such"
    assert not gappy.pick("zh").has("no.such")


def test_a_blank_left_empty_is_a_dash_and_logged(gappy, caplog):
    with caplog.at_level(logging.ERROR):
        assert gappy.pick("en")("a") == "A —"
    assert len(caplog.records) == 1


def test_a_broken_file_is_refused_at_the_start(tmp_path):
    (tmp_path / "en.po").write_text('msgid "a"\nthis is no translation\n', encoding="utf-8")
    with pytest.raises(PoFileError):
        Catalogue.load(tmp_path)
