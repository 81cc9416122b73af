"""Errors: what happened, whether money is touched, what to do, a reference; and no raw words as markup."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import BotError, NotAllowed, Refused, Unavailable, Unsure, UserMistake
from bot.domain.prices import Field, SeveralCoins, UnknownCoin
from bot.views import errors

from .odd import BTC, EN, ETH, NOW, ZH, names, some, texts
from .wire import check, data, labels, read


def test_a_source_that_is_down_has_all_parts():
    error = Unavailable("source.down", source="CoinCodex", retry_at=NOW + timedelta(minutes=2))
    assert read(errors.of(error, EN, now=NOW, zone="Europe/Berlin", reference="8K2Q").html).splitlines() == [
        "⚠️ CoinCodex is not answering.",
        "Nothing was changed and no money was moved.",
        "Please try again at 13:02 (in 2 min).",
        "Reference: 8K2Q",
    ]
    assert read(errors.of(error, ZH, now=NOW, zone="Asia/Shanghai").html).splitlines() == [
        "⚠️ CoinCodex 没有响应。",
        "没有任何改动，也没有动用资金。",
        "请在 20:02（2 分钟后）再试。",
    ]


@pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])
def test_coins_and_networks_are_written_as_people_write_them(language):
    below = Refused("swap.below", source="Changelly", least=Decimal("0.000106"), ticker="btc")
    assert "0.000106 BTC" in check(errors.of(below, language))
    unfit = UserMistake("swap.bad_address", ticker="usdt20", network="binance_smart_chain")
    seen = check(errors.of(unfit, language))
    assert "USDT20" in seen
    assert "BINANCE SMART CHAIN" in seen


@pytest.mark.parametrize("now", [None, NOW, NOW + timedelta(hours=1)])
def test_without_a_time_to_come_it_says_soon(now):
    error = Unavailable("storage.down", retry_at=NOW if now else NOW + timedelta(hours=1))
    assert "Please try again in a minute." in errors.of(error, EN, now=now).html


def test_a_mistake_is_told_with_what_to_do_and_buttons_that_do_it():
    error = UserMistake(
        "amount.ambiguous",
        typed="1,500",
        thousands="1500",
        fraction="1.500",
        suggestions=(("1500", "calc 1500 USD BTC"), ("1.500", "/calc 1.500 USD BTC")),
    )
    reply = errors.of(error, EN)
    assert read(reply.html) == "1,500: did you mean 1500 or 1.500? Please write it without a comma."
    assert data(reply) == [["calc 1500 USD BTC", "calc 1.500 USD BTC"]]


def test_a_right_that_lacks_is_shown_as_such():
    assert errors.of(NotAllowed("access.admins_only"), EN).html.startswith("🔒 ")


def test_a_refusal_is_final_and_does_not_ask_to_try_again():
    seen = errors.of(Refused("source.garbled", source="X"), EN).html
    assert seen.startswith("❌ ")
    assert "try again" not in seen


def test_what_is_unsure_must_not_be_repeated():
    seen = read(errors.of(Unsure("storage.down", intent="8K2Q"), EN).html)
    assert "Do not repeat it" in seen
    assert "Reference: 8K2Q" in seen
    assert "no money was moved" not in seen


def test_usage_is_shown_where_a_command_is_named():
    seen = read(errors.of(UserMistake("calc.usage", usage="calc"), EN).html)
    assert "/calc 100 ETH BTC" in seen


def test_numbers_and_names_are_worded():
    error = UserMistake("every.too_fine", every="5m", rows=1234567, columns=Decimal(30), most=10**6)
    assert "With 5m that would be 1,234,567 × 30 cells (rows × columns); at most 1,000,000" in errors.of(error, EN).html
    assert "<b>cap</b>" in errors.of(UserMistake("field.unknown", typed=Field.CAP), EN).html
    assert "<b>a, b</b>" in errors.of(UserMistake("field.unknown", typed=("a", "b")), EN).html


def test_coins_that_were_not_understood_are_asked_for():
    assert data(errors.of(UnknownCoin("BTCC", [BTC]), EN)) == [["price BTC"]]
    assert data(errors.of(SeveralCoins("ETH", [ETH, BTC]), EN))[0][0] == "!price =ETH"


def test_markup_in_what_was_typed_is_text():
    seen = errors.of(UserMistake("amount.unreadable", typed="<a href='tg://x'>"), EN)
    assert "<a href='tg://x'>" in read(seen.html)


def test_our_own_fault_has_a_reference():
    seen = read(errors.bug("8K2Q", EN).html)
    assert "Nothing was ordered or paid" in seen
    assert seen.endswith("Reference: 8K2Q")


def test_a_mistyped_command_is_guessed():
    reply = errors.unknown_command("/pirce", [["price", "btc", "eth"], ["users"]], EN)
    assert read(reply.html) == "I do not know /pirce. Did you mean /price?"
    assert data(reply) == [["price btc eth"], ["users"]]
    assert labels(reply) == [["/price btc eth"], ["/users"]]
    assert errors.unknown_command("xyzzy", [], EN).buttons == ()


def test_a_line_too_long_for_a_button_leaves_its_command():
    assert data(errors.unknown_command("pirce", [["price", "x" * 59]], EN)) == [["price"]]
    assert data(errors.unknown_command("pirce", [["price", "x" * 58]], EN)) == [[f"price {'x' * 58}"]]


def test_a_command_given_up_is_named_where_it_is_known():
    assert "/price" in read(errors.given_up("/price", "8K2Q", EN).html)
    assert "/ " not in read(errors.given_up("", "8K2Q", EN).html)


def test_a_flood_is_told_how_long_to_wait():
    assert "in 12 s" in read(errors.flood(12.4, EN).html)
    assert "1 秒" in read(errors.flood(0, ZH).html)


values = st.one_of(names, st.integers(), st.decimals(), st.none(), st.lists(names, max_size=20), st.booleans())
kinds = st.sampled_from([BotError, UserMistake, NotAllowed, Unavailable, Refused])


@some
@given(kinds, st.sampled_from(["amount.unreadable", "source.down", "symbol.none", "no.such.key"]), values, names, texts)
def test_no_error_whatever_breaks_its_message(kind, key, value, name, language):
    check(errors.of(kind(key, typed=value, source=value, stray=name), language, now=NOW, reference="1"))


@some
@given(names, st.lists(st.lists(names, min_size=1, max_size=3), max_size=4), texts)
def test_no_command_whatever_breaks_its_message(typed, likely, language):
    reply = errors.unknown_command(typed, likely, language)
    assert read(reply.html)
    check(errors.given_up(typed, "1", language))
