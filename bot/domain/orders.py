"""Orders: what is asked of an exchange, and what it says became of it. Money is Decimal, instants are aware and UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from enum import StrEnum

from bot.domain.money import EXACT


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"


class Kind(StrEnum):
    MARKET = "market"
    LIMIT = "limit"


class Wallet(StrEnum):
    """Where money lies at an exchange, and with it how an order is paid: from what is there, or on margin."""

    SPOT = "spot"
    MARGIN = "margin"
    FUNDING = "funding"


class OrderState(StrEnum):
    """What the exchange says of an order. Its words that we do not know are UNKNOWN, which is never an end."""

    OPEN = "open"
    FILLED = "filled"
    CANCELED = "canceled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    UNKNOWN = "unknown"

    @property
    def final(self) -> bool:
        return self not in {OrderState.OPEN, OrderState.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Market:
    """One pair of one exchange and its rules. `symbol` is `BASE/QUOTE`, a contract's `BASE/QUOTE:SETTLE`.

    Prices move by `price_step`, or have `price_digits` significant digits where that is the exchange's rule; exactly
    one of the two is set. A limit of None is not known. `taker`: the usual fee as a share, 0.001 for 0.1 %.
    """

    symbol: str
    base: str
    quote: str
    amount_step: Decimal
    price_step: Decimal | None = None
    price_digits: int | None = None
    least_amount: Decimal | None = None
    most_amount: Decimal | None = None
    least_cost: Decimal | None = None
    most_cost: Decimal | None = None
    taker: Decimal | None = None
    settle: str = ""
    margin: bool = False
    active: bool = True

    @property
    def contract(self) -> bool:
        return bool(self.settle)

    def amount(self, value: Decimal) -> Decimal:
        """Down onto the step: never more than was meant. Zero where it is less than one step."""
        return _on_step(value, self.amount_step, ROUND_DOWN)

    def price(self, value: Decimal, side: Side) -> Decimal:
        """Onto the step in the person's favour: a buy's price down, a sell's up."""
        rounding = ROUND_DOWN if side is Side.BUY else ROUND_UP
        if self.price_step is not None:
            return _on_step(value, self.price_step, rounding)
        step = Decimal(1).scaleb(value.adjusted() - (self.price_digits or 5) + 1)
        return _on_step(value, step, rounding)


def _on_step(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    steps = EXACT.divide(value, step).to_integral_value(rounding=rounding)
    return plain(EXACT.multiply(steps, step))


def plain(value: Decimal) -> Decimal:
    """Without trailing zeros and without an exponent: `f"{plain(v)}"` is the form that is shown and sent."""
    value = value.normalize(EXACT)
    return value.quantize(Decimal(1), context=EXACT) if value.as_tuple().exponent > 0 else value  # type: ignore[operator]  # no NaN comes here


@dataclass(frozen=True, slots=True)
class Ticker:
    """`at`: when the exchange says it was so; `change_24h` in percent. None where the exchange does not say."""

    exchange: str
    symbol: str
    fetched_at: datetime
    last: Decimal | None
    bid: Decimal | None = None
    ask: Decimal | None = None
    high_24h: Decimal | None = None
    low_24h: Decimal | None = None
    change_24h: Decimal | None = None
    volume_base: Decimal | None = None
    volume_quote: Decimal | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Candle:
    """`at`: when it begins."""

    at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


@dataclass(frozen=True, slots=True)
class Trade:
    """One exchange of goods: anybody's, or one of the person's own, which has `order_id` and a fee."""

    id: str
    at: datetime
    side: Side | None
    price: Decimal
    amount: Decimal
    symbol: str = ""
    order_id: str = ""
    fee: Decimal | None = None
    fee_asset: str = ""


@dataclass(frozen=True, slots=True)
class Depth:
    """The book: (price, amount), best first."""

    symbol: str
    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Holding:
    """So much of one asset in one wallet. `used` is bound in open orders."""

    asset: str
    free: Decimal
    used: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """One order as it goes out: these very texts are shown, confirmed and sent.

    `amount` in the base asset, or, for a market buy where the exchange takes it, `cost` in the quote: the other is
    empty. `price` is empty for a market order. `client_id` is ours, to find the order by; `client_day` its UTC date.
    """

    symbol: str
    side: Side
    kind: Kind
    wallet: Wallet
    amount: str
    cost: str
    price: str
    client_id: str
    client_day: str


@dataclass(frozen=True, slots=True)
class Order:
    """An order as its exchange tells it. None and empty where it does not say.

    `raw` is the vendor's own answer, without anything that could sign or open something.
    """

    id: str
    symbol: str
    state: OrderState
    client_id: str = ""
    side: Side | None = None
    kind: Kind | None = None
    wallet: Wallet | None = None
    price: Decimal | None = None
    amount: Decimal | None = None
    filled: Decimal | None = None
    average: Decimal | None = None
    cost: Decimal | None = None
    fee: Decimal | None = None
    fee_asset: str = ""
    at: datetime | None = None
    raw: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What opens an account at an exchange. Its repr shows nothing."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    password: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a key may do, as the exchange says. None: it did not say, which for `withdraw` counts as yes."""

    trade: bool | None
    withdraw: bool | None
    margin: bool | None = None
    ip_bound: bool | None = None
    expires_at: datetime | None = None
    skew: timedelta | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Traits:
    """What an exchange is and can do, beyond what all can.

    `secrets`: the fields of Credentials it needs. `finds_by_client_id`: an order can be asked for by our own id alone.
    `buys_by_cost`: a market buy may name what it may cost. `cancels_by_client_id`. `arrives_within`: how long after it
    was sent a signed request may still be taken; afterwards what is not there never will be.
    `integer_client_ids`: our own id must be a number below 2^45, unique within a UTC day.
    """

    name: str
    title: str
    secrets: tuple[str, ...] = ("key", "secret")
    wallets: tuple[Wallet, ...] = (Wallet.SPOT,)
    finds_by_client_id: bool = True
    buys_by_cost: bool = True
    integer_client_ids: bool = False
    aliases: tuple[str, ...] = ()
    arrives_within: timedelta = timedelta(seconds=60)
    key_page: str = ""
