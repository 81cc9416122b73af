"""Swaps and addresses as they are told: nothing is shortened that has to be compared, whatever was stored."""

import itertools
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.addresses import Saved, Verdict
from bot.domain.notices import Notice
from bot.domain.swap_log import StageNote, SwapRow, SwapStatus
from bot.domain.swaps import RateKind, Stage, SwapCoin, SwapLimits, SwapQuote
from bot.domain.telling import Topic, topic_of
from bot.views import addresses, notices, qr, swap_lists, swap_talk
from bot.views import swap_stages as view

from .odd import EN, HOSTILE, NOW, ZH, figures, names, some, texts
from .swap_samples import FINISHED, MADE, SAMPLES, SWAP
from .wire import check, data, labels

LANGUAGES = pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])
STAGES = pytest.mark.parametrize("stage", Stage)
ETH = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
MONERO = "4AdUndXHHZ6cfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2684Rge"
BTC, XRP = (
    SwapCoin("btc", "Bitcoin", "bitcoin", fixed=True, memo_name=""),
    SwapCoin("xrp", "Ripple", "ripple", memo_name="Destination Tag"),
)
USDT = [SwapCoin(f"usdt{end}", "Tether", network) for end, network in (("20", "ethereum"), ("rx", "tron"))]


def ms(seconds: float) -> int:
    return int((NOW + timedelta(seconds=seconds)).timestamp() * 1000)


def shown(kind: str, values: dict[str, object], language=EN) -> list[str]:
    return check(notices.render(Notice(kind, values), language, NOW)).splitlines()


# --- quote and deposit ------------------------------------------------------------------------------------------------


def test_the_quote_shows_both_networks_the_net_amount_and_whole_addresses():
    lines = shown("swap_offered", SWAP | {"expires_at": ms(58)})
    assert [line for line in lines if line] == [
        "🔁 Swap quote · floating rate",
        "Your phrase: blue heron",
        "You send   0.01500000 BTC · BITCOIN",
        "You get   ≈ 0.2391 ETH · ETHEREUM, after 0.0012 network fee",
        "Rate   1 BTC ≈ 15.94 ETH",
        "Paid out to 📒 Ledger",
        "0x5a Aeb6 053F 3E94 C9b9 A09f 3366 9435 E7Ef 1BeA ed",
        "Refund to",
        "bc1q ar0s rrr7 xfkv y5l6 43ly dnw9 re59 gtzz wf5m dq",
        "ℹ️ Deposits from contracts are <not> credited.",
        lines[12],
        "3 more swaps today under the operator's key",
        "Valid until 12:00 UTC (in 58 s) · 9F86",
    ]
    assert "AML/KYC" in lines[12]


@pytest.mark.parametrize(("language", "said"), [(EN, "no checksum"), (ZH, "校验和")], ids=["en", "zh"])
def test_an_address_that_could_not_be_checked_is_doubted_beneath_it(language, said):
    def beneath(**verdicts: str) -> list[str]:
        lines = shown("swap_offered", SWAP | verdicts, language)
        return [before for before, line in itertools.pairwise(lines) if said in line]

    payout, refund = (
        "0x5a Aeb6 053F 3E94 C9b9 A09f 3366 9435 E7Ef 1BeA ed",
        "bc1q ar0s rrr7 xfkv y5l6 43ly dnw9 re59 gtzz wf5m dq",
    )
    assert beneath(address_verdict="sound", refund_verdict="sound") == []
    assert beneath(address_verdict="bare", refund_verdict="sound") == [payout]
    assert beneath(address_verdict="bare", refund_verdict="bare") == [payout, refund]
    assert "I have no rule" in "\n".join(shown("swap_offered", SWAP | {"refund_verdict": "unchecked"}))


@pytest.mark.parametrize(
    ("reason", "told", "button"),
    [
        ("swap.below", {"least": "0.02", "most": "25", "ticker": "btc"}, ["Swap 0.02 BTC"]),
        ("swap.above", {"least": "0.02", "most": "0.010", "ticker": "btc"}, ["Swap 0.01 BTC"]),
        ("swap.below", {"least": "None"}, None),
        ("swap.quota", {"least": "0.02", "most": 10}, None),
    ],
)
def test_limits_that_moved_leave_a_button_with_the_nearest_amount(reason, told, button):
    values = SAMPLES["swap_refused"] | {"reason": reason, "reason_values": told | {"source": "Changelly"}}
    reply = notices.render(Notice("swap_refused", values), EN, NOW)
    assert labels(reply) == [*([button] if button else []), ["Offer it again"]]
    if button:
        assert data(reply)[0] == [f"swap change {SWAP['intent']} {button[0].split()[1]}"]
        assert " BTC here" in check(reply)
        assert all(one.fits for row in reply.buttons for one in row)


def test_its_buttons_make_it_change_it_and_leave_it():
    reply = notices.render(Notice("swap_offered", SWAP), EN, NOW)
    intent = SWAP["intent"]
    assert labels(reply) == [["✅ Swap 0.01500000 BTC"], ["✏️ Change", "✖ Cancel"]]
    assert data(reply) == [[f"!confirm {intent}"], [f"!swap change {intent}", f"!dismiss {intent}"]]


def test_what_a_dialect_cannot_know_is_a_dash_and_never_a_guess():
    seen = "\n".join(shown("swap_offered", SWAP | {"net": "", "network_fee": ""}))
    assert "≈ 0.2403 ETH · ETHEREUM, before a network fee of —" in seen
    assert "You get   — ETH" in "\n".join(shown("swap_offered", SWAP | {"net": "", "gross": "", "network_fee": ""}))


def test_a_fixed_rate_is_exact():
    assert "You get   0.2391 ETH" in "\n".join(shown("swap_offered", SWAP | {"rate_kind": "fixed"}))


def test_the_deposit_card_has_amount_address_and_memo_each_alone_to_copy():
    values = MADE | {"payin_memo": "978301237653", "payin_memo_name": "Destination Tag", "pay_till": ms(1080)}
    reply = notices.render(Notice("swap_card", values), EN, NOW)
    seen = check(reply)
    for alone in ("0.01500000", MADE["payin_address"], "978301237653"):
        assert f"<code>{alone}</code>" in reply.html
        assert alone in [button.copy for row in reply.buttons for button in row]
    for words in (
        "On the network BITCOIN, on no other", "Send once, in one transaction", "Until 12:18 UTC (in 18 min)",
        "With this Destination Tag", "scammer", "Your phrase: blue heron",
    ):  # fmt: skip
        assert words in seen
    assert labels(reply) == [
        ["Copy amount", "Copy address", "Copy memo"], ["Status", "QR code"], ["Track page", "❔ Help"],
    ]  # fmt: skip


def test_where_the_network_is_not_told_the_card_does_not_make_one_up():
    seen = "\n".join(shown("swap_card", MADE | {"source_network": "", "target_network": ""}))
    assert "On the network" not in seen
    assert "does not tell on which network" in seen


def test_the_picture_is_a_code_of_the_address_and_its_caption_fits():
    reply = view.swap_code(MADE | {"payin_address": MONERO, "payin_memo": "9" * 40, "phrase": "x" * 40}, EN, NOW)
    assert reply.picture.content.startswith(b"\x89PNG")
    assert MONERO in check(reply)


@pytest.mark.parametrize("more", [{"stage": "confirming"}, {"payin_address": ""}, {"withheld": "swap.no_memo"}])
def test_no_code_is_drawn_of_what_must_not_be_paid_any_more(more):
    reply = view.swap_code(MADE | more, EN, NOW)
    assert reply.picture is None
    assert MADE["payin_address"] not in reply.html


def test_an_address_that_is_withheld_is_on_no_message():
    for kind in ("swap_card", "swap_told", "swap_stalled", "swap_nudge"):
        values = SAMPLES[kind] | {"withheld": "swap.other_payout", "payin_address": "", "stage": "waiting"}
        assert MADE["payin_address"] not in notices.render(Notice(kind, values), EN, NOW).html
    assert "I do not show its deposit address" in shown("swap_card", MADE | {"withheld": "swap.other_payout"})[0]


@pytest.mark.parametrize("why", ["swap.other_payout", "swap.bad_deposit_address", "swap.no_memo"])
def test_why_an_address_is_withheld_names_who_gave_it(why):
    assert "Changelly" in " ".join(shown("swap_card", MADE | {"withheld": why})[:2])


def test_a_rate_that_floats_has_no_deadline_half_of_which_is_over():
    floating, fixed = (" ".join(shown("swap_nudge", MADE | {"pay_till": at})) for at in (0, MADE["pay_till"]))
    assert "Half of the time" in fixed
    assert "Half of the time" not in floating
    assert "Until" not in floating
    assert "No deposit was seen yet" in floating


def test_a_code_says_how_long_it_is_good_for_and_the_end_that_it_is_used_up():
    assert "only while its card waits for a deposit" in " ".join(shown("swap_code", MADE))
    for stage in ("finished", "refunded"):
        assert "never send to its deposit address again" in " ".join(shown("swap_told", MADE | {"stage": stage}))
    assert "deposit address again" not in " ".join(shown("swap_told", MADE | {"stage": "hold"}))


def test_nothing_is_drawn_of_nothing():
    assert qr.picture("") is None
    assert qr.picture("x" * 500) is None


# --- stages -----------------------------------------------------------------------------------------------------------


@STAGES
@LANGUAGES
def test_every_stage_has_its_card_and_its_loud_word(stage, language):
    values = FINISHED | {"stage": stage.value, "raw_stage": stage.value}
    edited = notices.render(Notice("swap_card", values), language, NOW)
    loud = notices.render(Notice("swap_told", values), language, NOW)
    check(edited)
    check(loud)
    assert edited.silent == (stage not in {Stage.NEW, Stage.WAITING})
    assert not loud.silent


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"stage": "confirming", "confirmations": 1}, "⏳ Deposit seen, confirming (1 of 2)"),
        ({"stage": "confirming"}, "⏳ Deposit seen, confirming"),
        ({"stage": "sending"}, "⏳ Sending to your address"),
        ({"stage": "refunded"}, "↩️ Refunded to"),
        (
            {"stage": "refunded", "refund_address": ""},
            "↩️ Refunded. Changelly does not tell to which address.",
        ),
        ({"stage": "unknown", "raw_stage": "<odd>"}, "❔ other: <odd>. I do not know this word of theirs."),
    ],
)  # fmt: skip
def test_a_card_begins_with_its_state(more, line):
    assert shown("swap_card", MADE | more)[0] == line


def test_the_end_tells_what_came_against_what_was_quoted():
    lines = shown("swap_told", FINISHED)
    assert lines[:2] == ["Your phrase: blue heron", "✅ You received 0.2393 ETH (quoted ≈ 0.2391)"]
    assert "Against the quote   ▲\u00a0+0.08%" in lines


def test_a_deadline_that_passed_says_not_to_send_and_has_a_way_for_who_has():
    reply = notices.render(Notice("swap_told", MADE | {"stage": "overdue"}), EN, NOW)
    assert "Do not send now" in check(reply)
    assert data(reply)[0] == [f"status {MADE['swap']}", f"again {MADE['intent']}"]


@pytest.mark.parametrize("stage", ["failed", "refunded", "overdue", "expired"])
def test_what_will_not_come_is_not_told_as_if_it_would(stage):
    seen = "\n".join(shown("swap_told", MADE | {"stage": stage}))
    assert "You get" not in seen
    assert "Paid out to" not in seen
    assert (MADE["swap"] in seen) == (stage != "refunded")


def test_a_long_stage_is_told_with_what_is_usual():
    assert shown("swap_stalled", SAMPLES["swap_stalled"])[0] == "⚠️ 42 min in “exchanging”, usually under 15 min."
    silent = SAMPLES["swap_stalled"] | {"silent_minutes": 200}
    assert "Changelly has not answered for 3 h." in shown("swap_stalled", silent)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://evil.example/", "https://a b", "tg://x", 'https://x/"<', 7]
)
def test_a_link_that_leads_nowhere_safe_is_no_button(url):
    reply = notices.render(
        Notice("swap_told", FINISHED | {"track_url": url, "payin_link": url, "payout_link": url}), EN, NOW
    )
    check(reply)
    links = [button.url for row in reply.buttons for button in row if button.url]
    assert links == (['https://x/"<'] * 0)


odd = st.one_of(names, figures.map(str), st.none(), st.integers(), st.booleans(), st.lists(names, max_size=3))


@some
@given(st.sampled_from(sorted(SAMPLES)), st.dictionaries(st.sampled_from(sorted(FINISHED)), odd, max_size=8), texts)
def test_no_values_whatever_break_a_notice(kind, more, language):
    check(notices.render(Notice(kind, SAMPLES[kind] | more), language, NOW))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_the_providers_is_markup(text):
    values = FINISHED | {"raw_stage": text, "stage": "unknown", "notes": [text] * 9, "exchange": text, "swap": text}
    for kind in SAMPLES:
        check(notices.render(Notice(kind, SAMPLES[kind] | values), EN, NOW))


# --- the talk ---------------------------------------------------------------------------------------------------------

SAVED = Saved("0a1b2c3d", 1, "ethereum", "Ledger", NOW, NOW, address=ETH)


def buttons(reply) -> list[str]:
    return [button.data for row in reply.buttons for button in row]


def test_a_coin_on_several_networks_is_asked_for_by_network():
    reply = swap_talk.networks("~ab12", "usdt", USDT, paid_out=True, texts=EN)
    check(reply)
    assert labels(reply) == [["USDT20 · ETHEREUM", "USDTRX · TRON"], ["✖ Cancel"]]
    assert data(reply)[0] == ["!swap ~ab12 =usdt20", "!swap ~ab12 =usdtrx"]


@pytest.mark.parametrize(("off", "near"), [("0.001", "0.0015"), ("99", "25"), (None, "0.0015")])
def test_the_nearest_amount_that_is_taken_is_a_button(off, near):
    limits = SwapLimits(Decimal("0.0015"), Decimal(25))
    reply = swap_talk.amount("~ab12", BTC, XRP, limits, off=Decimal(off) if off else None, texts=EN)
    assert "0.0015 to 25 BTC" in check(reply)
    assert buttons(reply)[0] == f"!swap ~ab12 {near}"


def test_a_look_alike_stops_and_shows_both_whole_with_what_differs_marked():
    bait = ETH[:20] + "1111" + ETH[24:]
    reply = swap_talk.bait("~ab12", bait, SAVED, texts=EN)
    seen = check(reply)
    assert "it only looks like it" in seen
    assert all(" ".join(one[at : at + 4] for at in range(0, 42, 4)) in seen for one in (bait, ETH))
    assert "<b>1111</b>" in reply.html
    assert buttons(reply) == ["!swap ~ab12 @0a1b2c3d", "!cancel"]


@LANGUAGES
def test_every_question_is_worded_and_can_be_left(language):
    quote = SwapQuote("btc", "xrp", RateKind.FIXED, Decimal(1), NOW, net=Decimal("98.11"))
    said = swap_talk.taken(ETH, Verdict.BARE, BTC, texts=language)
    asked = [
        swap_talk.coins("~1", ["btc", "eth"], texts=language),
        swap_talk.coins("~1", ["eth"], source="btc", texts=language),
        swap_talk.networks("~1", "usdt", USDT, paid_out=False, texts=language),
        swap_talk.amount("~1", BTC, XRP, SwapLimits(), off=Decimal(3), texts=language),
        swap_talk.kinds("~1", XRP, [(RateKind.FLOAT, None), (RateKind.FIXED, quote)], texts=language),
        swap_talk.payout("~1", XRP, [SAVED] * 30, texts=language),
        swap_talk.refund("~1", BTC, [SAVED], said, needed=True, texts=language),
        swap_talk.refund("~1", BTC, [], said, needed=False, texts=language),
        swap_talk.memo("~1", XRP, said, texts=language),
        swap_talk.bait("~1", ETH, SAVED, texts=language),
        swap_talk.change("~1", texts=language),
    ]
    for reply in asked:
        check(reply)
        assert buttons(reply)[-1] == "!cancel"


# --- lists ------------------------------------------------------------------------------------------------------------

ROW = SwapRow(
    "ze6rnqcnnuxxd6hc", "9f86", 1, "", "changelly", "btc", "eth", RateKind.FIXED, "0.015", MADE["payin_address"], ETH,
    1, ms(-3600), ms(-2520), quoted="0.2391", network_fee="0.0012", fee_ticker="eth", stage=Stage.EXCHANGING,
    raw_stage="exchanging", amount_in="0.015",
)  # fmt: skip
RECORD = (StageNote(Stage.WAITING, "waiting", ms(-3600)), StageNote(Stage.CONFIRMING, "confirming", ms(-3360)),
          StageNote(Stage.EXCHANGING, "exchanging", ms(-2520)))  # fmt: skip
STATUS = SwapStatus(ROW, MADE | {"stage": "exchanging"}, RECORD, (4, 14, 42), "transaction id: ze6rnqcnnuxxd6hc")
READER = {"now": NOW, "zone": "Europe/Berlin"}


def test_the_flight_record_has_the_time_in_each_stage_and_what_took_longer_than_usual():
    lines = check(swap_lists.status(STATUS, texts=EN, **READER)).splitlines()
    assert lines[0] == "⏳ Swap ze6rnqcnnuxxd6hc · exchanging"
    assert lines[3:6] == [
        "12:00   waiting   4 min",
        "12:04   confirming   14 min",
        "12:18   exchanging   42 min ⚠️ usually under 15",
    ]
    assert "transaction id: ze6rnqcnnuxxd6hc" in lines


def test_a_withheld_address_is_not_in_its_flight_record_either():
    status = replace(STATUS, row=replace(ROW, withheld="swap.no_memo"), stale=True)
    seen = check(swap_lists.status(status, texts=EN, **READER))
    assert MADE["payin_address"] not in seen
    assert "did not answer just now" in seen


def test_a_deposit_address_never_stands_without_its_memo():
    """From a flight record, too, it may be copied and paid."""
    memo = {"payin_memo": "978301237", "payin_memo_name": "Destination Tag", "stage": "waiting"}
    status = replace(STATUS, row=replace(ROW, stage=Stage.WAITING, payin_memo="978301237"), values=MADE | memo)
    seen = check(swap_lists.status(status, texts=EN, **READER))
    assert MADE["payin_address"] in seen
    assert "Destination Tag" in seen
    assert "978301237" in seen


@pytest.mark.parametrize("stage", [stage for stage in Stage if not stage.awaits_deposit])
def test_a_deposit_address_that_must_not_be_paid_is_there_to_compare_and_not_to_copy(stage):
    """The card of an end leads here: who sent late has to see where he sent."""
    memo = {"payin_memo": "978301237", "payin_memo_name": "Destination Tag"}
    row = replace(ROW, stage=stage, payin_memo="978301237")
    reply = swap_lists.status(replace(STATUS, row=row, values=MADE | memo), texts=EN, **READER)
    seen = check(reply)
    assert "never send to it again" in seen
    assert "3J98 t1Wp EZ73 CNmQ viec rnyi Wrnq RhWN Ly" in seen
    assert "Destination Tag   978301237" in seen
    assert not {MADE["payin_address"], "978301237"} & set(re.findall("<code>(.*?)</code>", reply.html))


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage.ended and stage is not Stage.FINISHED])
def test_what_never_came_is_on_no_record(stage):
    """The provider leaves standing what it would have paid."""
    row = replace(ROW, stage=stage, raw_stage=stage.value, amount_out="0.2393")
    seen = check(swap_lists.status(replace(STATUS, row=row, values=MADE), texts=EN, **READER))
    listed = check(swap_lists.listed([row], texts=EN, **READER))
    assert not [words for words in ("You get", "Received", "Paid out", "0.23") if words in seen]
    assert f"0.015 BTC → ETH · {stage.value}" in listed
    assert b"0.2393" not in swap_lists.table([row], EN).document.content


def test_what_came_is_on_the_record():
    row = replace(ROW, stage=Stage.FINISHED, raw_stage="finished", amount_out="0.2393")
    seen = check(swap_lists.status(replace(STATUS, row=row, values=FINISHED), texts=EN, **READER))
    assert "Received   0.2393 ETH" in seen
    assert "Against the quote   ▲\u00a0+0.08%" in seen
    assert "0.015 BTC → 0.2393 ETH · finished" in check(swap_lists.listed([row], texts=EN, **READER))
    assert b"0.2393" in swap_lists.table([row], EN).document.content


@LANGUAGES
@STAGES
def test_a_swap_of_any_stage_is_listed_and_recorded(stage, language):
    row = replace(ROW, stage=stage, raw_stage="<x>", amount_out="0.24")
    check(swap_lists.listed([row] * 30, texts=language, **READER))
    many = SwapStatus(row, FINISHED, RECORD * 30, (1,) * 90, "x\n" * 900)
    check(swap_lists.status(many, texts=language, **READER))


def test_no_swaps_are_told_as_such():
    assert data(swap_lists.listed([], texts=EN, **READER)) == [["swap"]]


def test_a_table_holds_no_formula_and_every_swap():
    reply = swap_lists.table([ROW, replace(ROW, payout_memo="=1+1")], EN)
    text = reply.document.content.decode("utf-8-sig")
    assert check(reply) == "2 swaps"
    assert text.count("ze6rnqcnnuxxd6hc") == 2
    assert "'=1+1" in text


def test_coins_are_listed_with_network_and_memo_and_what_is_off_is_said_to_be():
    off = SwapCoin("dash", "Dash", "dash", pays_in=False, pays_out=False, memo_name="")
    seen = check(swap_lists.coins([XRP, off, replace(BTC, pays_out=False)], "", EN)).splitlines()
    assert seen[1:] == [
        "XRP · RIPPLE · Ripple · with Destination Tag",
        "DASH · DASH · Dash · off now",
        "BTC · BITCOIN · Bitcoin · in only",
    ]
    assert "and 70 more" in check(swap_lists.coins([BTC] * 100, "", EN))
    assert "No coin fits" in check(swap_lists.coins([], "<x>", EN))


def test_a_rate_is_shown_both_ways_and_turns_by_a_button():
    reply = swap_lists.rate(Decimal(2), BTC, XRP, Decimal("98.123456789"), None, EN)
    lines = check(reply).splitlines()
    assert lines[:2] == ["🔁 2 BTC · BITCOIN → ≈ 98.1234 XRP · RIPPLE", "🔁 2 XRP · RIPPLE → — BTC · BITCOIN"]
    assert data(reply) == [["!rate 2 =xrp =btc", "swap 2 =btc =xrp"]]


def test_limits_are_told_for_each_kind_of_rate():
    by_kind = {RateKind.FLOAT: SwapLimits(Decimal("0.0015"), None), RateKind.FIXED: None}
    lines = check(swap_lists.limits(BTC, XRP, by_kind, EN)).splitlines()
    assert lines[1:] == ["Floating: 0.0015 to — BTC", "Fixed: — to — BTC"]


# --- the book ---------------------------------------------------------------------------------------------------------


@LANGUAGES
@pytest.mark.parametrize("count", [0, 1, 50])
def test_the_book_fits_into_a_message_however_full(count, language):
    book = [replace(SAVED, address=MONERO, label="名" * 24, trusted_at=NOW + timedelta(hours=3))] * count
    check(addresses.listed(book, language, now=NOW))
    for saved in book[:1]:
        check(addresses.card(saved, texts=language, **READER))
        check(addresses.drop(saved, language))
    check(addresses.which(["btc", "eth"], language))
    check(addresses.asked("addresses.ask_memo", XRP, language))


def test_a_new_address_says_from_when_it_takes_large_swaps_and_how_at_once():
    saved = replace(SAVED, trusted_at=NOW + timedelta(hours=24))
    reply = addresses.card(saved, texts=EN, **READER)
    assert "large swaps may go there from" in check(reply)
    assert buttons(reply)[0] == "addresses trust 0a1b2c3d"
    assert "addresses trust 0a1b2c3d" not in buttons(addresses.card(SAVED, texts=EN, **READER))


# --- how loudly -------------------------------------------------------------------------------------------------------


@STAGES
def test_what_asks_for_an_act_is_said_whatever_its_reader_chose(stage):
    card, told = (topic_of(Notice(kind, MADE | {"stage": stage.value})) for kind in ("swap_card", "swap_told"))
    assert card is (Topic.SWAPS if stage in {Stage.CONFIRMING, Stage.EXCHANGING, Stage.SENDING} else None)
    assert told is (Topic.SWAP_ENDS if stage.final else None)
