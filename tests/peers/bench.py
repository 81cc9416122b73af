"""The desk on tg-auto-test, a bench in this process: what the desk sends goes there, what its person says comes here.

The bench hands an update straight to the library's Application. In this desk updates come through the inbox, so one
that comes from outside is put where Telegram would keep it, and comes back by the desk's own long poll.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from aiohttp.multipart import content_disposition_filename, parse_content_disposition
from telegram import InputFile, Update
from telegram.ext import Application, ApplicationBuilder, ApplicationHandlerStop, TypeHandler
from telegram.request import BaseRequest, RequestData
from telegram.request._requestparameter import RequestParameter
from tg_auto_test.test_utils.serverless_telegram_client import ServerlessTelegramClient

from bot import settings
from bot.app import App, build, serve
from bot.scheduler import Nursery, SystemClock
from bot.telegram.transport import Transport
from storage.store import open_store
from storage.vault import KeySource
from tests.desk import PATIENCE_S, TOKEN

PERSON = 9001
NO_SUCH_METHOD = orjson.dumps({"ok": False, "error_code": 404, "description": "Not Found: method not found"})


class Bridge(Transport):
    """In the transport's place: no socket, but the bench, and the updates it gave us to keep."""

    def __init__(self, bench: BaseRequest) -> None:
        super().__init__()
        self._bench = bench
        self._kept: asyncio.Queue[tuple[dict[str, Any], asyncio.Event]] = asyncio.Queue()
        self._handed_over = asyncio.Event()
        self.unknown: list[str] = []

    async def bring(self, update: dict[str, Any]) -> None:
        """Returns once the desk has confirmed it, which it does when it is durable."""
        confirmed = asyncio.Event()
        self._kept.put_nowait((update, confirmed))
        await asyncio.wait_for(confirmed.wait(), PATIENCE_S)

    async def request(
        self, url: str, body: Any, _patience_s: float = 0, *, json: bool = False, method: str = "POST"
    ) -> tuple[int, bytes]:
        called = url.rpartition("/")[2]
        if called == "getUpdates":
            return 200, orjson.dumps({"ok": True, "result": [await self._next()]})
        fields = await _fields(orjson.loads(body) if json else body)
        try:
            return await self._bench.do_request(url, method, RequestData(fields))
        except AssertionError:  # the bench's word for a method it does not play
            self.unknown.append(called)
            return 404, NO_SUCH_METHOD

    async def _next(self) -> dict[str, Any]:
        self._handed_over.set()  # whoever asks again confirms what he got
        update, self._handed_over = await self._kept.get()
        return update


async def _fields(body: Any) -> list[RequestParameter]:
    if isinstance(body, aiohttp.FormData):
        return [await _field(part) for part, *_ in body()]
    return [RequestParameter.from_input(name, value) for name, value in (body or {}).items()]


async def _field(part: aiohttp.Payload) -> RequestParameter:
    _, about = parse_content_disposition(part.headers["Content-Disposition"])
    content, filename = await part.as_bytes(), content_disposition_filename(about)
    return RequestParameter.from_input(
        about["name"], InputFile(content, filename, attach=False) if filename else content.decode()
    )


class OnBench:
    """The whole desk, as it is served, between the bench and CoinCodex."""

    def __init__(self, coincodex_url: str, folder: Path) -> None:
        self._environment = {
            "BOT_TOKEN": TOKEN,
            "COINCODEX_URL": coincodex_url,
            "DATABASE_URL": f"sqlite:///{folder / 'changedesk.db'}",
            "METRICS_LISTEN": "127.0.0.1:0",
            "ADMIN_IDS": str(PERSON),
        }
        self._folder = folder
        self._taken: set[int] = set()
        self.bridge: Bridge
        self.app: App

    def build_application(self, builder: ApplicationBuilder) -> Application:
        """What the bench asks for."""
        self.bridge = Bridge(builder.updater(None).build().bot.request)
        chosen, clock = settings.read(self._environment, dotenv=self._folder / "none"), SystemClock()
        source = KeySource(None, None, "", chosen.database_path.with_suffix(".key"))
        store, _ = open_store(chosen.database_path, source, clock)
        self.app = build(chosen, store, clock, self.bridge)
        self.app.library.add_handler(TypeHandler(Update, self._take), group=-1)
        return self.app.library

    async def _take(self, update: Update, _context: Any) -> None:
        if update.update_id in self._taken:
            return  # it comes back from the inbox, and is to be answered
        self._taken.add(update.update_id)
        await self.bridge.bring(update.to_dict())
        await self._settled()
        raise ApplicationHandlerStop

    async def _settled(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while await self.app.store.read(lambda tx: tx.inbox.count_waiting() + tx.outbox.count_waiting()):  # noqa: ASYNC110  # the tables tell nobody
                await asyncio.sleep(0.01)


@asynccontextmanager
async def on_bench(coincodex_url: str, folder: Path) -> AsyncIterator[tuple[ServerlessTelegramClient, OnBench]]:
    desk, nursery, stop = OnBench(coincodex_url, folder), Nursery(), asyncio.Event()
    client = ServerlessTelegramClient(desk.build_application, user_id=PERSON)
    served = nursery.start(serve(desk.app, stop), "desk")
    await client.connect()
    try:
        yield client, desk
    finally:
        stop.set()
        await served
        await client.disconnect()
