"""Webhooks: updates posted to a bot's address until they are taken; chats side by side, each in order."""

import asyncio
import random
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.telegram.bots import Bot
from bot.sandbox.telegram.refusals import bad
from bot.sandbox.telegram.state import Telegram
from bot.sandbox.telegram.updates import Queued
from bot.sandbox.telegram.wire import Call

Json = dict[str, Any]
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_ANSWER_TIMEOUT_S = 60
_LONGEST_BACKOFF_S = (60, 120)
_MOST_CONNECTIONS = 100


@dataclass(slots=True, eq=False)
class Delivery:
    """One bot's webhook while it is set."""

    tg: Telegram
    bot: Bot
    url: str
    secret: str
    most: int
    first_backoff_s: float
    lanes: dict[int, deque[Queued]] = field(default_factory=dict)
    last_error: Json = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _slots: asyncio.Semaphore = field(init=False)
    _session: aiohttp.ClientSession = field(init=False)

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.most)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self.most), timeout=aiohttp.ClientTimeout(total=_ANSWER_TIMEOUT_S)
        )

    @property
    def waiting(self) -> int:
        return sum(map(len, self.lanes.values()))

    def collect(self) -> None:
        """Takes what is queued into lanes; a lane without a worker gets one."""
        updates = self.bot.updates
        for body in updates.taken_again():
            self._line_up(Queued(0, self.tg.clock.now() + _ANSWER_TIMEOUT_S, body, -id(body)))
        while updates.queued:
            self._line_up(updates.queued.popleft())

    def _line_up(self, item: Queued) -> None:
        lane = self.lanes.get(item.lane)
        if lane is not None:
            lane.append(item)
            return
        self.lanes[item.lane] = deque([item])
        task = asyncio.create_task(self._work(item.lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, lane: int) -> None:
        items = self.lanes[lane]
        while items:
            await self._deliver(items[0])
            item = items.popleft()
            if item.id:
                self.bot.updates.remember(item)
        del self.lanes[lane]

    async def _deliver(self, item: Queued) -> None:
        backoff_s = self.first_backoff_s
        while self.tg.clock.now() < item.expires_at:
            asked_s = await self._post(item)
            if asked_s is None:
                return
            await asyncio.sleep(asked_s or backoff_s)
            backoff_s = min(backoff_s * 2, random.uniform(*_LONGEST_BACKOFF_S))

    async def _post(self, item: Queued) -> float | None:
        """None when it was taken, otherwise the seconds the other side asks for (0: it does not say)."""
        headers = {"Content-Type": "application/json"}
        if self.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.secret
        async with self._slots:
            try:
                async with self._session.post(
                    self.url, data=item.body, headers=headers, allow_redirects=False
                ) as answer:
                    await answer.read()
            except (aiohttp.ClientError, TimeoutError) as error:
                self._note("Connection timed out" if isinstance(error, TimeoutError) else "Connection refused")
                return 0.0
        if 200 <= answer.status < 300:
            return None
        self._note(f"Wrong response from the webhook: {answer.status} {answer.reason}")
        asked = answer.headers.get("Retry-After", "")
        return float(asked) if asked.isdigit() else 0.0

    def _note(self, words: str) -> None:
        self.last_error = {"last_error_date": int(self.tg.clock.now()), "last_error_message": words}

    async def close(self) -> None:
        """What was not taken goes back to the queue."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        left = [item for lane in self.lanes.values() for item in lane if item.id]
        self.lanes.clear()
        for item in sorted(left, key=lambda item: -item.id):
            self.bot.updates.queued.appendleft(item)
        await self._session.close()


@dataclass(slots=True)
class Webhooks:
    tg: Telegram
    first_backoff_s: float = 1.0
    deliveries: dict[int, Delivery] = field(default_factory=dict)

    async def set(self, call: Call) -> bool:
        """An empty address removes the webhook. Raises Refusal."""
        url = call.text("url")
        if not url:
            return await self.delete(call)
        _check_url(url)
        secret = call.text("secret_token")
        if secret and not _SECRET.fullmatch(secret):
            raise bad("secret token contains unallowed characters")
        await self._stop(call.bot)
        self._prepare(call)
        call.bot.updates.break_off("terminated by setWebhook request")
        most = min(max(call.integer("max_connections", 40), 1), _MOST_CONNECTIONS)
        delivery = Delivery(self.tg, call.bot, url, secret, most, self.first_backoff_s)
        self.deliveries[call.bot.id] = delivery
        call.bot.updates.arrived = delivery.collect
        delivery.collect()
        return True

    async def delete(self, call: Call) -> bool:
        await self._stop(call.bot)
        self._prepare(call)
        return True

    def _prepare(self, call: Call) -> None:
        allowed = call.decoded("allowed_updates")
        if isinstance(allowed, list):
            call.bot.updates.allow(map(str, allowed))
        if call.flag("drop_pending_updates"):
            call.bot.updates.drop_all()

    def info(self, call: Call) -> Json:
        updates, delivery = call.bot.updates, self.deliveries.get(call.bot.id)
        updates.expire()
        found: Json = {
            "url": delivery.url if delivery else "",
            "has_custom_certificate": False,
            "pending_update_count": self.pending(call.bot),
        }
        if delivery:
            found |= {"max_connections": delivery.most, "ip_address": "127.0.0.1", **delivery.last_error}
        if updates.allowed:
            found["allowed_updates"] = sorted(updates.allowed)
        return found

    def pending(self, bot: Bot) -> int:
        delivery = self.deliveries.get(bot.id)
        return len(bot.updates.queued) + (delivery.waiting if delivery else 0)

    async def _stop(self, bot: Bot) -> None:
        bot.updates.arrived = None
        delivery = self.deliveries.pop(bot.id, None)
        if delivery:
            await delivery.close()

    async def close(self) -> None:
        for delivery in list(self.deliveries.values()):
            await self._stop(delivery.bot)


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if parts.hostname not in _LOOPBACK:
        # The stand-in never leaves the machine; Telegram, the other way round, takes only public https addresses.
        raise bad("bad webhook: Failed to resolve host: the sandbox delivers to loopback only")
