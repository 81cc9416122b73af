"""Orders that were accepted, followed to their end: what changes is told, once."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import structlog

from bot.domain.errors import BotError, NotAllowed, Refused, UserMistake
from bot.domain.intents import Intent
from bot.domain.money import EXACT
from bot.domain.notices import Address, Lane
from bot.domain.orders import Order, OrderState
from bot.domain.ports import Account
from bot.services import _cards as cards
from bot.services._desk import Desk
from storage.orders import Followed
from storage.store import Transaction

log = structlog.get_logger(__name__)

FIRST_LOOK_MS = 1_000
LOOKS = ((60, 2), (600, 10), (3_600, 30), (86_400, 120))
"""Up to which age in seconds an order is looked at every how many seconds; older ones every ten minutes."""

SELDOM_S = 600
AT_ONCE = 16
MOST_A_RUN = 400
SILENT_AFTER = 3
"""Calls without an answer after which an exchange is left alone for the rest of a run."""

PAUSE_S = 30
LONGEST_CALL_S = 20.0
FORGOTTEN_AFTER = timedelta(days=3)
"""An order that its exchange says it does not know, for so long, is not followed any more."""


def begin(tx: Transaction, intent: Intent, order: Order) -> Followed:
    """Idempotent by account, pair and order id."""
    request = {name: str(value) for name, value in intent.request.items()}
    values = {
        "account_id": intent.account_id,
        "vendor": intent.vendor,
        "order_id": order.id,
        "intent_id": intent.id,
        "user_id": intent.user_id,
        "symbol": intent.symbol,
        "side": request["side"],
        "kind": request["kind"],
        "wallet": request["wallet"],
        "amount": request["amount"] or cards.text(order.amount),
        "price": request["price"],
        "chat_id": intent.chat_id,
        "message_id": intent.message_id,
        "created_at": intent.sent_at or tx.now_ms,
        "due_at": tx.now_ms + FIRST_LOOK_MS,
    }
    row = tx.orders.add(values)
    return _noted(tx, row, order) or row


def heard_of(tx: Transaction, account_id: str, order: Order) -> None:
    """An order as it was seen by the way: on its card alone, for its owner has just asked for its end."""
    row = tx.orders.find(account_id, order.symbol, order.id)
    if row and not row.ended_at and (after := _noted(tx, row, order)):
        _tell_card(tx, after)


def told(tx: Transaction, row: Followed, order: Order) -> None:
    """What has changed since it was last told; the end by a loud message of its own."""
    after = _noted(tx, row, order)
    if after is None:
        return
    if after.changes != row.changes:
        _tell_card(tx, after)
    if after.ended_at:
        notice = cards.order_card(tx, after, "order_ended")
        tx.tell(f"order:{after.id}:end", Lane.MONEY, after.user_id, Address(after.chat_id), notice)


def next_look_ms(row: Followed, now_ms: int) -> int:
    age_s = max(0, now_ms - row.created_at) / 1000
    return now_ms + 1000 * next((every for until, every in LOOKS if age_s < until), SELDOM_S)


def _noted(tx: Transaction, row: Followed, order: Order) -> Followed | None:
    """The row as it is now; None where it had ended before. What the exchange does not say stays as it was."""
    filled = max(_figure(row.filled), order.filled or Decimal(0))
    changes = {
        "filled": cards.text(filled),
        "average": cards.text(order.average) or row.average,
        "amount": row.amount or cards.text(order.amount),
        "state": row.state if order.state is OrderState.UNKNOWN else order.state.value,
    }
    news = any(getattr(row, name) != value for name, value in changes.items() if name != "average")
    ended = order.state.final
    after = tx.orders.update(
        row.id,
        **changes,
        changes=row.changes + news,
        due_at=next_look_ms(row, tx.now_ms),
        ended_at=tx.now_ms if ended else 0,
    )
    if after and ended:
        _free_rest(tx, after)
    return after


def _free_rest(tx: Transaction, row: Followed) -> None:
    """What was not filled does not count toward the day's limit."""
    intent = tx.intents.get(row.intent_id)
    amount = _figure(row.amount)
    if intent and amount and _figure(row.filled) < amount:
        part = EXACT.divide(EXACT.multiply(intent.usd, _figure(row.filled)), amount)
        tx.intents.set_usd(intent.id, part.quantize(Decimal("0.0001")))


def _tell_card(tx: Transaction, row: Followed) -> None:
    if row.message_id:
        to = Address(row.chat_id, 0, row.message_id)
        cause = f"order:{row.id}:{row.changes}"
        tx.tell(cause, Lane.MONEY, row.user_id, to, cards.order_card(tx, row, "order_changed"))


def _figure(text: str) -> Decimal:
    return Decimal(text or 0)


class Following:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Every pair of every account that is due, one call each; pairs side by side, bounded."""
        groups = await self._desk.store.read(lambda tx: tx.orders.due_groups(tx.now_ms, MOST_A_RUN))
        silent: Counter[str] = Counter()
        await asyncio.gather(*(self._group(account_id, symbol, silent) for account_id, symbol in groups))

    async def _group(self, account_id: str, symbol: str, silent: Counter[str]) -> None:
        async with self._turn:
            rows = await self._desk.store.read(lambda tx: tx.orders.group(account_id, symbol))
            vendor = rows[0].vendor if rows else ""
            if not rows or silent[vendor] >= SILENT_AFTER:
                await self._postpone(rows, PAUSE_S)
                return
            try:
                async with asyncio.timeout(LONGEST_CALL_S):
                    account = await self._account(account_id)
                    if account is None:
                        await self._left_alone(rows)
                        return
                    orders = {order.id: order for order in await account.open_orders(symbol)}
                    await self._look(account, rows, orders)
            except (Refused, NotAllowed, UserMistake) as error:
                # The key is no good at present: its owner hears of that from its own check.
                log.info("order_watch.no_access", vendor=vendor, reason=error.key)
                await self._postpone(rows, SELDOM_S)
            except (BotError, TimeoutError) as error:
                silent[vendor] += 1
                log.info("order_watch.unanswered", vendor=vendor, reason=str(error)[:40])
                await self._postpone(rows, PAUSE_S)

    async def _account(self, account_id: str) -> Account | None:
        held = await self._desk.accounts.by_id(account_id)
        if held is None or held.vendor not in self._desk.exchanges:
            return None
        return await self._desk.accounts.opened(held, settling=True)

    async def _look(self, account: Account, rows: list[Followed], orders: dict[str, Order]) -> None:
        """What is no longer among the open ones is asked for by itself."""
        found = [(row, orders.get(row.order_id) or await account.order(row.symbol, row.order_id)) for row in rows]

        def unit(tx: Transaction) -> None:
            for row, order in found:
                self._seen(tx, row, order)

        await self._desk.store.write(unit)

    def _seen(self, tx: Transaction, row: Followed, order: Order | None) -> None:
        now = tx.orders.find(row.account_id, row.symbol, row.order_id)
        if now is None or now.ended_at:
            return
        if order is not None:
            told(tx, now, order)
        elif datetime.fromtimestamp(tx.now_ms / 1000, UTC) - _since(now) > FORGOTTEN_AFTER:
            told(tx, now, Order(now.order_id, now.symbol, OrderState.EXPIRED))
        else:
            tx.orders.update(now.id, due_at=next_look_ms(now, tx.now_ms))

    async def _left_alone(self, rows: list[Followed]) -> None:
        """Without the key nobody can look any more; of an exchange that is off, again once it is on."""
        gone = await self._desk.accounts.by_id(rows[0].account_id) is None

        def unit(tx: Transaction) -> None:
            for row in rows:
                due_at = tx.now_ms + SELDOM_S * 1000
                tx.orders.update(row.id, state="unknown", due_at=due_at, ended_at=tx.now_ms if gone else 0)

        await self._desk.store.write(unit)

    async def _postpone(self, rows: list[Followed], by_s: float) -> None:
        def unit(tx: Transaction) -> None:
            for row in rows:
                tx.orders.update(row.id, due_at=tx.now_ms + int(by_s * 1000))

        if rows:
            await self._desk.store.write(unit)


def _since(row: Followed) -> datetime:
    return datetime.fromtimestamp(row.created_at / 1000, UTC)
