"""Offers of swaps: all is checked before a card is shown, and the card shows the very texts that would be sent."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal

from bot.domain.addresses import Verdict, plain
from bot.domain.errors import NotAllowed, UserMistake
from bot.domain.intents import Action, Intent, State, day_of, digest_of
from bot.domain.money import exact
from bot.domain.swap_log import SwapWish
from bot.domain.swaps import LONGEST_MEMO, RateKind, SwapCoin, SwapQuote, SwapRequest
from bot.domain.users import User
from bot.services._address_checks import checked, network_of, network_told
from bot.services._limits import check_limits_of, forbidden
from bot.services._offers import LIVES_MS, new_id
from bot.services._signs import text
from bot.services._swap_desk import Key, SwapDesk
from storage.store import Transaction

RATE_LEFT_MS = 3_000
"""A fixed rate that holds no longer than that is over."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an offer stands on, as of now. `payout`, `refund`: of their addresses; None: there is none."""

    key: Key
    source: SwapCoin
    target: SwapCoin
    quote: SwapQuote
    payout: Verdict
    refund: Verdict | None


class SwapOffers:
    def __init__(self, desk: SwapDesk) -> None:
        self._swaps = desk
        self._desk = desk.desk

    async def make(self, user: User, wish: SwapWish, chat_id: int, *, why: str = "") -> Intent:
        """Stored by the caller. Raises UserMistake, NotAllowed, Unavailable, Refused."""
        wish = replace(wish, source=wish.source.lower(), target=wish.target.lower())
        await self._allowed(user)
        terms = await self._terms(user, wish)
        usd = await self._swaps.worth((terms.source, wish.amount), (terms.target, worth_of(terms.quote)))
        left = await self._desk.store.read(lambda tx: self._left(tx, user.id, usd, terms.key))
        request = _request(wish, terms.quote)
        shown = self._shown(wish, terms) | {"usd": text(usd), "why": why, "left_today": left}
        now_ms = self._desk.store.now_ms()
        offer = {"shown": shown, "digest": digest_of(request, shown), "version": terms.key.version}
        return Intent(
            id=new_id(), user_id=user.id, account_id=terms.key.account_id, vendor=self._swaps.provider.traits.name,
            action=Action.SWAP, state=State.OFFERED, symbol=f"{wish.source}/{wish.target}", request=request,
            offer=offer | {"wish": _wish_texts(wish)}, usd=usd, chat_id=chat_id, created_at=now_ms,
            expires_at=_until(terms.quote, now_ms),
        )  # fmt: skip

    async def _allowed(self, user: User) -> None:
        if problem := await self._desk.store.read(lambda tx: forbidden(tx, user.id, Action.SWAP)):
            raise NotAllowed(problem)

    async def _terms(self, user: User, wish: SwapWish) -> Terms:
        source, target = await self._swaps.coin(wish.source), await self._swaps.coin(wish.target)
        self._require_possible(wish, source, target)
        key = await self._swaps.key_of(user.id)
        payout, refund = await asyncio.gather(
            self._require_address(key, target, wish.address, wish.memo, "swap.bad_address"),
            self._require_refund(key, source, wish),
        )
        quote = await key.account.quote(source.ticker, target.ticker, wish.amount, wish.kind)
        return Terms(key, source, target, quote, payout, refund)

    def _require_possible(self, wish: SwapWish, source: SwapCoin, target: SwapCoin) -> None:
        traits = self._swaps.provider.traits
        try:
            exact(text(wish.amount))
        except ValueError:
            raise UserMistake("amount.unreadable", typed=text(wish.amount)[:40]) from None
        if source.ticker == target.ticker:
            raise UserMistake("swap.same_coin", ticker=source.ticker)
        if not source.pays_in:
            raise UserMistake("swap.no_payin", ticker=source.ticker)
        if not target.pays_out:
            raise UserMistake("swap.no_payout", ticker=target.ticker)
        if needs_memo(source) and not traits.memos:
            raise UserMistake("swap.memo_untold", ticker=source.ticker, exchange=traits.title)
        if wish.kind is RateKind.FIXED:
            if not traits.fixed or not (source.fixed and target.fixed):
                raise UserMistake("swap.no_fixed", ticker=(target if source.fixed else source).ticker)
            if traits.refunds and not wish.refund_address:
                raise UserMistake("swap.refund_missing", ticker=source.ticker)

    async def _require_refund(self, key: Key, coin: SwapCoin, wish: SwapWish) -> Verdict | None:
        if not wish.refund_address:
            return None
        return await self._require_address(key, coin, wish.refund_address, wish.refund_memo, "swap.bad_refund_address")

    async def _require_address(self, key: Key, coin: SwapCoin, address: str, memo: str, problem: str) -> Verdict:
        """By its network's own rules, then by the provider's, which takes both together and does not tell which of
        them it dislikes.
        """
        require_memo(coin, memo)
        validate = key.account.validate
        verdict = await asyncio.to_thread(checked, network_of(coin), address)
        if verdict is not Verdict.UNFIT and await validate(coin.ticker, address, memo) is not False:
            return verdict
        if memo and verdict is not Verdict.UNFIT and await validate(coin.ticker, address, "") is not False:
            raise UserMistake("swap.bad_memo", ticker=coin.ticker)
        raise UserMistake(problem, ticker=coin.ticker, network=network_of(coin))

    def _left(self, tx: Transaction, user_id: int, usd: Decimal, key: Key) -> int:
        """How many swaps he may still make today; -1: his own key. Raises where there is a limit."""
        today = day_of(self._desk.clock.now())
        check_limits_of(tx, user_id, usd, tx.intents.reserved_usd(user_id, today), self._desk.most)
        if key.held:
            return -1
        left = left_today(tx, user_id, today, self._swaps.quota)
        if left <= 0:
            raise NotAllowed("swap.quota", most=self._swaps.quota)
        return left

    def _shown(self, wish: SwapWish, terms: Terms) -> dict[str, object]:
        source, target, quote = terms.source, terms.target, terms.quote
        held = terms.key.held
        return {
            "vendor": self._swaps.provider.traits.name,
            "exchange": self._swaps.exchange,
            "account": held.label if held else "",
            "fingerprint": held.fingerprint if held else "",
            "source": source.ticker,
            "target": target.ticker,
            "source_name": source.name,
            "target_name": target.name,
            "source_network": network_told(source),
            "target_network": network_told(target),
            "source_link": source.transaction_url,
            "target_link": target.transaction_url,
            "rate_kind": wish.kind.value,
            "amount": text(wish.amount),
            "gross": text(quote.gross),
            "network_fee": text(quote.network_fee),
            "net": text(quote.net),
            "rate": text(quote.rate),
            "least": text(quote.limits.least),
            "most": text(quote.limits.most),
            "address": wish.address,
            "memo": wish.memo,
            "memo_name": target.memo_name or "",
            "payin_memo_name": source.memo_name or "",
            "address_verdict": terms.payout.value,
            "book": wish.book,
            "refund_address": wish.refund_address,
            "refund_memo": wish.refund_memo,
            "refund_verdict": terms.refund.value if terms.refund else "",
            "notes": [*source.notes, *target.notes][:6],
            "rate_until": _ms(quote),
            "confirmations_needed": -1 if source.confirmations is None else source.confirmations,
        }


def needs_memo(coin: SwapCoin) -> bool:
    """Whether a deposit of it may need a second part of its address."""
    return bool(coin.memo_name) or (coin.memo_name is None and plain(network_of(coin)) in _MEMO_NETWORKS)


def require_memo(coin: SwapCoin, memo: str) -> None:
    """That it can be one of this coin, as far as anybody here can tell. None at all always can. Raises UserMistake."""
    told = coin.memo_name is not None or network_told(coin)
    if memo and told and not needs_memo(coin):
        raise UserMistake("swap.memo_needless", ticker=coin.ticker)
    if len(memo) > LONGEST_MEMO:
        raise UserMistake("swap.memo_long", most=LONGEST_MEMO)
    if not memo.isascii() or not memo.isprintable():
        raise UserMistake("swap.bad_memo", ticker=coin.ticker)


def shares_addresses(coin: SwapCoin) -> bool:
    """Whether its deposits go to one address for all, told apart by their memo alone: one without it is lost."""
    return needs_memo(coin) and plain(network_of(coin)) in _MEMO_NETWORKS - _OWN_ADDRESSES


_OWN_ADDRESSES = frozenset(("monero", "xmr", "algorand", "algo"))
"""Networks that know memos, where a deposit has an address of its own all the same."""
_MEMO_NETWORKS = _OWN_ADDRESSES | frozenset(
    (
        *("ripple", "xrp", "xrpl", "stellar", "xlm", "eos", "vaulta", "ton", "toncoin", "theopennetwork"),
        *("cosmos", "atom", "cosmoshub", "hedera", "hbar", "nem", "xem", "steem", "hive", "stacks", "stx", "iost"),
        *("kava", "binancechain", "luna"),
    )
)
"""Where a dialect does not tell which coins have one. As `plain` writes them."""


def left_today(tx: Transaction, user_id: int, today: str, quota: int) -> int:
    return quota - tx.intents.count_of_day(user_id, today, Action.SWAP, "")


def worth_of(quote: SwapQuote) -> Decimal | None:
    """What would come, as far as the dialect knows."""
    return quote.gross if quote.net is None else quote.net


def as_swap(request: Mapping[str, object]) -> SwapRequest:
    """The stored texts, as they go out."""
    texts = {one.name: str(request[one.name]) for one in fields(SwapRequest)}
    return SwapRequest(**texts | {"kind": RateKind(texts["kind"])})  # type: ignore[arg-type]  # all others are texts


def wish_of(intent: Intent) -> SwapWish:
    """What was asked for at first. Raises UserMistake where the row does not say."""
    told = intent.offer.get("wish")
    if not isinstance(told, dict):
        raise UserMistake("intent.altered")
    return SwapWish(**told | {"amount": Decimal(told["amount"]), "kind": RateKind(told["kind"])})


def _request(wish: SwapWish, quote: SwapQuote) -> dict[str, object]:
    request = SwapRequest(
        source=wish.source, target=wish.target, kind=wish.kind, amount=text(wish.amount), address=wish.address,
        memo=wish.memo, refund_address=wish.refund_address, refund_memo=wish.refund_memo, rate_id=quote.rate_id,
        expected=text(worth_of(quote)),
    )  # fmt: skip
    return {one.name: str(getattr(request, one.name)) for one in fields(request)}


def _wish_texts(wish: SwapWish) -> dict[str, str]:
    return {one.name: str(getattr(wish, one.name)) for one in fields(wish)} | {"amount": text(wish.amount)}


def _until(quote: SwapQuote, now_ms: int) -> int:
    """A card lives no longer than its rate: what it says of its time is then true of its figures, too."""
    lives = now_ms + LIVES_MS
    return min(lives, _ms(quote) - RATE_LEFT_MS) if quote.expires_at else lives


def _ms(quote: SwapQuote) -> int:
    return int(quote.expires_at.timestamp() * 1000) if quote.expires_at else 0
