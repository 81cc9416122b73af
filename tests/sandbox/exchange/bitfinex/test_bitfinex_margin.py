"""Margin at the Bitfinex stand-in: types without the prefix, a wallet of collateral, positions that open and close."""

from decimal import Decimal

import ccxt.async_support as ccxt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.exchange.accounts import ZERO, Account
from bot.sandbox.exchange.bitfinex.positions import Positions
from bot.sandbox.exchange.orders import Fill
from bot.sandbox.exchange.pairs import GRAIN

MARGIN = {"marginMode": "cross"}
TENTH = Decimal("0.1")


async def margin(alice):
    balance = await alice.fetch_balance({"type": "margin"})
    return {asset: (balance["free"][asset], balance["total"][asset]) for asset in balance["total"]}


async def bought(alice, amount=TENTH, **params):
    return await alice.create_order("BTC/USDT", "market", "buy", amount, None, MARGIN | params)


async def test_types_without_the_prefix_use_the_margin_wallet(alice):
    spot = await alice.fetch_balance()
    order = await alice.create_order("BTC/USDT", "limit", "buy", TENTH, Decimal(90_000), MARGIN)
    assert order["info"][8] == "LIMIT"
    assert (await alice.fetch_balance())["total"] == spot["total"]
    assert (await bought(alice))["info"][8] == "MARKET"
    assert (await alice.fetch_balance())["total"] == spot["total"]


async def test_types_with_the_prefix_leave_the_margin_wallet_alone(alice):
    before = await margin(alice)
    assert (await alice.create_order("BTC/USDT", "market", "buy", Decimal("0.01")))["info"][8] == "EXCHANGE MARKET"
    assert await margin(alice) == before
    assert await alice.fetch_positions() == []


async def test_more_than_the_wallet_holds_can_be_bought_as_far_as_leverage_goes(alice):
    # 6,000 dollars of collateral carry five times as much: 0.25 bitcoin cost about 25,000.
    await bought(alice, Decimal("0.25"))
    with pytest.raises(ccxt.ExchangeError, match=r"Invalid order: not enough tradable balance for 0\.1 BTCUST at"):
        await bought(alice)


async def test_an_order_on_margin_ties_up_collateral_until_it_is_cancelled(alice):
    before = await margin(alice)
    order = await alice.create_order("BTC/USDT", "limit", "buy", TENTH, Decimal(90_000), MARGIN)
    tied = await margin(alice)
    assert all(tied[asset][0] < before[asset][0] and tied[asset][1] == before[asset][1] for asset in before)
    await alice.cancel_order(order["id"])
    assert await margin(alice) == before


async def test_a_position_opens_and_the_wallet_keeps_its_collateral(alice, bitfinex):
    await bought(alice)
    [position] = await alice.fetch_positions()
    assert (position["symbol"], position["side"]) == ("BTC/USDT", "long")
    last = bitfinex.engine.day("BTC/USDT").last
    assert position["entryPrice"] == pytest.approx(last, rel=Decimal("0.005"))
    assert {asset: total for asset, (_, total) in (await margin(alice)).items()} == {"USD": 4_000, "USDT": 2_000}


async def test_a_short_position_sells_what_is_not_there(alice):
    await alice.create_order("BTC/USDT", "market", "sell", TENTH, None, MARGIN)
    [position] = await alice.fetch_positions()
    assert (position["side"], position["info"][2]) == ("short", -0.1)


async def test_a_closed_position_leaves_its_gain_or_loss_in_the_wallet(alice, account):
    await alice.create_order("BTC/USDT", "market", "sell", TENTH, None, MARGIN)
    sold = sum(fill.cost - fill.fee for fill in account.fills)
    # What is bought back must be the fee more, or a little stays open.
    await bought(alice, Decimal("0.1002004"))
    paid = sum(fill.cost for fill in account.fills if fill.side == "buy")
    wallet = await margin(alice)
    assert wallet["USDT"][1] == pytest.approx(2_000 + sold - paid, abs=Decimal("0.1"))
    assert wallet["USDT"][1] < 2_000


async def test_what_others_may_not_trade_on_margin_is_refused(alice):
    with pytest.raises(ccxt.ExchangeError, match="XTZUST cannot be traded on margin"):
        await alice.create_order("XTZ/USDT", "market", "buy", Decimal(10), None, MARGIN)


async def test_two_accounts_positions_are_apart(alice, bitfinex, caller):
    await bought(alice)
    bitfinex.add_account("bob")
    bob = bitfinex.engine.accounts["bob"]
    assert Positions(bob).open() == []
    assert len((await caller.post("auth/r/positions"))[1]) == 1


def fill(number, side, amount, price):
    cost = (amount * price).quantize(GRAIN)
    fee, asset = (amount / 500, "BTC") if side == "buy" else (cost / 500, "USDT")
    return Fill(
        id=number, order_id=number, client_id="1", symbol="BTC/USDT", wallet="margin", at_ms=number, side=side,
        kind="market", price=price, amount=amount, cost=cost, fee=fee.quantize(GRAIN), fee_asset=asset, maker=False,
    )  # fmt: skip


amounts = st.decimals("0.0001", "10", places=4)
prices = st.decimals("1000", "200000", places=0)


@given(st.lists(st.tuples(st.sampled_from(["buy", "sell"]), amounts, prices), max_size=30), st.integers(0, 30))
def test_what_positions_and_the_wallet_show_is_together_what_there_is(trades, looked_at):
    account = Account(1, "alice")
    account.give("margin", "USDT", Decimal(1000))
    positions = Positions(account)
    base, quote = ZERO, Decimal(1000)
    for number, (side, amount, price) in enumerate(trades, start=1):
        one = fill(number, side, amount, price)
        account.fills.append(one)
        base += amount - one.fee if side == "buy" else -amount
        quote += -one.cost if side == "buy" else one.cost - one.fee
        if number == looked_at:
            positions.open()
    for asset, total in (("BTC", base), ("USDT", quote)):
        account.wallets["margin"].pop(asset, None)
        if total >= 0:
            account.give("margin", asset, total)
        else:
            account.debts[asset] = -total
    wallet, opened = positions.wallet(lambda _: Decimal(1)), positions.open()
    assert len(opened) <= 1
    assert sum((position.amount for position in opened), ZERO) == base
    shown = wallet["USDT"].balance if "USDT" in wallet else ZERO
    assert shown - sum((position.paid for position in opened), ZERO) == quote
    assert all(position.amount * position.paid > 0 for position in opened)
    assert "BTC" not in wallet
