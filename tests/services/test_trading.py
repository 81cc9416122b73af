"""Orders: offered as they would be sent, sent once, known in the end. Numbers name the faults of the safety page."""

import asyncio
from decimal import Decimal

import pytest

from bot.domain.errors import NotAllowed, UserMistake
from bot.domain.guards import Limits
from bot.domain.intents import State, Wish, as_sent
from bot.domain.orders import Side, Wallet
from bot.services.prices import Prices
from tests.order_shelf import OrderShelf
from tests.trading_desk import ADMINS, CARD, TradingDesk, bought


@pytest.fixture
def exchange(still) -> OrderShelf:
    return OrderShelf(still)


@pytest.fixture
def desk(store, exchange, shelf, still, nursery) -> TradingDesk:
    return TradingDesk(store, exchange, Prices(shelf, still, nursery), still)


@pytest.fixture
async def ann(desk):
    return await desk.person()


async def test_what_is_shown_is_what_is_sent(desk, exchange, ann):
    intent_id = await desk.offered(
        ann, Wish(Side.BUY, "btc-usdt", amount=Decimal("0.0123456789"), price=Decimal("59999.999"))
    )
    ((_, kind, card),) = await desk.told()
    assert kind == "intent_offered"
    assert (card["amount"], card["price"], card["fingerprint"]) == ("0.01234", "59999.99", "print1")
    await desk.pressed(ann, intent_id)
    ((request,),) = exchange.calls("place")
    assert (request.amount, request.price, request.cost) == (card["amount"], card["price"], card["cost"])
    ((_, kind, told),) = await desk.told()
    assert (kind, told["order_id"], told["state"]) == ("intent_accepted", "1000", "open")


async def test_25_a_buy_is_rounded_down_and_a_sale_up(desk, ann):
    for side, price in ((Side.BUY, "59999.11"), (Side.SELL, "59999.12")):
        wish = Wish(side, "BTC/USDT", amount=Decimal("0.01"), price=Decimal("59999.118"))
        assert (await desk.trading.offer(ann, wish, await desk.mark())).values["price"] == price


@pytest.mark.parametrize(
    ("wish", "key"),
    [
        (Wish(Side.BUY, "BTC/USDT", amount=Decimal("0.000001")), "order.too_small"),  # 26: down to zero
        (Wish(Side.BUY, "BTC/USDT", amount=Decimal("0.00002")), "order.cost_too_small"),  # 26: under the least cost
        (Wish(Side.BUY, "BTC/USDT"), "order.amount_missing"),
        (Wish(Side.BUY, "BTC/USDT", amount=Decimal(1), cost=Decimal(1)), "order.amount_missing"),
        (Wish(Side.BUY, "BTC/USDT", amount=Decimal("0.01"), price=Decimal(200_000)), "order.price_far"),
        (Wish(Side.BUY, "BTC/USDT", amount=Decimal("0.02")), "order.over_limit"),
        (Wish(Side.SELL, "ETH/USDT", amount=Decimal("0.1")), "order.balance_short"),
        (Wish(Side.BUY, "NOSUCH/USDT", amount=Decimal(1)), "order.pair_unknown"),
        (Wish(Side.BUY, "BTC/USDT:USDT", amount=Decimal(1)), "order.contract"),
        (Wish(Side.BUY, "BTC/USDT", amount=Decimal("0.01"), wallet=Wallet.FUNDING), "order.no_wallet"),
        (Wish(Side.BUY, "BTC/USDT", amount=Decimal("0.01"), wallet=Wallet.MARGIN), "order.no_margin"),
    ],
)
async def test_what_cannot_be_is_refused_before_a_card_is_shown(desk, exchange, ann, wish, key):
    with pytest.raises(UserMistake) as told:
        await desk.trading.offer(ann, wish, await desk.mark())
    assert told.value.key == key
    assert await desk.store.read(lambda tx: tx.outbox.count_waiting()) == 0
    assert exchange.sendings() == 0


async def test_a_market_buy_by_cost_is_sent_as_a_cost(desk, exchange, ann):
    intent_id = await desk.offered(ann, Wish(Side.BUY, "BTC", cost=Decimal("99.999")))
    await desk.pressed(ann, intent_id)
    ((request,),) = exchange.calls("place")
    assert (request.symbol, request.amount, request.cost, request.price) == ("BTC/USDT", "", "99.99", "")


async def test_a_share_of_what_is_free_is_meant(desk, exchange, ann):
    exchange.funds["key1"] = {"BTC": Decimal("0.02")}
    offered = await desk.trading.offer(ann, Wish(Side.SELL, "BTC/USDT", share=Decimal("0.25")), await desk.mark())
    assert (offered.values["amount"], offered.values["after"]) == ("0.005", "0.015")


async def test_a_price_far_from_the_median_warns(desk, ann):
    near = await desk.trading.offer(ann, bought(price="58000"), await desk.mark())
    far = await desk.trading.offer(ann, bought(price="50000"), await desk.mark())
    assert (near.values["far"], far.values["far"]) == (False, True)


async def test_a_market_order_at_a_price_nobody_else_has_is_refused(desk, exchange, ann):
    exchange.prices["BTC/USDT"] = Decimal(80_000)
    with pytest.raises(UserMistake) as told:
        await desk.offered(ann, bought("0.001"))
    assert told.value.key == "order.market_far"


async def test_10_of_many_presses_one_wins(desk, exchange, ann):
    ids = [await desk.offered(ann, bought("0.001")) for _ in range(40)]
    presses = [(one, await desk.mark(1, CARD + n)) for n, one in enumerate(ids) for _ in range(25)]
    await asyncio.gather(*(desk.trading.confirm(ann, one, mark) for one, mark in presses))
    assert exchange.sendings() == len(exchange.orders()) == 40
    assert len({order.client_id for order in exchange.orders()}) == 40
    assert {await desk.state(one) for one in ids} == {State.ACCEPTED}


async def test_10_a_press_that_lost_is_told_how_it_stands(desk, ann):
    intent_id = await desk.offered(ann)
    await desk.pressed(ann, intent_id)
    await desk.told()
    await desk.pressed(ann, intent_id)
    ((_, kind, values),) = await desk.told()
    assert (kind, values["order_id"]) == ("intent_accepted", "1000")


@pytest.mark.parametrize("late_s", [90, 86_400])
async def test_11_a_press_after_90_s_sends_nothing(desk, exchange, ann, still, late_s):
    intent_id = await desk.offered(ann)
    still.advance(late_s)
    desk.restart()
    assert (await desk.pressed(ann, intent_id)).state is State.EXPIRED
    assert exchange.sendings() == 0
    assert (await desk.kinds())[-1] == "intent_expired"


async def test_11_within_90_s_it_does(desk, exchange, ann, still):
    intent_id = await desk.offered(ann)
    still.advance(89)
    assert (await desk.pressed(ann, intent_id)).state is State.ACCEPTED
    assert exchange.sendings() == 1


async def test_28_an_offer_of_the_future_is_none(desk, exchange, ann, still):
    intent_id = await desk.offered(ann)
    still.advance(-3600)
    assert (await desk.pressed(ann, intent_id)).state is not State.ACCEPTED
    assert exchange.sendings() == 0


async def test_11_what_was_called_off_is_not_sent(desk, exchange, ann):
    intent_id = await desk.offered(ann)
    await desk.trading.dismiss(ann, intent_id, await desk.mark(1, CARD))
    assert (await desk.pressed(ann, intent_id)).state is State.EXPIRED
    assert exchange.sendings() == 0
    kinds = await desk.told()
    assert [(kind, values["reason"]) for _, kind, values in kinds][-1] == ("intent_expired", "intent.dismissed")


async def test_12_nobody_presses_anothers_button(desk, exchange, ann):
    intent_id, bob = await desk.offered(ann), await desk.person(2)
    with pytest.raises(NotAllowed):
        await desk.trading.confirm(bob, intent_id, await desk.mark(2, CARD))
    with pytest.raises(NotAllowed):
        await desk.trading.dismiss(bob, intent_id, await desk.mark(2, CARD))
    assert (exchange.sendings(), await desk.state(intent_id)) == (0, State.OFFERED)


async def test_14_a_press_before_its_offer_is_no_fault(desk, exchange, ann):
    with pytest.raises(UserMistake) as told:
        await desk.trading.confirm(ann, "nosuchintent", await desk.mark(1, CARD))
    assert (told.value.key, exchange.sendings()) == ("intent.no_such", 0)


async def test_9_a_refusal_is_told_and_what_was_reserved_is_free(desk, exchange, ann):
    exchange.faults["place"] += ["refused"]
    intent_id = await desk.offered(ann)
    assert (await desk.pressed(ann, intent_id)).state is State.REJECTED
    _, kind, values = (await desk.told())[-1]
    assert (kind, values["reason"]) == ("intent_rejected", "exchange.refused.funds")
    day = "2026-11-21"
    assert await desk.store.read(lambda tx: tx.intents.reserved_usd(1, day)) == 0


async def test_what_surely_never_left_is_not_placed(desk, exchange, ann):
    exchange.faults["place"] += ["unsent"]
    intent_id = await desk.offered(ann)
    assert (await desk.pressed(ann, intent_id)).state is State.NOT_PLACED
    assert (await desk.kinds())[-1] == "intent_not_placed"


@pytest.mark.parametrize("fault", ["lost_after", "broken", "garbage"])
async def test_3_4_7_8_what_is_not_known_is_adopted_and_never_sent_again(desk, exchange, ann, fault):
    exchange.faults["place"] += [fault]
    intent_id = await desk.offered(ann)
    assert (await desk.pressed(ann, intent_id)).state is State.UNKNOWN
    assert (await desk.kinds())[-1] == "intent_unknown"
    await desk.pass_time(4)
    assert await desk.state(intent_id) is State.ACCEPTED
    assert exchange.sendings() == len(exchange.orders()) == 1
    assert "intent_accepted" in await desk.kinds()


async def test_a_no_under_another_key_proves_nothing(desk, exchange, ann):
    """A key put in its place may be of another account, where the order never was."""
    exchange.faults["place"] += ["lost_before"]
    intent_id = await desk.offered(ann)
    await desk.pressed(ann, intent_id)
    account_id = (await desk.intent(intent_id)).account_id
    await desk.put_in_place(account_id, "another")
    await desk.pass_time(240)
    assert await desk.state(intent_id) is State.UNKNOWN


async def test_2_what_was_lost_on_the_way_is_not_placed_only_after_the_window(desk, exchange, ann):
    exchange.faults["place"] += ["lost_before"]
    intent_id = await desk.offered(ann)
    await desk.pressed(ann, intent_id)
    await desk.pass_time(118)
    assert await desk.state(intent_id) is State.UNKNOWN
    await desk.pass_time(60)
    assert await desk.state(intent_id) is State.NOT_PLACED
    assert exchange.sendings() == 1
    assert exchange.orders() == []
    kinds = await desk.kinds()
    assert kinds.count("intent_not_placed") == 2  # in place of the card, and aloud: the press was minutes ago


async def test_5_not_found_twice_and_then_there_is_accepted(desk, exchange, ann):
    exchange.faults["place"] += ["lost_after"]
    exchange.hidden_s = 50
    intent_id = await desk.offered(ann)
    await desk.pressed(ann, intent_id)
    await desk.pass_time(40)
    assert (await desk.state(intent_id), len(exchange.calls("find")) >= 2) == (State.UNKNOWN, True)
    await desk.pass_time(40)
    assert await desk.state(intent_id) is State.ACCEPTED


async def test_an_order_that_arrives_late_is_found(desk, exchange, ann):
    exchange.faults["place"] += ["late"]
    intent_id = await desk.offered(ann)
    await desk.pressed(ann, intent_id)
    await desk.pass_time(180)
    assert (await desk.state(intent_id), len(exchange.orders())) == (State.ACCEPTED, 1)


async def test_6_an_outage_proves_nothing_and_after_a_quarter_of_an_hour_people_are_told(desk, exchange, ann):
    exchange.faults["place"] += ["lost_after"]
    intent_id = await desk.offered(ann)
    await desk.pressed(ann, intent_id)
    await desk.told()
    exchange.down()
    await desk.pass_time(14 * 60, every=10)
    assert (await desk.state(intent_id), await desk.told()) == (State.UNKNOWN, [])
    await desk.pass_time(2 * 60, every=10)
    assert await desk.state(intent_id) is State.NEEDS_HUMAN
    told = await desk.told()
    assert sorted(to for to, kind, _ in told if kind == "intent_alert") == sorted(ADMINS)
    assert [kind for to, kind, _ in told if to == 1] == ["intent_needs_human"] * 2
    await desk.pass_time(15 * 60, every=10)
    exchange.fault = None
    await desk.pass_time(6 * 60, every=10)
    assert (await desk.state(intent_id), len(exchange.orders())) == (State.ACCEPTED, 1)


async def test_a_desk_that_starts_anew_soon_ends_what_waits_for_a_person(desk, exchange, ann):
    exchange.faults["place"] += ["lost_before"]
    intent_id = await desk.offered(ann)
    await desk.pressed(ann, intent_id)
    exchange.down()
    await desk.pass_time(16 * 60, every=10)
    assert await desk.state(intent_id) is State.NEEDS_HUMAN
    exchange.fault = None
    desk.restart()
    # Its next look was due within five minutes; from then on it asks as often as about what was sent just now.
    await desk.pass_time(5 * 60 + 3 * 60)
    assert (await desk.state(intent_id), exchange.orders()) == (State.NOT_PLACED, [])


async def test_28_a_clock_that_jumps_proves_nothing(desk, exchange, ann, still):
    """A day ahead by the wall, and no second by the clock that nobody sets."""
    exchange.faults["place"] += ["late"]
    intent_id = await desk.offered(ann)
    await desk.pressed(ann, intent_id)
    held = exchange.late[:]
    exchange.late.clear()  # still on its way
    still.jump(86_400)
    for _ in range(5):
        await desk.trading.reconcile()
        still.jump(3600)
    assert await desk.state(intent_id) in {State.UNKNOWN, State.NEEDS_HUMAN}
    exchange.late = held
    still.advance(360)
    await desk.trading.reconcile()
    assert (await desk.state(intent_id), len(exchange.orders())) == (State.ACCEPTED, 1)


async def test_28_a_clock_set_back_holds_nothing_up(desk, exchange, ann, still):
    exchange.faults["place"] += ["lost_after"]
    intent_id = await desk.offered(ann)
    await desk.pressed(ann, intent_id)
    still.jump(-3600)
    await desk.trading.reconcile()
    assert await desk.state(intent_id) is State.ACCEPTED


async def test_27_fifty_presses_together_keep_the_days_limit(store, exchange, shelf, still, nursery):
    desk = TradingDesk(store, exchange, Prices(shelf, still, nursery), still, most=Limits(Decimal(1000), Decimal(500)))
    ann = await desk.person()
    ids = [await desk.offered(ann, bought("0.001")) for _ in range(50)]
    marks = [await desk.mark(1, CARD + n) for n in range(50)]
    await asyncio.gather(*(desk.trading.confirm(ann, *one) for one in zip(ids, marks, strict=True)))
    worth = sum(order.amount * Decimal(60_006) for order in exchange.orders())
    assert (len(exchange.orders()), worth <= 500) == (8, True)
    states = [await desk.state(one) for one in ids]
    assert (states.count(State.ACCEPTED), states.count(State.REFUSED)) == (8, 42)


async def test_a_lock_after_the_press_stops_it_in_the_last_moment(desk, exchange, ann):
    intent_id = await desk.offered(ann)

    async def turn(call: str) -> None:
        if call == "balance":
            await desk.store.write(lambda tx: tx.guards.lock(1, tx.now_ms))

    exchange.turn = turn
    intent = await desk.pressed(ann, intent_id)
    assert (intent.state, intent.reason["key"], exchange.sendings()) == (State.REFUSED, "order.locked", 0)


async def test_a_halt_stops_orders_and_no_cancel(desk, exchange, ann):
    placed, waiting = await desk.offered(ann, bought(price="50000")), await desk.offered(ann)
    await desk.pressed(ann, placed)
    await desk.trading.halt(ann, await desk.mark(900))
    intent = await desk.pressed(ann, waiting)
    assert (intent.state, intent.reason["key"], exchange.sendings()) == (State.REFUSED, "order.halted", 1)
    with pytest.raises(NotAllowed):
        await desk.offered(ann)
    off = await desk.trading.offer_cancel(ann, ["1000"], await desk.mark())
    assert (await desk.pressed(ann, off.intent_id)).state is State.ACCEPTED
    assert exchange.orders()[0].state == "canceled"


async def test_a_price_that_moved_by_more_than_1_percent_is_a_new_offer(desk, exchange, ann, still):
    intent_id = await desk.offered(ann)
    await desk.told()
    still.advance(10)
    exchange.prices["BTC/USDT"] = Decimal(60_700)
    assert (await desk.pressed(ann, intent_id)).state is State.REFUSED
    ((_, kind, values),) = await desk.told()
    assert (kind, values["why"], exchange.sendings()) == ("intent_offered", "moved", 0)
    assert (await desk.pressed(ann, values["intent"])).state is State.ACCEPTED


async def test_one_that_moved_by_less_is_sent(desk, exchange, ann, still):
    intent_id = await desk.offered(ann)
    still.advance(10)
    exchange.prices["BTC/USDT"] = Decimal(60_500)
    assert (await desk.pressed(ann, intent_id)).state is State.ACCEPTED


async def test_between_press_and_sending_lies_one_call(desk, exchange, ann, still):
    intent_id = await desk.offered(ann)
    still.advance(30)
    await desk.trading.keep_prices()
    exchange.asked.clear()
    await desk.pressed(ann, intent_id)
    assert [call[0] for call in exchange.asked if call[0] != "account"] == ["balance", "place"]


async def test_money_that_went_meanwhile_stops_it(desk, exchange, ann):
    intent_id = await desk.offered(ann)
    exchange.funds["key1"] = {"USDT": Decimal(1)}
    intent = await desk.pressed(ann, intent_id)
    assert (intent.state, intent.reason["key"], exchange.sendings()) == (State.REFUSED, "order.balance_short", 0)


async def test_a_key_replaced_meanwhile_stops_it(desk, exchange, ann):
    intent_id = await desk.offered(ann)
    await desk.store.write(lambda tx: tx.intents._db.conn.execute("UPDATE accounts SET version = 2"))
    intent = await desk.pressed(ann, intent_id)
    assert (intent.state, intent.reason["key"], exchange.sendings()) == (State.REFUSED, "intent.key_changed", 0)


@pytest.mark.parametrize("state", ["confirmed", "prepared"])
async def test_1_what_a_dead_process_had_not_sent_is_not_sent(desk, exchange, ann, state):
    intent_id = await desk.offered(ann)
    await _left(desk, intent_id, state)
    await desk.restart().recover()
    intent = await desk.intent(intent_id)
    assert (intent.state, intent.reason["key"], exchange.sendings()) == (State.REFUSED, "intent.restarted", 0)
    assert (await desk.kinds())[-1] == "intent_refused"
    again = await desk.trading.again(ann, intent_id, await desk.mark())
    assert (await desk.pressed(ann, again.intent_id)).state is State.ACCEPTED


async def test_3_what_a_dead_process_had_sent_is_unknown_until_it_is_found(desk, exchange, ann):
    intent_id = await desk.offered(ann)
    request = (await desk.intent(intent_id)).request
    await _left(desk, intent_id, "sending")
    exchange.execute("key1", as_sent(request))
    await desk.restart().recover()
    assert await desk.state(intent_id) is State.UNKNOWN
    await desk.pass_time(4)
    assert (await desk.state(intent_id), exchange.sendings()) == (State.ACCEPTED, 0)
    assert await desk.kinds() == ["intent_offered", "intent_accepted"]  # the word between was overtaken


async def _left(desk, intent_id, state):
    """As a process that was killed leaves it."""
    await desk.store.write(
        lambda tx: tx.intents._db.conn.execute(
            "UPDATE intents SET state = ?, sent_at = ?, message_id = ?, day = '2026-11-21' WHERE id = ?",
            (state, tx.now_ms, CARD, intent_id),
        )
    )


async def test_35_where_the_disk_does_not_serve_nothing_is_sent(desk, exchange, ann):
    intent_id = await desk.offered(ann)
    await desk.store.write(lambda tx: tx.intents._db.conn.execute(_NO_SENDING))
    with pytest.raises(Exception, match="no space"):
        await desk.pressed(ann, intent_id)
    assert exchange.sendings() == 0
    await desk.store.write(lambda tx: tx.intents._db.conn.execute("DROP TRIGGER full"))
    await desk.pass_time(4)
    assert await desk.state(intent_id) is State.REFUSED


_NO_SENDING = (
    "CREATE TRIGGER full BEFORE UPDATE ON intents WHEN new.state = 'sending' BEGIN SELECT RAISE(FAIL, 'no space'); END"
)
