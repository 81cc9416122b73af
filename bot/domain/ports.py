"""What the desk needs of the outside. Only what has, or will have, several implementations."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from bot.domain.assets import Symbol
from bot.domain.orders import (
    Candle,
    Credentials,
    Depth,
    Holding,
    Market,
    Order,
    OrderRequest,
    Permissions,
    Ticker,
    Trade,
    Traits,
    Wallet,
)
from bot.domain.prices import Field, Period, Quote, Samples, Series
from bot.domain.swaps import RateKind, Swap, SwapCoin, SwapLimits, SwapQuote, SwapRequest, SwapTraits

_UNHURRIED: ContextVar[bool] = ContextVar("unhurried", default=False)


@contextmanager
def unhurried() -> Iterator[None]:
    """Nobody waits for what is asked in here: providers let people's questions go first. Tasks begun in here too."""
    before = _UNHURRIED.set(True)
    try:
        yield
    finally:
        _UNHURRIED.reset(before)


def is_unhurried() -> bool:
    return _UNHURRIED.get()


class Clock(Protocol):
    """The only way to learn the time."""

    def now(self) -> datetime:
        """Wall clock, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backward: for ages, leases and budgets within this process."""
        ...


class PriceSource(Protocol):
    """A source of prices in USD. Every method raises Unavailable when the source does not serve.

    What the source does not know is missing from the answer; it is never an error and never a guess.
    """

    name: str

    async def quotes(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Quote]:
        """One upstream call for all of `symbols`."""
        ...

    async def series(
        self, symbols: Sequence[Symbol], period: Period, field: Field, samples: Samples
    ) -> Mapping[Symbol, Series]:
        """One upstream call for all of `symbols`, where the source can."""
        ...

    async def listing(self) -> Sequence[Quote]:
        """The largest coins, best rank first: names, ranks, and their quotes as of this call. Bounded."""
        ...


class Account(Protocol):
    """One person's account at an exchange. One call at a time: calls of one key queue.

    Reads raise Unavailable where nothing could be learnt, and Refused where the exchange says no for good.
    """

    async def permissions(self) -> Permissions: ...

    async def balance(self, wallet: Wallet) -> Sequence[Holding]:
        """What is not zero, in the exchange's order."""
        ...

    async def order(self, symbol: str, order_id: str) -> Order | None:
        """None where the exchange says, cleanly, that it knows no such order."""
        ...

    async def find(self, symbol: str, client_id: str, since: datetime) -> Order | None:
        """By our own id: asked for, then looked for among open orders, closed ones and trades. None: a clean no."""
        ...

    async def open_orders(self, symbol: str = "") -> Sequence[Order]:
        """Oldest first; of all pairs where `symbol` is empty."""
        ...

    async def closed_orders(self, symbol: str, since: datetime | None, limit: int) -> Sequence[Order]:
        """Ended ones, oldest first."""
        ...

    async def trades(self, symbol: str, since: datetime | None, limit: int) -> Sequence[Trade]:
        """The person's own, oldest first."""
        ...

    async def place(self, request: OrderRequest) -> Order:
        """Sends once, never again. The answer may hold no more than the id.

        Raises Refused: explicitly not taken. Unavailable: it surely never left. Unsure: all else.
        """
        ...

    async def cancel(self, symbol: str, order_id: str) -> Order | None:
        """Sends once. None: the exchange knows no such open order, which does not say what became of it.

        Raises as `place` does.
        """
        ...


class Exchange(Protocol):
    """Market data of one exchange, and the way to a person's account there. Reads raise Unavailable and Refused."""

    traits: Traits

    async def markets(self) -> Mapping[str, Market]:
        """By symbol; loaded once and kept, renewed now and then."""
        ...

    async def tickers(self, symbols: Sequence[str]) -> Mapping[str, Ticker]:
        """What the exchange does not know is missing."""
        ...

    async def candles(self, symbol: str, every: str, limit: int, since: datetime | None) -> Sequence[Candle]:
        """`every`: 1m, 5m, 15m, 30m, 1h, 4h, 1d, 1w. Oldest first."""
        ...

    async def trades(self, symbol: str, limit: int) -> Sequence[Trade]:
        """Everybody's, newest last."""
        ...

    async def depth(self, symbol: str, limit: int) -> Depth: ...

    def account(self, account_id: str, credentials: Credentials) -> Account:
        """The same object for the same id while it is in use; `account_id` changes when the credentials do."""
        ...

    def release(self, account_id: str) -> None:
        """Keeps nothing of this account in memory any longer. Idempotent."""
        ...

    async def close(self) -> None: ...


class KeyHolder(Protocol):
    """Who can be asked what a key may do."""

    async def permissions(self) -> Permissions: ...


class KeyVendor(Protocol):
    """Somebody whose keys people hand over: an exchange, or a provider of swaps."""

    traits: Traits

    def account(self, account_id: str, credentials: Credentials) -> KeyHolder:
        """May raise Refused for a key that is none."""
        ...

    def release(self, account_id: str) -> None:
        """Keeps nothing of this account in memory any longer. Idempotent."""
        ...


class SwapReads(Protocol):
    """What can be asked about swaps before one is made. Raises Unavailable where nothing could be learnt, else Refused.

    Tickers are the provider's own, as SwapCoin has them.
    """

    async def coins(self) -> Sequence[SwapCoin]:
        """Those that are off included: neither `pays_in` nor `pays_out`."""
        ...

    async def quote(self, source: str, target: str, amount: Decimal, kind: RateKind) -> SwapQuote:
        """Raises Refused("swap.below" or "swap.above", least=, most=, ticker=) where the amount is out of range."""
        ...

    async def limits(self, source: str, target: str, kind: RateKind) -> SwapLimits: ...

    async def rate(self, source: str, target: str, amount: Decimal, *, reverse: bool = False) -> Decimal:
        """What `amount` of source brings in target; with `reverse`, what `amount` of target brings in source.

        To be shown, never to found a swap on. After the network fee where the dialect knows it.
        """
        ...

    async def validate(self, ticker: str, address: str, memo: str = "") -> bool | None:
        """None: this dialect cannot check."""
        ...


class SwapAccount(SwapReads, Protocol):
    """Swaps under one key of the provider's."""

    async def create(self, request: SwapRequest) -> Swap:
        """Sends once, never again. What the answer leaves out is taken from `request`.

        Raises Refused: explicitly not made. Unavailable: it surely never left. Unsure: all else.
        """
        ...

    async def find(self, payout_address: str, source: str, since: datetime) -> Sequence[Swap]:
        """All that pay out to this address, made since; oldest first. Raises Refused where `traits.finds` is False."""
        ...

    async def get_many(self, ids: Sequence[str]) -> Mapping[str, Swap]:
        """At most `traits.batch` ids, one call. What the provider does not know is missing."""
        ...


class SwapProvider(SwapReads, Protocol):
    """One provider of swaps, and the way to an account there. Its own reads go under the operator's key."""

    traits: SwapTraits

    @property
    def key_refused(self) -> bool | None:
        """Whether the operator's key was turned away when it was last used; None: it was not used yet."""
        ...

    def account(self, account_id: str, credentials: Credentials | None = None) -> SwapAccount:
        """None: the operator's. Cheap; keeps no credentials longer than its result lives. Raises Refused for a key
        that is none.
        """
        ...

    async def close(self) -> None: ...
