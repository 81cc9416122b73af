"""/balance: one account, the portfolio, and what is said where something is not known."""

import pytest

from bot.domain.errors import Refused, Unavailable, UserMistake
from bot.domain.orders import Wallet
from tests.account_shelf import holding
from tests.handlers.conftest import Room, buttons


@pytest.fixture
def room(room: Room) -> Room:
    """Its source knows what a dollar coin is worth."""
    room.shelf.coins.append(("USDT", "USDT", "Tether", "1", "150000"))
    return room


async def test_a_balance_says_free_bound_and_all_and_its_worth(room: Room):
    await room.holds()
    lines = (await room.say("balance")).plain.splitlines()
    assert lines[0] == "Binance · spot · key 0a1b2c3d"
    assert lines[1:3] == ["BTC 0.51 · $30,600.00", "   free 0.5 · in orders 0.01"]
    assert lines[3:5] == ["USDT 1000 · $1,000.00", "   free 1000 · in orders 0"]


async def test_the_greatest_worth_comes_first_and_what_has_no_price_last_and_by_name(room: Room):
    account = await room.holds()
    account.wallets[Wallet.SPOT] = [holding("XYZ", "9"), holding("ETH", "1"), holding("BTC", "1")]
    shown = (await room.say("balance")).plain
    assert shown.index("BTC 1") < shown.index("ETH 1") < shown.index("XYZ 9 · —")
    assert "in no sum: XYZ" in shown


async def test_a_wallet_is_shown_where_the_exchange_has_it_and_refused_where_not(room: Room):
    await room.holds()
    await room.holds("bitfinex")
    shown = await room.say("balance bitfinex margin")
    assert "Bitfinex · margin" in shown.plain
    assert "USDT 250" in shown.plain
    assert "!balance bitfinex spot" in buttons(shown)
    with pytest.raises(UserMistake) as told:
        await room.say("balance binance margin")
    assert told.value.key == "balance.no_wallet"


@pytest.mark.parametrize("line", ["balance all", "portfolio", "pf", "bal all"])
async def test_the_portfolio_adds_up_and_shares_are_of_the_whole(room: Room, line):
    one, other = await room.holds(), await room.holds("bitfinex")
    one.wallets = {Wallet.SPOT: [holding("BTC", "0.3")]}
    other.wallets = {Wallet.SPOT: [holding("BTC", "0.1")], Wallet.MARGIN: [holding("ETH", "2")]}
    shown = (await room.say(line)).plain
    assert shown.splitlines()[0] == "Portfolio · $30,000.00"
    assert "BTC 0.4 · $24,000.00" in shown
    assert "80.0%" in shown
    assert "Binance (spot): $18,000.00 · 60.0%" in shown
    assert "Bitfinex (spot + margin): $12,000.00 · 40.0%" in shown


@pytest.mark.parametrize("fault", [Unavailable("source.down", source="Bitfinex"), Refused("order.percent", typed="x")])
async def test_who_fails_is_named_and_holds_nobody_back(room: Room, fault):
    await room.holds()
    (await room.holds("bitfinex")).fault = fault
    shown = (await room.say("balance all")).plain
    assert "Binance (spot)" in shown
    assert "⚠️ Bitfinex: " in shown
    assert "not whole" in shown


async def test_one_that_is_asked_for_alone_and_fails_says_why(room: Room):
    (await room.holds()).fault = Unavailable("source.down", source="Binance")
    with pytest.raises(Unavailable):
        await room.say("balance")


async def test_what_a_person_has_is_shown_where_nobody_says_what_it_is_worth(room: Room):
    await room.holds()
    room.exchanges["binance"].down()
    shown = (await room.say("balance")).plain
    assert "BTC 0.51 · —" in shown


async def test_an_empty_account_is_told_as_such(room: Room):
    (await room.holds()).wallets = {}
    assert "Nothing is in here" in (await room.say("balance")).plain


async def test_amounts_are_exact_to_the_last_digit(room: Room):
    account = await room.holds()
    account.wallets[Wallet.SPOT] = [holding("BTC", "0.000000000000000001", "12345.000000000000000009")]
    shown = (await room.say("balance")).plain
    assert "BTC 12345.00000000000000001 " in shown
    assert "free 0.000000000000000001 · in orders 12345.000000000000000009" in shown


async def test_nothing_priced_is_no_sum_of_zero(room: Room):
    account = await room.holds()
    account.wallets = {Wallet.SPOT: [holding("XYZ", "9")]}
    assert "Worth —" in (await room.say("balance")).plain
    assert "Portfolio · —" in (await room.say("balance all")).plain


@pytest.mark.parametrize("line", ["balance a b", "balance binance spot margin"])
async def test_what_cannot_be_read_shows_how_it_is_typed(room: Room, line):
    await room.holds()
    with pytest.raises(UserMistake) as told:
        await room.say(line)
    assert told.value.key == "balance.how"


async def test_without_a_key_the_way_to_one_is_shown(room: Room):
    for line in ("balance", "balance all"):
        with pytest.raises(UserMistake) as told:
            await room.say(line)
        assert told.value.key == "account.none"
