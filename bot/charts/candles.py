"""The picture of candles over their volume. Imports matplotlib: only the worker may import it."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from bot.charts import sheet
from bot.charts.border import Candles
from bot.charts.canvas import Canvas
from bot.charts.sheet import DOWN, FLOOR, LEFT, SHEET, UP, Frame, margin_of
from bot.charts.ticks import price_text, short_text, value_labels
from bot.domain.errors import Unavailable
from bot.domain.money import percent_change

VOLUME_HEIGHT = 70
BODY = 0.64
"""Of a candle's share of the width."""
LEAST_BODY = 1.6
"""Pixels: one that closed where it opened is a dash."""


@dataclass(frozen=True)
class Candle:
    at_s: float
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal

    @property
    def color(self) -> str:
        return UP if self.close >= self.open else DOWN


@dataclass(frozen=True)
class Shape:
    block: Candles

    @cached_property
    def candles(self) -> list[Candle]:
        """Oldest first. What an exchange got wrong is widened, so that every figure lies in its candle."""
        rows = sorted(self.block.rows(), key=lambda row: row[0])
        return [Candle(at_s, o, max(o, h, low, c), min(o, h, low, c), c, v) for at_s, (o, h, low, c, v) in rows]

    @property
    def change(self) -> Decimal | None:
        return percent_change(self.candles[0].open, self.candles[-1].close)

    @cached_property
    def frame(self) -> Frame:
        low, high = min(candle.low for candle in self.candles), max(candle.high for candle in self.candles)
        margin, candles = margin_of(low, high), self.candles
        last_s = candles[-1].at_s + self.block.step_s
        return Frame(candles[0].at_s, last_s, low - margin * Decimal("0.30"), high + margin * Decimal("0.12"))


def draw(block: Candles, *, title: str, zone: str) -> bytes:
    """A PNG. Raises Unavailable("chart.no_data") where no candle is whole."""
    shape = Shape(block)
    if not shape.candles:
        raise Unavailable("chart.no_data")
    canvas, last, lowest = Canvas(SHEET), shape.candles[-1], min(candle.low for candle in shape.candles)
    labels = [label for label in value_labels(shape.frame.low, shape.frame.high) if label[0] >= min(lowest, Decimal(0))]
    figure = price_text(last.close)
    right = sheet.right_edge(canvas, labels, figure)
    frame, place = Frame(*_edges(shape.frame), right), sheet.place_of(zone)
    sheet.value_axis(canvas, frame, labels, frame.y(last.close))
    sheet.time_axis(canvas, frame, place)
    _volume(canvas, shape, frame)
    _bodies(canvas, shape, frame)
    _extremes(canvas, shape, frame)
    sheet.header(canvas, title, f"{figure} {block.quote}", shape.change)
    sheet.legend(canvas, LEFT, f"{short_text(last.volume)} {block.base}", last.color)
    sheet.source(canvas, block.source, last.at_s, place)
    sheet.tag(canvas, frame, _middle(frame, last, block.step_s), frame.y(last.close), figure, last.color)
    return canvas.png()


def _edges(frame: Frame) -> tuple[float, float, Decimal, Decimal]:
    return frame.first_s, frame.last_s, frame.low, frame.high


def _middle(frame: Frame, candle: Candle, step_s: float) -> float:
    return frame.x(candle.at_s + step_s / 2)


def _width(shape: Shape, frame: Frame) -> float:
    """Of one body."""
    return max(1.0, (frame.right - LEFT) * shape.block.step_s / (frame.last_s - frame.first_s) * BODY)


def _bodies(canvas: Canvas, shape: Shape, frame: Frame) -> None:
    width, step_s = _width(shape, frame), shape.block.step_s
    for color in (UP, DOWN):
        own = [(_middle(frame, candle, step_s), candle) for candle in shape.candles if candle.color == color]
        wicks = [(x, frame.y(candle.low), frame.y(candle.high)) for x, candle in own]
        canvas.sticks(wicks, color, width=max(1.0, min(2.0, width / 4)), alpha=0.85)
        canvas.sticks([(x, *_body(frame, candle)) for x, candle in own], color, width=width)


def _body(frame: Frame, candle: Candle) -> tuple[float, float]:
    low, high = sorted((frame.y(candle.open), frame.y(candle.close)))
    thin = max(0.0, LEAST_BODY - (high - low)) / 2
    return low - thin, high + thin


def _volume(canvas: Canvas, shape: Shape, frame: Frame) -> None:
    most = max(candle.volume for candle in shape.candles)
    if most <= 0:
        return
    for color in (UP, DOWN):
        own = [candle for candle in shape.candles if candle.color == color and candle.volume > 0]
        dots = [
            (_middle(frame, candle, shape.block.step_s), FLOOR + float(candle.volume / most) * VOLUME_HEIGHT)
            for candle in own
        ]
        canvas.bars(dots, FLOOR, color, width=_width(shape, frame), alpha=0.28)


def _extremes(canvas: Canvas, shape: Shape, frame: Frame) -> None:
    lowest = min(shape.candles, key=lambda candle: candle.low)
    highest = max(shape.candles, key=lambda candle: candle.high)
    if lowest.low == highest.high:
        return
    for candle, value, away in ((highest, highest.high, 17), (lowest, lowest.low, -19)):
        x = _middle(frame, candle, shape.block.step_s)
        sheet.marked(canvas, x, frame.y(value), away, frame.right, price_text(value))
