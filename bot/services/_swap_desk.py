"""What the parts of swapping share: the provider, its coins, and under whose key a person's swaps go."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.accounts import Held
from bot.domain.errors import Unavailable, UserMistake
from bot.domain.ports import SwapAccount, SwapProvider
from bot.domain.swaps import SwapCoin
from bot.services._cache import Cache
from bot.services._desk import Desk
from bot.services._references import DOLLARS

COINS_FRESH_S = 900.0
ALL = "all"
"""The one key of the cache of coins."""

LIKELY = 5
_NETWORKS = tuple(
    "polygon matic avaxc avax erc20 trc20 bep20 base celo near apt 20 trx bsc sol ton arb op".upper().split()
)
"""What a ticker of a token may end with, to name its network."""


@dataclass(frozen=True, slots=True)
class Key:
    """Under which key a swap goes. `held` None: the operator's."""

    account: SwapAccount
    held: Held | None = None

    @property
    def account_id(self) -> str:
        return self.held.id if self.held else ""

    @property
    def version(self) -> int:
        return self.held.version if self.held else 0


@dataclass(frozen=True, slots=True)
class SwapDesk:
    """`quota`: swaps a person may make in one day (UTC) under the operator's key. `poll_s`: how often one is looked
    after while its money moves.
    """

    desk: Desk
    provider: SwapProvider
    coins: Cache[str, Mapping[str, SwapCoin]]
    quota: int
    poll_s: int

    @property
    def exchange(self) -> str:
        """As it calls itself."""
        return self.provider.traits.title

    async def all_coins(self) -> Mapping[str, SwapCoin]:
        """By ticker. Raises Unavailable."""
        aged = (await self.coins.get([ALL]))[ALL]
        if aged.value is None:
            raise Unavailable("source.down", source=self.exchange)
        return aged.value

    def known(self, ticker: str) -> SwapCoin:
        """As it was last heard of; nothing but its ticker where it was not."""
        return (self.coins.peek(ALL) or {}).get(ticker, SwapCoin(ticker, ticker.upper()))

    async def coin(self, ticker: str) -> SwapCoin:
        """Raises UserMistake where there is no such one."""
        coins = await self.all_coins()
        if found := coins.get(ticker.lower()):
            return found
        likely = [one.ticker for one in matching(coins.values(), ticker)[:LIKELY]]
        raise UserMistake("swap.coin_unknown", typed=ticker[:32], likely=likely)

    async def key_of(self, user_id: int) -> Key:
        """His own where he has stored one, the oldest; else the operator's. Raises NotAllowed where his is frozen."""
        name = self.provider.traits.name
        own = [held for held in await self.desk.accounts.all_of(user_id) if held.vendor == name]
        if not own:
            return Key(self.provider.account(""))
        return await self.opened(own[0])

    async def opened(self, held: Held, *, settling: bool = False) -> Key:
        """`settling`: only to find out what became of something: also where it is locked or frozen."""
        held, credentials = await self.desk.accounts.credentials(held, settling=settling)
        return Key(self.provider.account(f"{held.id}:{held.version}", credentials), held)

    async def key_by_id(self, account_id: str) -> Key | None:
        """To find out only. None where the key is no longer there."""
        if not account_id:
            return Key(self.provider.account(""))
        held = await self.desk.accounts.by_id(account_id)
        return await self.opened(held, settling=True) if held else None

    async def usd(self, coin: SwapCoin, amount: Decimal) -> Decimal:
        """Raises UserMistake where nobody says what this coin is worth."""
        for asset in assets_of(coin):
            try:
                return await self.desk.references.usd(amount, asset)
            except UserMistake:
                continue
        raise UserMistake("order.no_usd", asset=coin.ticker.upper())

    async def worth(self, *sides: tuple[SwapCoin, Decimal | None]) -> Decimal:
        """The larger of what the sides are worth: one ticker taken for another coin must not open a limit.

        Raises UserMistake where nobody says of any.
        """
        asked = (self.usd(coin, amount) for coin, amount in sides if amount is not None)
        found = await asyncio.gather(*asked, return_exceptions=True)
        known = [usd for usd in found if isinstance(usd, Decimal)]
        if not known:
            raise UserMistake("order.no_usd", asset=sides[0][0].ticker.upper())
        return max(known)


def assets_of(coin: SwapCoin) -> list[str]:
    """What prices may know it by, likeliest first: `usdtrx` is USDT on a network, `trx` is itself."""
    ticker = coin.ticker.upper()
    bare = [ticker.removesuffix(name) for name in _NETWORKS if ticker.endswith(name) and ticker != name]
    dollars = [asset for asset in bare if asset in DOLLARS]
    return list(dict.fromkeys((*dollars, ticker, *bare)))


def matching(coins: Iterable[SwapCoin], typed: str) -> list[SwapCoin]:
    """By ticker, name or network: what is exactly meant first, then what begins so, then what is on."""
    word = typed.strip().lower()
    found = [coin for coin in coins if word in _said_of(coin).lower()]
    return sorted(found, key=lambda coin: _nearness(coin, word))


def _said_of(coin: SwapCoin) -> str:
    return f"{coin.ticker} {coin.name} {coin.network or coin.runs_on} {coin.protocol}"


def _nearness(coin: SwapCoin, word: str) -> tuple[bool, bool, bool, str]:
    off = not (coin.pays_in or coin.pays_out)
    return off, coin.ticker != word, not coin.ticker.startswith(word), coin.ticker
