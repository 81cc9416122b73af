"""Swaps: offered as they would be made, made at most once, known in the end. Numbers name the safety page's faults."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.errors import NotAllowed, NotOffered, Refused, UserMistake
from bot.domain.guards import Limits
from bot.domain.intents import State
from bot.domain.swaps import RateKind, Stage, SwapCoin
from bot.services._swap_desk import assets_of
from bot.services._swap_offers import RATE_LEFT_MS
from bot.services.prices import Prices
from tests.order_shelf import OrderShelf
from tests.swap_shelf import BTC, BTC_BACK, ETH_DEPOSIT, SwapShelf
from tests.trading_desk import ADMINS, CARD, TradingDesk, swapped

TRX = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
XRP = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"
TO_XRP = replace(swapped(), target="xrp", address=XRP)
LOST = ["lost_before", "lost_after", "late", "broken", "garbage"]


@pytest.fixture
def provider(still) -> SwapShelf:
    return SwapShelf(still)


@pytest.fixture
def make(store, shelf, still, nursery):
    return lambda provider, **more: TradingDesk(
        store, OrderShelf(still), Prices(shelf, still, nursery), still, provider=provider, **more
    )


@pytest.fixture
def desk(make, provider) -> TradingDesk:
    return make(provider)


@pytest.fixture
async def ann(desk):
    return await desk.person()


async def test_what_is_shown_is_what_is_sent(desk, provider, ann):
    intent_id = await desk.swap_offered(ann, swapped("0.0123456", refund_address=BTC, book="Ledger"))
    ((_, kind, card),) = await desk.told()
    assert kind == "swap_offered"
    assert (card["amount"], card["net"], card["network_fee"], card["book"]) == (
        "0.0123456",
        "0.245912",
        "0.001",
        "Ledger",
    )
    assert (card["source_network"], card["target_network"], card["least"]) == ("bitcoin", "ethereum", "0.001")
    assert card["left_today"] == 10
    assert "payin_address" not in card
    await desk.pressed(ann, intent_id)
    (request,) = provider.calls("create")
    assert (request.amount, request.address, request.refund_address) == (card["amount"], card["address"], BTC)
    (_, _, code), (_, kind, told) = await desk.told()
    assert (kind, told["swap"], told["stage"], told["payin_address"]) == (
        "swap_card",
        "swap0001",
        "new",
        provider.deposits["btc"],
    )
    assert code["payin_address"] == told["payin_address"]
    assert told["payin_address"] == (await desk.store.read(lambda tx: tx.swaps.of_intent(intent_id))).payin_address


@pytest.mark.parametrize(
    ("wish", "key"),
    [
        (swapped("0.0001"), "swap.below"),
        (swapped("2"), "swap.above"),
        (swapped("0.5"), "order.over_limit"),
        (swapped(address="0x28C6c06298d514Db089934071355E5743bf21d61"), "swap.bad_address"),  # 22: one sign is another
        (swapped(address=""), "swap.bad_address"),
        (swapped(refund_address="1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"), "swap.bad_refund_address"),
        (replace(TO_XRP, memo="☃"), "swap.bad_memo"),  # 21
        (replace(TO_XRP, memo="1" * 90 + "bad"), "swap.bad_memo"),
        (replace(TO_XRP, memo="1" * 200), "swap.memo_long"),
        (replace(TO_XRP, memo="7", address=XRP[:-1]), "swap.bad_address"),
        (swapped(memo="55"), "swap.memo_needless"),
        (swapped(refund_address=BTC, refund_memo="55"), "swap.memo_needless"),
        (swapped(kind=RateKind.FIXED), "swap.refund_missing"),
        (replace(swapped(), target="btc", address=BTC), "swap.same_coin"),
        (replace(swapped(), source="doge"), "swap.coin_unknown"),
        (replace(swapped(), source="dead"), "swap.no_payin"),
        (replace(swapped(), target="dead"), "swap.no_payout"),
        (replace(swapped(kind=RateKind.FIXED, refund_address=BTC), target="usdtrx", address=TRX), "swap.no_fixed"),
        (replace(swapped(), amount=Decimal("1e30")), "amount.unreadable"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_before_a_card_is_shown(desk, provider, ann, wish, key):
    with pytest.raises((UserMistake, Refused)) as told:
        await desk.swap_offered(ann, wish)
    assert told.value.key == key
    assert await desk.store.read(lambda tx: tx.outbox.count_waiting()) == 0
    assert provider.calls("create") == []


async def test_an_address_that_the_provider_does_not_take_is_refused(desk, provider, ann):
    provider.faults["validate"].clear()
    provider.coins_ = [replace(coin, network="unheard of") for coin in provider.coins_]
    for wish in (swapped(address="whatever-bad"), replace(TO_XRP, address="whatever-bad", memo="7")):
        with pytest.raises(UserMistake, match=r"swap\.bad_address"):
            await desk.swap_offered(ann, wish)
    assert await desk.swap_offered(ann, swapped(address="whatever"))


async def test_what_could_not_be_checked_of_an_address_stands_on_its_card(desk, ann):
    async def verdicts(wish):
        await desk.swap_offered(ann, wish)
        ((_, _, card),) = await desk.told()
        return card["address_verdict"], card["refund_verdict"]

    assert await verdicts(swapped()) == ("sound", "")
    assert await verdicts(swapped(address=swapped().address.lower(), refund_address=BTC)) == ("bare", "sound")
    back = replace(swapped("0.1"), source="eth", target="btc", address=BTC, refund_address=ETH_DEPOSIT.lower())
    assert await verdicts(back) == ("sound", "bare")


@pytest.mark.parametrize("address", ["hello\u200b", "h\u0435llo", "he llo", "h" * 129])
async def test_22_where_no_network_is_told_what_is_no_address_anywhere_is_refused(make, still, address):
    provider = SwapShelf(still, dialect="rest", memos=False, refunds=False, fixed=False, finds=False, validates=False)
    provider.coins_ = [replace(coin, ticker="newbie", network="", memo_name=None) if coin.ticker == "usdtrx" else coin
                       for coin in provider.coins_]  # fmt: skip
    provider.rates["newbie"] = Decimal(1)
    desk = make(provider)
    ann, wish = await desk.person(), replace(swapped(), target="newbie", address=address)
    with pytest.raises(UserMistake, match=r"swap\.bad_address"):
        await desk.swap_offered(ann, wish)


async def test_10_a_button_makes_one_swap_however_often_it_is_pressed(desk, provider, ann):
    intent_id = await desk.swap_offered(ann)
    marks = [await desk.mark(1, CARD) for _ in range(25)]
    await asyncio.gather(*(desk.trading.confirm(ann, intent_id, mark) for mark in marks))
    assert len(provider.swaps()) == len(provider.calls("create")) == 1
    assert await desk.state(intent_id) is State.ACCEPTED


async def test_12_another_persons_button_does_nothing(desk, provider, ann):
    intent_id = await desk.swap_offered(ann)
    with pytest.raises(NotAllowed):
        await desk.pressed(await desk.person(2), intent_id)
    with pytest.raises(NotAllowed):
        await desk.swaps.wish(await desk.person(3), intent_id)
    assert provider.calls("create") == []
    assert (await desk.swaps.wish(ann, intent_id)) == swapped()


async def test_11_a_card_is_over_after_ninety_seconds_and_made_anew_by_its_button(desk, still, ann):
    intent_id = await desk.swap_offered(ann)
    still.advance(91)
    assert (await desk.pressed(ann, intent_id)).state is State.EXPIRED
    assert "swap_expired" in await desk.kinds()
    again = await desk.trading.again(ann, intent_id, await desk.mark(1, CARD))
    assert (await desk.pressed(ann, again.intent_id)).state is State.ACCEPTED


async def test_a_card_that_is_dismissed_makes_nothing(desk, provider, ann):
    intent_id = await desk.swap_offered(ann)
    await desk.trading.dismiss(ann, intent_id, await desk.mark(1, CARD))
    assert (await desk.pressed(ann, intent_id)).state is State.EXPIRED
    assert provider.calls("create") == []


@pytest.mark.parametrize(
    ("price", "state"), [("60500", State.ACCEPTED), ("61000", State.REFUSED), ("59000", State.REFUSED)]
)
async def test_a_rate_that_moved_by_more_than_one_percent_makes_a_new_card(desk, provider, ann, price, state):
    intent_id = await desk.swap_offered(ann)
    await desk.told()
    provider.rates["btc"] = Decimal(price)
    assert (await desk.pressed(ann, intent_id)).state is state
    *_, (_, kind, told) = await desk.told()
    if state is State.REFUSED:
        assert (kind, told["why"]) == ("swap_offered", "moved")
        assert (await desk.pressed(ann, told["intent"])).state is State.ACCEPTED
    assert len(provider.calls("create")) == 1


async def test_a_fixed_rate_is_made_as_quoted_while_it_holds(desk, provider, still, ann):
    intent_id = await desk.swap_offered(ann, swapped(kind=RateKind.FIXED, refund_address=BTC))
    still.advance(50)
    provider.rates["btc"] = Decimal(70_000)
    await desk.pressed(ann, intent_id)
    (request,) = provider.calls("create")
    assert (request.rate_id, request.kind) == ("rate&1", RateKind.FIXED)
    assert len(provider.calls("quote")) == 1


@pytest.mark.parametrize(("after_s", "state"), [(56.9, State.ACCEPTED), (57, State.EXPIRED)])
async def test_a_card_lives_no_longer_than_its_fixed_rate(desk, provider, still, ann, after_s, state):
    intent_id = await desk.swap_offered(ann, swapped(kind=RateKind.FIXED, refund_address=BTC))
    ((_, _, card),) = await desk.told()
    assert card["expires_at"] == card["rate_until"] - RATE_LEFT_MS == desk.store.now_ms() + 57_000
    still.advance(after_s)
    assert (await desk.pressed(ann, intent_id)).state is state
    assert len(provider.calls("create")) == (state is State.ACCEPTED)


async def test_a_fixed_rate_that_ends_while_its_press_is_looked_into_makes_a_new_card(desk, provider, still, ann):
    intent_id = await desk.swap_offered(ann, swapped(kind=RateKind.FIXED, refund_address=BTC))
    await desk.told()
    opened = provider.account

    def slowly(*key):
        still.advance(3)
        return opened(*key)

    provider.account = slowly
    still.advance(55)
    assert (await desk.pressed(ann, intent_id)).state is State.REFUSED
    ((_, kind, told),) = await desk.told()
    assert (kind, told["why"]) == ("swap_offered", "expired")
    assert provider.calls("create") == []


async def test_limits_that_moved_before_the_press_are_told_and_so_is_the_nearest_amount(desk, provider, ann):
    intent_id = await desk.swap_offered(ann)
    await desk.told()
    provider.rates["btc"] = Decimal(5_000)
    assert (await desk.pressed(ann, intent_id)).state is State.REFUSED
    ((_, kind, told),) = await desk.told()
    assert (kind, told["reason"], told["reason_values"]) == (
        "swap_refused", "swap.below", {"least": "0.012", "ticker": "btc"},
    )  # fmt: skip
    with pytest.raises(NotOffered, match=r"swap\.below") as told:
        await desk.trading.again(ann, intent_id, await desk.mark())
    assert told.value.suggestions == (("0.012 BTC", f"swap change {intent_id} 0.012"),)
    assert provider.calls("create") == []


async def test_a_coin_whose_memo_the_dialect_cannot_tell_is_not_sent(make, still):
    desk = make(SwapShelf(still, dialect="rest", memos=False, refunds=False, fixed=False, finds=False, batch=1))
    ann, wish = await desk.person(), replace(swapped("200"), source="xrp")
    with pytest.raises(UserMistake, match=r"swap\.memo_untold"):
        await desk.swap_offered(ann, wish)
    back = replace(swapped(address="r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59"), target="xrp", memo="1234")
    assert await desk.swap_offered(ann, back)


# --- guards ---------------------------------------------------------------------------------------------------------


async def test_27_what_is_pressed_together_stays_within_the_day(make, provider):
    desk = make(provider, most=Limits(Decimal(700), Decimal(1500)), quota=100)
    ann = await desk.person()
    ids = [await desk.swap_offered(ann) for _ in range(5)]
    marks = [await desk.mark(1, CARD + n) for n in range(5)]
    await asyncio.gather(*(desk.trading.confirm(ann, one, mark) for one, mark in zip(ids, marks, strict=True)))
    assert len(provider.swaps()) == 2
    assert [await desk.state(one) for one in ids].count(State.REFUSED) == 3


async def test_the_operators_key_makes_so_many_a_day_and_begins_anew_the_next(make, provider, still):
    desk = make(provider, most=Limits(Decimal(1000), Decimal(100_000)), quota=2)
    ann = await desk.person()
    ids = [await desk.swap_offered(ann) for _ in range(3)]
    assert [(await desk.pressed(ann, one)).state for one in ids] == [State.ACCEPTED, State.ACCEPTED, State.REFUSED]
    assert (await desk.intent(ids[2])).reason["key"] == "swap.quota"
    with pytest.raises(NotAllowed, match=r"swap\.quota"):
        await desk.swap_offered(ann)
    assert await desk.swap_offered(await desk.person(2))
    still.advance(86_400)
    assert (await desk.pressed(ann, await desk.swap_offered(ann))).state is State.ACCEPTED


async def test_what_the_provider_refused_is_no_swap_of_the_day(make, provider):
    desk = make(provider, quota=1)
    ann = await desk.person()
    provider.faults["create"].append("refused")
    assert (await desk.pressed(ann, await desk.swap_offered(ann))).state is State.REJECTED
    assert (await desk.pressed(ann, await desk.swap_offered(ann))).state is State.ACCEPTED


async def test_his_own_key_goes_first_and_has_no_quota(make, provider):
    desk = make(provider, quota=0, most=Limits(Decimal(1000), Decimal(9000)))
    ann = await desk.person(vendor="changelly")
    intent_id = await desk.swap_offered(ann)
    ((_, _, card),) = await desk.told()
    assert (card["account"], card["fingerprint"], card["left_today"]) == ("changelly", "print1", -1)
    assert (await desk.pressed(ann, intent_id)).state is State.ACCEPTED
    assert [entry.key for entry in provider.ledger] == ["key1"]
    assert await desk.accounts.watched("changelly1") == 1
    with pytest.raises(NotAllowed, match=r"swap\.quota"):
        await desk.swap_offered(await desk.person(2))


@pytest.mark.parametrize("guard", ["lock", "halt"])
async def test_a_lock_and_a_halt_are_obeyed_to_the_last_moment(desk, provider, ann, guard):
    intent_id, asked = await desk.swap_offered(ann), len(provider.asked)

    async def guarded(call):
        if call == "quote" and len(provider.asked) > asked:
            await desk.store.write(
                lambda tx: tx.guards.lock(1, 5) if guard == "lock" else tx.desk.set_halt(halted=True, by=9, now_ms=5)
            )

    provider.turn = guarded
    assert (await desk.pressed(ann, intent_id)).state is State.REFUSED
    assert provider.calls("create") == []
    with pytest.raises(NotAllowed):
        await desk.swap_offered(ann)


async def test_an_altered_row_is_not_sent(desk, provider, ann):
    intent_id = await desk.swap_offered(ann)
    await desk.store._engine.write(
        lambda db: db.conn.execute("UPDATE intents SET request = replace(request, '0x28C6', '0x28c7')")
    )
    assert (await desk.pressed(ann, intent_id)).reason["key"] == "intent.altered"
    assert provider.calls("create") == []


# --- what is not known ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", LOST)
async def test_17_a_lost_answer_is_adopted_and_nothing_is_sent_again(desk, provider, ann, fault):
    provider.faults["create"].append(fault)
    intent_id = await desk.swap_offered(ann)
    assert (await desk.pressed(ann, intent_id)).state is State.UNKNOWN
    assert (await desk.kinds())[-1] == "swap_unknown"
    await desk.pass_time(240, every=10)
    made = fault != "lost_before"
    assert await desk.state(intent_id) is (State.ACCEPTED if made else State.NOT_PLACED)
    assert len(provider.calls("create")) == 1
    assert len(provider.swaps()) == made
    cards = [values for _, kind, values in await desk.told() if kind == "swap_card"]
    assert {card["payin_address"] for card in cards} == ({provider.deposits["btc"]} if made else set())


async def test_a_press_cut_off_by_a_kill_is_found_after_the_restart(desk, provider, nursery, ann):
    provider.faults["create"].append("hang")
    intent_id, arrived = await desk.swap_offered(ann), asyncio.Event()

    async def told(call):
        if call == "created":
            arrived.set()

    provider.turn = told
    press = nursery.start(desk.pressed(ann, intent_id), "press")
    await arrived.wait()
    desk.restart()
    await desk.trading.recover()
    assert await desk.state(intent_id) is State.UNKNOWN
    await desk.pass_time(4)
    assert await desk.state(intent_id) is State.ACCEPTED
    press.cancel()
    await asyncio.gather(press, return_exceptions=True)
    assert len(provider.calls("create")) == 1
    assert await desk.state(intent_id) is State.ACCEPTED


async def test_18_two_alike_within_a_minute_get_a_swap_each(desk, provider, still, ann):
    provider.faults["create"].extend(["lost_after", "lost_after"])
    ids = [await desk.swap_offered(ann) for _ in range(2)]
    for one in ids:
        await desk.pressed(ann, one, CARD)
        still.advance(20)
    await desk.pass_time(60, every=10)
    rows = [await desk.store.read(lambda tx, one=one: tx.swaps.of_intent(one)) for one in ids]
    assert [row.id for row in rows] == ["swap0001", "swap0002"]
    assert len(provider.calls("create")) == 2


async def test_of_two_alike_one_of_which_never_arrived_neither_is_guessed(desk, provider, still, ann):
    provider.faults["create"].extend(["lost_before", "lost_after"])
    ids = [await desk.swap_offered(ann) for _ in range(2)]
    for one in ids:
        await desk.pressed(ann, one)
        still.advance(10)
    await desk.pass_time(120, every=10)
    assert [await desk.state(one) for one in ids] == [State.UNKNOWN] * 2
    await desk.pass_time(900, every=20)
    assert [await desk.state(one) for one in ids] == [State.NEEDS_HUMAN] * 2
    assert len(provider.calls("create")) == 2


async def test_two_swaps_that_fit_are_for_a_person_to_tell_apart(desk, provider, ann):
    provider.faults["create"].append("lost_after")
    intent_id = await desk.swap_offered(ann)
    await desk.pressed(ann, intent_id)
    provider.execute("", provider.ledger[0].request)
    await desk.pass_time(6)
    intent = await desk.intent(intent_id)
    assert (intent.state, intent.reason["key"]) == (State.NEEDS_HUMAN, "swap.two_found")
    alerts = [(to, values["why"]) for to, kind, values in await desk.told() if kind == "swap_alert"]
    assert sorted(alerts) == [(admin, "needs_human") for admin in sorted(ADMINS)]
    assert len(provider.calls("create")) == 1


async def test_a_swap_that_another_intent_holds_is_not_adopted(desk, provider, ann):
    assert (await desk.pressed(ann, await desk.swap_offered(ann))).state is State.ACCEPTED
    provider.faults["create"].append("lost_before")
    intent_id = await desk.swap_offered(ann)
    await desk.pressed(ann, intent_id)
    await desk.pass_time(240, every=10)
    assert await desk.state(intent_id) is State.NOT_PLACED


@pytest.mark.parametrize(
    "other",
    [
        {"amount_in": Decimal("0.01"), "stage": Stage.CONFIRMING},
        {"amount_in": Decimal("0.01"), "stage": Stage.UNKNOWN, "raw_stage": "brewing"},
        {"payin_hash": "9f19", "stage": Stage.UNKNOWN, "raw_stage": "brewing"},
        {"amount_expected": Decimal("0.02")},
        {"payout_memo": "77"},
        {"kind": RateKind.FIXED},
        {"target": "usdtrx"},
    ],
)
async def test_a_swap_on_other_terms_or_already_paid_is_not_adopted(desk, provider, ann, other):
    """Paid: what a second deposit to an old address makes of itself."""
    provider.faults["create"].append("lost_after")
    provider.altered = lambda swap: replace(swap, **other)
    intent_id = await desk.swap_offered(ann)
    await desk.pressed(ann, intent_id)
    await desk.pass_time(240, every=10)
    assert await desk.state(intent_id) is State.NOT_PLACED


async def test_one_that_was_lost_is_found_though_nobody_knows_the_word_for_its_stage(desk, provider, ann):
    provider.faults["create"].append("lost_after")
    provider.altered = lambda swap: replace(swap, stage=Stage.UNKNOWN, raw_stage="brewing")
    intent_id = await desk.swap_offered(ann)
    await desk.pressed(ann, intent_id)
    await desk.told()
    await desk.pass_time(10)
    assert await desk.state(intent_id) is State.ACCEPTED
    told = await desk.told()
    assert {to for to, kind, values in told if kind == "swap_alert" and values["why"] == "unknown_stage"} == ADMINS
    assert "swap_code" not in [kind for _, kind, _ in told]
    provider.set("swap0001", Stage.WAITING)
    await desk.pass_time(90, every=10)
    cards = [values for _, kind, values in await desk.told() if kind == "swap_card"]
    assert [(card["stage"], card["payin_address"]) for card in cards] == [("waiting", provider.deposits["btc"])]
    assert len(provider.calls("create")) == 1


async def test_a_no_under_another_key_proves_nothing(desk, provider):
    """A key put in its place may be of another account at the provider, where nothing of the swap is known."""
    bob = await desk.person(2, vendor="changelly")
    provider.faults["create"].append("lost_after")
    intent_id = await desk.swap_offered(bob)
    await desk.pressed(bob, intent_id)
    await desk.put_in_place("changelly2", "another")
    await desk.pass_time(300, every=10)
    assert await desk.state(intent_id) is State.UNKNOWN
    await desk.put_in_place("changelly2", "key2")
    await desk.pass_time(60, every=10)
    assert await desk.state(intent_id) is State.ACCEPTED


async def test_what_goes_back_elsewhere_is_not_taken_for_one_another(desk, provider, still, ann):
    """Alike but for where a refund goes: each gets its own, whichever was made first."""
    provider.faults["create"].extend(["late", "lost_after"])
    places = (BTC, BTC_BACK)
    ids = [await desk.swap_offered(ann, swapped(refund_address=place)) for place in places]
    for one in ids:
        await desk.pressed(ann, one)
        still.advance(10)
    await desk.pass_time(60, every=10)
    rows = [await desk.store.read(lambda tx, one=one: tx.swaps.of_intent(one)) for one in ids]
    made = {entry.swap.id: entry.swap.refund_address for entry in provider.ledger}
    assert tuple(made[row.id] for row in rows) == places
    assert tuple(row.refund_address for row in rows) == places


async def test_what_was_over_when_it_was_found_is_no_invitation_to_pay(desk, provider, ann):
    provider.faults["create"].append("lost_after")
    intent_id = await desk.swap_offered(ann, swapped(kind=RateKind.FIXED, refund_address=BTC))
    await desk.pressed(ann, intent_id)
    provider.set("swap0001", Stage.EXPIRED)
    await desk.told()
    await desk.pass_time(10)
    assert await desk.state(intent_id) is State.ACCEPTED
    assert "swap_code" not in await desk.kinds()


async def test_a_dialect_that_cannot_look_up_says_so_and_sends_nothing_again(make, still):
    provider = SwapShelf(still, dialect="rest", finds=False, batch=1)
    desk = make(provider)
    ann = await desk.person()
    provider.faults["create"].append("lost_after")
    intent_id = await desk.swap_offered(ann)
    await desk.pressed(ann, intent_id)
    await desk.pass_time(60, every=10)
    intent = await desk.intent(intent_id)
    assert (intent.state, intent.reason["key"]) == (State.NEEDS_HUMAN, "swap.cannot_look_up")
    assert (await desk.kinds()).count("swap_needs_human") == 1
    await desk.pass_time(1200, every=20)
    assert len(provider.calls("create")) == 1
    assert provider.calls("find") == []


async def test_6_while_nobody_answers_nothing_is_guessed(desk, provider, ann):
    provider.faults["create"].append("lost_after")
    intent_id = await desk.swap_offered(ann)
    await desk.pressed(ann, intent_id)
    provider.down = True
    await desk.pass_time(960, every=20)
    assert await desk.state(intent_id) is State.NEEDS_HUMAN
    provider.down = False
    await desk.pass_time(360, every=20)
    assert await desk.state(intent_id) is State.ACCEPTED


@pytest.mark.parametrize("jump", [-3600, 86_400])
async def test_28_a_clock_that_is_set_meanwhile_hides_no_swap(desk, provider, still, ann, jump):
    provider.faults["create"].append("lost_after")
    intent_id = await desk.swap_offered(ann)

    async def set_while_sending(call):
        if call == "create":
            still.jump(jump)

    provider.turn = set_while_sending
    await desk.pressed(ann, intent_id)
    await desk.pass_time(300, every=10)
    assert await desk.state(intent_id) is State.ACCEPTED


# --- where to pay in ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("altered", "why"),
    [
        ({"payin_address": "1BoatSLRHtKNngkdXEeobR76b53LETtpyX"}, "bad_deposit_address"),  # 20: its checksum
        ({"payin_address": ETH_DEPOSIT}, "bad_deposit_address"),  # 20: another network
        ({"payin_address": ""}, "bad_deposit_address"),
        ({"payout_address": ETH_DEPOSIT}, "other_payout"),
        ({"target": "usdtrx"}, "other_payout"),
    ],
)
async def test_20_an_address_nobody_should_pay_is_shown_to_nobody(desk, provider, ann, altered, why):
    provider.altered = lambda swap: replace(swap, **altered)
    intent_id = await desk.swap_offered(ann)
    await desk.told()
    await desk.pressed(ann, intent_id)
    told = await desk.told()
    (card,) = [values for _, kind, values in told if kind == "swap_card"]
    assert (card["payin_address"], card["withheld"]) == ("", f"swap.{why}")
    assert {(to, values["why"]) for to, kind, values in told if kind == "swap_alert"} == {
        (admin, why) for admin in ADMINS
    }
    await desk.pass_time(3000, every=60)
    shown = [values["payin_address"] for _, kind, values in await desk.told() if kind.startswith("swap_c")]
    assert set(shown) <= {""}


XRP_TAGGED = replace(swapped("200"), source="xrp")


@pytest.mark.parametrize(("memo", "why"), [(None, "swap.no_memo"), ("", "swap.no_memo"), ("978301237", "")])
async def test_21_the_shared_address_of_a_network_with_memos_is_not_shown_without_one(desk, provider, ann, memo, why):
    provider.altered = lambda swap: replace(swap, payin_memo=memo)
    await desk.pressed(ann, await desk.swap_offered(ann, XRP_TAGGED))
    told = await desk.told()
    (card,) = [values for _, kind, values in told if kind == "swap_card"]
    assert (card["withheld"], card["payin_memo"]) == (why, memo or "")
    assert bool(card["payin_address"]) == (not why)
    assert [kind for _, kind, _ in told].count("swap_code") == (not why)


@pytest.mark.parametrize(
    ("network", "memo_name", "why"),
    [
        ("Ripple", None, "swap.no_memo"),  # the row says nothing of memos, its network does
        ("ripple", "", ""),  # the provider says there is none
        ("unheard of", "Memo", ""),  # only the provider can know
    ],
)
async def test_whether_a_memo_must_come_is_told_by_the_coin_and_its_network(
    desk, provider, ann, network, memo_name, why
):
    xrp = SwapCoin("xrp", "Ripple", network, memo_name=memo_name)
    provider.coins_ = [xrp if coin.ticker == "xrp" else coin for coin in provider.coins_]
    await desk.pressed(ann, await desk.swap_offered(ann, XRP_TAGGED))
    assert [values["withheld"] for _, kind, values in await desk.told() if kind == "swap_card"] == [why]


async def test_a_memo_that_could_not_be_read_keeps_its_address_back_on_any_network(desk, provider, ann):
    provider.altered = lambda swap: replace(swap, payin_memo=None)
    await desk.pressed(ann, await desk.swap_offered(ann))
    assert [v["withheld"] for _, kind, v in await desk.told() if kind == "swap_card"] == ["swap.no_memo"]


async def test_an_address_of_ones_own_may_have_no_memo_though_its_network_knows_them(desk, provider, ann):
    """Monero gives everybody an address: a payment id is what nobody needs."""
    place = "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A"
    provider.coins_ = [*provider.coins_, SwapCoin("xmr", "Monero", "monero", memo_name="Payment ID")]
    provider.rates["xmr"], provider.deposits["xmr"] = Decimal(150), place
    await desk.pressed(ann, await desk.swap_offered(ann, replace(swapped("2"), source="xmr")))
    ((card),) = [values for _, kind, values in await desk.told() if kind == "swap_card"]
    assert (card["withheld"], card["payin_address"]) == ("", place)


async def test_an_address_written_in_another_case_is_the_same(desk, provider, ann):
    provider.altered = lambda swap: replace(swap, payout_address=swap.payout_address.lower())
    await desk.pressed(ann, await desk.swap_offered(ann))
    assert [values["withheld"] for _, kind, values in await desk.told() if kind == "swap_card"] == [""]


async def test_the_deposit_address_never_becomes_another(desk, provider, ann):
    await desk.pressed(ann, await desk.swap_offered(ann))
    provider.set("swap0001", Stage.WAITING, payin_address=BTC)
    await desk.pass_time(120, every=10)
    provider.set("swap0001", Stage.CONFIRMING, payin_address=BTC)
    await desk.pass_time(300, every=10)
    cards = [values for _, kind, values in await desk.told() if kind == "swap_card"]
    assert {card["payin_address"] for card in cards} == {provider.deposits["btc"]}


@pytest.mark.parametrize(
    ("ticker", "asset"), [("usdt20", "USDT"), ("usdtbsc", "USDT"), ("trx", "TRX"), ("bnbbsc", "BNBBSC"), ("btc", "BTC")]
)
def test_a_token_is_valued_as_what_it_is_of(ticker, asset):
    assert assets_of(SwapCoin(ticker, ticker))[0] == asset


async def test_a_coin_nobody_can_value_is_weighed_by_the_other_side(desk, provider, ann):
    provider.coins_ = [*provider.coins_, SwapCoin("zzz", "Nobody's", "bitcoin")]
    provider.rates["zzz"] = Decimal(60_000)
    await desk.swap_offered(ann, replace(swapped(), source="zzz"))
    ((_, _, card),) = await desk.told()
    assert Decimal(card["usd"]) > 500
