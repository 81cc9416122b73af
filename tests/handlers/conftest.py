"""Handlers called as the edge calls them: a real Call, over real services and a real store, with prices on a shelf."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from bot import app
from bot.charts import Charts
from bot.domain.guards import Limits
from bot.domain.notices import Address, Mark
from bot.domain.replies import Answer, Reply
from bot.domain.users import Access
from bot.scheduler import Nursery
from bot.services import Services
from bot.services.accounts import Accounts
from bot.services.dialogs import Dialogs
from bot.services.guards import Guards
from bot.services.handover import Handover
from bot.services.markets import Markets
from bot.services.prices import Prices
from bot.services.trading import Trading
from bot.services.upkeep import Upkeep
from bot.services.users import Users
from bot.texts import Catalogue
from bot.views import notices
from handlers._call import Call
from handlers._telegram import command_table
from storage.store import Store, open_store
from storage.vault import KeySource
from tests.price_shelf import PriceShelf
from tests.still_clock import StillClock

ADMIN = 900
ANN = 1
CATALOGUE = Catalogue.load()


class Room:
    """What people say in a private chat, one line after the other."""

    def __init__(self, store: Store, shelf: PriceShelf, clock: StillClock, nursery: Nursery, charts: Charts) -> None:
        self.store, self.shelf, self.clock, self.charts = store, shelf, clock, charts
        self.users = Users(store, Access.APPROVAL, frozenset({ADMIN}))
        prices, accounts = Prices(shelf, clock, nursery), Accounts(store, {}, clock)
        most = Limits(Decimal(1000), Decimal(5000))
        self.services = Services(
            prices=prices,
            users=self.users,
            dialogs=Dialogs(store),
            upkeep=Upkeep(store),
            markets=Markets({}, clock, nursery),
            accounts=accounts,
            guards=Guards(store, most, demanded=False),
            handover=Handover(store, accounts, {}, clock, page="", demanded=False),
            trading=Trading(store, {}, accounts, prices, clock, most=most, admins=frozenset({ADMIN})),
        )
        self.commands = command_table(app.families())
        self._updates = 0

    async def call(self, line: str, who: int = ANN) -> Call:
        name, *args = line.split()
        user = await self.users.meet(who, f"Person {who}")
        return Call(
            name=name, args=tuple(args), user=user, texts=CATALOGUE.pick(user.language), zone=user.timezone or "UTC",
            now=self.clock.now(), services=self.services, charts=self.charts, catalogue=CATALOGUE,
            commands=self.commands, bot_name="desk_bot", mark=await self._mark(who), admin=who == ADMIN,
        )  # fmt: skip

    async def answer(self, line: str, who: int = ANN) -> Answer:
        call = await self.call(line, who)
        return await self.commands[call.name].run(call)

    async def say(self, line: str, who: int = ANN) -> Reply:
        """The reply; or where the answer lies in the outbox, what it says there."""
        answer = await self.answer(line, who)
        return answer if isinstance(answer, Reply) else (await self.told())[who]

    async def told(self) -> dict[int, Reply]:
        """The last thing that lies in the outbox for each person; all of it is taken out."""

        def unit(tx):
            parcels = tx.outbox.claim(tx.now_ms, tx.now_ms + 1, 1000)
            for parcel in parcels:
                tx.outbox.settle(parcel.id, "sent", 0)
            return {parcel.user_id: tx.notice_of(parcel) for parcel in sorted(parcels, key=lambda one: one.id)}

        found = await self.store.write(unit)
        return {who: notices.render(notice, await self._texts(who), self.clock.now()) for who, notice in found.items()}

    async def _texts(self, who: int):
        user = await self.users.get(who)
        return CATALOGUE.pick(user.language if user else "")

    async def _mark(self, who: int) -> Mark:
        self._updates += 1
        number = self._updates
        (letter,) = await self.store.write(lambda tx: tx.inbox.add([(number, b"x")], 0))
        return Mark(letter.seq, number, who, Address(who))


def buttons(reply: Reply) -> list[str]:
    return [button.data for row in reply.buttons for button in row]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    clock, nursery, charts = StillClock(), Nursery(), Charts()
    store, _ = open_store(tmp_path / "desk.db", KeySource(None, None, "", tmp_path / "desk.key"), clock)
    yield Room(store, PriceShelf(clock), clock, nursery, charts)
    await nursery.close()
    await charts.close()
    store.close()
