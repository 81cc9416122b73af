"""Time series as CoinCodex answers them: charts of a period, and histories between two days."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zlib import crc32

from bot.sandbox.coincodex.wire import Refusal
from bot.sandbox.coins import DAY_S, FIRST_DAY, Coin
from bot.sandbox.market import Market

Row = list[int | Decimal | None]

TOTAL = "SUM_ALL_COINS"
SAMPLES = {"sm": 300, "md": 600, "lg": 1200}
EXTRAS = ("volume", "market_cap")
COIN_COLUMNS = ("price", "volume", "market_cap")
TOTAL_COLUMNS = ("market_cap", "volume", "share")
# 1D 7D 30D 3M 1Y ALL are known from working clients; the others are accepted as the site's own pages name them.
PERIODS_S = {
    "1H": 3_600,
    "1D": DAY_S,
    "7D": 7 * DAY_S,
    "30D": 30 * DAY_S,
    "1M": 30 * DAY_S,
    "3M": 91 * DAY_S,
    "6M": 182 * DAY_S,
    "1Y": 365 * DAY_S,
    "3Y": 3 * 365 * DAY_S,
    "5Y": 5 * 365 * DAY_S,
}
OPEN_PERIODS = ("YTD", "ALL")
FINEST_CHART_S = 60
OPEN_GRID_S = 3_600
FINEST_HISTORY_S = 300
MOST_HISTORY_ROWS = 1_000
GAP_EVERY = 223


class Source:
    """What can be drawn of one asset, or of the whole market."""

    def __init__(self, market: Market, coin: Coin | None, *, total_price: str = "leader") -> None:
        self._market = market
        self._coin = coin
        self._total_price = total_price
        self.symbol = coin.symbol if coin else TOTAL
        self.since = coin.listed if coin else FIRST_DAY
        self.empty = coin is not None and coin.price is None

    def row(self, at: int, columns: Sequence[str]) -> Row:
        """`[at, value, …]`, one value for each of price, volume, market_cap; of the whole market also share."""
        return [at, *(self._value(column, at) for column in columns)]

    def _value(self, column: str, at: int) -> Decimal | None:
        if self._coin is None:
            return self._of_total(column, at)
        if column == "price":
            return self._market.quote(self._coin, at)
        if column == "volume":
            return self._market.volume(self._coin, at)
        return self._market.market_cap(self._coin, at)

    def _of_total(self, column: str, at: int) -> Decimal | None:
        if column == "volume":
            return self._market.total(at).volume
        if column == "market_cap" or self._total_price == "cap":
            return self._market.total(at).market_cap
        if column == "share":
            return self._leader_share(at)
        # The first column of the sum is no price of anything: a leader's price in one capture, empty in another.
        return self._market.price("BTC", at) if self._total_price == "leader" else None

    def _leader_share(self, at: int) -> Decimal | None:
        leader = self._market.find("BTC")
        cap = self._market.market_cap(leader, at) if leader else None
        return None if cap is None else round(100 * cap / self._market.total(at).market_cap, 4)


def chart(source: Source, period: str, samples: int, columns: Sequence[str], now: int) -> list[Row]:
    """Rows at the asset's own, unaligned times, the last one now; a few moments were missed and are null."""
    if source.empty:
        return []
    rows = [source.row(at, columns) for at in _chart_times(source, period, samples, now)]
    for row in rows[:-1]:
        if crc32(f"{source.symbol}{period}{row[0]}".encode()) % GAP_EVERY == 0:
            row[1:] = [None] * (len(row) - 1)
    return rows


def history(
    source: Source, first: date, last: date, samples: int, now: int, columns: Sequence[str] = COIN_COLUMNS
) -> list[Row]:
    """Rows `[seconds, price, volume, market cap]`, or with other columns.

    They lie on the five-minute grid and are silently thinned to what was asked for.
    """
    begin = max(_midnight(first), source.since)
    # The day after the calendar's last one does not exist, so today bounds the end before a day is added.
    end = min(_midnight(min(last, datetime.fromtimestamp(now, UTC).date()) + timedelta(days=1)) - 1, now)
    if source.empty or end < begin:
        return []
    count = max(1, min(samples, MOST_HISTORY_ROWS))
    step = max(FINEST_HISTORY_S, _to_grid((end - begin) / count, FINEST_HISTORY_S))
    times = range(_to_grid(begin, FINEST_HISTORY_S), end + 1, step)
    return [source.row(at, columns) for at in times]


def day(text: str) -> date:
    """A day written `YYYY-MM-DD`; Refusal 422 otherwise."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(422, f"invalid date: {text}") from None


def _chart_times(source: Source, period: str, samples: int, now: int) -> Iterator[int]:
    begin = max(_begin(source, period, now), source.since)
    step = max(FINEST_CHART_S, _step(source, period, samples, now))
    offset = crc32(source.symbol.encode()) % step
    yield from range(begin + (offset - begin) % step, now, step)
    yield now


def _step(source: Source, period: str, samples: int, now: int) -> int:
    if period in PERIODS_S:
        return round(PERIODS_S[period] / samples)
    # A span that grows every second: whole hours, so that the moments do not shift with every request.
    return _to_grid((now - _begin(source, period, now)) / samples, OPEN_GRID_S)


def _begin(source: Source, period: str, now: int) -> int:
    if period == "ALL":
        return source.since
    if period == "YTD":
        return int(datetime(datetime.fromtimestamp(now, UTC).year, 1, 1, tzinfo=UTC).timestamp())
    return now - PERIODS_S[period]


def _to_grid(seconds: float, grid: int) -> int:
    return -(-int(seconds) // grid) * grid


def _midnight(moment: date) -> int:
    return int(datetime(moment.year, moment.month, moment.day, tzinfo=UTC).timestamp())
