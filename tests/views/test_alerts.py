"""Alerts in words: what was crossed, by which price, how old, how it was set and what comes next."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alerts import LARGEST, Alert, Condition, State, Way
from bot.domain.notices import Notice
from bot.domain.prices import Field
from bot.views import alerts, notices

from .alert_samples import BTC, NOW_MS, TOTAL, alert, values
from .odd import EN, NOW, ZH, assets, figures, moments, some, texts, zones
from .wire import check, data, labels

FRI = NOW + timedelta(days=6)


def fired(one: Alert, language=EN, **more) -> str:
    return check(notices.render(Notice("alert_fired", values(one, **more)), language, NOW))


def test_told_once_it_says_price_source_age_and_how_it_was_set_with_buttons():
    one = alert(fired=1, state=State.ENDED)
    assert fired(one).splitlines() == [
        "🔔 BTC above $70,000",
        "Now $70,012.50",
        "Data: CoinCodex · 14 s old",
        "Told once, as you wished; it is off now.",
        "Alert 17, set 12:00: /alert BTC > 70000",
    ]
    reply = notices.render(Notice("alert_fired", values(one)), EN, NOW)
    assert data(reply) == [["alerts again 17", "delalert 17"], ["chart BTC 1d", "!alerts"]]
    assert not reply.silent


def test_every_time_it_says_after_what_and_until_when():
    seen = fired(alert(fired=3, rests=True, repeat_s=3600, until=FRI)).splitlines()
    assert seen[3:6] == [
        "Next time after it has been at $69,650.00 or below.",
        "Every time, at most once in 1 h.",
        "Until Nov 27, 13:00 (in 6 d).",
    ]
    assert fired(alert(Way.BELOW, rests=True, repeat_s=60)).splitlines()[3].endswith("$70,350.00 or above.")


def test_a_move_says_from_where():
    seen = fired(alert(Way.RISE, "5", fired=1, state=State.ENDED), since="66000").splitlines()
    assert seen[:2] == ["🔔 BTC up 5% within 1 h", "Now $70,012.50   ▲\u00a0+6.08% from $66,000.00"]


def test_it_is_said_in_chinese():
    assert fired(alert(fired=1, state=State.ENDED), ZH).splitlines()[:2] == ["🔔 BTC 高于 $70,000", "现在 $70,012.50"]
    assert fired(alert(Way.MOVE, "2.50"), ZH, since="60000").startswith("🔔 BTC 在 1 小时 内涨跌 2.5%")


@pytest.mark.parametrize(
    ("target", "field", "shown"),
    [
        ("70000", Field.PRICE, "$70,000"), ("0.000012345", Field.PRICE, "$0.000012345"), ("1.50", Field.PRICE, "$1.50"),
        ("3000000000000", Field.CAP, "$3.00T"), ("3125000000000", Field.CAP, "$3,125,000,000,000"),
    ],
)  # fmt: skip
def test_a_line_is_told_with_every_digit(target: str, field: Field, shown: str):
    assert shown in fired(alert(target=target, field=field)).splitlines()[0]


def test_set_while_the_source_is_silent_it_says_so():
    seen = check(notices.render(Notice("alert_set", values(alert(), value="", at=0, source="")), EN, NOW))
    assert "does not answer right now" in seen
    assert "Data:" not in seen


@pytest.mark.parametrize(("chosen", "until", "asked"), [(False, FRI, True), (True, FRI, False), (False, None, False)])
def test_where_a_time_was_told_by_a_clock_nobody_chose_a_button_chooses_one(chosen, until, asked):
    reply = notices.render(Notice("alert_set", values(alert(until=until), zone_chosen=chosen)), EN, NOW)
    assert (["settings zone"] in data(reply)) is asked


def test_told_late_the_age_says_so():
    assert "3 h old" in fired(alert(), at=NOW_MS - 3 * 3_600_000)


def test_the_end_of_its_time_makes_no_sound():
    assert notices.render(Notice("alert_ended", values(alert())), EN, NOW).silent


def test_the_list_says_how_many_there_may_be_and_has_two_buttons_for_each():
    several = [alert(), replace(alert(Way.FALL, "5", TOTAL, Field.CAP, repeat_s=900, until=FRI), id=18, rests=True)]
    reply = alerts.listed(several, total=22, page=2, pages=3, now=NOW, texts=EN, zone="Europe/Berlin")
    assert check(reply).splitlines() == [
        "Your alerts · 22 of 50",
        "17 · BTC above $70,000",
        "18 · Total cap down 5% within 1 h · every time, pause 15 min · until Nov 27, 13:00 · waits until it is back",
    ]
    assert data(reply)[0] == ["alerts edit 17", "!delalert 17", "alerts edit 18", "!delalert 18"]
    assert labels(reply)[1] == ["◀ 1", "🔔 New alert", "3 ▶"]


stored = st.builds(
    Alert, st.integers(1, 2**53), st.just(7), st.one_of(st.sampled_from([BTC, TOTAL]), assets),
    st.builds(
        Condition, st.sampled_from([Field.PRICE, Field.CAP]), st.sampled_from(Way),
        st.decimals(min_value=Decimal("1E-18"), max_value=LARGEST, places=18), st.integers(0, 86_400),
        st.integers(0, 2_592_000), st.one_of(st.none(), moments),
    ),
    st.sampled_from(State), st.booleans(), st.just(0), st.integers(0, 99), st.just(0), st.integers(0, NOW_MS),
)  # fmt: skip


@some
@given(stored, figures, figures, texts, zones)
def test_no_alert_whatever_breaks_its_words(one: Alert, value, since, language, zone):
    told = values(one, value=str(value), since=str(since), zone=zone)
    for kind in ("alert_set", "alert_deleted", "alert_fired", "alert_ended"):
        check(notices.render(Notice(kind, told), language, NOW))
    check(alerts.edit(one, now=NOW, texts=language, zone=zone))
    check(alerts.choices(one.asset, one.wants.field, value, texts=language))
    check(alerts.listed([one] * 10, total=50, page=1, pages=5, now=NOW, texts=language, zone=zone))
