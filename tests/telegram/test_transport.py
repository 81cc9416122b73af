"""The transport: through proxies, bounded; an error tells whether anything may have arrived, and no address."""

import asyncio
import re
import traceback

import pytest
from telegram import Bot
from telegram.error import NetworkError, TimedOut

from bot.telegram.api import BotApi, Refusal
from bot.telegram.transport import NotSent, Transport
from tests.providers import loopback
from tests.telegram.conftest import TOKEN


@pytest.fixture
async def vendor():
    async with loopback.listening() as made:
        yield made


def shown(error):
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize("proxy", [loopback.http_proxy, loopback.socks5_proxy])
async def test_calls_go_through_a_proxy_that_learns_the_name(telegram, proxy):
    async with proxy() as through:
        transport = Transport(through.url)
        try:
            me = await BotApi(transport, telegram.url, TOKEN).call("getMe", {})
            await BotApi(transport, telegram.url, TOKEN).call("getMe", {})
        finally:
            await transport.shutdown()
        assert me["is_bot"]
        assert set(through.reached) == {telegram.url.removeprefix("http://")}


@pytest.mark.parametrize(
    "reply", [b"", b"HTTP/1.1 500 no\r\n\r\n", b"\x05\xff", b"\x04\x00", b"\x05\x00\x05\x01\x00\x01" + bytes(6)]
)
async def test_a_proxy_that_does_not_serve_means_that_nothing_was_sent(telegram, reply):
    async with loopback.babbling_proxy(reply) as through:
        transport = Transport(through.url)
        try:
            with pytest.raises(NotSent):
                await BotApi(transport, telegram.url, TOKEN).call("getMe", {})
        finally:
            await transport.shutdown()


async def test_where_nobody_listens_nothing_was_sent(transport, unused_port):
    with pytest.raises(NotSent):
        await transport.request(f"http://127.0.0.1:{unused_port}/bot{TOKEN}/getMe", b"{}")


async def test_where_the_line_breaks_it_may_have_arrived(vendor, transport):
    vendor.answers(loopback.hangs_up)
    with pytest.raises(NetworkError) as told:
        await transport.request(f"{vendor.url}/bot{TOKEN}/sendMessage", b"{}")
    assert not isinstance(told.value, NotSent)


async def test_no_answer_in_time_may_have_arrived(vendor, transport):
    released = asyncio.Event()
    vendor.answers(loopback.never(released))
    with pytest.raises(TimedOut):
        await transport.request(f"{vendor.url}/bot{TOKEN}/sendMessage", b"{}", 0.05)
    released.set()


async def test_an_answer_without_end_is_not_kept(vendor, transport):
    vendor.answers(loopback.endless(vendor, 40, told=False))
    with pytest.raises(NetworkError, match="without end"):
        await transport.request(f"{vendor.url}/bot{TOKEN}/getUpdates", b"{}")


async def test_a_redirect_is_not_followed(vendor, transport):
    vendor.answers(loopback.says(b"", 302, Location=f"{vendor.url}/elsewhere"))
    status, _ = await transport.request(f"{vendor.url}/bot{TOKEN}/getMe", b"{}")
    assert status == 302
    assert len(vendor.asked) == 1


async def test_no_error_holds_the_token(vendor, transport, unused_port):
    released = asyncio.Event()
    vendor.answers(
        loopback.hangs_up, loopback.never(released), loopback.torn(b'{"ok": true}'), loopback.says(b"<html>")
    )
    api = BotApi(transport, vendor.url, TOKEN)
    for root in (f"http://127.0.0.1:{unused_port}", "http://nosuch.invalid", "no address"):
        with pytest.raises(NetworkError) as told:
            await BotApi(transport, root, TOKEN).call("getMe", {})
        assert TOKEN not in shown(told.value)
    for _ in range(4):
        with pytest.raises(NetworkError) as told:
            await api.call("getMe", {}, 0.1)
        assert TOKEN not in shown(told.value)
    released.set()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 200),
        (b"[]", 200),
        (b'{"result": 1}', 200),
        (b'"x"', 200),
        (b"null", 502),
        (b'{"ok": false, "error_code": 502}', 502),
    ],
)
async def test_what_is_no_answer_of_telegrams_is_a_fault_of_the_line(vendor, transport, body, status):
    vendor.answers(loopback.says(body, status))
    with pytest.raises(NetworkError):
        await BotApi(transport, vendor.url, TOKEN).call("getMe", {})


async def test_a_refusal_comes_with_its_reasons(vendor, transport):
    vendor.answers(
        loopback.says(
            b'{"ok": false, "error_code": 429, "description": "Too Many", "parameters": {"retry_after": 9}}', 429
        ),
        loopback.says(
            b'{"ok": false, "error_code": 400, "description": "Up", "parameters": {"migrate_to_chat_id": -5}}', 400
        ),
    )
    api = BotApi(transport, vendor.url, TOKEN)
    with pytest.raises(Refusal) as told:
        await api.call("sendMessage", {})
    assert (told.value.code, told.value.retry_after_s, told.value.says("too many")) == (429, 9, True)
    with pytest.raises(Refusal) as told:
        await api.call("sendMessage", {})
    assert (told.value.moved_to, told.value.retry_after_s) == (-5, 0)


async def test_the_library_itself_works_over_it(telegram, transport):
    bot = Bot(TOKEN, base_url=f"{telegram.url}/bot", request=transport, get_updates_request=transport)
    await bot.initialize()
    message = await bot.send_document(telegram.person("alice").id, b"a,b", filename="t.csv", caption="c")
    assert message.document.file_name == "t.csv"
    assert re.fullmatch(r"\w+_bot", bot.username)


async def test_a_transport_that_was_shut_down_opens_again(telegram, transport):
    api = BotApi(transport, telegram.url, TOKEN)
    await api.call("getMe", {})
    await transport.shutdown()
    await transport.shutdown()
    assert (await api.call("getMe", {}))["is_bot"]
