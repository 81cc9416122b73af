"""Binance's perpetual contracts, as far as everybody may see them: they trade where the spot pairs do."""

from decimal import Decimal
from typing import Any

from bot.sandbox.exchange.binance import rows
from bot.sandbox.exchange.binance.asked import Asked
from bot.sandbox.exchange.binance.public import Public
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.faults import Faults
from bot.sandbox.exchange.pairs import Pair

MOST_CONTRACTS = 20
FOREVER_MS = 4_133_404_800_000
ONBOARD_MS = 1_569_398_400_000


class Futures:
    """One method an endpoint where it differs from the spot one; `public` answers the rest."""

    def __init__(self, engine: Engine, faults: Faults) -> None:
        self.public = Public(engine, faults)
        self._faults = faults
        self._pairs = [pair for pair in engine.pairs if pair.quote == "USDT"][:MOST_CONTRACTS]

    def exchange_info(self, asked: Asked) -> Any:
        del asked
        return self._info([_contract(pair) for pair in self._pairs])

    def no_contracts(self, asked: Asked) -> Any:
        """Those that are settled in coins: none are listed."""
        del asked
        return self._info([])

    def depth(self, asked: Asked) -> Any:
        now = self._faults.now_ms()
        return {**self.public.depth(asked), "E": now, "T": now}

    def day_ticker(self, asked: Asked) -> Any:
        """Without the best bid and ask."""
        told = self.public.day_ticker(asked)
        without = {"bidPrice", "bidQty", "askPrice", "askQty", "prevClosePrice"}
        rows_ = told if isinstance(told, list) else [told]
        cut = [{name: value for name, value in row.items() if name not in without} for row in rows_]
        return cut if isinstance(told, list) else cut[0]

    def _info(self, contracts: list[dict[str, Any]]) -> Any:
        return {
            "timezone": "UTC",
            "serverTime": self._faults.now_ms(),
            "futuresType": "U_MARGINED",
            "rateLimits": [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400}],
            "exchangeFilters": [],
            "assets": [],
            "symbols": contracts,
        }


def _contract(pair: Pair) -> dict[str, Any]:
    tick, step = pair.price_step or Decimal("0.01"), pair.amount_step
    return {
        "symbol": rows.name(pair),
        "pair": rows.name(pair),
        "contractType": "PERPETUAL",
        "deliveryDate": FOREVER_MS,
        "onboardDate": ONBOARD_MS,
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": pair.base,
        "quoteAsset": pair.quote,
        "marginAsset": pair.quote,
        "pricePrecision": -int(tick.as_tuple().exponent),
        "quantityPrecision": -int(step.as_tuple().exponent),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": f"{tick:f}", "maxPrice": "1000000", "tickSize": f"{tick:f}"},
            {
                "filterType": "LOT_SIZE",
                "minQty": f"{step:f}",
                "maxQty": f"{pair.most_amount:f}",
                "stepSize": f"{step:f}",
            },
            {"filterType": "MIN_NOTIONAL", "notional": "5"},
        ],
        "orderTypes": ["LIMIT", "MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
    }
