"""What Bitfinex trades and how it names things: three letters for a coin, a colon where a name is longer."""

import time
from collections.abc import Callable, Mapping
from decimal import ROUND_UP, Decimal

from bot.sandbox.exchange.bitfinex.wire import Complaint
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.orders import Wallet
from bot.sandbox.exchange.pairs import GRAIN, Pair
from bot.sandbox.market import Market

# Bitfinex's own names; everything else is called what everybody calls it.
NAMES: Mapping[str, str] = {"USDT": "UST", "USDC": "UDC", "ALGO": "ALG", "ATOM": "ATO", "DASH": "DSH"}
COINS: Mapping[str, str] = {name: coin for coin, name in NAMES.items()}
# fmt: off
BASES = (
    "BTC", "ETH", "XRP", "SOL", "DOGE", "ADA", "LTC", "LINK", "XLM", "DOT", "AVAX", "TRX", "ZEC", "DASH", "XTZ", "ATOM",
    "ALGO", "UNI", "SUI", "NEAR",
)
# fmt: on
CROSSES = {"BTC": ("ETH", "XRP", "SOL", "LTC"), "ETH": ("SOL",)}
MARGIN_BASES = {"BTC", "ETH", "XRP", "SOL", "DOGE", "LTC"}
LEAST_USD, MOST_USD = Decimal(4), Decimal(5_000_000)
PRICE_DIGITS = 5
INITIAL_MARGIN, MINIMUM_MARGIN = Decimal("0.2"), Decimal("0.1")
# Shares of what is received.
MAKER_FEE, TAKER_FEE = Decimal("0.001"), Decimal("0.002")
FUNDS: Mapping[Wallet, Mapping[str, str]] = {
    "spot": {"USD": "20000", "USDT": "10000", "BTC": "0.4", "ETH": "3"},
    "margin": {"USD": "4000", "USDT": "2000"},
    "funding": {"USD": "1000"},
}


def venue(market: Market, *, clock: Callable[[], float] = time.time) -> Engine:
    """An engine with this venue's pairs, fees and gifts. It takes the same client id again, open or not."""
    return Engine(
        market,
        venue="bitfinex",
        pairs=listed(market),
        funds=FUNDS,
        clock=clock,
        maker_fee=MAKER_FEE,
        taker_fee=TAKER_FEE,
        one_open_order_per_client_id=False,
    )


def listed(market: Market) -> tuple[Pair, ...]:
    """Dollars first, tethers next, some crosses."""
    wanted = [(base, quote) for quote in ("USD", "USDT") for base in BASES] + [("USDT", "USD"), ("USDC", "USD")]
    wanted += [(base, quote) for quote, bases in CROSSES.items() for base in bases]
    prices = {base: market.price(base) for base, _ in wanted}
    return tuple(_pair(base, quote, price) for base, quote in wanted if (price := prices[base]))


def _pair(base: str, quote: str, usd: Decimal) -> Pair:
    return Pair(
        base=base,
        quote=quote,
        price_digits=PRICE_DIGITS,
        amount_step=GRAIN,
        least_amount=_one_digit(LEAST_USD / usd),
        most_amount=_one_digit(MOST_USD / usd),
        least_cost=Decimal(0),
        margin=base in MARGIN_BASES and quote in ("USD", "USDT"),
    )


def _one_digit(amount: Decimal) -> Decimal:
    return max(amount.quantize(Decimal(1).scaleb(amount.adjusted()), ROUND_UP), GRAIN)


def name(asset: str) -> str:
    """`UST` for USDT."""
    return NAMES.get(asset, asset)


def pair_id(symbol: str) -> str:
    """`BTCUST` for BTC/USDT, `DOGE:UST` for DOGE/USDT."""
    base, quote = (name(asset) for asset in symbol.split("/"))
    return base + ("" if len(base) == len(quote) == 3 else ":") + quote


def ticker_id(symbol: str) -> str:
    """The same with the letter of trading pairs before it."""
    return "t" + pair_id(symbol)


def by_id(engine: Engine, ident: str) -> Pair:
    """The pair with this id. Complaint where there is none."""
    base, colon, quote = ident[1:].partition(":")
    base, quote = (base, quote) if colon else (base[:3], base[3:])
    symbol = f"{COINS.get(base, base)}/{COINS.get(quote, quote)}"
    known = {pair.symbol: pair for pair in engine.pairs}
    if symbol not in known or ticker_id(symbol) != ident:
        raise Complaint(10020, "symbol: invalid")
    return known[symbol]


def conf(engine: Engine, request: str) -> list[object]:
    """One configuration, such as `pub:list:pair:margin`. What this venue has none of is an empty list."""
    pairs = engine.pairs
    coins = sorted({asset for pair in pairs for asset in (pair.base, pair.quote)})
    rules = [
        [
            pair_id(pair.symbol),
            [None] * 3 + [f"{pair.least_amount:f}", f"{pair.most_amount:f}"] + [None] * 3 + _margin(pair),
        ]
        for pair in pairs
    ]
    known: dict[str, list[object]] = {
        "pub:info:pair": [*rules],
        "pub:list:pair:exchange": [pair_id(pair.symbol) for pair in pairs],
        "pub:list:pair:margin": [pair_id(pair.symbol) for pair in pairs if pair.margin],
        "pub:list:currency": [name(coin) for coin in coins],
        "pub:list:currency:margin": [name(coin) for coin in coins if coin in {"USD", "USDT", *MARGIN_BASES}],
        "pub:map:currency:sym": [[name(coin), "USDt" if coin == "USDT" else coin] for coin in coins if coin in NAMES],
        "pub:map:currency:label": [[name(coin), _label(engine.market, coin)] for coin in coins],
        "pub:map:currency:tx:fee": [[name(coin), [0, 0]] for coin in coins],
    }
    return known.get(request, [])


def _margin(pair: Pair) -> list[object]:
    return [INITIAL_MARGIN, MINIMUM_MARGIN] if pair.margin else [None, None]


def _label(market: Market, coin: str) -> str:
    known = market.find(coin)
    return known.name if known else "US Dollar" if coin == "USD" else coin
