"""The two cards of the world panel: what they show can be done and is done; nonsense is refused, changing nothing."""

import pytest
from changelly_desk import PACE_S, PLACES, Caller, private_key

from bot.sandbox.changelly import COURSES, ChangellyPanel, DepositsPanel
from bot.sandbox.changelly.panel import CREATIONS, OWNERS
from bot.sandbox.exchange.fault_switches import FINE, WAY

BTC_ETH = {"from": "btc", "to": "eth", "amountFrom": "0.1", "address": PLACES["eth"]}


@pytest.fixture
def deposits(changelly):
    return DepositsPanel(changelly)


@pytest.fixture
def panel(changelly):
    return ChangellyPanel(changelly, {owner: private_key(owner) for owner in OWNERS})


def shown(panel):
    return {switch["id"]: switch for switch in panel.switches()}


async def test_without_a_swap_there_is_nothing_to_pay(deposits):
    assert set(shown(deposits)) == {"swap", "course", "pace"}
    assert shown(deposits)["swap"]["kind"] == "text"
    for ident in ("pay", "pay_half", "pay_twice", "pay_late", "lapse", "go_on"):
        with pytest.raises(ValueError, match="no swap"):
            await deposits.flip(ident)


async def test_the_newest_swap_is_offered_and_paid(deposits, make, changelly):
    await make("ltc", "eth", "5")
    swap = await make()
    assert shown(deposits)["swap"]["value"] == f"0.1 btc → eth · waiting · {swap['id']}"
    assert len(shown(deposits)["swap"]["options"]) == 2
    assert shown(deposits)["pay"]["label"] == "Pay: 0.1 BTC"
    await deposits.flip("pay")
    assert changelly.transactions[swap["id"]].status == "confirming"
    assert "confirming" in shown(deposits)["swap"]["value"]


async def test_another_swap_is_picked_though_it_moved_since_its_label_was_drawn(deposits, make, changelly):
    first = await make()
    await make("ltc", "eth", "5")
    label = shown(deposits)["swap"]["options"][1]
    changelly.pay(first["id"])
    await deposits.flip("swap", label)
    assert shown(deposits)["swap"]["value"].endswith(first["id"])


@pytest.mark.parametrize(
    ("acts", "became"),
    [
        (["pay_half"], [("finished", "2.5")]),
        ([("pay_amount", "0.001")], [("failed", "0.001")]),
        (["pay_twice"], [("finished", "5"), ("finished", "5")]),
        (["lapse"], [("overdue", "None")]),
        (["pay_late"], [("finished", "5")]),
        (["pay", ("status", "hold")], [("hold", "5")]),
        ([("status", "hold"), "go_on"], [("finished", "5")]),
    ],
)
async def test_each_way_to_pay_does_what_it_says(deposits, make, changelly, clock, acts, became):
    await make("ltc", "eth", "5")
    for act in acts:
        await deposits.flip(*((act,) if isinstance(act, str) else act))
    clock.now += 5 * PACE_S
    deposits.switches()
    swaps = changelly.transactions.values()
    assert [(swap.status, f"{swap.amount_from}".removesuffix(".0")) for swap in swaps] == became


@pytest.mark.parametrize("course", COURSES)
async def test_what_becomes_of_deposits_is_chosen_beforehand(deposits, changelly, course):
    await deposits.flip("course", course)
    assert changelly.engine.progress.course == shown(deposits)["course"]["value"] == course


async def test_stages_take_as_long_as_is_set(deposits, make, changelly, clock):
    await deposits.flip("pace", "2")
    swap = await make()
    changelly.pay(swap["id"])
    clock.now += 6
    deposits.switches()
    assert changelly.transactions[swap["id"]].status == "finished"


async def test_a_paid_swap_offers_another_payment_and_no_late_one(deposits, make, changelly):
    swap = await make()
    changelly.pay(swap["id"])
    now = shown(deposits)
    assert now["pay"]["label"].startswith("Pay once more")
    assert not {"pay_late", "lapse", "pay_half"} & set(now)


@pytest.mark.parametrize(
    ("ident", "value"),
    [
        ("swap", "1 btc → eth · waiting · nobodys"),
        ("pay_amount", "much"), ("pay_amount", "-1"), ("pay_amount", "0"), ("go_on", None),
        ("status", "lost"), ("course", "sideways"), ("pace", "-1"), ("pace", "1e9"), ("nothing", "1"),
    ],
)  # fmt: skip
async def test_nonsense_about_deposits_changes_nothing(deposits, make, ident, value):
    await make()
    before = deposits.switches()
    with pytest.raises(ValueError, match=r"\w"):
        await deposits.flip(ident, value)
    assert deposits.switches() == before


async def test_each_person_has_credentials_of_his_own_that_open(panel, changelly, session):
    seen = set()
    for owner in ("alice", "bob"):
        await panel.flip("owner", owner)
        now = shown(panel)
        login = panel.login(owner)
        assert tuple(now[name]["value"] for name in ("private_key", "key", "secret")) == (
            login.private_key, login.key, login.secret,
        )  # fmt: skip
        assert "btc" in await Caller(changelly.url, session, login).v2("getCurrencies")
        seen.add(login)
    assert len(seen) == 2


async def test_a_coin_is_switched_off_and_on_again(panel, caller):
    await panel.flip("coin", "eth")
    await panel.flip("pays_out", "false")
    assert "output currency" in (await caller.v2("createTransaction", BTC_ETH))["message"]
    assert shown(panel)["pays_out"]["value"] is False
    await panel.flip("coin", "btc")
    assert shown(panel)["pays_out"]["value"] is True
    await panel.flip("clear")
    assert (await caller.v2("createTransaction", BTC_ETH))["status"] == "new"


@pytest.mark.parametrize("creations", CREATIONS)
async def test_new_swaps_end_as_chosen_and_as_often(panel, changelly, creations):
    await panel.flip("times", "2")
    await panel.flip("creations", creations)
    assert (shown(panel)["creations"]["value"], changelly.engine.trouble) == (creations, CREATIONS[creations])
    await panel.flip("creations", FINE)
    assert changelly.engine.trouble == ""


@pytest.mark.parametrize("way", WAY)
async def test_each_way_to_go_wrong_is_set_as_chosen_and_shown(panel, changelly, way):
    await panel.flip("times", "3")
    await panel.flip("calls", "creations")
    await panel.flip("way", way)
    (fault,) = changelly.faults.active.values()
    assert (fault.times, fault.calls, shown(panel)["way"]["value"]) == (3, "place", way)
    await panel.flip("way", FINE)
    assert not changelly.faults.active


async def test_windows_of_time_are_set(panel, changelly):
    for ident, seconds in (("rate_life_s", "5"), ("fixed_window_s", "60"), ("float_window_s", "90")):
        await panel.flip(ident, seconds)
        assert shown(panel)[ident]["value"] == seconds
    engine = changelly.engine
    assert (engine.rate_life_s, engine.fixed_window_s, engine.float_window_s) == (5, 60, 90)


async def test_everything_is_as_it_should_with_one_switch(panel, caller, changelly):
    fresh = panel.switches()
    for ident, value in (
        ("way", next(iter(WAY))), ("blind", "true"), ("locked", "on"), ("shut_out", "on"), ("plain_words", "on"),
        ("limits", "moving"), ("creations", "Internal Error, nothing was made"), ("enabled", "false"),
    ):  # fmt: skip
        await panel.flip(ident, value)
    assert changelly.accounts.locked
    assert changelly.faults.active
    await panel.flip("clear")
    assert panel.switches() == fresh
    assert "btc" in await caller.v2("getCurrencies")


@pytest.mark.parametrize(
    ("ident", "value"),
    [
        ("owner", "mallory"), ("coin", "nope"), ("enabled", "maybe"), ("limits", "none"), ("rate_life_s", "-1"),
        ("rate_life_s", "0.5"), ("creations", "lost"), ("way", "sideways"), ("calls", "phone"), ("times", "-1"),
        ("locked", "perhaps"), ("shut_out", "x"), ("plain_words", "so"), ("whole_truth", "half"),
        ("nothing", "1"),
    ],
)  # fmt: skip
async def test_nonsense_about_the_desk_changes_nothing(panel, ident, value):
    before = panel.switches()
    with pytest.raises(ValueError, match=r"\w"):
        await panel.flip(ident, value)
    assert panel.switches() == before
