"""A store, a stand-in for Telegram, and a delivery between them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.delivery.loop import Delivery
from bot.domain.notices import Address, Lane, Notice
from bot.domain.replies import Reply
from bot.domain.users import User
from bot.sandbox.telegram import TelegramStandIn
from bot.scheduler import Nursery, SystemClock
from bot.telegram.api import BotApi
from bot.telegram.sending import Sender
from bot.telegram.transport import Transport
from storage.store import Store
from tests.still_clock import StillClock
from tests.store_in import store_in

TOKEN = "123456:tests-token-abcdefghijklmnopqrstuvwxyz"


def render(notice, user, late_since):
    if notice.kind == "digest":
        return Reply("\n".join(["digest", *(str(values.get("text", "?")) for _, _, values in notice.values["items"])]))
    if notice.kind == "nonsense":
        raise ZeroDivisionError
    if notice.kind not in {"say", "order_ended", "alert_fired"}:
        raise KeyError(notice.kind)
    return Reply(f"{notice.values['text']} {'late ' if late_since else ''}{user.name if user else '?'}")


class House:
    """A store, a stand-in for Telegram, and a delivery between them."""

    def __init__(self, store: Store, telegram: TelegramStandIn, clock: StillClock, nursery: Nursery) -> None:
        self.store, self.telegram, self.clock, self.nursery = store, telegram, clock, nursery
        self.left: list[int] = []
        self.transport = Transport()
        self.sender = Sender(BotApi(self.transport, telegram.url, TOKEN))
        self.delivery = self.another()

    def another(self) -> Delivery:
        async def leave(person: int) -> None:
            self.left.append(person)

        return Delivery(self.store, self.sender, render, leave, SystemClock(), self.nursery)

    async def tell(self, cause="a", kind="say", lane=Lane.ALERT, chat=0, edits=0, **values):
        chat = chat or self.alice.id
        notice = Notice(kind, {"text": cause} | values)
        await self.store.write(lambda tx: tx.tell(cause, lane, chat, Address(chat, 0, edits), notice))

    async def meet(self, **chosen):
        """Alice becomes somebody the desk knows, with a zone and wishes of hers."""
        user = User(self.alice.id, "Alice", **chosen)

        def unit(tx):
            tx.users.add(user, tx.now_ms)
            tx.users.save(user)

        await self.store.write(unit)

    async def wishes(self, change):
        await self.store.write(lambda tx: change(tx.telling, self.alice.id))

    @property
    def alice(self):
        return self.telegram.person("alice")

    async def once(self):
        """Everything that is due is carried once."""
        asyncio.get_running_loop().call_soon(self.store.told.set)  # nothing due: no need to rest
        await self.delivery._round()
        while self.delivery._running:
            await self.store.told.wait()
            self.store.told.clear()

    async def row(self, cause="a"):
        columns = "state, due_at, lease_until, tries, chat_id"
        find = f"SELECT {columns} FROM outbox WHERE cause = ?"  # noqa: S608  # a constant
        row = await self.store.read(lambda tx: tx.outbox._db.conn.execute(find, (cause,)).fetchone())
        return dict(zip(columns.split(", "), row, strict=True))

    def said(self):
        return [message.text for message in self.alice.messages() if message.wire["from"]["is_bot"]]

    def sounds(self):
        """Of each message sent, in order: whether it made one."""
        calls = [call for call in self.telegram.requests if call.method == "sendMessage"]
        return [not call.params.get("disable_notification") for call in calls]

    def tries(self):
        return sum(call.method == "sendMessage" for call in self.telegram.requests)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    clock, nursery, telegram = StillClock(), Nursery(), TelegramStandIn(tokens=[TOKEN])
    await telegram.start()
    telegram.person("alice").send("/start")
    store = store_in(tmp_path, clock)
    made = House(store, telegram, clock, nursery)
    yield made
    await nursery.close()
    await made.transport.shutdown()
    store.close()
    await telegram.stop()
