"""The talk about a swap through everything: it outlives a restart, in either language, and bait stops it."""

from collections.abc import Callable

import pytest

from tests.desk import Desk, World, asked, pressed

ETHER = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"
BAIT = "0xd8dA6BF26964aF9D7eEd9e030000000000006045"


@pytest.fixture
async def desk(make_desk: Callable[..., Desk]) -> Desk:
    made = make_desk(ACCESS="open")
    await made.start()
    return made


async def test_a_draft_goes_on_after_a_restart_by_word_and_by_button(world: World, desk: Desk):
    alice = world.alice
    coin = await pressed(alice, await asked(alice, "/swap"), "BTC")
    await desk.restart()
    network = await pressed(alice, coin, "USDT")
    assert "on which network" in network.text
    amount = await pressed(alice, network, "USDTRX · TRON")
    await desk.restart()
    kind = await asked(alice, "0.005")
    address = await pressed(alice, kind, "Fixed")
    assert "USDTRX · TRON" in address.text
    await desk.restart()
    refund = await asked(alice, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")
    assert "TR7N Hqje" in refund.text
    card = await asked(alice, "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq")
    assert "Swap quote · fixed rate" in card.text
    assert "bc1q ar0s" in card.text
    assert amount.id == network.id == coin.id


async def test_in_chinese_too_a_look_alike_stops_it(world: World, desk: Desk):
    bob = world.bob
    assert "Ledger" in (await asked(bob, f"/addresses add eth {ETHER} Ledger")).text
    stopped = await asked(bob, f"/swap 0.005 btc eth float {BAIT.lower()}")
    assert "只是看起来像" in stopped.text
    refund = await pressed(bob, stopped, "使用我的 📒 Ledger")
    card = await pressed(bob, refund, "不填退款地址")
    assert "付款到 📒 Ledger" in card.text
    await desk.settled()
    assert not world.changelly.transactions


async def test_what_is_known_of_swaps_is_told_to_everybody_and_a_swap_to_members_alone(
    world: World, make_desk: Callable[..., Desk]
):
    await make_desk().start()
    alice = world.alice
    assert "→ ≈" in (await asked(alice, "/rate 0.1 btc eth")).text
    assert "USDTRX · TRON" in (await asked(alice, "/coins usdt")).text
    assert "Floating" in (await asked(alice, "/limits btc usdtrx")).text
    for line in ("/swap 0.005 btc eth", "/swaps", "/status", "/addresses"):
        assert "🔒" in (await asked(alice, line)).text
