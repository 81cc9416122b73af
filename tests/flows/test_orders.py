"""Orders through everything: a key handed over, a card, a press, the exchange, a fill, a cancel, a kill, the truth."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest

from bot.sandbox.exchange.orders import Order
from bot.sandbox.telegram import Person, Seen
from tests.desk import Desk, DeskProcess, World, answers, asked, eventually, pressed

usual = pytest.mark.usefixtures("desk")


@pytest.fixture
async def desk(make_desk: Callable[..., Desk]) -> Desk:
    made = make_desk(ACCESS="open")
    await made.start()
    return made


async def connected(world: World, person: Person, vendor: str = "binance") -> str:
    """Hands over a key in the private chat; returns the name of the account at the exchange."""
    engine = (world.exchange if vendor == "binance" else world.bitfinex).engine
    name = f"{person.id}-{vendor}"
    login = engine.add_account(name)
    await asked(person, f"/keys add {vendor}")
    assert "✅" in (await asked(person, f"{login.key} {login.secret}")).text
    return name


def orders_of(world: World, name: str) -> list[Order]:
    engine = (world.bitfinex if name.endswith("bitfinex") else world.exchange).engine
    return list(engine.accounts[name].orders.values())


async def said(person: Person, *words: str) -> Seen:
    """The newest message since this person's last act that has all these words."""
    try:
        return await person.wait(lambda message: all(word in message.text for word in words), timeout_s=30)
    except TimeoutError:
        raise AssertionError(f"nothing has {words}: {[message.text for message in answers(person)]}") from None


async def confirmed(person: Person, card: Seen, *words: str) -> Seen:
    """Presses the first button of a card, and returns what it became."""
    person.press(card, card.labels[0])
    return await said(person, *words)


def later(world: World, desk: Desk, seconds: int) -> None:
    """For the desk and for the exchange: a clock of one alone would be a fault of its own."""
    desk.clock.advance(seconds)
    world.exchange.faults.skew_s += seconds


async def typed(person: Person, line: str, *words: str) -> Seen:
    """For where the desk may say other things meanwhile."""
    person.send(line)
    return await said(person, *words)


async def far_below(world: World, symbol: str = "BTC/USDT") -> str:
    """A price at which nobody sells soon, and yet within the band."""
    day = world.exchange.engine.day(symbol)
    return str(int(Decimal(day.last) * Decimal("0.97")))


@usual
async def test_an_order_at_the_market_is_shown_confirmed_sent_and_filled(world: World):
    name = await connected(world, world.alice)
    card = await asked(world.alice, "/buy 0.002 btc/usdt")
    assert "LIVE · Binance" in card.text
    assert "BUY 0.002 BTC" in card.text
    assert card.labels == ["✅ Buy 0.002 BTC", "✏️ Edit", "✖ Cancel"]
    assert orders_of(world, name) == []
    done = await confirmed(world.alice, card, "filled", "100.0%")
    assert done.id == card.id
    (order,) = orders_of(world, name)
    assert (order.filled, order.wish.side, order.wish.wallet) == (Decimal("0.002"), "buy", "spot")
    assert f"Order {order.id}" in done.text


@usual
async def test_what_is_confirmed_is_what_is_sent_byte_for_byte(world: World):
    name = await connected(world, world.alice)
    price = await far_below(world)
    card = await asked(world.alice, f"/buy 0.00300 btcusdt @ {price}.129 on binance")
    await confirmed(world.alice, card, "Placed")
    (order,) = orders_of(world, name)
    assert f"BUY {order.wish.amount} BTC at limit {order.wish.price} USDT" in card.text
    assert (order.wish.amount, order.wish.price) == (Decimal("0.003"), Decimal(f"{price}.12"))


@usual
async def test_a_fill_is_edited_into_the_card_and_its_end_is_a_message_of_its_own(world: World):
    alice = world.alice
    name = await connected(world, alice)
    card = await asked(alice, f"/buy 0.004 btc/usdt @ {await far_below(world)}")
    placed = await confirmed(alice, card, "Placed")
    (order,) = orders_of(world, name)
    world.exchange.engine.fill(order, Decimal("0.25"))
    partly = await said(alice, "open", "25.0%")
    assert partly.id == placed.id
    world.exchange.engine.fill(order)
    ended = await said(alice, "Filled at Binance", "100.0%")
    assert ended.id != placed.id
    await eventually(lambda: not [m for m in alice.messages() if m.id == placed.id and m.labels])


@usual
async def test_a_limit_order_is_cancelled_and_what_is_filled_is_named_before(world: World):
    alice = world.alice
    name = await connected(world, alice)
    placed = await confirmed(alice, await asked(alice, f"/buy 0.004 btc/usdt @ {await far_below(world)}"), "Placed")
    (order,) = orders_of(world, name)
    world.exchange.engine.fill(order, Decimal("0.5"))
    alice.press(placed, "✖ Cancel order")
    question = await said(alice, "Cancel 1 order")
    assert "filled 0.002 (50.0%)" in question.text
    assert order.state == "open"
    await confirmed(alice, question, "Cancelled")
    assert order.state == "canceled"
    assert await typed(alice, "/orders", "No open orders")


async def test_a_button_pressed_many_times_at_once_sends_one_order(world: World, desk: Desk):
    alice = world.alice
    name = await connected(world, alice)
    card = await asked(alice, "/buy 0.002 btc/usdt")
    for _ in range(25):
        alice.press(card, card.labels[0])
    await said(alice, "filled", "100.0%")
    await desk.settled()
    assert len(orders_of(world, name)) == 1


async def test_another_persons_press_sends_nothing(world: World, desk: Desk):
    name = await connected(world, world.alice)
    await connected(world, world.bob)
    card = await asked(world.alice, "/buy 0.002 btc/usdt")
    data = card.button(card.labels[0])["callback_data"]
    forged = {"id": "9", "from": world.bob.user.wire, "chat_instance": "1", "data": data}
    mine = await asked(world.bob, "/start")
    world.telegram.inject({"callback_query": {**forged, "message": mine.wire}})
    await world.bob.wait(lambda message: message.n > mine.n)
    await desk.settled()
    assert orders_of(world, name) == []
    assert orders_of(world, f"{world.bob.id}-binance") == []


async def test_a_card_that_grew_old_sends_nothing_and_offers_itself_anew(world: World, desk: Desk):
    alice = world.alice
    name = await connected(world, alice)
    card = await asked(alice, "/buy 0.002 btc/usdt")
    later(world, desk, 91)
    late = await confirmed(alice, card, "expired")
    assert orders_of(world, name) == []
    again = await pressed(alice, late, "Offer it again")
    await confirmed(alice, again, "filled")
    assert len(orders_of(world, name)) == 1


async def test_a_card_that_was_called_off_sends_nothing(world: World, desk: Desk):
    alice = world.alice
    name = await connected(world, alice)
    card = await asked(alice, "/sell 1% btc/usdt")
    assert "SELL 0.005 BTC" in card.text
    alice.press(card, "✖ Cancel")
    await said(alice, "Called off")
    data = card.button(card.labels[0])["callback_data"]
    world.telegram.inject(
        {
            "callback_query": {
                "id": "8",
                "from": alice.user.wire,
                "chat_instance": "1",
                "data": data,
                "message": card.wire,
            }
        }
    )
    await desk.settled()
    assert orders_of(world, name) == []


@pytest.mark.parametrize(
    ("words", "wallet"),
    [("margin", "margin"), ("limit", "margin"), ("exchange limit", "spot"), ("", "spot")],
)
@usual
async def test_bitfinexs_own_words_choose_the_wallet(world: World, words: str, wallet: str):
    name = await connected(world, world.alice, "bitfinex")
    price = int(world.bitfinex.engine.day("BTC/USD").last * Decimal("0.98"))
    card = await asked(world.alice, f"/buy 0.002 btc/usd {words} @ {price} on bitfinex")
    assert ("on margin" in card.text) == (wallet == "margin")
    await confirmed(world.alice, card, "Placed")
    (order,) = orders_of(world, name)
    assert (order.wish.wallet, order.wish.kind) == (wallet, "limit")


async def test_a_lost_reply_is_not_known_then_found_and_never_sent_again(world: World, desk: Desk):
    alice = world.alice
    name = await connected(world, alice)
    card = await asked(alice, "/buy 0.002 btc/usdt")
    world.exchange.faults.set("lost_after", times=1, calls="place")
    world.exchange.faults.set("blind")
    unknown = await confirmed(alice, card, "do not know yet", "Do not repeat it")
    assert (unknown.id, unknown.labels) == (card.id, [])
    world.exchange.faults.clear()
    later(world, desk, 30)
    assert (await said(alice, "filled", "100.0%")).id == card.id
    assert len(orders_of(world, name)) == 1


@usual
async def test_a_refusal_of_the_exchange_is_said_in_words(world: World):
    alice = world.alice
    name = await connected(world, alice)
    card = await asked(alice, "/sell 0.002 btc/usdt")
    account = world.exchange.engine.accounts[name]
    account.take("spot", "BTC", account.held("spot")["BTC"].free)
    refused = await confirmed(alice, card, "Reference")
    assert refused.text.startswith("❌")
    assert "no money was moved" in refused.text
    assert orders_of(world, name) == []


async def test_a_line_typed_long_ago_is_not_run_and_its_button_runs_it_now(world: World, desk: Desk):
    alice = world.alice
    name = await connected(world, alice)
    await desk.stop()
    alice.send("/buy 0.002 btc/usdt")
    alice.send("/balance")
    later(world, desk, 150)
    await desk.start()
    skipped = await alice.wait(lambda message: "Not run" in message.text)
    assert "/buy 0.002 btc/usdt" in skipped.text
    balance = await alice.wait(lambda message: "in orders" in message.text)
    assert balance.id > skipped.id
    assert "LIVE" in (await pressed(alice, skipped, "buy 0.002 btc/usdt")).text
    assert orders_of(world, name) == []


async def test_money_is_for_those_who_may_and_for_private_chats_alone(world: World, make_desk):
    desk = make_desk()
    await desk.start()
    for line in ("/buy 1 btc/usdt", "/balance", "/orders", "/trade", "/cancelorder 1", "/coo"):
        assert "approved users" in (await asked(world.alice, line)).text
    group = world.telegram.add_group("Chat", [world.alice.id, world.admin.id])
    for line in ("/buy@desk123456_bot 1 btc/usdt", "/balance@desk123456_bot"):
        assert "private chat" in (await asked(world.admin, line, chat=group)).text


async def test_the_dialogue_outlives_a_restart_and_ends_in_a_card(world: World, desk: Desk):
    alice = world.alice
    name = await connected(world, alice)
    step = await asked(alice, "/trade")
    step = await pressed(alice, step, "BTC/USDT")
    step = await pressed(alice, step, "Buy BTC")
    await desk.restart()
    step = await asked(alice, "300 usdt")
    assert "At which price" in step.text
    card = await pressed(alice, step, "At the market price")
    assert "BUY BTC for 300 USDT" in card.text or "BUY 0.00" in card.text
    await confirmed(alice, card, "filled")
    (order,) = orders_of(world, name)
    assert Decimal(200) < order.spent <= Decimal(300)
    assert "nothing" in (await asked(alice, "/cancel")).text


@usual
async def test_a_number_that_can_be_read_in_two_ways_is_asked_about(world: World):
    name = await connected(world, world.alice)
    question = await asked(world.alice, "/buy 0,002 btc/usdt")
    assert "0.002" in question.labels
    card = await pressed(world.alice, question, "0.002")
    assert "BUY 0.002 BTC" in card.text
    assert orders_of(world, name) == []


@usual
async def test_the_portfolio_names_who_does_not_answer_and_shows_the_others(world: World):
    alice = world.alice
    await connected(world, alice)
    await connected(world, alice, "bitfinex")
    whole = await asked(alice, "/balance all")
    assert "Binance (spot" in whole.text
    assert "Bitfinex (spot" in whole.text
    assert "⚠️" not in whole.text
    world.bitfinex.faults.set("error_before", calls="private")
    partly = await asked(alice, "/portfolio")
    assert "Binance (spot" in partly.text
    assert "⚠️ Bitfinex" in partly.text
    assert "not whole" in partly.text


@usual
async def test_one_balance_shows_free_bound_and_all_of_a_wallet(world: World):
    alice = world.alice
    await connected(world, alice)
    price = await far_below(world)
    await confirmed(alice, await asked(alice, f"/buy 0.004 btc/usdt @ {price}"), "Placed")
    shown = await asked(alice, "/balance")
    assert f"in orders {Decimal(price) * Decimal('0.004'):f}".rstrip("0").rstrip(".") in shown.text
    assert "✓spot" in shown.labels
    margin = await pressed(alice, shown, "margin")
    assert "· margin ·" in margin.text
    assert margin.id == shown.id


@usual
async def test_orders_are_listed_looked_at_and_shown_as_the_exchange_tells_them(world: World):
    alice = world.alice
    name = await connected(world, alice)
    await confirmed(alice, await asked(alice, "/buy 0.002 btc/usdt"), "filled")
    await confirmed(alice, await asked(alice, f"/buy 0.004 btc/usdt @ {await far_below(world)}"), "Placed")
    filled, resting = orders_of(world, name)
    assert "1 open order" in (await asked(alice, "/orders")).text
    history = await asked(alice, "/history")
    assert "2 orders" in history.text
    assert "No open orders" in (await asked(alice, "/orders eth/usdt")).text
    card = await asked(alice, f"/order {resting.id}")
    assert "BUY 0.004 BTC at limit" in card.text
    raw = await pressed(alice, card, "Exchange's answer")
    assert str(resting.id) in raw.text
    assert "signature" not in raw.text.lower()
    trades = await asked(alice, "/mytrades btc/usdt")
    assert "1 trade" in trades.text
    table = await pressed(alice, trades, "CSV")
    lines = table.file.decode().splitlines()
    assert lines[0].startswith("time_utc,exchange,symbol")
    assert f",{filled.id}," in lines[1]
    assert "do not find" in (await asked(alice, "/order 424242")).text


@usual
async def test_all_open_orders_are_cancelled_pair_by_pair(world: World):
    alice = world.alice
    name = await connected(world, alice)
    for symbol in ("BTC/USDT", "ETH/USDT"):
        price = await far_below(world, symbol)
        size = "0.004" if symbol == "BTC/USDT" else "0.1"
        await confirmed(alice, await asked(alice, f"/buy {size} {symbol} @ {price}"), "Placed")
    choice = await asked(alice, "/coo")
    assert len(choice.labels) == 2
    await confirmed(alice, await pressed(alice, choice, choice.labels[0]), "Cancelled")
    last = await typed(alice, "/coo", "Cancel 1 order")
    await confirmed(alice, last, "Cancelled")
    assert {order.state for order in orders_of(world, name)} == {"canceled"}


async def test_a_desk_killed_in_the_middle_of_a_buy_tells_the_truth_when_it_is_back(
    world: World, make_process: Callable[..., DeskProcess]
):
    alice = world.alice
    process = make_process(ACCESS="open")
    await process.start()
    await process.ready()
    name = await connected(world, alice)
    card = await asked(alice, "/buy 0.002 btc/usdt")
    world.exchange.faults.set("slow", 20, times=1, calls="place")
    alice.press(card, card.labels[0])
    await eventually(lambda: orders_of(world, name))
    await process.kill()
    assert not [message for message in answers(alice) if "filled" in message.text]
    await process.start()
    await process.ready()
    truth = await said(alice, "filled", "100.0%")
    assert truth.id == card.id
    assert len(orders_of(world, name)) == 1


async def test_an_order_the_exchange_never_saw_is_told_as_such_and_not_sent_again(world: World, desk: Desk):
    alice = world.alice
    name = await connected(world, alice)
    card = await asked(alice, "/buy 0.002 btc/usdt")
    world.exchange.faults.set("lost_before", times=1, calls="place")
    await confirmed(alice, card, "do not know yet")
    while not (told := [message for message in answers(alice) if "no such order" in message.text]):
        later(world, desk, 20)  # it is looked for again and again, until it is sure
        await asyncio.sleep(0.2)
    assert told[0].labels == ["Offer it again"]
    assert orders_of(world, name) == []
