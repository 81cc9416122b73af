"""Numbers as people read them: one set of rules, with each language's own separators and units."""

from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from typing import NamedTuple, TypeGuard

from babel import Locale

UNKNOWN = "—"

# Beyond this a vendor's figure is an accident, and writing it out would fill the message: it counts as unknown.
_MOST_DIGITS = 40
_MANY_ZEROS = 4
_ROUNDS_TO_TEN = Decimal("9.99995")
_THREE = Context(prec=3, rounding=ROUND_HALF_EVEN)
_FOUR = Context(prec=4, rounding=ROUND_HALF_EVEN)
_SIX_DOWN = Context(prec=6, rounding=ROUND_DOWN)
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def known(value: Decimal | None) -> TypeGuard[Decimal]:
    """Whether there is a figure that can be shown: finite, and of a size that prices and supplies can have."""
    if value is None or not value.is_finite():
        return False
    return not value or -_MOST_DIGITS <= value.adjusted() < _MOST_DIGITS


class _Unit(NamedTuple):
    shift: int
    prefix: str
    suffix: str


class Numbers:
    """Compiled once from Babel's data for a language; every method takes None and answers "—" to it."""

    def __init__(self, locale: Locale) -> None:
        symbols = locale.number_symbols["latn"]
        if locale.decimal_formats[None].grouping != (3, 3):
            raise ValueError(f"{locale} does not group digits by threes: Numbers must learn that first")
        native = {",": symbols["group"], ".": symbols["decimal"], "-": symbols["minusSign"], "+": symbols["plusSign"]}
        self._native = None if all(k == v for k, v in native.items()) else str.maketrans(native)
        percent = locale.percent_formats[None]
        self._percent: tuple[str, str] = (percent.prefix[0], percent.suffix[0].replace("%", symbols["percentSign"]))
        self._units = tuple(_units(locale))

    def price(self, value: Decimal | None) -> str:
        """Two decimals, four under 10, four significant digits under 1; never scientific."""
        return self._price(value) if known(value) else UNKNOWN

    def price_short(self, value: Decimal | None) -> str:
        """As `price`, with many zeros counted: 0.0₆1834 for 0.0000001834. For lists; `amount` has the full figure."""
        if not known(value):
            return UNKNOWN
        if value.adjusted() >= -_MANY_ZEROS or not value:
            return self._price(value)
        value = _FOUR.plus(value)
        if not has_many_zeros(value):
            return self._price(value)
        sign, digits, _ = value.as_tuple()
        figures = "".join(map(str, digits)).ljust(4, "0")
        zeros = str(-value.adjusted() - 1).translate(_SUBSCRIPT)
        return self._written(f"{'-' if sign else ''}0.0") + zeros + figures

    def usd(self, value: Decimal | None) -> str:
        """`price_short` in dollars. "$" in every language: it is what the coin world writes, and shorter than US$."""
        return _dollars(self.price_short(value))

    def cap(self, value: Decimal | None) -> str:
        """Dollars by `compact`."""
        return _dollars(self.compact(value))

    def compact(self, value: Decimal | None) -> str:
        """Three significant digits and the language's own short units: 1.33T, in Chinese 1.33万亿 (万, 亿, 万亿)."""
        if not known(value):
            return UNKNOWN
        rounded = _THREE.plus(value)
        if not rounded:
            return "0"
        size = rounded.adjusted()
        if size < 0:
            return self.price_short(value)
        unit = self._units[min(size, len(self._units) - 1)]
        head = rounded.scaleb(-unit.shift, _THREE)
        return unit.prefix + self._written(f"{head:.{max(0, 2 - head.adjusted())}f}") + unit.suffix

    def percent(self, value: Decimal | None) -> str:
        """A change in percent: ▲ +2.14%. Nothing at two decimals is 0.00% without sign or arrow."""
        if not known(value):
            return UNKNOWN
        text = f"{value:+,.2f}"
        prefix, suffix = self._percent
        if text in {"+0.00", "-0.00"}:
            return prefix + self._written("0.00") + suffix
        # A no-break space: a narrow screen must not part the arrow from its figure.
        return f"{'▲' if text[0] == '+' else '▼'}\u00a0{prefix}{self._written(text)}{suffix}"

    def share(self, value: Decimal | None) -> str:
        """A part of a whole in percent, one decimal, without sign: 54.3%."""
        if not known(value):
            return UNKNOWN
        prefix, suffix = self._percent
        return prefix + self._written(f"{value:z,.1f}") + suffix

    def amount(self, value: Decimal | None) -> str:
        """Exact, without separators, with a point in every language: it can be pasted back as it stands."""
        if not known(value):
            return UNKNOWN
        return f"{value:f}" if value else "0"

    def approx(self, value: Decimal | None) -> str:
        """≈ and six significant digits, rounded toward zero: never more than it is."""
        if not known(value):
            return UNKNOWN
        cut = _SIX_DOWN.plus(value)
        text = f"{cut:,f}"
        return f"≈ {self._written(text.rstrip('0').rstrip('.') if '.' in text else text)}"

    def count(self, number: int) -> str:
        """A whole number with separators."""
        return self._written(f"{number:,}")

    def _price(self, value: Decimal) -> str:
        size = abs(value)
        if size >= 1:
            # What rounding lifts to ten is written as ten is
            return self._written(f"{value:,.4f}" if size < _ROUNDS_TO_TEN else f"{value:,.2f}")
        value = _FOUR.plus(value)
        if not value:
            return self._written("0.00")
        return self._written(f"{value:.{max(4, 3 - value.adjusted())}f}")

    def _written(self, text: str) -> str:
        return text if self._native is None else text.translate(self._native)


def has_many_zeros(value: Decimal | None) -> bool:
    """Whether `price_short` counts this price's zeros instead of writing them."""
    return known(value) and bool(value) and value.adjusted() < -_MANY_ZEROS


def _dollars(text: str) -> str:
    if text == UNKNOWN:
        return text
    return f"{text[0]}${text[1:]}" if text[0] in "-−" else f"${text}"


def _units(locale: Locale) -> Iterator[_Unit]:
    """One unit for each power of ten from 0 up, from patterns such as 00M: two zeros stand for two digits."""
    patterns = locale.compact_decimal_formats["short"]["other"]
    yield from (_Unit(0, "", ""),) * 3
    for exponent in range(3, len(patterns) + 3):
        pattern = patterns[str(10**exponent)]
        prefix, suffix = (affix.replace("'", "") for affix in (pattern.prefix[0], pattern.suffix[0]))
        shown = pattern.pattern.count("0")
        yield _Unit(exponent - shown + 1 if prefix or suffix else 0, prefix, suffix)
