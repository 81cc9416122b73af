"""What every exchange promises, by what it can do. Expectations are taken from the vendor's own recorded answers."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.domain.orders import Kind, OrderState, Side, Wallet

from .cases import BINANCE, BITFINEX, HTX, OKX


def ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


# Market data ----------------------------------------------------------------------------------------------------------


async def test_pairs_and_contracts_are_listed_with_their_rules(desk):
    markets = await desk.exchange.markets()
    market = markets[desk.case.trading]
    assert (market.base, market.quote) == tuple(desk.case.trading.split("/"))
    assert market.amount_step > 0
    assert (market.price_step is None) != (market.price_digits is None)
    assert not market.contract
    assert markets[desk.case.contract].contract
    assert markets[desk.case.contract].settle == "USDT"


async def test_what_is_no_longer_traded_is_not_listed(desk):
    assert desk.case.retired not in await desk.exchange.markets()


async def test_steps_and_limits_are_the_payloads(make_desk):
    binance = (await (await make_desk(BINANCE)).exchange.markets())["LTC/BTC"]
    assert (binance.amount_step, binance.price_step) == (Decimal("0.001"), Decimal("0.000001"))
    assert (binance.least_amount, binance.most_amount) == (Decimal("0.001"), Decimal(100_000))
    assert (binance.least_cost, binance.most_cost) == (Decimal(10), Decimal(10_000))
    okx = (await (await make_desk(OKX)).exchange.markets())["ETH/USDT"]
    assert (okx.amount_step, okx.price_step, okx.least_amount) == (
        Decimal("0.000001"),
        Decimal("0.01"),
        Decimal("0.00001"),
    )
    htx = (await (await make_desk(HTX)).exchange.markets())["ETH/USDT"]
    assert (htx.amount_step, htx.price_step) == (Decimal("0.0001"), Decimal("0.01"))
    assert (htx.least_amount, htx.least_cost) == (Decimal("0.001"), Decimal(5))
    bitfinex = (await (await make_desk(BITFINEX)).exchange.markets())["ETH/USD"]
    assert (bitfinex.amount_step, bitfinex.price_digits) == (Decimal("0.00000001"), 5)
    assert (bitfinex.least_amount, bitfinex.most_amount, bitfinex.margin) == (Decimal("0.0006"), Decimal(5000), True)


async def test_markets_are_asked_for_once(desk):
    await desk.exchange.markets()
    asked = len(desk.vendor.asked)
    await desk.exchange.markets()
    await desk.account.balance(Wallet.SPOT)
    await desk.exchange.markets()
    new = [call.path for call in desk.vendor.asked[asked:]]
    assert not [path for path in new if "exchangeInfo" in path or "instruments" in path or "symbols" in path]
    assert not [path for path in new if "conf/" in path or "contract_info" in path]


async def test_markets_are_renewed_after_hours_and_kept_where_that_fails(desk):
    before = await desk.exchange.markets()
    desk.clock.go(7 * 3600)
    desk.vendor.payloads.clear()
    assert await desk.exchange.markets() == before


async def test_a_ticker_says_what_the_payload_says(desk):
    case = desk.case
    ticker = (await desk.exchange.tickers([case.symbol]))[case.symbol]
    told = (ticker.last, ticker.bid, ticker.ask, ticker.high_24h, ticker.low_24h, ticker.volume_base)
    assert (*told, ticker.volume_quote) == case.ticker(desk.body(case.ticker_call))
    assert ticker.fetched_at == desk.clock.now()
    assert ticker.exchange == case.name


async def test_a_pair_that_is_not_traded_has_no_ticker(desk):
    assert await desk.exchange.tickers(["NO/PAIR"]) == {}


async def test_candles_are_the_payloads_oldest_first(desk):
    case = desk.case
    candles = await desk.exchange.candles(case.symbol, "1h", 10, None)
    newest = candles[-1]
    told = (ms(newest.at), newest.open, newest.high, newest.low, newest.close, newest.volume)
    assert told == case.newest_candle(desk.body(case.candles_call))
    assert [candle.at for candle in candles] == sorted(candle.at for candle in candles)


async def test_trades_are_the_payloads_newest_last(desk):
    case = desk.case
    newest = (await desk.exchange.trades(case.symbol, 5))[-1]
    told = (newest.id, ms(newest.at), newest.price, newest.amount, newest.side)
    assert told == case.newest_trade(desk.body(case.trades_call))


async def test_the_book_is_the_payloads_best_first(desk):
    case = desk.case
    depth = await desk.exchange.depth(case.symbol, 5)
    assert (depth.bids[0], depth.asks[0]) == case.best(desk.body(case.depth_call))
    assert list(depth.bids) == sorted(depth.bids, reverse=True)
    assert list(depth.asks) == sorted(depth.asks)


# Accounts -------------------------------------------------------------------------------------------------------------


async def test_balances_are_the_payloads(make_desk):
    binance = await (await make_desk(BINANCE)).account.balance(Wallet.SPOT)
    assert [(held.asset, held.free, held.used) for held in binance] == [
        ("BTC", Decimal("4723846.89208129"), Decimal(0)),
        ("LTC", Decimal("4763368.68006011"), Decimal("1.5")),
    ]
    okx = await (await make_desk(OKX)).account.balance(Wallet.SPOT)
    assert [(held.asset, held.free, held.total) for held in okx] == [
        ("TUSD", Decimal(3000), Decimal(3000)),
        ("BTC", Decimal("0.6612664522199999"), Decimal("1.06126645222")),
    ]
    htx = await (await make_desk(HTX)).account.balance(Wallet.SPOT)
    assert [(held.asset, held.free, held.used) for held in htx] == [
        ("USDT", Decimal("91.850043797676510303"), Decimal("5.160000000000000015")),
        ("POLY", Decimal("147.928994082840236"), Decimal(0)),
    ]
    bitfinex = await (await make_desk(BITFINEX)).account.balance(Wallet.SPOT)
    assert [(held.asset, held.free) for held in bitfinex] == [("USDT", Decimal("19788.6529257"))]


async def test_each_wallet_has_its_own_money(make_desk):
    async def assets(case, wallet):
        return {held.asset: held.total for held in await (await make_desk(case)).account.balance(wallet)}

    assert await assets(BINANCE, Wallet.MARGIN) == {"BTC": Decimal("0.00499500")}
    assert await assets(BINANCE, Wallet.FUNDING) == {"USDT": Decimal(1)}
    assert await assets(OKX, Wallet.FUNDING) == {"TUSD": Decimal(100)}
    assert await assets(HTX, Wallet.MARGIN) == {"USDT": Decimal(1230)}
    assert await assets(BITFINEX, Wallet.MARGIN) == {"BTC": Decimal("0.00000001")}
    assert await assets(BITFINEX, Wallet.FUNDING) == {"USD": Decimal("150.5")}


async def test_every_wallet_that_is_promised_can_be_read(desk):
    for wallet in desk.exchange.traits.wallets:
        assert await desk.account.balance(wallet)
    assert desk.vendor.missing == []


async def test_a_wallet_that_is_not_promised_is_empty_and_nobody_is_asked(desk):
    await desk.exchange.markets()
    asked = len(desk.vendor.asked)
    for wallet in set(Wallet) - set(desk.exchange.traits.wallets):
        assert await desk.account.balance(wallet) == []
    assert len(desk.vendor.asked) == asked


async def test_an_order_is_read_by_its_id(desk):
    order = await desk.account.order(desk.case.trading, desk.case.order_id)
    assert (order.id, order.symbol, order.state) == (desk.case.order_id, desk.case.trading, OrderState.OPEN)
    assert (order.kind, order.wallet is not None, order.filled) == (Kind.LIMIT, True, 0)


async def test_orders_hold_what_the_payload_holds(make_desk):
    binance = await (await make_desk(BINANCE)).account.order("LTC/BTC", "1")
    assert (binance.price, binance.amount, binance.side) == (Decimal("0.1"), Decimal(1), Side.BUY)
    assert (binance.client_id, ms(binance.at)) == ("myOrder1", 1499827319559)
    okx = await (await make_desk(OKX)).account.order("ETH/USDT", "317251910906576896")
    assert (okx.price, okx.amount, ms(okx.at)) == (Decimal(2000), Decimal("0.001"), 1621910749815)
    htx = await (await make_desk(HTX)).account.order("ETH/USDT", "438398393065481")
    assert (htx.price, htx.amount, htx.wallet) == (Decimal(3000), Decimal("0.1"), Wallet.SPOT)
    assert (htx.client_id, ms(htx.at)) == ("AA03022abc2163433e-006b-480e-9ad1-d4781478c5e7", 1640549994642)
    bitfinex = await (await make_desk(BITFINEX)).account.order("ETH/USD", "33950998275")
    assert (bitfinex.price, bitfinex.amount, bitfinex.side) == (Decimal(220), Decimal("0.5"), Side.SELL)
    # LIMIT without EXCHANGE is margin; and made is not changed.
    assert (bitfinex.wallet, ms(bitfinex.at)) == (Wallet.MARGIN, 1573476748000)


async def test_an_order_is_found_by_our_own_id(desk):
    since = datetime.fromtimestamp(1573476748, UTC) if desk.case is BITFINEX else desk.clock.now()
    desk.clock.at = max(since, desk.clock.at) if desk.case is not BITFINEX else since + timedelta(hours=1)
    found = await desk.account.find(desk.case.trading, desk.case.client_id, since)
    assert found is not None
    assert found.id == desk.case.order_id


async def test_a_number_of_another_day_is_not_ours(make_desk):
    desk = await make_desk(BITFINEX)
    since = datetime.fromtimestamp(1573476748, UTC) + timedelta(days=2)
    desk.clock.at = since + timedelta(hours=1)
    assert await desk.account.find("ETH/USD", BITFINEX.client_id, since) is None


async def test_open_orders_are_the_payloads_of_one_pair_and_of_all(desk):
    of_one = await desk.account.open_orders(desk.case.trading)
    of_all = await desk.account.open_orders()
    assert {order.id for order in of_one} == {desk.case.order_id} == {order.id for order in of_all}


async def test_ended_orders_tell_how_they_ended(make_desk):
    async def ended(case):
        account = (await make_desk(case)).account
        return [(order.id, order.state) for order in await account.closed_orders(case.trading, None, 50)]

    assert await ended(BINANCE) == [("2", OrderState.CANCELED)]
    assert await ended(OKX) == [
        ("317251910906576897", OrderState.FILLED),
        ("317251910906576898", OrderState.CANCELED),
    ]
    assert await ended(HTX) == [("20395337822", OrderState.FILLED)]
    assert await ended(BITFINEX) == [("33950998276", OrderState.FILLED), ("33950998277", OrderState.CANCELED)]


async def test_what_a_market_buy_cost_is_the_payloads(make_desk):
    (order,) = await (await make_desk(HTX)).account.closed_orders("ETH/USDT", None, 5)
    assert (order.filled, order.cost) == (Decimal("0.0291"), Decimal("0.0009997887"))
    assert (order.fee, order.fee_asset, order.kind) == (Decimal("0.0000582"), "ETH", Kind.MARKET)


async def test_my_trades_are_the_payloads(make_desk):
    async def made(case, symbol):
        desk = await make_desk(case)
        (trade,) = await desk.account.trades(symbol, None, 10)
        return trade.order_id, trade.price, trade.amount, trade.side, trade.fee, trade.fee_asset

    assert await made(BINANCE, "BNB/BTC") == (
        "100234", Decimal("4.000001"), Decimal(12), Side.BUY, Decimal("10.1"), "BNB",
    )  # fmt: skip
    assert await made(OKX, "ETH/USDT") == (
        "317321390244397056", Decimal("2654.98"), Decimal("0.007533"), Side.BUY, Decimal("0.000007533"), "ETH",
    )  # fmt: skip
    assert await made(HTX, "ETH/USDT") == (
        "83711103204909", Decimal("3000.1"), Decimal("0.0291"), Side.BUY, Decimal("0.0000582"), "ETH",
    )  # fmt: skip
    assert await made(BITFINEX, "ETH/USD") == (
        "33962307123", Decimal("214.73"), Decimal("0.26913"), Side.SELL, Decimal("0.12"), "USD",
    )  # fmt: skip


async def test_a_placed_order_has_the_vendors_id_and_what_was_asked(desk):
    case = desk.case
    order = await desk.account.place(case.request())
    assert order.id == case.placed_id(desk.body(case.place))
    assert (order.symbol, order.side, order.kind, order.wallet) == (case.trading, Side.BUY, Kind.LIMIT, Wallet.SPOT)
    assert order.client_id


async def test_a_cancel_is_answered_with_the_order(desk):
    order = await desk.account.cancel(desk.case.trading, desk.case.cancel_id)
    assert order.id == desk.case.cancel_id


async def test_a_cancel_that_is_only_a_wish_is_not_called_an_end(make_desk):
    for case in (OKX, HTX, BITFINEX):
        order = await (await make_desk(case)).account.cancel(case.trading, case.cancel_id)
        assert not order.state.final
    assert (await (await make_desk(BINANCE)).account.cancel("LTC/BTC", "4")).state is OrderState.CANCELED


async def test_the_fee_of_a_fill_told_at_once_is_the_payloads_sum(make_desk):
    desk = await make_desk(BINANCE)
    order = await desk.account.place(BINANCE.request(kind=Kind.MARKET, price=""))
    fills = desk.body(BINANCE.place)["fills"]
    assert order.fee == sum(Decimal(fill["commission"]) for fill in fills)
    assert (order.fee_asset, order.state, order.filled) == ("USDT", OrderState.FILLED, Decimal(10))
