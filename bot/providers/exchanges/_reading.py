"""ccxt's dictionaries as the desk's own types. What cannot be read is None or left out, never a guess."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.domain.orders import Candle, Depth, Holding, Order, OrderState, Side, Ticker, Trade, Wallet
from bot.providers.exchanges._dialect import Dialect, Params

_STATES = {
    "open": OrderState.OPEN,
    "canceling": OrderState.OPEN,
    "closed": OrderState.FILLED,
    "canceled": OrderState.CANCELED,
    "rejected": OrderState.REJECTED,
    "expired": OrderState.EXPIRED,
}
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
_SECRETIVE = re.compile(r"sign|secret|passphrase|password|token|api_?key|access_?key|auth", re.IGNORECASE)
_LONGEST_TEXT = 200
_MOST_LEAVES = 200
_LARGEST = 60


def number(value: object) -> Decimal | None:
    """A finite decimal of sane size."""
    if value is None or isinstance(value, bool):
        return None
    try:
        found = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) < _LARGEST else None


def at(value: object) -> datetime | None:
    """From milliseconds since 1970."""
    if not isinstance(value, int | float | Decimal) or isinstance(value, bool) or not 0 < value < 4_102_444_800_000:
        return None
    return datetime.fromtimestamp(int(value) / 1000, UTC)


def milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def ticker(found: Mapping[str, Any], exchange: str, heard: datetime) -> Ticker:
    return Ticker(
        exchange=exchange,
        symbol=str(found["symbol"]),
        fetched_at=heard,
        last=number(found.get("last")),
        bid=number(found.get("bid")),
        ask=number(found.get("ask")),
        high_24h=number(found.get("high")),
        low_24h=number(found.get("low")),
        change_24h=number(found.get("percentage")),
        volume_base=number(found.get("baseVolume")),
        volume_quote=number(found.get("quoteVolume")),
        at=at(found.get("timestamp")),
    )


def candles(rows: Iterable[Sequence[Any]]) -> list[Candle]:
    found = []
    for row in rows:
        begins, values = at(row[0]), [number(value) for value in row[1:6]]
        if begins is not None and len(values) == 5 and all(value is not None for value in values):
            found.append(Candle(begins, *(value for value in values if value is not None)))
    return sorted(found, key=lambda candle: candle.at)


def trades(rows: Iterable[Mapping[str, Any]]) -> list[Trade]:
    found = [trade for row in rows if (trade := _trade(row)) is not None]
    return sorted(found, key=lambda trade: trade.at)


def _trade(row: Mapping[str, Any]) -> Trade | None:
    price, amount, when = number(row.get("price")), number(row.get("amount")), at(row.get("timestamp"))
    if price is None or amount is None or when is None:
        return None
    fee, asset = _fee(row)
    return Trade(
        id=str(row.get("id") or ""),
        at=when,
        side=_SIDES.get(str(row.get("side"))),
        price=price,
        amount=amount,
        symbol=str(row.get("symbol") or ""),
        order_id=str(row.get("order") or ""),
        fee=fee,
        fee_asset=asset,
    )


def depth(book: Mapping[str, Any], symbol: str, limit: int, heard: datetime) -> Depth:
    return Depth(symbol, _levels(book["bids"], limit), _levels(book["asks"], limit), heard)


def _levels(rows: Iterable[Sequence[Any]], limit: int) -> tuple[tuple[Decimal, Decimal], ...]:
    pairs = ((number(row[0]), number(row[1])) for row in rows)
    return tuple((price, amount) for price, amount in pairs if price and amount)[:limit]


def holdings(balance: Mapping[str, Any]) -> list[Holding]:
    return [held for asset, row in balance.items() if isinstance(row, Mapping) and (held := _holding(asset, row))]


def _holding(asset: str, row: Mapping[str, Any]) -> Holding | None:
    free, used, total = (number(row.get(name)) for name in ("free", "used", "total"))
    if total is None or asset in {"free", "used", "total", "debt", "info"}:
        return None
    free = total if free is None else free
    used = total - free if used is None else used
    return Holding(asset, free, used, total) if total or used else None


def order(
    found: Mapping[str, Any], dialect: Dialect, secrets: Sequence[str] = (), place: Params | None = None
) -> Order | None:
    """None where there is no id: then nothing is known of any order. `place`: where it was looked for."""
    if not found.get("id"):
        return None
    fee, fee_asset = _fee(found)
    return Order(
        id=str(found["id"]),
        symbol=str(found.get("symbol") or ""),
        state=_STATES.get(str(found.get("status")), OrderState.UNKNOWN),
        client_id=dialect.client_id(found),
        side=_SIDES.get(str(found.get("side"))),
        kind=dialect.kind(found),
        wallet=Wallet.MARGIN if place else dialect.wallet(found),
        price=number(found.get("price")) or None,
        amount=number(found.get("amount")) or None,
        filled=number(found.get("filled")),
        average=number(found.get("average")) or None,
        cost=number(found.get("cost")),
        fee=fee,
        fee_asset=fee_asset,
        at=at(dialect.placed_ms(found)),
        raw=redacted(found.get("info"), secrets),
    )


def _fee(found: Mapping[str, Any]) -> tuple[Decimal | None, str]:
    """The fee and its asset, where it was taken in one asset only."""
    fees = [found.get("fee"), *(found.get("fees") or ())]
    costs = {
        (str(fee.get("currency") or ""), cost)
        for fee in fees
        if isinstance(fee, Mapping) and (cost := number(fee.get("cost"))) is not None
    }
    if len(costs) != 1:
        return None, ""
    asset, cost = costs.pop()
    return cost, asset


def redacted(info: object, secrets: Sequence[str] = ()) -> dict[str, object]:
    """The exchange's own record, of bounded size, without what could sign or open something."""
    rows = info if isinstance(info, Mapping) else dict(enumerate(info)) if isinstance(info, list) else {}
    left = [_MOST_LEAVES]
    return {str(name): _clean(str(name), value, secrets, left) for name, value in list(rows.items())[:_MOST_LEAVES]}


def _clean(name: str, value: object, secrets: Sequence[str], left: list[int]) -> object:
    left[0] -= 1
    if left[0] < 0 or _SECRETIVE.search(name):
        return "…"
    if isinstance(value, Mapping):
        return {str(key): _clean(str(key), each, secrets, left) for key, each in list(value.items())[:_MOST_LEAVES]}
    if isinstance(value, list | tuple):
        return [_clean("", each, secrets, left) for each in value[:_MOST_LEAVES]]
    if value is None or isinstance(value, bool | int):
        return value
    text = str(value)
    return "…" if any(secret and secret in text for secret in secrets) else text[:_LONGEST_TEXT]
