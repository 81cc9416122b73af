"""A person's orders and trades, as his exchanges tell them now. Reads only; what moves money is in trading."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.domain.balances import Silent
from bot.domain.errors import BotError, Unavailable, UserMistake
from bot.domain.order_lists import Done, Listed, OrderSheet, Place, TradeSheet, order_sheet, trade_sheet
from bot.domain.orders import Order
from bot.domain.ports import Account, Exchange
from bot.domain.users import User
from bot.services.accounts import Accounts, Held
from bot.services.markets import Markets
from storage.store import Store

T = TypeVar("T")

PATIENCE_S = 12.0
MOST_PAIRS = 5
"""How many pairs are asked about where none is named: an exchange tells ended orders by pair only."""


class Orders:
    def __init__(self, store: Store, accounts: Accounts, exchanges: Mapping[str, Exchange], markets: Markets) -> None:
        self._store = store
        self._accounts = accounts
        self._exchanges = exchanges
        self._markets = markets

    async def open(self, user: User, pair: str, vendor: str, most: int) -> OrderSheet:
        """Open ones, of one exchange or all, of one pair or all. Raises UserMistake where there is no account."""

        async def ask(held: Held, account: Account, pairs: Sequence[str]) -> list[Listed]:
            found = [order for symbol in pairs or [""] for order in await account.open_orders(symbol)]
            return [Listed(self._place(held), order) for order in found]

        rows, silent = await self._everywhere(user, pair, vendor, ask)
        return order_sheet(rows, silent, most)

    async def history(self, user: User, pair: str, vendor: str, most: int) -> OrderSheet:
        """Open and ended ones together. Where no pair is named: of the pairs he lately had orders in."""

        async def ask(held: Held, account: Account, pairs: Sequence[str]) -> list[Listed]:
            now_open = [order for symbol in pairs or [""] for order in await account.open_orders(symbol)]
            wanted = pairs or await self._lately(user, held, now_open)
            ended = [order for symbol in wanted for order in await account.closed_orders(symbol, None, most)]
            # One that ended between the two calls is in both: what was heard last holds.
            by_id = {(order.symbol, order.id): order for order in (*now_open, *ended)}
            return [Listed(self._place(held), order) for order in by_id.values()]

        rows, silent = await self._everywhere(user, pair, vendor, ask)
        return order_sheet(rows, silent, most)

    async def trades(self, user: User, pair: str, vendor: str, most: int) -> TradeSheet:
        """The person's own. Where no pair is named: of the pairs he lately had orders in."""

        async def ask(held: Held, account: Account, pairs: Sequence[str]) -> list[Done]:
            wanted = pairs or await self._lately(user, held, ())
            found = [
                replace(trade, symbol=trade.symbol or symbol)
                for symbol in wanted
                for trade in await account.trades(symbol, None, most)
            ]
            return [Done(self._place(held), trade) for trade in found]

        rows, silent = await self._everywhere(user, pair, vendor, ask)
        return trade_sheet(rows, silent, most)

    async def one(self, user: User, order_id: str, pair: str, vendor: str) -> Listed:
        """By the exchange's id. One placed here, or open, needs no pair. Raises UserMistake where nobody knows it."""
        for held, symbol in await self._likely(user, order_id, pair, vendor):
            account = await self._accounts.opened(held)
            if order := await account.order(symbol, order_id):
                return Listed(self._place(held), order)
        sheet = await self.open(user, pair, vendor, 10_000)
        for row in sheet.rows:
            if row.order.id == order_id:
                return row
        if sheet.silent:
            raise Unavailable("order.perhaps_there", typed=order_id[:64], exchange=sheet.silent[0].title)
        raise UserMistake("order.not_found" if pair else "order.name_the_pair", typed=order_id[:64])

    async def _likely(self, user: User, order_id: str, pair: str, vendor: str) -> list[tuple[Held, str]]:
        """Where an order of that id was placed from here; and, where a pair is named, where it may be."""
        placed = await self._store.read(lambda tx: tx.orders.of_user(user.id, order_id))
        own = {held.id: held for held in await self._held(user, vendor)}
        found = [(own[row.account_id], row.symbol) for row in placed if row.account_id in own]
        if pair:
            named = [(held, symbol) for held in own.values() if (symbol := await self._symbol(held, pair))]
            found = [place for place in found if place in named] + [place for place in named if place not in found]
        return found

    async def _lately(self, user: User, held: Held, now_open: Sequence[Order]) -> list[str]:
        placed = await self._store.read(lambda tx: tx.orders.symbols_of(user.id, held.id, MOST_PAIRS))
        return list(dict.fromkeys([*(order.symbol for order in now_open), *placed]))[:MOST_PAIRS]

    async def _everywhere(
        self,
        user: User,
        pair: str,
        vendor: str,
        ask: Callable[[Held, Account, Sequence[str]], Awaitable[list[T]]],
    ) -> tuple[list[T], list[Silent]]:
        """Each account by itself: one that is slow or down holds nobody else back, and is named."""

        async def asked(held: Held) -> list[T]:
            symbols = [(await self._markets.find(pair, held.vendor))[1].symbol] if pair else []
            return await ask(held, await self._accounts.opened(held), symbols)

        own = await self._held(user, vendor)
        found = await asyncio.gather(*(self._in_time(held, asked(held)) for held in own))
        silent = [part for part in found if isinstance(part, Silent)]
        # That one exchange does not have the pair matters only where no other has it.
        told = [one for one in silent if not isinstance(one.error, UserMistake)]
        if len(silent) == len(own) and (len(own) == 1 or not told):
            raise silent[0].error
        return [row for part in found if not isinstance(part, Silent) for row in part], told

    async def _in_time(self, held: Held, asking: Awaitable[list[T]]) -> list[T] | Silent:
        place = self._place(held)
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await asking
        except TimeoutError:
            return Silent(place.title, place.label, Unavailable("source.down", source=place.title))
        except BotError as error:
            return Silent(place.title, place.label, error)

    async def _held(self, user: User, vendor: str) -> list[Held]:
        """All his accounts at exchanges that are on, or the named one. Raises UserMistake where there is none."""
        if vendor:
            return [await self._accounts.of(user.id, vendor)]
        own = [held for held in await self._accounts.all_of(user.id) if held.vendor in self._exchanges]
        return own or [await self._accounts.of(user.id)]

    async def _symbol(self, held: Held, pair: str) -> str:
        """The pair's symbol at this exchange; empty where it has none, or cannot be asked."""
        try:
            return (await self._markets.find(pair, held.vendor))[1].symbol
        except BotError:
            return ""

    def _place(self, held: Held) -> Place:
        return Place(self._exchanges[held.vendor].traits.title, held.vendor, held.label)
