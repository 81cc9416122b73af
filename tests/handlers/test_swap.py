"""/swap and its kin: what one line says, which step comes next, and what stops a swap before it is offered."""

import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import NotOffered, Refused, UserMistake
from bot.domain.replies import STORED
from bot.domain.swap_pairs import candidates
from bot.domain.swaps import SwapCoin
from handlers._swap_line import Line, read, stamp
from tests.handlers.conftest import ANN, Room, buttons
from tests.handlers.swap_talk import press, walk
from tests.swap_shelf import BTC, ETH, FEES

XRP = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"
BACK = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"


# --- lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        f"0.1 btc eth {ETH}",
        f"0.1 btc to eth {ETH}",
        f"btc eth amount 0.1 to {ETH}",
        f"0.1 btc eth to {ETH}",
        f"0.1 btc → eth to {ETH}",
        f"from btc into eth amount 0.1 to {ETH}",
    ],
)
def test_one_swap_can_be_said_in_many_ways(line):
    assert read(line.split()) == Line(amount="0.1", source="btc", target="eth", address=ETH)


def test_a_coin_may_begin_with_a_digit():
    assert read(["1inch", "eth"]) == Line(source="1inch", target="eth")
    assert read(["$1.5k", "1inch", "eth"]) == Line(amount="$1.5k", source="1inch", target="eth")


def test_what_is_kept_of_a_draft_says_the_same_again():
    line = read(f"0.1 btc xrp fixed {XRP} memo 12 refund {BACK} refundmemo -".split())
    assert read(line.words()) == line
    assert read([*line.words(wanted="memo"), "13"]) == replace(line, memo="13")
    assert read(line.words(wanted="memo")) == replace(line, memo="")


@pytest.mark.parametrize("line", ["0.1 btc eth one two", "x" * 200])
def test_what_cannot_be_read_is_not_guessed(line):
    with pytest.raises(UserMistake):
        read(line.split())


words = st.one_of(
    st.sampled_from(
        ["0.1", "btc", "eth", "to", "from", "into", "memo", "refund", "refundmemo", "rate", "fixed", "-", ETH]
    ),
    st.text(alphabet=st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=140),
)


@given(st.lists(words, max_size=16))
def test_no_line_breaks_the_reading_and_what_is_kept_of_one_is_read_alike(line):
    try:
        found = read(line)
    except UserMistake:
        return
    assert read(found.words()) == found
    assert stamp(line) == stamp(list(line))
    assert len(stamp(line)) == 5


def test_a_ticker_on_several_networks_is_several_coins_and_one_named_exactly_is_one():
    coins = [
        SwapCoin("usdt20", "Tether", "ethereum", contract="0x"), SwapCoin("usdtrx", "Tether", "tron", contract="T"),
        SwapCoin("usdton", "Tether", "ton", contract="E"), SwapCoin("eth", "Ether", "ethereum"),
        SwapCoin("etharb", "Ether", "arbitrum"), SwapCoin("usdt", "Tether", "omni", contract="31"),
    ]  # fmt: skip
    assert [coin.ticker for coin in candidates("USDT", coins)] == ["usdt20", "usdtrx", "usdton", "usdt"]
    assert [coin.ticker for coin in candidates("=usdt", coins)] == ["usdt"]
    assert [coin.ticker for coin in candidates("eth", coins)] == ["eth"]
    assert [coin.ticker for coin in candidates("usdtrx", coins)] == ["usdtrx"]
    assert candidates("doge", coins) == []


# --- the dialogue -----------------------------------------------------------------------------------------------------


async def test_step_by_step_to_the_quote(room: Room):
    asked = await walk(room, "swap")
    assert "What do you send?" in asked.plain
    asked = await press(room, asked, "BTC")
    assert "BTC into what?" in asked.plain
    asked = await press(room, asked, "ETH")
    assert "How much BTC · BITCOIN into ETH · ETHEREUM?" in asked.plain
    asked = await walk(room, "0.01")
    assert "Floating or fixed" in asked.plain
    asked = await press(room, asked, "Floating")
    assert "Where to pay out ETH · ETHEREUM?" in asked.plain
    asked = await walk(room, ETH)
    assert "0x28 C6c0" in asked.plain
    assert "Refund address for BTC" in asked.plain
    card = await press(room, asked, "No refund address")
    assert "Swap quote · floating" in card.plain
    assert "You send   0.01 BTC" in card.plain
    assert buttons(card)[0].startswith("!confirm ")
    assert await room.services.dialogs.pending(ANN, ANN) == ""


async def test_one_line_goes_straight_to_what_is_missing_and_to_the_quote_with_nothing_missing(room: Room):
    assert "Floating or fixed" in (await room.say("swap 0.01 btc eth")).plain
    card = await room.say(f"swap 0.01 btc eth fixed {ETH} refund {BACK}")
    assert "Swap quote · fixed" in card.plain
    assert "1Boa tSLR" in card.plain


async def test_a_coin_on_several_networks_is_asked_for(room: Room):
    asked = await room.say("swap 0.01 btc usdt")
    assert "USDT on which network?" in asked.plain
    assert "How much" not in asked.plain
    assert "Where to pay out USDTRX · TRON?" in (await press(room, asked, "TRON")).plain


@pytest.mark.parametrize(("amount", "near"), [("0.0001", "0.001"), ("5", "1")])
async def test_an_amount_outside_the_limits_is_asked_for_anew_with_the_nearest_one(room: Room, amount, near):
    asked = await room.say(f"swap {amount} btc eth")
    assert "outside what is taken now" in asked.plain
    asked = await press(room, asked, f"{near} BTC")
    assert "Floating or fixed" in asked.plain


async def test_a_memo_is_a_step_of_its_own_and_none_is_an_answer(room: Room):
    asked = await room.say(f"swap 0.01 btc xrp float {XRP}")
    assert "Destination Tag for XRP · RIPPLE?" in asked.plain
    assert "Refund address" in (await press(room, asked, "No memo")).plain
    asked = await walk(room, f"swap 0.01 btc xrp float {XRP}", "12345")
    card = await press(room, asked, "No refund address")
    assert "Destination Tag   12345" in card.plain


@pytest.mark.parametrize("word", ["none", "No", "-", "没有"])
async def test_no_memo_may_be_typed(room: Room, word):
    asked = await walk(room, f"swap 0.01 btc xrp float {XRP}", word)
    assert "Destination Tag" not in (await press(room, asked, "No refund address")).plain


async def test_a_memo_is_refused_where_the_coin_has_none_and_where_it_is_too_long(room: Room):
    lines = [
        (f"swap 0.01 btc eth float {ETH} memo 55 refund -", "swap.memo_needless"),
        (f"swap 0.01 btc eth float {ETH} refund {BACK} refundmemo 55", "swap.memo_needless"),
        (f"swap 0.01 btc xrp float {XRP} memo {'1' * 101} refund -", "swap.memo_long"),
        (f"swap 0.01 btc xrp float {XRP} memo {'1' * 200} refund -", "swap.memo_long"),
    ]
    for line, key in lines:
        with pytest.raises(UserMistake) as told:
            await room.say(line)
        assert told.value.key == key
    assert "Swap quote" in (await room.say(f"swap 0.01 btc eth float {ETH} memo none refund -")).plain


async def test_a_memo_that_can_be_none_is_said_at_its_own_step(room: Room):
    with pytest.raises(UserMistake) as told:
        await walk(room, f"swap 0.01 btc xrp float {XRP}", "12bad")
    assert told.value.key == "swap.bad_memo"


async def test_where_a_deposits_memo_is_not_told_its_coin_is_refused_before_anything_is_asked(room: Room):
    room.provider.traits = replace(room.provider.traits, memos=False)
    for coin in (SwapCoin("xrp", "Ripple"), SwapCoin("xrp", "Ripple", "ripple", memo_name="Destination Tag")):
        room.provider.coins_[2] = coin
        with pytest.raises(UserMistake) as told:
            await room.say("swap xrp btc")
        assert told.value.key == "swap.memo_untold"
    assert "How much BTC" in (await room.say("swap btc xrp")).plain


async def test_a_fixed_rate_is_not_offered_without_a_refund_address(room: Room):
    asked = await room.say(f"swap 0.01 btc eth fixed {ETH} refund -")
    assert "A fixed rate needs one" in asked.plain
    assert "No refund address" not in [button.text for row in asked.buttons for button in row]
    assert "Swap quote · fixed" in (await walk(room, BACK)).plain


async def test_a_button_of_an_older_question_does_not_answer_a_newer_one(room: Room):
    old = await room.say("swap 0.01 btc eth")
    await room.say("swap 0.02 btc xrp")
    with pytest.raises(UserMistake) as told:
        await press(room, old, "Floating")
    assert told.value.key == "swap.draft_over"


async def test_the_draft_outlives_everything_but_its_end(room: Room):
    asked = await room.say("swap 0.01 btc eth")
    line = await room.services.dialogs.pending(ANN, ANN)
    assert line == "swap amount 0.01 from =btc into =eth rate"
    assert f"!swap {stamp(line.split()[1:])} float" in buttons(asked)
    await room.say("cancel")
    with pytest.raises(UserMistake):
        await press(room, asked, "Floating")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("swap 0.01 btc btc", "swap.same_coin"),
        ("swap 0.01 btc nosuch", "swap.coin_unknown"),
        ("swap 0.01 btc dead", "swap.no_payout"),
        ("swap 0.01 dead btc", "swap.no_payin"),
        ("swap 1,500 btc eth", "amount.ambiguous"),
        ("swap 0.01 btc usdtrx fixed", "swap.no_fixed"),
        (f"swap 0.01 btc eth float {BTC}", "address.unfit_but"),
        (f"swap 0.01 btc eth float {ETH[:-1]}1", "address.unfit"),
        (f"swap 0.01 btc eth float {ETH}\u200b", "address.unfit"),
        (f"swap 0.01 btc eth float {ETH[:-1]}{chr(ord(ETH[-1]) + 0xFEE0)}", "address.unfit"),
        ("swap 0.01 btc eth float @00000000", "address.unknown"),
        (f"swap 0.01 btc eth float {ETH} refund {ETH}", "address.unfit_but"),
        (f"swap 0.01 btc eth float {ETH} memo 1 refund - oops more", "swap.how"),
    ],
)
async def test_what_cannot_be_swapped_is_said_by_its_key_and_nothing_is_offered(room: Room, line, key):
    with pytest.raises(UserMistake) as told:
        await room.say(line)
    assert told.value.key == key
    assert room.provider.calls("create") == []


async def test_what_the_provider_does_not_take_for_an_address_is_refused(room: Room, monkeypatch):
    room.provider.rates["abc"] = Decimal(1)
    monkeypatch.setitem(FEES, "abc", Decimal(1))
    room.provider.coins_.append(SwapCoin("abc", "A coin", "a_chain_without_rules", memo_name=""))
    with pytest.raises(UserMistake) as told:
        await room.say("swap 0.01 btc abc float somebad")
    assert told.value.key == "swap.bad_address"


async def test_the_provider_is_asked_of_an_address_and_of_its_memo_on_the_way_and_again_at_the_offer(room: Room):
    await walk(room, f"swap 0.01 btc xrp float {XRP}", "777", "-")
    assert list(room.provider.calls("validate")) == [("xrp", XRP, ""), *[("xrp", XRP, "777")] * 2]


async def test_a_quote_can_be_changed_in_one_part(room: Room):
    card = await room.say(f"swap 0.01 btc eth float {ETH} refund {BACK}")
    asked = await press(room, card, "Change")
    assert "What shall be another?" in asked.plain
    asked = await press(room, asked, "Amount")
    assert "How much" in asked.plain
    changed = await walk(room, "0.011")
    assert "You send   0.011 BTC" in changed.plain
    assert "1Boa tSLR" in changed.plain


async def test_a_button_with_the_nearest_amount_offers_the_same_swap_with_it(room: Room):
    card = await room.say(f"swap 0.01 btc eth float {ETH} refund {BACK}")
    intent = buttons(card)[0].split()[1]
    changed = await room.say(f"swap change {intent} 0.011")
    assert "You send   0.011 BTC" in changed.plain
    assert "1Boa tSLR" in changed.plain
    assert "This address is new" in (await room.say(f"swap change {intent} 0.012")).plain
    assert "outside what is taken now" in (await room.say(f"swap change {intent} 7")).plain
    with pytest.raises(UserMistake):
        await room.say(f"swap change {intent} much")


async def test_limits_that_moved_since_they_were_looked_up_are_asked_about(room: Room):
    async def falls(call: str) -> None:
        if call == "quote" and len(room.provider.calls("quote")) == 2:
            room.provider.rates["btc"] = Decimal(6_000)

    room.provider.turn = falls
    asked = await room.say(f"swap 0.005 btc eth float {ETH} refund -")
    assert "outside what is taken now" in asked.plain
    assert "You send   0.01 BTC" in (await press(room, asked, "0.01 BTC")).plain


async def test_who_had_no_refund_address_is_asked_for_its_memo_once_he_gives_one(room: Room):
    card = await room.say(f"swap 600 xrp eth float {ETH} refund -")
    asked = await press(room, await press(room, card, "Change"), "Floating or fixed")
    asked = await press(room, asked, "Fixed")
    assert "Refund address" in asked.plain
    asked = await walk(room, XRP)
    assert "Destination Tag for XRP · RIPPLE?" in asked.plain
    assert "12345" in (await walk(room, "12345")).plain


# --- asked ------------------------------------------------------------------------------------------------------------


async def test_a_rate_is_told_both_ways(room: Room):
    lines = (await room.say("rate 0.1 btc eth")).plain.splitlines()
    assert lines[:2] == ["🔁 0.1 BTC · BITCOIN → ≈ 2 ETH · ETHEREUM", "🔁 0.1 ETH · ETHEREUM → ≈ 0.005 BTC · BITCOIN"]
    assert "1 BTC" in (await room.say("rate btc/eth")).plain


@pytest.mark.parametrize("why", ["key", "allow_list", "coin", "paused", "input", "output", "pair"])
@pytest.mark.parametrize(("line", "call"), [("rate 1 btc eth", "rate"), ("limits btc eth", "quote")])
async def test_why_there_is_no_rate_and_no_limit_is_said(room: Room, line, call, why):
    room.provider.faults[call].append(f"swap.refused.{why}")
    with pytest.raises(Refused) as told:
        await room.say(line)
    assert told.value.key == f"swap.refused.{why}"


async def test_a_way_back_that_is_closed_and_a_kind_there_is_not_are_a_dash(room: Room):
    room.provider.faults["rate"].extend(["", "swap.refused.input"])
    assert "ETH · ETHEREUM → — BTC" in (await room.say("rate 0.1 btc eth")).plain
    room.provider.faults["quote"].extend(["", "swap.refused.fixed"])
    lines = (await room.say("limits btc eth")).plain.splitlines()
    assert lines[1:] == ["Floating: 0.001 to 1 BTC", "Fixed: — to — BTC"]


@pytest.mark.parametrize(("amount", "near"), [("0.0001", "0.001"), ("5", "1")])
async def test_a_rate_of_an_amount_that_is_not_taken_has_a_button_with_the_nearest_one(room: Room, amount, near):
    with pytest.raises(NotOffered) as told:
        await room.say(f"rate {amount} btc eth")
    assert told.value.suggestions == ((f"{near} BTC", f"rate {near} =btc =eth"),)
    assert f"{near} BTC" in (await room.say(told.value.suggestions[0][1])).plain


async def test_limits_of_a_pair_stand_beside_those_of_a_person(room: Room):
    assert "0.001 to 1 BTC" in (await room.say("limits btc eth")).plain
    assert "Your limits" in (await room.say("limits")).plain
    with pytest.raises(UserMistake) as told:
        await room.say("limits btc")
    assert told.value.key == "limits.which"


@pytest.mark.parametrize("line", ["rate btc usdt", "limits btc usdt"])
async def test_where_a_coin_has_several_networks_each_is_a_button(room: Room, line):
    with pytest.raises(UserMistake) as told:
        await room.say(line)
    assert told.value.key == "swap.which_network"
    for _, choice in told.value.suggestions:
        assert await room.say(choice)


@pytest.mark.parametrize("line", ["rate", "rate btc", "rate btc eth xrp"])
async def test_a_pair_that_is_none_is_asked_for_with_an_example(room: Room, line):
    with pytest.raises(UserMistake) as told:
        await room.say(line)
    assert told.value.key == "swap.how"


async def test_coins_are_listed_and_searched(room: Room):
    assert "XRP · RIPPLE" in (await room.say("coins")).plain
    found = (await room.say("coins tron")).plain
    assert "USDTRX · TRON" in found
    assert "XRP" not in found


async def test_a_network_that_is_not_told_is_known_by_its_ticker_wherever_a_coin_is_named(room: Room):
    room.provider.coins_ = [replace(coin, network="", contract="") for coin in room.provider.coins_]
    assert "BTC · BITCOIN → ≈" in (await room.say("rate 0.1 btc eth")).plain
    assert "BTC · BITCOIN → ETH · ETHEREUM" in (await room.say("limits btc eth")).plain
    asked = await room.say("swap 0.01 btc usdt")
    assert {"USDTRX · TRON", "USDT20 · ETHEREUM"} <= {button.text for row in asked.buttons for button in row}
    found = (await room.say("coins tron")).plain
    assert "USDTRX · TRON" in found
    assert "DEAD · —" in (await room.say("coins")).plain


async def test_without_swaps_there_is_a_word_for_it_and_no_record(room: Room):
    assert "no swaps" in (await room.say("swaps")).plain
    with pytest.raises(UserMistake):
        await room.say("status")


async def test_a_table_is_written_beside_the_loop(room: Room):
    threads = []

    class Heard:
        def plural(self, *_told, **_values) -> str:
            threads.append(threading.current_thread())
            return ""

    call = await room.call("swaps csv")
    assert (await room.commands["swaps"].run(replace(call, texts=Heard()))).document
    assert threads
    assert threading.main_thread() not in threads


async def test_a_swap_made_is_listed_recorded_drawn_and_exported(room: Room):
    card = await room.say(f"swap 0.003 btc eth float {ETH} refund -")
    assert await room.answer(buttons(card)[0].removeprefix("!")) is STORED
    deposit = (await room.told())[ANN]
    (swap,) = room.provider.swaps()
    assert f"<code>{swap.payin_address}</code>" in deposit.html
    assert "BITCOIN" in deposit.plain
    assert "waiting" in (await room.say("status")).plain or "new" in (await room.say("status")).plain
    assert swap.id in (await room.say(f"status {swap.id[:6]}")).plain
    assert (await room.say(f"swap qr {swap.id}")).picture.content.startswith(b"\x89PNG")
    assert "0.003 BTC" in (await room.say("swaps")).plain
    assert swap.id in (await room.say("swaps csv")).document.content.decode("utf-8-sig")
    with pytest.raises(UserMistake):
        await room.say(f"status {swap.id}", 2)
