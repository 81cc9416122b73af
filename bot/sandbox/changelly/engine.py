"""The desk behind all dialects: it quotes, takes orders and knows what became of them."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from itertools import islice
from typing import NamedTuple

from bot.sandbox.changelly import problems
from bot.sandbox.changelly.addresses import draw, valid
from bot.sandbox.changelly.coins import SwapCoin, catalogue
from bot.sandbox.changelly.pricing import EIGHT, Estimate, Limits, Pricing
from bot.sandbox.changelly.problems import OutOfRange, Problem
from bot.sandbox.changelly.progress import Progress
from bot.sandbox.changelly.transactions import ENDED, Kind, Transaction, made_up
from bot.sandbox.market import Market

REMEMBERED = 50_000
RATE_SIGNS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789&$%#@^~*()"
RATE_ID_LENGTH, MEMO_LENGTH, MEMO_DIGITS = 30, 9, "123456789"
LONGEST_MEMO = {"ripple": 10, "stellar": 20}
# Creations that end badly: "internal_done" after the swap was made, all others before.
TROUBLES = ("address", "fixed_limit", "internal", "internal_done", "liquidity")


@dataclass(slots=True)
class FixedRate:
    """A promise for one amount, good for one order; `net` is what arrives."""

    id: str
    owner: str
    source: SwapCoin
    target: SwapCoin
    rate: Decimal
    amount: Decimal
    net: Decimal
    limits: Limits
    expires_at: float


class Order(NamedTuple):
    """What is asked for; empty texts stand for nothing. `told_expected_to`: the client's own expectation."""

    source: SwapCoin
    target: SwapCoin
    address: str
    memo: str = ""
    refund_address: str = ""
    refund_memo: str = ""
    told_expected_to: str | None = None


class Engine:
    """Quotes, orders and look-ups. Each partner sees what he made, and nothing else."""

    def __init__(self, market: Market, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.pricing = Pricing(market)
        self.progress = Progress(self.pricing, self._keep)
        self.coins = catalogue()
        self.transactions: dict[str, Transaction] = {}
        self.remembered = REMEMBERED
        self.rate_life_s, self.fixed_window_s, self.float_window_s = 60.0, 1200.0, 10_800.0
        # How often creations still end so; negative: until set right.
        self._troubles: Counter[str] = Counter()
        self._rates: dict[str, FixedRate] = {}
        self._by_payout: dict[str, list[Transaction]] = {}
        self._shared: dict[str, str] = {}
        self._hidden_since = float("inf")

    def now(self) -> float:
        """Unix seconds."""
        return self._clock()

    def now_ms(self) -> int:
        """The same in milliseconds."""
        return int(self._clock() * 1000)

    @contextmanager
    def hiding(self, since_ms: int | None) -> Iterator[None]:
        """Inside, look-ups do not see what was made since then."""
        self._hidden_since = float("inf") if since_ms is None else since_ms / 1000
        try:
            yield
        finally:
            self._hidden_since = float("inf")

    @property
    def trouble(self) -> str:
        """One that creations meet now; empty for none."""
        return next((name for name, left in self._troubles.items() if left), "")

    def set_trouble(self, name: str, times: int | None = None) -> None:
        """Let creations end badly so many times, or until cleared. ValueError for what is not in TROUBLES."""
        if name not in TROUBLES or (times is not None and times < 1):
            raise ValueError(f"no such trouble: {name}, {times} times")
        self._troubles[name] = times or -1

    def clear_troubles(self) -> None:
        """Creations end well again."""
        self._troubles.clear()

    def pair(self, source: str, target: str, *, fixed: bool = False) -> tuple[SwapCoin, SwapCoin]:
        """Both coins of what can be swapped now. Raises Problem."""
        pays, gets = self._coin(source), self._coin(target)
        if pays is gets:
            raise problems.invalid("to")
        if not pays.pays_in:
            raise problems.not_here(source, "input")
        if not gets.pays_out:
            raise problems.not_here(target, "output")
        for coin in (pays, gets) if fixed else ():
            if not coin.fixed:
                raise problems.not_fixed(coin.ticker)
        return pays, gets

    def pairs(self, *, fixed: bool | None = None) -> Iterator[tuple[SwapCoin, SwapCoin]]:
        """All that can be swapped now; `fixed` None: either way."""
        coins = [coin for coin in self.coins.values() if coin.enabled and (coin.fixed or not fixed)]
        return ((a, b) for a in coins for b in coins if a is not b and a.pays_in and b.pays_out)

    def estimate(self, source: SwapCoin, target: SwapCoin, amount: Decimal) -> Estimate:
        """At a floating rate. Raises OutOfRange."""
        made = self.pricing.estimate(source, target, amount)
        _check_range(source, target, amount, made.limits)
        return made

    def fix_rate(
        self, owner: str, pair: tuple[SwapCoin, SwapCoin], *, amount: Decimal | None = None, net: Decimal | None = None
    ) -> FixedRate:
        """For an amount to send, or one to get. Raises OutOfRange."""
        source, target = pair
        rate, limits = self.pricing.fixed_rate(source, target), self.pricing.limits(source, target, fixed=True)
        if amount is None:
            amount = (((net or Decimal(0)) + target.network_fee) / rate).quantize(EIGHT, ROUND_UP)
        _check_range(source, target, amount, limits)
        arrives = (amount * rate - target.network_fee).quantize(EIGHT, ROUND_DOWN) if net is None else net
        made = FixedRate(
            made_up(RATE_ID_LENGTH, RATE_SIGNS), owner, source, target, rate, amount, arrives, limits,
            self.now() + self.rate_life_s,
        )  # fmt: skip
        self._rates[made.id] = made
        for past in list(islice(self._rates, max(0, len(self._rates) - self.remembered))):
            del self._rates[past]
        return made

    def create(self, owner: str, order: Order, amount: Decimal) -> Transaction:
        """At a floating rate. Raises Problem."""
        estimate = self.estimate(order.source, order.target, amount)
        self._check_addresses(order, refund_needed=False)
        if self._strikes("liquidity"):
            raise problems.no_liquidity(order.source.ticker, order.target.ticker, amount / 2)
        return self._made(owner, order, "float", (amount, estimate.gross, estimate.rate))

    def create_fixed(
        self, owner: str, order: Order, rate_id: str, *, amount: Decimal | None = None, net: Decimal | None = None
    ) -> Transaction:
        """With a rate that was promised to this very partner for this very amount, once. Raises Problem."""
        rate = self._rates.get(rate_id)
        if rate is None or rate.owner != owner or self.now() >= rate.expires_at:
            raise Problem(*problems.RATE_GONE)
        if (rate.source, rate.target) != (order.source, order.target):
            raise Problem(*problems.RATE_GONE)
        if (amount is not None and amount != rate.amount) or (net is not None and net != rate.net):
            raise problems.invalid("amountTo" if amount is None else "amountFrom")
        self._check_addresses(order, refund_needed=True)
        if self._strikes("fixed_limit"):
            raise Problem(*problems.FIXED_TOO_OFTEN)
        gross = rate.net + rate.target.network_fee
        made = self._made(owner, order, "fixed", (rate.amount, gross, rate.rate))
        del self._rates[rate_id]
        return made

    def one(self, owner: str, ident: str) -> Transaction | None:
        """Brought up to date; None for nobody's, or somebody else's."""
        return next(self.found(owner, idents=[ident]), None)

    def found(
        self, owner: str, *, idents: Iterable[str] | None = None, payouts: Iterable[str] | None = None
    ) -> Iterator[Transaction]:
        """This partner's, brought up to date, newest first; only these ids, or these payout addresses, where given."""
        now = self.now()
        if idents is not None:
            unlike = dict.fromkeys(idents)
            picked: Iterable[Transaction] = [self.transactions[one] for one in unlike if one in self.transactions]
        elif payouts is not None:
            picked = [swap for address in dict.fromkeys(payouts) for swap in self._by_payout.get(address, ())]
        else:
            picked = self.transactions.values()
        for swap in sorted(picked, key=lambda swap: swap.created_at)[::-1]:
            if swap.owner == owner and swap.created_at < self._hidden_since:
                yield self.progress.read(swap, now)

    def valid(self, coin: SwapCoin, address: str, memo: str) -> str:
        """Empty for an address of this coin's network; else why not."""
        if not valid(coin.network, address):
            return "Invalid address"
        longest = LONGEST_MEMO.get(coin.network)
        if longest and memo and not (memo.isascii() and memo.isdigit() and len(memo) <= longest):
            return "Invalid extraId"
        return ""

    def _coin(self, ticker: str) -> SwapCoin:
        coin = self.coins.get(ticker)
        if coin is None:
            raise problems.unknown_coin(ticker)
        if not coin.enabled:
            raise problems.disabled(ticker)
        return coin

    def _check_addresses(self, order: Order, *, refund_needed: bool) -> None:
        if self.valid(order.target, order.address, order.memo):
            raise Problem(*problems.BAD_ADDRESS)
        asked = refund_needed or order.refund_address
        if asked and self.valid(order.source, order.refund_address, order.refund_memo):
            raise Problem(*problems.BAD_REFUND)

    def _strikes(self, name: str) -> bool:
        """Whether it strikes now; each strike counts."""
        left = self._troubles[name]
        self._troubles[name] = max(left - 1, 0) if left >= 0 else left
        return left != 0

    def _made(self, owner: str, order: Order, kind: Kind, money: tuple[Decimal, Decimal, Decimal]) -> Transaction:
        if self._strikes("address"):
            raise Problem(*problems.ADDRESS_TROUBLE)
        if self._strikes("internal"):
            raise Problem(*problems.INTERNAL)
        now = self.now()
        amount, gross, rate = money
        address, memo = self._deposit_place(order.source)
        swap = Transaction(
            id=made_up(), owner=owner, kind=kind, source=order.source, target=order.target, created_at=now,
            payin_address=address, payin_memo=memo, payout_address=order.address, payout_memo=order.memo or None,
            refund_address=order.refund_address or None, refund_memo=order.refund_memo or None, expected_from=amount,
            expected_to=gross, rate=rate, network_fee=order.target.network_fee, changed_at=now,
            pay_till=now + (self.float_window_s if kind == "float" else self.fixed_window_s),
            told_expected_to=order.told_expected_to,
        )  # fmt: skip
        swap.next_at = swap.pay_till
        self._keep(swap)
        if self._strikes("internal_done"):
            raise Problem(*problems.INTERNAL)
        return swap

    def _deposit_place(self, coin: SwapCoin) -> tuple[str, str | None]:
        """An address of the order's own; where the network has memos, one for all, and the memo tells them apart."""
        if coin.memo is None:
            return draw(coin.network), None
        return self._shared.setdefault(coin.ticker, draw(coin.network)), made_up(MEMO_LENGTH, MEMO_DIGITS)

    def _keep(self, swap: Transaction) -> None:
        self.transactions[swap.id] = swap
        self._by_payout.setdefault(swap.payout_address, []).append(swap)
        self.progress.changed()
        if len(self.transactions) > self.remembered:
            ended = (swap for swap in self.transactions.values() if swap.status in ENDED)
            for past in list(islice(ended, max(1, self.remembered // 20))):
                self._forget(past)

    def _forget(self, swap: Transaction) -> None:
        del self.transactions[swap.id]
        same = self._by_payout[swap.payout_address]
        same.remove(swap)
        if not same:
            del self._by_payout[swap.payout_address]


def _check_range(source: SwapCoin, target: SwapCoin, amount: Decimal, limits: Limits) -> None:
    if not limits.least <= amount <= limits.most:
        raise OutOfRange(source.ticker, target.ticker, amount, limits)
