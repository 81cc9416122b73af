"""The rows of CoinCodex's listings and pages of one coin, field by field as its clients know them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bot.sandbox.coincodex.wire import plain, utc
from bot.sandbox.coins import DAY_S, Coin
from bot.sandbox.market import Market

Row = dict[str, Any]
WINDOWS_S = {
    "1H": 3_600,
    "1D": DAY_S,
    "7D": 7 * DAY_S,
    "30D": 30 * DAY_S,
    "90D": 90 * DAY_S,
    "180D": 180 * DAY_S,
    "365D": 365 * DAY_S,
    "3Y": 3 * 365 * DAY_S,
    "5Y": 5 * 365 * DAY_S,
}
LISTED_WINDOWS = ("1H", "1D", "7D", "30D", "90D", "180D", "365D", "YTD")
DAY_LOOKS = 13
LIFE_LOOKS = 200


class Rows:
    """Builds rows for one moment; a row is built once for as long as its price stands."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._ranked_for: tuple[int, int] | None = None
        self._ranks: dict[str, dict[str, int]] = {"cap": {}, "volume": {}}
        self._built: dict[tuple[str, str], tuple[tuple[int | None, int], Row]] = {}

    def listed(self, coin: Coin, at: int) -> Row:
        """A row of get_asset_list."""
        return self._once("listed", coin, at, self._listed)

    def cached(self, coin: Coin, at: int) -> Row:
        """A row of all_coins.json."""
        return self._once("cached", coin, at, self._cached)

    def page(self, coin: Coin, at: int) -> Row:
        """The object of get_coin; it holds no market cap."""
        market, price = self._market, self._market.quote(coin, at)
        return {
            **_names(coin),
            "coin_name": coin.name,
            "slug": coin.slug,
            "last_price_usd": price,
            **self._changes(coin, at, (*WINDOWS_S, "YTD", "ALL")),
            "today_open": market.quote(coin, at - at % DAY_S),
            **self._day_range(coin, at),
            "volume_24_usd": market.volume(coin, at),
            "supply": market.supply(coin, at),
            "total_supply": _total_supply(coin),
            **_flags(coin),
            "last_update": utc(market.updated_at(coin, at)),
            **self._life(coin, at),
            "socials": [],
        }

    def _once(self, kind: str, coin: Coin, at: int, build: Callable[[Coin, int], Row]) -> Row:
        self._rank(at)
        mark = (self._market.updated_at(coin, at), self._market.version)
        known = self._built.get((kind, coin.symbol))
        if known is None or known[0] != mark:
            known = self._built[kind, coin.symbol] = (mark, build(coin, at))
        # Ranks follow everybody else's price, so they are set afresh.
        return known[1] | {
            "market_cap_rank": self._ranks["cap"].get(coin.symbol),
            "volume_rank": self._ranks["volume"].get(coin.symbol),
        }

    def _listed(self, coin: Coin, at: int) -> Row:
        market = self._market
        return {
            **_names(coin),
            "slug": coin.slug,
            "image_id": coin.image_id,
            "last_price_usd": market.quote(coin, at),
            **self._changes(coin, at, LISTED_WINDOWS),
            **self._day_range(coin, at),
            "today_open": market.quote(coin, at - at % DAY_S),
            "last_market_cap_usd": market.market_cap(coin, at),
            "volume_24_usd": market.volume(coin, at),
            "supply": market.supply(coin, at),
            "total_supply": _total_supply(coin),
            "last_update": utc(market.updated_at(coin, at)),
        }

    def _cached(self, coin: Coin, at: int) -> Row:
        market = self._market
        return {
            **_names(coin),
            "last_price_usd": market.quote(coin, at),
            **self._changes(coin, at, (*WINDOWS_S, "YTD", "ALL")),
            "volume_24_usd": market.volume(coin, at),
            "supply": market.supply(coin, at),
            "market_cap_usd": market.market_cap(coin, at),
            **_flags(coin),
            "last_update": utc(market.updated_at(coin, at)),
            "categories": [1 + coin.image_id % 9, 10 + coin.image_id % 23],
        }

    def _changes(self, coin: Coin, at: int, windows: Iterable[str]) -> Row:
        now = self._market.quote(coin, at)
        return {
            f"price_change_{w}_percent": _percent(self._market.quote(coin, _then(coin, at, w)), now) for w in windows
        }

    def _day_range(self, coin: Coin, at: int) -> Row:
        looks = (self._market.quote(coin, at - step * DAY_S // (DAY_LOOKS - 1)) for step in range(DAY_LOOKS))
        prices = [price for price in looks if price is not None]
        return {"price_high_24_usd": max(prices, default=None), "price_low_24_usd": min(prices, default=None)}

    def _life(self, coin: Coin, at: int) -> Row:
        step = max(1, (at - coin.listed) // LIFE_LOOKS)
        looks = ((self._market.quote(coin, when), when) for when in (*range(coin.listed, at, step), at))
        seen = [(price, when) for price, when in looks if price is not None]
        if not seen:
            return dict.fromkeys(("ath_usd", "ath_date", "initial_data", "ath_data", "atl_data"))
        (high, high_at), (low, low_at) = max(seen), min(seen)
        year = [pair for pair in seen if pair[1] >= at - 4 * 365 * DAY_S]
        (cycle_high, cycle_high_at), (cycle_low, cycle_low_at) = max(year), min(year)
        return {
            "ath_usd": high,
            "ath_date": utc(high_at),
            "cycle_high_usd": cycle_high,
            "cycle_high_date": utc(cycle_high_at),
            "cycle_low_usd": cycle_low,
            "cycle_low_date": utc(cycle_low_at),
            "initial_data": [seen[0][1], seen[0][0]],
            "ath_data": [high_at, high],
            "atl_data": [low_at, low],
        }

    def _rank(self, at: int) -> None:
        key = (at, self._market.version)
        if key != self._ranked_for:
            coins = [coin for coin in self._market.coins if coin.supply is not None]
            self._ranks = {
                "cap": _ranks(coins, lambda coin: self._market.market_cap(coin, at)),
                "volume": _ranks(coins, lambda coin: self._market.volume(coin, at)),
            }
            self._ranked_for = key


def _ranks(coins: Iterable[Coin], worth: Callable[[Coin], Decimal | None]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    known = [(coin, value) for coin in coins if (value := worth(coin)) is not None]
    for kind in ("crypto", "stock"):
        ordered = sorted((pair for pair in known if pair[0].kind == kind), key=lambda pair: -pair[1])
        ranks |= {coin.symbol: rank for rank, (coin, _) in enumerate(ordered, 1)}
    return ranks


def _names(coin: Coin) -> Row:
    return {
        "symbol": coin.symbol,
        "display_symbol": coin.display,
        "name": coin.name,
        "aliases": coin.aliases,
        "shortname": coin.slug,
    }


def _flags(coin: Coin) -> Row:
    # Truth is spelled out in strings here.
    return {
        "display": "true",
        "include_supply": "false" if coin.supply is None else "true",
        "use_volume": "false" if coin.price is None else "true",
        "trading_since": utc(coin.listed),
    }


def _total_supply(coin: Coin) -> str | None:
    return None if coin.total_supply is None else plain(coin.total_supply)


def _then(coin: Coin, at: int, window: str) -> int:
    if window == "ALL":
        return coin.listed
    if window == "YTD":
        return max(coin.listed, int(datetime(datetime.fromtimestamp(at, UTC).year, 1, 1, tzinfo=UTC).timestamp()))
    return at - WINDOWS_S[window]


def _percent(then: Decimal | None, now: Decimal | None) -> Decimal | None:
    return None if then is None or now is None else round(100 * (now / then - 1), 2)
