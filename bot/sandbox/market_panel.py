"""The market's switches in the world panel: push a price, or let all of them stand still."""

from decimal import Decimal
from typing import Any

from bot.sandbox.market import Market
from bot.sandbox.switches import Switch, action, as_bool, as_number, as_option, choice, number, toggle

PUSHED_SHOWN = 25
QUICK = {"up": Decimal(5), "down": Decimal(-5)}


class MarketPanel:
    """Switches over one market. Pick an asset, then push it; a push holds from now on."""

    name = "market"

    def __init__(self, market: Market) -> None:
        self._market = market
        cryptos = (coin for coin in market.coins if coin.kind == "crypto" and coin.price is not None)
        largest = sorted(cryptos, key=lambda coin: coin.worth_usd, reverse=True)[:PUSHED_SHOWN]
        self._assets = [coin.symbol for coin in largest]
        self._asset = self._assets[0]
        self._percent = Decimal(10)

    def switches(self) -> list[Switch]:
        """What can be done to the market now."""
        price = self._market.price(self._asset)
        return [
            choice("asset", "Asset to push", self._asset, self._assets),
            action("up", f"{self._asset} +5 % (now {price} USD)"),
            action("down", f"{self._asset} \N{MINUS SIGN}5 %"),
            number("push", f"Push {self._asset} by … %", self._percent),
            toggle("freeze", "Prices stand still", value=self._market.frozen),
        ]

    async def flip(self, ident: str, value: Any = None) -> None:
        """Turn one switch; ValueError with plain words where that makes no sense."""
        if ident == "asset":
            self._asset = as_option(value, self._assets)
        elif ident in QUICK:
            self._market.move(self._asset, QUICK[ident])
        elif ident == "push":
            percent = as_number(value)
            self._market.move(self._asset, percent)
            self._percent = percent
        elif ident == "freeze":
            (self._market.freeze if as_bool(value) else self._market.thaw)()
        else:
            raise ValueError(f"no such switch: {ident}")
