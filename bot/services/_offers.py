"""Offers: everything is checked before a card is shown, and the card shows the very texts that would be sent."""

import asyncio
import secrets
from base64 import b32encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.domain.errors import NotAllowed, NotOffered, Refused, UserMistake
from bot.domain.intents import Action, Intent, State, Wish, client_id_of, day_of, digest_of
from bot.domain.money import EXACT
from bot.domain.notices import Mark, Notice
from bot.domain.orders import Kind, Market, Order, OrderRequest, Side, Ticker, Wallet
from bot.domain.ports import Account, Exchange
from bot.domain.put_right import nearest
from bot.domain.sizing import CENT, Size, check_band, check_limits, percent, reference, sized
from bot.domain.users import User
from bot.services import _cards as cards
from bot.services._desk import Desk
from bot.services._limits import check_limits_of, forbidden
from bot.services.accounts import Held
from storage.store import AlreadyAnswered, Store, Transaction

LIVES_MS = 90_000
OFFER_AGE_S = 10.0
"""No offer is made on a price older than this."""

MOST_AT_ONCE = 20
"""Orders cancelled by one press."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What an offer stands on, as of now."""

    held: Held
    exchange: Exchange
    market: Market
    ticker: Ticker
    price: Decimal
    free: Decimal


@dataclass(frozen=True, slots=True)
class Offered:
    """What was offered; `values` are those of its card's notice, which is stored already."""

    intent_id: str
    values: dict[str, object]


class Offers:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def to_place(self, user: User, wish: Wish, chat_id: int, *, why: str = "") -> Intent:
        """Stored by the caller. Raises UserMistake, NotAllowed, Unavailable, Refused."""
        ground = await self._ground(user, wish)
        market, ticker = ground.market, ground.ticker
        size: Size | None = None
        try:
            size = sized(wish, market, ground.price, ground.free, by_cost=ground.exchange.traits.buys_by_cost)
            check_limits(size, market, ground.price)
            self._check_balance(wish, market, size, ground.free)
            median, sources = await self._desk.references.median(market, ticker)
            far = check_band(size, ground.price, median)
            usd = await self._desk.references.usd(size.total, market.quote)
            await self._desk.store.read(lambda tx: self._check_day(tx, user, usd))
        except NotOffered as error:
            error.suggestions = (*nearest(error, wish, market, ground.price, size), *error.suggestions)
            raise
        intent_id = new_id()
        request = self._request(wish, market, size, intent_id, ground.exchange)
        shown = self._shown(wish, ground, size)
        shown |= {
            "median": cards.text(_short(median)),
            "sources": sources,
            "far": far,
            "usd": cards.text(usd),
            "why": why,
        }
        self._desk.references.keep_fresh(ground.held.vendor, market.symbol, LIVES_MS / 1000)
        intent = self._intent(user, ground.held, Action.PLACE, market.symbol, _texts(request), shown, chat_id)
        offer = dict(intent.offer) | {"wish": _wish_texts(wish, market)}
        return replace(intent, id=intent_id, usd=usd, client_id=request.client_id, offer=offer)

    async def to_cancel(
        self, user: User, orders: Sequence[str], chat_id: int, symbol: str, vendor: str, label: str
    ) -> Intent:
        """Looks at each order first: what has ended is not offered."""
        held, symbol = await self._whose(user, orders, symbol, vendor, label)
        await self._allowed(user, Action.CANCEL)
        account = await self._desk.accounts.opened(held)
        market = await self._desk.references.market(held.vendor, symbol)
        found = [order for order in await account.open_orders(market.symbol) if not orders or order.id in orders]
        if not found:
            raise UserMistake("cancel.none_open", symbol=market.symbol)
        if len(found) > MOST_AT_ONCE:
            found = found[:MOST_AT_ONCE]
        first = found[0]
        shown = self._named(held, market) | {
            "wallet": (first.wallet or Wallet.SPOT).value,
            "side": first.side.value if first.side else "",
            "kind": first.kind.value if first.kind else "",
            "orders": [_order_texts(order) for order in found],
        }
        request = {"orders": [order.id for order in found]}
        return self._intent(user, held, Action.CANCEL, market.symbol, request, shown, chat_id)

    async def _ground(self, user: User, wish: Wish) -> Ground:
        desk = self._desk
        held = await desk.accounts.of(user.id, wish.vendor, wish.label)
        exchange = desk.exchanges[held.vendor]
        market = await desk.references.market(held.vendor, wish.symbol)
        if wish.wallet not in {Wallet.SPOT, Wallet.MARGIN} or wish.wallet not in exchange.traits.wallets:
            raise NotOffered("order.no_wallet", exchange=exchange.traits.title, wallet=wish.wallet.value)
        if wish.wallet is Wallet.MARGIN and not market.margin:
            raise NotOffered("order.no_margin", symbol=market.symbol, exchange=exchange.traits.title)
        await self._allowed(user, Action.PLACE)
        held = await desk.accounts.checked_today(held)
        account = await desk.accounts.opened(held)
        ticker, free = await asyncio.gather(
            desk.references.ticker(held.vendor, market.symbol, OFFER_AGE_S),
            free_of(account, wish.wallet, market.quote if wish.side is Side.BUY else market.base),
        )
        price = reference(ticker, wish.side)
        if price is None:
            raise Refused("order.no_price", symbol=market.symbol, exchange=exchange.traits.title)
        return Ground(held, exchange, market, ticker, price, free)

    def _check_day(self, tx: Transaction, user: User, usd: Decimal) -> None:
        check_limits_of(tx, user.id, usd, tx.intents.reserved_usd(user.id, self._today()), self._desk.most)

    async def _allowed(self, user: User, action: Action) -> None:
        if problem := await self._desk.store.read(lambda tx: forbidden(tx, user.id, action)):
            raise NotAllowed(problem)

    async def _whose(self, user: User, orders: Sequence[str], symbol: str, vendor: str, label: str) -> tuple[Held, str]:
        """An order placed here is known by its id alone."""
        if orders and not symbol:
            rows = await self._desk.store.read(lambda tx: tx.orders.of_user(user.id, orders[0]))
            if len({row.account_id for row in rows}) == 1 and (
                held := await self._desk.accounts.by_id(rows[0].account_id)
            ):
                return held, rows[0].symbol
            raise UserMistake("cancel.which_pair", id=orders[0][:40])
        return await self._desk.accounts.of(user.id, vendor, label), symbol

    def _check_balance(self, wish: Wish, market: Market, size: Size, free: Decimal) -> None:
        if wish.wallet is Wallet.MARGIN:
            return  # what a margin account can borrow only its exchange knows
        need, asset = needed(wish.side, size.amount, size.total, market)
        if need > free:
            raise NotOffered("order.balance_short", need=need, have=free, asset=asset)

    def _request(self, wish: Wish, market: Market, size: Size, intent_id: str, exchange: Exchange) -> OrderRequest:
        integer = exchange.traits.integer_client_ids
        return OrderRequest(
            symbol=market.symbol,
            side=wish.side,
            kind=Kind.MARKET if size.price is None else Kind.LIMIT,
            wallet=wish.wallet,
            amount=cards.text(size.amount),
            cost=cards.text(size.cost),
            price=cards.text(size.price),
            client_id=client_id_of(intent_id, integer=integer),
            client_day=self._today(),
        )

    def _shown(self, wish: Wish, ground: Ground, size: Size) -> dict[str, object]:
        market = ground.market
        need, after_asset = needed(wish.side, size.amount, size.total, market)
        margin = wish.wallet is Wallet.MARGIN
        fee = None if market.taker is None else EXACT.multiply(size.total, market.taker)
        return self._named(ground.held, market) | {
            "wallet": wish.wallet.value,
            "side": wish.side.value,
            "kind": (Kind.MARKET if size.price is None else Kind.LIMIT).value,
            "amount": cards.text(size.amount),
            "cost": cards.text(size.cost),
            "price": cards.text(size.price),
            "total": cards.text(size.total),
            "fee": cards.text(fee),
            "fee_asset": market.quote if fee is not None else "",
            "reference": cards.text(ground.price),
            "away": "" if size.price is None else f"{percent(size.price, ground.price).quantize(CENT):f}",
            "after": "" if margin else cards.text(EXACT.subtract(ground.free, need)),
            "after_asset": "" if margin else after_asset,
        }

    def _named(self, held: Held, market: Market) -> dict[str, object]:
        return {
            "vendor": held.vendor,
            "exchange": self._desk.exchanges[held.vendor].traits.title,
            "label": held.label,
            "fingerprint": held.fingerprint,
            "symbol": market.symbol,
            "base": market.base,
            "quote": market.quote,
        }

    def _intent(
        self,
        user: User,
        held: Held,
        action: Action,
        symbol: str,
        request: Mapping[str, object],
        shown: Mapping[str, object],
        chat_id: int,
    ) -> Intent:
        now_ms = self._desk.store.now_ms()
        offer = {"shown": dict(shown), "digest": digest_of(request, shown), "version": held.version}
        return Intent(
            id=new_id(), user_id=user.id, account_id=held.id, vendor=held.vendor, action=action, state=State.OFFERED,
            symbol=symbol, request=request, offer=offer, usd=Decimal(0), chat_id=chat_id, created_at=now_ms,
            expires_at=now_ms + LIVES_MS,
        )  # fmt: skip

    def _today(self) -> str:
        return day_of(self._desk.clock.now())


async def shown(store: Store, intent: Intent, mark: Mark) -> Offered:
    """Stores the intent, and its card as the answer."""

    def unit(tx: Transaction) -> Notice:
        tx.intents.add(intent)
        notice = cards.card(tx, intent)
        tx.dialogs.end(intent.user_id, intent.chat_id)
        tx.answer(mark, notice)
        return notice

    try:
        notice = await store.write(unit)
    except AlreadyAnswered:
        return Offered(intent.id, {})
    return Offered(intent.id, notice.values)


def own_intent(tx: Transaction, user: User, intent_id: str) -> Intent:
    """Raises UserMistake where there is no such one, NotAllowed where it is another's."""
    found = tx.intents.get(intent_id)
    if found is None:
        raise UserMistake("intent.no_such")
    if found.user_id != user.id:
        raise NotAllowed("intent.not_yours")
    return found


def new_id() -> str:
    """128 random bits: who does not hold the card cannot name it."""
    return b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def needed(side: Side, amount: Decimal | None, total: Decimal, market: Market) -> tuple[Decimal, str]:
    """What has to be there."""
    return (total, market.quote) if side is Side.BUY else (amount or Decimal(0), market.base)


async def free_of(account: Account, wallet: Wallet, asset: str) -> Decimal:
    return next((one.free for one in await account.balance(wallet) if one.asset == asset), Decimal(0))


def shown_of(intent: Intent) -> Mapping[str, object]:
    """What its card showed."""
    shown = intent.offer.get("shown")
    return shown if isinstance(shown, dict) else {}


def wish_of(intent: Intent) -> Wish | None:
    """What was asked for at first."""
    told = intent.offer.get("wish")
    if not isinstance(told, dict):
        return None
    figures = {name: Decimal(told[name]) if told[name] else None for name in ("amount", "cost", "share", "price")}
    return Wish(
        side=Side(told["side"]), symbol=told["symbol"], vendor=told["vendor"], label=told["label"],
        wallet=Wallet(told["wallet"]), **figures,
    )  # fmt: skip


def _wish_texts(wish: Wish, market: Market) -> dict[str, str]:
    figures = {name: cards.text(getattr(wish, name)) for name in ("amount", "cost", "share", "price")}
    names = {"side": wish.side.value, "symbol": market.symbol, "vendor": wish.vendor, "label": wish.label}
    return figures | names | {"wallet": wish.wallet.value}


def _texts(request: OrderRequest) -> dict[str, object]:
    return {name: str(getattr(request, name)) for name in OrderRequest.__slots__}


def _order_texts(order: Order) -> dict[str, str]:
    return {
        "id": order.id,
        "side": order.side.value if order.side else "",
        "kind": order.kind.value if order.kind else "",
        "amount": cards.text(order.amount),
        "price": cards.text(order.price),
        "filled": cards.text(order.filled),
    }


def _short(value: Decimal) -> Decimal:
    """An average may have no end."""
    return value.quantize(Decimal(1).scaleb(value.adjusted() - 11)) if value else value
