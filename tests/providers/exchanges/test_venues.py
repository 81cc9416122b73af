"""The adapters against venues that behave: an order's whole life, and what remains after each fault.

The venues keep their own ledger; it is read beside the wire, and no order may stand in it twice.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest

from bot.domain.errors import Refused, Unsure
from bot.domain.orders import Credentials, Kind, Market, OrderRequest, OrderState, Side, Wallet
from bot.providers.exchanges import ExchangeSection, binance, bitfinex
from bot.providers.exchanges._account import CcxtAccount
from bot.providers.exchanges._ccxt import CcxtExchange
from bot.sandbox.exchange import Engine
from bot.sandbox.exchange.binance import BinanceStandIn
from bot.sandbox.exchange.bitfinex import BitfinexStandIn, venue
from bot.sandbox.market import Market as World
from tests.providers.loopback import HandClock

SYMBOL = "BTC/USDT"


@dataclass
class Place:
    """One venue, and an account with the usual money there."""

    standin: BinanceStandIn | BitfinexStandIn
    exchange: CcxtExchange
    account: CcxtAccount
    clock: HandClock
    numbers: count = field(default_factory=lambda: count(1001))

    async def market(self) -> Market:
        return (await self.exchange.markets())[SYMBOL]

    async def wish(self, *, share: str = "0.9", **changed: object) -> OrderRequest:
        """For some 100 USDT, 10 % below the market."""
        market = await self.market()
        last = (await self.exchange.tickers([SYMBOL]))[SYMBOL].last
        price = market.price(last * Decimal(share), Side.BUY)
        fields = {
            "symbol": SYMBOL,
            "side": Side.BUY,
            "kind": Kind.LIMIT,
            "wallet": Wallet.SPOT,
            "amount": f"{market.amount(Decimal(100) / price):f}",
            "cost": "",
            "price": f"{price:f}",
            "client_id": str(next(self.numbers)),
            "client_day": "2026-11-21",
        }
        return OrderRequest(**{**fields, **changed})

    def ledger(self, client_id: str) -> list:
        """The venue's own orders under this id, however they ended."""
        (owner,) = {key.account for key in self.standin.engine.keys.values() if key.account.name == "alice"}
        return [order for order in owner.orders.values() if str(order.wish.client_id) == client_id]


def binance_venue(world: World, clock: HandClock) -> BinanceStandIn:
    return BinanceStandIn(Engine(world, clock=lambda: clock.now().timestamp()))


def bitfinex_venue(world: World, clock: HandClock) -> BitfinexStandIn:
    return BitfinexStandIn(venue(world, clock=lambda: clock.now().timestamp()))


VENUES = {"binance": (binance, binance_venue), "bitfinex": (bitfinex, bitfinex_venue)}


@pytest.fixture(params=VENUES)
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    module, open_venue = VENUES[request.param]
    clock = HandClock()
    standin = open_venue(World(invented=10, dust=5, clock=lambda: clock.now().timestamp()), clock)
    await standin.start()
    login = standin.add_account("alice")
    exchange = module.build(ExchangeSection(standin.url, None, clock, sleep=clock.sleep, random=lambda: 0.5))
    account = exchange.account("1:1", Credentials(login.key, login.secret))
    yield Place(standin, exchange, account, clock)
    await exchange.close()
    await standin.stop()


async def test_an_order_lives_and_is_cancelled(place: Place):
    wish, since = await place.wish(), place.clock.now()
    made = await place.account.place(wish)
    (booked,) = place.ledger(wish.client_id)
    assert (f"{booked.wish.amount:f}", f"{booked.wish.price:f}") == (wish.amount, wish.price)
    seen = await place.account.order(SYMBOL, made.id)
    assert (seen.state, seen.price, seen.amount) == (OrderState.OPEN, Decimal(wish.price), Decimal(wish.amount))
    assert made.id in {order.id for order in await place.account.open_orders(SYMBOL)}
    assert made.id in {order.id for order in await place.account.open_orders()}
    found = await place.account.find(SYMBOL, wish.client_id, since)
    assert (found.id, found.client_id) == (made.id, wish.client_id)
    assert await place.account.cancel(SYMBOL, made.id) is not None
    assert (await place.account.order(SYMBOL, made.id)).state is OrderState.CANCELED
    assert await place.account.cancel(SYMBOL, made.id) is None
    ended = await place.account.closed_orders(SYMBOL, since - timedelta(minutes=1), 10)
    assert made.id in {order.id for order in ended}


async def test_a_market_order_is_filled_and_its_trades_are_told(place: Place):
    since = place.clock.now() - timedelta(minutes=1)
    wish = await place.wish(kind=Kind.MARKET, price="")
    made = await place.account.place(wish)
    order = await place.account.order(SYMBOL, made.id)
    assert (order.state, order.filled, order.kind) == (OrderState.FILLED, Decimal(wish.amount), Kind.MARKET)
    assert order.average > 0
    trades = [each for each in await place.account.trades(SYMBOL, since, 50) if each.order_id == made.id]
    assert sum(trade.amount for trade in trades) == Decimal(wish.amount)
    assert all(trade.fee is not None and trade.fee_asset for trade in trades)
    assert (await place.account.find(SYMBOL, wish.client_id, since)).id == made.id


async def test_margin_and_spot_are_told_apart(place: Place):
    since = place.clock.now()
    for wallet in (Wallet.SPOT, Wallet.MARGIN):
        wish = await place.wish(wallet=wallet)
        made = await place.account.place(wish)
        (booked,) = place.ledger(wish.client_id)
        assert booked.wish.wallet == wallet.value
        for seen in (
            await place.account.order(SYMBOL, made.id),
            await place.account.find(SYMBOL, wish.client_id, since),
            next(order for order in await place.account.open_orders() if order.id == made.id),
        ):
            assert (seen.id, seen.wallet) == (made.id, wallet)
        assert (await place.account.cancel(SYMBOL, made.id)).wallet is wallet


async def test_what_was_never_there_is_cleanly_not_there(place: Place):
    assert await place.account.order(SYMBOL, "987654321") is None
    assert await place.account.cancel(SYMBOL, "987654321") is None
    assert await place.account.find(SYMBOL, "987654321", place.clock.now()) is None


async def test_who_has_not_enough_is_told_so(place: Place):
    market = await place.market()
    with pytest.raises(Refused) as refused:
        await place.account.place(await place.wish(amount=f"{market.amount(Decimal(9)):f}"))
    assert refused.value.key == "exchange.refused.funds"


async def test_a_key_that_may_not_trade_is_told_so(place: Place):
    login = place.standin.add_account("bob", trade=False)
    account = place.exchange.account("2:1", Credentials(login.key, login.secret))
    assert (await account.permissions()).trade is False
    with pytest.raises(Refused) as refused:
        await account.place(await place.wish())
    assert refused.value.key in {"exchange.refused.key", "exchange.refused.rights"}


async def test_a_key_that_may_withdraw_is_seen(place: Place):
    login = place.standin.add_account("carol", withdraw=True)
    account = place.exchange.account("3:1", Credentials(login.key, login.secret))
    assert (await account.permissions()).withdraw is True
    assert (await place.account.permissions()).withdraw is False


AFTER = ["lost_after", "html", "empty", "error", "cut", "half"]
BEFORE = ["lost_before", "html_before", "error_before"]


@pytest.mark.parametrize("fault", AFTER + BEFORE)
async def test_after_each_fault_there_is_at_most_one_order_and_it_is_found(place: Place, fault: str):
    wish, since = await place.wish(), place.clock.now()
    place.standin.faults.set(fault, times=1, calls="place")
    with pytest.raises(Unsure):
        await place.account.place(wish)
    place.standin.faults.clear()
    booked = place.ledger(wish.client_id)
    assert len(booked) == (fault in AFTER)
    found = await place.account.find(SYMBOL, wish.client_id, since)
    assert [found.id if found else None] == ([str(order.id) for order in booked] or [None])


@pytest.mark.parametrize("fault", AFTER + BEFORE)
async def test_after_each_fault_of_a_cancel_the_order_tells_the_truth(place: Place, fault: str):
    made = await place.account.place(await place.wish())
    place.standin.faults.set(fault, times=1, calls="cancel")
    with pytest.raises(Unsure):
        await place.account.cancel(SYMBOL, made.id)
    place.standin.faults.clear()
    expected = OrderState.CANCELED if fault in AFTER else OrderState.OPEN
    assert (await place.account.order(SYMBOL, made.id)).state is expected


async def test_while_lookups_are_blind_nothing_is_found_and_then_it_is(place: Place):
    wish, since = await place.wish(), place.clock.now()
    place.standin.faults.set("blind")
    place.standin.faults.set("lost_after", times=1, calls="place")
    with pytest.raises(Unsure):
        await place.account.place(wish)
    assert await place.account.find(SYMBOL, wish.client_id, since) is None
    place.standin.faults.clear()
    assert (await place.account.find(SYMBOL, wish.client_id, since)).client_id == wish.client_id


async def test_a_filled_orders_id_taken_again_is_a_second_order_so_it_never_is(place: Place):
    """Why nothing is sent twice: the venue would take it."""
    wish = await place.wish(kind=Kind.MARKET, price="")
    await place.account.place(wish)
    assert len(place.ledger(wish.client_id)) == 1


@pytest.mark.parametrize("every", ["1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w"])
async def test_candles_of_every_length_end_now(place: Place, every: str):
    candles = await place.exchange.candles(SYMBOL, every, 3, None)
    assert len(candles) == 3
    assert candles[0].at < candles[1].at < candles[2].at <= place.clock.now()


async def test_candles_from_a_day_on_begin_there(place: Place):
    since = place.clock.now() - timedelta(days=3)
    candles = await place.exchange.candles(SYMBOL, "1h", 5, since)
    assert [candle.at for candle in candles] == [since + timedelta(hours=n) for n in range(5)]


async def test_many_tickers_are_one_question(place: Place):
    symbols = [symbol for symbol, market in (await place.exchange.markets()).items() if not market.contract][:6]
    before = len(place.standin.requests)
    found = await place.exchange.tickers(symbols)
    assert set(found) == set(symbols)
    assert len(place.standin.requests) - before == 1


async def test_money_does_not_stand_in_line_behind_reads(place: Place):
    await place.market()
    wish = await place.wish()
    for _ in range(12):
        await place.exchange.depth(SYMBOL, 5)
    slept = len(place.clock.slept)
    await place.account.place(wish)
    assert len(place.clock.slept) == slept
