"""The picture of a book: what could be sold and bought up to each price. Imports matplotlib: only the worker may."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import accumulate

from bot.charts import sheet
from bot.charts.border import Book
from bot.charts.canvas import WIDTH, Canvas, Dots
from bot.charts.sheet import DOWN, FLAT, FLOOR, LEFT, MUTED, RULE, SHEET, TOP, UP
from bot.charts.ticks import percent_text, price_text, short_text, value_labels
from bot.domain.errors import Unavailable
from bot.domain.money import EXACT

Offers = list[tuple[Decimal, Decimal]]
MOST_PRICES = 5


@dataclass(frozen=True)
class Shape:
    """`bids` and `asks`: price and the sum of amounts up to it, best first."""

    book: Book

    @cached_property
    def bids(self) -> Offers:
        return _summed(sorted(self.book.side("bids"), reverse=True))

    @cached_property
    def asks(self) -> Offers:
        return _summed(sorted(self.book.side("asks")))

    @cached_property
    def middle(self) -> Decimal:
        """Between the best two; where one side is empty, the other side's best."""
        best = [side[0][0] for side in (self.bids, self.asks) if side]
        return EXACT.divide(sum(best, Decimal(0)), Decimal(len(best)))

    @property
    def spread(self) -> Decimal | None:
        """In percent of the middle."""
        if not self.bids or not self.asks:
            return None
        return EXACT.divide((self.asks[0][0] - self.bids[0][0]) * 100, self.middle)

    @cached_property
    def reach(self) -> Decimal:
        """As far to both sides as the shorter one goes, so that the two can be compared.

        What is nearer than a millionth is not seen as a distance: there rounding would be drawn, not prices.
        """
        far = [abs(side[-1][0] - self.middle) for side in (self.bids, self.asks) if side]
        return min((each for each in far if each > self.middle / 10**6), default=self.middle / 100)

    @cached_property
    def most(self) -> Decimal:
        """The largest sum that is seen."""
        seen = [total for side in (self.bids, self.asks) for price, total in side if self.shows(price)]
        return max(seen)

    def shows(self, price: Decimal) -> bool:
        return abs(price - self.middle) <= self.reach


@dataclass(frozen=True)
class Plot:
    """From price and amount to pixels."""

    shape: Shape
    right: float

    def x(self, price: Decimal) -> float:
        share = (price - self.shape.middle + self.shape.reach) / (2 * self.shape.reach)
        return LEFT + float(share) * (self.right - LEFT)

    def y(self, amount: Decimal) -> float:
        return FLOOR + float(amount / (self.shape.most * Decimal("1.08"))) * (TOP - FLOOR)


def draw(book: Book, *, title: str, zone: str) -> bytes:
    """A PNG. Raises Unavailable("chart.no_data") where there are no offers."""
    shape = Shape(book)
    if not shape.bids and not shape.asks:
        raise Unavailable("chart.no_data")
    canvas, labels = Canvas(SHEET), value_labels(Decimal(0), shape.most)
    plot = Plot(shape, WIDTH - 40 - max(canvas.width_of(text, size=19) for _, text in labels))
    for amount, text in labels:
        y = plot.y(amount)
        canvas.line([(LEFT, y), (plot.right, y)], RULE, width=1.2)
        canvas.text(plot.right + 14, y, text, size=19, color=MUTED)
    for price, text in value_labels(shape.middle - shape.reach, shape.middle + shape.reach, MOST_PRICES):
        sheet.below(canvas, plot.x(price), plot.right, text)
    _side(canvas, plot, shape.bids, UP)
    _side(canvas, plot, shape.asks, DOWN)
    x = plot.x(shape.middle)
    canvas.line([(x, FLOOR), (x, TOP)], FLAT, width=1.6, alpha=0.7, dashed=True)
    spread = "" if shape.spread is None else f"↔ {percent_text(shape.spread).lstrip('+')}"
    sheet.heading(canvas, title, f"{price_text(shape.middle)} {book.quote}", spread, FLAT)
    after = sheet.legend(canvas, LEFT, _total(shape.bids, book), UP)
    sheet.legend(canvas, after, _total(shape.asks, book), DOWN)
    sheet.source(canvas, book.source, book.at_us / 1e6, sheet.place_of(zone))
    return canvas.png()


def _side(canvas: Canvas, plot: Plot, offers: Offers, color: str) -> None:
    """A stair from the middle outward; what lies beyond the edge is cut there."""
    seen = [(price, total) for price, total in offers if plot.shape.shows(price)]
    if not seen:
        return
    stair: list[tuple[float, float]] = [(plot.x(seen[0][0]), FLOOR)]
    for price, total in seen:
        x = plot.x(price)
        stair += [(x, stair[-1][1]), (x, plot.y(total))]
    outward = 1 if offers is plot.shape.asks else -1
    stair.append((plot.x(plot.shape.middle + outward * plot.shape.reach), stair[-1][1]))
    run: Dots = stair if outward > 0 else stair[::-1]
    canvas.area([run], FLOOR, color, alpha=0.5)
    canvas.line(run, color, width=9, alpha=0.13)
    canvas.line(run, color, width=2.6)


def _total(offers: Offers, book: Book) -> str:
    return f"{short_text(offers[-1][1]) if offers else '0'} {book.base}"


def _summed(offers: Offers) -> Offers:
    totals = accumulate(amount for _, amount in offers)
    return list(zip((price for price, _ in offers), totals, strict=True))
