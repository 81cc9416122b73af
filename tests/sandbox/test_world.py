"""The composed world: one market behind it all, switches on the desk page, and an end that leaves nothing open."""

import json
import socket
from decimal import Decimal

import aiohttp
import pytest

from bot.sandbox.changelly.engine import Order
from bot.sandbox.market import Market
from bot.sandbox.world import BOT_TOKEN, serve


@pytest.fixture
async def world():
    world = await serve(market=Market(dust=0))
    yield world
    await world.stop()


@pytest.fixture
async def session():
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        yield session


async def bitcoin(session, world):
    url = world.coincodex_url + "/api/v1/assets/get_asset_list?type=crypto&limit=1&select_bysymbol=BTC"
    async with session.get(url) as response:
        return json.loads(await response.read(), parse_float=Decimal)["data"][0]["last_price_usd"]


async def flip(session, world, board, ident, value=None):
    asked = {"world": board, "id": ident, "value": value}
    async with session.post(world.telegram_url + "/desk/api/world", json=asked) as response:
        return response.status, await response.json()


async def test_the_bot_of_the_world_can_log_in_and_the_admin_is_known(session, world):
    async with session.get(f"{world.telegram_url}/bot{world.bot_token}/getMe") as response:
        assert (await response.json())["result"]["username"] == "changedesk_bot"
    assert world.admin_ids == (1003,)


async def test_a_stranger_with_another_token_cannot(session, world):
    async with session.get(f"{world.telegram_url}/bot{BOT_TOKEN}x/getMe") as response:
        assert response.status == 401


async def test_the_desk_shows_every_switchboard(session, world):
    async with session.get(world.telegram_url + "/desk/api/world") as response:
        boards = {board["name"]: board["switches"] for board in await response.json()}
    assert list(boards) == ["market", "deposits", "coincodex", "binance", "bitfinex", "changelly"]
    for switches in boards.values():
        for switch in switches:
            assert set(switch) == {"id", "label", "kind", "value", "options"}
            assert switch["kind"] in ("toggle", "choice", "action", "number", "text")
            assert (switch["kind"] == "choice") == bool(switch["options"])


async def test_a_push_on_the_desk_moves_the_price_that_coincodex_tells(session, world):
    await flip(session, world, "market", "freeze", value=True)
    before = await bitcoin(session, world)
    assert (await flip(session, world, "market", "push", "40"))[0] == 200
    assert abs(await bitcoin(session, world) / before - Decimal("1.4")) < Decimal("0.000001")


async def test_a_fault_set_on_the_desk_is_met_at_coincodex_and_cleared_again(session, world):
    await flip(session, world, "coincodex", "way", "500 error")
    async with session.get(world.coincodex_url + "/api/v1/assets/get_asset_list") as response:
        assert response.status == 500
    await flip(session, world, "coincodex", "clear")
    assert await bitcoin(session, world) > 0


async def test_nonsense_on_the_desk_is_refused_in_words_and_changes_nothing(session, world):
    before = world.market.version
    status, answer = await flip(session, world, "market", "push", "to the moon")
    assert 400 <= status < 500
    assert "not a number" in json.dumps(answer)
    assert world.market.version == before


async def test_after_stop_nothing_listens_and_stopping_again_is_harmless(session):
    world = await serve(market=Market(dust=0))
    await world.stop()
    await world.stop()
    for url in (world.telegram_url, world.coincodex_url, world.binance_url, world.bitfinex_url, world.changelly_url):
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(url)


async def test_a_taken_port_stops_what_had_started():
    with socket.socket() as taken, socket.socket() as free:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        with pytest.raises(OSError, match="in use"):
            await serve(telegram_port=taken.getsockname()[1], coincodex_port=port, market=Market(dust=0))
    with socket.socket() as again:
        again.bind(("127.0.0.1", port))


async def test_a_swap_that_comes_and_moves_by_itself_is_seen_by_whoever_looks_on(session, world):
    engine = world.changelly.engine
    engine.progress.pace_s = 0

    async def drawn(stream):
        """Until the card of deposits is drawn anew, with what it says."""
        async for line in stream.content:
            if line.startswith(b"data: ") and (event := json.loads(line[6:]))["kind"] == "world":
                (card,) = (board for board in event["world"] if board["name"] == "deposits")
                return card["switches"][0]["value"]
        raise AssertionError("the stream ended")

    async with session.get(world.telegram_url + "/desk/api/stream") as stream:
        assert b"hello" in await stream.content.readline()
        order = Order(*engine.pair("btc", "eth"), "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045")
        swap = engine.create("operator", order, Decimal("0.1"))
        assert "waiting" in await drawn(stream)
        world.changelly.pay(swap.id)
        assert "finished" in await drawn(stream)
