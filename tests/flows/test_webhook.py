"""Updates by webhook: stored before they are taken, and from nobody but Telegram."""

import httpx
import pytest

from tests.desk import Desk, World, answered, answers, asked, card, eventually

SECRET = "a-secret-for-the-hook"


@pytest.fixture
async def hooked(world: World, make_desk, unused_port: int) -> Desk:
    address = f"127.0.0.1:{unused_port}"
    desk = make_desk(UPDATES="webhook", PUBLIC_URL=f"http://{address}", LISTEN=address, WEBHOOK_SECRET=SECRET)
    await desk.start()
    await eventually(lambda: world.telegram.webhooks.deliveries)
    return desk


async def post(desk: Desk, body: object, secret: str | None = SECRET) -> int:
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    async with httpx.AsyncClient(trust_env=False) as client:
        address = f"http://127.0.0.1:{desk.app.ports[1]}/telegram"
        if isinstance(body, bytes):
            return (await client.post(address, content=body, headers=headers)).status_code
        return (await client.post(address, json=body, headers=headers)).status_code


async def test_what_telegram_brings_is_answered_once(world: World, hooked: Desk):
    update_id = world.alice.send("/price btc")
    assert card("BTC")(await answered(world.alice))
    for _ in range(3):
        world.telegram.redeliver(update_id)
    assert card("ETH")(await asked(world.bob, "/price eth"))
    await hooked.settled()
    assert len(answers(world.alice)) == 1


async def test_who_does_not_know_the_secret_is_turned_away(world: World, hooked: Desk):
    update = {"update_id": 7, "message": {"message_id": 1, "date": 1, "chat": {"id": 1001, "type": "private"},
              "from": world.alice.user.wire, "text": "/price btc"}}  # fmt: skip
    for secret in (None, "", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper()):
        assert await post(hooked, update, secret) == 403
    assert await post(hooked, update) == 200
    assert hooked.app.intake.accepted == 1


NO_UPDATES = (b"", b"{", b"[]", b"null", b'{"update_id": "x"}', b'{"update_id": 99999999999999999999}', b"\xff")


async def test_what_is_no_update_is_refused_and_harms_nobody(world: World, hooked: Desk, told):
    for body in NO_UPDATES:
        assert await post(hooked, body) == 400
    assert card("BTC")(await asked(world.alice, "/price btc"))
    assert told.errors() == []


async def test_the_body_is_bounded(hooked: Desk):
    assert await post(hooked, b'{"update_id": 1, "x": "' + b"x" * 2_000_000 + b'"}') == 413


async def test_what_came_while_it_was_away_is_answered_after_the_start(world: World, hooked: Desk):
    await asked(world.alice, "/start")
    await hooked.stop()
    world.alice.send("/price btc")
    await hooked.start()
    assert card("BTC")(await answered(world.alice))
