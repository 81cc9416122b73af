"""Cards of loudness and quiet hours, digests, late messages, and what was missed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.notices import Notice
from bot.domain.replies import Reply
from bot.domain.telling import CHOSEN, TOPICS, Untold
from bot.views import missed, notices, telling

from . import telling_samples as samples
from .odd import EN, NOW, ZH, names, some
from .wire import check, data

LANGUAGES = pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])


def test_every_kind_that_may_be_muted_has_a_view():
    assert set(TOPICS) <= set(notices.KINDS)


@LANGUAGES
def test_each_topic_has_its_line_and_its_button_takes_it_on(language):
    reply = telling.card(samples.WISHES, language)
    assert len(check(reply).splitlines()) >= len(CHOSEN) + 3
    presses = [press for row in data(reply) for press in row if press.startswith("!notify")]
    assert [press.split()[1] for press in presses] == [topic.value for topic in CHOSEN]
    assert presses[0] == "!notify fills loud"


def test_hours_are_told_with_their_zone_and_what_they_do():
    assert "23:00–07:00 (Europe/Berlin): what can wait comes when they are over" in check(
        telling.quiet_card(samples.WISHES, EN)
    )
    assert "No quiet hours" in check(telling.quiet_card({**samples.WISHES, "quiet": None}, EN))


@LANGUAGES
def test_a_digest_has_a_line_each_and_the_phrase_once(language):
    seen = check(notices.render(Notice("digest", samples.DIGEST), language, NOW)).splitlines()
    assert "5" in seen[0]
    assert sum("blue heron" in line for line in seen) == 1
    assert "/missed" in seen[2]
    assert [line.split()[-1] == "—" for line in seen[3:]] == [False, False, True]
    assert "BTC" in seen[3]


@LANGUAGES
def test_what_comes_late_says_of_when_it_is(language):
    hour_ago = int((NOW - timedelta(hours=3)).timestamp() * 1000)
    reply = notices.late(Reply("<b>news</b>"), hour_ago, language, NOW, "Europe/Berlin")
    first, second = check(reply).splitlines()
    assert "10:00" in first
    assert "3" in first
    assert second == "news"


def test_nothing_missed_is_no_empty_list():
    assert "Nothing was kept from you" in check(missed.page([], 0, 0, now=NOW, texts=EN, zone="UTC"))


@some
@given(names, st.integers(0, 40), st.sampled_from(["muted", "digested", "gone", "failed", "another"]))
def test_a_page_takes_whatever_was_said(name, count, state):
    said = Notice("watch_saved", {"tickers": [name] * 10})
    rows = [Untold(NOW - timedelta(minutes=n), state, said) for n in range(min(count, missed.PAGE))]
    for texts in (EN, ZH):
        check(missed.page(rows, count, 0, now=NOW, texts=texts, zone="Asia/Tokyo"))


@some
@given(st.lists(names, max_size=15), st.integers(0, 10**6))
def test_a_digest_takes_whatever_was_said_and_fits(tickers, more):
    items = [[samples.AT_MS, "watch_saved", {"tickers": [name] * 10, "phrase": name}] for name in tickers]
    values = {"items": items, "more": more, "zone": "UTC"}
    for texts in (EN, ZH):
        check(notices.render(Notice("digest", values), texts, NOW))
