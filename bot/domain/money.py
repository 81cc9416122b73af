"""Exact amounts: Decimal from text, one asset at a time, rounding only where it is named."""

import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Context, Decimal

from bot.domain.errors import UserMistake
from bot.domain.words import legible

EXACT = Context(prec=60)
"""Wide enough for the product of two amounts of 12 + 18 digits, so that nothing is rounded unasked."""

_PLAIN = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,18})?", re.ASCII)
_TYPED = re.compile(r"\$?(?P<number>[0-9]{1,15}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(?P<unit>[kKmMbB]?)", re.ASCII)
_GROUPED = re.compile(r"\$?[0-9]{1,3}(?:(?:,[0-9]{3}){2,5}(?:\.[0-9]{1,18})?|,[0-9]{3}\.[0-9]{1,18})", re.ASCII)
_AMBIGUOUS = re.compile(r"(?P<head>[0-9]{1,15}),(?P<tail>[0-9]{1,18})", re.ASCII)
_UNITS = {"": 0, "k": 3, "m": 6, "b": 9}


def exact(text: str) -> Decimal:
    """A stored or vendor's plain decimal. Raises ValueError on all else: exponents, signs, spaces, other digits."""
    if not _PLAIN.fullmatch(text):
        raise ValueError("not a plain decimal")
    return Decimal(text)


def typed(text: str) -> Decimal:
    """An amount as people type it: `100`, `$100`, `1.5k`, `10M`, `1,234,567.8`, `1,500.5`. Positive.

    A lone comma with no fraction behind could be a thousands sign or a decimal one: UserMistake with both readings as
    suggestions' values.
    """
    text = legible(text)
    if lone := _AMBIGUOUS.fullmatch(text):
        head, tail = lone["head"], lone["tail"]
        raise UserMistake("amount.ambiguous", typed=text, thousands=head + tail, fraction=f"{head}.{tail}")
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    match = _TYPED.fullmatch(text)
    value = Decimal(match["number"]).scaleb(_UNITS[match["unit"].lower()], EXACT) if match else Decimal(0)
    if value <= 0:
        raise UserMistake("amount.unreadable", typed=text[:40])
    return value


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of one asset. `asset` is a symbol or a currency code; arithmetic across assets raises."""

    value: Decimal
    asset: str

    def __post_init__(self) -> None:
        if not isinstance(self.value, Decimal):
            raise TypeError("an amount is a Decimal, made from text")

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(EXACT.add(self.value, self._same(other)), self.asset)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(EXACT.subtract(self.value, self._same(other)), self.asset)

    def __lt__(self, other: "Amount") -> bool:
        return self.value < self._same(other)

    def at(self, price: Decimal, asset: str) -> "Amount":
        """What this is worth in `asset`, at `price` of one unit in that asset; exact, unrounded."""
        return Amount(EXACT.multiply(self.value, price), asset)

    def down_to(self, step: Decimal) -> "Amount":
        """Toward zero, onto a whole number of steps: never more than was had."""
        return Amount(_to_step(self.value, step, ROUND_DOWN), self.asset)

    def up_to(self, step: Decimal) -> "Amount":
        """Away from zero, onto a whole number of steps."""
        return Amount(_to_step(self.value, step, ROUND_UP), self.asset)

    def _same(self, other: "Amount") -> Decimal:
        if other.asset != self.asset:
            raise TypeError(f"{self.asset} and {other.asset} do not add")
        return other.value


def _to_step(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    if step <= 0:
        raise ValueError("a step is above zero")
    steps = EXACT.divide(value, step).to_integral_value(rounding=rounding)
    return EXACT.multiply(steps, step)


def percent_change(before: Decimal, after: Decimal) -> Decimal | None:
    """In percent, not as a fraction; None where there is nothing to compare with."""
    return EXACT.divide((after - before) * 100, before) if before else None
