"""`rotate-key` as an operator runs it: beside a desk that runs, killed at each batch, and run again."""

import asyncio
import base64
import sqlite3
from contextlib import closing

import pytest

from storage.store import Transaction
from storage.vault import SealBroken, key_id
from tests.desk import Desk, DeskProcess, World, asked, card, eventually

OLD, NEW = b"o" * 32, b"n" * 32
PEOPLE = 2_400
"""Five batches."""


@pytest.fixture
def key_file(world: World):
    file = world.folder / "vault.keys"

    def write(*keys: bytes) -> str:
        file.write_text("".join(base64.b64encode(key).decode() + "\n" for key in keys))
        file.chmod(0o600)
        return str(file)

    write(OLD)
    return write


@pytest.fixture
def rotating(world: World, make_process, key_file):
    """`rotate-key`, with the settings of the desk, and a log of its own."""
    process: DeskProcess = make_process(VAULT_KEY_FILE=key_file(OLD))
    process.log = world.folder / "rotation.log"
    return process


def wrapped_with(world: World) -> dict[str, int]:
    with closing(sqlite3.connect(world.database)) as db:
        return dict(db.execute("SELECT kek_id, count(*) FROM data_keys GROUP BY kek_id").fetchall())


def sealed_for_all(tx: Transaction) -> dict[int, bytes]:
    return {owner: tx.seal(owner, b"said by %d" % owner, "test") for owner in range(1, PEOPLE)}


class Reader:
    """Opens one person's value after another, for as long as it lives."""

    def __init__(self, desk: Desk, values: dict[int, bytes]) -> None:
        self._desk, self._values = desk, values
        self.fine, self.failed = 0, 0

    async def run(self) -> None:
        while True:
            for owner, value in self._values.items():
                try:
                    opened = await self._desk.app.store.read(lambda tx, o=owner, v=value: tx.open(o, v, "test"))
                    self.fine += opened == b"said by %d" % owner
                except SealBroken:
                    self.failed += 1


async def test_killed_at_each_batch_it_goes_on_and_no_read_fails_meanwhile(world: World, make_desk, rotating, key_file):
    desk = make_desk(VAULT_KEY_FILE=key_file(OLD))
    await desk.start()
    await desk.ready()
    values = await desk.app.store.write(sealed_for_all)
    people = len(wrapped_owners(world))
    key_file(NEW, OLD)
    await desk.app.services.upkeep.look_for_keys()  # as its clock does every few seconds
    reader, kills, left = Reader(desk, values), 0, people
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(reader.run())
        while left:
            await rotating.start("rotate-key")
            await eventually(lambda: "left" in rotating.said)
            await rotating.kill()
            now_left = wrapped_with(world).get(key_id(OLD), 0)
            assert now_left < left
            kills, left = kills + 1, now_left
        await rotating.start("rotate-key")
        assert await rotating.ended() == 0
        reading.cancel()
    assert kills >= 3
    assert "0 data keys are not under" in rotating.said
    assert wrapped_with(world) == {key_id(NEW): people}
    assert (reader.failed, reader.fine > 100) == (0, True)
    everything = await desk.app.store.read(
        lambda tx: [tx.open(owner, value, "test") for owner, value in values.items()]
    )
    assert len(everything) == PEOPLE - 1
    assert desk.app.store.figures()["vault_opens_failed_total"] == 0


def wrapped_owners(world: World) -> list[int]:
    with closing(sqlite3.connect(world.database)) as db:
        return [row[0] for row in db.execute("SELECT owner FROM data_keys")]


async def test_it_waits_until_the_desk_that_runs_has_seen_the_new_key(world: World, make_process, rotating, key_file):
    desk = make_process(VAULT_KEY_FILE=key_file(OLD))
    await desk.start()
    await desk.ready()
    key_file(NEW, OLD)
    await rotating.start("rotate-key")
    assert await rotating.ended() == 0
    assert "vault.keys_taken_up" in desk.said
    assert set(wrapped_with(world)) == {key_id(NEW)}
    assert card("BTC")(await asked(world.alice, "/price btc"))
    assert await desk.terminate() == 0
    key_file(NEW)
    await desk.start()
    await desk.ready()
    assert card("ETH")(await asked(world.alice, "/price eth"))
    assert await desk.terminate() == 0


async def test_a_desk_that_cannot_see_the_new_key_keeps_it_from_beginning(
    world: World, make_process, rotating, key_file
):
    """Its key is in the environment, which nobody changes from outside."""
    desk = make_process(VAULT_KEY=base64.b64encode(OLD).decode())
    await desk.start()
    await desk.ready()
    key_file(NEW, OLD)
    await rotating.start("rotate-key")
    assert await rotating.ended(40) == 78
    assert "does not hold the new key" in rotating.said
    assert set(wrapped_with(world)) == {key_id(OLD)}
    assert base64.b64encode(NEW).decode() not in rotating.said
    assert base64.b64encode(NEW).decode() not in desk.said


async def test_without_the_old_key_nothing_is_touched(world: World, make_process, rotating, key_file):
    desk = make_process(VAULT_KEY_FILE=key_file(OLD))
    await desk.start()
    await desk.ready()
    assert await desk.terminate() == 0
    before = world.database.read_bytes()
    key_file(NEW)
    await rotating.start("rotate-key")
    assert await rotating.ended() == 78
    assert "not the one" in rotating.said
    assert world.database.read_bytes() == before
