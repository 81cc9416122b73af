"""Keys, invitations and guards as rows: nothing in clear, one winner each."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.accounts import Health, Held, Invitation, KeyState
from storage.accounts import MOST_TRIES
from storage.store import Store
from storage.vault import SealBroken
from tests.still_clock import StillClock

ANN, BEN = 1, 2
HOUR = timedelta(hours=1)


def held(clock: StillClock, account_id: str = "a1", user_id: int = ANN, **more) -> Held:
    now = clock.now()
    usual = Held(
        account_id, user_id, "binance", account_id, 1, "0a1b2c3d", KeyState.ACTIVE, Health(trade=True), now, now
    )
    return replace(usual, **more)


def place(one: Held) -> tuple[str, ...]:
    return ("accounts", one.id, one.vendor, str(one.version))


async def add(store: Store, one: Held, value: bytes = b"secret") -> None:
    await store.write(lambda tx: tx.accounts.add(one, tx.seal(one.user_id, value, *place(one))))


async def opened(store: Store, one: Held) -> bytes:
    return await store.read(lambda tx: tx.open(one.user_id, tx.accounts.sealed(one.id) or b"", *place(one)))


async def test_a_key_comes_back_as_it_was_put_in(store: Store, still: StillClock):
    health = Health(
        trade=True, margin=False, expires_at=still.now() + HOUR, skew=timedelta(milliseconds=-1500),
        warnings=("wide",), trouble="withdraw",
    )  # fmt: skip
    one = held(still, health=health, state=KeyState.FROZEN)
    await add(store, one)
    assert await store.read(lambda tx: tx.accounts.get("a1")) == one
    assert await opened(store, one) == b"secret"


@pytest.mark.parametrize("column", ["id", "user_id", "vendor", "version"])
async def test_a_row_that_was_altered_does_not_open(store: Store, still: StillClock, column: str):
    one, other = held(still), held(still, "b2", BEN)
    await add(store, one)
    await add(store, other)
    moved = replace(one, **{column: {"id": "b2", "user_id": BEN, "vendor": "okx", "version": 2}[column]})
    sealed = await store.read(lambda tx: tx.accounts.sealed("a1"))
    with pytest.raises(SealBroken):
        await store.read(lambda tx: tx.open(moved.user_id, sealed or b"", *place(moved)))


async def test_a_key_is_replaced_once(store: Store, still: StillClock):
    one = held(still)
    await add(store, one)
    new = replace(one, version=2, fingerprint="99999999")
    assert await store.write(lambda tx: tx.accounts.replace(new, b"x", 1))
    assert not await store.write(lambda tx: tx.accounts.replace(replace(new, fingerprint="0"), b"y", 1))
    assert (await store.read(lambda tx: tx.accounts.get("a1"))).fingerprint == "99999999"


async def test_what_was_learnt_of_an_older_version_is_not_noted_on_a_newer_one(store: Store, still: StillClock):
    one = held(still)
    await add(store, one)
    await store.write(lambda tx: tx.accounts.replace(replace(one, version=2), b"x", 1))
    assert not await store.write(lambda tx: tx.accounts.note_health(one, Health(), KeyState.FROZEN, 0))
    assert not (await store.read(lambda tx: tx.accounts.get("a1"))).frozen


async def test_only_active_keys_that_nobody_asked_about_are_due_oldest_first(store: Store, still: StillClock):
    for name, age, state in (("a", 9, "active"), ("b", 8, "active"), ("c", 20, "frozen"), ("d", 1, "active")):
        await add(store, held(still, name, checked_at=still.now() - age * HOUR, state=KeyState(state)))
    before_ms = int((still.now() - 7 * HOUR).timestamp() * 1000)
    due = await store.read(lambda tx: tx.accounts.due(before_ms, 10))
    assert [one.id for one in due] == ["a", "b"]


def invitation(clock: StillClock) -> Invitation:
    return Invitation(ANN, ANN, "binance", "main", "", clock.now() + timedelta(minutes=5), 0)


async def test_an_invitation_is_spent_by_one_alone(store: Store, still: StillClock):
    await store.write(lambda tx: tx.accounts.invite("hash", invitation(still)))
    won = [await store.write(lambda tx: tx.accounts.spend("hash", tx.now_ms)) for _ in range(3)]
    assert won == [True, False, False]
    assert await store.read(lambda tx: tx.accounts.invitation("hash", tx.now_ms)) is None


async def test_an_invitation_bears_so_many_tries_and_looking_is_none(store: Store, still: StillClock):
    await store.write(lambda tx: tx.accounts.invite("hash", invitation(still)))
    for left in range(MOST_TRIES, 0, -1):
        assert (await store.read(lambda tx: tx.accounts.invitation("hash", tx.now_ms))).tries_left == left
        assert await store.write(lambda tx: tx.accounts.take_try("hash", tx.now_ms))
    assert await store.write(lambda tx: tx.accounts.take_try("hash", tx.now_ms)) is None


async def test_an_invitation_ends_by_time_and_by_a_newer_one(store: Store, still: StillClock):
    await store.write(lambda tx: tx.accounts.invite("old", invitation(still)))
    await store.write(lambda tx: tx.accounts.invite("new", invitation(still)))
    assert await store.read(lambda tx: tx.accounts.invitation("old", tx.now_ms)) is None
    still.advance(300)
    assert await store.read(lambda tx: tx.accounts.invitation("new", tx.now_ms)) is None


async def test_a_lock_holds_from_its_first_moment(store: Store):
    assert not await store.read(lambda tx: tx.guards.locked(ANN))
    for now_ms in (5, 9):
        await store.write(lambda tx, now_ms=now_ms: tx.guards.lock(ANN, now_ms))
    assert await store.read(lambda tx: tx.guards.locked(ANN))
    await store.write(lambda tx: tx.guards.unlock(ANN))
    assert not await store.read(lambda tx: tx.guards.locked(ANN))


async def test_limits_come_back_exactly(store: Store):
    assert await store.read(lambda tx: tx.guards.limits(ANN)) == (None, None)
    await store.write(lambda tx: tx.guards.set_limits(ANN, Decimal("0.10"), Decimal("1E+3")))
    assert await store.read(lambda tx: tx.guards.limits(ANN)) == (Decimal("0.10"), Decimal(1000))


async def test_a_step_of_the_code_is_used_once_and_never_an_older_one(store: Store):
    await store.write(lambda tx: tx.guards.enrol(ANN, b"sealed"))
    used = [await store.write(lambda tx, step=step: tx.guards.code_used(ANN, step)) for step in (7, 7, 6, 8)]
    assert used == [True, False, False, True]


async def test_setting_up_anew_gives_no_new_tries(store: Store):
    await store.write(lambda tx: tx.guards.enrol(ANN, b"sealed"))
    await store.write(lambda tx: tx.guards.code_wrong(ANN, 3, 9))
    await store.write(lambda tx: tx.guards.enrol(ANN, b"other"))
    step = await store.read(lambda tx: tx.guards.second_step(ANN))
    assert (step.sealed, step.active, step.wrong, step.barred_until) == (b"other", False, 3, 9)
