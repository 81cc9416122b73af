"""Which coin is meant by what people type: the provider has one ticker for each coin on each network."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from bot.domain.errors import BotError, NotOffered
from bot.domain.swaps import SwapCoin, SwapLimits
from bot.domain.words import legible

_SUFFIXES = (
    ("20", "ethereum"), ("erc20", "ethereum"), ("eth", "ethereum"), ("rx", "tron"), ("trx", "tron"), ("trc20", "tron"),
    ("bsc", "binance_smart_chain"), ("sol", "solana"), ("polygon", "polygon"), ("matic", "polygon"), ("on", "ton"),
    ("ton", "ton"), ("arb", "arbitrum"), ("op", "optimism"), ("base", "base"), ("avac", "avaxc"), ("avaxc", "avaxc"),
)  # fmt: skip
_SHORTEST = 3


def candidates(typed: str, coins: Sequence[SwapCoin]) -> list[SwapCoin]:
    """None, one, or one coin on several networks: `usdt` is usdt20, usdtrx, usdtbsc. `=usdtrx` is that one alone.

    A coin on a chain of its own is meant by its ticker: `eth` is Ether, though other chains carry it, too.
    """
    typed = legible(typed)
    name = typed.lower().removeprefix("=")
    exact = [coin for coin in coins if coin.ticker == name]
    if exact and (typed.startswith("=") or (exact[0].network and not exact[0].contract)):
        return exact
    return [coin for coin in coins if coin.ticker == name or name == _symbol(coin)]


def within(limits: SwapLimits, amount: Decimal) -> bool:
    """Unknown limits hold nobody back: the provider will tell."""
    least, most = limits.least, limits.most
    return (least is None or amount >= least) and (most is None or amount <= most)


def told_limits(error: BotError) -> SwapLimits | None:
    """What a refusal for the amount's sake says of them; None for any other error."""
    if error.key not in {"swap.below", "swap.above"}:
        return None
    least, most = (value if isinstance(value, Decimal) else None for value in map(error.values.get, ("least", "most")))
    return SwapLimits(least, most)


def nearest(limits: SwapLimits, amount: Decimal) -> Decimal | None:
    """What is taken in place of an amount that is not; None where that is not known."""
    return limits.least if limits.least is not None and amount < limits.least else limits.most


def told_bound(key: str, values: Mapping[str, object]) -> object:
    """What such a refusal names as the nearest amount that is taken; None where it names none."""
    return values.get({"swap.below": "least", "swap.above": "most"}.get(key, ""))


def put_right(error: BotError, line: Callable[[str], str]) -> BotError:
    """A refusal for the amount's sake with a button for the nearest one: its command is `line` of that."""
    fits = told_bound(error.key, error.values)
    if not isinstance(fits, Decimal):
        return error
    named = f"{fits:f} {error.values.get('ticker', '')}".strip().upper()
    return NotOffered(error.key, suggestions=((named, line(f"{fits:f}")),), **error.values)


def _symbol(coin: SwapCoin) -> str:
    """The ticker without what names its network; the ticker itself where nothing does."""
    for suffix, network in _SUFFIXES:
        short = coin.ticker.removesuffix(suffix)
        if short != coin.ticker and len(short) >= _SHORTEST and coin.network in {network, ""}:
            return short
    return coin.ticker
