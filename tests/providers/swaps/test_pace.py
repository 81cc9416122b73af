"""How fast Changelly is asked: under its limit for each key, people first, quiet when it asks for that."""

import asyncio
from decimal import Decimal

import pytest
from aiohttp import web

from bot.domain.errors import Refused, Unavailable
from bot.domain.orders import Credentials
from bot.domain.ports import unhurried
from bot.domain.swaps import RateKind
from bot.providers._lanes import Gate, Lane
from bot.providers.swaps import SwapSection
from bot.providers.swaps._line import Lines
from bot.providers.swaps._section import ASKED_AS
from bot.providers.swaps._signing import HmacSigner

from . import samples
from .conftest import CREDENTIALS
from .test_wire_form import FLOAT
from .vendor import error, scripted

RATE_LIMIT = error(-32600, "Error: You reached requests limit 10 rps")


async def answered(request: web.Request, result: object) -> web.Response:
    return web.json_response({"jsonrpc": "2.0", "id": (await request.json())["id"], "result": result})


def lines(dialect: str, clock, nonces) -> Lines:
    return Lines(SwapSection("http://127.0.0.1:9", None, clock, dialect, CREDENTIALS[dialect], nonces))


def test_the_pace_is_what_changelly_allows_and_no_more():
    assert ASKED_AS.per_second == 10


async def test_a_call_counts_from_its_answer_on_as_nobody_knows_when_it_arrived():
    gate, loop = Gate(per_second=3, in_flight=3, until_answered=True), asyncio.get_running_loop()
    started: list[float] = []
    leave = asyncio.Event()

    async def call() -> None:
        async with gate.turn(Lane.PEOPLE, 10):
            started.append(loop.time())
            await leave.wait()

    async with asyncio.TaskGroup() as calls:
        for _ in range(4):
            calls.create_task(call())
        while len(started) < 3:  # noqa: ASYNC110  # the loop's own turns
            await asyncio.sleep(0)
        answered = loop.time()
        leave.set()
    assert started[3] - answered >= 0.98


async def test_one_key_has_one_pace_and_another_key_another(clock, nonces):
    found = lines("v1", clock, nonces)
    one, same, other = (found.line(HmacSigner(key, "s"))._pace for key in ("a", "a", "b"))
    assert one is same is not other
    assert found.line(HmacSigner("a", "another secret"))._pace is one
    await found.client.aclose()


async def test_keys_that_come_and_go_are_not_kept_for_good(clock, nonces):
    found = lines("v1", clock, nonces)
    first = found.line(HmacSigner("first", "s"))._pace
    for number in range(600):
        found.line(HmacSigner(f"k{number}", "s"))
        found.line(HmacSigner("first", "s"))
    assert len(found._paces) == 500
    assert found.line(HmacSigner("first", "s"))._pace is first
    await found.client.aclose()


async def test_over_rest_one_call_at_a_time_so_that_nonces_arrive_in_order(make):
    at_once, most = 0, 0
    seen: list[int] = []

    async def slow(request: web.Request) -> web.Response:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        seen.append(int(request.headers["X-Nonce"]))
        await asyncio.sleep(0)
        at_once -= 1
        return web.json_response(samples.REST_QUOTE)

    async with scripted() as vendor:
        vendor.otherwise = slow
        provider = make("rest", url=vendor.url)
        his = provider.account("7", Credentials(CREDENTIALS["rest"].key, "another secret of the same key"))
        await asyncio.gather(*(each.rate("btc", "eth", Decimal(1)) for each in (provider, his, provider) * 3))
    assert most == 1
    assert seen == sorted(seen)
    assert len(set(seen)) == 9


async def test_people_go_before_sweeps(vendor, make):
    provider = make("v2", in_flight=1)
    first, released = asyncio.Event(), asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        first.set()
        await released.wait()
        return await answered(request, [])

    vendor.otherwise = answer
    account = provider.account("")
    async with asyncio.TaskGroup() as tasks:
        with unhurried():
            tasks.create_task(account.get_many(["sweep0"]))
            await first.wait()
            tasks.create_task(account.get_many(["sweep1"]))
            tasks.create_task(account.get_many(["sweep2"]))
        await asyncio.sleep(0)
        tasks.create_task(account.get_many(["person"]))
        await asyncio.sleep(0)
        released.set()
    assert [asked.params["id"][0] for asked in vendor.asked] == ["sweep0", "person", "sweep1", "sweep2"]


async def test_after_a_rate_limit_the_key_rests_for_a_second_and_more(vendor, make, clock):
    vendor.otherwise = [RATE_LIMIT, lambda request: answered(request, [samples.FINISHED])]
    assert await make("v2").account("").get_many([samples.FINISHED["id"]])
    assert sum(clock.slept) >= 1
    assert len(vendor.asked) == 2


async def test_so_does_everything_else_under_it_and_nothing_under_another(vendor, make, clock):
    provider = make("v1", tries=1)
    vendor.otherwise = [RATE_LIMIT, lambda request: answered(request, [])]
    with pytest.raises(Unavailable) as told:
        await provider.account("").get_many(["a"])
    assert told.value.retry_at > clock.now()
    other = provider.account("7", Credentials("another-key", "s"))
    await other.get_many(["a"])
    assert clock.slept == []
    await provider.coins()
    assert sum(clock.slept) >= 1


async def test_longer_than_patience_is_not_waited_for(vendor, make, clock):
    busy = web.Response(status=503, headers={"Retry-After": "55"})

    async def down(_: web.Request) -> web.Response:
        return busy

    vendor.otherwise = down
    provider = make("v2")
    with pytest.raises(Unavailable) as told:
        await provider.coins()
    assert len(vendor.asked) == 1
    assert 50 < (told.value.retry_at - clock.now()).total_seconds() <= 55
    with pytest.raises(Unavailable, match="busy"):
        await provider.account("").create(FLOAT)
    assert len(vendor.asked) == 1, "a creation left though the vendor wants to be left alone"


async def test_a_creation_that_met_the_limit_is_refused_and_not_sent_again(vendor, make):
    vendor.otherwise = RATE_LIMIT
    with pytest.raises(Refused, match="busy"):
        await make("v2").account("").create(FLOAT)
    assert len(vendor.asked) == 1


async def test_a_rate_limit_over_rest_is_a_status(vendor, make, clock):
    async def too_many(_: web.Request) -> web.Response:
        return web.json_response({"code": 429, "message": "slow down"}, status=429)

    vendor.otherwise = [too_many, lambda _: _quote()]
    assert await make("rest").quote("btc", "eth", Decimal(1), RateKind.FLOAT)
    assert sum(clock.slept) >= 1


async def _quote() -> web.Response:
    return web.json_response(samples.REST_QUOTE)
