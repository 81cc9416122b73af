"""The policy every vendor behind httpx is asked by: what is retried, what is bounded, what is never told."""

import asyncio
import gc
import gzip
import logging
import traceback
import tracemalloc
from collections.abc import Callable, Coroutine
from datetime import timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest
from aiohttp import web

from bot.domain.errors import Unavailable
from bot.providers._http import Unusable, Vendor
from bot.providers._lanes import Crowded, Gate, Lane

from .loopback import (
    CHALLENGE,
    HandClock,
    LoopbackVendor,
    babbling_proxy,
    endless,
    hangs_up,
    http_proxy,
    never,
    says,
    socks5_proxy,
    torn,
)

MakeVendor = Callable[..., Vendor]
THING = "/api/thing"
GOOD = says('{"price": 61234.50000000000000000001, "n": 3}')


async def read(vendor: Vendor, **options: object) -> object:
    return await vendor.read(THING, {"a": "b"}, lambda body: body, **options)


async def failure(vendor: Vendor, **options: object) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        await read(vendor, **options)
    return caught.value


# What is asked, and how -----------------------------------------------------------------------------------------------


async def test_money_in_an_answer_is_exact(outside: LoopbackVendor, make_vendor: MakeVendor) -> None:
    outside.answers(GOOD)
    assert await read(make_vendor()) == {"price": Decimal("61234.50000000000000000001"), "n": 3}


async def test_the_vendor_is_told_who_asks(outside: LoopbackVendor, make_vendor: MakeVendor) -> None:
    outside.answers(GOOD)
    await read(make_vendor())
    assert outside.headers[0]["user-agent"].startswith("Changedesk")
    assert outside.headers[0]["accept"] == "application/json"
    assert outside.asked == ["/api/thing?a=b"]


async def test_a_redirect_is_not_followed(outside: LoopbackVendor, make_vendor: MakeVendor) -> None:
    outside.answers(says("", 302, Location="/elsewhere"))
    assert (await failure(make_vendor())).key == "source.down"
    assert len(outside.asked) == 1


async def test_the_environments_proxy_is_not_used(
    outside: LoopbackVendor, make_vendor: MakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:9")
    outside.answers(GOOD)
    assert await read(make_vendor())


# Retries --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "key"),
    [
        (hangs_up, "source.down"),
        (says("oops", 500), "source.down"),
        (says("oops", 503), "source.down"),
        (says("oops", 429), "source.busy"),
        (torn(b"[" + b"1," * 5000 + b"1]"), "source.down"),
        (says('{"a": [1, 2'), "source.garbled"),
    ],
    ids=["hang-up", "500", "503", "429", "torn", "cut"],
)
async def test_a_passing_trouble_is_tried_twice_more(
    outside: LoopbackVendor, make_vendor: MakeVendor, clock: HandClock, trouble: object, key: str
) -> None:
    outside.answers(trouble, trouble, GOOD)
    assert await read(make_vendor())
    assert len(outside.asked) == 3
    # Full jitter, here always one half, of 0.5 and 1 second.
    assert clock.slept == [0.25, 0.5]
    outside.answers(trouble)
    outside.asked.clear()
    assert (await failure(make_vendor())).key == key
    assert len(outside.asked) == 3


@pytest.mark.parametrize(
    ("trouble", "key"),
    [
        (CHALLENGE, "source.garbled"),
        (says(""), "source.garbled"),
        (says("Infinity-and-beyond"), "source.garbled"),
        (says("{}", 404), "source.down"),
        (says("{}", 403), "source.down"),
        (says("{}", 204), "source.down"),
        (says(b"\x00\x01", Content_Encoding="br"), "source.garbled"),
        (says(b"no gzip at all", Content_Encoding="gzip"), "source.garbled"),
    ],
    ids=["html", "empty", "words", "404", "403", "204", "brotli", "not-gzip"],
)
async def test_a_lasting_trouble_is_not_tried_again(
    outside: LoopbackVendor, make_vendor: MakeVendor, trouble: object, key: str
) -> None:
    outside.answers(trouble)
    error = await failure(make_vendor())
    assert (error.key, error.values) == (key, {"source": "Testvendor"})
    assert isinstance(error, Unusable)
    assert len(outside.asked) == 1


async def test_nobody_listening_is_down_and_not_unusable(make_vendor: MakeVendor, clock: HandClock) -> None:
    error = await failure(make_vendor(url="http://127.0.0.1:9"))
    assert error.key == "source.down"
    assert not isinstance(error, Unusable)
    assert len(clock.slept) == 2


async def test_a_vendor_that_is_silent_is_given_up(outside: LoopbackVendor, make_vendor: MakeVendor) -> None:
    released = asyncio.Event()
    outside.answers(never(released))
    error = await failure(make_vendor(whole_s=0.3))
    released.set()
    assert error.key == "source.down"
    assert not isinstance(error, Unusable)
    assert len(outside.asked) == 3


async def test_a_vendor_that_drips_is_given_up_too(outside: LoopbackVendor, make_vendor: MakeVendor) -> None:
    released = asyncio.Event()

    async def drips(request: object) -> object:
        response = web.StreamResponse()
        await response.prepare(request)
        while not released.is_set():
            await response.write(b" ")
            await asyncio.sleep(0.005)
        return response

    outside.answers(drips)
    assert (await failure(make_vendor(whole_s=0.05), tries=1)).key == "source.down"
    released.set()


@pytest.mark.parametrize("as_date", [False, True])
async def test_retry_after_is_waited_for(
    outside: LoopbackVendor, make_vendor: MakeVendor, clock: HandClock, *, as_date: bool
) -> None:
    when = format_datetime(clock.now() + timedelta(seconds=7), usegmt=True) if as_date else "7"
    outside.answers(says("{}", 429, Retry_After=when), GOOD)
    assert await read(make_vendor())
    assert clock.slept == [7.0]


async def test_a_retry_after_beyond_patience_is_told_and_kept(
    outside: LoopbackVendor, make_vendor: MakeVendor, clock: HandClock
) -> None:
    outside.answers(says("{}", 429, Retry_After="45"), GOOD)
    vendor = make_vendor()
    first = await failure(vendor)
    assert (first.key, first.retry_at) == ("source.busy", clock.now() + timedelta(seconds=45))
    clock.go(5)
    again = await failure(vendor)
    assert (again.key, again.retry_at) == ("source.busy", first.retry_at)
    assert len(outside.asked) == 1
    clock.go(30)
    assert await read(vendor)
    assert len(outside.asked) == 2


async def test_a_mad_retry_after_does_not_shut_the_vendor_out(
    outside: LoopbackVendor, make_vendor: MakeVendor, clock: HandClock
) -> None:
    outside.answers(says("{}", 429, Retry_After="99999999999999999999"), GOOD)
    vendor = make_vendor()
    await failure(vendor)
    clock.go(60)
    assert await read(vendor)


@pytest.mark.parametrize("nonsense", ["soon", "-3", "٣", "1e3", "Fri, 99 Nov 2026", "Sat, 21 Nov 2026 12:00:09"])
async def test_a_nonsense_retry_after_is_as_none(
    outside: LoopbackVendor, make_vendor: MakeVendor, clock: HandClock, nonsense: str
) -> None:
    async def odd(_: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": nonsense})

    outside.answers(odd, GOOD)
    assert await read(make_vendor())
    assert clock.slept == [0.25]


# Health ---------------------------------------------------------------------------------------------------------------


async def test_health_is_lost_by_a_failure_and_won_by_a_success(
    outside: LoopbackVendor, make_vendor: MakeVendor
) -> None:
    vendor = make_vendor()
    assert vendor.healthy
    outside.answers(says("{}", 500))
    await failure(vendor)
    assert not vendor.healthy
    outside.answers(GOOD)
    await read(vendor)
    assert vendor.healthy


@pytest.mark.parametrize("status", [400, 404, 422])
async def test_a_question_the_vendor_refuses_is_not_its_illness(
    outside: LoopbackVendor, make_vendor: MakeVendor, status: int
) -> None:
    vendor = make_vendor()
    outside.answers(says("{}", status))
    error = await failure(vendor)
    assert isinstance(error, Unusable)
    assert error.unknown
    assert vendor.healthy


async def test_an_address_with_a_fallback_is_not_the_vendors_illness_but_a_hang_up_is(
    outside: LoopbackVendor, make_vendor: MakeVendor
) -> None:
    vendor = make_vendor()
    outside.answers(says("{}", 500))
    await failure(vendor, last=False)
    assert vendor.healthy
    outside.answers(hangs_up)
    await failure(vendor, last=False)
    assert not vendor.healthy


# Bodies ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", [True, False])
async def test_thirty_megabytes_are_neither_held_nor_fetched(
    outside: LoopbackVendor, make_vendor: MakeVendor, *, told: bool
) -> None:
    outside.answers(endless(outside, 30, told=told))
    vendor = make_vendor()
    tracemalloc.start()
    error = await failure(vendor)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error.key == "source.garbled"
    assert len(outside.asked) == 1
    assert peak < 12 << 20
    # What is beyond the cap lay in the sockets' buffers when the connection was dropped.
    assert outside.sent < 16 << 20


async def test_a_small_packed_body_that_is_large_inside_is_not_held(
    outside: LoopbackVendor, make_vendor: MakeVendor
) -> None:
    bomb = gzip.compress(b"[" + b" " * 30_000_000 + b"]")
    assert len(bomb) < 100_000
    outside.answers(says(bomb, Content_Encoding="gzip"))
    vendor = make_vendor()
    gc.collect()
    tracemalloc.start()
    error = await failure(vendor)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error.key == "source.garbled"
    assert peak < 12 << 20


async def test_a_packed_body_is_unpacked_and_a_cut_one_is_asked_for_again(
    outside: LoopbackVendor, make_vendor: MakeVendor
) -> None:
    whole = gzip.compress(b'{"a": "' + bytes(range(48, 58)) * 500 + b'"}')
    outside.answers(says(whole[:-20], Content_Encoding="gzip"), says(whole, Content_Encoding="gzip"))
    answer = await read(make_vendor())
    assert answer == {"a": "0123456789" * 500}
    assert len(outside.asked) == 2


async def test_a_body_at_the_cap_is_read_and_one_byte_more_is_not(
    outside: LoopbackVendor, make_vendor: MakeVendor
) -> None:
    outside.answers(says("[" + " " * 998 + "]"))
    assert await read(make_vendor(body_bytes=1000)) == []
    outside.answers(says("[" + " " * 999 + "]"))
    assert (await failure(make_vendor(body_bytes=1000))).key == "source.garbled"


@pytest.mark.parametrize(
    "body",
    ["[" * 50_000 + "]" * 50_000, "[" + "[]," * 60_000 + "[]]", "[" * 100_000, '{"a":' * 90_000],
    ids=["deep", "wide", "open", "objects"],
)
async def test_a_body_of_brackets_is_refused(outside: LoopbackVendor, make_vendor: MakeVendor, body: str) -> None:
    outside.answers(says(body))
    assert (await failure(make_vendor(), tries=1)).key == "source.garbled"


async def test_numbers_that_are_none_are_read_as_gaps(outside: LoopbackVendor, make_vendor: MakeVendor) -> None:
    outside.answers(says(f"[NaN, Infinity, -Infinity, 1e999999999999999999999, {'9' * 5000}, 7]"))
    assert await read(make_vendor()) == [None, None, None, None, None, 7]


# Nothing of the vendor's gets out -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble",
    [hangs_up, CHALLENGE, says("secret-vendor-words", 500), says("{}", 302, Location="http://secret-vendor-words/")],
    ids=["hang-up", "html", "500", "302"],
)
async def test_no_address_and_no_vendors_words_are_told(
    outside: LoopbackVendor, make_vendor: MakeVendor, caplog: pytest.LogCaptureFixture, trouble: object
) -> None:
    outside.answers(trouble)
    with caplog.at_level(logging.DEBUG, logger="bot"):
        error = await failure(make_vendor())
    assert error.__cause__ is None
    assert error.__context__ is None
    told = "".join(traceback.format_exception(error)) + repr(error.values) + str(error)
    told += "".join(record.getMessage() for record in caplog.records if record.name.startswith("bot"))
    assert "Testvendor" in told
    for secret in ("127.0.0.1", THING, "secret-vendor-words"):
        assert secret not in told


# The queue ------------------------------------------------------------------------------------------------------------


def start(visit: Coroutine[object, object, None]) -> "asyncio.Task[None]":
    return asyncio.get_running_loop().create_task(visit)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_people_go_before_sweeps_that_came_first() -> None:
    gate = Gate(per_second=1000, in_flight=1)
    order: list[str] = []
    leave = asyncio.Event()

    async def visit(name: str, lane: Lane) -> None:
        async with gate.turn(lane, 5):
            order.append(name)
            await leave.wait()

    names = [("first", Lane.SWEEP), ("sweep", Lane.SWEEP), ("sweep", Lane.SWEEP), ("person", Lane.PEOPLE)]
    visits = [start(visit(*name)) for name in names]
    await settle()
    leave.set()
    await asyncio.gather(*visits)
    assert order == ["first", "person", "sweep", "sweep"]


async def test_sweeps_leave_one_place_for_people_and_people_may_take_all() -> None:
    for lane, most in ((Lane.SWEEP, 2), (Lane.PEOPLE, 3)):
        gate = Gate(per_second=1000, in_flight=3)
        inside = 0
        leave = asyncio.Event()

        async def visit(gate: Gate = gate, lane: Lane = lane, leave: asyncio.Event = leave) -> None:
            nonlocal inside
            async with gate.turn(lane, 5):
                inside += 1
                await leave.wait()

        visits = [start(visit()) for _ in range(6)]
        await settle()
        assert inside == most
        leave.set()
        await asyncio.gather(*visits)


async def test_no_second_sees_more_starts_than_allowed() -> None:
    gate = Gate(per_second=8, in_flight=100)
    loop = asyncio.get_running_loop()
    starts: list[float] = []

    async def visit() -> None:
        async with gate.turn(Lane.PEOPLE, 5):
            starts.append(loop.time())

    await asyncio.gather(*(visit() for _ in range(17)))
    assert len(starts) == 17
    for early, late in zip(starts, starts[8:], strict=False):
        # The start is noted a moment after it was granted.
        assert late - early > 0.98


async def test_whoever_gives_up_waiting_leaves_his_place_to_others() -> None:
    gate = Gate(per_second=1000, in_flight=1)
    leave = asyncio.Event()
    entered: list[str] = []

    async def visit(name: str) -> None:
        async with gate.turn(Lane.PEOPLE, 5):
            entered.append(name)
            await leave.wait()

    first, second, third = (start(visit(name)) for name in ("first", "second", "third"))
    await settle()
    second.cancel()
    first.cancel()  # the place is granted and given up in the same turn of the loop
    await settle()
    assert entered == ["first", "third"]
    leave.set()
    await asyncio.gather(first, second, third, return_exceptions=True)
    async with gate.turn(Lane.PEOPLE, 0.1):
        pass


async def test_a_place_called_in_and_called_off_at_once_is_free_again() -> None:
    gate = Gate(per_second=1000, in_flight=1)

    async def visit() -> None:
        async with gate.turn(Lane.PEOPLE, 5):
            pass

    async with gate.turn(Lane.PEOPLE, 1):
        waiting = start(visit())
        await settle()
    waiting.cancel()  # granted by the leaving above, not yet awake
    await asyncio.gather(waiting, return_exceptions=True)
    async with gate.turn(Lane.PEOPLE, 0.1):
        pass


async def test_waiting_has_an_end_and_so_has_the_queue() -> None:
    gate = Gate(per_second=1000, in_flight=1, most_waiting=1)
    async with gate.turn(Lane.PEOPLE, 1):
        with pytest.raises(Crowded):
            async with gate.turn(Lane.PEOPLE, 0.01):
                pass
        waiting = start(gate._admitted(Lane.PEOPLE, 5))
        await settle()
        with pytest.raises(Crowded):
            async with gate.turn(Lane.PEOPLE, 5):
                pass
    await waiting


async def test_a_vendor_is_not_asked_by_more_at_once_than_allowed(
    outside: LoopbackVendor, make_vendor: MakeVendor
) -> None:
    released, full = asyncio.Event(), asyncio.Event()

    async def slow(_: object) -> object:
        if outside.at_once == 3:
            full.set()
        await released.wait()
        return web.json_response({"ok": 1})

    outside.answers(slow)
    vendor = make_vendor(in_flight=3)
    reads = [start(read(vendor)) for _ in range(10)]
    await full.wait()
    await settle()
    released.set()
    await asyncio.gather(*reads)
    assert outside.most_at_once == 3
    assert len(outside.asked) == 10


# Proxies --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make_proxy", [http_proxy, socks5_proxy])
async def test_a_proxy_carries_the_question(
    outside: LoopbackVendor, make_vendor: MakeVendor, make_proxy: Callable[[], object]
) -> None:
    outside.answers(GOOD)
    async with make_proxy() as proxy:
        vendor = make_vendor(proxy=proxy.url)
        assert await read(vendor)
        await vendor.close()
    assert proxy.reached == [outside.url.removeprefix("http://")]
    assert len(outside.asked) == 1


# httpcore 1.0.9 leaves the socket of a failed SOCKS greeting to the garbage collector, which is called here.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x05\xff", b"\x05\x00\x05\x01\x00\x01"])
async def test_what_is_no_proxy_is_down(outside: LoopbackVendor, make_vendor: MakeVendor, reply: bytes) -> None:
    outside.answers(GOOD)
    async with babbling_proxy(reply) as proxy:
        vendor = make_vendor(proxy=proxy.url, whole_s=2.0)
        assert (await failure(vendor)).key == "source.down"
        await vendor.close()
    assert outside.asked == []
    assert proxy.reached
    gc.collect()
