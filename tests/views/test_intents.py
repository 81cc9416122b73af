"""The cards of orders and cancels, and what became of them: what is shown is what is sent, whatever was stored."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.notices import Notice
from bot.views import intents, notices

from .intent_samples import CANCEL, CARD, ORDER, PLACED, SAMPLES
from .odd import EN, HOSTILE, NOW, ZH, some
from .wire import check, data, labels, utf16

LANGUAGES = pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])


def shown(kind: str, values: dict[str, object], language=EN) -> list[str]:
    return check(notices.render(Notice(kind, values), language, NOW)).splitlines()


def expiring(values: dict[str, object], seconds: int = 90) -> dict[str, object]:
    return values | {"expires_at": int((NOW + timedelta(seconds=seconds)).timestamp() * 1000)}


def test_the_card_shows_what_is_sent_where_with_whose_key_and_for_how_long():
    reply = notices.render(Notice("intent_offered", expiring(CARD)), EN, NOW)
    assert check(reply).splitlines() == [
        "⚠️ LIVE · Binance “main” · key 7F3A-91C2",
        "Your phrase: blue heron",
        "BUY 0.01 BTC at limit 67000 USDT",
        "Cost 670 USDT + fee ≈ 0.67 USDT",
        "Price now 67,412.38 USDT (your limit is 0.61% below)",
        "After it: 1204.11 USDT free",
        "The button works for 90 s · 8K2Q",
    ]
    assert labels(reply) == [["✅ Buy 0.01 BTC"], ["✏️ Edit", "✖ Cancel"]]
    assert data(reply) == [
        [f"!confirm {CARD['intent']}"],
        ["!trade binance BTC/USDT buy", f"!dismiss {CARD['intent']}"],
    ]


def test_amounts_and_prices_stand_on_the_card_byte_for_byte():
    odd = {"amount": "0.01000000", "price": "67000.10", "total": "670.00100000"}
    seen = "\n".join(shown("intent_offered", CARD | odd))
    assert all(f" {figure} " in seen for figure in odd.values())
    assert "0.01000000" in labels(notices.render(Notice("intent_offered", CARD | odd), EN, NOW))[0][0]


def test_a_market_buy_by_cost_names_the_cost_and_no_price():
    values = CARD | {"kind": "market", "amount": "", "cost": "100", "price": "", "away": "", "total": "100"}
    reply = notices.render(Notice("intent_offered", values), EN, NOW)
    seen = check(reply)
    assert "BUY BTC for 100 USDT at the market price" in seen
    assert "limit" not in seen
    assert labels(reply)[0] == ["✅ Buy BTC for 100 USDT"]


def test_margin_is_said_in_the_sentence_in_a_warning_and_on_the_button():
    reply = notices.render(Notice("intent_offered", CARD | {"wallet": "margin"}), EN, NOW)
    seen = check(reply)
    assert "USDT, on margin" in seen
    assert "borrowed" in seen
    assert labels(reply)[0] == ["✅ Buy 0.01 BTC on margin"]
    assert "borrowed" not in check(notices.render(Notice("intent_offered", CARD), EN, NOW))


def test_a_price_far_from_the_market_is_warned_about_and_a_near_one_is_not():
    assert "median of 67,400.00 USDT" in "\n".join(shown("intent_offered", CARD | {"far": True}))
    assert "median" not in "\n".join(shown("intent_offered", CARD))


def test_a_new_offer_after_a_move_says_that_nothing_was_sent():
    assert "Nothing was sent" in shown("intent_offered", CARD | {"why": "moved"})[0]


def test_no_phrase_is_no_line():
    assert "phrase" not in "\n".join(shown("intent_offered", CARD | {"phrase": ""}))


@pytest.mark.parametrize("kind", sorted(set(SAMPLES) - {"intent_alert", "halt_changed"}))
def test_every_money_message_carries_the_phrase(kind):
    assert "blue heron" in "\n".join(shown(kind, SAMPLES[kind]))


def test_what_is_under_way_has_no_button():
    for values in (CARD, CANCEL):
        assert notices.render(Notice("intent_sending", values), EN, NOW).buttons == ()


def test_what_is_placed_can_be_looked_at_and_cancelled_while_it_is_open():
    assert data(notices.render(Notice("intent_accepted", PLACED), EN, NOW)) == [
        ["order 1001 BTC/USDT binance", "cancelorder 1001 BTC/USDT binance"]
    ]
    done = PLACED | {"state": "filled", "filled": "0.01"}
    assert data(notices.render(Notice("intent_accepted", done), EN, NOW)) == [["order 1001 BTC/USDT binance"]]
    assert "0.01 (100.0%)" in "\n".join(shown("intent_accepted", done))


@LANGUAGES
def test_what_is_not_known_is_not_to_be_repeated_and_offers_nothing_to_press(language):
    for values in (CARD, CANCEL):
        reply = notices.render(Notice("intent_unknown", values), language, NOW)
        assert check(reply)
        assert reply.buttons == ()
    assert "do not know" in "\n".join(shown("intent_unknown", CARD))
    assert "Do not repeat it" in "\n".join(shown("intent_unknown", CARD))
    assert "请勿重复" in "\n".join(shown("intent_unknown", CARD, ZH))


def test_a_refusal_says_why_what_of_the_money_and_by_which_signs_to_talk_of_it():
    seen = shown("intent_rejected", SAMPLES["intent_rejected"])
    assert seen[0] == "❌ Binance said no: this was not taken."
    assert any("A share goes from" in line for line in seen)
    assert any("no money was moved" in line for line in seen)
    assert seen[-1] == "Reference: 8K2Q"
    offered = notices.render(Notice("intent_rejected", SAMPLES["intent_rejected"]), EN, NOW)
    assert data(offered) == [[f"again {CARD['intent']}"]]


def test_an_offer_that_was_called_off_is_told_from_one_that_grew_old():
    assert "expired" in shown("intent_expired", CARD)[0]
    assert "Called off" in shown("intent_expired", CARD | {"reason": "intent.dismissed"})[0]


def test_a_cancel_names_each_order_and_what_of_it_is_filled_already():
    reply = notices.render(Notice("intent_offered", expiring(CANCEL)), EN, NOW)
    seen = check(reply)
    assert "Cancel 2 orders of BTC/USDT?" in seen
    assert "BUY 0.01 BTC at limit 60000 USDT · filled 0.004 (40.0%) · 1001" in seen
    assert "SELL 0.5 BTC at limit 70000 USDT · filled — · 1002" in seen
    assert "filled already stays" in seen
    assert labels(reply) == [["✅ Cancel 2 orders"], ["✖ Keep"]]


def test_a_cancel_that_failed_in_part_names_what_is_still_open():
    seen = shown("intent_not_placed", CANCEL | {"left": ["1002"]})
    assert "Still open: 1002" in seen
    assert not [line for line in shown("intent_not_placed", CANCEL) if "Still open" in line]


def test_a_fill_is_edited_in_silently_and_the_end_is_loud():
    changed = notices.render(Notice("order_changed", ORDER), EN, NOW)
    assert changed.silent
    assert "Filled: 0.003 (30.0%) BTC, on average at 66990.5 USDT" in check(changed)
    ended = notices.render(Notice("order_ended", SAMPLES["order_ended"]), EN, NOW)
    assert not ended.silent
    assert "Filled at Binance" in check(ended)
    assert data(ended) == [["balance binance", "orders"]]


def test_an_order_that_is_over_has_no_button_to_cancel_it():
    reply = notices.render(Notice("order_changed", ORDER | {"state": "canceled"}), EN, NOW)
    assert reply.buttons == ()


@LANGUAGES
@pytest.mark.parametrize("ending", ["filled", "canceled", "rejected", "expired", "what"])
def test_every_end_has_its_words(ending, language):
    assert shown("order_ended", ORDER | {"state": ending}, language)


odd_values = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=80),
    st.none(),
    st.integers(-(2**70), 2**70),
    st.lists(st.one_of(st.text(max_size=5), st.none()), max_size=3),
    st.sampled_from(["NaN", "Infinity", "-0", "1e999999", "0." + "1" * 300, "cancel", "margin", "sell"]),
    st.sampled_from([[{"id": "<b>", "filled": "x", "amount": "0"}] * 40, [3, None], {"key": 1}]),
)


@some
@given(
    kind=st.sampled_from(sorted(SAMPLES)),
    odd=st.dictionaries(st.sampled_from(sorted({*CARD, *ORDER, "left", "by", "halted"})), odd_values, max_size=12),
    action=st.sampled_from(["place", "cancel"]),
    language=st.sampled_from([EN, ZH]),
)
def test_nothing_stored_whatever_breaks_a_message_about_money(kind, odd, action, language):
    values = SAMPLES[kind] | {"action": action} | odd
    check(notices.render(Notice(kind, values), language, NOW))


def test_twenty_long_orders_still_fit_a_message():
    many = [CANCEL["orders"][0] | {"id": "9" * 20, "amount": "1" * 15 + "." + "1" * 18}] * 20
    reply = notices.render(Notice("intent_offered", CANCEL | {"orders": many}), ZH, NOW)
    assert utf16(check(reply)) <= 4096


def test_views_are_those_trading_names():
    assert set(intents.VIEWS) == set(SAMPLES)
