"""/orders, /order, /history, /mytrades, /cancelorder, /coo: what is asked of which account, and what is shown of it."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.errors import Unavailable, UserMistake
from bot.domain.orders import Kind, Order, OrderState, Side, Trade, Wallet
from tests.account_shelf import AccountShelf
from tests.handlers.conftest import Room, buttons

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)


def order(number: int, state: OrderState = OrderState.OPEN, symbol: str = "BTC/USDT", **more) -> Order:
    known = {
        "side": Side.BUY, "kind": Kind.LIMIT, "wallet": Wallet.SPOT, "price": Decimal(59000), "amount": Decimal("0.1"),
        "filled": Decimal("0.03"), "at": AT + timedelta(minutes=number), "raw": {"orderId": number, "note": "<b>"},
    }  # fmt: skip
    return Order(str(number), symbol, state, **(known | more))


def trade(number: int, **more) -> Trade:
    known = Trade(
        str(number), AT + timedelta(minutes=number), Side.SELL, Decimal("60000.10"), Decimal("0.02"), "BTC/USDT", "7",
        Decimal("1.2"), "USDT",
    )  # fmt: skip
    return replace(known, **more)


async def stocked(room: Room, vendor: str = "binance") -> AccountShelf:
    account = await room.holds(vendor)
    account.orders = [order(1), order(2, OrderState.FILLED), order(3, symbol="ETH/USDT")]
    account.own_trades = [trade(1), trade(2)]
    return account


async def test_open_orders_come_newest_first_each_with_a_button(room: Room):
    await stocked(room)
    shown = await room.say("orders")
    assert shown.plain.splitlines()[0] == "2 open orders"
    assert shown.plain.index("0.1 ETH") < shown.plain.index("0.1 BTC")
    assert "filled 0.03 (30.0%)" in shown.plain
    assert buttons(shown)[:2] == ["order 3 ETH/USDT binance", "order 1 BTC/USDT binance"]


async def test_a_pair_and_a_number_narrow_the_list(room: Room):
    account = await stocked(room)
    account.orders += [order(number) for number in range(10, 40)]
    assert "31 open orders" in (shown := (await room.say("orders btc usdt 5")).plain)
    assert "and 26 more" in shown
    assert account.calls("open_orders")[-1] == ("BTC/USDT",)


async def test_orders_of_all_accounts_stand_together_and_who_is_silent_is_named(room: Room):
    await stocked(room)
    other = await stocked(room, "bitfinex")
    assert "4 open orders" in (await room.say("orders")).plain
    other.fault = Unavailable("source.down", source="Bitfinex")
    shown = (await room.say("orders")).plain
    assert "2 open orders" in shown
    assert "⚠️ Bitfinex" in shown
    assert "⚠️" not in (await room.say("orders on binance")).plain


async def test_a_pair_only_one_exchange_has_is_looked_for_there_alone(room: Room):
    await stocked(room)
    await stocked(room, "bitfinex")
    del room.exchanges["bitfinex"].prices["DOGE/USDT"]
    assert "⚠️" not in (await room.say("orders doge/usdt")).plain
    with pytest.raises(UserMistake) as told:
        await room.say("orders nosuch/usdt")
    assert told.value.key == "pair.unknown"


async def test_history_is_composed_of_open_and_ended_ones_each_once(room: Room):
    account = await stocked(room)
    account.orders.append(order(2, OrderState.FILLED))
    shown = (await room.say("history btc/usdt")).plain
    assert shown.splitlines()[0] == "2 orders, newest first"
    assert "filled · filled" in shown


async def test_history_without_a_pair_is_of_the_pairs_one_has_orders_in(room: Room):
    account = await stocked(room)
    assert "3 orders" in (await room.say("history")).plain
    assert {symbol for symbol, _, _ in account.calls("closed_orders")} == {"BTC/USDT", "ETH/USDT"}


async def test_an_order_is_shown_as_its_exchange_tells_it_now(room: Room):
    await stocked(room)
    shown = await room.say("order 1")
    assert "Binance · BTC/USDT · open" in shown.plain
    assert "Filled 0.03 (30.0%) · left 0.07" in shown.plain
    assert "cancelorder 1 BTC/USDT binance" in buttons(shown)
    ended = await room.say("order 2 btc/usdt")
    assert "· filled" in ended.plain
    assert not [line for line in buttons(ended) if "cancelorder" in line]


async def test_the_vendors_own_answer_stands_behind_a_button_and_is_escaped(room: Room):
    await stocked(room)
    shown = await room.say("order 1")
    raw = next(line for line in buttons(shown) if line.endswith(" raw"))
    told = await room.say(raw)
    assert '"orderId": 1' in told.plain
    assert "&lt;b&gt;" in told.html


async def test_a_huge_answer_of_a_vendor_still_fits_a_message(room: Room):
    account = await room.holds()
    account.orders = [order(1, raw={str(number): "x" * 50 for number in range(500)})]
    assert len((await room.say("order 1 btc/usdt raw")).plain) < 4096


async def test_an_order_nobody_knows_is_told_as_such_and_one_that_may_be_elsewhere_too(room: Room):
    account = await stocked(room)
    with pytest.raises(UserMistake) as told:
        await room.say("order 99")
    assert told.value.key == "order.name_the_pair"
    with pytest.raises(UserMistake) as told:
        await room.say("order 99 btc/usdt")
    assert told.value.key == "order.not_found"
    await stocked(room, "bitfinex")
    account.fault = Unavailable("source.down", source="Binance")
    with pytest.raises(Unavailable):
        await room.say("order 99")


async def test_trades_are_listed_and_taken_away_as_an_exact_table(room: Room):
    account = await stocked(room)
    account.own_trades.append(trade(3, fee_asset="=HYPERLINK(1)"))
    shown = await room.say("mytrades btc/usdt")
    assert "3 trades" in shown.plain
    assert "SELL 0.02 BTC at 60000.1 USDT, fee 1.2 USDT" in shown.plain
    table = await room.say(buttons(shown)[-1])
    rows = list(csv.DictReader(io.StringIO(table.document.content.decode())))
    assert [row["trade_id"] for row in rows] == ["1", "2", "3"]
    assert (rows[0]["price"], rows[0]["cost"], rows[0]["time_utc"]) == ("60000.10", "1200.0020", "2026-11-21T10:01:00Z")
    assert rows[2]["fee_asset"] == "'=HYPERLINK(1)"


async def test_nothing_found_is_said(room: Room):
    await room.holds()
    assert "No open orders" in (await room.say("orders")).plain
    assert "No orders" in (await room.say("history")).plain
    assert "No trades" in (await room.say("mytrades csv")).plain


async def test_a_cancel_is_asked_about_before_it_is_sent(room: Room):
    account = await stocked(room)
    card = await room.say("cancelorder 1")
    assert "Cancel 1 order of BTC/USDT?" in card.plain
    assert "filled 0.03 (30.0%)" in card.plain
    assert account.cancelled == []


@pytest.mark.parametrize("line", ["cancelorder all btc/usdt", "coo btc/usdt"])
async def test_all_of_a_pair_are_listed_each_with_what_is_filled(room: Room, line):
    account = await stocked(room)
    account.orders.append(order(5))
    card = await room.say(line)
    assert "Cancel 2 orders of BTC/USDT?" in card.plain
    assert "ETH" not in card.plain


async def test_of_several_pairs_one_is_chosen_first(room: Room):
    await stocked(room)
    await stocked(room, "bitfinex")
    choice = await room.say("coo")
    assert sorted(buttons(choice)) == [
        "cancelorder all BTC/USDT binance",
        "cancelorder all BTC/USDT bitfinex",
        "cancelorder all ETH/USDT binance",
        "cancelorder all ETH/USDT bitfinex",
    ]
    assert "Cancel 1 order of ETH/USDT?" in (await room.say("cancelorder all ETH/USDT bitfinex")).plain


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("order", "order.how"),
        ("cancelorder", "order.how"),
        ("cancelorder " + "9" * 41, "order.how"),
        ("orders a b c", "order.how"),
        ("orders btc/usdt 21", "number.unreadable"),
        ("orders on kraken", "vendor.unknown"),
        ("coo doge/usdt", "cancel.none"),
    ],
)
async def test_what_cannot_be_done_is_said_by_its_key(room: Room, line, key):
    await stocked(room)
    with pytest.raises(UserMistake) as told:
        await room.say(line)
    assert told.value.key == key
