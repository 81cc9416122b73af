"""Broadcasts as their author sees them at each stage, and summaries as their readers do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.views import broadcasts, summaries

from .broadcast_samples import NOW_MS, SENT, SUMMARY, card
from .odd import EN, NOW, ZH
from .wire import check, data, labels

STATES = ("draft", "cancelled", "scheduled", "missed", "sending", "correcting", "recalling", "ended")
REASONS = ("", "stopped", "no_right", "lost", "late", "put_back", "something new")
FIGURES = (
    *("people", "muted", "unreachable", "waiting", "sending", "sent", "gone", "failed", "uncertain", "recalled"),
    *("task", "done", "vain", "days"),
)


def shown(values, language=EN):
    return broadcasts.card(values, language, NOW)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])
def test_every_stage_has_its_card(state, reason, language):
    check(shown(card(state, reason=reason), language))


@given(
    st.sampled_from(STATES), st.fixed_dictionaries(dict.fromkeys(FIGURES, st.integers(0, 10**6))), st.floats(0, 1000)
)
def test_whatever_the_figures_the_card_is_one_telegram_takes(state, figures, rate):
    check(shown(card(state, **figures, rate=rate)))


def test_a_draft_says_who_gets_it_and_how_long_it_takes():
    reply = shown(card("draft"))
    assert "To 1,284 people (37 muted, 12 unreachable), about 45 s" in check(reply)
    assert labels(reply)[0] == ["👁 Send to me", "📣 Send now", "🗓 Schedule"]
    assert labels(reply)[-1] == ["✖ Cancel broadcast"]


def test_the_way_is_a_bar_a_rate_and_what_is_left():
    seen = check(shown(card("sending", sent=440, gone=8, waiting=836, rate=28.9)))
    assert "▰▰▰▰▱▱▱▱▱▱▱▱ 34 %" in seen
    assert "448 of 1,284" in seen
    assert "28.9 a second · about 28 s left" in seen
    assert data(shown(card("sending"))) == [["!broadcast stop 1a2b3c4d"]]


def test_the_report_names_what_became_of_all():
    reply = shown(SENT)
    seen = check(reply)
    assert "Sent: 1,270 · skipped: 37 muted, 12 unreachable" in seen
    assert "Blocked: 10 · failed: 2 · uncertain: 2" in seen
    assert "may have it or not: Ann, Bob <b>" in seen
    assert labels(reply) == [["📣 Send again to 2"], ["✏️ Correct", "♻️ Recall"]]


def test_after_48_hours_a_recall_is_called_what_it_is():
    old = SENT | {"ended_at": NOW_MS - 49 * 3_600_000}
    assert labels(shown(old))[-1] == ["✏️ Correct", "♻️ Withdraw"]


def test_what_was_recalled_can_be_changed_no_more():
    assert shown(SENT | {"recalled_at": NOW_MS, "task": 1, "done": 1270, "sent": 0, "recalled": 1270}).buttons == ()


def test_what_could_not_be_recalled_can_be_tried_again():
    assert labels(shown(SENT | {"recalled_at": NOW_MS, "task": 1, "sent": 3, "recalled": 1267})) == [["♻️ Recall"]]


def test_a_summary_is_not_corrected_by_hand():
    assert labels(shown(SENT | {"kind": "summary"}))[-1] == ["♻️ Recall"]


@pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])
def test_a_summary_fits_the_caption_of_its_picture(language):
    reply = summaries.with_picture(SUMMARY, b"picture", now=NOW, texts=language)
    seen = check(reply)
    for part in ("BTC 58.1", "SOL", "DOGE", "61", "97", "CoinCodex"):
        assert part in seen
    assert reply.silent
    assert data(reply) == [["subscribe fewer", "subscribe mute", "subscribe off"]]


def test_the_time_of_a_summary_is_the_readers_own():
    assert "12:59" in check(summaries.summary(SUMMARY, EN, NOW))
    assert "20:59" in check(summaries.summary(SUMMARY | {"zone": "Asia/Tokyo"}, EN, NOW))
