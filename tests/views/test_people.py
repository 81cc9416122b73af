"""Welcome, help, settings, notices, people and inline answers."""

import ast
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.notices import Notice
from bot.domain.users import Standing, User
from bot.views import help as help_view
from bot.views import inline, notices, settings, start, users

from . import alert_samples, broadcast_samples, intent_samples, key_samples, swap_samples, telling_samples
from .odd import BTC, CATALOGUE, EN, NOW, ZH, names, quotes, some, texts
from .wire import COMMANDS, check, data, labels, read, utf16

ROOT = Path(__file__).parents[2]
BOB = User(7, "Bob <b>")
MENU = ["price", "cap", "chart", "calc", "export", "watch", "start", "settings", "access", "cancel", "help"]
HIDDEN = {"pick", "confirm", "dismiss", "again", "person", "promote", "demote"}
SHOWN = {"languages": CATALOGUE.languages, "now": NOW}


# --- start ----------------------------------------------------------------------------------------------------------


def test_a_welcome_has_buttons_that_work_at_once_and_the_bots_only_name():
    reply = start.welcome(BOB, bot_name="desk_bot", may_use_money=False, texts=EN)
    seen = check(reply)
    assert "@desk_bot" in seen
    assert "never ask for a seed phrase" in seen
    assert data(reply) == [["price BTC"], ["keys", "swap"]]


def test_who_has_a_list_of_his_own_is_offered_that():
    reply = start.welcome(
        replace(BOB, watch=("BTC",)), bot_name="desk_bot", may_use_money=False, texts=EN, can_ask=True
    )
    assert data(reply) == [["price"], ["keys", "swap"], ["access ask"]]


@pytest.mark.parametrize(
    ("line", "carried"),
    [
        (["alert", "BTC"], "?start=alert_BTC"), (["alert", "=UNI7"], "?start=alert_UNI7"), (["keys"], "?start=keys"),
        (["alert", "btc", ">", "7"], ""), (["say", "x" * 64], ""), ([], ""),
    ],
)  # fmt: skip
def test_the_way_into_the_private_chat_takes_the_line_along_where_a_link_can(line, carried):
    (((button,),)) = start.in_private(line, bot_name="desk_bot", texts=EN).buttons
    assert button.url == f"https://t.me/desk_bot{carried}"


@pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])
def test_who_is_no_member_is_told_his_number_and_how_to_become_one(language):
    reply = users.no_member(BOB, can_ask=True, texts=language)
    assert "7" in check(reply)
    assert data(reply) == [["access ask"]]
    assert users.no_member(BOB, can_ask=False, texts=language).buttons == ()


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])
def test_every_standing_has_its_word(standing, language):
    person = User(7, "Bob", standing)
    check(start.welcome(person, bot_name="desk_bot", may_use_money=False, texts=language))
    assert "7" in check(users.access(person, may_use_money=False, texts=language))


def test_who_may_use_money_is_not_told_to_ask():
    reply = users.access(BOB, may_use_money=True, texts=EN)
    assert "full access" in read(reply.html)
    assert reply.buttons == ()


def test_only_a_stranger_is_offered_to_ask_and_only_where_it_helps():
    assert data(users.access(BOB, may_use_money=False, texts=EN)) == [["access ask"]]
    assert users.access(BOB, may_use_money=False, texts=EN, can_ask=False).buttons == ()
    asked = User(7, "Bob", Standing.ASKED)
    assert users.access(asked, may_use_money=False, texts=EN).buttons == ()


# --- help -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])
def test_help_lists_what_a_person_may_use_and_nothing_else(language):
    seen = check(help_view.overview(MENU, language))
    assert all(f"/{command} – " in seen for command in MENU)
    assert "/users" not in seen
    assert "/users – " in check(help_view.overview([*MENU, "users"], language))


def test_a_command_of_no_group_is_still_listed():
    assert "/block – " in check(help_view.overview(["block"], EN))


@pytest.mark.parametrize("command", sorted(COMMANDS - HIDDEN))
@pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])
def test_every_command_is_explained_with_an_example(command, language):
    seen = check(help_view.one(command, language))
    assert seen.splitlines()[0] == f"/{command}"
    assert sum(line.startswith(f"/{command}") for line in seen.splitlines()) >= 2
    assert 0 < len(help_view.menu(command, language)) <= 100


# --- settings -------------------------------------------------------------------------------------------------------


def test_settings_show_what_holds_and_buttons_for_the_rest():
    reply = settings.card(User(7, "Bob", timezone="Europe/Berlin"), zone="Europe/Berlin", texts=EN, **SHOWN)
    assert check(reply).splitlines() == [
        "Settings",
        "Language: English",
        "Time zone: Europe/Berlin, now 13:00",
        "Any other zone: /settings zone Europe/Paris",
        "How loudly I tell you, and when not: /notify, /quiet",
    ]
    assert data(reply)[0] == ["!settings language en", "!settings language zh"]
    assert labels(reply)[0] == ["✓ English", "中文"]
    assert ("✓ Berlin", "!settings zone Europe/Berlin") in {
        (text, line)
        for texts_, lines in zip(labels(reply), data(reply), strict=True)
        for text, line in zip(texts_, lines, strict=True)
    }


def test_a_zone_nobody_chose_is_told_as_such():
    seen = check(settings.card(BOB, zone="UTC", texts=ZH, **SHOWN))
    assert "时区：UTC（尚未设置），现在是 12:00 UTC" in seen


def test_a_change_is_confirmed_above_the_card():
    assert check(settings.saved(BOB, zone="UTC", texts=EN, **SHOWN)).startswith("✅ Saved.\n\nSettings")


def test_every_zone_offered_exists_and_has_a_city_in_both_languages():
    zones = [line.split()[-1] for row in data(settings.card(BOB, zone="UTC", texts=EN, **SHOWN))[1:] for line in row]
    assert zones == list(settings.ZONES)
    assert not [zone for zone in zones if zone != "UTC" and ZH.times.city(zone).isascii()]


# --- notices --------------------------------------------------------------------------------------------------------

SAMPLES = {
    "access_asked": {"user_id": 123, "name": "Bob <b>"},
    "access_pending": {"user_id": 123, "standing": "asked"},
    "access_decided": {"user_id": 123, "name": "Bob", "standing": "member"},
    "access_granted": {},
    "access_refused": {},
    "admin_named": {},
    "admin_ended": {},
    "settings_saved": {"language": "en", "zone": "Europe/Berlin"},
    "watch_saved": {"tickers": ["BTC", "ETH"]},
    "picked": {"ticker": "UNI", "name": "Uniswap", "symbol": "UNI", "command": "price UNI"},
    "answer_failed": {"command": "price", "reference": "8K2Q"},
    "flood": {"wait_s": 12},
    "put_back": {"since": 1_795_000_000_000, "unknown": 2},
    "put_back_over": {"since": 1_795_000_000_000, "unknown": 0},
    "swap_key_refused": {"exchange": "Changelly", "since": 1_795_000_000_000},
    **alert_samples.SAMPLES | intent_samples.SAMPLES,
    **broadcast_samples.SAMPLES,
    **key_samples.SAMPLES,
    **swap_samples.SAMPLES,
    **telling_samples.SAMPLES,
}


def test_every_kind_is_tried_here():
    assert set(SAMPLES) == set(notices.KINDS)


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])
def test_every_kind_is_worded_and_does_not_fail_for_want_of_a_value(kind, language):
    check(notices.render(Notice(kind, SAMPLES[kind]), language, NOW))
    assert notices.render(Notice(kind, {}), language, NOW).html


def test_an_unknown_kind_is_not_made_up():
    with pytest.raises(KeyError):
        notices.render(Notice("no_such_kind", {}), EN, NOW)


def test_every_kind_the_code_stores_has_a_view():
    stored = {
        node.args[0].value
        for folder in ("bot", "handlers", "storage")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Notice"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert stored
    assert stored <= set(notices.KINDS)


def test_an_admin_decides_by_button():
    reply = notices.render(Notice("access_asked", SAMPLES["access_asked"]), EN, NOW)
    assert read(reply.html) == "🔔 Bob <b> (id 123) asks for access."
    assert data(reply) == [["!letin 123", "!block 123"]]


def test_a_choice_offers_the_line_that_was_waiting_for_it():
    reply = notices.render(Notice("picked", SAMPLES["picked"]), EN, NOW)
    assert read(reply.html) == "✅ From now on, UNI means Uniswap to you."
    assert data(reply) == [["price UNI"]]


def test_a_choice_of_language_alone_does_not_claim_a_zone():
    seen = read(notices.render(Notice("settings_saved", {"language": "zh", "zone": ""}), ZH, NOW).html)
    assert seen == "✅ 已保存：中文。"


def test_an_emptied_list_is_told_as_such():
    assert read(notices.render(Notice("watch_saved", {"tickers": []}), EN, NOW).html) == "✅ Your list is empty now."


# --- people ---------------------------------------------------------------------------------------------------------


def test_people_are_listed_and_those_who_ask_have_buttons():
    asking = User(9, "Eve", Standing.ASKED)
    reply = users.listed([asking, BOB], total=41, page=2, pages=3, texts=EN)
    assert check(reply).splitlines() == ["41 people", "Eve · 9 · asks for access", "Bob <b> · 7 · new"]
    assert data(reply) == [["!letin 9", "!block 9"], ["!person 7"], ["!users 1", "!users 3"]]


def test_owners_are_named_as_such_and_nothing_is_decided_about_them():
    reply = users.listed([BOB], total=1, page=1, pages=1, texts=EN, owners={7})
    assert check(reply).splitlines() == ["1 person", "Bob <b> · 7 · owner"]
    assert data(reply) == []
    assert data(users.person(BOB, owners={7}, by_owner=True, texts=EN)) == [["!users"]]


@pytest.mark.parametrize(
    ("standing", "by_owner", "decisions"),
    [
        (Standing.STRANGER, False, [["!letin 7", "!block 7"]]),
        (Standing.STRANGER, True, [["!letin 7", "!block 7"], ["!promote 7"]]),
        (Standing.MEMBER, False, [["!block 7"]]), (Standing.MEMBER, True, [["!block 7"], ["!promote 7"]]),
        (Standing.BLOCKED, True, [["!letin 7"]]), (Standing.ADMIN, False, []),
        (Standing.ADMIN, True, [["!block 7"], ["!demote 7"]]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])
def test_a_person_has_buttons_for_what_this_admin_may_decide(standing, by_owner, decisions, language):
    reply = users.person(User(7, "Bob", standing, reachable=False), owners={9}, by_owner=by_owner, texts=language)
    check(reply)
    assert data(reply) == [*decisions, ["!users"]]


@pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])
def test_what_an_admin_may_is_said_before_somebody_becomes_one(language):
    reply = users.promotion(BOB, texts=language)
    assert "Bob <b>" in check(reply)
    assert data(reply) == [["!promote 7 yes"], ["!person 7"]]


@some
@given(st.lists(st.builds(User, st.integers(1, 2**53), names, st.sampled_from(Standing)), max_size=6), texts)
def test_no_people_whatever_break_their_list(several, language):
    check(users.listed(several, total=len(several), page=1, pages=1, texts=language))


# --- inline ---------------------------------------------------------------------------------------------------------


def test_an_inline_card_sends_the_price_card_without_buttons():
    (card,) = inline.reply([BTC], now=NOW, texts=EN).cards
    assert (card.key, card.title, card.description) == (
        "BTC",
        "Bitcoin · BTC   $67,412.38",
        "▲ +2.14% (24h) · Cap $1.33T",
    )
    assert read(card.html).splitlines()[0] == "Bitcoin · BTC · #1"


def test_a_list_of_inline_cards_is_bounded_and_each_stands_once():
    many = [replace(BTC, asset=replace(BTC.asset, symbol=f"C{at % 40}")) for at in range(80)]
    cards = inline.reply(many, now=NOW, texts=EN).cards
    assert [card.key for card in cards] == [f"C{at}" for at in range(20)]


def test_nothing_found_is_an_empty_list():
    assert inline.reply([], now=NOW, texts=EN).cards == ()


@some
@given(st.lists(quotes, max_size=5), texts)
def test_no_quotes_whatever_break_an_inline_answer(several, language):
    cards = inline.reply(several, now=NOW + timedelta(days=1), texts=language).cards
    assert len(cards) <= 20
    assert len({card.key for card in cards}) == len(cards)
    for card in cards:
        assert 1 <= len(card.key.encode()) <= 64
        assert 0 < utf16(read(card.html)) <= 4096
        assert card.title.strip()
