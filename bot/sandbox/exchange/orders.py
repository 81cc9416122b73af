"""The words of trading: what is asked, what became of it, what was refused."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from bot.sandbox.exchange.pairs import Pair

if TYPE_CHECKING:
    from bot.sandbox.exchange.accounts import Account

Side: TypeAlias = Literal["buy", "sell"]
Kind: TypeAlias = Literal["limit", "market"]
Wallet: TypeAlias = Literal["spot", "margin", "funding"]
# How long a limit order waits: until cancelled, not at all, or not at all and only as a whole.
Stay: TypeAlias = Literal["gtc", "ioc", "fok"]
State: TypeAlias = Literal["open", "filled", "canceled", "expired"]
Why: TypeAlias = Literal[
    "unknown pair", "amount step", "amount range", "price step", "price range", "least cost", "insufficient",
    "duplicate", "unknown order", "not open", "would take", "no liquidity", "bad wallet", "bad amount",
]  # fmt: skip


class Refused(Exception):
    """The engine says no and nothing has changed; the dialect finds its vendor's words for `why`."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An order as it is asked for. `amount` in base; a market order may give `cost` in quote instead.

    `borrow`: in the margin wallet, what is missing is lent as far as leverage goes.
    """

    symbol: str
    side: Side
    kind: Kind
    amount: Decimal | None = None
    cost: Decimal | None = None
    price: Decimal | None = None
    client_id: str = ""
    wallet: Wallet = "spot"
    stay: Stay = "gtc"
    post_only: bool = False
    borrow: bool = False


@dataclass(slots=True, eq=False)
class Order:
    """One order, alive. Times in milliseconds; `spent` is what changed hands in quote so far, without fees."""

    id: int
    owner: "Account" = field(repr=False)
    pair: Pair
    wish: Wish
    amount: Decimal
    placed_ms: int
    updated_ms: int
    state: State = "open"
    filled: Decimal = Decimal(0)
    spent: Decimal = Decimal(0)
    # Bound in the wallet for what is still open: quote for a buy, base for a sell.
    locked: Decimal = Decimal(0)
    fills: list["Fill"] = field(default_factory=list)

    @property
    def left(self) -> Decimal:
        """Not filled yet."""
        return self.amount - self.filled

    @property
    def price(self) -> Decimal | None:
        """The limit; None for a market order."""
        return self.wish.price

    @property
    def average(self) -> Decimal | None:
        """What a unit cost so far; None before the first fill."""
        return self.spent / self.filled if self.filled else None

    @property
    def pays(self) -> str:
        """The asset that is given."""
        return self.pair.quote if self.wish.side == "buy" else self.pair.base

    @property
    def gets(self) -> str:
        """The asset that is received, and that the fee is taken of."""
        return self.pair.base if self.wish.side == "buy" else self.pair.quote


class Fill(NamedTuple):
    """One side of one trade, as its owner sees it."""

    id: int
    order_id: int
    client_id: str
    symbol: str
    wallet: Wallet
    at_ms: int
    side: Side
    kind: Kind
    price: Decimal
    amount: Decimal
    cost: Decimal
    fee: Decimal
    fee_asset: str
    maker: bool


class Print(NamedTuple):
    """One trade as everybody sees it; `side` is the taker's."""

    id: int
    at_ms: int
    price: Decimal
    amount: Decimal
    side: Side


class Entry(NamedTuple):
    """One line of the ledger: an order that was accepted. Never changed afterwards; `order` shows what became of it."""

    at_ms: int
    account: str
    client_id: str
    order: Order


class Candle(NamedTuple):
    at_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


class Day(NamedTuple):
    """A pair's last 24 hours; `bid` and `ask` are (price, amount), None where that side of the book is empty."""

    symbol: str
    at_ms: int
    last: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal
    volume_quote: Decimal
    bid: tuple[Decimal, Decimal] | None
    ask: tuple[Decimal, Decimal] | None
    first_trade: int
    last_trade: int
