"""A person's own key at Changelly: handed over, tried out, used instead of the operator's."""

import pytest

from bot.sandbox.changelly import fresh_private_key
from tests.desk import Desk, World, asked, eventually, pressed
from tests.flows.test_swaps import ETHER, agreed

DIALECTS = ("v2", "rest")


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_stored_key_makes_his_swaps(make_desk, world: World, dialect: str):
    login = world.changelly.add_account("alice")
    desk: Desk = make_desk(ACCESS="open", CHANGELLY_DIALECT=dialect, SWAPS_PER_DAY="0")
    await desk.start()
    person = world.alice
    await asked(person, "/keys add changelly")
    stored = await asked(person, login.private_key if dialect == "v2" else f"{login.key} {login.secret}")
    assert stored.text.startswith("✅"), stored.text
    card = await agreed(person, dialect)
    await pressed(person, card, "✅ Swap 0.005 BTC")
    (swap,) = await eventually(lambda: list(world.changelly.transactions.values()))
    assert swap.owner == "alice"
    log = desk.app.store
    assert await log.read(lambda tx: tx.accounts.watched(tx.accounts.of_user(person.id)[0].id)) == 1


async def test_a_key_changelly_does_not_know_is_not_kept(make_desk, world: World):
    desk: Desk = make_desk(ACCESS="open")
    await desk.start()
    person = world.alice
    await asked(person, "/keys add changelly")
    told = await asked(person, fresh_private_key())
    assert not told.text.startswith("✅")
    assert await desk.app.store.read(lambda tx: tx.accounts.of_user(person.id)) == []


async def test_the_operators_quota_is_for_who_has_no_key(make_desk, world: World):
    desk: Desk = make_desk(ACCESS="open", SWAPS_PER_DAY="0")
    await desk.start()
    person = world.alice
    told = await asked(person, f"/swap 0.005 btc eth {ETHER} float refund -")
    assert not any(label.startswith("✅") for label in told.labels), told.text
