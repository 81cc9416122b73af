"""What is traded: pairs and their rules, drawn from the market's coins."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from bot.sandbox.exchange import state_money
from bot.sandbox.market import Market

# Books, balances and fees are kept to this grain, as the venues do.
GRAIN = Decimal("0.00000001")
FINEST_PRICE, COARSEST_PRICE = GRAIN, Decimal("0.01")
LARGEST_ORDER_USD = 5_000_000
QUOTES = {
    "USDT": Decimal(5), "USDC": Decimal(5), "EUR": Decimal(5), "BTC": Decimal("0.0001"), "ETH": Decimal("0.001"),
}  # fmt: skip
# fmt: off
BASES = (
    "BTC", "ETH", "XRP", "BNB", "SOL", "TRX", "DOGE", "ADA", "BCH", "LINK", "ZEC", "XLM", "LTC", "SUI", "AVAX", "HBAR",
    "SHIB", "TON", "UNI", "DOT", "TAO", "AAVE", "NEAR", "ETC", "ICP", "PEPE", "APT", "POL", "WLD", "ARB", "ALGO",
    "ATOM", "FIL", "VET", "DASH", "BONK", "OP", "INJ", "XTZ", "CRV",
)
# fmt: on
CROSSES = {
    "USDC": ("BTC", "ETH", "SOL", "XRP"),
    "EUR": ("BTC", "ETH", "SOL", "XRP"),
    "BTC": ("ETH", "LTC", "SOL", "BNB"),
    "ETH": ("SOL",),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Prices lie on `price_step`, or have `price_digits` significant digits; exactly one of the two is set."""

    base: str
    quote: str
    amount_step: Decimal
    least_amount: Decimal
    most_amount: Decimal
    least_cost: Decimal
    price_step: Decimal | None = None
    price_digits: int | None = None
    margin: bool = True

    @property
    def symbol(self) -> str:
        """`BTC/USDT`."""
        return f"{self.base}/{self.quote}"

    def tick(self, price: Decimal) -> Decimal:
        """The distance between prices around this one."""
        if self.price_step is not None:
            return self.price_step
        return Decimal(1).scaleb(price.adjusted() + 1 - (self.price_digits or 5))

    def rounded(self, price: Decimal, rounding: str = ROUND_HALF_EVEN) -> Decimal:
        """Onto the grid of prices."""
        tick = self.tick(price)
        return (price / tick).to_integral_value(rounding) * tick

    def cut(self, amount: Decimal) -> Decimal:
        """Down onto the grid of amounts."""
        return (amount / self.amount_step).to_integral_value(ROUND_DOWN) * self.amount_step


def listed(market: Market) -> tuple[Pair, ...]:
    """The pairs of a large spot venue: most against USDT, some crosses."""
    wanted = [(base, "USDT") for base in BASES] + [("USDC", "USDT"), ("EUR", "USDT")]
    wanted += [(base, quote) for quote, bases in CROSSES.items() for base in bases]
    return tuple(_pairs(market, wanted))


def pair(base: str, quote: str, base_usd: Decimal, quote_usd: Decimal, least_cost: Decimal) -> Pair:
    """Steps as venues choose them: five digits of price, amounts in steps worth a fraction of a dollar."""
    price = base_usd / quote_usd
    price_step = min(max(Decimal(1).scaleb(price.adjusted() - 4), FINEST_PRICE), COARSEST_PRICE)
    amount_step = min(Decimal(1).scaleb(-base_usd.adjusted() - 1), Decimal(1))
    return Pair(
        base=base,
        quote=quote,
        price_step=price_step,
        amount_step=amount_step,
        least_amount=amount_step,
        most_amount=Decimal(1).scaleb((LARGEST_ORDER_USD / base_usd).adjusted()),
        least_cost=least_cost,
    )


def _pairs(market: Market, wanted: Iterable[tuple[str, str]]) -> Iterable[Pair]:
    for base, quote in wanted:
        prices = _first_price(market, base), _first_price(market, quote)
        if prices[0] and prices[1]:
            yield pair(base, quote, prices[0], prices[1], QUOTES[quote])


def _first_price(market: Market, asset: str) -> Decimal | None:
    coin = market.find(asset)
    return coin.price if coin else state_money.usd(asset, 0)
