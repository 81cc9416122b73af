"""The desk's JSON API, its stream, and the stand-in as a process of its own."""

import asyncio
import signal
import sys
from typing import Any

import aiohttp
import orjson
import pytest
from standin_api import TOKEN, Api, Aside

from bot.sandbox.telegram import Person, TelegramStandIn

GO = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


class Events:
    """The stream as a page reads it."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def next(self, kind: str) -> dict[str, Any]:
        async with asyncio.timeout(30):
            while True:
                line = await self.answer.content.readline()
                assert line, "the stream ended"
                if line.startswith(b"data: ") and (event := orjson.loads(line[6:]))["kind"] == kind:
                    return event


async def test_the_state_of_the_world(api: Api) -> None:
    state = await api.ask_desk("state")
    assert [person["first_name"] for person in state["people"]] == ["Alice", "Bob", "Admin"]
    assert state["bots"] == [{"id": 42, "username": "desk42_bot", "first_name": "desk42_bot"}]
    assert TOKEN not in orjson.dumps(state).decode()


async def test_a_conversation_over_the_desk(api: Api) -> None:
    said = await api.desk("say", person="alice", text="/price btc")
    [update] = await api.fine("getUpdates")
    assert update["update_id"] == said["update_id"]
    assert said["message"]["desk"]["bot"] == 42
    sent = await api.fine("sendMessage", chat_id=1001, text="card", reply_markup=GO)
    for what in ({"data": "go"}, {"button": "Go"}, {"at": [0, 0]}):
        pressed = await api.desk("press", person="alice", message_id=sent["message_id"], **what)
        assert pressed["query_id"]
    edited = await api.desk("edit", person="alice", message_id=said["message"]["message_id"], text="/price eth")
    assert edited["message"]["text"] == "/price eth"
    page = await api.ask_desk("history", person="alice", limit=1)
    assert ([m["text"] for m in page["messages"]], page["more"]) == (["card"], True)
    page = await api.ask_desk("history", person="alice", before=sent["message_id"])
    assert ([m["text"] for m in page["messages"]], page["more"]) == (["/price eth"], False)
    [chat] = await api.ask_desk("chats", person="alice")
    assert (chat["bot"], chat["last"]["text"], chat["blocked"]) == (42, "card", False)


async def test_uploads_and_files_over_the_desk(api: Api, session: aiohttp.ClientSession) -> None:
    form = aiohttp.FormData({"person": "alice", "kind": "document", "caption": "rows"})
    form.add_field("file", b"<script>", filename="evil.html", content_type="text/html")
    async with session.post(f"{api.url}/desk/api/upload", data=form) as answer:
        message = (await answer.json())["message"]
    assert (message["document"]["file_name"], message["caption"]) == ("evil.html", "rows")
    async with session.get(f"{api.url}/desk/api/file", params={"id": message["document"]["file_id"]}) as answer:
        assert await answer.read() == b"<script>"
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_stream_shows_what_happens_to_whom_it_concerns(
    api: Api, alice: Person, bob: Person, session: aiohttp.ClientSession
) -> None:
    async with session.get(f"{api.url}/desk/api/stream", params={"person": "alice"}) as answer:
        events = Events(answer)
        await events.next("hello")
        bob.send("not for alice")
        sent = await api.fine("sendMessage", chat_id=1001, text="card", reply_markup=GO)
        shown = await events.next("message")
        assert (shown["message"]["text"], shown["person"], shown["bot"]) == ("card", 1001, 42)
        pressed = alice.press(sent["message_id"], "Go")
        await api.fine("answerCallbackQuery", callback_query_id=pressed.query.id, text="done", show_alert=True)
        told = await events.next("answer")
        assert (told["query_id"], told["text"], told["show_alert"]) == (pressed.query.id, "done", True)
        where = {"chat_id": 1001, "message_id": sent["message_id"]}
        await api.fine("editMessageText", **where, text="new")
        assert (await events.next("edited"))["message"]["text"] == "new"
        await api.fine("sendChatAction", chat_id=1001, action="typing")
        assert (await events.next("typing"))["action"] == "typing"
        await api.fine("setMyCommands", commands=[{"command": "a", "description": "b"}])
        await events.next("menu")
        await api.fine("deleteMessage", **where)
        assert (await events.next("deleted"))["message_ids"] == [sent["message_id"]]
        alice.block()
        assert (await events.next("blocked"))["blocked"] is True


async def test_a_page_that_lags_is_told_and_memory_stays(
    api: Api, alice: Person, standin: TelegramStandIn, session: aiohttp.ClientSession
) -> None:
    async with session.get(f"{api.url}/desk/api/stream") as answer:
        await Events(answer).next("hello")
        for i in range(3_000):
            alice.send(str(i))
        [onlooker] = standin.tg.feed.onlookers
        assert onlooker.events.qsize() <= 1_000
        await Events(answer).next("lagged")


@pytest.mark.usefixtures("alice")
async def test_inline_over_the_desk(aside: Aside, api: Api) -> None:
    asked = aside(api.desk("inline", person="alice", query="btc"))
    [update] = await api.fine("getUpdates", timeout=5)
    article = {"type": "article", "id": "1", "title": "BTC", "input_message_content": {"message_text": "x"}}
    await api.fine("answerInlineQuery", inline_query_id=update["inline_query"]["id"], results=[article])
    offer = await asked
    chosen = await api.desk("choose", person="alice", query_id=offer["query_id"], result_id="1")
    assert (chosen["message"]["text"], chosen["message"]["via_bot"]["id"]) == ("x", 42)


@pytest.mark.usefixtures("alice")
async def test_people_groups_and_blocks_over_the_desk(api: Api) -> None:
    carol = await api.desk("people", first_name="Carol", username="carol", started=True)
    await api.fine("sendMessage", chat_id=carol["id"], text="hi")
    group = await api.desk("groups", title="Coins", members=["alice", "carol"])
    await api.fine("sendMessage", chat_id=group["id"], text="hi")
    assert (await api.desk("upgrade", chat=group["id"]))["type"] == "supergroup"
    assert (await api.desk("block", person="alice", blocked=True))["update_id"]
    assert (await api.refused("sendMessage", chat_id=1001, text="x"))[0] == 403
    await api.desk("bots", token="43:other", username="other_bot")
    assert [bot["username"] for bot in (await api.ask_desk("state"))["bots"]] == ["desk42_bot", "other_bot"]


async def test_load_is_injected_and_counted(api: Api) -> None:
    put = await api.desk("inject", count=250, people=100, texts=["/price BTC", "/price ETH"])
    assert put["last"] - put["first"] == 249
    updates = await api.fine("getUpdates", offset=put["first"])
    assert len({update["message"]["from"]["id"] for update in updates}) == 100
    await api.fine("sendMessage", chat_id=updates[0]["message"]["chat"]["id"], text="x")
    await api.fine("getUpdates", offset=updates[-1]["update_id"] + 1)
    counters = await api.ask_desk("counters")
    assert counters["sent"] == 1
    assert counters["methods"] == {"getUpdates": 2, "sendMessage": 1}
    assert (counters["bots"]["desk42_bot"]["queued"], counters["bots"]["desk42_bot"]["confirmed"]) == (150, 100)
    raw = {"message": {"message_id": 9, "from": {"id": 7, "is_bot": False, "first_name": "R"}, "date": 1,
                       "chat": {"id": 7, "type": "private"}, "text": "raw"}}  # fmt: skip
    assert (await api.desk("inject", updates=[raw, raw]))["count"] == 2
    await api.desk("redeliver", update_id=updates[0]["update_id"])


@pytest.mark.usefixtures("alice")
async def test_faults_rates_and_clock_over_the_desk(api: Api) -> None:
    shown = await api.desk("faults", kind="500", method="getMe", times=2)
    assert [(fault["kind"], fault["times"]) for fault in shown["faults"]] == [("500", 2)]
    assert (await api.refused("getMe"))[0] == 500
    assert (await api.desk("faults", clear=True))["faults"] == []
    await api.fine("getMe")
    assert (await api.desk("rates", on=True, chat_burst=1))["chat_burst"] == 1
    await api.fine("sendMessage", chat_id=1001, text="x")
    assert (await api.refused("sendMessage", chat_id=1001, text="x"))[0] == 429
    before = (await api.ask_desk("counters"))["now"]
    assert (await api.desk("clock", advance_s=60))["now"] - before >= 60
    await api.fine("sendMessage", chat_id=1001, text="x")


class Lamp:
    """A world with one switch."""

    name = "lamp"

    def __init__(self) -> None:
        self.lit = False

    def switches(self) -> list[dict[str, Any]]:
        return [{"id": "lit", "label": "Lamp", "kind": "toggle", "value": self.lit, "options": []}]

    async def flip(self, switch_id: str, value: Any) -> None:
        if switch_id != "lit":
            raise ValueError(f"there is no switch {switch_id}")
        self.lit = bool(value)


async def test_switches_of_other_servers_are_shown_and_flipped(
    api: Api, standin: TelegramStandIn, session: aiohttp.ClientSession
) -> None:
    standin.worlds.append(Lamp())
    assert (await api.ask_desk("world"))[0]["switches"][0]["value"] is False
    async with session.get(f"{api.url}/desk/api/stream") as answer:
        shown = await api.desk("world", world="lamp", id="lit", value=True)
        assert shown[0]["switches"][0]["value"] is True
        assert (await Events(answer).next("world"))["world"] == shown


@pytest.mark.parametrize(
    ("name", "asked", "status", "words"),
    [
        ("say", {"person": "dave", "text": "x"}, 400, "there is nobody called dave"),
        ("say", {"person": "alice"}, 400, "text is missing"),
        ("say", {"person": "alice", "text": "x", "chat": -9}, 400, "there is no chat -9"),
        (
            "press",
            {"person": "alice", "message_id": 1, "data": "x"},
            400,
            "there is no message 1 in this chat any more",
        ),
        (
            "press",
            {"person": "alice", "message_id": 1, "at": [9, 9]},
            400,
            "there is no message 1 in this chat any more",
        ),
        ("faults", {"kind": "explode"}, 400, "there is no fault explode"),
        ("faults", {"kind": "500", "colour": "red"}, 400, "a value is not of the kind it should be"),
        ("world", {"world": "moon", "id": "x"}, 400, "there is no world moon"),
        ("dance", {}, 404, "there is nothing at POST /desk/api/dance"),
        ("inject", {"count": 10**9, "people": 1, "texts": ["x"]}, 400, "at most 200000 updates can wait"),
    ],
)
async def test_bad_requests_are_answered_in_plain_words(
    api: Api, session: aiohttp.ClientSession, name: str, asked: dict[str, Any], status: int, words: str
) -> None:
    async with session.post(f"{api.url}/desk/api/{name}", json=asked) as answer:
        assert answer.status == status
        assert (await answer.json())["error"].startswith(words)


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
async def test_pages_of_elsewhere_may_not_use_the_desk(
    api: Api, session: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    async with session.get(f"{api.url}/desk/api/state", headers=headers) as answer:
        assert answer.status == 403
    async with session.get(f"{api.url}/desk/api/state", headers={"Origin": api.url}) as answer:
        assert answer.status == 200


async def test_the_page_is_served_and_nothing_beside_it(api: Api, standin: TelegramStandIn) -> None:
    async with api.session.get(f"{api.url}/") as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
    for path in ("/%2e%2e/server.py", "/../server.py", "/none.html"):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(standin.url.rpartition(":")[2]))
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        assert b" 404 " in await reader.readline()
        writer.close()
        await writer.wait_closed()


@pytest.mark.usefixtures("alice")
async def test_the_log_of_calls_is_bounded_and_holds_no_token(aside: Aside, api: Api, standin: TelegramStandIn) -> None:
    await api.fine("sendMessage", chat_id=1001, text="x")
    calls = await api.ask_desk("requests", method="sendmessage")
    assert [(call["method"], call["status"], call["params"]["text"]) for call in calls] == [("sendMessage", 200, "x")]
    assert TOKEN not in orjson.dumps(calls).decode()
    assert standin.requests.maxlen == 2_000
    waiting = aside(standin.until_called("getMe"))
    await api.fine("getMe")
    assert (await waiting).status == 200


async def test_it_listens_on_loopback_only() -> None:
    with pytest.raises(ValueError, match="loopback"):
        await TelegramStandIn().start("0.0.0.0")  # noqa: S104 - what must not be


async def test_garbage_on_the_socket_ends_only_its_own_connection(api: Api, standin: TelegramStandIn) -> None:
    port = int(standin.url.rpartition(":")[2])
    for garbage in (b"\x16\x03\x01\x02\x00\r\n\r\n", b"POST /bot" + b"x" * 20_000, b"GET / HTTP/9\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(garbage)
        writer.write_eof()
        async with asyncio.timeout(30):
            await reader.read()
        writer.close()
        await writer.wait_closed()
    await api.fine("getMe")


@pytest.mark.usefixtures("alice")
async def test_requests_in_pieces_and_in_a_row_are_answered_in_order(standin: TelegramStandIn) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(standin.url.rpartition(":")[2]))
    head = b"POST /bot42:secret/sendMessage HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    bodies = [b'{"chat_id":1001,"text":"%d"}' % i for i in range(3)]
    stream = b"".join(head + b"Content-Length: %d\r\n\r\n" % len(body) + body for body in bodies)
    for at in range(0, len(stream), 37):
        writer.write(stream[at : at + 37])
        await writer.drain()
        await asyncio.sleep(0)
    for i in range(3):
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        assert orjson.loads(await reader.readexactly(size))["result"]["text"] == str(i)
    writer.close()
    await writer.wait_closed()


async def test_the_stand_in_runs_as_a_process_of_its_own(session: aiohttp.ClientSession) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.sandbox.telegram", "--token", TOKEN, "--no-rates", "--no-record", "--delay-ms", "1",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(20):
        api = Api(session, orjson.loads(await process.stdout.readline())["url"])
    assert (await api.fine("getMe"))["id"] == 42
    assert (await api.ask_desk("state"))["rates"]["on"] is False
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(20):
        assert await process.wait() == 0
