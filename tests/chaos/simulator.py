"""One whole desk of orders in one thread and in no time: people, presses, an exchange, and everything that goes wrong.

Everything that happens is drawn from one seed: what people do, which answers are lost, in which order the turns of the
tasks come, when the process dies. Time is the event loop's own, and jumps ahead where all wait. The same seed is the
same story, told by the hash of its trace.
"""

import asyncio
import copy
import hashlib
import random
import selectors
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from sqlite_utils import Database

from bot.domain.errors import BotError, Unavailable
from bot.domain.guards import Limits
from bot.domain.intents import Action, Intent, State, Wish
from bot.domain.notices import Mark
from bot.domain.orders import OrderRequest, OrderState, Side
from bot.domain.users import User
from bot.scheduler import Nursery
from bot.services.prices import Prices
from storage.store import Store, Transaction, open_store
from storage.vault import KeySource
from tests.chaos.swap_side import QUOTA, SwapSide, addresses_told
from tests.order_shelf import LATE_S, OrderShelf
from tests.price_shelf import PriceShelf
from tests.still_clock import START, StillClock
from tests.swap_shelf import SwapShelf
from tests.trading_desk import TradingDesk, key_of

PEOPLE = 3
ACTS = 9
TROUBLE_S = 80.0
SETTLING_S = 17 * 60.0
LIMITS = Limits(Decimal(700), Decimal(1100))

SENT = ("", "", "", "lost_before", "lost_after", "late", "broken", "garbage", "hang", "refused", "unsent")
CANCELED = ("", "", "", "lost_before", "lost_after", "refused", "unsent")
READ = ("", "", "", "", "down")


class Dead(BaseException):
    """The process is no more: nothing it still does reaches the disk."""


class _Jump(selectors.SelectSelector):
    """Where everybody waits, time jumps to whoever waits shortest."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise AssertionError("everybody waits for somebody else")
        self.now_s += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.jump = _Jump()
        super().__init__(self.jump)

    def time(self) -> float:
        return self.jump.now_s

    def run_in_executor(self, _executor, func, *args):
        """At once: a thread's turn would come when it likes."""
        done = self.create_future()
        done.set_result(func(*args))
        return done


class LoopClock:
    """`set_s`: how far the wall clock was set."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self.set_s = 0.0

    def now(self):
        return START + timedelta(seconds=self._loop.time() + self.set_s)

    def monotonic(self) -> float:
        return 1000 + self._loop.time()

    def jump(self, seconds: float) -> None:
        self.set_s += seconds


class InlineEngine:
    """The writer without its thread: each unit a transaction, a turn before it and one after."""

    def __init__(self, connection: sqlite3.Connection, turn: Callable[[str], Awaitable[None]]) -> None:
        self._db = Database(connection, execute_plugins=False)
        self._turn = turn
        self.dead = False
        self.full: Callable[[], bool] = lambda: False

    async def write(self, unit):
        if self.dead:
            raise Dead
        await self._turn("write")
        if self.dead:
            raise Dead
        if self.full():
            raise Unavailable("storage.down")
        self._db.conn.execute("BEGIN")
        try:
            result = unit(self._db)
        except BaseException:
            self._db.conn.execute("ROLLBACK")
            raise
        self._db.conn.execute("COMMIT")
        await self._turn("written")
        return result

    async def read(self, unit):
        if self.dead:
            raise Dead
        await self._turn("read")
        return unit(self._db)


class Template:
    """A database with its schema, made once: every story begins with a copy of it."""

    def __init__(self, folder: Path) -> None:
        path = folder / "template.db"
        self.store, _ = open_store(path, KeySource(None, None, "", path.with_suffix(".key")), StillClock())
        self.store.close()
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA journal_mode = DELETE")
            self.bytes = db.serialize()

    def copy(self) -> sqlite3.Connection:
        connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=256)
        connection.deserialize(self.bytes)
        return connection


@dataclass
class Story:
    """What came of one seed. `faults` is empty where every promise was kept."""

    seed: int
    trace: str = ""
    faults: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    sendings: int = 0


class Simulation:
    def __init__(self, seed: int, template: Template, loop: VirtualLoop) -> None:
        self.story = Story(seed)
        self._dice = random.Random(seed)  # noqa: S311  # it must come out the same again
        self._loop = loop
        self._template = template
        self._connection = template.copy()
        self._hash = hashlib.sha256()
        self.clock = LoopClock(loop)
        self.exchange = OrderShelf(self.clock)
        self.exchange.turn = self._turn
        self.exchange.cut_off = self._cut_off
        self.side = SwapSide(SwapShelf(self.clock), self._dice)
        self.side.shelf.turn = self._turn
        self.side.known = lambda swap_id: self._count("SELECT count(*) FROM swaps WHERE id = ?", swap_id) > 0
        self._troubled = False
        self._up = asyncio.Event()
        self._up.set()
        self._offered: list[tuple[User, str]] = []
        self._open: dict[int, tuple[str, Callable[[], Awaitable[None]]]] = {}

    async def run(self) -> Story:
        self._start()
        people = [await self.desk.person(number) for number in range(1, PEOPLE + 1)]
        self._troubled, troubles = True, Nursery()
        acting = [troubles.start(self._person(user), "person") for user in people]
        for trouble in (self._kills, self._market, self._outages, self._clock_is_set, self.side.move):
            troubles.start(trouble(), trouble.__name__)
        await asyncio.sleep(TROUBLE_S)
        await asyncio.wait(acting)
        await troubles.close()
        await self._settle()
        self._check()
        self.story.trace = self._hash.hexdigest()
        await self._processes.close()
        self._connection.close()
        return self.story

    # --- the process ------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._processes = Nursery()
        self._engine = InlineEngine(self._connection, self._turn)
        self._engine.full = lambda: self._troubled and self._dice.random() < 0.004
        self._store = _store_over(self._engine, self._template.store, self.clock)
        prices = Prices(PriceShelf(self.clock), self.clock, self._processes)
        updates = self.desk._updates if hasattr(self, "desk") else 0
        self.desk = TradingDesk(
            self._store, self.exchange, prices, self.clock, most=LIMITS, provider=self.side.shelf, quota=QUOTA
        )
        self.desk._updates = updates

    async def _restart(self) -> None:
        """Dead in the middle of whatever it did; then up again, and every update that was not answered comes again."""
        self.story.kills += 1
        self._engine.dead = True
        self._up.clear()
        await self._processes.close()
        await asyncio.sleep(self._dice.uniform(0.1, 20))
        self._start()
        while True:
            with suppress(Unavailable):
                await self.desk.trading.recover()
                break
        self._up.set()
        self._jobs()
        for update_id in list(self._open):
            self._processes.start(self._run(update_id), "again")

    def _jobs(self) -> None:
        trading = self.desk.trading
        for job in (trading.reconcile, trading.watch, trading.keep_prices, self.desk.swaps.watch):
            self._processes.start(self._every(job), job.__name__)

    async def _every(self, job: Callable[[], Awaitable[None]]) -> None:
        while True:
            with suppress(Unavailable):
                await job()
            await asyncio.sleep(2.5 if self._troubled else 30)

    async def _run(self, update_id: int) -> None:
        """An update, until it is answered."""
        for _ in range(20):
            if update_id not in self._open:
                return
            try:
                await self._open[update_id][1]()
            except Unavailable as error:
                if error.key == "storage.down":
                    await asyncio.sleep(1)
                    continue
            except BotError:
                pass  # answered at once by the edge
            self._open.pop(update_id, None)
            return

    def _ask(self, mark: Mark, name: str, act: Callable[[], Awaitable[None]]) -> None:
        self._open[mark.update_id] = (name, act)
        if not self._engine.dead:
            self._processes.start(self._run(mark.update_id), name)

    # --- people -----------------------------------------------------------------------------------------------------

    async def _person(self, user: User) -> None:
        self._jobs() if user.id == 1 else None
        for _ in range(ACTS):
            await asyncio.sleep(self._dice.expovariate(1 / 6))
            acts = (self._buys, self._swaps, self._presses, self._cancels, self._guards)
            act = self._dice.choices(acts, (5, 4, 10, 4, 1))[0]
            await self._up.wait()
            with suppress(Unavailable, Dead):
                await act(user)

    async def _buys(self, user: User) -> None:
        mark = await self.desk.mark(user.id)
        wish = self._wish()

        async def act() -> None:
            offered = await self.desk.trading.offer(user, wish, mark)
            self._offered.append((user, offered.intent_id))

        self._ask(mark, "offer", act)

    async def _swaps(self, user: User) -> None:
        mark, wish = await self.desk.mark(user.id), self.side.wish()

        async def act() -> None:
            offered = await self.desk.swaps.offer(user, wish, mark)
            self._offered.append((user, offered.intent_id))

        self._ask(mark, "swap", act)

    def _wish(self) -> Wish:
        side, price = self._dice.choice((Side.BUY, Side.SELL)), None
        if self._dice.random() < 0.6:
            price = Decimal(self._dice.randrange(55_000, 65_000))
        return Wish(side, "BTC/USDT", amount=Decimal(self._dice.randrange(1, 12)) / 1000, price=price)

    async def _presses(self, user: User) -> None:
        """One of his cards, or somebody else's; several times at once."""
        if not self._offered:
            return
        owner, intent_id = self._dice.choice(self._offered[-3:])
        user = owner if self._dice.random() < 0.9 else user
        for _ in range(self._dice.choice((1, 1, 2, 4))):
            mark = await self.desk.mark(user.id, 50 + len(self._offered))

            async def act(mark: Mark = mark) -> None:
                await self.desk.trading.confirm(user, intent_id, mark)

            self._ask(mark, "press", act)

    async def _cancels(self, user: User) -> None:
        mark = await self.desk.mark(user.id)

        async def act() -> None:
            offered = await self.desk.trading.offer_cancel(user, [], mark, symbol="BTC/USDT")
            self._offered.append((user, offered.intent_id))

        self._ask(mark, "cancel", act)

    async def _guards(self, user: User) -> None:
        mark, trading = await self.desk.mark(user.id), self.desk.trading
        match self._dice.randrange(4):
            case 0:
                await self._store.write(lambda tx: tx.guards.lock(user.id, tx.now_ms))
                await asyncio.sleep(self._dice.uniform(0, 20))
                await self._up.wait()
                await self._store.write(lambda tx: tx.guards.unlock(user.id))
            case 1:
                await trading.halt(user, mark)
                await asyncio.sleep(self._dice.uniform(0, 10))
                await self._up.wait()
                await self.desk.trading.resume(user, await self.desk.mark(user.id))
            case _ if self._offered:
                owner, intent_id = self._dice.choice(self._offered[-3:])
                with suppress(BotError):
                    await trading.dismiss(owner, intent_id, mark)

    # --- what goes wrong --------------------------------------------------------------------------------------------

    async def _turn(self, call: str) -> None:
        """Somebody else's turn, perhaps; and what shall happen to the next call."""
        self._hash.update(f"{self._loop.time():.6f} {call}\n".encode())
        if self._troubled and call in {"balance", "find", "order", "open_orders", "quote", "get_many"}:
            self._plan()
            self.side.plan()
        await asyncio.sleep(self._dice.choice((0, 0, 0, 0.001, 0.02, 0.3)) if self._troubled else 0)

    def _plan(self) -> None:
        for call, choices in (
            ("place", SENT),
            ("cancel", CANCELED),
            ("find", READ),
            ("open_orders", READ),
            ("order", READ),
        ):
            if not self.exchange.faults[call]:
                self.exchange.faults[call].append(self._dice.choice(choices))
        self.exchange.hidden_s = self._dice.choice((0, 0, 0, 5, 40))

    def _cut_off(self, key: str, request: OrderRequest) -> None:
        """It had left, or it had not."""
        if self._dice.random() < 0.5:
            self.exchange.late.append((self.clock.monotonic() + self._dice.uniform(0, LATE_S), key, request))

    async def _kills(self) -> None:
        while True:
            await asyncio.sleep(self._dice.expovariate(1 / 35))
            await self._restart()

    async def _market(self) -> None:
        while True:
            await asyncio.sleep(self._dice.uniform(1, 8))
            price = self.exchange.prices["BTC/USDT"]
            step = Decimal(self._dice.choice((-150, -40, 0, 0, 40, 150, 900)))
            self.exchange.prices["BTC/USDT"] = max(Decimal(57_000), min(Decimal(62_000), price + step))
            resting = [entry.order for entry in self.exchange.ledger if entry.order.state is OrderState.OPEN]
            if resting and self._dice.random() < 0.5:
                order, share = self._dice.choice(resting), self._dice.choice(("0.3", "0.7", "1"))
                if (order.amount or 0) * Decimal(share) > (order.filled or 0):
                    self.exchange.fill(order.id, share)

    async def _outages(self) -> None:
        while True:
            await asyncio.sleep(self._dice.expovariate(1 / 120))
            self.exchange.down()
            self.side.shelf.down = self._dice.random() < 0.5
            await asyncio.sleep(self._dice.expovariate(1 / 20))
            self.exchange.fault, self.side.shelf.down = None, False

    async def _clock_is_set(self) -> None:
        while True:
            await asyncio.sleep(self._dice.expovariate(1 / 200))
            self.clock.jump(self._dice.choice((86_400, 3_600, 5, -5, -3_600)))

    # --- the end ----------------------------------------------------------------------------------------------------

    async def _settle(self) -> None:
        """Everything works again; twenty minutes on, everything has to be known."""
        self._troubled = False
        self.exchange.fault, self.exchange.hidden_s = None, 0.0
        self.exchange.faults.clear()
        self.side.calm()
        await self._restart()
        await asyncio.sleep(SETTLING_S)

    def _check(self) -> None:
        intents = self._intents()
        by_client = Counter(order.client_id for order in self.exchange.orders())
        placed = Counter(call[0].client_id for call in self.exchange.calls("place"))
        self.story.sendings = placed.total()
        self._must(by_client.keys() <= {intent.client_id for intent in intents}, "an order that nobody wanted")
        self._check_swaps(intents)
        for intent in intents:
            self.story.states[f"{intent.action}:{intent.state}"] += 1
            self._check_one(intent, by_client[intent.client_id or ""], placed[intent.client_id or ""])
        self._check_limits(intents)
        self._check_followed()

    def _check_one(self, intent: Intent, orders: int, sendings: int) -> None:
        name = f"{intent.action} {intent.state}"
        undecided = {State.CONFIRMED, State.PREPARED, State.SENDING, State.UNKNOWN}
        self._must(intent.state not in undecided, f"{name}: not known after all that time")
        if intent.action is not Action.PLACE:
            return
        self._must(sendings <= 1, f"{name}: sent {sendings} times")
        self._must(orders <= 1, f"{name}: {orders} orders")
        self._must(orders == 1 or intent.state is not State.ACCEPTED, f"{name}: and no order is there")
        self._must(orders == 0 or intent.state in {State.ACCEPTED, State.NEEDS_HUMAN}, f"{name}: but an order is there")
        if intent.state in {State.ACCEPTED, State.REJECTED, State.NOT_PLACED, State.NEEDS_HUMAN}:
            told = self._count("SELECT count(*) FROM outbox WHERE user_id = ?", intent.user_id)
            self._must(told > 0 and intent.id in self._told_of(), f"{name}: nobody was told")

    def _check_swaps(self, intents: list[Intent]) -> None:
        self.story.faults += self.side.faults(intents, self._transaction())
        for intent_id, shown in addresses_told(self._store, self._connection).items():
            self._must(len(shown) == 1, f"{len(shown)} deposit addresses shown of {intent_id[:4]}")

    def _check_limits(self, intents: list[Intent]) -> None:
        """By the ledger: what was really ordered on one day; of what has ended, what was filled."""
        orders = {entry.order.client_id: entry.order for entry in self.exchange.ledger}
        worth: Counter[tuple[int, str]] = Counter()
        for intent in intents:
            order = orders.get(intent.client_id or "")
            if order and intent.state is State.ACCEPTED:
                share = order.filled / order.amount if order.state.final else 1
                worth[intent.user_id, intent.day] += Decimal(intent.offer["shown"]["usd"]) * share
            worth[intent.user_id, intent.day] += self.side.worth(intent, self._transaction())
        for usd in worth.values():
            self._must(usd <= LIMITS.per_day, f"{usd:.0f} USD on one day")

    def _check_followed(self) -> None:
        rows = self._connection.execute("SELECT account_id, order_id, state, filled, user_id FROM orders").fetchall()
        known = {order_id: (state, filled, user_id) for _, order_id, state, filled, user_id in rows}
        for entry in self.exchange.ledger:
            order = entry.order
            state, filled, user_id = known.get(order.id, ("", "0", 0))
            if not state:
                human = any(i.client_id == order.client_id and i.state is State.NEEDS_HUMAN for i in self._intents())
                self._must(human, "an order that nobody follows")
                continue
            self._must(key_of(user_id) == entry.key, "an order of somebody else")
            self._must(state == order.state.value, f"followed as {state}, and it is {order.state}")
            self._must(Decimal(filled) == order.filled, f"filled {order.filled}, and {filled} is known")

    def _intents(self) -> list[Intent]:
        from storage.intents import Intents  # noqa: PLC0415  # one reading of rows, the product's own

        db = Database(self._connection, execute_plugins=False)
        return Intents(db).standing(tuple(State))

    def _transaction(self) -> Transaction:
        db = Database(self._connection, execute_plugins=False)
        return Transaction(db, self._store._vault, self._store.box, self._store.beside, 0)

    def _told_of(self) -> set[str]:
        causes = [cause for (cause,) in self._connection.execute("SELECT cause FROM outbox")]
        named = {cause.split(":")[1] for cause in causes if cause.startswith("intent:")}
        answered = {int(cause.split(":")[1]) for cause in causes if cause.startswith("answer:")}
        return named | ({intent.id for intent in self._intents()} if answered else set())

    def _count(self, query: str, *values: object) -> int:
        return int(self._connection.execute(query, values).fetchone()[0])

    def _must(self, kept: bool, fault: str) -> None:  # noqa: FBT001  # reads as a sentence
        if not kept:
            self.story.faults.append(fault)


def _store_over(engine: InlineEngine, template: Store, clock: LoopClock) -> Store:
    store = copy.copy(template)
    store._engine, store._clock, store.told = engine, clock, asyncio.Event()  # type: ignore[assignment]  # as an engine
    return store


def simulate(seed: int, template: Template) -> Story:
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(Simulation(seed, template, loop).run())
    finally:
        loop.close()
