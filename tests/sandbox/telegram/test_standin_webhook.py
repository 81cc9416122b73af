"""Webhooks, received by a small server that is not ours to trust."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from standin_api import Api, Aside, until

from bot.sandbox.telegram import Person, TelegramStandIn


class Receiver:
    """Takes updates, or refuses them as it is told."""

    def __init__(self) -> None:
        self.url = ""
        self.got: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.answers: list[web.Response] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_once = 0
        self.most_at_once = 0
        self.changed = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.changed.set()
        await self.gate.wait()
        self.at_once -= 1
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.got.append(update)
        self.changed.set()
        return self.answers.pop(0) if self.answers else web.Response()

    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.got]

    async def until(self, done: Any) -> None:
        async with asyncio.timeout(30):
            while not done():
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    held = Receiver()
    app = web.Application()
    app.router.add_post("/hook", held.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    held.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield held
    held.gate.set()
    await runner.cleanup()


async def test_updates_are_posted_with_the_secret(api: Api, alice: Person, receiver: Receiver) -> None:
    alice.send("before")
    await api.fine("setWebhook", url=receiver.url, secret_token="s-1_A")
    alice.send("after")
    await receiver.until(lambda: len(receiver.got) == 2)
    assert receiver.texts() == ["before", "after"]
    assert receiver.secrets == ["s-1_A", "s-1_A"]
    async with asyncio.timeout(30):
        while (await api.fine("getWebhookInfo"))["pending_update_count"]:
            pass


async def test_what_is_not_taken_comes_again_in_order(api: Api, alice: Person, receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=500), web.Response(status=503)]
    await api.fine("setWebhook", url=receiver.url)
    alice.send("one")
    alice.send("two")
    await receiver.until(lambda: len(receiver.got) == 4)
    assert receiver.texts() == ["one", "one", "one", "two"]
    info = await api.fine("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 503 Service Unavailable"


@pytest.mark.usefixtures("alice")
async def test_chats_are_served_side_by_side_up_to_max_connections(
    api: Api, receiver: Receiver, standin: TelegramStandIn
) -> None:
    receiver.gate.clear()
    await api.fine("setWebhook", url=receiver.url, max_connections=2)
    for name in ("alice", "alice", "bob", "admin"):
        standin.person(name).send(name)
    await receiver.until(lambda: receiver.at_once == 2)
    assert (await api.fine("getWebhookInfo"))["pending_update_count"] == 4
    receiver.gate.set()
    await receiver.until(lambda: len(receiver.got) == 4)
    assert receiver.most_at_once == 2
    assert sorted(receiver.texts()) == ["admin", "alice", "alice", "bob"]


@pytest.mark.usefixtures("alice")
async def test_polling_and_a_webhook_exclude_each_other(
    aside: Aside, api: Api, receiver: Receiver, standin: TelegramStandIn
) -> None:
    poll = aside(api.refused("getUpdates", timeout=50))
    await until(lambda: standin.bot().updates.polling)
    await api.fine("setWebhook", url=receiver.url)
    assert await poll == (409, "Conflict: terminated by setWebhook request")
    status, words = await api.refused("getUpdates")
    assert (status, words[:56]) == (409, "Conflict: can't use getUpdates method while webhook is a")
    await api.fine("deleteWebhook")
    assert (await api.fine("getWebhookInfo"))["url"] == ""
    assert await api.fine("getUpdates", offset=1) == []


async def test_what_waits_goes_back_to_the_queue_when_the_webhook_ends(
    api: Api,
    alice: Person,
    receiver: Receiver,
) -> None:
    receiver.gate.clear()
    await api.fine("setWebhook", url=receiver.url)
    ids = [alice.send(text) for text in ("one", "two")]
    await receiver.until(lambda: receiver.at_once == 1)
    await api.fine("deleteWebhook")
    assert [update["update_id"] for update in await api.fine("getUpdates")] == ids
    ids.append(alice.send("three"))
    await api.fine("deleteWebhook", drop_pending_updates=True)
    assert await api.fine("getUpdates", offset=1) == []


async def test_retry_after_is_honoured(api: Api, alice: Person, receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=429, headers={"Retry-After": "1"})]
    await api.fine("setWebhook", url=receiver.url)
    began = asyncio.get_running_loop().time()
    alice.send("one")
    await receiver.until(lambda: len(receiver.got) == 2)
    assert asyncio.get_running_loop().time() - began >= 0.99


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"url": "ftp://x"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://a.org/x"}, "bad webhook: Failed to resolve host: the sandbox delivers to loopback only"),
        ({"url": "http://127.0.0.1:1/", "secret_token": "a b"}, "secret token contains unallowed characters"),
    ],
)
async def test_bad_webhooks_are_refused(api: Api, params: dict[str, str], words: str) -> None:
    assert await api.refused("setWebhook", **params) == (400, f"Bad Request: {words}")
    assert (await api.fine("getWebhookInfo"))["url"] == ""


async def test_an_update_can_be_posted_twice(
    api: Api, alice: Person, receiver: Receiver, standin: TelegramStandIn
) -> None:
    await api.fine("setWebhook", url=receiver.url)
    update_id = alice.send("one")
    await receiver.until(lambda: len(receiver.got) == 1)
    await until(lambda: not standin.pending())
    standin.redeliver(update_id)
    await receiver.until(lambda: len(receiver.got) == 2)
    assert receiver.got[0] == receiver.got[1]


async def test_a_webhook_nobody_answers_is_told_of(api: Api, alice: Person) -> None:
    await api.fine("setWebhook", url="http://127.0.0.1:9/none")
    alice.send("one")
    async with asyncio.timeout(30):
        while "last_error_message" not in (info := await api.fine("getWebhookInfo")):
            pass
    assert (info["last_error_message"], info["pending_update_count"]) == ("Connection refused", 1)
