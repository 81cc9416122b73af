"""Parse modes: what becomes of tags and signs, and the words of refusal."""

import html
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.telegram.entities import Unparsable, parse_html
from bot.sandbox.telegram.markdown import parse_markdown, parse_markdown_v2
from bot.sandbox.telegram.spans import detect, finish, piece, utf16_len

TAGS = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "s": "strikethrough",
        "code": "code", "pre": "pre", "blockquote": "blockquote", "tg-spoiler": "spoiler"}  # fmt: skip


def kinds(parsed: tuple[str, list[dict[str, Any]]]) -> list[tuple[str, str]]:
    text, entities = finish(*parsed)
    return [(entity["type"], piece(text, entity)) for entity in entities]


@pytest.mark.parametrize(("tag", "kind"), TAGS.items())
def test_each_tag_becomes_its_entity(tag: str, kind: str) -> None:
    assert kinds(parse_html(f"a <{tag}>b</{tag}> c")) == [(kind, "b")]


def test_tags_with_attributes_carry_their_arguments() -> None:
    text, entities = parse_html(
        '<a href="https://x.org/?a=1&amp;b=2">link</a>'
        '<pre><code class="language-python">x</code></pre>'
        '<span class="tg-spoiler">s</span><blockquote expandable>q</blockquote>'
        '<a href="tg://user?id=7">who</a>'
    )
    assert text == "linkxsqwho"
    assert [entity["type"] for entity in entities] == [
        "text_link",
        "pre",
        "spoiler",
        "expandable_blockquote",
        "text_mention",
    ]
    assert entities[0]["url"] == "https://x.org/?a=1&b=2"
    assert entities[1]["language"] == "python"
    assert entities[4]["user"]["id"] == 7


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<b>un", 'Can\'t find end tag corresponding to start tag "b"'),
        ("ab <x>", 'Unsupported start tag "x" at byte offset 3'),
        ("é <x>", 'Unsupported start tag "x" at byte offset 3'),
        ("5 < 6", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href=x_y>z</a>", "Unexpected end of name token at byte offset 8"),
    ],
)
def test_broken_html_is_refused_in_telegrams_words(source: str, words: str) -> None:
    with pytest.raises(Unparsable) as refusal:
        parse_html(source)
    assert str(refusal.value) == words


def test_signs_that_only_look_like_html_pass() -> None:
    assert parse_html("a &amp; b &lt; c & d &nbsp; 5 > 4 &#8364; &#x20AC;")[0] == "a & b < c & d &nbsp; 5 > 4 € €"


@given(st.text(), st.text(min_size=1))
def test_escaped_text_always_survives_html(before: str, inside: str) -> None:
    text, entities = parse_html(f"{html.escape(before)}<b>{html.escape(inside)}</b>")
    assert text == before + inside
    assert [(e["offset"], e["length"]) for e in entities] == [(utf16_len(before), utf16_len(inside))]


@given(st.text(alphabet="<>/&;ab ='\"😀\n"))
def test_no_text_breaks_the_html_parser(source: str) -> None:
    try:
        text, entities = finish(*parse_html(source))
    except Unparsable:
        return
    assert all(e["offset"] >= 0 and e["offset"] + e["length"] <= utf16_len(text) for e in entities)


def test_offsets_count_utf16_units() -> None:
    text, entities = parse_html("😀<b>x</b>")
    assert (entities[0]["offset"], entities[0]["length"]) == (2, 1)
    assert piece(text, entities[0]) == "x"


def test_code_inside_bold_splits_it_and_is_not_part_of_it() -> None:
    assert kinds(parse_html("<b>1<code>2</code>3</b>")) == [("bold", "1"), ("code", "2"), ("bold", "3")]


def test_white_space_around_is_trimmed_and_offsets_follow() -> None:
    text, entities = finish(*parse_html("\n  <b>x</b> "))
    assert (text, entities) == ("x", [{"type": "bold", "offset": 0, "length": 1}])


def test_more_than_a_hundred_entities_are_cut() -> None:
    text, entities = finish(*parse_html("<b>x</b> " * 150))
    assert len(entities) == 100
    assert text.count("x") == 150


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/price@desk_bot btc", [("bot_command", "/price@desk_bot")]),
        ("see /help and @alice", [("bot_command", "/help"), ("mention", "@alice")]),
        ("#btc $BTC https://a.org/x.", [("hashtag", "#btc"), ("cashtag", "$BTC"), ("url", "https://a.org/x")]),
        ("write to a.b@c.org", [("email", "a.b@c.org")]),
        ("1/2 and a/b and $5 and #1", []),
    ],
)
def test_telegram_finds_commands_and_links_by_itself(text: str, found: list[tuple[str, str]]) -> None:
    assert [(entity["type"], piece(text, entity)) for entity in detect(text)] == found


def test_commands_in_code_are_not_commands() -> None:
    assert kinds(parse_html("<code>/start</code> /stop")) == [("code", "/start"), ("bot_command", "/stop")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("*b* _i_ __u__ ~s~ ||p|| `c`", [("bold", "b"), ("italic", "i"), ("underline", "u"), ("strikethrough", "s"),
                                         ("spoiler", "p"), ("code", "c")]),
        ("[t](https://a.b/\\)x)", [("text_link", "t")]),
        (">q1\n>q2\nrest", [("blockquote", "q1\nq2")]),
        (">q||\nrest", [("expandable_blockquote", "q")]),
        ("```py\nx.y\n```", [("pre", "x.y\n")]),
        ("\\*x\\*", []),
    ],
)  # fmt: skip
def test_markdown_v2_becomes_entities(source: str, expected: list[tuple[str, str]]) -> None:
    text, entities = parse_markdown_v2(source)
    assert [(entity["type"], piece(text, entity)) for entity in entities] == expected


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("67.5", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("a*b", "Can't find end of Bold entity at byte offset 1"),
        ("é `x", "Can't find end of Code entity at byte offset 3"),
        ("[t](x", "Can't find end of a URL at byte offset 4"),
    ],
)
def test_broken_markdown_v2_is_refused_in_telegrams_words(source: str, words: str) -> None:
    with pytest.raises(Unparsable) as refusal:
        parse_markdown_v2(source)
    assert str(refusal.value) == words


@given(st.text())
def test_escaped_text_always_survives_markdown_v2(source: str) -> None:
    escaped = "".join("\\" + sign if sign in "_*[]()~`>#+-=|{}.!\\" else sign for sign in source)
    assert parse_markdown_v2(escaped) == (source, [])


@given(st.text(alphabet="*_~|`>[]()!\\a\n"))
def test_no_text_breaks_the_markdown_parsers(source: str) -> None:
    for parse in (parse_markdown_v2, parse_markdown):
        try:
            text, entities = parse(source)
        except Unparsable:
            continue
        assert all(e["offset"] + e["length"] <= utf16_len(text) for e in entities)


def test_the_older_markdown_still_works() -> None:
    text, entities = parse_markdown("*b* _i_ `c` [l](http://a.b) a.b")
    assert [(e["type"], piece(text, e)) for e in entities] == [
        ("bold", "b"),
        ("italic", "i"),
        ("code", "c"),
        ("text_link", "l"),
    ]
    with pytest.raises(Unparsable, match="starting at byte offset 2"):
        parse_markdown("a *b")
