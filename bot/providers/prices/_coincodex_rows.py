"""What CoinCodex's JSON means. Any field may be missing, null or text: what cannot be read is None, never an error."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.domain.assets import WHOLE_MARKET, Asset, Symbol
from bot.domain.money import EXACT
from bot.domain.prices import Field, Point, Quote

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,60})?|\.[0-9]{1,60})(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_LARGEST_EXPONENT, _SMALLEST_EXPONENT = 36, -60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND = 4_102_444_800  # 2100: beyond it stand milliseconds, or nonsense
_LONGEST_TEXT = 80

_TIME_NAMES = ("ts", "timestamp", "time", "date", "datetime", "time_start", "t")
_VALUE_NAMES = {
    Field.PRICE: ("price", "price_usd", "last_price_usd", "price_close_usd", "value"),
    Field.CAP: ("market_cap_usd", "market_cap", "last_market_cap_usd", "mktcap", "cap"),
    Field.VOLUME: ("volume_usd", "volume_24_usd", "volume"),
}

Row = Sequence[object] | Mapping[str, object]
Columns = dict[datetime, Decimal | None]

COIN_HISTORY = {Field.PRICE: 1, Field.VOLUME: 2, Field.CAP: 3}
"""Columns of get_coin_history: time, price, volume, cap."""
MARKET_HISTORY = {Field.CAP: 1, Field.VOLUME: 2}
"""Columns of get_coin_marketcap: time, total cap, volume, and one of unknown meaning."""
_HISTORY_WIDTH = 4


@dataclass(frozen=True, slots=True)
class Column:
    """`certain` is False where a lone column was given and nothing tells that it is the field asked for."""

    points: tuple[Point, ...]
    certain: bool = True


# Values ---------------------------------------------------------------------------------------------------------------


def number(value: object) -> Decimal | None:
    """A finite decimal of sane size, from a number or its text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        value = repr(value)
    if isinstance(value, str):
        value = _from_text(value)
    if isinstance(value, int):
        value = Decimal(value) if abs(value) < 10**_LARGEST_EXPONENT else None
    if not isinstance(value, Decimal) or not value.is_finite():
        return None
    exponent = value.as_tuple().exponent
    sane = value.adjusted() <= _LARGEST_EXPONENT and isinstance(exponent, int) and exponent >= _SMALLEST_EXPONENT
    return value if sane else None


def _from_text(text: str) -> Decimal | None:
    return Decimal(text.strip()) if _NUMBER.fullmatch(text.strip()) else None


def moment(value: object) -> datetime | None:
    """Seconds or milliseconds since 1970, or `YYYY-MM-DD HH:MM:SS`, which is UTC."""
    seconds = number(value)
    if seconds is None:
        return _from_calendar(value) if isinstance(value, str) else None
    if seconds > 10**12:
        seconds /= 1000
    if not 0 < seconds < _LAST_SECOND:
        return None
    return _EPOCH + timedelta(milliseconds=int(seconds * 1000))


def _from_calendar(value: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(value.strip())
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if 0 < (at - _EPOCH).total_seconds() < _LAST_SECOND else None


def text(value: object) -> str:
    """One line of printable text, bounded; empty where there is none."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value[:400]).split())[:_LONGEST_TEXT]


def _above_zero(value: object) -> Decimal | None:
    """A price or a cap of nothing is how the source says that it does not know."""
    found = number(value)
    return found if found is not None and found > 0 else None


def _not_below_zero(value: object) -> Decimal | None:
    found = number(value)
    return found if found is not None and found >= 0 else None


_READERS: dict[Field, Callable[[object], Decimal | None]] = {
    Field.PRICE: _above_zero,
    Field.CAP: _above_zero,
    Field.VOLUME: _not_below_zero,
}


def _lowered(row: Mapping[object, object]) -> dict[str, object]:
    return {key.lower(): value for key, value in row.items() if isinstance(key, str)}


def _first(row: Mapping[str, object], names: Iterable[str], read: Callable[[object], Decimal | None]) -> Decimal | None:
    return next((found for name in names if (found := read(row.get(name))) is not None), None)


def _entry(body: object, key: str) -> object:
    """The value under `key`, whichever case it is written in."""
    if not isinstance(body, dict):
        return None
    return body[key] if key in body else _lowered(body).get(key.lower())


# Series ---------------------------------------------------------------------------------------------------------------


def charts(body: object, symbols: Sequence[Symbol], period: str, field: Field) -> dict[Symbol, Column] | None:
    """From get_charts, asked with a single `include`: what has no usable row is missing; None for another shape."""
    if not isinstance(body, dict):
        return {} if body == [] else None
    lowered = _lowered(body)
    found = {symbol: _chart(_entry(lowered.get(symbol.lower()), period), field) for symbol in symbols}
    return {symbol: column for symbol, column in found.items() if column}


def _chart(raw: object, field: Field) -> Column | None:
    rows = list(_timed(raw))
    # The last column is the included one. A shorter row than the others lacks it, whatever it ends with.
    width = max((len(row) for _, row in rows if not isinstance(row, Mapping)), default=0)
    index = 1 if field is Field.PRICE or width == 2 else width - 1
    certain = field is Field.PRICE or width != 2
    return _column(rows, field, index, price_index=1 if index > 1 else 0, certain=certain)


def history(
    body: object, symbol: Symbol, field: Field, columns: Mapping[Field, int], since: datetime
) -> dict[Symbol, Column] | None:
    """From an endpoint of four named columns; in rows of another width only the price's place is known.

    Rows before `since` are left out: such an endpoint is asked for whole days.
    """
    if not isinstance(body, dict):
        return {} if body == [] else None
    rows = [
        (at, row)
        for at, row in _timed(_entry(body, symbol))
        if at >= since and (isinstance(row, Mapping) or len(row) == _HISTORY_WIDTH or field is Field.PRICE)
    ]
    column = _column(rows, field, columns[field], price_index=columns.get(Field.PRICE, 0))
    return {symbol: column} if column else {}


def _timed(raw: object) -> Iterator[tuple[datetime, Row]]:
    for row in raw if isinstance(raw, list) else ():
        if isinstance(row, list) and 2 <= len(row) <= 5:
            if at := moment(row[0]):
                yield at, row
        elif isinstance(row, dict):
            named = _lowered(row)
            if at := next((at for name in _TIME_NAMES if (at := moment(named.get(name)))), None):
                yield at, named


def _column(
    rows: Sequence[tuple[datetime, Row]], field: Field, index: int, *, price_index: int, certain: bool = True
) -> Column | None:
    """None where no row has a value, or where the values cannot be what they would be labelled as."""
    values: Columns = {}
    for at, row in rows:
        value = _cell(row, field, index)
        price = _cell(row, Field.PRICE, price_index) if price_index or isinstance(row, Mapping) else None
        if field is Field.CAP and value is not None and price is not None and value < price:
            return None
        values[at] = value
    if all(value is None for value in values.values()):
        return None
    return Column(tuple(Point(at, values[at]) for at in sorted(values)), certain)


def _cell(row: Row, field: Field, index: int) -> Decimal | None:
    read = _READERS[field]
    if isinstance(row, Mapping):
        return _first(row, _VALUE_NAMES[field], read)
    return read(row[index]) if index < len(row) else None


# Quotes ---------------------------------------------------------------------------------------------------------------


def listed(body: object, source: str, heard: datetime) -> list[Quote] | None:
    """Every readable row of a list, in its order; None where there is no list."""
    rows = body if isinstance(body, list) else _entry(body, "data")
    if not isinstance(rows, list):
        return None
    return [quote for row in rows if (quote := one(row, source, heard))]


def one(row: object, source: str, heard: datetime) -> Quote | None:
    """One coin as get_asset_list, all_coins or get_coin describes it; None without a symbol."""
    if not isinstance(row, dict):
        return None
    row = _lowered(row)
    asset = _asset(row)
    if asset is None:
        return None
    priced = asset.symbol != WHOLE_MARKET
    price = _first(row, ("last_price_usd", "price_usd"), _above_zero) if priced else None
    supply = _first(row, ("supply", "circulating_supply"), _above_zero)
    at = moment(row.get("last_update"))
    return Quote(
        asset=asset,
        price=price,
        at=min(at, heard) if at else heard,
        fetched_at=heard,
        source=source,
        change_1h=_change(row, "1h"),
        change_24h=_change(row, "1d"),
        change_7d=_change(row, "7d"),
        change_30d=_change(row, "30d"),
        low_24h=_above_zero(row.get("price_low_24_usd")),
        high_24h=_above_zero(row.get("price_high_24_usd")),
        cap=_cap(row, price, supply),
        volume_24h=_first(row, ("volume_24_usd", "last_volume_24_usd"), _not_below_zero),
        supply=supply,
        max_supply=_first(row, ("max_supply", "total_supply"), _above_zero),
    )


def _asset(row: Mapping[str, object]) -> Asset | None:
    symbol = text(row.get("symbol")).upper()
    if not symbol:
        return None
    ticker = text(row.get("display_symbol")).upper() or symbol
    rank = number(row.get("market_cap_rank"))
    return Asset(
        symbol=Symbol(symbol),
        ticker=ticker,
        name=text(row.get("name")) or text(row.get("coin_name")) or ticker,
        slug=text(row.get("slug")) or text(row.get("shortname")),
        aliases=_aliases(row.get("aliases")),
        rank=int(rank) if rank is not None and 1 <= rank < 10**6 else None,
    )


def _aliases(value: object) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(alias for part in parts[:20] if (alias := text(part)))


def _change(row: Mapping[str, object], span: str) -> Decimal | None:
    found = number(row.get(f"price_change_{span}_percent"))
    return found if found is not None and found >= -100 else None


def _cap(row: Mapping[str, object], price: Decimal | None, supply: Decimal | None) -> Decimal | None:
    said = _first(row, ("last_market_cap_usd", "market_cap_usd"), _above_zero)
    if said is None and price is not None and supply is not None:
        return EXACT.multiply(price, supply)
    return said


def picked(quotes: Sequence[Quote], symbols: Sequence[Symbol]) -> dict[Symbol, Quote]:
    """For each of `symbols` its own row; else, of those that show it as their ticker, the largest by cap."""
    shown: dict[str, Quote] = {}
    own: dict[str, Quote] = {}
    for quote in sorted(quotes, key=lambda quote: -(quote.cap or 0)):
        own.setdefault(quote.asset.symbol, quote)
        shown.setdefault(quote.asset.ticker, quote)
    found = {symbol: own.get(symbol.upper()) or shown.get(symbol.upper()) for symbol in symbols}
    return {symbol: quote for symbol, quote in found.items() if quote}


def ranked(quotes: Sequence[Quote]) -> list[Quote]:
    """Best rank first, each symbol once; those without a rank after, by cap."""
    last = 10**6
    once = {quote.asset.symbol: quote for quote in reversed(quotes)}
    return sorted(once.values(), key=lambda quote: (quote.asset.rank or last, -(quote.cap or 0)))
