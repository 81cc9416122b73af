"""A database that somebody has altered: what was touched stays shut, its owner is told, all else works."""

import sqlite3
from contextlib import closing

import pytest

from tests.desk import Desk, World, asked


@pytest.fixture
async def desk(world: World, make_desk) -> Desk:
    made = make_desk(ACCESS="open")
    await made.start()
    await made.ready()
    for person in (world.alice, world.admin):
        await asked(person, "/phrase three green lamps")
        login = world.exchange.add_account(str(person.id))
        await asked(person, "/keys add binance")
        assert "fingerprint" in (await asked(person, f"{login.key} {login.secret}")).text.lower()
    return made


def altered(world: World, statement: str) -> None:
    with closing(sqlite3.connect(world.database)) as db, db:
        assert db.execute(statement, {"alice": world.alice.id, "other": world.admin.id}).rowcount == 1


ALTERED = {
    "a bit of a sealed key": "UPDATE accounts SET sealed = CAST(sealed || x'00' AS BLOB) WHERE user_id = :alice",
    "somebody else's sealed key": "UPDATE accounts SET sealed = (SELECT sealed FROM accounts WHERE user_id = :other)"
    " WHERE user_id = :alice",
    "another version": "UPDATE accounts SET version = version + 1 WHERE user_id = :alice",
    "somebody else's data key": "UPDATE data_keys SET wrapped = (SELECT wrapped FROM data_keys WHERE owner = :other)"
    " WHERE owner = :alice",
    "no data key": "DELETE FROM data_keys WHERE owner = :alice",
}


@pytest.mark.parametrize("statement", ALTERED.values(), ids=ALTERED.keys())
async def test_it_is_not_used_and_its_owner_is_told_and_others_notice_nothing(world: World, desk: Desk, statement: str):
    assert "USDT" in (await asked(world.alice, "/balance")).text
    altered(world, statement)
    calls = world.exchange.calls.total()
    told = await asked(world.alice, "/balance")
    assert "altered" in told.text
    assert "/keys" in told.text
    assert world.exchange.calls.total() == calls
    assert desk.app.store.figures()["vault_opens_failed_total"] >= 1
    assert "USDT" in (await asked(world.admin, "/balance")).text


async def test_the_weekly_look_freezes_it_and_goes_on_with_the_others(world: World, desk: Desk):
    altered(world, ALTERED["a bit of a sealed key"])
    desk.clock.advance(8 * 24 * 3600)
    world.exchange.faults.skew_s = 8 * 24 * 3600
    await desk.app.services.accounts.check_due()
    states = await desk.app.store.read(
        lambda tx: {person.id: tx.accounts.of_user(person.id)[0].state for person in (world.alice, world.admin)}
    )
    assert states == {world.alice.id: "frozen", world.admin.id: "active"}
