"""The picture of one series: line and area, or bars for a volume. Imports matplotlib: only the worker may import it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import groupby, pairwise
from statistics import median

from bot.charts import sheet
from bot.charts.border import Column
from bot.charts.canvas import Canvas, Dots
from bot.charts.sheet import FLAT, FLOOR, LEFT, SHEET, Frame, color_of, margin_of
from bot.charts.ticks import price_text, short_text, value_labels
from bot.domain.assets import Symbol
from bot.domain.errors import Unavailable
from bot.domain.money import percent_change
from bot.domain.prices import Field, Period, Point, Series

VOLUME_HEIGHT = 70
MOST_BARS = 120
HOLE = 10
"""So many times the usual distance between two samples is a gap, also where the source does not say so."""

Known = list[tuple[float, Decimal]]


@dataclass(frozen=True)
class Shape:
    """The samples of a column, as what is drawn: times in Unix seconds, values exact."""

    column: Column

    @cached_property
    def samples(self) -> list[tuple[float, Decimal | None]]:
        times = self.column.times_us()
        lines = self.column.lines()
        return [(at / 1e6, Decimal(line) if line else None) for at, line in zip(times, lines, strict=True)]

    @cached_property
    def known(self) -> Known:
        return [(at, value) for at, value in self.samples if value is not None]

    @cached_property
    def runs(self) -> list[Known]:
        """Samples without a gap between them."""
        usual = median([after - before for (before, _), (after, _) in pairwise(self.samples)] or [0])
        runs: list[Known] = []
        previous: float | None = None
        for at, value in self.samples:
            if value is None:
                previous = None
                continue
            if previous is None or at - previous > HOLE * usual:
                runs.append([])
            runs[-1].append((at, value))
            previous = at
        return runs

    @cached_property
    def lowest(self) -> Decimal:
        return min(value for _, value in self.known)

    @property
    def change(self) -> Decimal | None:
        return percent_change(self.known[0][1], self.known[-1][1]) if len(self.known) > 1 else None

    @property
    def color(self) -> str:
        return color_of(self.change)

    @property
    def is_volume(self) -> bool:
        return self.column.field == Field.VOLUME

    def told(self, value: Decimal) -> str:
        return price_text(value) if self.column.field == Field.PRICE else short_text(value)


def _around(shape: Shape, *, room_below: bool) -> Frame:
    values = [value for _, value in shape.known]
    low, high = min([*values, Decimal(0)] if shape.is_volume else values), max(values)
    margin = margin_of(low, high)
    below = Decimal(0) if shape.is_volume else margin * (Decimal("0.30") if room_below else Decimal("0.12"))
    first_s, last_s = shape.samples[0][0], shape.samples[-1][0]
    still_s = 1800 if first_s == last_s else 0
    return Frame(first_s - still_s, last_s + still_s, low - below, high + margin * Decimal("0.12"))


def draw(column: Column, *, title: str, zone: str, volume: Column | None = None) -> bytes:
    """A PNG. Raises Unavailable("chart.no_data") where no sample has a value."""
    shape, below = Shape(column), Shape(volume) if volume else None
    if not shape.known:
        raise Unavailable("chart.no_data")
    canvas = Canvas(SHEET)
    last = shape.told(shape.known[-1][1])
    frame = _around(shape, room_below=bool(below))
    labels = [label for label in value_labels(frame.low, frame.high) if label[0] >= min(shape.lowest, Decimal(0))]
    frame = replace(frame, right=sheet.right_edge(canvas, labels, last))
    place = sheet.place_of(zone)
    sheet.value_axis(canvas, frame, labels, frame.y(shape.known[-1][1]))
    sheet.time_axis(canvas, frame, place)
    if below and below.known:
        _volume(canvas, below, frame)
    (_bars if shape.is_volume else _line)(canvas, shape, frame)
    sheet.header(canvas, title, f"${last}", shape.change)
    if below and below.known:
        sheet.legend(canvas, LEFT, f"${short_text(below.known[-1][1])}", FLAT)
    sheet.source(canvas, shape.column.source, shape.known[-1][0], place)
    _tag(canvas, shape, frame, last)
    return canvas.png()


def _line(canvas: Canvas, shape: Shape, frame: Frame) -> None:
    runs = [_dots(frame, run) for run in shape.runs]
    canvas.area(runs, FLOOR, shape.color, alpha=0.42)
    for run in runs:
        if len(run) == 1:
            canvas.dot(*run[0], shape.color, radius=3)
            continue
        canvas.line(run, shape.color, width=9, alpha=0.13)
        canvas.line(run, shape.color, width=2.6)
    _extremes(canvas, shape, frame)


def _extremes(canvas: Canvas, shape: Shape, frame: Frame) -> None:
    low, high = min(shape.known, key=_value), max(shape.known, key=_value)
    if low[1] == high[1]:
        return
    for (at_s, value), away in ((high, 17), (low, -19)):
        sheet.marked(canvas, frame.x(at_s), frame.y(value), away, frame.right, shape.told(value))


def _bars(canvas: Canvas, shape: Shape, frame: Frame) -> None:
    _upright(canvas, shape.known, frame, frame.y, color=shape.color, alpha=0.8)


def _volume(canvas: Canvas, volume: Shape, frame: Frame) -> None:
    known = [(at, value) for at, value in volume.known if frame.first_s <= at <= frame.last_s]
    most = max((value for _, value in known), default=Decimal(0))
    if most > 0:
        _upright(canvas, known, frame, lambda value: FLOOR + float(value / most) * VOLUME_HEIGHT, color=FLAT, alpha=0.3)


def _tag(canvas: Canvas, shape: Shape, frame: Frame, text: str) -> None:
    at_s, value = shape.known[-1]
    x, y = frame.x(at_s), frame.y(value)
    if not shape.is_volume:
        canvas.dot(x, y, shape.color, radius=12, alpha=0.22)
        canvas.dot(x, y, shape.color, radius=5.5)
    sheet.tag(canvas, frame, x, y, text, shape.color)


def _dots(frame: Frame, run: Known) -> Dots:
    return [(frame.x(at), frame.y(value)) for at, value in run]


def _upright(
    canvas: Canvas, samples: Known, frame: Frame, tall: Callable[[Decimal], float], *, color: str, alpha: float
) -> None:
    """Bars, at most so many: each shows the last sample of its share of the time."""
    count = min(MOST_BARS, len(samples))
    bar_s = (frame.last_s - frame.first_s) / count
    shares = groupby(samples, key=lambda sample: min(int((sample[0] - frame.first_s) / bar_s), count - 1))
    dots = [(frame.x(frame.first_s + (share + 0.5) * bar_s), tall(list(some)[-1][1])) for share, some in shares]
    canvas.bars(dots, FLOOR, color, width=(frame.right - LEFT) / count * 0.66, alpha=alpha)


def draw_sample() -> bytes:
    """A picture for nobody: once it is drawn, everything a picture needs is loaded."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    points = [Point(start + timedelta(hours=hour), Decimal(100 + hour % 5)) for hour in range(48)]
    series = Series(Symbol("BTC"), Period.DAY, Field.PRICE, points, start, "")
    return draw(Column.of(series), title="BTC", zone="UTC")


def _value(sample: tuple[float, Decimal]) -> Decimal:
    return sample[1]
