"""The picture of one series: line and area, or bars for a volume. Imports matplotlib: only the worker may import it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import groupby, pairwise
from statistics import median
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.charts.border import Column
from bot.charts.canvas import HEIGHT, WIDTH, Canvas, Dots, drawable
from bot.charts.ticks import Label, moment_text, percent_text, price_text, short_text, time_labels, value_labels
from bot.domain.assets import Symbol
from bot.domain.errors import Unavailable
from bot.domain.money import percent_change
from bot.domain.prices import Field, Period, Point, Series

SHEET, RULE, TEXT, MUTED = "#0d1220", "#1c2438", "#f2f5fb", "#8390aa"
UP, DOWN, FLAT = "#2ee6a0", "#ff5d78", "#7fb2ff"
LEFT, TOP, FLOOR = 36, HEIGHT - 124, 78
"""Edges of the plot; the right one depends on how wide the labels are."""

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
        change = self.change or Decimal(0)
        return UP if change > 0 else DOWN if change < 0 else FLAT

    @property
    def is_volume(self) -> bool:
        return self.column.field == Field.VOLUME

    def told(self, value: Decimal) -> str:
        return price_text(value) if self.column.field == Field.PRICE else short_text(value)


@dataclass(frozen=True)
class Frame:
    """From time and value to pixels. Only here do decimals become floats: a pixel is not money."""

    first_s: float
    last_s: float
    low: Decimal
    high: Decimal
    right: float = WIDTH - LEFT

    @classmethod
    def around(cls, shape: Shape, *, room_below: bool) -> "Frame":
        values = [value for _, value in shape.known]
        low, high = min([*values, Decimal(0)] if shape.is_volume else values), max(values)
        # A flat line lies in the middle, and a difference no one could see counts as none.
        margin = (high - low) if (high - low) > abs(high) * Decimal("1e-12") else abs(high) / 10 or Decimal(1)
        below = Decimal(0) if shape.is_volume else margin * (Decimal("0.30") if room_below else Decimal("0.12"))
        first_s, last_s = shape.samples[0][0], shape.samples[-1][0]
        still_s = 1800 if first_s == last_s else 0
        return cls(first_s - still_s, last_s + still_s, low - below, high + margin * Decimal("0.12"))

    def x(self, at_s: float) -> float:
        return LEFT + (at_s - self.first_s) / (self.last_s - self.first_s) * (self.right - LEFT)

    def y(self, value: Decimal) -> float:
        return FLOOR + float((value - self.low) / (self.high - self.low)) * (TOP - FLOOR)

    def dots(self, run: Known) -> Dots:
        return [(self.x(at), self.y(value)) for at, value in run]


def draw(column: Column, *, title: str, zone: str, volume: Column | None = None) -> bytes:
    """A PNG. Raises Unavailable("chart.no_data") where no sample has a value."""
    shape, below = Shape(column), Shape(volume) if volume else None
    if not shape.known:
        raise Unavailable("chart.no_data")
    canvas = Canvas(SHEET)
    last = shape.told(shape.known[-1][1])
    frame = Frame.around(shape, room_below=bool(below))
    labels = [label for label in value_labels(frame.low, frame.high) if label[0] >= min(shape.lowest, Decimal(0))]
    widest = [canvas.width_of(text, size=19) for _, text in labels]
    frame = replace(frame, right=WIDTH - 40 - max([*widest, canvas.width_of(last, size=21, bold=True)]))
    place = _zone(zone)
    _value_axis(canvas, shape, frame, labels)
    _time_axis(canvas, frame, place)
    if below and below.known:
        _volume(canvas, below, frame)
    (_bars if shape.is_volume else _line)(canvas, shape, frame)
    _header(canvas, shape, title, last)
    _footer(canvas, shape, below, place)
    _tag(canvas, shape, frame, last)
    return canvas.png()


def _header(canvas: Canvas, shape: Shape, title: str, last: str) -> None:
    canvas.text(LEFT, HEIGHT - 38, _short(drawable(title, bold=True)), size=24, color=MUTED, bold=True)
    end = LEFT + canvas.text(LEFT, HEIGHT - 84, f"${last}", size=44, color=TEXT, bold=True)
    if (change := shape.change) is None:
        return
    text = percent_text(change)
    arrow = "" if text == "0.00%" else "▲ " if change > 0 else "▼ "
    width = canvas.width_of(arrow + text, size=25, bold=True)
    canvas.box(end + 20, HEIGHT - 105, width + 28, 42, shape.color, alpha=0.16)
    canvas.text(end + 34, HEIGHT - 84, arrow + text, size=25, color=shape.color, bold=True)


def _value_axis(canvas: Canvas, shape: Shape, frame: Frame, labels: list[Label]) -> None:
    tag_y = frame.y(shape.known[-1][1])
    for value, text in labels:
        y = frame.y(value)
        canvas.line([(LEFT, y), (frame.right, y)], RULE, width=1.2)
        if abs(y - tag_y) > 27:
            canvas.text(frame.right + 14, y, text, size=19, color=MUTED)


def _time_axis(canvas: Canvas, frame: Frame, zone: ZoneInfo) -> None:
    for at_s, text in time_labels(frame.first_s, frame.last_s, zone):
        x, half = frame.x(at_s), canvas.width_of(text, size=19) / 2
        canvas.line([(x, FLOOR), (x, TOP)], RULE, width=1.2)
        if x - half >= LEFT - 4 and x + half <= frame.right + 60:
            canvas.text(x, FLOOR - 24, text, size=19, color=MUTED, at="center")


def _line(canvas: Canvas, shape: Shape, frame: Frame) -> None:
    runs = [frame.dots(run) for run in shape.runs]
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
        x, y, text = frame.x(at_s), frame.y(value), shape.told(value)
        half = canvas.width_of(text, size=18) / 2
        middle = min(max(x, LEFT + half), frame.right - half - 4)
        canvas.box(middle - half - 5, y + away - 12, 2 * half + 10, 24, SHEET, alpha=0.6)
        canvas.dot(x, y, SHEET, radius=6)
        canvas.dot(x, y, TEXT, radius=4)
        canvas.text(middle, y + away, text, size=18, color=TEXT, at="center")


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
    canvas.line([(x, y), (frame.right + 6, y)], shape.color, width=1.6, alpha=0.7, dashed=True)
    if not shape.is_volume:
        canvas.dot(x, y, shape.color, radius=12, alpha=0.22)
        canvas.dot(x, y, shape.color, radius=5.5)
    canvas.box(frame.right + 6, y - 17, canvas.width_of(text, size=21, bold=True) + 18, 34, shape.color)
    canvas.text(frame.right + 15, y, text, size=21, color=SHEET, bold=True)


def _footer(canvas: Canvas, shape: Shape, volume: Shape | None, zone: ZoneInfo) -> None:
    if volume and volume.known:
        canvas.box(LEFT, 17, 8, 16, FLAT, alpha=0.5)
        canvas.text(LEFT + 18, 25, f"${short_text(volume.known[-1][1])}", size=18, color=MUTED)
    told = f"{drawable(shape.column.source)} · {moment_text(shape.known[-1][0], zone)}"
    canvas.text(WIDTH - 24, 25, told, size=18, color=MUTED, at="right")


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


def _short(title: str, most: int = 40) -> str:
    title = " ".join(title.split())
    return title if len(title) <= most else title[: most - 1] + "…"


def _value(sample: tuple[float, Decimal]) -> Decimal:
    return sample[1]


def _zone(name: str) -> ZoneInfo:
    # What is not a zone's name raises many things: a directory's name, a name that leaves the directory, no name.
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(name)
    return ZoneInfo("UTC")
