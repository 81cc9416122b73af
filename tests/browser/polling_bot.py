"""The smallest bot: one aiohttp session, one polling loop, a few commands that show what a chat page must show."""

import asyncio
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, FormData

Json = dict[str, Any]
TABLE = b"side,price\nbuy,67412.38\nsell,67500.00\n"
EVIL = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
FILE = "<b onclick=1>.html"
COMMANDS = (
    ("start", "Begin"),
    ("pricelist", "All prices"),
    ("price", "Price of a coin"),
    ("picture", "A picture"),
    ("profile", "Who you are"),
)


def png(width: int, height: int) -> bytes:
    """A real picture, one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x14\x66\x5a" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def buttons(*rows: list[Json]) -> Json:
    return {"inline_keyboard": list(rows)}


def press(text: str, data: str) -> Json:
    return {"text": text, "callback_data": data}


@dataclass
class PollingBot:
    """Answers until it is stopped. `hold` clear: presses of `wait` are not answered yet."""

    root: str
    token: str
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    heard: list[Json] = field(default_factory=list)
    _session: ClientSession = field(init=False)
    _loop: asyncio.Task[None] = field(init=False)

    async def start(self) -> None:
        self._session = ClientSession(timeout=ClientTimeout(total=60))
        await self.call("setMyCommands", commands=[{"command": c, "description": d} for c, d in COMMANDS])
        self._loop = asyncio.get_running_loop().create_task(self._poll())

    async def stop(self) -> None:
        self._loop.cancel()
        await asyncio.gather(self._loop, return_exceptions=True)
        await self._session.close()

    async def call(self, method: str, **params: Any) -> Any:
        async with self._session.post(f"{self.root}/bot{self.token}/{method}", json=params) as response:
            answer = await response.json()
        if not answer["ok"]:
            raise ClientError(answer["description"])
        return answer["result"]

    async def upload(self, method: str, kind: str, content: bytes, name: str, **params: str) -> None:
        form = FormData({k: str(v) for k, v in params.items()}, quote_fields=False)
        form.add_field(kind, content, filename=name)
        async with self._session.post(f"{self.root}/bot{self.token}/{method}", data=form) as response:
            answer = await response.json()
        assert answer["ok"], answer

    async def _poll(self) -> None:
        offset = 0
        while True:
            for update in await self.call("getUpdates", offset=offset, timeout=50):
                offset = update["update_id"] + 1
                self.heard.append(update)
                await self._answer(update)

    async def _answer(self, update: Json) -> None:
        if message := update.get("message"):
            await self._said(message)
        elif query := update.get("callback_query"):
            await self._pressed(query)
        elif query := update.get("inline_query"):
            await self._asked(query)

    async def _said(self, message: Json) -> None:
        chat, text = message["chat"]["id"], message.get("text", "")
        word = text.partition(" ")[0].partition("@")[0]
        match word:
            case "/start":
                await self._greet(chat, text.partition(" ")[2])
            case "/picture":
                await self.call("sendChatAction", chat_id=chat, action="upload_photo")
                await self.upload(
                    "sendPhoto", "photo", png(640, 400), "chart.png", chat_id=chat, caption="Bitcoin, 7 days"
                )
            case "/file":
                await self.upload("sendDocument", "document", TABLE, "orders.csv", chat_id=chat)
            case "/evil":
                await self._mischief(chat)
            case "/profile":
                await self.call("sendMessage", chat_id=chat, text=f"You are {message['from']['first_name']}")
            case "/typing":
                await self.call("sendChatAction", chat_id=chat, action="typing")
            case _ if message["chat"]["type"] == "private":
                await self.call(
                    "sendMessage", chat_id=chat, text=f"Heard: {text}", reply_to_message_id=message["message_id"]
                )

    async def _greet(self, chat: int, parameter: str) -> None:
        text = "Welcome to <b>the desk</b> 🏦 <code>0.01500000</code>\n<pre>BTC 67,412.38</pre> https://example.org/a"
        link = {"text": "Site", "url": "https://example.org/"}
        door = {"text": "Door", "url": "https://t.me/sandbox_bot?start=price_btc"}
        keys = buttons([press("Count", "count:0"), press("Alert", "alert"), press("Wait", "wait")],
                       [link, {"text": "Copy", "copy_text": {"text": "bc1q"}}, door])  # fmt: skip
        started = f"\nStarted with {parameter}" if parameter else ""
        await self.call("sendMessage", chat_id=chat, text=text + started, parse_mode="HTML", reply_markup=keys)

    async def _mischief(self, chat: int) -> None:
        bad_links = [{"type": "text_link", "offset": 0, "length": 4, "url": "javascript:document.title=3"}]
        await self.call(
            "sendMessage", chat_id=chat, text=EVIL, entities=bad_links, reply_markup=buttons([press(EVIL, "evil")])
        )
        await self.upload("sendDocument", "document", b"x", FILE, chat_id=chat, caption="<i>caption</i>")

    async def _pressed(self, query: Json) -> None:
        answer: Json = {"callback_query_id": query["id"]}
        match query["data"].partition(":"):
            case "count", _, count:
                await self._count(query["message"], int(count) + 1)
            case "alert", _, _:
                answer |= {"text": "<b>Read me</b>", "show_alert": True}
            case "wait", _, _:
                await self.hold.wait()
                answer |= {"text": "Waited for"}
        await self.call("answerCallbackQuery", **answer)

    async def _count(self, message: Json, count: int) -> None:
        place = {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}
        await self.call(
            "editMessageText",
            **place,
            text=f"Counted {count}",
            reply_markup=buttons([press("Count", f"count:{count}")]),
        )

    async def _asked(self, query: Json) -> None:
        words = query["query"].upper()
        results = [
            {"type": "article", "id": str(n), "title": f"{words} {n}", "description": f"{n}00 USD",
             "input_message_content": {"message_text": f"{words} costs {n}00 USD"}}
            for n in (1, 2)
        ]  # fmt: skip
        await self.call("answerInlineQuery", inline_query_id=query["id"], results=results, cache_time=0)
