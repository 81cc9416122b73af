"""The market in a few lines: what a summary tells, as plain values that can be kept and told again later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from bot.domain.assets import Asset, Symbol
from bot.domain.prices import MarketTotals, Quote

MAJORS, EXTREMES = 5, 3


@dataclass(frozen=True, slots=True)
class Summary:
    """`best` and `worst` by their change in 24 hours; `risers` of the `counted` largest coins rose in that time."""

    totals: MarketTotals
    majors: Sequence[Quote]
    best: Sequence[Quote]
    worst: Sequence[Quote]
    risers: int
    counted: int
    stale: bool = False


def summary_of(totals: MarketTotals, largest: Sequence[Quote], *, stale: bool) -> Summary:
    """`largest`: by cap. A coin that moves less than half a percent a week is pegged to another, and is no major."""
    moving = [quote for quote in largest if not _is_pegged(quote)]
    changed = sorted(
        ((_change(quote), quote) for quote in moving if quote.change_24h is not None), key=lambda one: one[0]
    )
    return Summary(
        totals,
        moving[:MAJORS],
        [quote for change, quote in reversed(changed[-EXTREMES:]) if change > 0],
        [quote for change, quote in changed[:EXTREMES] if change < 0],
        sum(change > 0 for change, _ in changed),
        len(changed),
        stale,
    )


def as_values(summary: Summary) -> dict[str, object]:
    """Plain JSON values, amounts as text."""
    totals = summary.totals
    return {
        "cap": _text(totals.cap),
        "cap_change": _text(totals.cap_change_24h),
        "volume": _text(totals.volume_24h),
        "dominance": {name: str(part) for name, part in totals.dominance.items()},
        "at": totals.at.timestamp(),
        "fetched_at": totals.fetched_at.timestamp(),
        "source": totals.source,
        **{name: [_row(quote) for quote in getattr(summary, name)] for name in ("majors", "best", "worst")},
        "risers": summary.risers,
        "counted": summary.counted,
        "stale": summary.stale,
    }


def from_values(values: Mapping[str, object]) -> Summary:
    """The inverse of as_values. What is missing is not known."""
    at, fetched_at = (_moment(values.get(name)) for name in ("at", "fetched_at"))
    dominance, source = values.get("dominance"), str(values.get("source", ""))
    totals = MarketTotals(
        cap=_number(values.get("cap")),
        cap_change_24h=_number(values.get("cap_change")),
        volume_24h=_number(values.get("volume")),
        dominance={str(name): Decimal(str(part)) for name, part in dominance.items()}
        if isinstance(dominance, dict)
        else {},
        at=at,
        fetched_at=fetched_at,
        source=source,
    )
    majors, best, worst = (_quotes(values.get(name), source) for name in ("majors", "best", "worst"))
    risers, counted = (int(str(values.get(name, 0))) for name in ("risers", "counted"))
    return Summary(totals, majors, best, worst, risers, counted, stale=bool(values.get("stale")))


_PEGGED_PERCENT = Decimal("0.5")


def _is_pegged(quote: Quote) -> bool:
    changes = (quote.change_24h, quote.change_7d)
    return all(change is not None and abs(change) < _PEGGED_PERCENT for change in changes)


def _change(quote: Quote) -> Decimal:
    return quote.change_24h or Decimal(0)


def _text(value: Decimal | None) -> str:
    return "" if value is None else format(value, "f")


def _moment(seconds: object) -> datetime:
    return datetime.fromtimestamp(float(str(seconds or 0)), UTC)


def _number(text: object) -> Decimal | None:
    return Decimal(str(text)) if text else None


def _row(quote: Quote) -> list[object]:
    asset = quote.asset
    figures = [_text(quote.price), _text(quote.change_24h), quote.at.timestamp()]
    return [asset.symbol, asset.ticker, asset.name, asset.rank, *figures]


def _quotes(rows: object, source: str) -> list[Quote]:
    return [_quote(*row, source=source) for row in rows] if isinstance(rows, list) else []


def _quote(
    symbol: str, ticker: str, name: str, rank: int | None, price: str, change: str, at: float, *, source: str
) -> Quote:
    moment = _moment(at)
    asset = Asset(Symbol(symbol), ticker, name, rank=rank)
    return Quote(asset, _number(price), moment, moment, source, change_24h=_number(change))
