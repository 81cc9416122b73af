"""What a swap is worth at this moment: rates, fees and limits over the common market."""

from decimal import ROUND_DOWN, ROUND_UP, Context, Decimal
from typing import NamedTuple

from bot.sandbox.changelly.coins import SwapCoin
from bot.sandbox.market import Market

FEE = Decimal("0.004")
# A fixed rate carries a margin for the time in which the market may move.
FIXED_MARGIN = Decimal("0.009")
LEAST_USD, MOST_USD = Decimal(8), Decimal(400_000)
LEAST_FIXED_USD, MOST_FIXED_USD = Decimal(15), Decimal(100_000)
# Below three times its own network fee nothing is worth sending.
LEAST_FEES = 3
RATE_DIGITS = Decimal("0.000000000001")
EIGHT = Decimal("0.00000001")
# Three digits, so that a limit does not move with every tick of the market.
UP, DOWN = Context(prec=3, rounding=ROUND_UP), Context(prec=3, rounding=ROUND_DOWN)
LIMITS = ("as usual", "least ten times higher", "most ten times lower", "moving")
STEPS = 10


class Limits(NamedTuple):
    """In payin currency, and what they would bring in payout currency."""

    least: Decimal
    most: Decimal
    least_to: Decimal
    most_to: Decimal


class Estimate(NamedTuple):
    """`visible` before any fee, `gross` after ours and before the network's; all in payout currency."""

    source: SwapCoin
    target: SwapCoin
    amount: Decimal
    rate: Decimal
    visible: Decimal
    fee: Decimal
    gross: Decimal
    network_fee: Decimal
    limits: Limits


class Pricing:
    """`limits_mood` is one of LIMITS; "moving" gives others at each look."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._looks = 0
        self.limits_mood = LIMITS[0]

    def estimate(self, source: SwapCoin, target: SwapCoin, amount: Decimal) -> Estimate:
        """At a floating rate, whatever the limits say."""
        rate = self._mid(source, target)
        visible = (amount * rate).quantize(EIGHT, ROUND_DOWN)
        fee = (visible * FEE).quantize(EIGHT, ROUND_UP)
        limits = self.limits(source, target, fixed=False)
        return Estimate(source, target, amount, rate, visible, fee, visible - fee, target.network_fee, limits)

    def fixed_rate(self, source: SwapCoin, target: SwapCoin) -> Decimal:
        """Payout for one of payin, before the network fee."""
        return (self._mid(source, target) * (1 - FIXED_MARGIN)).quantize(RATE_DIGITS, ROUND_DOWN)

    def limits(self, source: SwapCoin, target: SwapCoin, *, fixed: bool) -> Limits:
        """As the mood has them now."""
        least_usd, most_usd = (LEAST_FIXED_USD, MOST_FIXED_USD) if fixed else (LEAST_USD, MOST_USD)
        least_usd = max(least_usd, LEAST_FEES * target.network_fee * self._usd(target))
        lift, cut = self._mood()
        least = UP.create_decimal(least_usd * lift / self._usd(source))
        most = DOWN.create_decimal(most_usd * cut / self._usd(source))
        rate = self._mid(source, target)
        bring = ((limit * rate * (1 - FEE)).quantize(EIGHT, ROUND_DOWN) for limit in (least, most))
        return Limits(least, most, *bring)

    def in_payin(self, source: SwapCoin, target: SwapCoin, amount: Decimal) -> Decimal:
        """An amount of payout currency, in payin currency."""
        return (amount / self._mid(source, target)).quantize(EIGHT, ROUND_UP)

    def _mood(self) -> tuple[Decimal, Decimal]:
        if self.limits_mood == "moving":
            self._looks += 1
            return 1 + Decimal(self._looks % STEPS) / STEPS, Decimal(1)
        return Decimal(10 if "least" in self.limits_mood else 1), Decimal("0.1" if "most" in self.limits_mood else 1)

    def _mid(self, source: SwapCoin, target: SwapCoin) -> Decimal:
        return self._usd(source) / self._usd(target)

    def _usd(self, coin: SwapCoin) -> Decimal:
        price = self._market.price(coin.symbol)
        if price is None:
            raise LookupError(f"the market has no price for {coin.symbol}")
        return price
