"""/guard, /lock, /unlock, /limits, /phrase, /secondstep and the line with a code."""

from decimal import Decimal

import pyotp
import pytest

from bot.domain.errors import NotAllowed, UserMistake
from tests.handlers.conftest import ANN, Room, buttons


async def set_up(room: Room) -> pyotp.TOTP:
    enrolment = await room.say("secondstep on")
    (secret, uri) = [button.copy for row in enrolment.buttons for button in row]
    assert pyotp.parse_uri(uri).secret == secret
    totp = pyotp.TOTP(secret)
    assert "is on" in (await room.say(f"code secondstep confirm : {code(room, totp)}")).plain
    room.clock.advance(60)
    return totp


def code(room: Room, totp: pyotp.TOTP) -> str:
    return totp.at(room.clock.now())


def wrong(room: Room, totp: pyotp.TOTP) -> str:
    near = {totp.at(room.clock.now(), counter_offset=away) for away in (-1, 0, 1)}
    return next(typed for typed in ("000000", "111111", "222222", "333333") if typed not in near)


async def test_every_button_of_the_card_leads_on(room: Room):
    for data in buttons(await room.say("guard")):
        assert (await room.say(data.removeprefix("!"))).plain


async def test_lock_and_unlock_say_how_it_stands(room: Room):
    assert "not locked" in (await room.say("unlock")).plain
    for _ in range(2):
        assert "Locked" in (await room.say("lock")).plain
    assert "Locked" in (await room.say("guard")).plain
    assert "Unlocked" in (await room.say("unlock")).plain
    assert not await room.services.guards.locked(ANN)


def test_the_lock_waits_behind_nothing(room: Room):
    assert room.commands["lock"].express


async def test_limits_are_the_operators_until_set(room: Room):
    limits = await room.services.guards.limits(ANN)
    assert (limits.per_order, limits.per_day) == (1000, 5000)
    await room.say("limits day 600.50")
    limits = await room.services.guards.limits(ANN)
    assert (limits.per_order, limits.per_day) == (Decimal("600.50"), Decimal("600.50"))


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("limits day 5000.01", "limits.per_day_too_large"),
        ("limits order 6000", "limits.per_order_too_large"),
        ("limits order", "amount.unreadable"),
        ("limits order -1", "amount.unreadable"),
        ("limits order 0", "amount.unreadable"),
        ("limits order NaN", "amount.unreadable"),
        ("limits week 5", "limits.which"),
        ("limits week", "limits.which"),
    ],
)
async def test_a_limit_that_cannot_be_is_refused(room: Room, line: str, key: str):
    with pytest.raises(UserMistake) as told:
        await room.say(line)
    assert told.value.key == key
    assert (await room.services.guards.limits(ANN)).per_order == 1000


async def test_raising_asks_for_the_code_and_lowering_does_not(room: Room):
    totp = await set_up(room)
    assert "500" in (await room.say("limits order 500")).plain
    assert "6-digit code" in (await room.say("limits order 700")).plain
    assert await room.services.dialogs.pending(ANN, ANN) == "code limits order 700 :"
    assert (await room.services.guards.limits(ANN)).per_order == 500
    await room.say(f"code limits order 700 : {code(room, totp)}")
    assert (await room.services.guards.limits(ANN)).per_order == 700
    assert await room.services.dialogs.pending(ANN, ANN) == ""


async def test_a_code_may_be_typed_with_a_space_and_of_the_step_before(room: Room):
    totp = await set_up(room)
    await room.say("lock")
    typed = code(room, totp)
    room.clock.advance(30)
    assert "Unlocked" in (await room.say(f"code unlock : {typed[:3]} {typed[3:]}")).plain


async def test_a_code_is_not_taken_two_steps_late(room: Room):
    totp = await set_up(room)
    await room.say("lock")
    typed = code(room, totp)
    room.clock.advance(60)
    assert "wrong" in (await room.say(f"code unlock : {typed}")).plain
    assert await room.services.guards.locked(ANN)


async def test_a_code_is_used_once_whatever_for(room: Room):
    totp = await set_up(room)
    await room.say("lock")
    typed = code(room, totp)
    await room.say(f"code unlock : {typed}")
    await room.say("lock")
    with pytest.raises(NotAllowed) as told:
        await room.say(f"code unlock : {typed}")
    assert told.value.key == "second_step.used"
    assert await room.services.guards.locked(ANN)


async def test_wrong_codes_are_counted_over_all_commands_and_bar_the_right_one(room: Room):
    totp = await set_up(room)
    await room.say("lock")
    await room.say("limits order 500")
    for line in ("unlock", "limits order 700", "unlock", "unlock", "secondstep off"):
        told = (await room.say(f"code {line} : {wrong(room, totp)}")).plain
    assert "15 minutes" in told
    for line in ("unlock", "secondstep off"):
        with pytest.raises(NotAllowed) as refused:
            await room.say(f"code {line} : {code(room, totp)}")
        assert refused.value.key == "second_step.barred"
    room.clock.advance(15 * 60)
    assert "Unlocked" in (await room.say(f"code unlock : {code(room, totp)}")).plain


async def test_a_right_code_clears_the_count(room: Room):
    totp = await set_up(room)
    await room.say("lock")
    for _ in range(4):
        await room.say(f"code unlock : {wrong(room, totp)}")
    await room.say(f"code unlock : {code(room, totp)}")
    room.clock.advance(60)
    await room.say("lock")
    assert "4 more" in (await room.say(f"code unlock : {wrong(room, totp)}")).plain


@pytest.mark.parametrize(
    "line", ["code", "code :", "code 123456", "code block 5 : 123456", "code forget yes 1 : 123456"]
)
async def test_a_code_opens_only_what_asked_for_one(room: Room, line: str):
    with pytest.raises(UserMistake) as told:
        await room.say(line)
    assert told.value.key == "second_step.nothing_waits"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦"])
async def test_what_is_no_code_costs_no_try(room: Room, typed: str):
    await set_up(room)
    await room.say("lock")
    for _ in range(6):
        with pytest.raises(UserMistake) as told:
            await room.say(f"code unlock : {typed}")
        assert told.value.key == "second_step.unfit"


async def test_a_second_one_is_not_set_up_over_the_first(room: Room):
    totp = await set_up(room)
    with pytest.raises(NotAllowed) as told:
        await room.say("secondstep on")
    assert told.value.key == "second_step.active"
    assert "6-digit code" in (await room.say("secondstep off")).plain
    assert "is off" in (await room.say(f"code secondstep off : {code(room, totp)}")).plain
    assert not (await room.services.guards.of(ANN)).second_step


async def test_before_its_first_code_it_holds_nothing_up(room: Room):
    await room.say("secondstep on")
    assert not (await room.services.guards.of(ANN)).second_step
    await room.say("lock")
    assert "Unlocked" in (await room.say("unlock")).plain


async def test_a_phrase_is_kept_shown_and_ended(room: Room):
    assert "only you and I know" in (await room.say("phrase")).plain
    assert "blue heron" in (await room.say("phrase blue  heron")).plain
    assert await room.services.guards.phrase(ANN) == "blue heron"
    assert "blue heron" in (await room.say("guard")).plain
    await room.say("phrase off")
    assert await room.services.guards.phrase(ANN) == ""


async def test_a_phrase_that_would_not_fit_on_a_card_is_refused(room: Room):
    with pytest.raises(UserMistake) as told:
        await room.say("phrase " + "x" * 41)
    assert told.value.key == "phrase.too_long"


async def test_what_is_chosen_lies_sealed(room: Room):
    await room.say("phrase blue heron")
    secret = next(button.copy for row in (await room.say("secondstep on")).buttons for button in row)
    rows = await room.store.read(lambda tx: tx.guards._one("phrase, totp", ANN))
    assert b"heron" not in rows[0]
    assert secret.encode() not in rows[1]
