"""What a person has: one account, or all of them side by side, each thing valued in USD."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from bot.domain.assets import Symbol
from bot.domain.balances import Portfolio, Silent, Statement, Worth, by_worth
from bot.domain.errors import BotError, Unavailable, UserMistake
from bot.domain.money import EXACT
from bot.domain.orders import Holding, Wallet
from bot.domain.ports import Clock, Exchange
from bot.domain.rates import price_of
from bot.domain.users import User
from bot.services.accounts import Accounts, Held
from bot.services.markets import Markets
from bot.services.prices import Prices

PATIENCE_S = 12.0
"""How long the portfolio waits for one account; the others are shown without it."""
DOLLAR = "USD"
DOLLARS = (DOLLAR, "USDT", "USDC")
"""What an exchange quotes coins in, best liked first, and what has a price in USD itself."""


class Balances:
    def __init__(
        self,
        accounts: Accounts,
        exchanges: Mapping[str, Exchange],
        markets: Markets,
        prices: Prices,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._exchanges = exchanges
        self._markets = markets
        self._prices = prices
        self._clock = clock

    async def of(self, user: User, vendor: str, wallet: Wallet | None) -> Statement:
        """One account; its usual wallet where none is named. Raises UserMistake, NotAllowed, Unavailable, Refused."""
        held = await self._accounts.of(user.id, vendor)
        traits = self._exchanges[held.vendor].traits
        wallet = wallet or traits.wallets[0]
        if wallet not in traits.wallets:
            raise UserMistake("balance.no_wallet", exchange=traits.title, wallet=wallet.value)
        return await self._statement(held, [wallet])

    async def all(self, user: User, wallet: Wallet | None) -> Portfolio:
        """Every account, every wallet. Who does not answer in time is named. Raises UserMistake where there is none."""
        own = [held for held in await self._accounts.all_of(user.id) if held.vendor in self._exchanges]
        if not own:
            await self._accounts.of(user.id)  # its own words for having none
        found = await asyncio.gather(*(self._in_time(held, wallet) for held in own))
        return Portfolio(
            statements=tuple(one for one in found if isinstance(one, Statement) and one.wallets),
            silent=tuple(one for one in found if isinstance(one, Silent)),
        )

    async def _in_time(self, held: Held, wallet: Wallet | None) -> Statement | Silent:
        traits = self._exchanges[held.vendor].traits
        wallets = [each for each in traits.wallets if wallet in {None, each}]
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._statement(held, wallets)
        except TimeoutError:
            return Silent(traits.title, held.label, Unavailable("source.down", source=traits.title))
        except BotError as error:
            return Silent(traits.title, held.label, error)

    async def _statement(self, held: Held, wallets: Sequence[Wallet]) -> Statement:
        exchange = self._exchanges[held.vendor]
        account = await self._accounts.opened(held)
        found = [(wallet, holding) for wallet in wallets for holding in await account.balance(wallet)]
        prices = await self._dollars_each(exchange, {holding.asset for _, holding in found})
        lines = (Worth(wallet, holding, _worth(holding, prices)) for wallet, holding in found)
        return Statement(
            title=exchange.traits.title,
            vendor=held.vendor,
            label=held.label,
            fingerprint=held.fingerprint,
            wallets=tuple(wallets),
            lines=tuple(sorted(lines, key=lambda line: by_worth(line.usd, line.holding.asset))),
            at=self._clock.now(),
        )

    async def _dollars_each(self, exchange: Exchange, assets: Iterable[str]) -> Mapping[str, Decimal]:
        """USD for one of each, by this exchange's own pairs: there, a ticker is one coin. Unknown ones are missing."""
        dollars = await self._dollars()
        found = {asset: dollars[asset] for asset in assets if asset in dollars}
        try:
            known = await exchange.markets()
            pairs = {
                asset: next(pair for quote in dollars if (pair := f"{asset}/{quote}") in known)
                for asset in assets
                if asset not in dollars and any(f"{asset}/{quote}" in known for quote in dollars)
            }
            seen = await self._markets.all_seen(exchange.traits.name, list(pairs.values())) if pairs else []
        except BotError:
            return found  # what a person has is shown also where nobody says what it is worth
        tickers = {one.ticker.symbol: one.ticker for one in seen}
        for asset, pair in pairs.items():
            if pair in tickers and (price := price_of(tickers[pair])):
                found[asset] = EXACT.multiply(price, dollars[pair.partition("/")[2]])
        return found

    async def _dollars(self) -> dict[str, Decimal]:
        """What one of each kind of dollar is worth in USD. A coin that is to be worth a dollar may not be."""
        worth = {DOLLAR: Decimal(1)}
        try:
            latest = await self._prices.latest([Symbol(name) for name in DOLLARS if name != DOLLAR])
        except Unavailable:
            return worth
        return worth | {one.quote.asset.symbol: one.quote.price for one in latest if one.quote.price}


def _worth(holding: Holding, prices: Mapping[str, Decimal]) -> Decimal | None:
    price = prices.get(holding.asset)
    return None if price is None else EXACT.multiply(holding.total, price)
