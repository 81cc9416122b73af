"""Cards of keys and guards: in every language, whatever a label or a phrase holds, and nothing Telegram refuses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.accounts import Health, Held, KeyState
from bot.domain.guards import Enrolment, Guard, Limits
from bot.domain.notices import Notice
from bot.texts import Catalogue
from bot.views import alarms, guards, keys, notices
from handlers._tripwire import Secret
from tests.views.wire import check

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CATALOGUE = Catalogue.load()
ODD = ("main", "<b>&\"'", "x" * 24, "名字 🕊", "a\u202eb", "{braces}")
HEALTHS = (
    Health(),
    Health(trade=True, margin=True, ip_bound=True, expires_at=NOW + timedelta(days=90), skew=timedelta(0)),
    Health(trade=False, margin=False, ip_bound=False, expires_at=NOW + timedelta(hours=3), warnings=("enableFutures",)),
    Health(trade=True, expires_at=NOW - timedelta(days=1), skew=timedelta(seconds=-3, milliseconds=-120)),
    Health(trade=True, warnings=("someNewRight<b>",)),
    Health(trouble="withdraw"),
    Health(trouble="refused"),
)


@pytest.fixture(params=["en", "zh"])
def texts(request):
    return CATALOGUE.pick(request.param)


def held(label: str = "main", health: Health = HEALTHS[1]) -> Held:
    state = KeyState.FROZEN if health.trouble else KeyState.ACTIVE
    return Held("0123456789ab", 1, "binance", label, 1, "0a1b2c3d", state, health, NOW, NOW)


def told(one: Held) -> dict[str, object]:
    return {
        "id": one.id, "exchange": "Binance", "label": one.label, "fingerprint": one.fingerprint,
        "version": one.version, "health": one.health.values(), "phrase": "blue <heron>",
    }  # fmt: skip


@pytest.mark.parametrize("label", ODD)
@pytest.mark.parametrize("health", HEALTHS)
def test_a_key_is_shown_whatever_it_is_called_and_however_it_is(texts, label, health):
    one = held(label, health)
    check(keys.card(one, "Binance", now=NOW, texts=texts, zone="Asia/Shanghai"))
    check(keys.listed([one, replace(one, vendor="gone")], {"binance": "Binance"}, texts))
    check(keys.drop(one, "Binance", watched=2, texts=texts))
    for kind in ("key_stored", "key_frozen"):
        check(notices.render(Notice(kind, told(one)), texts, NOW))


def test_a_frozen_key_says_why_and_nothing_of_rights(texts):
    shown = keys.card(held(health=replace(HEALTHS[5], trade=True)), "Binance", now=NOW, texts=texts, zone="UTC").plain
    assert texts("key.trades") not in shown
    assert "🔒" in shown


@pytest.mark.parametrize("url", ["", "https://desk.example/keys/" + "A" * 43])
@pytest.mark.parametrize("secrets", [["key", "secret"], ["key", "secret", "password"]])
def test_the_invitation_lists_the_boxes_and_the_way(texts, url, secrets):
    values = {
        "exchange": "Binance", "vendor": "binance", "label": "<main>", "secrets": secrets, "url": url, "minutes": 5,
        "key_page": "https://binance.example/keys", "phrase": "",
    }  # fmt: skip
    reply = notices.render(Notice("key_wanted", values), texts, NOW)
    check(reply)
    assert [b.url for row in reply.buttons for b in row] == [part for part in (url, values["key_page"]) if part]
    assert ("Telegram" in reply.plain) is not bool(url)


@pytest.mark.parametrize("kind", Secret)
@pytest.mark.parametrize("gone", [True, False])
@pytest.mark.parametrize("private", [True, False])
def test_every_warning_says_what_to_do(texts, kind, gone, private):
    warning = alarms.warning(kind, gone=gone, private=private, texts=texts)
    check(warning)
    assert texts(f"tripwire.rotate.{kind}") in warning.html


@pytest.mark.parametrize("phrase", ["", *ODD, "x" * 40])
@pytest.mark.parametrize("on", [True, False])
def test_guards_are_shown_as_they_stand(texts, phrase, on):
    limits = Limits(Decimal(1000), Decimal("5000.50"))
    guard = Guard(locked=on, second_step=on, phrase=phrase, limits=limits)
    check(guards.card(guard, texts))
    check(guards.limits(guard, limits, texts))
    check(guards.phrase(phrase, texts))
    for demanded in (True, False):
        check(guards.second_step(guard, demanded=demanded, texts=texts))
    check(notices.render(Notice("phrase_saved", {"phrase": phrase}), texts, NOW))


def test_the_address_for_the_app_fits_its_button(texts):
    enrolment = Enrolment("A" * 32, "otpauth://totp/Changedesk:" + "n" * 100 + "?secret=" + "A" * 32)
    shown = guards.enrolment(enrolment, texts)
    check(shown)
    assert [b.copy for row in shown.buttons for b in row] == [enrolment.secret, enrolment.uri]


def test_an_address_too_long_for_a_button_leaves_the_secret(texts):
    enrolment = Enrolment("A" * 32, "otpauth://totp/" + "n" * 300)
    check(guards.enrolment(enrolment, texts))
