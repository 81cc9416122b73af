"""A database that is locked or full: said so, nothing half done, and no help needed once it serves again."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx

from tests.desk import PATIENCE_S, Desk, Told, World, answers, asked, card, eventually


@contextmanager
def locked(world: World) -> Iterator[None]:
    """Another connection writes, and does not come to an end."""
    with closing(sqlite3.connect(world.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


async def pragma(desk: Desk, statement: str) -> int:
    """Through the writer's own connection."""
    row = await desk.app.store.write(lambda tx: tx.users._db.conn.execute(f"PRAGMA {statement}").fetchone())
    return row[0] if row else 0


async def hurried(desk: Desk) -> None:
    """A lock is waited for a moment instead of five seconds."""
    await pragma(desk, "busy_timeout = 50")


async def faults(desk: Desk) -> tuple[int, list[str]]:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{desk.app.ports[0]}/readyz")
    return answer.status_code, answer.json()["faults"]


async def test_while_it_is_locked_the_desk_says_so_and_then_answers(world: World, desk: Desk, told: Told):
    alice = world.alice
    await asked(alice, "/price btc")
    await hurried(desk)
    with locked(world):
        alice.send("/watch add eth")
        alice.send("/price btc")
        await eventually(lambda: desk.app.poll.fault() == "intake.storage_down")
        status, said = await faults(desk)
        assert status == 503
        assert any("database" in fault for fault in said)
        assert answers(alice) == []
    await alice.wait(card("BTC"), timeout_s=PATIENCE_S)
    await desk.settled()
    await eventually(lambda: desk.app.poll.fault() == "")
    assert len(answers(alice)) == 2
    assert (await desk.app.services.users.get(alice.id)).watch == ("ETH",)
    assert (await faults(desk)) == (200, [])
    assert told.errors() == []


async def test_a_change_that_cannot_be_stored_is_said_once_and_done_later(world: World, desk: Desk, told: Told):
    """It came before the lock: the person waits for an answer."""
    alice = world.alice
    await asked(alice, "/watch btc")
    await hurried(desk)
    desk.clock.advance(10_000)
    world.coincodex.faults.set("slow", 2)
    calls = world.coincodex.calls.total()
    alice.send("/watch add wbtc")
    await eventually(lambda: world.coincodex.calls.total() > calls)
    with locked(world):
        await alice.wait(lambda message: "records" in message.text, timeout_s=PATIENCE_S)
    world.coincodex.faults.clear()
    await desk.settled()
    assert len([message for message in answers(alice) if "records" in message.text]) == 1
    assert len(answers(alice)) == 2
    assert told.errors() == []


async def test_a_stranger_s_first_word_outlives_the_lock(world: World, desk: Desk, told: Told):
    await asked(world.alice, "/price btc")
    await hurried(desk)
    stranger = world.stranger()
    with locked(world):
        stranger.send("/start")
        stranger.send("/price btc")
        await eventually(desk.app.poll.fault)
    assert card("BTC")(await stranger.wait(card("BTC"), timeout_s=PATIENCE_S))
    await desk.settled()
    assert [message.text[:6] for message in stranger.messages() if message.wire["from"]["is_bot"]][1:] != []
    assert told.errors() == []


async def test_a_full_disk_loses_nothing(world: World, desk: Desk, told: Told):
    alice = world.alice
    await asked(alice, "/price btc")
    await desk.settled()
    await pragma(desk, f"max_page_count = {await pragma(desk, 'page_count')}")
    long = "x" * 4000
    people = [world.stranger() for _ in range(8)]
    for person in people:
        person.send(f"/price {long}")
        person.send("/watch add btc")
    await eventually(lambda: desk.app.poll.fault() == "intake.storage_down")
    assert "full" in str(told.events("storage.unit_failed")[0]["reason"])
    assert (await faults(desk))[0] == 503
    await pragma(desk, "max_page_count = 1000000")
    for person in people:
        await person.wait(lambda message: "BTC" in message.text, timeout_s=PATIENCE_S)
    await desk.settled()
    assert [len([m for m in person.messages() if m.wire["from"]["is_bot"]]) for person in people] == [2] * 8
    assert told.errors() == []


async def test_the_webhook_asks_telegram_to_keep_what_cannot_be_stored(world: World, make_desk, unused_port: int):
    address = f"127.0.0.1:{unused_port}"
    desk = make_desk(UPDATES="webhook", PUBLIC_URL=f"http://{address}", LISTEN=address, WEBHOOK_SECRET="a-secret")
    await desk.start()
    assert card("BTC")(await asked(world.alice, "/price btc"))
    await desk.settled()
    await hurried(desk)
    with locked(world):
        world.alice.send("/price eth")
        await eventually(lambda: _hook_trouble(world))
    assert card("ETH")(await world.alice.wait(card("ETH"), timeout_s=PATIENCE_S))
    await eventually(lambda: world.telegram.pending() == 0)


def _hook_trouble(world: World) -> bool:
    delivery = next(iter(world.telegram.webhooks.deliveries.values()))
    return "503" in delivery.last_error.get("last_error_message", "")
