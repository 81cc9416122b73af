"""What each CoinCodex endpoint answers to which parameters."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bot.sandbox.coincodex import series
from bot.sandbox.coincodex.rows import Rows
from bot.sandbox.coincodex.series import Source
from bot.sandbox.coincodex.wire import Refusal
from bot.sandbox.coins import DAY_S, Coin
from bot.sandbox.market import Market

Ask = Mapping[str, str]
DEFAULT_LIMIT = 100
MOST_CHARTED = 100
INCLUDABLE = {"price", *series.EXTRAS}
# What working clients were seen to order by, and what the listing's columns offer.
ORDERS = ("last_market_cap_usd", "volume_24_usd", "last_price_usd")


class Answers:
    """One method an endpoint: parameters in, JSON values out; Refusal where the vendor would refuse."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._rows = Rows(market)
        # leader, cap or none: what stands in the price column of SUM_ALL_COINS is known from captures that disagree.
        self.total_price = "leader"

    def columns(self, ask: Ask) -> tuple[str, ...]:
        """What stands in the rows of a chart or a history, after the time."""
        if "charts" in ask:
            return ("price", *(extra for extra in series.EXTRAS if extra in _includes(ask)))
        return series.TOTAL_COLUMNS if _is_total(ask.get("symbol", "")) else series.COIN_COLUMNS

    def charts(self, ask: Ask) -> Any:
        """`{asset: {period: rows}}`; an unknown asset is not in it. `t` is a cache mark and means nothing."""
        assets, periods = _words(ask, "assets"), _words(ask, "charts")
        unknown = [period for period in periods if period not in series.PERIODS_S and period not in series.OPEN_PERIODS]
        samples = series.SAMPLES.get(ask.get("samples", "sm"))
        if unknown or samples is None or not _includes(ask) <= INCLUDABLE or len(assets) > MOST_CHARTED:
            raise Refusal(422, "invalid charts, samples, include or too many assets")
        columns, now = self.columns(ask), self._market.now()
        return {
            source.symbol: {period: series.chart(source, period, samples, columns, now) for period in periods}
            for asset in assets
            if (source := self._source(asset))
        }

    def asset_list(self, ask: Ask) -> Any:
        """`{meta, data}`; `select_bysymbol` means display symbols, so one ticker may bring several rows."""
        coins = self._selected(ask)
        order, direction = ask.get("order_by", ORDERS[0]), ask.get("order_direction", "desc")
        if order not in ORDERS or direction not in ("asc", "desc"):
            raise Refusal(422, "invalid order_by or order_direction")
        limit = _count(ask.get("limit", str(DEFAULT_LIMIT)))
        now = self._market.now()
        ordered = _ordered(coins, self._measure(order), now, falling=direction == "desc")
        return {
            "meta": {"total": len(coins)},
            "data": [self._rows.listed(coin, now) for coin in ordered[:limit]],
        }

    def asset(self, ask: Ask) -> Any:
        """`{data}` with the listing's row of one internal symbol."""
        if not ask.get("symbol"):
            raise Refusal(400, "symbol is missing")
        return {"data": self._rows.listed(self._coin(ask["symbol"]), self._market.now())}

    def coin(self, ask: Ask) -> Any:
        """One object."""
        return self._rows.page(self._coin(ask["symbol"]), self._market.now())

    def coin_history(self, ask: Ask) -> Any:
        """`{symbol: [[seconds, price, volume, market cap], …]}`."""
        coin = self._coin(ask["symbol"])
        return {coin.symbol: self._history(ask, Source(self._market, coin))}

    def total_history(self, ask: Ask) -> Any:
        """`{SUM_ALL_COINS: [[seconds, market cap, volume, the leader's share], …]}`."""
        if not _is_total(ask["symbol"]):
            raise Refusal(422, f"unknown symbol: {ask['symbol']}")
        return {series.TOTAL: self._history(ask, Source(self._market, None))}

    def first_page_history(self, ask: Ask) -> Any:
        """The same rows for the coins with the highest market caps."""
        days, samples, limit = (_count(ask[name]) for name in ("days", "samples", "coins_limit"))
        now = self._market.now()
        cryptos = [coin for coin in self._market.coins if coin.kind == "crypto"]
        top = _ordered(cryptos, self._market.market_cap, now, falling=True)[: min(limit, MOST_CHARTED)]
        last = datetime.fromtimestamp(now, UTC).date()
        first = datetime.fromtimestamp(max(0, now - days * DAY_S), UTC).date()
        return {coin.symbol: series.history(Source(self._market, coin), first, last, samples, now) for coin in top}

    def all_coins(self, ask: Ask) -> Any:
        """Every coin, as one big array."""
        del ask
        now = self._market.now()
        cryptos = [coin for coin in self._market.coins if coin.kind == "crypto"]
        return [self._rows.cached(coin, now) for coin in _ordered(cryptos, self._market.market_cap, now, falling=True)]

    def _history(self, ask: Ask, source: Source) -> list[series.Row]:
        first, last = series.day(ask["from"]), series.day(ask["to"])
        if last < first:
            raise Refusal(422, "the end lies before the start")
        return series.history(
            source, first, last, _count(ask.get("samples", "300")), self._market.now(), self.columns(ask)
        )

    def _source(self, symbol: str) -> Source | None:
        if _is_total(symbol):
            return Source(self._market, None, total_price=self.total_price)
        coin = self._market.find(symbol)
        return Source(self._market, coin) if coin else None

    def _coin(self, symbol: str) -> Coin:
        coin = self._market.find(symbol)
        if coin is None:
            raise Refusal(422, f"unknown symbol: {symbol}")
        return coin

    def _selected(self, ask: Ask) -> list[Coin]:
        kind = ask.get("type")
        wanted = {word.upper() for word in ask.get("select_bysymbol", "").split(",") if word}
        return [
            coin
            for coin in self._market.coins
            if (not kind or coin.kind == kind) and (not wanted or coin.display.upper() in wanted)
        ]

    def _measure(self, order: str) -> Callable[[Coin, int], Decimal | None]:
        market = self._market
        return dict(zip(ORDERS, (market.market_cap, market.volume, market.quote), strict=True))[order]


def _ordered(
    coins: list[Coin], measure: Callable[[Coin, int], Decimal | None], now: int, *, falling: bool
) -> list[Coin]:
    """By the measure; what has none comes last either way."""
    known: list[tuple[Decimal, Coin]] = []
    rest: list[Coin] = []
    for coin in coins:
        value = measure(coin, now)
        if value is None:
            rest.append(coin)
        else:
            known.append((value, coin))
    known.sort(key=lambda pair: pair[0], reverse=falling)
    return [coin for _, coin in known] + rest


def _is_total(symbol: str) -> bool:
    return symbol.upper() == series.TOTAL


def _includes(ask: Ask) -> set[str]:
    return {word for word in ask.get("include", "").split(",") if word}


def _words(ask: Ask, name: str) -> list[str]:
    words = [word for word in ask.get(name, "").split(",") if word]
    if not words:
        raise Refusal(400, f"{name} is missing")
    return words


def _count(text: str) -> int:
    # Clients ask for a limit of 10**26 and get everything: only the shape of the number matters.
    if not text.isascii() or not text.isdigit() or int(text[:40]) == 0:
        raise Refusal(422, f"not a positive number: {text[:40]}")
    return int(text[:40])
