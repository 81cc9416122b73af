"""What goes wrong, and when it ends: by count, by sort of call, by time, by hand."""

import pytest
from aiohttp import web

from bot.sandbox.coins import ANCHOR
from bot.sandbox.exchange import Engine, Faults
from bot.sandbox.exchange.faults import CALLS, KINDS
from bot.sandbox.market import Market


class Turned:
    def __init__(self):
        self.at = float(ANCHOR)

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Turned()


@pytest.fixture
def faults(clock):
    return Faults(Engine(Market(invented=0, dust=0, clock=clock), clock=clock))


async def status_of(faults, call="place", done=None):
    """How one call is answered; `done` notes that it was carried out."""

    def answer():
        if done is not None:
            done.append(call)
        return web.Response(status=200)

    return (await faults.through(None, call, answer)).status


async def test_a_counted_fault_strikes_so_often_and_no_more(faults):
    faults.set("error", 500, times=2)
    assert [await status_of(faults) for _ in range(3)] == [500, 500, 200]
    assert not faults.active


async def test_an_uncounted_fault_strikes_until_it_is_cleared(faults):
    faults.set("error", 503)
    assert [await status_of(faults) for _ in range(3)] == [503] * 3
    faults.clear("error")
    assert await status_of(faults) == 200


@pytest.mark.parametrize("calls", CALLS)
async def test_a_fault_strikes_its_own_sort_of_call_and_no_other(faults, calls):
    faults.set("error", 500, calls=calls)
    struck = {call for call in CALLS["all"] if await status_of(faults, call) == 500}
    assert struck == CALLS[calls]


@pytest.mark.parametrize(("kind", "done"), [("error", True), ("error_before", False), ("limited", False)])
async def test_what_is_lost_before_is_not_done_and_what_is_lost_after_is(faults, kind, done):
    noted = []
    faults.set(kind)
    assert await status_of(faults, done=noted) in {429, 502}
    assert noted == ["place"] * done


async def test_lookups_are_blind_for_so_many_seconds(faults, clock):
    faults.set("blind", 5)
    clock.at += 4
    await status_of(faults, "private")
    assert "blind" in faults.active
    clock.at += 1
    await status_of(faults, "private")
    assert "blind" not in faults.active


async def test_blindness_does_not_wear_off_by_orders(faults):
    faults.set("blind", times=1, calls="all")
    await status_of(faults, "place")
    assert "blind" in faults.active


async def test_the_clock_goes_wrong_and_right_again(faults, clock):
    faults.skew_s = -90
    assert faults.now_ms() == (clock.at - 90) * 1000
    faults.clear()
    assert faults.now_ms() == clock.at * 1000


@pytest.mark.parametrize(
    ("kind", "times", "calls"),
    [("nothing", None, "all"), ("slow", 0, "all"), ("slow", -1, "all"), ("slow", 1, "phone")],
)
def test_nonsense_is_refused_and_sets_nothing(faults, kind, times, calls):
    with pytest.raises(ValueError, match="no such fault"):
        faults.set(kind, times=times, calls=calls)
    assert not faults.active


def test_every_kind_can_be_set(faults):
    for kind in KINDS:
        faults.set(kind)
    assert set(faults.active) == set(KINDS)
