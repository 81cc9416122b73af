"""The matching engine of one venue: accounts, keys, orders by price and time, wallets, and what everybody may see.

Everything is synchronous and done when a call returns; a Refused call has changed nothing. A dialect asks the engine
and puts its vendor's words around it. Times are milliseconds since 1970, money is Decimal.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from bot.sandbox.exchange import state_money
from bot.sandbox.exchange.accounts import ZERO, Account, Holding, Key, Login, made_up
from bot.sandbox.exchange.book import Book
from bot.sandbox.exchange.crowd import Crowd
from bot.sandbox.exchange.floor import Floor
from bot.sandbox.exchange.margin import lend, repay
from bot.sandbox.exchange.orders import (
    Candle,
    Day,
    Entry,
    Fill,
    Order,
    Print,
    Refused,
    Side,
    State,
    Stay,
    Wallet,
    Wish,
)
from bot.sandbox.exchange.pairs import GRAIN, Pair, listed
from bot.sandbox.exchange.rules import checked
from bot.sandbox.market import Market

REMEMBERED_ENTRIES = 100_000
FUNDS: Mapping[Wallet, Mapping[str, str]] = {
    "spot": {"USDT": "25000", "BTC": "0.5", "ETH": "4", "BNB": "3", "USDC": "1500"},
    "margin": {"USDT": "5000", "BTC": "0.05"},
    "funding": {"USDT": "1000"},
}


class Engine:
    """One venue over the sandbox's market. `fees` are what was taken so far, by asset."""

    def __init__(
        self,
        market: Market,
        *,
        venue: str = "binance",
        pairs: Sequence[Pair] | None = None,
        funds: Mapping[Wallet, Mapping[str, str]] = FUNDS,
        clock: Callable[[], float] = time.time,
        maker_fee: Decimal = Decimal("0.001"),
        taker_fee: Decimal = Decimal("0.001"),
        one_open_order_per_client_id: bool = True,
    ) -> None:
        self.market = market
        self.venue = venue
        self.maker_fee = maker_fee
        self.taker_fee = taker_fee
        self.fees: dict[str, Decimal] = {}
        self.accounts: dict[str, Account] = {}
        self.keys: dict[str, Key] = {}
        self.ledger: deque[Entry] = deque(maxlen=REMEMBERED_ENTRIES)
        self._clock = clock
        self._funds = funds
        self._one_open = one_open_order_per_client_id
        self._floors = {pair.symbol: Floor(market, pair, venue) for pair in (pairs or listed(market))}
        self._last_id = 10_000_000
        self._last_trade = 1_000_000
        self._hidden_from_ms: int | None = None
        self.crowd = Crowd(self, Account(0, "(others)", bottomless=True))

    # Accounts and keys

    def open_account(self, name: str, funds: Mapping[Wallet, Mapping[str, str]] | None = None) -> Account:
        """The account of this name; a new one starts with `funds`, else with the venue's usual ones."""
        if name not in self.accounts:
            account = self.accounts[name] = Account(len(self.accounts) + 1, name)
            for wallet, assets in (self._funds if funds is None else funds).items():
                for asset, amount in assets.items():
                    self.deposit(account, wallet, asset, Decimal(amount))
        return self.accounts[name]

    def add_account(
        self, name: str, *, trade: bool = True, withdraw: bool = False, ip_bound: bool = False,
        expires_ms: int | None = None, funds: Mapping[Wallet, Mapping[str, str]] | None = None,
    ) -> Login:  # fmt: skip
        """Another key for the account of this name, opened where there is none yet; always the same keys in turn."""
        account = self.open_account(name, funds)
        seed = f"{self.venue}/{name}/{sum(key.account is account for key in self.keys.values())}"
        login = Login(made_up(seed, 64), made_up(seed + "/secret", 64))
        ips = frozenset({"127.0.0.1", "::1"}) if ip_bound else frozenset[str]()
        self.keys[login.key] = Key(*login, account, trade, withdraw, ips, expires_ms, self.now_ms())
        return login

    def deposit(self, account: Account, wallet: Wallet, asset: str, amount: Decimal) -> None:
        """Money from outside."""
        if amount <= 0 or not amount.is_finite():
            raise Refused("bad amount")
        account.give(wallet, asset, amount.quantize(GRAIN, ROUND_FLOOR))

    def transfer(self, account: Account, asset: str, amount: Decimal, source: Wallet, target: Wallet) -> None:
        """Between wallets of one account."""
        if amount <= 0 or amount != amount.quantize(GRAIN):
            raise Refused("bad amount")
        account.take(source, asset, amount)
        account.give(target, asset, amount)

    def balances(self, account: Account, wallet: Wallet) -> Mapping[str, Holding]:
        """What is not nothing, after everything that happened meanwhile."""
        self._catch_up(account)
        return account.held(wallet)

    # Orders

    def place(self, account: Account, wish: Wish) -> Order:
        """Match what can be matched, let the rest wait if it may. Refused: nothing has happened."""
        floor = self._floor(wish.symbol)
        amount = checked(wish, floor.pair, floor.book, floor.last)
        if wish.client_id and self._one_open and self._is_open(account, wish.client_id):
            raise Refused("duplicate")
        order = self._order(floor, account, wish, amount, self.now_ms())
        self._bind(order, floor.book)
        account.remember(order)
        self.ledger.append(Entry(order.placed_ms, account.name, wish.client_id, order))
        self._run(floor, order, order.placed_ms)
        return order

    def cancel(self, account: Account, order: Order) -> Order:
        """Take what is left of it off the book. Refused("not open") where there is nothing left."""
        self._floor(order.pair.symbol)
        if order.state != "open" or order.owner is not account:
            raise Refused("not open")
        floor = self._floors[order.pair.symbol]
        floor.book.remove(order)
        self._end(order, "canceled", self.now_ms())
        return order

    def find(
        self, account: Account, *, order_id: int | None = None, client_id: str = "", symbol: str | None = None
    ) -> Order:
        """By our id, else the latest under this client id. Refused("unknown order") where there is none."""
        order = account.orders.get(order_id) if order_id is not None else account.named.get(client_id)
        if order is None or self._hidden(order.placed_ms) or symbol not in (None, order.pair.symbol):
            raise Refused("unknown order")
        self._floor(order.pair.symbol)
        return order

    def open_orders(self, account: Account, symbol: str | None = None) -> list[Order]:
        """Oldest first."""
        self._catch_up(account)
        return [order for order in account.open.values() if self._shown(order, symbol)]

    def orders(self, account: Account, symbol: str | None = None) -> list[Order]:
        """Open and ended, oldest first; the oldest ended ones may be forgotten."""
        self._catch_up(account)
        return [order for order in account.orders.values() if self._shown(order, symbol)]

    def fills(self, account: Account, symbol: str | None = None) -> list[Fill]:
        """The account's own trades, oldest first."""
        self._catch_up(account)
        return [fill for fill in account.fills if symbol in (None, fill.symbol) and not self._hidden_id(account, fill)]

    @contextmanager
    def hiding(self, from_ms: int | None) -> Iterator[None]:
        """Lookups inside do not see orders placed from this moment on: a venue that has not caught up with itself."""
        self._hidden_from_ms = from_ms
        try:
            yield
        finally:
            self._hidden_from_ms = None

    # What everybody may see

    @property
    def pairs(self) -> list[Pair]:
        """Everything that is traded."""
        return [floor.pair for floor in self._floors.values()]

    def pair(self, symbol: str) -> Pair:
        """Refused("unknown pair")."""
        if symbol not in self._floors:
            raise Refused("unknown pair")
        return self._floors[symbol].pair

    def day(self, symbol: str) -> Day:
        """Ticker: last, best bid and ask, 24 hours."""
        return self._floor(symbol).day(self.now_ms())

    def depth(self, symbol: str, count: int) -> tuple[list[tuple[Decimal, Decimal, int]], ...]:
        """Bids and asks, each (price, amount, orders), best first."""
        book = self._floor(symbol).book
        return book.levels("buy", count), book.levels("sell", count)

    def resting(self, symbol: str, count: int) -> tuple[tuple[Order, ...], tuple[Order, ...]]:
        """The first so many bids and asks, order by order, best first."""
        book = self._floor(symbol).book
        return book.resting("buy")[:count], book.resting("sell")[:count]

    def tape(self, symbol: str) -> list[Print]:
        """The latest trades of everybody, oldest first; at most floor.REMEMBERED_PRINTS."""
        return list(self._floor(symbol).tape)

    def candles(self, symbol: str, bounds: Sequence[int]) -> list[Candle]:
        """One between each two moments of `bounds` (unix seconds, see grid.bounds), oldest first; none from the future.

        Takes 0.1 ms each, and changes nothing: may run in a thread.
        """
        self.pair(symbol)
        return self._floors[symbol].candles(bounds, self.now_ms() // 1000)

    # Time

    def now_ms(self) -> int:
        """This venue's clock."""
        return int(self._clock() * 1000)

    def tick(self) -> None:
        """Let the others act where somebody's order waits for them."""
        for symbol in {order.pair.symbol for account in self.accounts.values() for order in account.open.values()}:
            self._floor(symbol)

    def fill(self, order: Order, share: Decimal = Decimal(1)) -> None:
        """Others take this share of what is open of a resting order. Refused("not open")."""
        if order.state != "open":
            raise Refused("not open")
        self.crowd.hit(self._floors[order.pair.symbol], order, share)

    def total(self, asset: str) -> Decimal:
        """All there is of an asset, in wallets and in fees: only deposits change it."""
        everybody = [*self.accounts.values(), self.crowd.account]
        held = (wallet.get(asset) for account in everybody for wallet in account.wallets.values())
        return sum((holding.total for holding in held if holding), self.fees.get(asset, ZERO))

    # For the crowd (see crowd.Pit)

    def worth(self, asset: str) -> Decimal:
        """US dollars; what nobody prices is worth one."""
        return state_money.usd(asset, self.market.now()) or self.market.price(asset) or Decimal(1)

    def enter(
        self, floor: Floor, owner: Account, side: Side, price: Decimal, amount: Decimal, stay: Stay, at_ms: int
    ) -> Order:
        """An order of somebody who needs no money for it and is not in the ledger."""
        wish = Wish(symbol=floor.pair.symbol, side=side, kind="limit", amount=amount, price=price, stay=stay)
        order = self._order(floor, owner, wish, amount, at_ms)
        self._run(floor, order, at_ms)
        return order

    def show(self, floor: Floor, at_ms: int, price: Decimal, amount: Decimal, side: Side) -> None:
        """One trade on the tape."""
        self._last_trade += 1
        floor.tape.append(Print(self._last_trade, at_ms, price, amount, side))

    # Inside

    def _floor(self, symbol: str) -> Floor:
        self.pair(symbol)
        self.crowd.come(self._floors[symbol])
        return self._floors[symbol]

    def _catch_up(self, account: Account) -> None:
        for symbol in {order.pair.symbol for order in account.open.values()}:
            self._floor(symbol)

    def _hidden(self, at_ms: int) -> bool:
        return self._hidden_from_ms is not None and at_ms >= self._hidden_from_ms

    def _hidden_id(self, account: Account, fill: Fill) -> bool:
        order = account.orders.get(fill.order_id)
        return order is not None and self._hidden(order.placed_ms)

    def _shown(self, order: Order, symbol: str | None) -> bool:
        return symbol in (None, order.pair.symbol) and not self._hidden(order.placed_ms)

    def _is_open(self, account: Account, client_id: str) -> bool:
        return any(order.wish.client_id == client_id for order in account.open.values())

    def _order(self, floor: Floor, owner: Account, wish: Wish, amount: Decimal, at_ms: int) -> Order:
        self._last_id += 1
        return Order(self._last_id, owner, floor.pair, wish, amount, at_ms, at_ms)

    def _bind(self, order: Order, book: Book) -> None:
        wish, needed = order.wish, _needed(order, book)
        if wish.wallet == "margin" and wish.borrow:
            lend(order.owner, self.crowd.account, order.pays, needed, self.worth)
        order.owner.bind(wish.wallet, order.pays, needed)
        order.locked = needed

    def _run(self, floor: Floor, order: Order, at_ms: int) -> None:
        """Trade with everybody it meets; the rest waits or ends."""
        wish = order.wish
        facing = list(_met(floor.book, order))
        if wish.stay == "fok" and sum((other.left for other in facing), ZERO) < order.amount:
            facing = []
        for other in facing:
            self._trade(floor, order, other, at_ms)
        if not order.left:
            self._end(order, "filled", at_ms)
        elif wish.kind == "limit" and wish.stay == "gtc":
            floor.book.add(order)
        else:
            self._end(order, "expired", at_ms)

    def _trade(self, floor: Floor, taker: Order, maker: Order, at_ms: int) -> None:
        amount, price = min(taker.left, maker.left), maker.price
        if not amount or price is None:
            return
        cost = (price * amount).quantize(GRAIN, ROUND_FLOOR)
        self.show(floor, at_ms, price, amount, taker.wish.side)
        if maker.left == amount:
            floor.book.remove(maker)
        for order in (taker, maker):
            self._settle(order, price, amount, cost, at_ms, maker=order is maker)
        if not maker.left:
            self._end(maker, "filled", at_ms)

    def _settle(self, order: Order, price: Decimal, amount: Decimal, cost: Decimal, at_ms: int, *, maker: bool) -> None:
        owner, wish = order.owner, order.wish
        order.filled += amount
        order.spent += cost
        order.updated_ms = at_ms
        paid, got = (cost, amount) if wish.side == "buy" else (amount, cost)
        # What stays bound covers what is left at the order's own price; anything better comes back at once.
        bound = _still_needed(order, paid)
        owner.bind(wish.wallet, order.pays, bound - order.locked)
        order.locked = bound
        owner.take(wish.wallet, order.pays, paid)
        rate = ZERO if owner.bottomless else self.maker_fee if maker else self.taker_fee
        fee = (got * rate).quantize(GRAIN, ROUND_FLOOR)
        owner.give(wish.wallet, order.gets, got - fee)
        if owner.bottomless:
            return
        self.fees[order.gets] = self.fees.get(order.gets, ZERO) + fee
        fill = Fill(
            self._last_trade, order.id, wish.client_id, wish.symbol, wish.wallet, at_ms, wish.side, wish.kind,
            price, amount, cost, fee, order.gets, maker,
        )  # fmt: skip
        order.fills.append(fill)
        owner.fills.append(fill)
        if wish.wallet == "margin":
            repay(owner, self.crowd.account, order.gets)

    def _end(self, order: Order, state: State, at_ms: int) -> None:
        order.state, order.updated_ms = state, at_ms
        order.owner.bind(order.wish.wallet, order.pays, -order.locked)
        order.locked = ZERO
        order.owner.open.pop(order.id, None)
        if order.wish.wallet == "margin" and not order.owner.bottomless:
            repay(order.owner, self.crowd.account, order.pays)


def _met(book: Book, order: Order) -> Iterator[Order]:
    """Whom it would trade with, until it is full."""
    wanted = order.amount
    for other in book.facing(order.wish.side, order.wish.price):
        if wanted <= 0:
            return
        wanted -= other.left
        yield other


def _needed(order: Order, book: Book) -> Decimal:
    """What must be there before it runs."""
    if order.wish.side == "sell":
        return order.amount
    if order.wish.price is not None:
        return (order.wish.price * order.amount).quantize(GRAIN, ROUND_CEILING)
    needed, wanted = ZERO, order.amount
    for other in _met(book, order):
        taken = min(wanted, other.left)
        needed += ((other.price or ZERO) * taken).quantize(GRAIN, ROUND_FLOOR)
        wanted -= taken
    return needed


def _still_needed(order: Order, paid: Decimal) -> Decimal:
    if order.owner.bottomless:
        return ZERO
    if order.wish.side == "sell":
        return order.left
    if order.wish.price is None:
        return order.locked - paid
    return (order.wish.price * order.left).quantize(GRAIN, ROUND_CEILING)
