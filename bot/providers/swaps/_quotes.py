"""Changelly's limits and quotes as the desk's: what arrives is always after the network fee, taken off exactly once."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from bot.domain.money import EXACT
from bot.domain.orders import plain
from bot.domain.swaps import RateKind, SwapLimits, SwapQuote
from bot.providers.swaps._fields import Row, instant, number, positive, rows, text


def limits(row: Row) -> SwapLimits:
    return SwapLimits(
        positive(row.get("minFrom")) or positive(row.get("min")),
        positive(row.get("maxFrom")) or positive(row.get("max")),
    )


def pair_limits(row: Row, kind: RateKind) -> SwapLimits:
    """Of getPairsParams."""
    ending = "Fixed" if kind is RateKind.FIXED else "Float"
    return SwapLimits(positive(row.get(f"minAmount{ending}")), positive(row.get(f"maxAmount{ending}")))


def of_pair(content: object, source: str, target: str) -> Row | None:
    """The row of this pair: a list leaves out what it does not know, so that places in it say nothing."""
    found = rows(content if isinstance(content, list) else [content]) or []
    return next((row for row in found if _is(row, "from", source) and _is(row, "to", target)), None)


def _is(row: Row, name: str, ticker: str) -> bool:
    return text(row.get(name)).lower() == ticker


def float_quote(row: Row, source: str, target: str, amount: Decimal, at: datetime) -> SwapQuote | None:
    """v2: `amountTo` is before the network fee."""
    gross, fee = number(row.get("amountTo")), number(row.get("networkFee"))
    if gross is None or not _same_amount(row.get("amountFrom"), amount):
        return None
    return _quote(row, RateKind.FLOAT, source, target, amount, at, gross=gross, fee=fee)


def fixed_quote(row: Row, source: str, target: str, amount: Decimal, at: datetime) -> SwapQuote | None:
    """`result` is a rate. `amountTo` was after the network fee where it could be checked, though before it elsewhere:
    whichever of the two it is nearer to, so that the fee goes off once.
    """
    told, fee, rate = number(row.get("amountTo")), number(row.get("networkFee")), positive(row.get("result"))
    rate_id, expires_at = text(row.get("id")), instant(row.get("expiredAt"))
    if told is None or not rate_id or expires_at is None or not _same_amount(row.get("amountFrom"), amount):
        return None
    gross = told
    if fee is not None and rate is not None:
        before = EXACT.multiply(amount, rate)
        is_net = abs(told - (before - fee)) <= abs(told - before)
        gross = plain(EXACT.add(told, fee)) if is_net else told
    quote = _quote(row, RateKind.FIXED, source, target, amount, at, gross=gross, fee=fee if rate is not None else None)
    return replace(quote, rate=rate or quote.rate, rate_id=rate_id, expires_at=expires_at)


def old_quote(row: Row, source: str, target: str, amount: Decimal, at: datetime) -> SwapQuote | None:
    """v1: whether `result` is before or after the network fee is told differently; its own sum decides it."""
    result, fee = number(row.get("result")), number(row.get("networkFee"))
    visible, cut = number(row.get("visibleAmount")), number(row.get("fee"))
    if result is None or not _same_amount(row.get("amount"), amount):
        return None
    if visible is None or cut is None or fee is None:
        return _quote(row, RateKind.FLOAT, source, target, amount, at, gross=result, fee=None)
    after_fee = abs(visible - cut - fee - result) < abs(visible - cut - result)
    gross = plain(EXACT.add(result, fee)) if after_fee else result
    return _quote(row, RateKind.FLOAT, source, target, amount, at, gross=gross, fee=fee)


def bare_quote(content: object, source: str, target: str, amount: Decimal, at: datetime) -> SwapQuote | None:
    """v1's answer to a single question: nothing but the amount, and no word whether the network fee is off it."""
    gross = number(content)
    return None if gross is None else _quote({}, RateKind.FLOAT, source, target, amount, at, gross=gross, fee=None)


def _quote(
    row: Row,
    kind: RateKind,
    source: str,
    target: str,
    amount: Decimal,
    at: datetime,
    *,
    gross: Decimal,
    fee: Decimal | None,
) -> SwapQuote:
    return SwapQuote(
        source=source,
        target=target,
        kind=kind,
        amount=amount,
        fetched_at=at,
        gross=gross,
        network_fee=fee,
        net=plain(EXACT.subtract(gross, fee)) if fee is not None else None,
        rate=EXACT.divide(gross, amount),
        limits=limits(row),
    )


def _same_amount(told: object, amount: Decimal) -> bool:
    """What is left out is no contradiction."""
    found = number(told)
    return found is None or found == amount
