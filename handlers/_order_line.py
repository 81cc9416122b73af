"""An order as people type it: `0.01 btc/usdt @ 67000 on bitfinex margin`. What could be read in two ways is refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.domain import money
from bot.domain.accounts import Held
from bot.domain.errors import UserMistake
from bot.domain.intents import Wish
from bot.domain.orders import Kind, Market, Side, Wallet
from handlers import _parse as parse

WALLETS = {"margin": Wallet.MARGIN, "spot": Wallet.SPOT, "exchange": Wallet.SPOT}
KINDS = {"market": Kind.MARKET, "limit": Kind.LIMIT}
BARE_IS_MARGIN = frozenset({"bitfinex"})
"""There a `limit` or `market` is an order on margin; what is paid from what one has is an `exchange limit`."""

DOLLARS = frozenset({"USDT", "USDC"})
ALL = Decimal(100)
_PERCENT = re.compile(r"(?P<number>[0-9]{1,3}(?:\.[0-9]{1,2})?)%", re.ASCII)


@dataclass(frozen=True, slots=True)
class Size:
    """How much: a `number` of `unit` (empty: the base asset), or a `percent` of what is free. One of the two is set."""

    number: Decimal | None = None
    unit: str = ""
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """`words`: what is left once all else is understood, the pair and perhaps a unit before it.

    `price` None: at market. `kind` and `wallet` None: not typed. `vendor`: an exchange or one's own name of a key.
    """

    size: Size
    words: tuple[str, ...]
    price: Decimal | None
    vendor: str
    wallet: Wallet | None
    kind: Kind | None


def read(command: str, args: Sequence[str], vendors: Mapping[str, str]) -> Line:
    """`command`: the word before, for the buttons that put a number right. `vendors`: each name of an exchange to its
    own. Raises UserMistake.
    """
    typed = " ".join(args).replace("@", " @ ").split()
    if not typed:
        raise UserMistake("order.how", usage=command)
    whole = f"{command} {' '.join(typed)}"
    price = parse.take_after(typed, "@", lambda word: number(word, whole))
    vendor = parse.take_after(typed, "on", str) or parse.take(typed, vendors)
    wallet, kind = parse.take(typed, WALLETS), parse.take(typed, KINDS)
    if kind is Kind.LIMIT and price is None:
        raise UserMistake("order.limit_needs_price", line=f"/{whole}")
    if kind is Kind.MARKET and price is not None:
        raise UserMistake("order.market_has_no_price", line=f"/{whole}")
    if not 2 <= len(typed) <= 4 or "@" in typed or any(len(word) > parse.LONGEST_WORD for word in typed):
        raise UserMistake("order.how", usage=command)
    return Line(size(typed[0], whole), tuple(typed[1:]), price, vendor or "", wallet, kind)


def size(word: str, line: str = "") -> Size:
    """`0.01`, `1.5k`, `$100`, `25%`, `all`."""
    if word.lower() in {"all", "max"}:
        return Size(percent=ALL)
    if match := _PERCENT.fullmatch(word):
        percent = Decimal(match["number"])
        if not 0 < percent <= ALL:
            raise UserMistake("order.percent", typed=word)
        return Size(percent=percent)
    return Size(number=number(word, line), unit="$" if word.startswith("$") else "")


def number(word: str, line: str = "") -> Decimal:
    """Where `word` of `line` can be read in two ways, both lines are offered as buttons."""
    try:
        return money.typed(word)
    except UserMistake as mistake:
        readings = [str(mistake.values[name]) for name in ("thousands", "fraction") if name in mistake.values]
        put_right = [(reading, _replaced(line, word, reading)) for reading in readings]
        mistake.suggestions = tuple(pair for pair in put_right if pair[1])
        raise


def wallet(line: Line, vendor: str) -> Wallet:
    """What was typed; where an order's type alone was typed, what that type means at this exchange."""
    bare = Wallet.MARGIN if line.kind and vendor in BARE_IS_MARGIN else Wallet.SPOT
    return line.wallet or bare


def wish(side: Side, market: Market, held: Held, size: Size, price: Decimal | None, at: Wallet) -> Wish:
    """Raises UserMistake where the number counts in neither asset of the pair."""
    unit, in_quote = size.unit, size.unit in {market.quote, "$" if market.quote == "USD" else market.quote}
    if unit == "$" and not in_quote and market.quote in DOLLARS:
        put_right = f"{size.number:f} {market.quote}"
        line = f"{side.value} {put_right} {market.symbol}"
        raise UserMistake("order.dollars", quote=market.quote, suggestions=((put_right, line),))
    if unit and size.percent is not None:
        raise UserMistake("order.how", usage=side.value)
    if unit and not in_quote and unit != market.base:
        raise UserMistake("order.unit", typed=unit, base=market.base, quote=market.quote)
    return Wish(
        side=side,
        symbol=market.symbol,
        amount=None if in_quote else size.number,
        cost=size.number if in_quote else None,
        share=size.percent / 100 if size.percent is not None else None,
        price=price,
        vendor=held.vendor,
        label=held.label,
        wallet=at,
    )


def _replaced(line: str, word: str, reading: str) -> str:
    words = line.split()
    return " ".join(reading if each == word else each for each in words) if word in words else ""
