"""The trading service over a real store and an exchange in memory, with people who have keys there."""

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

from bot.domain.accounts import Health, Held, KeyState
from bot.domain.errors import Unavailable
from bot.domain.guards import Limits
from bot.domain.intents import Intent, State, Wish
from bot.domain.notices import Address, Mark
from bot.domain.orders import Credentials, Permissions, Side
from bot.domain.ports import Clock, Exchange
from bot.domain.swap_log import SwapWish
from bot.domain.users import User
from bot.scheduler import Nursery
from bot.services import _keys
from bot.services._desk import Desk
from bot.services._references import References
from bot.services._swap_keys import SwapKeys
from bot.services.accounts import Accounts
from bot.services.markets import Markets
from bot.services.prices import Prices
from bot.services.swaps import Swaps
from bot.services.trading import Trading
from storage.store import Store, Transaction
from tests.order_shelf import OrderShelf
from tests.swap_shelf import ETH, SwapShelf

ADMINS = frozenset({900, 901})
CARD = 77
"""The message that a card is, in every chat of these tests."""


def bought(amount: str = "0.01", price: str | None = None, **more) -> Wish:
    return Wish(Side.BUY, "BTC/USDT", amount=Decimal(amount), price=price and Decimal(price), **more)


def swapped(amount: str = "0.01", **more) -> SwapWish:
    return SwapWish("btc", "eth", Decimal(amount), **{"address": ETH} | more)


class TradingDesk:
    """`restart` is a new process over the same store: what the old one still does is its own affair."""

    def __init__(
        self, store: Store, shelf: OrderShelf, prices: Prices, clock: Clock, *, most: Limits | None = None,
        others: dict[str, Exchange] | None = None, provider: SwapShelf | None = None, quota: int = 10,
    ) -> None:  # fmt: skip
        self.store, self.shelf, self.clock = store, shelf, clock
        self.most = most or Limits(Decimal(1000), Decimal(5000))
        self._prices = prices
        self._nursery = Nursery()
        self._exchanges: dict[str, Exchange] = {shelf.traits.name: shelf, **(others or {})}
        self._markets = Markets(self._exchanges, clock, self._nursery)
        self._provider, self._quota = provider, quota
        self._updates = 0
        self.restart()

    def restart(self) -> Trading:
        keys = {self._provider.traits.name: SwapKeys(self._provider)} if self._provider else {}
        self.accounts = Accounts(self.store, self._exchanges, self.clock, keys)
        references = References(self._exchanges, self._markets, self._prices, self.clock)
        self.desk = Desk(self.store, self._exchanges, self.accounts, references, self.clock, self.most, ADMINS)
        self.swaps = Swaps(self.desk, self._provider, self._nursery, quota=self._quota, poll_s=20)
        self.trading = Trading(self.desk, self.swaps.ways)
        return self.trading

    async def person(self, user_id: int = 1, vendor: str = "") -> User:
        """Somebody with a key."""
        vendor = vendor or self.shelf.traits.name
        user = User(user_id, f"Person {user_id}")

        def unit(tx: Transaction) -> None:
            tx.users.add(user, tx.now_ms)
            now = self.clock.now()
            health = Health.of(Permissions(trade=True, withdraw=False))
            held = Held(
                f"{vendor}{user_id}", user_id, vendor, vendor, 1, f"print{user_id}", KeyState.ACTIVE, health, now, now
            )
            tx.accounts.add(held, _keys.sealed(tx, held, Credentials(key_of(user_id), "secret")))

        await self.store.write(unit)
        return user

    async def put_in_place(self, account_id: str, key: str) -> None:
        """Another key where one was."""

        def unit(tx: Transaction) -> None:
            old = tx.accounts.get(account_id)
            assert old
            new = replace(old, version=old.version + 1, fingerprint=f"print of {key}")
            assert tx.accounts.replace(new, _keys.sealed(tx, new, Credentials(key, "secret")), old.version)

        await self.store.write(unit)

    async def mark(self, user_id: int = 1, edits: int = 0) -> Mark:
        self._updates += 1
        number = self._updates
        (letter,) = await self.store.write(lambda tx: tx.inbox.add([(number, b"x")], 0))
        return Mark(letter.seq, number, user_id, Address(user_id, 0, edits))

    async def swap_offered(self, user: User, wish: SwapWish | None = None) -> str:
        """The intent's id."""
        return (await self.swaps.offer(user, wish or swapped(), await self.mark(user.id))).intent_id

    async def offered(self, user: User, wish: Wish | None = None) -> str:
        """The intent's id."""
        return (await self.trading.offer(user, wish or bought(), await self.mark(user.id))).intent_id

    async def pressed(self, user: User, intent_id: str, card: int = CARD) -> Intent:
        await self.trading.confirm(user, intent_id, await self.mark(user.id, card))
        return await self.intent(intent_id)

    async def intent(self, intent_id: str) -> Intent:
        found = await self.store.read(lambda tx: tx.intents.get(intent_id))
        assert found
        return found

    async def state(self, intent_id: str) -> State:
        return (await self.intent(intent_id)).state

    async def told(self) -> list[tuple[int, str, dict]]:
        """What is to be said now and was not fetched before: to whom, kind, values. What was replaced is not said."""

        def unit(tx):
            parcels = tx.outbox.claim(tx.now_ms, tx.now_ms + 1, 1000)
            said = [(parcel, tx.notice_of(parcel)) for parcel in sorted(parcels, key=lambda one: one.id)]
            for parcel in parcels:
                tx.outbox.settle(parcel.id, "sent", 0)
            return [(parcel.user_id, notice.kind, notice.values) for parcel, notice in said]

        return await self.store.write(unit)

    async def kinds(self, user_id: int = 1) -> list[str]:
        return [kind for to, kind, _ in await self.told() if to == user_id]

    async def pass_time(self, seconds: float, every: float = 2.0) -> None:
        """The clock goes on, and the jobs with it."""
        for _ in range(int(seconds / every)):
            self.clock.advance(every)
            with suppress(Unavailable):
                await self.trading.reconcile()
                await self.trading.watch()
                await self.swaps.watch()


def key_of(user_id: int) -> str:
    return f"key{user_id}"
