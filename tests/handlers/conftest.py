"""Handlers called as the edge calls them: a real Call, over real services and a real store, with prices on a shelf."""

from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from bot import app
from bot.charts import Charts
from bot.domain.accounts import Health, Held, KeyState
from bot.domain.guards import Limits
from bot.domain.notices import Address, Mark
from bot.domain.orders import Credentials, Wallet
from bot.domain.replies import Answer, Reply
from bot.domain.users import Access
from bot.scheduler import Nursery
from bot.services import Services
from bot.services._desk import Desk
from bot.services._keys import sealed
from bot.services._references import References
from bot.services.accounts import Accounts
from bot.services.addresses import Addresses
from bot.services.alerts import Alerts
from bot.services.audit import Audit
from bot.services.balances import Balances
from bot.services.broadcasts import Broadcasts, Rules
from bot.services.dialogs import Dialogs
from bot.services.guards import Guards
from bot.services.handover import Handover
from bot.services.health import DeskHealth
from bot.services.markets import Markets
from bot.services.orders import Orders
from bot.services.prices import Prices
from bot.services.put_back import PutBack
from bot.services.rates import Rates
from bot.services.readers import Readers
from bot.services.summaries import Summaries
from bot.services.swaps import Swaps
from bot.services.telling import Telling
from bot.services.trading import Trading
from bot.services.upkeep import Upkeep
from bot.services.users import Users
from bot.telegram.copying import Copier
from bot.texts import Catalogue
from bot.views import notices
from handlers._call import Call
from handlers._telegram import command_table
from storage.store import Store
from tests.account_shelf import AccountShelf
from tests.api_shelf import ApiShelf
from tests.exchange_shelf import ExchangeShelf
from tests.price_shelf import PriceShelf
from tests.still_clock import StillClock
from tests.store_in import store_in
from tests.swap_shelf import SwapShelf

ADMIN = 900
ANN = 1
CATALOGUE = Catalogue.load()


class Room:
    """What people say in a private chat, one line after the other."""

    def __init__(self, store: Store, shelf: PriceShelf, clock: StillClock, nursery: Nursery, charts: Charts) -> None:
        self.store, self.shelf, self.clock, self.charts = store, shelf, clock, charts
        self.users = Users(store, Access.APPROVAL, frozenset({ADMIN}))
        self.exchanges = {
            "binance": ExchangeShelf(clock),
            "bitfinex": ExchangeShelf(clock, "bitfinex", "Bitfinex", wallets=(Wallet.SPOT, Wallet.MARGIN)),
        }
        self.api, rules = ApiShelf(), Rules(lambda: frozenset({ADMIN}), typed_above=2)
        prices, accounts = Prices(shelf, clock, nursery), Accounts(store, self.exchanges, clock)
        markets, most = (
            Markets(self.exchanges, clock, nursery, lambda: ["bybit", "kraken"]),
            Limits(Decimal(1000), Decimal(5000)),
        )
        references = References(self.exchanges, markets, prices, clock)
        desk = Desk(store, self.exchanges, accounts, references, clock, most, frozenset({ADMIN}))
        self.provider = SwapShelf(clock)
        swaps = Swaps(desk, self.provider, nursery, quota=10, poll_s=20)
        self.services = Services(
            prices=prices,
            users=self.users,
            dialogs=Dialogs(store),
            telling=Telling(store, "UTC"),
            broadcasts=Broadcasts(store, Copier(self.api, Counter()), rules),
            summaries=Summaries(store, prices, _drawn, rules, clock),
            readers=Readers(store),
            upkeep=Upkeep(store),
            health=DeskHealth(store, clock),
            put_back=PutBack(store, lambda: {ADMIN}),
            markets=markets,
            rates=Rates(prices, markets),
            accounts=accounts,
            addresses=Addresses(store, clock, most_new=Decimal(700), demanded=False),
            alerts=Alerts(store, prices, clock),
            audit=Audit(store),
            guards=Guards(store, most, demanded=False),
            handover=Handover(store, accounts, self.exchanges, clock, page="", demanded=False),
            balances=Balances(accounts, self.exchanges, markets, prices, clock),
            orders=Orders(store, accounts, self.exchanges, markets),
            trading=Trading(desk, swaps.ways),
            swaps=swaps,
        )
        self.commands = command_table(app.families())
        self._updates = 0

    async def holds(self, vendor: str = "binance", who: int = ANN, label: str = "") -> AccountShelf:
        """From now on this person has a key there."""
        account, name = AccountShelf(), label or vendor
        now, key = self.clock.now(), f"key-{who}-{vendor}-{name}"
        held = Held(key, who, vendor, name, 1, "0a1b2c3d", KeyState.ACTIVE, Health(trade=True), now, now)
        self.exchanges[vendor].accounts[key] = account
        await self.users.meet(who, f"Person {who}")
        await self.store.write(lambda tx: tx.accounts.add(held, sealed(tx, held, Credentials(key, "secret"))))
        return account

    async def call(self, line: str, who: int = ANN) -> Call:
        name, *args = line.split()
        user = await self.users.meet(who, f"Person {who}")
        return Call(
            name=name, args=tuple(args), user=user, texts=CATALOGUE.pick(user.language), zone=user.timezone or "UTC",
            now=self.clock.now(), services=self.services, charts=self.charts, catalogue=CATALOGUE,
            commands=self.commands, bot_name="desk_bot", mark=await self._mark(who),
            admin=self.users.is_admin(who), owner=self.users.is_owner(who),
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


async def _drawn(_series) -> bytes:
    return b"a picture"


def buttons(reply: Reply) -> list[str]:
    return [button.data for row in reply.buttons for button in row]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    clock, nursery, charts = StillClock(), Nursery(), Charts()
    store = store_in(tmp_path, clock)
    yield Room(store, PriceShelf(clock), clock, nursery, charts)
    await nursery.close()
    await charts.close()
    store.close()
