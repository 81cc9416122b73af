"""A venue's switches: keys that open, money that is there, orders that fill, faults that strike and end."""

from decimal import Decimal

import pytest

from bot.sandbox.exchange import Wish
from bot.sandbox.exchange.fault_switches import FINE, WAY
from bot.sandbox.exchange.panel import OWNERS, RIGHTS, ExchangePanel

D = Decimal


@pytest.fixture
def panel(standin):
    return ExchangePanel(standin)


def shown(panel, ident):
    return next(switch for switch in panel.switches() if switch["id"] == ident)["value"]


def waiting(standin):
    engine = standin.engine
    price = engine.pair("BTC/USDT").rounded(engine.day("BTC/USDT").last * D("0.9"))
    wish = Wish(symbol="BTC/USDT", side="buy", kind="limit", amount=D("0.02"), price=price)
    return engine.place(engine.accounts["bob"], wish)


async def test_each_owner_has_a_key_of_each_sort_and_what_is_shown_opens(standin, panel):
    seen = set()
    for owner in OWNERS:
        await panel.flip("owner", owner)
        for rights, given in RIGHTS.items():
            await panel.flip("rights", rights)
            key = standin.engine.keys[shown(panel, "key")]
            assert (key.secret, key.account.name) == (shown(panel, "secret"), owner)
            assert (key.trade, key.withdraw, bool(key.ips)) == given
            seen.add(key.key)
    assert len(seen) == len(OWNERS) * len(RIGHTS)


async def test_a_key_gains_a_right_and_loses_it_and_no_other_key_does(standin, panel):
    await panel.flip("gains", "true")
    may = {key.key for key in standin.engine.keys.values() if key.withdraw}
    assert shown(panel, "key") in may
    assert len(may) == 1 + len(OWNERS)
    await panel.flip("gains", "false")
    assert not standin.engine.keys[shown(panel, "key")].withdraw


async def test_money_is_given_to_the_wallet_one_chose(standin, panel):
    await panel.flip("owner", "bob")
    await panel.flip("wallet", "margin")
    await panel.flip("asset", "ETH")
    await panel.flip("give", "1.25")
    assert standin.engine.accounts["bob"].holding("margin", "ETH").free == D("1.25")


async def test_a_waiting_order_is_filled_by_half_and_whole(standin, panel):
    assert "fill" not in {switch["id"] for switch in panel.switches()}
    order = waiting(standin)
    await panel.flip("fill_half")
    assert (order.state, order.filled) == ("open", D("0.01"))
    await panel.flip("fill")
    assert order.state == "filled"
    with pytest.raises(ValueError, match="no order waits"):
        await panel.flip("fill")


async def test_others_stand_still_and_go_on(standin, panel):
    await panel.flip("pause", "true")
    assert standin.engine.crowd.paused
    await panel.flip("pause", "false")
    assert not standin.engine.crowd.paused


@pytest.mark.parametrize("way", WAY)
async def test_each_way_to_go_wrong_is_set_as_chosen_and_shown(standin, panel, way):
    await panel.flip("times", "3")
    await panel.flip("calls", "cancels")
    await panel.flip("way", way)
    (fault,) = standin.faults.active.values()
    assert (fault.times, fault.calls, shown(panel, "way")) == (3, "cancel", way)
    await panel.flip("way", FINE)
    assert not standin.faults.active


async def test_everything_goes_right_again_with_one_switch(standin, panel):
    for ident, value in (("way", next(iter(WAY))), ("blind", "true"), ("skew", "-30")):
        await panel.flip(ident, value)
    assert (shown(panel, "blind"), shown(panel, "skew")) == (True, "-30")
    await panel.flip("clear")
    assert (standin.faults.active, standin.faults.skew_s) == ({}, 0)


@pytest.mark.parametrize(
    ("ident", "value"),
    [
        ("owner", "mallory"), ("rights", "may do all"), ("asset", "XYZ"), ("wallet", "pocket"), ("give", "-1"),
        ("give", "much"), ("times", "1.5"), ("times", "-1"), ("skew", "1e9"), ("way", "sideways"), ("calls", "phone"),
        ("pause", "maybe"), ("nothing", "1"),
    ],
)  # fmt: skip
async def test_nonsense_is_refused_in_words_and_changes_nothing(panel, ident, value):
    before = panel.switches()
    with pytest.raises(ValueError, match=r"\w"):
        await panel.flip(ident, value)
    assert panel.switches() == before
