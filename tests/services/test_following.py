"""Orders after they were accepted, and cancels: each change told once, the end aloud."""

import pytest

from bot.domain.errors import UserMistake
from bot.domain.intents import State
from bot.domain.orders import OrderState
from bot.services.prices import Prices
from tests.order_shelf import OrderShelf
from tests.trading_desk import CARD, TradingDesk, bought


@pytest.fixture
def exchange(still) -> OrderShelf:
    return OrderShelf(still)


@pytest.fixture
def desk(store, exchange, shelf, still, nursery) -> TradingDesk:
    return TradingDesk(store, exchange, Prices(shelf, still, nursery), still)


@pytest.fixture
async def ann(desk):
    return await desk.person()


async def _placed(desk, user, price="50000", amount="0.01") -> str:
    intent_id = await desk.offered(user, bought(amount, price))
    order_id = (await desk.pressed(user, intent_id)).order_id
    await desk.told()
    return order_id


async def test_fills_edit_the_card_and_the_end_is_loud(desk, exchange, ann):
    order_id = await _placed(desk, ann)
    exchange.fill(order_id, "0.3")
    await desk.pass_time(4)
    ((_, kind, values),) = await desk.told()
    assert (kind, values["filled"], values["state"]) == ("order_changed", "0.003", "open")
    exchange.fill(order_id)
    await desk.pass_time(4)
    told = await desk.told()
    assert [(kind, values["filled"]) for _, kind, values in told] == [
        ("order_changed", "0.01"),
        ("order_ended", "0.01"),
    ]
    assert told[-1][2]["cost"] == "500"


async def test_what_does_not_change_is_not_told(desk, exchange, ann):
    await _placed(desk, ann)
    await desk.pass_time(600, every=10)
    assert await desk.told() == []
    assert exchange.sendings() == 1


async def test_a_change_is_told_once_over_a_restart(desk, exchange, ann):
    order_id = await _placed(desk, ann)
    exchange.fill(order_id, "0.5")
    await desk.pass_time(4)
    desk.restart()
    await desk.pass_time(30)
    assert await desk.kinds() == ["order_changed"]


async def test_changes_nobody_was_told_of_yet_are_told_as_one(desk, exchange, ann):
    order_id = await _placed(desk, ann)
    for share in ("0.2", "0.4", "0.6"):
        exchange.fill(order_id, share)
        await desk.pass_time(4)
    ((_, kind, values),) = await desk.told()
    assert (kind, values["filled"]) == ("order_changed", "0.006")


async def test_a_card_that_is_on_its_way_is_not_overtaken(desk, exchange, ann):
    order_id = await _placed(desk, ann)
    exchange.fill(order_id, "0.2")
    await desk.pass_time(4)
    older = await desk.store.write(lambda tx: tx.outbox.claim(tx.now_ms, tx.now_ms + 60_000, 10))
    exchange.fill(order_id, "0.4")
    await desk.pass_time(4)
    assert len(older) == 1
    assert await desk.told() == []
    await desk.store.write(lambda tx: tx.outbox.postpone(older[0].id, tx.now_ms))  # it did not arrive
    ((_, _, values),) = await desk.told()
    assert values["filled"] == "0.004"


async def test_a_market_order_that_is_filled_at_once_is_told_by_its_card_alone(desk, ann):
    intent_id = await desk.offered(ann)
    await desk.pressed(ann, intent_id)
    await desk.pass_time(30)
    told = await desk.told()
    assert [kind for _, kind, _ in told] == ["intent_offered", "intent_accepted"]
    assert told[-1][2]["state"] == "filled"


async def test_of_one_pair_all_are_asked_for_in_one_call(desk, exchange, ann):
    for _ in range(3):
        await _placed(desk, ann, amount="0.001")
    exchange.asked.clear()
    desk.clock.advance(5)
    await desk.trading.watch()
    assert [call[0] for call in exchange.asked if call[0] != "account"] == ["open_orders"]


async def test_older_orders_are_asked_for_less_often(desk, exchange, ann):
    await _placed(desk, ann)
    looked = []
    for _ in range(3):
        exchange.asked.clear()
        await desk.pass_time(120)
        looked.append(len(exchange.calls("open_orders")))
        await desk.pass_time(3_600, every=60)
    assert looked[0] > looked[1] > looked[2] - 1 >= 0


async def test_an_outage_loses_no_ending(desk, exchange, ann):
    order_id = await _placed(desk, ann)
    exchange.down()
    await desk.pass_time(60)
    exchange.fill(order_id)
    exchange.fault = None
    await desk.pass_time(60)
    assert await desk.kinds() == ["order_changed", "order_ended"]


async def test_an_exchange_that_is_down_is_left_alone(desk, exchange):
    for number in range(1, 21):
        user = await desk.person(number)
        await _placed(desk, user, amount="0.001")
    exchange.asked.clear()
    exchange.down()
    desk.clock.advance(5)
    await desk.trading.watch()
    assert len(exchange.calls("open_orders")) < 20
    exchange.asked.clear()
    desk.clock.advance(5)
    await desk.trading.watch()
    assert exchange.calls("open_orders") == []


async def test_a_revoked_key_is_asked_seldom(desk, exchange, ann):
    await _placed(desk, ann)
    exchange.faults["open_orders"] += ["refused"] * 100
    await desk.pass_time(500, every=10)
    assert len(exchange.calls("open_orders")) == 1


async def test_what_a_cancelled_order_left_unfilled_does_not_count_today(desk, exchange, ann):
    order_id = await _placed(desk, ann)
    exchange.fill(order_id, "0.25")
    exchange.end(order_id)
    await desk.pass_time(4)
    assert await desk.store.read(lambda tx: tx.intents.reserved_usd(1, "2026-11-21")) == 125
    assert (await desk.told())[-1][2]["state"] == "canceled"


async def test_a_cancel_is_asked_about_and_then_sent_once(desk, exchange, ann):
    order_id = await _placed(desk, ann)
    offered = await desk.trading.offer_cancel(ann, [order_id], await desk.mark())
    assert offered.values["orders"] == [
        {"id": order_id, "side": "buy", "kind": "limit", "amount": "0.01", "price": "50000", "filled": "0"}
    ]
    assert exchange.calls("cancel") == []
    for _ in range(3):
        await desk.pressed(ann, offered.intent_id)
    assert len(exchange.calls("cancel")) == 1
    await desk.pass_time(60)
    assert "order_ended" not in await desk.kinds()  # he has just asked for it himself


async def test_all_of_a_pair_are_cancelled_by_one_press(desk, exchange, ann):
    for _ in range(3):
        await _placed(desk, ann, amount="0.001")
    offered = await desk.trading.offer_cancel(ann, [], await desk.mark(), symbol="btc/usdt", vendor="binance")
    assert (await desk.pressed(ann, offered.intent_id)).state is State.ACCEPTED
    assert {order.state for order in exchange.orders()} == {OrderState.CANCELED}


async def test_where_nothing_is_open_nothing_is_offered(desk, ann):
    with pytest.raises(UserMistake) as told:
        await desk.trading.offer_cancel(ann, [], await desk.mark(), symbol="btc/usdt")
    assert told.value.key == "cancel.none_open"


@pytest.mark.parametrize(("fault", "state"), [("lost_after", State.ACCEPTED), ("lost_before", State.NOT_PLACED)])
async def test_a_cancel_whose_answer_was_lost_becomes_known(desk, exchange, ann, fault, state):
    order_id = await _placed(desk, ann)
    exchange.faults["cancel"] += [fault]
    offered = await desk.trading.offer_cancel(ann, [order_id], await desk.mark())
    assert (await desk.pressed(ann, offered.intent_id)).state is State.UNKNOWN
    await desk.pass_time(300)
    assert await desk.state(offered.intent_id) is state
    assert len(exchange.calls("cancel")) == 1


async def test_unknown_order_means_go_and_look(desk, exchange, ann):
    order_id = await _placed(desk, ann)
    offered = await desk.trading.offer_cancel(ann, [order_id], await desk.mark())
    exchange.fill(order_id)
    assert (await desk.pressed(ann, offered.intent_id, card=CARD + 1)).state is State.ACCEPTED
    changed = [values for _, kind, values in await desk.told() if kind == "order_changed"]
    assert changed[-1]["state"] == "filled"


async def test_a_refused_cancel_is_told_as_such(desk, exchange, ann):
    order_id = await _placed(desk, ann)
    exchange.faults["cancel"] += ["refused"]
    offered = await desk.trading.offer_cancel(ann, [order_id], await desk.mark())
    assert (await desk.pressed(ann, offered.intent_id)).state is State.REJECTED
    assert exchange.orders()[0].state is OrderState.OPEN


async def test_an_order_without_its_key_is_not_followed_any_more(desk, exchange, ann):
    await _placed(desk, ann)
    await desk.store.write(lambda tx: tx.accounts.drop("binance1"))
    await desk.pass_time(10)
    assert await desk.store.read(lambda tx: tx.orders.count_open()) == 0
    assert exchange.calls("open_orders") == []
