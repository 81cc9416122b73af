"""What is worth how much in something else, by exchanges and the price source together, and where the two disagree."""

from collections.abc import Sequence
from decimal import Decimal

from bot.domain.errors import BotError, Unavailable, UserMistake
from bot.domain.prices import Quote, SeveralCoins, UnknownCoin, no_price
from bot.domain.rates import FIAT, Doubt, Rate, Step, apart, median_price, rate_of, sound
from bot.domain.users import User
from bot.services.markets import Markets
from bot.services.prices import Prices

DISAGREE_PERCENT = Decimal(1)
DOLLAR = "USD"
SPARE_DOLLAR = "USDT"
"""Where an exchange trades no state money for USD itself; it has a price in USD like any coin."""


class Rates:
    def __init__(self, prices: Prices, markets: Markets) -> None:
        self._prices = prices
        self._markets = markets

    async def doubt(self, quote: Quote) -> Doubt | None:
        """Where exchanges in use see this coin more than DISAGREE_PERCENT away. Asks for little, waits less."""
        price = sound(quote.price)
        if price is None or not self._markets.in_use or not self._prices.is_usual(quote.asset):
            return None
        tickers = await self._markets.opinion(quote.asset.ticker.upper())
        middle = median_price(tickers)
        if middle is None or abs(percent := apart(price, middle, price)) <= DISAGREE_PERCENT:
            return None
        titles = tuple(self._markets.traits[ticker.exchange].title for ticker in tickers)
        dollars = dict.fromkeys(ticker.symbol.partition("/")[2] for ticker in tickers)
        return Doubt(abs(percent), middle, tuple(dollars), titles)

    async def between(self, have: str, want: str, user: User) -> Rate:
        """By an exchange's own prices where there is a way, else through USD. Raises UserMistake, Unavailable.

        State money is only ever what exchanges trade it for.
        """
        one, other = await self._code(have, user), await self._code(want, user)
        if one and other:
            try:
                if found := await self._markets.rate(one, other):
                    return found
            except BotError:
                pass  # the way through USD says what is wrong, if that fails too
        there, back = await self._to_usd(have, user), await self._to_usd(want, user)
        steps, ends = [*there[1], *reversed(back[1])], (there[0], back[0])
        return rate_of(*ends, steps, stale=there[2] or back[2])

    async def _code(self, typed: str, user: User) -> str:
        """What exchanges call it; empty where they mean another coin by that name."""
        name = typed.upper().removeprefix("$") or DOLLAR
        if name in FIAT:
            return name
        try:
            asset = await self._prices.find(typed, user)
        except (UnknownCoin, SeveralCoins, Unavailable):
            return name
        return asset.ticker.upper() if self._prices.is_usual(asset) else ""

    async def _to_usd(self, typed: str, user: User) -> tuple[str, Sequence[Step], bool]:
        """Its name, the way from it to USD, and whether any of that is stale."""
        name = typed.upper().removeprefix("$") or DOLLAR
        if name == DOLLAR:
            return DOLLAR, (), False
        if name not in FIAT:
            return await self._by_source(typed, user)
        if found := await self._markets.rate(name, DOLLAR):
            return name, found.steps, found.stale
        if spare := await self._markets.rate(name, SPARE_DOLLAR):
            _, last, stale = await self._by_source(SPARE_DOLLAR, user)
            return name, (*spare.steps, *last), spare.stale or stale
        raise UserMistake("rate.none", name=name)

    async def _by_source(self, typed: str, user: User) -> tuple[str, Sequence[Step], bool]:
        try:
            asset = await self._prices.find(typed, user)
        except SeveralCoins as several:
            asset = several.candidates[0].asset
        for latest in await self._prices.latest([asset.symbol]):
            if price := sound(latest.quote.price):
                step = Step(latest.quote.source, asset.ticker, DOLLAR, price, latest.quote.at)
                return asset.ticker, (step,), latest.stale
        raise no_price(asset)
