"""The desk as a whole for tests: its world over loopback, the desk in this process, and the desk as its own process."""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import orjson

from bot import logs, settings
from bot.app import App, build, serve
from bot.sandbox.changelly import ChangellyStandIn, fresh_private_key
from bot.sandbox.coincodex import CoinCodexStandIn
from bot.sandbox.exchange import Engine
from bot.sandbox.exchange.binance import BinanceStandIn
from bot.sandbox.exchange.bitfinex import BitfinexStandIn, venue
from bot.sandbox.market import Market
from bot.sandbox.telegram import Person, Seen, TelegramStandIn
from bot.scheduler import Nursery
from storage.store import Store, open_store
from storage.vault import KeySource
from tests.store_in import lay_tables

T = TypeVar("T")
ROOT = Path(__file__).parents[1]
TOKEN = "123456:tests-token-abcdefghijklmnopqrstuvwxyz"
ADMIN = 1003
PATIENCE_S = 30.0


async def eventually(look: Callable[[], T | None], timeout_s: float = PATIENCE_S) -> T:
    """The first truthy thing `look` finds. For what tells nobody when it changes. Raises TimeoutError."""
    async with asyncio.timeout(timeout_s):
        while not (found := look()):  # noqa: ASYNC110  # what changes has no event to wait for
            await asyncio.sleep(0.005)
        return found


class MovedClock:
    """The machine's time, moved ahead by hand so that what ages can be seen at once."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self.ahead_s, UTC)  # noqa: TID251  # this is a clock

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead_s

    def advance(self, seconds: float) -> None:
        self.ahead_s += seconds


class Told(logging.Handler):
    """Every line the desk logs, as it would be written: JSON, secrets already hidden."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def events(self, event: str) -> list[dict[str, Any]]:
        found = (orjson.loads(line) for line in list(self.lines) if f'"{event}"' in line)
        return [line for line in found if line["event"] == event]

    def errors(self) -> list[str]:
        return [line for line in self.lines if orjson.loads(line)["level"] in {"error", "critical"}]


@contextmanager
def listening() -> Iterator[Told]:
    """Logging as the process sets it up, at its most talkative, kept instead of printed."""
    root, told = logging.getLogger(), Told()
    before, level = root.handlers[:], root.level
    logs.set_up("debug", "json", [TOKEN])
    told.setFormatter(root.handlers[0].formatter)
    root.handlers[:] = [told, *before]
    try:
        yield told
    finally:
        root.handlers[:] = before
        root.setLevel(level)


@cache
def swap_private_key() -> str:
    """The operator's in all worlds of one run: making one takes longer than most tests."""
    return fresh_private_key()


class World:
    """Telegram, CoinCodex, two exchanges and Changelly on loopback, and a folder for what the desk keeps."""

    def __init__(self, market: Market, folder: Path) -> None:
        self.telegram = TelegramStandIn(tokens=[TOKEN], webhook_backoff_s=0.05)
        self.coincodex = CoinCodexStandIn(market)
        self.exchange = BinanceStandIn(Engine(market))
        self.bitfinex = BitfinexStandIn(venue(market))
        self.changelly = ChangellyStandIn(market)
        self.swap_login = self.changelly.add_account("operator", swap_private_key())
        self.folder = folder
        self.database = folder / "changedesk.db"
        self._strangers = 0

    async def start(self) -> None:
        await self.telegram.start()
        await self.coincodex.start()
        await self.exchange.start()
        await self.bitfinex.start()
        await self.changelly.start()

    async def stop(self) -> None:
        await self.telegram.stop()
        await self.coincodex.stop()
        await self.exchange.stop()
        await self.bitfinex.stop()
        await self.changelly.stop()

    @property
    def alice(self) -> Person:
        """Reads English."""
        return self.telegram.person("alice")

    @property
    def bob(self) -> Person:
        """Reads Chinese."""
        return self.telegram.person("bob")

    @property
    def admin(self) -> Person:
        return self.telegram.person("admin")

    def stranger(self, language: str = "en") -> Person:
        """Somebody new: with a flood allowance of his own."""
        self._strangers += 1
        user = self.telegram.tg.world.add_person(f"Stranger {self._strangers}", language_code=language)
        return self.telegram.person(user.id)

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": self.telegram.url,
            "COINCODEX_URL": self.coincodex.url,
            "EXCHANGES": "binance,bitfinex",
            "BINANCE_URL": self.exchange.url,
            "BITFINEX_URL": self.bitfinex.url,
            "DATABASE_URL": f"sqlite:///{self.database}",
            "METRICS_LISTEN": "127.0.0.1:0",
            "ADMIN_IDS": str(ADMIN),
            **self._swapping(more.get("CHANGELLY_DIALECT", "v2")),
            **more,
        }

    def _swapping(self, dialect: str) -> dict[str, str]:
        """The operator's Changelly in one of its dialects, and what that is signed with."""
        login, own = self.swap_login, {"CHANGELLY_URL": self.changelly.url, "CHANGELLY_DIALECT": dialect}
        if dialect == "v2":
            return own | {"CHANGELLY_PRIVATE_KEY": login.private_key}
        return own | {"CHANGELLY_API_KEY": login.key, "CHANGELLY_SECRET": login.secret}

    def calls(self, *methods: str) -> int:
        return sum(call.method in methods for call in self.telegram.requests)


class Desk:
    """The desk in this process, from its settings to its last closed connection."""

    def __init__(self, world: World, clock: MovedClock, **settings: str) -> None:
        self.world = world
        self.clock = clock
        self._settings = settings
        self._nursery = Nursery()
        self._stop = asyncio.Event()
        self._served: asyncio.Task[None] | None = None
        self.app: App

    @property
    def runs(self) -> bool:
        return self._served is not None

    async def start(self) -> None:
        """Does not wait until it is ready: what people say meanwhile waits at Telegram."""
        environment = self.world.environment(**self._settings)
        chosen = settings.read(environment, dotenv=self.world.folder / "none")
        self.app = build(chosen, self._store(chosen), self.clock)
        self._stop = asyncio.Event()
        self._served = self._nursery.start(serve(self.app, self._stop), "desk")

    async def stop(self) -> None:
        """Idempotent. Raises what the desk ended with, if it ended by itself."""
        self._stop.set()
        served, self._served = self._served, None
        if served:
            await served

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def ready(self) -> None:
        await eventually(lambda: self.app.poll.last_ok or len(self.app.ports) > 1 or self._waiting_for_updates())

    def _waiting_for_updates(self) -> bool:
        return self.world.telegram.bot(TOKEN).updates.polling

    def _store(self, chosen: settings.Settings) -> Store:
        path = chosen.database_path
        lay_tables(path)
        source = KeySource(None, chosen.vault_key_file, chosen.vault_key.reveal(), path.with_suffix(".key"))
        return open_store(path, source, self.clock)[0]

    async def waiting(self) -> tuple[int, int]:
        """Updates not yet answered, and messages not yet sent."""
        return await self.app.store.read(lambda tx: (tx.inbox.count_waiting(), tx.outbox.count_waiting()))

    async def settled(self) -> None:
        """Until everything that came is answered."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.waiting() != (0, 0):  # noqa: ASYNC110  # the tables tell nobody
                await asyncio.sleep(0.01)


class DeskProcess:
    """The desk as an operator runs it; may be killed."""

    def __init__(self, world: World, **settings: str) -> None:
        self.world = world
        self.log = world.folder / "desk.log"
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._told_before = 0

    async def start(self, *command: str) -> None:
        # What Python and the font cache need of this machine, and nothing of its owner's settings.
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}  # noqa: TID251
        environment = inherited | {"PYTHONPATH": str(ROOT)} | self.world.environment(**self._settings)
        self._told_before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", *(command or ("run",)), env=environment, cwd=self.world.folder,
                stdout=log, stderr=log,
            )  # fmt: skip

    @property
    def said(self) -> str:
        """All this start has printed so far."""
        with self.log.open("rb") as log:
            log.seek(self._told_before)
            return log.read().decode()

    async def ready(self, timeout_s: float = 60) -> None:
        def look() -> bool:
            if self._process and self._process.returncode is not None:
                raise AssertionError(f"the desk ended with {self._process.returncode}: {self.said}")
            return "ready" in self.said

        await eventually(look, timeout_s)

    async def ended(self, timeout_s: float = 25) -> int:
        """Its exit code, once it ends by itself."""
        if self._process is None:
            raise ValueError("the desk was never started")
        return await asyncio.wait_for(self._process.wait(), timeout_s)

    async def terminate(self) -> int:
        return await self._end(signal.SIGTERM)

    async def interrupt(self) -> int:
        """As Ctrl-C does."""
        return await self._end(signal.SIGINT)

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> int:
        if self._process and self._process.returncode is None:
            self._process.send_signal(how)
        return await self.ended()

    async def close(self) -> None:
        if self._process and self._process.returncode is None:
            await self.kill()


@asynccontextmanager
async def world_of(market: Market, folder: Path) -> AsyncIterator[World]:
    world = World(market, folder)
    await world.start()
    try:
        yield world
    finally:
        await world.stop()


def card(ticker: str) -> Callable[[Seen], bool]:
    """A price card of this coin."""
    return lambda message: f"· {ticker} ·" in message.text and "24" in message.text


async def answered(person: Person, chat: Any = None, timeout_s: float = PATIENCE_S) -> Seen:
    """The answer to this person's last act; the word that it takes long is none."""
    return await person.wait(lambda message: not message.text.startswith("⏳"), chat=chat, timeout_s=timeout_s)


async def asked(person: Person, text: str, chat: Any = None, timeout_s: float = PATIENCE_S) -> Seen:
    """Types `text` and returns the answer."""
    person.send(text, chat=chat)
    return await answered(person, chat, timeout_s)


async def pressed(person: Person, message: Seen, what: str, chat: Any = None) -> Seen:
    """Presses a button, by its words or its data, and returns the message that came of it, or changed by it."""
    person.press(message, what, chat=chat)
    return await answered(person, chat)


def answers(person: Person, chat: Any = None) -> list[Seen]:
    """What the desk has said or changed since this person's last act, oldest first."""
    return [
        message
        for message in person.messages(chat)
        if message.n > person.mark and message.wire["from"]["is_bot"] and message.wire["from"]["id"] != person.id
    ]
