"""The matching engine: nobody is served out of turn, no money comes from nowhere, and a refusal changes nothing."""

import contextlib
import itertools
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.coins import ANCHOR
from bot.sandbox.exchange import Engine, Pair, Refused, Wish, state_money
from bot.sandbox.exchange.accounts import REMEMBERED_ORDERS
from bot.sandbox.exchange.floor import REMEMBERED_PRINTS
from bot.sandbox.exchange.grid import bounds
from bot.sandbox.market import Market

D = Decimal
STEP, TICK = D("0.001"), D("0.5")
PAIR = Pair(
    base="ETH", quote="USDT", price_step=TICK, amount_step=STEP,
    least_amount=STEP, most_amount=D(1000), least_cost=D(5),
)  # fmt: skip
FUNDS = {"spot": {"USDT": "20000", "ETH": "5"}, "margin": {"USDT": "3000", "ETH": "0.5"}, "funding": {"USDT": "10"}}
MID = D(3900)
MARKET = Market(invented=0, dust=0, clock=lambda: ANCHOR)


class Still:
    """A clock that is turned by hand."""

    def __init__(self):
        self.at = float(ANCHOR)

    def __call__(self):
        return self.at


def quiet(market=MARKET, **more):
    """A venue where nobody trades unasked; alice and bob have the usual money."""
    engine = Engine(market, pairs=[PAIR], funds=FUNDS, clock=Still(), **more)
    engine.crowd.paused = True
    engine.add_account("alice")
    engine.add_account("bob")
    return engine, engine.accounts["alice"], engine.accounts["bob"]


def limit(side, amount, price, **more):
    return Wish(symbol="ETH/USDT", side=side, kind="limit", amount=D(amount), price=D(price), **more)


def market(side, **more):
    return Wish(symbol="ETH/USDT", side=side, kind="market", **more)


def used(account, wallet, asset):
    return account.holding(wallet, asset).used


# Properties

SIDES = st.sampled_from(["buy", "sell"])
PRICES = st.integers(-60, 60).map(lambda ticks: MID + ticks * TICK)
AMOUNTS = st.integers(2, 3000).map(lambda steps: steps * STEP)
LIMITS = st.builds(
    lambda side, amount, price, stay, post, wallet, borrow: limit(
        side, amount, price, stay=stay, post_only=post, wallet=wallet, borrow=borrow
    ),
    SIDES, AMOUNTS, PRICES, st.sampled_from(["gtc", "gtc", "gtc", "ioc", "fok"]), st.booleans(),
    st.sampled_from(["spot", "spot", "margin"]), st.booleans(),
)  # fmt: skip
MARKETS = st.one_of(
    st.builds(lambda side, amount: market(side, amount=amount), SIDES, AMOUNTS),
    st.builds(lambda side, cost: market(side, cost=D(cost)), SIDES, st.integers(5, 30_000)),
    st.builds(lambda side, amount: market(side, amount=amount, wallet="margin", borrow=True), SIDES, AMOUNTS),
)
ACTS = st.one_of(
    st.tuples(st.just("place"), st.sampled_from(["alice", "bob"]), st.one_of(LIMITS, MARKETS)),
    st.tuples(st.just("cancel"), st.sampled_from(["alice", "bob"]), st.integers(0, 50)),
    st.tuples(st.just("others"), st.just(""), st.integers(1, 5)),
    st.tuples(st.just("fill"), st.just(""), st.integers(1, 100)),
    st.tuples(st.just("transfer"), st.sampled_from(["alice", "bob"]), st.integers(1, 4000)),
)


def act(engine, kind, name, what):
    account = engine.accounts.get(name)
    if kind == "place":
        engine.place(account, what)
    elif kind == "cancel":
        waiting = engine.open_orders(account)
        if waiting:
            engine.cancel(account, waiting[what % len(waiting)])
    elif kind == "others":
        engine.crowd.paused = False
        engine._clock.at += what
        engine.depth("ETH/USDT", 1)
        engine.crowd.paused = True
    elif kind == "fill":
        waiting = [order for each in engine.accounts.values() for order in each.open.values()]
        if waiting:
            engine.fill(waiting[what % len(waiting)], D(what) / 100)
    else:
        engine.transfer(account, "USDT", D(what), "spot", "margin")


def check_money(engine):
    assert engine.total("USDT") == 2 * (D(20000) + 3000 + 10)
    assert engine.total("ETH") == 2 * (D(5) + D("0.5"))
    for account in engine.accounts.values():
        for wallet, assets in account.wallets.items():
            for asset, held in assets.items():
                assert held.free >= 0
                bound = [o.locked for o in account.open.values() if (o.wish.wallet, o.pays) == (wallet, asset)]
                assert held.used == sum(bound, D(0))
    assert all(fee >= 0 for fee in engine.fees.values())


def check_orders(engine):
    bids, asks = engine.depth("ETH/USDT", 1)
    assert not bids or not asks or bids[0][0] < asks[0][0]
    for entry in engine.ledger:
        order = entry.order
        assert 0 <= order.filled <= order.amount
        assert (order.state == "open") == (order.id in order.owner.open)
        assert order.state != "filled" or not order.left
        assert order.filled == sum((fill.amount for fill in order.fills), D(0))
        assert order.spent == sum((fill.cost for fill in order.fills), D(0))
        for fill in order.fills if order.price else ():
            assert fill.price <= order.price if order.wish.side == "buy" else fill.price >= order.price


@settings(max_examples=80, deadline=None)
@given(st.lists(ACTS, max_size=40))
def test_whatever_is_done_money_only_changes_hands_and_the_book_never_crosses(acts):
    engine, _, _ = quiet()
    for kind, name, what in acts:
        with contextlib.suppress(Refused):
            act(engine, kind, name, what)
        check_money(engine)
        check_orders(engine)


@settings(max_examples=80, deadline=None)
@given(st.lists(ACTS, max_size=25), st.one_of(LIMITS, MARKETS))
def test_a_refused_order_leaves_no_trace(acts, last):
    engine, alice, _ = quiet()
    for kind, name, what in acts:
        with contextlib.suppress(Refused):
            act(engine, kind, name, what)
    before = (
        {wallet: dict(held) for wallet, held in alice.wallets.items()}, dict(alice.debts), len(engine.ledger),
        engine.depth("ETH/USDT", 500), dict(engine.fees),
    )  # fmt: skip
    try:
        engine.place(alice, last)
    except Refused:
        assert before == (
            {wallet: dict(held) for wallet, held in alice.wallets.items()}, dict(alice.debts), len(engine.ledger),
            engine.depth("ETH/USDT", 500), dict(engine.fees),
        )  # fmt: skip
    else:
        assert engine.ledger[-1].order.wish == last


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(SIDES, st.integers(2, 40), st.integers(-4, 4)), max_size=40))
def test_the_best_price_is_served_first_and_at_one_price_who_came_first(orders):
    """Against the plainest model there is: a list, searched anew for each new order."""
    engine, alice, bob = quiet(maker_fee=D(0), taker_fee=D(0))
    for account in (alice, bob):
        engine.deposit(account, "spot", "USDT", D(10_000_000))
        engine.deposit(account, "spot", "ETH", D(1000))
    resting, expected, placed = [], [], []
    for number, (side, steps, ticks) in enumerate(orders):
        price, left, sign = MID + ticks * TICK, steps * STEP, 1 if side == "buy" else -1
        while left:
            meets = [each for each in resting if each[0] != side and sign * (price - each[1]) >= 0]
            if not meets:
                resting.append([side, price, left, number])
                break
            best = min(meets, key=lambda each: (sign * each[1], each[3]))
            taken = min(left, best[2])
            expected.append((number, best[3], best[1], taken))
            left -= taken
            best[2] -= taken
            resting = [each for each in resting if each[2]]
        placed.append(engine.place((alice, bob)[number % 2], limit(side, steps * STEP, price)))
    number_of = {order.id: number for number, order in enumerate(placed)}
    takers, makers = {}, {}
    for order in placed:
        for fill in order.fills:
            (makers if fill.maker else takers)[fill.id] = (number_of[order.id], fill.price, fill.amount)
    seen = [(taker[0], makers[trade][0], *taker[1:]) for trade, taker in sorted(takers.items())]
    assert seen == expected


# Promises, one by one


def test_a_limit_order_waits_is_filled_in_parts_and_ends():
    engine, alice, bob = quiet()
    order = engine.place(alice, limit("buy", "2", "3890"))
    assert (order.state, order.filled, used(alice, "spot", "USDT")) == ("open", 0, 7780)
    engine.place(bob, limit("sell", "0.5", "3890"))
    assert (order.state, order.filled, order.average) == ("open", D("0.5"), 3890)
    engine.place(bob, market("sell", amount=D("1.5")))
    assert (order.state, order.filled, used(alice, "spot", "USDT")) == ("filled", 2, 0)
    assert alice.holding("spot", "ETH").free == 5 + 2 - D("0.002")


def test_a_buyer_above_the_best_price_pays_the_best_price():
    engine, alice, bob = quiet()
    engine.place(bob, limit("sell", "1", "3900"))
    order = engine.place(alice, limit("buy", "1", "3950"))
    assert (order.spent, alice.holding("spot", "USDT")) == (3900, (16100, 0))


def test_a_market_order_for_money_never_spends_more():
    engine, alice, bob = quiet()
    engine.place(bob, limit("sell", "0.1", "3900"))
    engine.place(bob, limit("sell", "2", "3910"))
    order = engine.place(alice, market("buy", cost=D(1000)))
    assert order.state == "filled"
    assert 1000 - 4 < order.spent <= 1000


def test_what_finds_nobody_and_may_not_wait_expires():
    engine, alice, bob = quiet()
    engine.place(bob, limit("sell", "0.1", "3900"))
    some = engine.place(alice, limit("buy", "1", "3900", stay="ioc"))
    assert (some.state, some.filled, used(alice, "spot", "USDT")) == ("expired", D("0.1"), 0)
    engine.place(bob, limit("sell", "0.1", "3900"))
    none = engine.place(alice, limit("buy", "1", "3900", stay="fok"))
    assert (none.state, none.filled) == ("expired", 0)


def test_fill_or_kill_is_filled_where_there_is_enough():
    engine, alice, bob = quiet()
    engine.place(bob, limit("sell", "1", "3900"))
    assert engine.place(alice, limit("buy", "1", "3900", stay="fok")).state == "filled"


def test_a_post_only_order_that_would_take_is_refused_and_one_that_would_not_waits():
    engine, alice, bob = quiet()
    engine.place(bob, limit("sell", "1", "3900"))
    with pytest.raises(Refused, match="would take"):
        engine.place(alice, limit("buy", "1", "3900", post_only=True))
    assert engine.place(alice, limit("buy", "1", "3899.5", post_only=True)).state == "open"


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (limit("buy", "1.0005", "3900"), "amount step"),
        (limit("buy", "1", "3900.1"), "price step"),
        (limit("buy", "0.0001", "3900"), "amount range"),
        (limit("buy", "2000", "3900"), "amount range"),
        (limit("buy", "0.001", "3900"), "least cost"),
        (limit("buy", "1", "500"), "price range"),
        (limit("buy", "1", "25000"), "price range"),
        (limit("buy", "NaN", "3900"), "amount range"),
        (limit("buy", "1", "NaN"), "price range"),
        (limit("buy", "6", "3900"), "insufficient"),
        (limit("sell", "6", "3900"), "insufficient"),
        (limit("buy", "1", "3900", wallet="funding"), "bad wallet"),
        (limit("buy", "1", "3900", wallet="margin"), "insufficient"),
        (market("buy", amount=D(1)), "no liquidity"),
        (market("buy"), "bad amount"),
        (market("buy", cost=D(4)), "least cost"),
        (Wish(symbol="ETH/EUR", side="buy", kind="market", amount=D(1)), "unknown pair"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_the_rule(wish, why):
    engine, alice, _ = quiet()
    with pytest.raises(Refused) as refused:
        engine.place(alice, wish)
    assert refused.value.why == why
    assert not engine.ledger


def test_the_same_client_id_is_refused_while_its_order_is_open_and_taken_again_after_it_is_filled():
    engine, alice, bob = quiet()
    first = engine.place(alice, limit("buy", "1", "3890", client_id="once"))
    with pytest.raises(Refused, match="duplicate"):
        engine.place(alice, limit("buy", "1", "3890", client_id="once"))
    engine.place(bob, limit("sell", "1", "3890", client_id="once"))
    second = engine.place(alice, limit("buy", "1", "3890", client_id="once"))
    assert (first.state, second.state) == ("filled", "open")
    assert engine.find(alice, client_id="once") is second
    assert [entry.client_id for entry in engine.ledger] == ["once"] * 3


def test_a_venue_that_does_not_mind_takes_it_while_the_first_is_open():
    engine, alice, _ = quiet(one_open_order_per_client_id=False)
    engine.place(alice, limit("buy", "1", "3890", client_id="7"))
    engine.place(alice, limit("buy", "1", "3890", client_id="7"))
    assert len(engine.open_orders(alice)) == 2


def test_nobody_finds_or_cancels_the_order_of_another():
    engine, alice, bob = quiet()
    order = engine.place(alice, limit("buy", "1", "3890", client_id="hers"))
    with pytest.raises(Refused, match="unknown order"):
        engine.find(bob, order_id=order.id)
    with pytest.raises(Refused, match="not open"):
        engine.cancel(bob, order)
    assert engine.find(alice, client_id="hers").state == "open"


def test_a_cancelled_order_gives_back_what_was_bound_and_cannot_be_cancelled_again():
    engine, alice, bob = quiet()
    order = engine.place(alice, limit("sell", "2", "3910"))
    engine.place(bob, market("buy", amount=D("0.5")))
    engine.cancel(alice, order)
    assert (order.state, alice.holding("spot", "ETH")) == ("canceled", (D("4.5"), 0))
    with pytest.raises(Refused, match="not open"):
        engine.cancel(alice, order)


def test_on_margin_what_is_missing_is_lent_as_far_as_leverage_goes_and_given_back_from_what_comes_in():
    engine, alice, bob = quiet()
    engine.place(bob, limit("sell", "2", "3900"))
    engine.place(alice, market("buy", amount=D(2), wallet="margin", borrow=True))
    assert alice.debts == {"USDT": 4800}
    with pytest.raises(Refused, match="insufficient"):
        engine.place(alice, limit("buy", "9", "3900", wallet="margin", borrow=True))
    engine.place(bob, limit("buy", "2", "3900"))
    engine.place(alice, market("sell", amount=D(2), wallet="margin", borrow=True))
    assert not alice.debts
    assert alice.holding("margin", "USDT").free == 3000 - D("7.8")


def test_money_moves_between_wallets_and_not_more_than_there_is():
    engine, alice, _ = quiet()
    engine.transfer(alice, "USDT", D("100.5"), "spot", "margin")
    assert (alice.holding("spot", "USDT").free, alice.holding("margin", "USDT").free) == (D("19899.5"), D("3100.5"))
    for amount in ("20000", "-1", "0", "0.000000001"):
        with pytest.raises(Refused):
            engine.transfer(alice, "USDT", D(amount), "spot", "margin")


def test_keys_open_their_account_and_are_never_the_same():
    engine, alice, _ = quiet()
    first, second = engine.add_account("alice"), engine.add_account("alice", trade=False, withdraw=True, ip_bound=True)
    assert len({first, second}) == 2
    assert engine.keys[second.key].account is engine.keys[first.key].account is alice
    assert (engine.keys[second.key].trade, engine.keys[second.key].withdraw) == (False, True)
    assert engine.keys[second.key].ips
    assert not engine.keys[first.key].ips


# The other traders


def lively():
    engine = Engine(MARKET, pairs=[PAIR], funds=FUNDS, clock=Still())
    engine.add_account("alice")
    return engine, engine.accounts["alice"]


def test_others_quote_around_the_market_on_both_sides():
    engine, _ = lively()
    bids, asks = engine.depth("ETH/USDT", 20)
    fair = MARKET.price("ETH") / MARKET.price("USDT")
    assert len(bids) == len(asks) == 20
    assert bids[0][0] < asks[0][0]
    assert abs(bids[0][0] / fair - 1) < D("0.002")
    assert bids == sorted(bids, reverse=True)


def test_others_take_a_waiting_order_when_the_market_comes_to_it_and_not_before():
    world = Market(invented=0, dust=0, clock=(clock := Still()))
    engine = Engine(world, pairs=[PAIR], funds=FUNDS, clock=clock)
    engine.add_account("alice")
    alice = engine.accounts["alice"]
    price = PAIR.rounded(engine.day("ETH/USDT").last * D("0.95"))
    order = engine.place(alice, limit("buy", "1", price))
    clock.at += 60
    engine.tick()
    assert order.filled == 0
    world.move("ETH", -10)
    clock.at += 60
    engine.tick()
    assert (order.state, order.average) == ("filled", price)


def test_paused_others_leave_everything_as_it_stands():
    engine, alice = lively()
    before = engine.depth("ETH/USDT", 50)
    engine.crowd.paused = True
    engine._clock.at += 600
    assert engine.depth("ETH/USDT", 50) == before
    engine.place(alice, market("buy", amount=D("0.1")))
    assert engine.depth("ETH/USDT", 50) != before


def test_a_waiting_order_can_be_filled_by_hand_in_part_and_whole():
    engine, alice = lively()
    price = PAIR.rounded(engine.day("ETH/USDT").last * D("0.99"))
    order = engine.place(alice, limit("buy", "2", price))
    engine.fill(order, D("0.25"))
    assert (order.state, order.filled) == ("open", D("0.5"))
    engine.fill(order)
    assert (order.state, order.filled, order.average) == ("filled", 2, price)
    with pytest.raises(Refused, match="not open"):
        engine.fill(order)


def test_the_tape_is_never_empty_and_runs_forward():
    engine, _ = lively()
    for _ in range(30):
        engine._clock.at += 5
        engine.depth("ETH/USDT", 1)
    tape = engine.tape("ETH/USDT")
    assert [each.id for each in tape] == sorted({each.id for each in tape})
    assert [each.at_ms for each in tape] == sorted(each.at_ms for each in tape)
    assert len(tape) > 100


def test_a_day_without_anybody_looking_costs_no_more_than_a_moment():
    engine, _ = lively()
    engine.depth("ETH/USDT", 1)
    trades = engine.day("ETH/USDT").last_trade
    engine._clock.at += 86_400
    engine.depth("ETH/USDT", 1)
    assert engine.day("ETH/USDT").last_trade - trades < 100


# What is seen


def test_the_last_day_encloses_its_prices():
    engine, _ = lively()
    day = engine.day("ETH/USDT")
    assert day.low <= min(day.last, day.open) <= max(day.last, day.open) <= day.high
    assert day.bid[0] < day.ask[0]
    assert day.volume * day.low / 2 < day.volume_quote < day.volume * day.high * 2


def test_candles_follow_each_other_without_a_gap_and_enclose_their_prices():
    engine, _ = lively()
    rows = engine.candles("ETH/USDT", bounds("1h", None, ANCHOR, 50))
    assert len(rows) == 50
    for before, row in itertools.pairwise(rows):
        assert row.at_ms - before.at_ms == 3_600_000
        assert row.open == before.close
        assert row.low <= min(row.open, row.close) <= max(row.open, row.close) <= row.high
        assert row.volume > 0


def test_there_are_no_candles_from_the_future_or_from_before_the_pair_was_listed():
    engine, _ = lively()
    assert not engine.candles("ETH/USDT", bounds("1h", ANCHOR + 3600, ANCHOR + 36_000, 10))
    assert not engine.candles("ETH/USDT", bounds("1d", 0, ANCHOR, 10))


def test_months_and_weeks_begin_where_calendars_say():
    february = 1_769_904_000
    assert bounds("1M", february, february + 40 * 86_400, 5) == [
        february,
        february + 28 * 86_400,
        february + 59 * 86_400,
    ]
    (week, _) = bounds("1w", None, ANCHOR, 1)
    assert (week // 86_400 + 3) % 7 == 0
    assert bounds("1m", 61, 200, 10) == [120, 180, 240]
    assert bounds("1m", 300, 200, 10) == []


# What is remembered


def test_memory_is_bounded_and_no_open_order_is_forgotten():
    engine, alice, _ = quiet()
    kept = engine.place(alice, limit("buy", "0.01", "3800", client_id="kept"))
    for number in range(REMEMBERED_ORDERS + 700):
        engine.cancel(alice, engine.place(alice, limit("buy", "0.01", "3801", client_id=f"n{number}")))
    assert len(alice.orders) <= REMEMBERED_ORDERS + 1
    assert len(alice.named) == len(alice.orders)
    assert engine.find(alice, client_id="kept") is kept
    with pytest.raises(Refused, match="unknown order"):
        engine.find(alice, client_id="n0")
    assert len(engine.ledger) == REMEMBERED_ORDERS + 701
    assert len(engine.tape("ETH/USDT")) <= REMEMBERED_PRINTS


def test_hidden_orders_are_seen_by_no_lookup_until_the_venue_has_caught_up():
    engine, alice, bob = quiet()
    old = engine.place(alice, limit("buy", "0.1", "3890", client_id="old"))
    engine._clock.at += 1
    since = engine.now_ms()
    new = engine.place(alice, limit("buy", "0.1", "3891", client_id="new"))
    engine.place(bob, limit("sell", "0.1", "3891"))
    with engine.hiding(since):
        assert engine.find(alice, client_id="old") is old
        with pytest.raises(Refused, match="unknown order"):
            engine.find(alice, client_id="new")
        assert engine.orders(alice) == [old]
        assert not engine.fills(alice)
    assert engine.orders(alice) == [old, new]
    assert len(engine.fills(alice)) == 1


def test_state_money_is_worth_the_same_whichever_way_one_goes():
    engine = Engine(MARKET, clock=Still())

    def fair(symbol):
        return engine._floors[symbol].fair(ANCHOR)

    assert D("1.05") < fair("EUR/USDT") < D("1.12")
    for base in ("BTC", "ETH", "SOL", "XRP"):
        around = fair(f"{base}/EUR") * fair("EUR/USDT") / fair(f"{base}/USDT")
        assert abs(around - 1) < D("0.005")


def test_it_moves_little_and_is_the_same_whenever_it_is_asked_for():
    rates = [state_money.usd("EUR", ANCHOR + 3600 * hour) for hour in range(240)]
    assert rates == [state_money.usd("EUR", ANCHOR + 3600 * hour) for hour in range(240)]
    assert max(rates) / min(rates) < D("1.01")
    assert (state_money.usd("USD", ANCHOR), state_money.usd("BTC", ANCHOR)) == (1, None)
