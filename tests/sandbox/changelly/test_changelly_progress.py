"""What becomes of a swap: deposits in time, too late, too small and twice; stages that follow each other."""

from decimal import Decimal

import pytest
from changelly_desk import NOON, PACE_S, PLACES, Clock, standin

from bot.sandbox.changelly import COURSES, STATUSES
from bot.sandbox.changelly.engine import Order
from bot.sandbox.market import Market

D = Decimal


@pytest.fixture
def row(caller):
    async def looked_up(ident):
        (found,) = await caller.v2("getTransactions", {"id": ident})
        return found

    return looked_up


@pytest.fixture
def way(caller, clock):
    """The statuses a swap goes through from now on, told apart by looking more often than they change."""

    async def seen(ident, steps=9):
        met = []
        for _ in range(steps):
            status = await caller.v2("getStatus", {"id": ident})
            if met[-1:] != [status]:
                met.append(status)
            clock.now += PACE_S / 2
        return met

    return seen


@pytest.fixture
def fixed(caller):
    async def made():
        asked = {"from": "sol", "to": "btc", "amountFrom": "1"}
        (quote,) = await caller.v2("getFixRateForAmount", asked)
        places = {"address": PLACES["btc"], "refundAddress": PLACES["sol"]}
        return await caller.v2("createFixTransaction", asked | places | {"rateId": quote["id"]})

    return made


async def test_nothing_moves_until_the_deposit_is_there(make, way):
    swap = await make()
    assert await way(swap["id"], 20) == ["waiting"]


@pytest.mark.parametrize("course", COURSES)
async def test_a_paid_swap_goes_the_way_that_was_chosen_and_stays_at_its_end(changelly, make, way, course):
    changelly.engine.progress.course = course
    swap = await make()
    changelly.pay(swap["id"])
    assert await way(swap["id"], 14) == ["confirming", *COURSES[course]]


async def test_who_looks_seldom_misses_stages(changelly, make, caller, clock):
    swap = await make()
    changelly.pay(swap["id"])
    clock.now += 100 * PACE_S
    assert await caller.v2("getStatus", {"id": swap["id"]}) == "finished"


async def test_confirmations_grow_and_what_is_known_grows_with_the_stage(changelly, make, row, clock):
    swap = await make("usdtrx", "eth", "1000")
    changelly.pay(swap["id"])
    seen = []
    for _ in range(4):
        seen.append(await row(swap["id"]))
        clock.now += PACE_S
    early, exchanging, sending, finished = seen
    assert (early["status"], early["payinConfirmations"], early["amountTo"], early["payoutHash"]) == (
        "confirming", "0", "0", None,
    )  # fmt: skip
    assert (exchanging["status"], exchanging["payinConfirmations"]) == ("exchanging", "19")
    assert D(exchanging["amountTo"]) > 0
    assert (sending["status"], bool(sending["payoutHash"]), sending["moneySent"]) == ("sending", True, 0)
    assert (finished["status"], finished["payoutHash"]) == ("finished", sending["payoutHash"])
    assert finished["moneySent"] == (NOON + 3 * PACE_S) * 1_000_000
    clock.now += PACE_S
    assert await row(swap["id"]) == finished


async def test_half_way_half_of_the_confirmations_are_there(changelly, make, row, clock):
    swap = await make("usdtrx", "eth", "1000")
    changelly.pay(swap["id"])
    clock.now += PACE_S / 2
    assert (await row(swap["id"]))["payinConfirmations"] == "9"


async def test_a_floating_swap_pays_for_what_came(changelly, make, row, clock):
    swap = await make("btc", "eth", "0.1")
    changelly.pay(swap["id"], "0.05")
    clock.now += 3 * PACE_S
    done = await row(swap["id"])
    assert (done["status"], done["amountFrom"], done["amountExpectedFrom"]) == ("finished", "0.05", "0.1")
    half = D(done["amountExpectedTo"]) / 2 - D(done["networkFee"])
    assert abs(D(done["amountTo"]) - half) < D("1e-7")


async def test_a_floating_swap_gets_the_rate_of_its_exchange_and_a_fixed_one_what_was_promised():
    clock = Clock()
    market = Market(invented=5, dust=0, clock=clock)
    served = standin(clock, market)
    engine = served.engine
    pair = engine.pair("sol", "btc")
    order = _order(engine, "sol", "btc")
    rate = engine.fix_rate("me", pair, amount=D(1))
    loose = engine.create("me", order, D(1))
    fixed = engine.create_fixed("me", order, rate.id, amount=D(1))
    for swap in (loose, fixed):
        served.pay(swap.id)
    market.move("SOL", 10)
    clock.now += 100
    for swap in (loose, fixed):
        engine.one("me", swap.id)
    assert loose.amount_to / (loose.expected_to - loose.network_fee) > D("1.08")
    assert fixed.amount_to == fixed.expected_to - fixed.network_fee == rate.net


def _order(engine, source, target):
    return Order(engine.coins[source], engine.coins[target], PLACES[target], refund_address=PLACES[source])


async def test_a_floating_deposit_below_the_minimum_is_lost_for_now(changelly, make, way, row):
    swap = await make()
    changelly.pay(swap["id"], "0.00001")
    assert await way(swap["id"]) == ["confirming", "failed"]
    assert ((await row(swap["id"]))["canPush"], (await row(swap["id"]))["canRefund"]) == (True, True)


@pytest.mark.parametrize("amount", ["0.99", "1.01"])
async def test_a_fixed_swap_gives_back_what_is_not_its_amount(changelly, fixed, way, row, amount):
    swap = await fixed()
    changelly.pay(swap["id"], amount)
    assert await way(swap["id"]) == ["confirming", "refunded"]
    done = await row(swap["id"])
    assert (done["amountFrom"], done["amountTo"], done["refundAddress"]) == (amount, "0", PLACES["sol"])
    assert done["refundHashLink"] == f"https://solscan.io/tx/{done['refundHash']}"


async def test_unpaid_a_floating_swap_is_overdue_and_a_fixed_one_expires(make, fixed, row, clock, changelly):
    loose, promised = await make(), await fixed()
    clock.now += changelly.engine.fixed_window_s - 1
    assert {(await row(swap["id"]))["status"] for swap in (loose, promised)} == {"waiting"}
    clock.now += 1
    assert ((await row(loose["id"]))["status"], (await row(promised["id"]))["status"]) == ("waiting", "expired")
    clock.now += changelly.engine.float_window_s
    assert (await row(loose["id"]))["status"] == "overdue"


async def test_a_late_deposit_is_exchanged_where_it_floats_and_given_back_where_it_was_fixed(
    make, fixed, way, changelly
):
    for swap, after in (
        (await make(), ["confirming", "exchanging", "sending", "finished"]),
        (await fixed(), ["confirming", "refunded"]),
    ):
        changelly.let_pass(swap["id"])
        changelly.pay(swap["id"])
        assert await way(swap["id"]) == after


async def test_the_deadline_of_a_paid_swap_does_not_pass(make, changelly):
    swap = await make()
    changelly.pay(swap["id"])
    with pytest.raises(ValueError, match="does not wait"):
        changelly.let_pass(swap["id"])


async def test_a_second_deposit_is_a_swap_nobody_ordered_to_the_same_place(changelly, make, caller, clock):
    swap = await make("xrp", "eth", "100")
    first = changelly.pay(swap["id"])
    second = changelly.pay(swap["id"], "70")
    assert first.id == swap["id"] != second.id
    clock.now += 3 * PACE_S
    rows = await caller.v2("getTransactions", {"payoutAddress": PLACES["eth"]})
    assert [(row["amountFrom"], row["status"]) for row in rows] == [("70", "finished"), ("100", "finished")]
    for name in ("payinAddress", "payinExtraId", "payoutAddress", "currencyFrom", "currencyTo"):
        assert rows[0][name] == rows[1][name]
    assert rows[0]["payinHash"] != rows[1]["payinHash"]


@pytest.mark.parametrize("status", [*STATUSES, "anything"])
async def test_by_hand_a_swap_goes_anywhere_and_stays(changelly, make, way, status):
    swap = await make()
    changelly.move(swap["id"], status)
    assert await way(swap["id"], 4) == [status]


@pytest.mark.parametrize("status", ["confirming", "exchanging", "sending", "hold"])
async def test_by_hand_a_swap_goes_on_if_it_is_let(changelly, make, way, status):
    swap = await make()
    changelly.move(swap["id"], status, goes_on=True)
    met = await way(swap["id"], 12)
    assert (met[0], met[-1]) == (status, "finished")


async def test_backward_by_hand_takes_nothing_back(changelly, make, row):
    swap = await make()
    changelly.move(swap["id"], "sending")
    before = await row(swap["id"])
    changelly.move(swap["id"], "confirming")
    after = await row(swap["id"])
    assert after["status"] == "confirming"
    assert {name for name in before if before[name] != after[name]} <= {"status", "payinConfirmations"}


def test_only_ended_swaps_are_forgotten_and_the_oldest_first():
    served = standin(Clock())
    served.engine.remembered = 20
    engine, order = served.engine, _order(served.engine, "sol", "btc")
    made = [engine.create("me", order, D(1)) for _ in range(20)]
    for swap in made[3:10]:
        served.move(swap.id, "finished")
    engine.create("me", order, D(1))
    assert set(made) - set(engine.transactions.values()) == {made[3]}
    assert {swap.id for swap in engine.found("me", payouts=[PLACES["btc"]])} == set(engine.transactions)
