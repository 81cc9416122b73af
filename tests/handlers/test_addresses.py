"""/addresses: the book, what it keeps out of a swap, and how a new address comes to be trusted."""

from datetime import timedelta

import pytest

from bot.domain.errors import NotAllowed, UserMistake
from handlers._tripwire import secret_in
from tests.handlers.conftest import ANN, Room, buttons
from tests.handlers.swap_talk import code, press, saved, second_step, walk
from tests.services.test_address_checks import BARE, SOUND
from tests.swap_shelf import BTC, ETH

XRP = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"


async def test_a_saved_address_is_offered_and_meant_by_its_label(room: Room):
    line = await saved(room)
    asked = await room.say("swap 0.01 btc eth float")
    assert f"@{line}" in " ".join(buttons(asked))
    asked = await press(room, asked, "Ledger")
    assert "0x28 C6c0" in asked.plain
    card = await press(room, asked, "No refund address")
    assert "Paid out to 📒 Ledger" in card.plain
    assert "Refund address" in (await room.say("swap 0.01 btc eth float ledger")).plain


async def test_it_is_not_offered_on_another_network(room: Room):
    await saved(room)
    asked = await room.say("swap 0.01 btc usdtrx float")
    assert "Ledger" not in asked.plain + str(asked.buttons)


async def test_a_look_alike_stops_the_flow_and_is_not_saved_either(room: Room):
    await saved(room)
    bait = (ETH[:20] + "1111" + ETH[24:]).lower()
    asked = await room.say(f"swap 0.01 btc eth float {bait}")
    assert "it only looks like it" in asked.plain
    assert room.provider.calls("validate") == []
    assert "0x28 C6c0" in (await press(room, asked, "Ledger")).plain
    with pytest.raises(UserMistake) as told:
        await room.say(f"addresses add eth {bait} other")
    assert told.value.key == "address.bait"


async def test_the_book_is_kept_renamed_and_emptied(room: Room):
    assert "empty" in (await room.say("addresses")).plain
    line = await saved(room)
    assert "0x28 C6c0 6298" in (await room.say("addresses")).plain
    assert "Cold wallet" in (await room.say(f"addresses name {line} Cold wallet")).plain
    assert "Delete Cold wallet" in (await room.say(f"addresses drop {line}")).plain
    assert "out of your book" in (await room.say(f"addresses drop {line} yes")).plain
    with pytest.raises(UserMistake):
        await room.say(f"addresses {line}")


async def test_an_address_with_a_memo_is_asked_for_it(room: Room):
    asked = await room.say(f"addresses add xrp {XRP}")
    assert "Destination Tag" in asked.plain
    kept = await walk(room, "777 Exchange")
    assert "Saved as Exchange" in kept.plain
    line = (await room.services.addresses.all_of(ANN))[0]
    assert (line.memo, line.network) == ("777", "ripple")
    card = await press(room, await room.say("swap 0.01 btc xrp float exchange"), "No refund")
    assert "Destination Tag   777" in card.plain


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (f"addresses add eth {ETH} Ledger", "address.known"),
        (f"addresses add eth {BTC} x", "address.unfit_but"),
        (f"addresses add btc {BTC} Ledger", "label.taken"),
        (f"addresses add usdt {ETH} x", "swap.which_network"),
        ("addresses nosuch", "address.unknown"),
        ("addresses trust nosuch", "address.unknown"),
    ],
)
async def test_what_the_book_does_not_take_is_said_by_its_key(room: Room, line, key):
    await saved(room)
    with pytest.raises(UserMistake) as told:
        await room.say(line)
    assert told.value.key == key


BIG = f"swap 0.015 btc eth float {ETH} refund -"


async def test_a_new_address_takes_no_large_swap_before_its_day_is_over(room: Room):
    waits = await room.say(BIG)
    assert "This address is new" in waits.plain
    assert "Swap quote" in (await room.say(f"swap 0.003 btc eth float {ETH} refund -")).plain
    assert "This address is new" in (await room.say(BIG)).plain
    room.clock.advance(timedelta(hours=24).total_seconds() + 1)
    assert "Swap quote" in (await room.say(BIG)).plain


async def test_with_a_second_step_it_takes_its_code_once(room: Room):
    totp = await second_step(room)
    asked = await room.say(BIG)
    assert "code" in asked.plain.lower()
    card = await walk(room, code(room, totp))
    assert "Swap quote" in card.plain
    assert "Swap quote" in (await room.say(BIG)).plain
    assert (
        "large swaps may go there"
        in (await room.say(f"addresses {(await room.services.addresses.all_of(ANN))[0].id}")).plain.lower()
    )


async def test_a_wrong_code_offers_nothing(room: Room):
    totp = await second_step(room)
    await room.say(BIG)
    wrong = f"{(int(code(room, totp)) + 1) % 10**6:06}"
    assert "Swap quote" not in (await walk(room, wrong)).plain
    assert room.provider.calls("create") == []


async def test_a_saved_address_is_trusted_by_a_code_and_not_without_a_second_step(room: Room):
    line = await saved(room)
    with pytest.raises(UserMistake) as told:
        await room.say(f"addresses trust {line}")
    assert told.value.key == "address.no_second_step"
    totp = await second_step(room)
    await room.say(f"addresses trust {line}")
    assert "From now on" in (await walk(room, code(room, totp))).plain
    assert "Swap quote" in (await room.say(BIG)).plain


async def test_nobody_sees_or_changes_anothers_book(room: Room):
    line = await saved(room)
    assert "empty" in (await room.say("addresses", 2)).plain
    for act in (f"addresses {line}", f"addresses name {line} mine", f"addresses drop {line} yes"):
        with pytest.raises(UserMistake):
            await room.say(act, 2)
    assert [one.label for one in await room.services.addresses.all_of(ANN)] == ["Ledger"]


async def test_whoever_has_locked_trusts_no_new_address(room: Room):
    line = await saved(room)
    await second_step(room)
    await room.say("lock")
    with pytest.raises(NotAllowed):
        await room.say(f"addresses trust {line}")


@pytest.mark.parametrize("address", [*SOUND, *BARE])
def test_no_address_sets_off_the_alarm_for_secrets(address):
    for line in (address, f"/swap 0.1 btc eth {address} refund {address}", f"/addresses add eth {address} Ledger"):
        assert not secret_in({"message": {"text": line}})
